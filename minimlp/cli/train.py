"""``minimlp train``: learn from a table, or from the embedded digits, and write the files.

`train_options` says which options there are; `train_table` and `train_digits` do the work.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from .parser import CommandError
from .resume import resumed
from .run_files import need_matplotlib
from .train_digits import train_digits
from .train_options import EXAMPLES, add_options
from .train_table import train_table
from .words import words

_TABLE_ONLY = "target task drop categorical drop_missing separator test networks intervals"


def add_command(commands: Any) -> None:
    """Add ``train`` to the commands."""
    parser = commands.add_parser(
        "train",
        usage="minimlp train [DATA --target COLUMN] [options]",
        help="train a network on a table and write it to a folder",
        description="Train a network to predict a column of a table, test it on other rows, and\n"
        "write model.npz, history.json, curves.png and predictions.png to a new folder.\n"
        "Without a table: learn the embedded handwritten digits (UCI, 1,797 images).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    add_options(parser)
    parser.set_defaults(run=run, unknown_hint=" (minimlp train --help lists the options)")


def run(options: argparse.Namespace) -> int:
    """Train on what there is, or go on with what was begun."""
    options.folder = os.getcwd()
    if options.overwrite and options.output is None:
        raise CommandError("--overwrite needs --output DIR: without it a new folder is made")
    need_matplotlib()
    if options.resume is not None:
        folder, options = options.resume, resumed(options, add_options)
        if options is None:
            print(f"{words(folder)} is finished: minimlp info {words(folder)} shows its figures")
            return 0
    if options.data is not None:
        return train_table(options)
    for name in _TABLE_ONLY.split():
        given = getattr(options, name)
        if given is not None and given is not False:
            option = "--" + name.replace("_", "-")
            raise CommandError(f"{option} is for a table: give its file before the options")
    return train_digits(options)
