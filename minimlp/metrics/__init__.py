"""Metrics: figures for people, one file each. They say how good a model is and train nothing."""

from .accuracy import accuracy
from .mse import mse
from .r2 import r2
from .resolve import Metric, resolve
from .rmse import rmse

__all__ = ["Metric", "accuracy", "mse", "r2", "resolve", "rmse"]
