"""``minimlp explain``: one step of backpropagation, number by number."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from ..toolbox import LOSSES
from ..validation import as_number
from .model import model_path
from .parser import CommandError, count, errors_in_one_line, number, separator
from .streams import output_bytes, table_source
from .words import listed
from .words import words as words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..explanation import Derivation
    from ..losses import Loss
    from ..sequential import Sequential
    from ..tables import TableModel

_FORMATS = {"text": ".txt", "markdown": ".md", "latex": ".tex", "html": ".html"}
_NAMES = tuple(dict.fromkeys(name for losses in LOSSES.values() for name in losses))

_EXAMPLES = """\
examples:
  minimlp explain                           the worked page of backpropagation
  minimlp explain -o page.html              the same as a page to play with
  minimlp explain run plants.csv --row 7 --format latex -o step.tex
  minimlp explain run plants.csv --parameter "layers[1].bias[0]"
"""


def add_command(commands: Any) -> None:
    """Add ``explain`` to the commands."""
    parser = commands.add_parser(
        "explain",
        help="derive one step of backpropagation, number by number",
        description="Derive one step of gradient descent on one row of a table as it is done by\n"
        "hand: forward, loss, every factor of every derivative, update. Without a model,\n"
        "the worked page that the project began with.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("model", nargs="?", metavar="MODEL", help="a model file, or the folder of a run")
    add(
        "data",
        nargs="?",
        metavar="DATA",
        help="CSV, TSV or Parquet, also .gz; - for input; of a model of the digits, none",
    )
    add("--row", type=count(1), metavar="N", help="of the table, from 1 (default: 1)")
    add("--parameter", metavar="NAME", help="one alone, such as 'layers[0].weight[3, 1]'")
    add("--loss", choices=_NAMES, metavar="LOSS", help="(default: as in training)")
    add("--learning-rate", type=number(0), metavar="RATE", help="of the step (default: 0.1)")
    add("--digits", type=count(2), default=6, metavar="N", help="that are significant (default: 6)")
    add(
        "--format",
        choices=tuple(_FORMATS),
        metavar="FORMAT",
        help="text, markdown, latex or html (default: by the name of FILE, or text)",
    )
    add("-o", "--output", default="-", metavar="FILE", help="a new file; - for output (default: -)")
    add("--overwrite", action="store_true", help="replace a file that exists")
    add("--separator", type=separator, metavar="CHAR", help="between cells (default: found)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Derive, and write."""
    kind = _format(options)
    derivation = _of_model(options) if options.model else _worked_page(options)
    text = getattr(derivation, f"to_{kind}")()
    if options.output == "-" and kind == "text":
        print(text, end="")
    elif options.output == "-":
        output = output_bytes()  # a document, in UTF-8 as it says
        output.write(text.encode())
        output.flush()
    else:
        from ..storage import write_atomic

        write_atomic(options.output, lambda file: _write(file, text))
    return 0


def _write(file: BinaryIO, text: str) -> None:
    file.write(text.encode())


def _format(options: argparse.Namespace) -> str:
    """Check where the derivation goes, and choose its format."""
    name = options.output
    if name == "-":
        return options.format or "text"
    if not name or os.path.isdir(name):
        raise CommandError(f"--output {name or repr(name)}: expected a file")
    if os.path.lexists(name) and not options.overwrite:
        raise CommandError(f"{name} already exists: give --overwrite to replace it")
    ending = os.path.splitext(name)[1].lower()
    by_name = {end: kind for kind, end in _FORMATS.items()} | {
        ".htm": "html",
        ".markdown": "markdown",
    }
    kind = options.format or by_name.get(ending)
    if kind is None:
        raise CommandError(
            f"--output {name}: expected a file .txt, .md, .tex or .html, or give --format"
        )
    return str(kind)


def _worked_page(options: argparse.Namespace) -> Derivation:
    from ..explanation.worked_page import worked_page

    for option in ("row", "parameter", "loss", "learning_rate", "separator"):
        if getattr(options, option) is not None:
            raise CommandError(f"--{option.replace('_', '-')} is for a model: give MODEL and DATA")
    with errors_in_one_line():
        return worked_page(options.digits)


def _of_model(options: argparse.Namespace) -> Derivation:
    from ..explanation import explain
    from ..optimizers import SGD
    from ..sequential import Sequential
    from ..storage import read_archive
    from ..tables import TableModel

    path = model_path(options.model)
    with errors_in_one_line():
        table = TableModel.load(path) if "table" in read_archive(path)[0] else None
        model = Sequential.load(path) if table is None else table.model
    row = 1 if options.row is None else options.row
    x, y, words = _digit(model, options, row) if table is None else _row(table, options, row)
    names = [] if table is None else [words_of(name) for name in _inputs(table)]
    rate = 0.1 if options.learning_rate is None else options.learning_rate
    loss = _loss(model, options.loss)
    try:
        derivation = explain(
            model,
            x,
            y,
            loss=loss,
            optimizer=SGD(rate),
            digits=options.digits,
            parameter=options.parameter,
        )
    except (TypeError, ValueError) as error:
        raise CommandError(str(error).replace("give parameter=", "give --parameter ")) from error
    if {"l1", "l2", "penalty"} & _settings(model).keys():
        words.append("The penalty on weights that training added is not part of this step.")
    named = iter(names)
    givens = [
        given._replace(words=next(named, given.words)) if given.role == "input" else given
        for given in derivation.givens
    ]
    words = [derivation.words[0], *words, *derivation.words[1:]]
    return replace(derivation, words=tuple(words), givens=givens)


def _row(
    table: TableModel, options: argparse.Namespace, row: int
) -> tuple[NDArray[Any], NDArray[Any], list[str]]:
    """Read one row of a table as the network sees it, and say so."""
    from ..tables.features import encode
    from ..tables.rows import need_columns, open_rows

    if options.data is None:
        raise CommandError(f"{options.model} is a model of a table: give DATA, a table, too")
    kinds: dict[str, Any] = {feature.name: feature.kind for feature in table.features}
    kinds.update(dict.fromkeys(table.target.names, table.target.kind))
    rows = 0
    with errors_in_one_line(), open_rows(table_source(options.data), options.separator) as opened:
        need_columns(opened, kinds)
        for piece in opened.pieces(kinds):
            if rows < row <= rows + len(piece):
                one = piece.take(slice(row - rows - 1, row - rows))
                if not len(one.only_complete()):
                    raise CommandError(f"--row {row}: that row lacks a value; choose another one")
                x, y = encode(one, table.features), table.target.encode(one)
                return x, y, _names(table, row)
            rows += len(piece)
    of = "standard input" if options.data == "-" else options.data
    raise CommandError(f"--row {row}: {of} has {rows:,} rows")


def _names(table: TableModel, row: int) -> list[str]:
    """Say which input is which column, and which output which target."""
    told = f"Row {row}; the inputs from i₁ on: {listed(_inputs(table), most=40)}."
    if table.classes:
        return [told, f"The outputs from o₁ on: {listed(table.classes, most=40)}."]
    units = "each less its mean in training, in standard deviations"
    return [told, f"The outputs from o₁ on: {listed(table.target.names, most=40)}; {units}."]


def _inputs(table: TableModel) -> list[str]:
    """Name the inputs of the network: columns, and what text columns may hold."""
    return [
        feature.name if value is None else f"{feature.name} = {value}"
        for feature in table.features
        for value in (feature.values or (None,))
    ]


def _digit(
    model: Sequential, options: argparse.Namespace, row: int
) -> tuple[NDArray[Any], NDArray[Any], list[str]]:
    """Take one of the embedded digits."""
    from ..datasets import load_digits

    if options.data is not None:
        raise CommandError(
            f"{options.model} is a model of no table: minimlp.explain in Python takes any data"
        )
    x, y = load_digits()
    if model.input_width != x.shape[1]:
        raise CommandError(
            f"{options.model} is a model of neither a table nor the digits: "
            f"minimlp.explain in Python takes any data"
        )
    if row > len(x):
        raise CommandError(f"--row {row}: there are {len(x):,} digits")
    return x[row - 1 : row], y[row - 1 : row], [f"Digit {row} of {len(x):,}, a {y[row - 1]}."]


def _settings(model: Sequential) -> dict[str, Any]:
    """Give what was recorded of the training, {} where nothing was."""
    recorded = model.metadata.get("settings") if isinstance(model.metadata, dict) else None
    return recorded if isinstance(recorded, dict) else {}


def _smoothing(settings: dict[str, Any]) -> float:
    """Give the label smoothing that was recorded, by itself or within the loss."""
    found = re.search(r"label_smoothing=(0?\.\d+)", str(settings.get("loss")))
    value = settings.get("label smoothing", float(found[1]) if found else 0)
    try:
        return as_number("label smoothing", value, low=0, below=1)
    except (TypeError, ValueError):
        return 0.0


def _loss(model: Sequential, name: str | None) -> Loss:
    """Make the loss that is named, or else that of the training that was recorded."""
    from ..losses import MSE, CategoricalCrossEntropy

    settings = _settings(model)
    name = str(settings.get("loss", "")) if name is None else name
    smoothing = _smoothing(settings)
    for losses in LOSSES.values():
        for known, (kind, _) in losses.items():
            if name == known or name.startswith(f"{kind.__name__}("):
                return kind(smoothing) if smoothing and kind is CategoricalCrossEntropy else kind()
    last = type(model.layers[-1])
    natural = (kind for losses in LOSSES.values() for kind, _ in losses.values())
    return next((kind() for kind in natural if kind.natural_output is last), MSE())
