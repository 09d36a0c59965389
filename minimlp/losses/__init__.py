"""Losses: one file each, the value beside its derivative; `canonical` says why four are alike."""

from .binary_cross_entropy import BinaryCrossEntropy
from .categorical_cross_entropy import CategoricalCrossEntropy
from .huber import Huber
from .loss import Loss
from .mae import MAE
from .mse import MSE
from .poisson_nll import PoissonNLL
from .quantile import Quantile

__all__ = [
    "MAE",
    "MSE",
    "BinaryCrossEntropy",
    "CategoricalCrossEntropy",
    "Huber",
    "Loss",
    "PoissonNLL",
    "Quantile",
]
