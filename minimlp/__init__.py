"""Small multi-layer perceptrons in NumPy: fast on a CPU, exact, readable as a worked page."""

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
    "Tanh",
    "Zeros",
    "check_gradients",
    "datasets",
    "mlp",
    "register",
]
