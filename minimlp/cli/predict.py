"""``minimlp predict``: a table in, a table of predictions out, chunk by chunk."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from .ahead import ahead
from .model import load_table_model, overflow_refused
from .parser import CommandError, errors_in_one_line, probability, separator
from .streams import check_new_file, output_bytes, table_source
from .threads import one_blas_thread
from .words import listed

if TYPE_CHECKING:
    import polars

    from ..tables import TableModel
    from ..tables.rows import FileRows
    from ..tables.table import Table

_TEXT = {".csv": ",", ".tsv": "\t"}
_PARQUET = (".parquet", ".pq")

_EXAMPLES = """\
examples:
  minimlp predict minimlp-run new.csv -o predicted.csv
  minimlp predict minimlp-run new.parquet -o predicted.parquet --keep id
  zcat new.csv.gz | minimlp predict minimlp-run/model.npz - | head
"""


def add_command(commands: Any) -> None:
    """Add ``predict`` to the commands."""
    parser = commands.add_parser(
        "predict",
        help="predict the rows of a table",
        description="Predict the target of each row of a table: its class and a score for each\n"
        "class, or its values. Columns are matched by name, others are ignored.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL", help="a model file, or the folder of a run")
    parser.add_argument("data", metavar="DATA", help="CSV, TSV or Parquet, also .gz; - for input")
    parser.add_argument(
        "-o",
        "--output",
        default="-",
        metavar="FILE",
        help="a new file: .csv, .tsv or .parquet; - for output (default: -)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMN",
        help="carry a column through; several times",
    )
    parser.add_argument(
        "--level",
        type=probability,
        metavar="SHARE",
        help="that intervals hold, of a model trained with --intervals (default: 0.95)",
    )
    parser.add_argument(
        "--drop-missing", action="store_true", help="leave out rows that lack a value"
    )
    parser.add_argument(
        "--separator", type=separator, metavar="CHAR", help="between cells (default: found)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Predict, write, and note what was not used."""
    from ..tables.files import open_table
    from ..tables.rows import FileRows, need_columns

    model = load_table_model(options.model)
    _check_output(options)
    if options.level is not None and model.posterior is None:
        raise CommandError(f"--level: {options.model} was trained without --intervals")
    notes: list[str] = []  # told at the end: an error is told alone
    with errors_in_one_line(), open_table(table_source(options.data), options.separator) as file:
        rows = FileRows(file)
        need_columns(rows, [*model.columns, *options.keep])
        _check_keep(model, options.keep)
        ignored = [name for name in rows.columns if name not in (*model.columns, *options.keep)]
        if ignored:
            notes.append(f"columns not used: {listed(ignored)}")
        of = "standard input" if options.data == "-" else options.data
        with one_blas_thread(), overflow_refused(of):
            _write(options.output, _predictions(model, rows, options, notes))
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(*(f"minimlp: note: {note}\n" for note in notes), sep="", end="", file=sys.stderr)
    return 0


def _check_output(options: argparse.Namespace) -> None:
    name = options.output
    if name != "-" and os.path.splitext(name)[1].lower() not in (*_TEXT, *_PARQUET):
        raise CommandError(f"--output {name or repr(name)}: expected a file .csv, .tsv or .parquet")
    if name != "-":
        check_new_file(name, options.overwrite)


def _predicted_name(target: str) -> str:
    return f"predicted_{target}"


def _bound_names(target: str) -> tuple[str, str]:
    return f"lower_{target}", f"upper_{target}"


def _score_name(label: Any) -> str:
    return f"score_{str(label).lower() if isinstance(label, bool) else label}"


def _check_keep(model: TableModel, keep: Sequence[str]) -> None:
    made = [*map(_predicted_name, model.target.names), *map(_score_name, model.classes)]
    if model.posterior is not None:
        made += [name for target in model.target.names for name in _bound_names(target)]
    for name in keep:
        if name in made:
            raise CommandError(f"--keep {name}: predictions have a column of that name")


def _predictions(
    model: TableModel, rows: FileRows, options: argparse.Namespace, notes: list[str]
) -> Iterator[polars.DataFrame]:
    """Give a frame of predictions for each piece of the table."""
    from ..tables.files import import_polars

    pl, missing = import_polars(), 0
    kinds = {feature.name: feature.kind for feature in model.features}
    for table, frame in ahead(rows.pieces_and_frames(kinds, options.keep)):
        chosen = table.only_complete() if options.drop_missing else table
        missing += len(table) - len(chosen)
        outputs = model.outputs(chosen)
        predicted = model.target.decode(outputs).reshape(len(chosen), len(model.target.names))
        if len(chosen) < len(table):
            frame = frame[chosen.numbers - table.numbers[0]]
        columns: dict[str, Any] = {name: frame[name] for name in options.keep}
        for k, name in enumerate(model.target.names):
            columns[_predicted_name(name)] = predicted[:, k]
        if model.posterior is not None:
            columns.update(_bounds(model, chosen, 0.95 if options.level is None else options.level))
        for k, label in enumerate(model.classes):
            columns[_score_name(label)] = outputs[:, k]
        yield pl.DataFrame(columns)
    if missing:
        notes.append(f"{missing:,} row{'s' * (missing != 1)} left out for want of a value")


def _bounds(model: TableModel, table: Table, level: float) -> dict[str, Any]:
    """Give the columns of what intervals reach from and to."""
    _, lower, upper = model.intervals_of(table, level)
    columns: dict[str, Any] = {}
    for k, name in enumerate(model.target.names):
        below, above = _bound_names(name)
        columns |= {below: lower[:, k], above: upper[:, k]}
    return columns


def _write(name: str, frames: Iterator[polars.DataFrame]) -> None:
    from ..storage import write_atomic

    kind = os.path.splitext(name)[1].lower()
    write = _write_parquet if kind in _PARQUET else _write_text
    if name == "-":
        output = output_bytes()
        _write_text(output, frames, ",")
        output.flush()
    else:
        write_atomic(name, lambda file: write(file, frames, _TEXT.get(kind, "")))


def _write_text(file: BinaryIO, frames: Iterator[polars.DataFrame], between: str) -> None:
    from ..tables.files import import_polars

    header = True
    for frame in frames:
        try:
            text = frame.write_csv(include_header=header, separator=between)
        except import_polars().exceptions.PolarsError as error:
            raise CommandError(f"a kept column cannot be text, write .parquet: {error}") from error
        file.write(text.encode())
        header = False


def _write_parquet(file: BinaryIO, frames: Iterator[polars.DataFrame], _: str) -> None:
    """Write through files of their own, so that never all predictions are in memory."""
    from ..tables.files import import_polars

    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, frame in enumerate(frames):
            names.append(os.path.join(folder, f"{i}.parquet"))
            frame.write_parquet(names[-1])
        import_polars().scan_parquet(names).sink_parquet(file)
