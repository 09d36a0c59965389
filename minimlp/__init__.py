"""Small multi-layer perceptrons in NumPy: fast on a CPU, exact, readable as a worked page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import datasets
from .activations import Activation, Identity, ReLU, Sigmoid, Tanh
from .architectures import mlp
from .derivatives import GradientCheck, check_gradients
from .initializers import GlorotUniform, HeNormal, Initializer, LeCunNormal, Normal, Zeros
from .layers import Dense, Layer, Normalization
from .losses import MSE, Loss
from .objective import Objective
from .optimizers import SGD, Optimizer
from .registry import register
from .sequential import Sequential
from .training import Callback, History

if TYPE_CHECKING:
    from .tables import TableModel

__version__ = "0.1.0"

__all__ = [
    "MSE",
    "SGD",
    "Activation",
    "Callback",
    "Dense",
    "GlorotUniform",
    "GradientCheck",
    "HeNormal",
    "History",
    "Identity",
    "Initializer",
    "Layer",
    "LeCunNormal",
    "Loss",
    "Normal",
    "Normalization",
    "Objective",
    "Optimizer",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "TableModel",
    "Tanh",
    "Zeros",
    "check_gradients",
    "datasets",
    "mlp",
    "register",
]


def __getattr__(name: str) -> Any:
    if name == "TableModel":  # not with every import: a network alone starts faster without it
        from .tables import TableModel

        return TableModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
