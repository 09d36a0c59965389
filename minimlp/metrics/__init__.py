"""Metrics: figures for people, one file each. They say how good a model is and train nothing."""

from .accuracy import accuracy
from .balanced_accuracy import balanced_accuracy
from .confusion_matrix import confusion_matrix
from .f1 import f1
from .log_loss import log_loss
from .mae import mae
from .mape import mape
from .mse import mse
from .precision import precision
from .r2 import r2
from .recall import recall
from .resolve import Metric, resolve
from .rmse import rmse
from .roc_auc import roc_auc
from .top_k_accuracy import top_k_accuracy

__all__ = [
    "Metric",
    "accuracy",
    "balanced_accuracy",
    "confusion_matrix",
    "f1",
    "log_loss",
    "mae",
    "mape",
    "mse",
    "precision",
    "r2",
    "recall",
    "resolve",
    "rmse",
    "roc_auc",
    "top_k_accuracy",
]
