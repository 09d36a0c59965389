"""What ``minimlp train`` says, and what it records in the model file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..sequential import Sequential
    from ..training import History
    from .tasks import Task


def plan(task: Task, model: Sequential, options: argparse.Namespace, folder: Path) -> str:
    """Say what is about to happen."""
    widths = "-".join(map(str, [task.x.shape[1], *options.hidden, task.outputs]))
    momentum = f", momentum {options.momentum:g}" if options.momentum else ""
    return f"""\
data       {task.data}
  train    {len(task.train):,} {task.rows}
  test     {len(task.test):,} {task.rows}, a fifth of each class, held out: only measured, never
           used to train or to decide anything
network    {widths}, hidden layers {options.activation}, outputs sigmoid;
           {model.parameters.size:,} parameters, {model.dtype}
training   MSE, SGD at learning rate {options.learning_rate:g}{momentum};
           {options.epochs:,} epochs, batches of {options.batch_size:,}, seed {options.seed}
output     {folder}
"""


def summary(history: History, figures: dict[str, float], seconds: float) -> str:
    """Say how it went."""
    lines = [f"trained {len(history.epoch):,} epochs in {seconds:.2f} s"]
    if history.stopped_because is not None:
        lines[0] += f"; {history.stopped_because}, the network is kept as it was then"
    lines.append(f"{'':11}{'loss':>8}{'accuracy':>10}")
    for name in ("training", "test"):
        loss, accuracy = figures[f"{name} loss"], figures[f"{name} accuracy"]
        lines.append(f"  {name:9}{loss:8.4f}{accuracy:10.4f}")
    return "\n".join(lines) + "\n"


def files(folder: Path) -> str:
    """Say where the files are."""
    return f"""\
{folder / "model.npz"}     the network: minimlp info {folder}, or Sequential.load
{folder / "history.json"}  loss and accuracy of every epoch
{folder / "curves.png"}    the same as a picture
"""


def metadata(
    task: Task, options: argparse.Namespace, history: History, figures: dict[str, float]
) -> dict[str, Any]:
    """Collect what `minimlp info` shows later: data, settings, figures."""
    settings = {
        "hidden": options.hidden,
        "activation": options.activation,
        "dtype": options.dtype,
        "loss": "MSE",
        "optimizer": "SGD",
        "learning rate": options.learning_rate,
        "momentum": options.momentum,
        "epochs": options.epochs,
        "batch size": options.batch_size,
        "seed": options.seed,
    }
    recorded: dict[str, Any] = {
        "data": {
            "source": task.data,
            "training": f"{len(task.train):,} {task.rows}",
            "test": f"{len(task.test):,} {task.rows}, held out",
        },
        "settings": settings,
        "figures": figures,
    }
    if history.stopped_because is not None:
        recorded["stopped"] = history.stopped_because
    return recorded
