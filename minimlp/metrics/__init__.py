"""Metrics: figures for people, one file each. They say how good a model is and train nothing."""

from .accuracy import accuracy
from .balanced_accuracy import balanced_accuracy
from .confusion_matrix import confusion_matrix
from .mae import mae
from .mse import mse
from .r2 import r2
from .resolve import Metric, resolve
from .rmse import rmse

__all__ = [
    "Metric",
    "accuracy",
    "balanced_accuracy",
    "confusion_matrix",
    "mae",
    "mse",
    "r2",
    "resolve",
    "rmse",
]
