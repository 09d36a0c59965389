"""``minimlp train``: learn from a table, or from the embedded digits, and write the files.

This file says which options there are; `train_table` and `train_digits` do the work.
"""

from __future__ import annotations

import argparse
from typing import Any

from .output import DEFAULT
from .parser import CommandError, count, number, separator, share
from .run_files import need_matplotlib
from .train_digits import train_digits
from .train_table import train_table

_EXAMPLES = """\
examples:
  minimlp train people.csv --target income
  minimlp train houses.csv --target price --drop id --test 2024.csv -o houses
  minimlp train                                 the digits: a 64-64-10 network
  minimlp train --hidden 32 16 --activation tanh --epochs 50 --seed 7 -q
"""

_TABLE_ONLY = (
    "target task drop categorical drop_missing separator test validation networks weight_decay"
)


def add_command(commands: Any) -> None:
    """Add ``train`` to the commands."""
    parser = commands.add_parser(
        "train",
        usage="minimlp train [DATA --target COLUMN] [options]",
        help="train a network on a table and write it to a folder",
        description="Train a network to predict a column of a table, test it on other rows, and\n"
        "write model.npz, history.json, curves.png and predictions.png to a new folder.\n"
        "Without a table: learn the embedded handwritten digits (UCI, 1,797 images).",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_table(parser)
    network = parser.add_argument_group("network")
    network.add_argument(
        "--hidden",
        type=count(1),
        nargs="+",
        metavar="SIZE",
        help="units of each hidden layer (default: 24; digits: 64)",
    )
    network.add_argument(
        "--activation",
        choices=("sigmoid", "tanh", "relu"),
        help="of the hidden layers (default: tanh; digits: sigmoid)",
    )
    network.add_argument(
        "--networks",
        type=count(1),
        metavar="N",
        help="networks for each weight decay, for tables (default: 5)",
    )
    network.add_argument(
        "--dtype",
        choices=("float32", "float64"),
        help="kind of numbers (default: float64; digits: float32)",
    )
    training = parser.add_argument_group("training")
    training.add_argument(
        "--learning-rate",
        type=number(0),
        metavar="RATE",
        help="step along the gradient (default: 0.05, falling; digits: 3.0)",
    )
    training.add_argument(
        "--momentum",
        type=number(0, below=1),
        metavar="SHARE",
        help="share of the last step that goes on (default: 0.9; digits: 0)",
    )
    training.add_argument(
        "--weight-decay",
        type=number(0),
        metavar="RATE",
        help="pull of the weights to zero, for tables (default: tried out)",
    )
    training.add_argument(
        "--epochs",
        type=count(1),
        metavar="N",
        help="passes over the rows (default: for 2,500 steps; digits: 100)",
    )
    training.add_argument(
        "--batch-size", type=count(1), metavar="N", help="rows a step (default: 32; digits: 16)"
    )
    training.add_argument(
        "--seed",
        type=count(0),
        default=0,
        metavar="N",
        help="fixes split, first weights and order; same seed, same result (default: 0)",
    )
    _add_output(parser)
    parser.set_defaults(run=run, unknown_hint=" (minimlp train --help lists the options)")


def _add_table(parser: argparse.ArgumentParser) -> None:
    table = parser.add_argument_group("table")
    table.add_argument(
        "data", nargs="?", metavar="DATA", help="CSV, TSV or Parquet, also .gz; - for input"
    )
    table.add_argument(
        "--target",
        action="append",
        metavar="COLUMN",
        help="the column to predict; several times for several quantities",
    )
    table.add_argument(
        "--task",
        choices=("classification", "regression"),
        help="what the target is (default: text, true/false and few whole numbers are classes)",
    )
    table.add_argument(
        "--drop", action="append", metavar="COLUMN", help="leave a column out; several times"
    )
    table.add_argument(
        "--categorical",
        action="append",
        metavar="COLUMN",
        help="take a column's numbers as names; several times",
    )
    table.add_argument(
        "--drop-missing", action="store_true", help="leave out rows that lack a value"
    )
    table.add_argument(
        "--separator", type=separator, metavar="CHAR", help="between cells (default: found)"
    )
    table.add_argument(
        "--test",
        type=share,
        metavar="SHARE|FILE",
        help="rows to test on (default: 0.2)",
    )
    table.add_argument(
        "--validation",
        type=share,
        metavar="SHARE|FILE",
        help="rows to judge by (default: a fifth for each network)",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    output = parser.add_argument_group("output")
    output.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help=f"a new folder for the files (default: {DEFAULT}, then {DEFAULT}-2, ...)",
    )
    output.add_argument(
        "--overwrite", action="store_true", help="replace the files of a run in --output DIR"
    )
    output.add_argument(
        "-q", "--quiet", action="store_true", help="print the test figures and nothing else"
    )


def run(options: argparse.Namespace) -> int:
    """Train on what there is."""
    if options.overwrite and options.output is None:
        raise CommandError("--overwrite needs --output DIR: without it a new folder is made")
    need_matplotlib()
    if options.data is not None:
        return train_table(options)
    for name in _TABLE_ONLY.split():
        given = getattr(options, name)
        if given is not None and given is not False:
            option = "--" + name.replace("_", "-")
            raise CommandError(f"{option} is for a table: give its file before the options")
    return train_digits(options)
