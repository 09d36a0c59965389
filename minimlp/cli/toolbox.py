"""The pieces that the command line's options name."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from .. import toolbox
from .parser import CommandError

if TYPE_CHECKING:
    from ..losses import Loss
    from ..optimizers import Optimizer
    from ..penalties import Penalty
    from ..solvers import Solver

SOLVER_NAMES = {
    "lbfgs": "L-BFGS",
    "lm": "Levenberg-Marquardt",
    "br": "Bayesian regularisation",
}


def check(options: argparse.Namespace) -> None:
    """Refuse options that would have no effect beside the optimizer and the loss.

    Raises
    ------
    CommandError
    """
    try:
        toolbox.check_together(
            vars(options),
            options.optimizer,
            options.loss,
            spell=lambda name: "--" + name.replace("_", "-"),
        )
    except ValueError as error:
        raise CommandError(str(error)) from None


def make_loss(options: argparse.Namespace) -> Loss:
    """Make the loss of the digits."""
    return toolbox.make_loss("classification", options.loss, options.label_smoothing)


def make_optimizer(options: argparse.Namespace, rows: int) -> Optimizer | Solver:
    """Make the optimizer; its schedule is laid out over the steps that `rows` samples make."""
    return toolbox.make_optimizer(
        options.optimizer,
        options.learning_rate,
        options.schedule,
        options.epochs * math.ceil(rows / options.batch_size),
        momentum=options.momentum,
        weight_decay=options.weight_decay,
        clip_norm=options.clip_norm,
    )


def make_penalty(options: argparse.Namespace) -> Penalty | None:
    """Make the penalty on the weights, if there is to be one."""
    return toolbox.make_penalty(options.l1, options.l2)
