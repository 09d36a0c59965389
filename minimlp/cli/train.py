"""``minimlp train``: learn the embedded digits, measure on images never seen, write the files.

The order is that of `run`: the data of a `Task`, a network, a folder, training, the test, three
files. What is particular to the digits is in `tasks.digits_task` alone.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from . import report
from .output import DEFAULT, output_folder
from .parser import INTERRUPTED, CommandError, count, number
from .tasks import Task, digits_task

if TYPE_CHECKING:
    from ..sequential import Sequential
    from ..training import History

_EXAMPLES = """\
examples:
  minimlp train                                    learn digits with a 64-64-10 network
  minimlp train --hidden 32 16 --activation tanh   two smaller hidden layers
  minimlp train --learning-rate 0.5 --momentum 0.9 --epochs 50
  minimlp train --seed 7 -o digits-7 -q            just the accuracy; files in digits-7
"""


def add_command(commands: Any) -> None:
    """Add ``train`` to the commands."""
    parser = commands.add_parser(
        "train",
        help="train a network and write it to a folder",
        description="Train a network on the embedded handwritten digits (UCI, 1,797 images of\n"
        "8 x 8 pixels), test it on a held-out fifth, and write model.npz, history.json\n"
        "and curves.png to a new folder.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    network = parser.add_argument_group("network")
    network.add_argument(
        "--hidden",
        type=count(1),
        nargs="+",
        default=[64],
        metavar="SIZE",
        help="units of each hidden layer (default: 64)",
    )
    network.add_argument(
        "--activation",
        choices=("sigmoid", "tanh", "relu"),
        default="sigmoid",
        help="of the hidden layers (default: sigmoid); the outputs are sigmoid",
    )
    network.add_argument(
        "--dtype",
        choices=("float32", "float64"),
        default="float32",
        help="kind of numbers (default: float32, the fast one)",
    )
    training = parser.add_argument_group("training")
    training.add_argument(
        "--learning-rate",
        type=number(0),
        default=3.0,
        metavar="RATE",
        help="step along the gradient (default: 3.0)",
    )
    training.add_argument(
        "--momentum",
        type=number(0, below=1),
        default=0.0,
        metavar="SHARE",
        help="share of the last step that goes on, at least 0 and below 1 (default: 0)",
    )
    training.add_argument(
        "--epochs",
        type=count(1),
        default=100,
        metavar="N",
        help="passes over the training data (default: 100)",
    )
    training.add_argument(
        "--batch-size",
        type=count(1),
        default=16,
        metavar="N",
        help="samples a step (default: 16)",
    )
    training.add_argument(
        "--seed",
        type=count(0),
        default=0,
        metavar="N",
        help="fixes split, first weights and order; same seed, same result (default: 0)",
    )
    output = parser.add_argument_group("output")
    output.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help=f"a new folder for the files (default: {DEFAULT}, then {DEFAULT}-2, ...)",
    )
    output.add_argument(
        "--overwrite",
        action="store_true",
        help="let --output be a folder that exists; replaces model.npz, history.json, curves.png",
    )
    output.add_argument(
        "-q", "--quiet", action="store_true", help="print the test accuracy and nothing else"
    )
    parser.set_defaults(run=run, unknown_hint=" (minimlp train --help lists the options)")


def run(options: argparse.Namespace) -> int:
    """Train, test, write, and say so."""
    if options.overwrite and options.output is None:
        raise CommandError("--overwrite needs --output DIR: without it a new folder is made")
    _need_matplotlib()

    def say(text: str) -> None:
        if not options.quiet:
            print(text, flush=True)

    task = digits_task(options.seed)
    model = _network(task, options)
    with output_folder(options.output, options.overwrite) as folder:
        say(report.plan(task, model, options, folder))
        start = time.perf_counter()
        history = _train(model, task, options)
        seconds = time.perf_counter() - start
        figures = _figures(model, task)
        model.metadata = report.metadata(task, options, history, figures)
        _write(folder, model, history)  # first: what is said may find a closed pipe
        say(report.summary(history, figures, seconds))
        say(report.files(folder))
    print(f"test accuracy {figures['test accuracy']:.4f}", flush=True)
    return 0 if history.stopped_because is None else INTERRUPTED


def _need_matplotlib() -> None:
    from ..plots import figure_class

    try:
        figure_class()
    except ImportError as error:
        raise CommandError(str(error)) from error


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
    from ..training import Callback

    class StopAtNaN(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            if not math.isfinite(logs["loss"]):
                self.model.stop_training = True

    x, y = task.x, task.y
    logging.captureWarnings(True)  # an overflow is told below, in one line
    try:
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
    except RuntimeWarning as warning:  # where Python was told to raise them
        raise _diverged(options, str(warning)) from warning
    finally:
        logging.captureWarnings(False)
    if not math.isfinite(float(abs(model.parameters).max())):
        raise _diverged(options, "weights are no longer finite")
    return history


def _diverged(options: argparse.Namespace, sign: str) -> CommandError:
    advice = f"try a smaller --learning-rate than {options.learning_rate:g}"
    return CommandError(f"training diverged, nothing is written ({sign}): {advice}")


def _figures(model: Sequential, task: Task) -> dict[str, float]:
    figures = {}
    for name, rows in (("training", task.train), ("test", task.test)):
        measured = model.evaluate(task.x[rows], task.y[rows], metrics=("accuracy",))
        figures.update({f"{name} {key}": value for key, value in measured.items()})
    return figures


def _write(folder: Path, model: Sequential, history: History) -> None:
    """Write the three files, each whole or not at all; the network first."""
    from ..plots import plot_history
    from ..storage import write_atomic

    figure = plot_history(history.history, validation_label="test (held out)")
    figures = (json.dumps(history.history, indent=1) + "\n").encode()

    def write_history(file: BinaryIO) -> None:
        file.write(figures)

    def write_curves(file: BinaryIO) -> None:
        figure.savefig(file, format="png")

    model.save(folder / "model.npz")
    write_atomic(folder / "history.json", write_history)
    write_atomic(folder / "curves.png", write_curves)
