"""``minimlp evaluate``: how good a model is on a table with known targets."""

from __future__ import annotations

import argparse
from typing import Any

from . import table_report as report
from .model import load_table_model, overflow_refused
from .parser import errors_in_one_line, separator
from .streams import table_source

_EXAMPLES = """\
examples:
  minimlp evaluate minimlp-run new.csv              a run of minimlp train
  minimlp evaluate minimlp-run/model.npz new.parquet
"""


def add_command(commands: Any) -> None:
    """Add ``evaluate`` to the commands."""
    parser = commands.add_parser(
        "evaluate",
        help="measure a table's model on rows with known targets",
        description="Measure a model that minimlp train made of a table on other rows of that\n"
        "kind, whose targets are known.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL", help="a model file, or the folder of a run")
    parser.add_argument("data", metavar="DATA", help="CSV, TSV or Parquet, also .gz; - for input")
    parser.add_argument(
        "--drop-missing", action="store_true", help="leave out rows that lack a value"
    )
    parser.add_argument(
        "--separator", type=separator, metavar="CHAR", help="between cells (default: found)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the figures."""
    from ..tables.preparation import read_part

    model = load_table_model(options.model)
    with errors_in_one_line():
        part = read_part(
            table_source(options.data),
            model.features,
            model.target,
            drop_missing=options.drop_missing,
            separator=options.separator,
        )
    of = "standard input" if options.data == "-" else options.data
    with overflow_refused(of):
        text = report.figures(model.target, part, model.model.predict(part.x), of)
    print(text)
    return 0
