"""Optimizers: one file each, sorted by how much they remember."""

from .adam import Adam
from .adamw import AdamW
from .first_order import FirstOrder
from .nadam import Nadam
from .optimizer import Optimizer
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "FirstOrder", "Nadam", "Optimizer", "RMSprop"]
