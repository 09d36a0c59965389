"""Layers: one file each, forward beside backward."""

from .dense import Dense
from .layer import Layer
from .normalization import Normalization

__all__ = ["Dense", "Layer", "Normalization"]
