"""What ``minimlp train`` says of the digits, and what it records in the model file."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..toolbox import OPTIMIZERS, SOLVERS
from . import toolbox
from .run_files import go_on, how_it_ended
from .words import words

if TYPE_CHECKING:
    from ..sequential import Sequential
    from ..training import History
    from .tasks import Task

_INDENT = " " * 11


def filled(text: str) -> str:
    """Break a paragraph of the plan into lines of 80."""
    return textwrap.fill(text, 80, subsequent_indent=_INDENT, break_long_words=False)


def plan(task: Task, model: Sequential, options: argparse.Namespace, folder: Path) -> str:
    """Say what is about to happen."""
    widths = "-".join(map(str, [task.x.shape[1], *options.hidden, task.outputs]))
    dropout = f" with dropout {options.dropout:g}" if options.dropout else ""
    output = type(model.layers[-1]).__name__.lower()
    judge = []
    if len(task.validation):
        what = "to decide when to stop" if options.patience is not None else "measured each epoch"
        judge = [f"  judge    {len(task.validation):,} {task.rows}, {what}"]
    lines = [
        f"data       {task.data}",
        f"  train    {len(task.train):,} {task.rows}",
        *judge,
        filled(
            f"  test     {len(task.test):,} {task.rows}, a fifth of each class, held out: only "
            f"measured, never used to train or to decide anything"
        ),
        filled(
            f"network    {widths}, hidden layers {options.activation}{dropout}, outputs "
            f"{output}; {model.parameters.size:,} parameters, {model.dtype}"
        ),
        filled(f"training   {', '.join(_training(options))}; {_length(options)}"),
        f"output     {words(folder)}",
    ]
    return "\n".join(lines) + "\n"


def _training(options: argparse.Namespace) -> list[str]:
    """Say what is made as small as possible, and how."""
    name = "MSE" if options.loss == "mse" else options.loss
    optimizer = OPTIMIZERS[options.optimizer].__name__
    if options.optimizer in SOLVERS:
        said = [name, f"{toolbox.SOLVER_NAMES[options.optimizer]} on all rows at once"]
    else:
        said = [name, f"{optimizer} at learning rate {options.learning_rate:g}"]
    if options.schedule not in (None, "constant"):
        said.append(f"{options.schedule} schedule")
    for option in ("momentum", "clip_norm", "weight_decay", "l1", "l2", "label_smoothing"):
        if getattr(options, option):
            said.append(f"{option.replace('_', ' ')} {getattr(options, option):g}")
    return said


def _length(options: argparse.Namespace) -> str:
    solver = options.optimizer in SOLVERS
    said = f"{options.epochs:,} {'iterations at most' if solver else 'epochs'}"
    if options.patience is not None:
        said += f", no more than {options.patience:,} without a better validation loss"
    if not solver:
        said += f", batches of {options.batch_size:,}"
    return f"{said}, seed {options.seed}"


def summary(task: Task, history: History, figures: dict[str, float], seconds: float) -> str:
    """Say how it went."""
    lines = [how_it_ended(history, seconds), f"{'':13}{'loss':>8}{'accuracy':>10}"]
    for name in task.parts:
        loss, accuracy = figures[f"{name} loss"], figures[f"{name} accuracy"]
        lines.append(f"  {name:11}{loss:8.4f}{accuracy:10.4f}")
    return "\n".join(lines) + "\n"


def files(folder: Path, history: History) -> str:
    """Say where the files are, and how to go on."""
    return f"""\
{words(folder / "model.npz")}     the network: minimlp info {words(folder)}, or Sequential.load
{words(folder / "history.json")}  loss and accuracy of every epoch
{words(folder / "curves.png")}    the same as a picture
{go_on(folder, history)}"""


def metadata(
    task: Task, options: argparse.Namespace, history: History, figures: dict[str, float]
) -> dict[str, Any]:
    """Collect what `minimlp info` shows later: data, settings, figures."""
    penalty = toolbox.make_penalty(options)
    settings = {
        "hidden": options.hidden,
        "activation": options.activation,
        "dropout": options.dropout,
        "dtype": options.dtype,
        "loss": repr(toolbox.make_loss(options)),
        "optimizer": repr(toolbox.make_optimizer(options, len(task.train))),
        "penalty": None if penalty is None else repr(penalty),
        "patience": options.patience,
        "epochs": options.epochs,
        "batch size": None if options.optimizer in SOLVERS else options.batch_size,
        "seed": options.seed,
    }
    recorded: dict[str, Any] = {
        "data": {
            "source": task.data,
            **{name: f"{len(rows):,} {task.rows}" for name, rows in task.parts.items()},
        },
        "settings": {name: value for name, value in settings.items() if value is not None},
        "figures": figures,
    }
    recorded["data"]["test"] += ", held out"
    if history.stopped_because is not None:
        recorded["stopped"] = history.stopped_because
    return recorded
