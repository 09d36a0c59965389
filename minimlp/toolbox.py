"""The pieces that training usually needs, by the names that people type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from .activations import (
    ELU,
    GELU,
    Activation,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from .losses import MAE, MSE, BinaryCrossEntropy, CategoricalCrossEntropy, Huber, Loss
from .optimizers import SGD, Adam, AdamW, Nadam, Optimizer, RMSprop
from .penalties import L1, L2, ElasticNet, Penalty
from .schedules import CosineDecay, ExponentialDecay, OneCycle, Schedule, StepDecay
from .solvers import LBFGS, BayesianRegularization, LevenbergMarquardt, Solver

ACTIVATIONS: dict[str, type[Activation]] = {  # of hidden layers
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "gelu": GELU,
    "silu": SiLU,
    "softplus": Softplus,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
}
LOSSES: dict[str, dict[str, tuple[type[Loss], type[Activation] | None]]] = {  # after which layer
    "classification": {
        "cross-entropy": (CategoricalCrossEntropy, Softmax),
        "binary-cross-entropy": (BinaryCrossEntropy, Sigmoid),
        "mse": (MSE, Sigmoid),
    },
    "regression": {"mse": (MSE, None), "mae": (MAE, None), "huber": (Huber, None)},
}
OPTIMIZERS: dict[str, type[Optimizer] | type[Solver]] = {
    "sgd": SGD,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": Nadam,
    "lbfgs": LBFGS,
    "lm": LevenbergMarquardt,
    "br": BayesianRegularization,
}
SOLVERS = tuple(name for name, kind in OPTIMIZERS.items() if issubclass(kind, Solver))
SCHEDULES = ("constant", "cosine", "exponential", "step", "one-cycle")

_WARMUP = 20  # the cosine's learning rate rises over one part of as many
_STEPPING = tuple(name for name in OPTIMIZERS if name not in SOLVERS)
_LEAST_SQUARES = {"lm": ("mse", "huber"), "br": ("mse",)}  # and the losses they lower
_GOES_WITH = {  # a setting, and the optimizers that know what to do with it
    "momentum": ("sgd", "rmsprop"),
    "weight_decay": ("sgd", "rmsprop", "adamw"),
    "l1": tuple(name for name in OPTIMIZERS if name not in _LEAST_SQUARES),
    "l2": tuple(name for name in OPTIMIZERS if name != "br"),  # which finds its own
    **dict.fromkeys(("learning_rate", "schedule", "clip_norm", "batch_size", "dropout"), _STEPPING),
}


def check_together(
    settings: Mapping[str, Any], optimizer: str, loss: str | None, spell: Callable[[str], str] = str
) -> None:
    """Refuse settings that would have no effect beside the optimizer and the loss.

    Parameters
    ----------
    settings : mapping
        By name; what is None or missing was not given.
    optimizer, loss : str
        Of `OPTIMIZERS` and of a dict in `LOSSES`; None where the task will tell.
    spell : function of str
        How the reader of the message writes the name of a setting.

    Raises
    ------
    ValueError
    """
    for name, optimizers in _GOES_WITH.items():
        if settings.get(name) is not None and optimizer not in optimizers:
            *most, last = optimizers
            raise ValueError(
                f"{spell(name)} goes with {spell('optimizer')} {', '.join(most)} or {last}, "
                f"not with {optimizer}"
            )
    losses = _LEAST_SQUARES.get(optimizer)
    if losses is not None and loss not in (None, *losses):
        raise ValueError(
            f"{spell('optimizer')} {optimizer} goes with {spell('loss')} {' or '.join(losses)}, "
            f"not with {loss}"
        )
    if settings.get("label_smoothing") is not None and loss not in (None, "cross-entropy"):
        raise ValueError(
            f"{spell('label_smoothing')} goes with {spell('loss')} cross-entropy, not with {loss}"
        )


def make_loss(task: str, name: str, label_smoothing: float | None = None) -> Loss:
    """Make the loss."""
    if label_smoothing is not None:
        return CategoricalCrossEntropy(label_smoothing)
    kind, _ = LOSSES[task][name]
    return kind()


def make_last_layer(task: str, loss: str) -> Activation | None:
    """Make the layer between the last Dense one and the loss, if there is to be one."""
    _, kind = LOSSES[task][loss]
    return None if kind is None else kind()


def make_optimizer(
    name: str, learning_rate: float, schedule: str | None, steps: int, **settings: float | None
) -> Optimizer | Solver:
    """Make the optimizer, its schedule laid out over so many steps; None is for the default."""
    kind: Any = OPTIMIZERS[name]
    if name in SOLVERS:
        solver: Solver = kind()
        return solver
    given = {key: value for key, value in settings.items() if value is not None}
    made: Optimizer = kind(_scheduled(schedule, learning_rate, steps), **given)
    return made


def _scheduled(schedule: str | None, rate: float, steps: int) -> float | Schedule:
    """Give the learning rate of each step: all of them fall to about a hundredth, or to nothing."""
    if schedule == "cosine":
        warmup = steps // _WARMUP
        if not warmup:
            return CosineDecay(rate, steps)
        return CosineDecay(0.0, steps - warmup, warmup_target=rate, warmup_steps=warmup)
    if schedule == "exponential":
        return ExponentialDecay(rate, steps, 0.01)
    if schedule == "step":
        return StepDecay(rate, math.ceil(steps / 3))
    if schedule == "one-cycle":
        return OneCycle(rate, steps)
    return rate


def make_penalty(l1: float | None, l2: float | None) -> Penalty | None:
    """Make the penalty on the weights, if there is to be one."""
    if l1 is not None and l2 is not None:
        return ElasticNet(l1, l2)
    if l1 is not None:
        return L1(l1)
    return None if l2 is None else L2(l2)
