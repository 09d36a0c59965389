"""A column of any origin in one of few forms: numbers as an array, everything else as a list.

Numbers are float64 with NaN where a value is missing; text and booleans are text, with None there.
"""

from __future__ import annotations

import datetime
import math
import numbers
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["integer", "number", "text", "boolean", "date"]

_DATES = (
    datetime.date,  # also datetime, and pandas' Timestamp
    datetime.time,
    datetime.timedelta,
    np.datetime64,
    np.timedelta64,
)


class Column(NamedTuple):
    """The values of one column.

    Attributes
    ----------
    kind : str
        ``"integer"`` and ``"number"`` have an array as values; ``"text"``, ``"boolean"`` (as
        ``"false"`` and ``"true"``) and ``"date"`` a list of text.
    values : array (rows,) of float64, or list of str or None
        Missing values are NaN or None.
    """

    kind: Kind
    values: NDArray[np.float64] | list[str | None]

    @property
    def numeric(self) -> bool:
        return isinstance(self.values, np.ndarray)

    def missing(self) -> NDArray[np.bool_]:
        """Tell which rows have no value."""
        if isinstance(self.values, np.ndarray):
            return np.isnan(self.values)
        return np.fromiter((value is None for value in self.values), bool, len(self.values))

    def lacks_values(self) -> bool:
        """Tell whether any row has no value."""
        if isinstance(self.values, np.ndarray):
            return bool(np.isnan(self.values).any())
        return None in self.values

    def words(self) -> list[str | None]:
        """Give every value as text; whole numbers without a point."""
        if not isinstance(self.values, np.ndarray):
            return self.values
        return [None if math.isnan(value) else as_word(value) for value in self.values.tolist()]

    def take(self, rows: NDArray[np.intp] | slice) -> Column:
        """Give some of the rows."""
        if isinstance(self.values, np.ndarray):
            return Column(self.kind, self.values[rows])
        if isinstance(rows, slice):
            return Column(self.kind, self.values[rows])
        return Column(self.kind, [self.values[row] for row in rows.tolist()])


def as_word(value: float) -> str:
    """Write a number as text, whole ones without a point."""
    return str(int(value)) if value.is_integer() else repr(value)


def as_column(name: str, values: Any) -> Column:
    """Make a column of a list, an array, or a pandas or polars Series.

    Raises
    ------
    TypeError, ValueError
        The values are not one column, or not of one kind; the message names the first that is not.
    """
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        given = f"{values!r:.60}"
        raise TypeError(f"column {name!r} is {given}: expected a list or array, a value for a row")
    module = type(values).__module__ if hasattr(values, "dtype") else ""  # frames have none
    if module.startswith("pandas"):
        return _of_pandas(name, values)
    if module.startswith("polars"):
        return _of_polars(name, values)
    return _of_array(name, values)


def _of_pandas(name: str, series: Any) -> Column:
    if series.dtype.kind in "iuf":
        array = series.to_numpy(dtype=np.float64, na_value=np.nan)
        # pandas makes floats of whole numbers where one is missing.
        missing = np.isnan(array)
        whole = series.dtype.kind != "f" or (
            missing.any() and not missing.all() and bool((array[~missing] % 1 == 0).all())
        )
        return Column("integer" if whole else "number", array)
    if series.dtype.kind in "mM":
        return _dates(np.asarray(series.isna()), series.to_numpy())
    return _of_list(name, series.astype(object).tolist())


def _of_polars(name: str, series: Any) -> Column:
    dtype = series.dtype
    if dtype.is_numeric():
        array = series.cast(float).to_numpy()  # null becomes NaN
        return Column("integer" if dtype.is_integer() else "number", array)
    if dtype.is_temporal():
        return _dates(series.is_null().to_numpy(), series.to_list())
    return _of_list(name, series.to_list())


def _of_array(name: str, values: Any) -> Column:
    if type(values).__module__.startswith("numpy.ma"):
        raise TypeError(f"column {name!r} is a masked array: fill or drop the masked entries first")
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.empty((0, 0))
    if array.ndim == 0:
        raise TypeError(f"column {name!r} is a {type(values).__name__}: expected a list or array")
    if array.ndim != 1:
        raise ValueError(f"column {name!r} has entries that are lists: expected a value for a row")
    # Of numbers and booleans together NumPy makes numbers, of numbers and text, text.
    mixed = array is not values and not {bool, np.bool_}.isdisjoint(map(type, values))
    if array.dtype.kind in "iuf" and not mixed:
        return Column("number" if array.dtype.kind == "f" else "integer", array.astype(np.float64))
    if array.dtype.kind in "mM":
        return _dates(np.isnat(array), array)
    return _of_list(name, array.tolist() if isinstance(values, np.ndarray) else list(values))


def _dates(missing: NDArray[np.bool_], values: Any) -> Column:
    return Column(
        "date", [None if gone else str(value) for gone, value in zip(missing, values, strict=True)]
    )


def _of_list(name: str, values: list[Any]) -> Column:
    kinds = [_kind_of(value) for value in values]
    present = dict.fromkeys(kind for kind in kinds if kind is not None)
    if present.keys() == {"integer", "number"}:
        present = {"number": None}
    if not present:
        return Column("number", np.full(len(values), np.nan))
    first, *others = present
    if others:
        at = [kinds.index(kind) for kind in (first, others[0])]
        raise TypeError(
            f"column {name!r} holds {values[at[0]]!r:.40} at row {at[0]} "
            f"and {values[at[1]]!r:.40} at row {at[1]}: expected values of one kind"
        )
    if first == "unknown":
        found = next(value for value in values if _kind_of(value) == "unknown")
        raise TypeError(
            f"column {name!r} holds a {type(found).__name__}: expected numbers, text or booleans"
        )
    if first in ("integer", "number"):
        entries = [
            math.nan if kind is None else _as_float(value)
            for kind, value in zip(kinds, values, strict=True)
        ]
        return Column(first, np.array(entries))
    texts = [
        None if kind is None else _text(first, value)
        for kind, value in zip(kinds, values, strict=True)
    ]
    return Column(first, texts)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except (
        OverflowError
    ):  # a whole number that is too large: refused later as infinity, with its row
        return math.inf if value > 0 else -math.inf


def _text(kind: str, value: Any) -> str:
    return str(bool(value)).lower() if kind == "boolean" else str(value)


def _kind_of(value: Any) -> Any:
    """Name the kind of one value; None where there is none."""
    if isinstance(value, str):
        return "text" if value.strip() else None
    if isinstance(value, bool | np.bool_):
        return "boolean"
    if isinstance(value, numbers.Real) or type(value).__name__ == "Decimal":
        if value != value:
            return None
        return "integer" if isinstance(value, numbers.Integral) else "number"
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    return "date" if isinstance(value, _DATES) or type(value).__name__ == "Period" else "unknown"
