"""``minimlp info``: what is in a model file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from .model import load_any_model, model_path
from .table_report import left_columns, use
from .words import listed, words

if TYPE_CHECKING:
    from ..tables import TableModel

_LONGEST, _LONGEST_KEY = 1000, 60  # letters

_EXAMPLES = """\
examples:
  minimlp info minimlp-run             a folder that minimlp train made
  minimlp info minimlp-run/model.npz   a model file, from model.save too
"""


def add_command(commands: Any) -> None:
    """Add ``info`` to the commands."""
    parser = commands.add_parser(
        "info",
        help="show architecture, parameters and test figures of a model file",
        description="Show a model's architecture and parameters, and the settings and test\n"
        "figures that were recorded when it was trained.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL", help="a model file, or the folder of a run")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what the file holds."""
    table, model = load_any_model(options.model)
    print(f"{words(model_path(options.model))}\n\n{model.summary()}\n")
    if table is not None:
        print("\n".join(_table_lines(table)))
    if model.metadata:
        print("\n".join(_lines(model.metadata)))
    else:
        print("no settings or test figures were recorded")
    return 0


def _table_lines(table: TableModel) -> list[str]:
    """Say which columns the model reads and what it predicts."""
    rows = [[words(feature.name, 40), use(feature)] for feature in table.features]
    lines = ["columns", left_columns(rows), f"target: {listed(table.target.names)}"]
    if table.classes:
        lines.append(f"  {len(table.classes)} classes: {listed(table.classes, most=20)}")
    return lines


def _lines(recorded: Any) -> list[str]:
    """Lay out a file's metadata, which may be anything JSON can hold."""
    if not isinstance(recorded, dict):
        return [words(recorded, _LONGEST)]
    lines = []
    for name, value in recorded.items():
        if isinstance(value, dict):
            keys = [words(key, _LONGEST_KEY) for key in value]
            wide = max(map(len, keys), default=0)
            lines.append(words(name, _LONGEST_KEY))
            lines += [
                f"  {key:<{wide}}  {words(each, _LONGEST)}"
                for key, each in zip(keys, value.values(), strict=True)
            ]
        else:
            lines.append(f"{words(name, _LONGEST_KEY)}: {words(value, _LONGEST)}")
    return lines
