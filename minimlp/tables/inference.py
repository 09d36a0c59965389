"""What a column of text holds: numbers, booleans, dates or words. Cells decide, not names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .column import Column, Kind
from .features import offer
from .files import import_polars

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars

    Place = Callable[[int, str], str]  # names the place of an entry from its index and its column

MISSING = ["", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL"]

_WHOLE = r"^[+-]?\d+$"
_SEPARATED = r"^[+-]?\d[\d.,'’\s]*$"
_DAY = r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))"
_DATE = rf"^{_DAY}([T ]\d{{1,2}}:\d{{2}}.*)?$"


def infer(series: polars.Series, place: Place, as_text: bool = False) -> Column:
    """Find the kind of a column of text and read it.

    Where more than half of the cells are numbers, all have to be.

    Parameters
    ----------
    series : polars.Series of text
    place : callable
    as_text : bool
        Take even numbers as words.

    Raises
    ------
    ValueError
        Most cells are numbers and one is not, or they are numbers written with separators.
    """
    cells = _cleaned(series)
    if as_text:
        return Column("text", cells.to_list())
    numbers = cells.cast(import_polars().Float64, strict=False)
    filled, parsed = cells.count(), numbers.count()
    if parsed == filled:
        whole = bool(filled) and bool(cells.str.contains(_WHOLE).all())
        return Column("integer" if whole else "number", _array(numbers))
    if 2 * parsed > filled:
        way = offer("categorical", series.name)
        raise _refusal(cells, numbers, place, f"{parsed:,} of the column's cells are; {way}")
    if cells.str.contains(_DATE).all():
        return Column("date", cells.to_list())
    if 2 * cells.str.contains(_SEPARATED).sum() > filled:
        only = cells.set(~cells.str.contains(_SEPARATED), None)
        raise _refusal(only, numbers, place, "most are")
    lower = cells.str.to_lowercase()
    if lower.drop_nulls().is_in(["false", "true"]).all():
        return Column("boolean", lower.to_list())
    return Column("text", cells.to_list())


def read_as(kind: Kind, series: polars.Series, place: Place) -> Column:
    """Read a column of text that is known to hold numbers, booleans or words.

    Raises
    ------
    ValueError
        A cell is no number, and should be.
    """
    if kind not in ("integer", "number"):
        cells = _cleaned(series)
        return Column(kind, (cells.str.to_lowercase() if kind == "boolean" else cells).to_list())
    float64 = import_polars().Float64
    numbers = series.cast(float64, strict=False)
    if numbers.null_count() > series.null_count():  # spaces around numbers, or words for nothing
        cells = _cleaned(series)
        numbers = cells.cast(float64, strict=False)
        if numbers.count() < cells.count():
            raise _refusal(cells, numbers, place, "the column was in training")
    return Column(kind, _array(numbers))


def _cleaned(series: polars.Series) -> polars.Series:
    """Take away spaces around cells, and the words that stand for a missing value."""
    cells = series.str.strip_chars()
    return cells.set(cells.is_in(MISSING), None)


def _array(numbers: polars.Series) -> Any:
    return numbers.fill_null(np.nan).to_numpy()


def _refusal(cells: Any, numbers: Any, place: Place, because: str) -> ValueError:
    row = int((cells.is_not_null() & numbers.is_null()).arg_true()[0])
    name, cell = cells.name, cells[row]
    if cells.slice(row, 1).str.contains(_SEPARATED)[0]:
        return ValueError(
            f"{place(row, name)}: {cell!r:.40} is no plain number: expected a decimal point "
            f"and no thousands separators"
        )
    return ValueError(f"{place(row, name)}: {cell!r:.40} is no number, as {because}")
