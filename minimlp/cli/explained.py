"""What ``minimlp explain`` is about: a row as the model sees it, and the loss of its training."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from ..toolbox import LOSSES
from ..validation import as_number
from .parser import CommandError, errors_in_one_line
from .streams import table_source
from .words import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..losses import Loss
    from ..sequential import Sequential
    from ..tables import TableModel


def table_row(
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
    told = f"Row {row}; the inputs from i₁ on: {listed(input_names(table), most=40)}."
    if table.classes:
        return [told, f"The outputs from o₁ on: {listed(table.classes, most=40)}."]
    units = "each less its mean in training, in standard deviations"
    return [told, f"The outputs from o₁ on: {listed(table.target.names, most=40)}; {units}."]


def input_names(table: TableModel) -> list[str]:
    """Name the inputs of the network: columns, and what text columns may hold."""
    return [
        feature.name if value is None else f"{feature.name} = {value}"
        for feature in table.features
        for value in (feature.values or (None,))
    ]


def digit(
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


def recorded_settings(model: Sequential) -> dict[str, Any]:
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


def recorded_loss(model: Sequential) -> Loss:
    """Make the loss of the training that was recorded, or one that goes with the last layer."""
    from ..losses import MSE, CategoricalCrossEntropy

    settings = recorded_settings(model)
    name = str(settings.get("loss", ""))
    smoothing = _smoothing(settings)
    for losses in LOSSES.values():
        for known, (kind, _) in losses.items():
            if name == known or name.startswith(f"{kind.__name__}("):
                return kind(smoothing) if smoothing and kind is CategoricalCrossEntropy else kind()
    last = type(model.layers[-1])
    natural = (kind for losses in LOSSES.values() for kind, _ in losses.values())
    return next((kind() for kind in natural if kind.natural_output is last), MSE())
