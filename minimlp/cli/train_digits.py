"""``minimlp train`` without a table: the embedded digits, with the worked page's ingredients.

The order is that of `train_digits`: the data of a `Task`, a network, a folder, training, the test,
three files. What is particular to the digits is in `tasks.digits_task` alone.
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..toolbox import ACTIVATIONS, LOSSES, make_last_layer
from . import report, toolbox
from .parser import CommandError, errors_in_one_line
from .record import CHECKPOINT, mark_finished, remove_checkpoints, run_folder
from .run_files import is_interrupted, status_of, warnings_in_one_line, write_run
from .tasks import Task, digits_task

if TYPE_CHECKING:
    from ..layers import Layer
    from ..losses import Loss
    from ..sequential import Sequential
    from ..training import History

_DEFAULTS = {
    "hidden": [64],
    "activation": "sigmoid",
    "dtype": "float32",
    "loss": "mse",
    "optimizer": "sgd",
    "epochs": 100,
}
_VALIDATION = 0.1  # of the rows, where --patience needs some to judge by


def train_digits(options: argparse.Namespace) -> int:
    """Train, test, write, and say so."""
    given = argparse.Namespace(**vars(options))  # to be written down without our defaults
    task = _prepare(options)
    with errors_in_one_line():
        model = _network(task, options)
        pieces = _pieces(task, options)

    def say(text: str) -> None:
        if not options.quiet:
            print(text, flush=True)

    with run_folder(given) as folder:
        say(report.plan(task, model, options, folder))
        start = time.perf_counter()
        history = _train(model, task, options, pieces, folder / CHECKPOINT)
        seconds = time.perf_counter() - start
        if history.diverged and not history.epoch:
            remove_checkpoints(folder)
            return status_of(history)
        figures = _figures(model, task, pieces["loss"])
        model.metadata = report.metadata(task, options, history, figures)
        # First the files: what is said may find a closed pipe.
        held_out = "validation" if len(task.validation) else "test (held out)"
        write_run(folder, model, history, held_out)
        if not is_interrupted(history):
            mark_finished(folder)
        say(report.summary(task, history, figures, seconds))
        say(report.files(folder, history))
    print(f"test accuracy {figures['test accuracy']:.4f}", flush=True)
    return status_of(history)


def _prepare(options: argparse.Namespace) -> Task:
    """Fill in what was not given, refuse what does not fit, and hold rows out."""
    for name, value in _DEFAULTS.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if options.loss not in LOSSES["classification"]:
        raise CommandError(f"--loss {options.loss} is for quantities; the digits are classes")
    if options.optimizer in ("lm", "br"):
        raise CommandError(
            f"--optimizer {options.optimizer} is for tables of quantities; the digits are classes"
        )
    toolbox.check(options)
    if options.learning_rate is None:
        options.learning_rate = _learning_rate(options)
    if options.batch_size is None:
        options.batch_size = 16
    validation = options.validation
    if validation is None:
        validation = 0.0 if options.patience is None else _VALIDATION
    if isinstance(validation, str):
        raise CommandError(f"--validation {validation} is for a table: the digits take a share")
    if options.patience is not None and not validation:
        raise CommandError("--patience needs rows to judge by: give --validation above 0")
    with errors_in_one_line():
        return digits_task(options.seed, validation)


def _learning_rate(options: argparse.Namespace) -> float:
    """Choose a rate that goes with the rest; momentum lets each step count 1 / (1 − μ) times."""
    if options.optimizer != "sgd":
        return 0.003
    if options.loss != "mse":
        rate = 0.3
    else:
        rate = 3.0 if options.activation in ("sigmoid", "tanh") else 1.0
    return round(rate * (1 - (options.momentum or 0)), 6)


def _network(task: Task, options: argparse.Namespace) -> Sequential:
    from ..layers import Dense, Dropout
    from ..sequential import Sequential

    layers: list[Layer] = []
    widths = [task.x.shape[1], *options.hidden]
    for n_in, n_out in pairwise(widths):
        layers += [Dense(n_in, n_out), ACTIVATIONS[options.activation]()]
        if options.dropout:
            layers.append(Dropout(options.dropout))
    last = make_last_layer("classification", options.loss)
    layers += [Dense(widths[-1], task.outputs), *([] if last is None else [last])]
    return Sequential(*layers, dtype=options.dtype, seed=options.seed)


def _pieces(task: Task, options: argparse.Namespace) -> dict[str, Any]:
    from ..callbacks import EarlyStopping

    return {
        "loss": toolbox.make_loss(options),
        "optimizer": toolbox.make_optimizer(options, len(task.train)),
        "penalty": toolbox.make_penalty(options),
        "callbacks": [] if options.patience is None else [EarlyStopping(patience=options.patience)],
    }


def _train(
    model: Sequential,
    task: Task,
    options: argparse.Namespace,
    pieces: dict[str, Any],
    checkpoint: Path,
) -> History:
    """Fit the model.

    Without validation rows the test rows are measured after each epoch, for the picture alone.
    """
    x, y = task.x, task.y
    watched = task.validation if len(task.validation) else task.test
    with errors_in_one_line(), warnings_in_one_line():
        return model.fit(
            x[task.train],
            y[task.train],
            **pieces,
            epochs=options.epochs,
            batch_size=options.batch_size,
            validation_data=(x[watched], y[watched]),
            metrics=("accuracy",),
            checkpoint=checkpoint,
            progress=False if options.quiet else None,
        )


def _figures(model: Sequential, task: Task, loss: Loss) -> dict[str, float]:
    figures = {}
    for name, rows in task.parts.items():
        measured = model.evaluate(task.x[rows], task.y[rows], loss=loss, metrics=("accuracy",))
        figures.update({f"{name} {key}": value for key, value in measured.items()})
    return figures
