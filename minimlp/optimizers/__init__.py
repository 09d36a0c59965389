"""Optimizers: one file each, sorted by how much they remember."""

from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Optimizer"]
