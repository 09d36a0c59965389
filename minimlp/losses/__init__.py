"""Losses: one file each, the value beside its gradient."""

from .loss import Loss
from .mse import MSE

__all__ = ["MSE", "Loss"]
