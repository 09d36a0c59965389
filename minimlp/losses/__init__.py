"""Losses: one file each, the value beside its derivative; `canonical` says why four are alike."""

from .binary_cross_entropy import BinaryCrossEntropy
from .huber import Huber
from .loss import Loss
from .mae import MAE
from .mse import MSE
from .quantile import Quantile

__all__ = [
    "MAE",
    "MSE",
    "BinaryCrossEntropy",
    "Huber",
    "Loss",
    "Quantile",
]
