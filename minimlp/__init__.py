"""Small multi-layer perceptrons in NumPy: fast on a CPU, exact, readable as a worked page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import datasets
from .activations import (
    ELU,
    GELU,
    Activation,
    Exp,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from .architectures import mlp
from .callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from .derivatives import GradientCheck, check_gradients
from .initializers import GlorotUniform, HeNormal, Initializer, LeCunNormal, Normal, Zeros
from .layers import Dense, Dropout, Layer, Normalization
from .losses import (
    MAE,
    MSE,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Huber,
    Loss,
    PoissonNLL,
    Quantile,
)
from .objective import Objective
from .optimizers import SGD, Adam, AdamW, Nadam, Optimizer, RMSprop
from .penalties import L1, L2, ElasticNet, Penalty
from .registry import register
from .schedules import CosineDecay, ExponentialDecay, OneCycle, Schedule, StepDecay
from .sequential import Sequential
from .solvers import LBFGS, BayesianRegularization, LevenbergMarquardt, Solver
from .training import History

if TYPE_CHECKING:
    from .explanation import Derivation, explain
    from .tables import TableModel

__version__ = "0.1.0"

__all__ = [
    "ELU",
    "GELU",
    "L1",
    "L2",
    "LBFGS",
    "MAE",
    "MSE",
    "SGD",
    "Activation",
    "Adam",
    "AdamW",
    "BayesianRegularization",
    "BinaryCrossEntropy",
    "CSVLogger",
    "Callback",
    "CategoricalCrossEntropy",
    "CosineDecay",
    "Dense",
    "Derivation",
    "Dropout",
    "EarlyStopping",
    "ElasticNet",
    "Exp",
    "ExponentialDecay",
    "GlorotUniform",
    "GradientCheck",
    "HeNormal",
    "History",
    "Huber",
    "Identity",
    "Initializer",
    "LambdaCallback",
    "Layer",
    "LeCunNormal",
    "LeakyReLU",
    "LearningRateScheduler",
    "LevenbergMarquardt",
    "Loss",
    "ModelCheckpoint",
    "Nadam",
    "Normal",
    "Normalization",
    "Objective",
    "OneCycle",
    "Optimizer",
    "Penalty",
    "PoissonNLL",
    "Quantile",
    "RMSprop",
    "ReLU",
    "ReduceLROnPlateau",
    "Schedule",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Solver",
    "StepDecay",
    "TableModel",
    "Tanh",
    "Zeros",
    "check_gradients",
    "datasets",
    "explain",
    "mlp",
    "register",
]


def __getattr__(name: str) -> Any:
    # Not with every import: a network alone starts faster without them.
    if name == "TableModel":
        from .tables import TableModel

        return TableModel
    if name in ("Derivation", "explain"):
        from . import explanation

        return getattr(explanation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
