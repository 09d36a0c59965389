"""The options of ``minimlp train``, each explained in one line."""

from __future__ import annotations

import argparse
from typing import Any

from ..toolbox import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES
from .output import DEFAULT
from .parser import count, number, separator, share

EXAMPLES = """\
examples:
  minimlp train people.csv --target income
  minimlp train houses.csv --target price --drop id --test 2024.csv -o houses
  minimlp train --resume houses                 after it was stopped
  minimlp train                                 the digits: a 64-64-10 network
  minimlp train houses.csv --target price --optimizer br --intervals -q
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add all options, group by group."""
    _add_table(parser.add_argument_group("table"))
    _add_network(parser.add_argument_group("network"))
    _add_training(parser.add_argument_group("training"))
    _add_regularisation(parser.add_argument_group("regularisation"))
    _add_output(parser.add_argument_group("output"))


def _add_table(group: Any) -> None:
    add = group.add_argument
    add("data", nargs="?", metavar="DATA", help="CSV, TSV or Parquet, also .gz; - for input")
    several = {"action": "append", "metavar": "COLUMN"}
    add("--target", **several, help="to predict; several times for several quantities")
    add(
        "--task",
        choices=("classification", "regression"),
        metavar="TASK",
        help="classification or regression (default: by its values)",
    )
    add("--drop", **several, help="leave a column out; several times")
    add("--categorical", **several, help="take its numbers as names; several times")
    add("--drop-missing", action="store_true", help="leave out rows that lack a value")
    add("--separator", type=separator, metavar="CHAR", help="between cells (default: found)")
    add("--test", type=share, metavar="PART", help="to test on: a share or a file (default: 0.2)")
    add(
        "--validation",
        type=share,
        metavar="PART",
        help="to judge by (default: a fifth for each network)",
    )


def _add_network(group: Any) -> None:
    add = group.add_argument
    add(
        "--hidden",
        type=count(1),
        nargs="+",
        metavar="SIZE",
        help="units a layer (default: 32; lm, br 16; digits 64)",
    )
    add(
        "--activation",
        choices=tuple(ACTIVATIONS),
        metavar="NAME",
        help=f"{', '.join(ACTIVATIONS)} (default: relu; lm, br tanh; digits sigmoid)",
    )
    add(
        "--networks",
        type=count(1),
        metavar="N",
        help="for each strength of --l2, for tables (default: 5)",
    )
    add(
        "--dtype",
        choices=("float32", "float64"),
        metavar="KIND",
        help="float32 or float64 (default: float64; digits: float32)",
    )


def _add_training(group: Any) -> None:
    add = group.add_argument
    losses = tuple(dict.fromkeys(name for names in LOSSES.values() for name in names))
    add("--loss", choices=losses, metavar="NAME", help=", ".join(losses))
    add(
        "--optimizer",
        choices=tuple(OPTIMIZERS),
        metavar="NAME",
        help=", ".join(OPTIMIZERS),
    )
    add(
        "--learning-rate",
        type=number(0),
        metavar="RATE",
        help="highest (default: 0.01; sgd, digits: others)",
    )
    add(
        "--schedule",
        choices=SCHEDULES,
        metavar="NAME",
        help=", ".join(SCHEDULES),
    )
    add(
        "--momentum",
        type=number(0, below=1),
        metavar="SHARE",
        help="of the last step that goes on, with sgd or rmsprop",
    )
    add("--clip-norm", type=number(0), metavar="NORM", help="shorten gradients that are longer")
    add(
        "--epochs",
        type=count(1),
        metavar="N",
        help="most passes over the rows (default: for 2,500 steps; lm 60; br, digits 100)",
    )
    add("--batch-size", type=count(1), metavar="N", help="rows a step (default: 32; digits: 16)")
    add("--intervals", action="store_true", help="predict quantities with error bars; br alone")
    add("--seed", type=count(0), default=0, metavar="N", help="same seed, same result (default: 0)")


def _add_regularisation(group: Any) -> None:
    add = group.add_argument
    add(
        "--dropout",
        type=number(0, below=1),
        metavar="SHARE",
        help="of hidden units left out of each step",
    )
    add(
        "--l1",
        type=number(0),
        metavar="RATE",
        help="add RATE times the sum of |weight| to the loss",
    )
    add(
        "--l2",
        type=number(0),
        metavar="RATE",
        help="add RATE times the sum of weight squared (default: tried out)",
    )
    add(
        "--weight-decay",
        type=number(0),
        metavar="RATE",
        help="pull to zero, biases too: adamw, sgd, rmsprop",
    )
    add(
        "--label-smoothing",
        type=number(0, below=1),
        metavar="S",
        help="share that targets give to all classes alike",
    )
    add(
        "--patience",
        type=count(1),
        metavar="N",
        help="stop after N epochs without a better validation loss",
    )


def _add_output(group: Any) -> None:
    add = group.add_argument
    add("-o", "--output", metavar="DIR", help=f"a new folder (default: {DEFAULT}, or -2, -3, ...)")
    add("--overwrite", action="store_true", help="replace the files of a run in --output DIR")
    add("--resume", metavar="DIR", help="go on with a run that was stopped, as it was begun")
    add("-h", "--help", action="help", help="show this and end")
    add("-q", "--quiet", action="store_true", help="print the test figures and nothing else")
