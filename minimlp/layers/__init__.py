"""Layers: one file each, forward beside backward."""

from .dense import Dense
from .dropout import Dropout
from .layer import Layer
from .normalization import Normalization

__all__ = ["Dense", "Dropout", "Layer", "Normalization"]
