"""``minimlp train`` without a table: the embedded digits, with the worked page's ingredients.

The order is that of `train_digits`: the data of a `Task`, a network, a folder, training, the test,
three files. What is particular to the digits is in `tasks.digits_task` alone.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from . import report
from .output import output_folder
from .parser import INTERRUPTED, errors_in_one_line
from .run_files import overflow_is_told, write_run
from .tasks import Task, digits_task

if TYPE_CHECKING:
    from ..sequential import Sequential
    from ..training import History

_DEFAULTS = {
    "hidden": [64],
    "activation": "sigmoid",
    "dtype": "float32",
    "learning_rate": 3.0,
    "momentum": 0.0,
    "epochs": 100,
    "batch_size": 16,
}


def train_digits(options: argparse.Namespace) -> int:
    """Train, test, write, and say so."""
    for name, value in _DEFAULTS.items():
        if getattr(options, name) is None:
            setattr(options, name, value)

    def say(text: str) -> None:
        if not options.quiet:
            print(text, flush=True)

    task = digits_task(options.seed)
    with errors_in_one_line():
        model = _network(task, options)
    with output_folder(options.output, options.overwrite) as folder:
        say(report.plan(task, model, options, folder))
        start = time.perf_counter()
        history = _train(model, task, options)
        seconds = time.perf_counter() - start
        figures = _figures(model, task)
        model.metadata = report.metadata(task, options, history, figures)
        # First the files: what is said may find a closed pipe.
        write_run(folder, model, history, "test (held out)")
        say(report.summary(history, figures, seconds))
        say(report.files(folder))
    print(f"test accuracy {figures['test accuracy']:.4f}", flush=True)
    return 0 if history.stopped_because is None else INTERRUPTED


def _network(task: Task, options: argparse.Namespace) -> Sequential:
    from ..activations import ReLU, Sigmoid, Tanh
    from ..architectures import mlp

    hidden = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU}[options.activation]
    widths = [task.x.shape[1], *options.hidden, task.outputs]
    return mlp(*widths, hidden=hidden, output=Sigmoid, dtype=options.dtype, seed=options.seed)


def _train(model: Sequential, task: Task, options: argparse.Namespace) -> History:
    """Fit the model; the test rows are measured after each epoch, for the picture alone.

    Raises
    ------
    CommandError
        The numbers ran away.
    """
    from ..losses import MSE
    from ..optimizers import SGD
    from ..training.finite import StopAtNaN, check_finite

    x, y = task.x, task.y
    with overflow_is_told(f"try a smaller --learning-rate than {options.learning_rate:g}"):
        history = model.fit(
            x[task.train],
            y[task.train],
            loss=MSE(),
            optimizer=SGD(options.learning_rate, momentum=options.momentum),
            epochs=options.epochs,
            batch_size=options.batch_size,
            validation_data=(x[task.test], y[task.test]),
            metrics=("accuracy",),
            callbacks=[StopAtNaN()],
            progress=False if options.quiet else None,
        )
        check_finite(model)
    return history


def _figures(model: Sequential, task: Task) -> dict[str, float]:
    figures = {}
    for name, rows in (("training", task.train), ("test", task.test)):
        measured = model.evaluate(task.x[rows], task.y[rows], metrics=("accuracy",))
        figures.update({f"{name} {key}": value for key, value in measured.items()})
    return figures
