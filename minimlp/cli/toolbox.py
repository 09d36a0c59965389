"""The pieces of the toolbox that options name, and which options do not go together."""

from __future__ import annotations

import argparse
import math
from typing import Any

from ..activations import Activation, Sigmoid, Softmax
from ..losses import MSE, BinaryCrossEntropy, CategoricalCrossEntropy, Loss
from ..optimizers import Optimizer
from ..penalties import L1, L2, ElasticNet, Penalty
from ..schedules import CosineDecay, ExponentialDecay, OneCycle, Schedule, StepDecay
from ..solvers import LBFGS, Solver
from ..toolbox import FIRST_ORDER
from .parser import CommandError

LOSSES: dict[str, tuple[type[Loss], type[Activation]]] = {  # each with its last layer
    "mse": (MSE, Sigmoid),
    "cross-entropy": (CategoricalCrossEntropy, Softmax),
    "binary-cross-entropy": (BinaryCrossEntropy, Sigmoid),
}
OPTIMIZERS: dict[str, type[Optimizer] | type[Solver]] = {**FIRST_ORDER, "lbfgs": LBFGS}
SCHEDULES = ("constant", "cosine", "exponential", "step", "one-cycle")

_STEPPING = tuple(FIRST_ORDER)
_GOES_WITH = {  # an option, and the optimizers that know what to do with it
    "momentum": ("sgd", "rmsprop"),
    "weight_decay": ("sgd", "rmsprop", "adamw"),
    **dict.fromkeys(("learning_rate", "schedule", "clip_norm", "batch_size", "dropout"), _STEPPING),
}


def check(options: argparse.Namespace) -> None:
    """Refuse options that would have no effect beside the optimizer and the loss.

    Raises
    ------
    CommandError
    """
    for name, optimizers in _GOES_WITH.items():
        if getattr(options, name) is not None and options.optimizer not in optimizers:
            option = "--" + name.replace("_", "-")
            *most, last = optimizers
            raise CommandError(
                f"{option} goes with --optimizer {', '.join(most)} or {last}, "
                f"not with {options.optimizer}"
            )
    if options.label_smoothing is not None and options.loss != "cross-entropy":
        raise CommandError(
            f"--label-smoothing goes with --loss cross-entropy, not with {options.loss}"
        )


def make_loss(options: argparse.Namespace) -> Loss:
    """Make the loss."""
    kind, _ = LOSSES[options.loss]
    if options.label_smoothing is not None:
        return CategoricalCrossEntropy(options.label_smoothing)
    return kind()


def make_optimizer(options: argparse.Namespace, rows: int) -> Optimizer | Solver:
    """Make the optimizer; its schedule is laid out over the steps that `rows` samples make."""
    if options.optimizer == "lbfgs":
        return LBFGS()
    steps = options.epochs * math.ceil(rows / options.batch_size)
    names = ("momentum", "weight_decay", "clip_norm")
    given = {name: getattr(options, name) for name in names}
    settings = {name: value for name, value in given.items() if value is not None}
    rate = _scheduled(options.schedule, options.learning_rate, steps)
    kind: Any = OPTIMIZERS[options.optimizer]
    made: Optimizer = kind(rate, **settings)
    return made


def _scheduled(schedule: str | None, rate: float, steps: int) -> float | Schedule:
    """Give the learning rate of each step: all of them fall to about a hundredth, or to nothing."""
    if schedule == "cosine":
        return CosineDecay(rate, steps)
    if schedule == "exponential":
        return ExponentialDecay(rate, steps, 0.01)
    if schedule == "step":
        return StepDecay(rate, math.ceil(steps / 3))
    if schedule == "one-cycle":
        return OneCycle(rate, steps)
    return rate


def make_penalty(options: argparse.Namespace) -> Penalty | None:
    """Make the penalty on the weights, if there is to be one."""
    if options.l1 is not None and options.l2 is not None:
        return ElasticNet(options.l1, options.l2)
    if options.l1 is not None:
        return L1(options.l1)
    return None if options.l2 is None else L2(options.l2)
