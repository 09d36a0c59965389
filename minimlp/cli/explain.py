"""``minimlp explain``: one step of backpropagation, number by number."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from .explained import digit, input_names, recorded_loss, recorded_settings, table_row
from .model import load_any_model
from .parser import CommandError, count, errors_in_one_line, number, separator
from .streams import check_new_file, output_bytes
from .words import words as words_of

if TYPE_CHECKING:
    from ..explanation import Derivation

_FORMATS = {"text": ".txt", "markdown": ".md", "latex": ".tex", "html": ".html"}

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
    check_new_file(name, options.overwrite)
    ending = os.path.splitext(name)[1].lower()
    by_name = {end: kind for kind, end in _FORMATS.items()} | {
        ".htm": "html",
        ".markdown": "markdown",
    }
    kind = options.format or by_name.get(ending)
    if kind is None:
        raise CommandError(
            f"--output {name or repr(name)}: expected a file .txt, .md, .tex or .html, "
            f"or give --format"
        )
    return str(kind)


def _worked_page(options: argparse.Namespace) -> Derivation:
    from ..explanation.worked_page import worked_page

    for option in ("row", "parameter", "learning_rate", "separator"):
        if getattr(options, option) is not None:
            raise CommandError(f"--{option.replace('_', '-')} is for a model: give MODEL and DATA")
    with errors_in_one_line():
        return worked_page(options.digits)


def _of_model(options: argparse.Namespace) -> Derivation:
    from ..explanation import explain
    from ..optimizers import SGD

    table, model = load_any_model(options.model)
    row = 1 if options.row is None else options.row
    x, y, words = digit(model, options, row) if table is None else table_row(table, options, row)
    names = [] if table is None else [words_of(name) for name in input_names(table)]
    rate = 0.1 if options.learning_rate is None else options.learning_rate
    loss = recorded_loss(model)
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
    if {"l1", "l2", "penalty"} & recorded_settings(model).keys():
        words.append("The penalty on weights that training added is not part of this step.")
    named = iter(names)
    givens = [
        given._replace(words=next(named, given.words)) if given.role == "input" else given
        for given in derivation.givens
    ]
    words = [derivation.words[0], *words, *derivation.words[1:]]
    return replace(derivation, words=tuple(words), givens=givens)
