"""Columns of any origin: numbers with NaN, everything else as text with None."""

import array
import collections
import datetime
import decimal
import fractions
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from minimlp.tables.column import Column, as_column

NAN = float("nan")
DAY = datetime.datetime(2024, 1, 31)


def check(values: Any, kind: str, expected: list[Any]) -> None:
    column = as_column("c", values)
    assert column.kind == kind
    assert column.numeric == (kind in ("integer", "number"))
    if column.numeric:
        assert isinstance(column.values, np.ndarray)
        assert column.values.dtype == np.float64
        np.testing.assert_array_equal(column.values, expected)
    else:
        assert column.values == expected
    gone = [value is None or value != value for value in expected]
    assert column.missing().tolist() == gone
    assert column.lacks_values() == any(gone)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, 2], "integer", [1, 2]),
        ((1, 2.5), "number", [1, 2.5]),
        ([1, None], "integer", [1, NAN]),
        ([1, None, 2.5], "number", [1, NAN, 2.5]),
        ([None, NAN], "number", [NAN, NAN]),
        ([], "number", []),
        (range(3), "integer", [0, 1, 2]),
        (collections.deque([1, 2]), "integer", [1, 2]),
        (array.array("d", [1.5]), "number", [1.5]),
        ([fractions.Fraction(1, 4), decimal.Decimal("0.5")], "number", [0.25, 0.5]),
        ([10**400, -(10**400)], "integer", [float("inf"), float("-inf")]),
        ([np.int8(1), np.float32(0.5)], "number", [1, 0.5]),
        (["a", "é😀", None, " ", ""], "text", ["a", "é😀", None, None, None]),
        (["1", "2"], "text", ["1", "2"]),
        ([True, False, None], "boolean", ["true", "false", None]),
        ([np.True_, False], "boolean", ["true", "false"]),
        ([DAY, None], "date", ["2024-01-31 00:00:00", None]),
        ([DAY.date()], "date", ["2024-01-31"]),
        ([np.datetime64("2024-01-31")], "date", ["2024-01-31"]),
    ],
)
def test_lists(values: Any, kind: str, expected: list[Any]) -> None:
    check(values, kind, expected)


@pytest.mark.parametrize("dtype", ["i1", "u1", ">i4", "u8", "f2", "f4", ">f8", "g"])
def test_arrays_of_any_number(dtype: str) -> None:
    values = np.array([1, 2, 3, 4], dtype)
    kind = "number" if values.dtype.kind == "f" else "integer"
    values.setflags(write=False)
    check(values, kind, [1, 2, 3, 4])
    check(values[::-2], kind, [4, 2])


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (np.array(["a", ""]), "text", ["a", None]),
        (np.array(["a", None], object), "text", ["a", None]),
        (np.array([True, False]), "boolean", ["true", "false"]),
        (np.array(["2024-01-31", "NaT"], "M8[D]"), "date", ["2024-01-31", None]),
        (np.array([1], "m8[D]"), "date", ["1 days"]),
    ],
)
def test_arrays(values: Any, kind: str, expected: list[Any]) -> None:
    check(values, kind, expected)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (pd.Series([1, None], dtype="Int64"), "integer", [1, NAN]),
        (pd.Series([1.5, None], dtype="Float64"), "number", [1.5, NAN]),
        (pd.Series([1.5], dtype="float32", index=[7]), "number", [1.5]),
        (pd.Series([True, None], dtype="boolean"), "boolean", ["true", None]),
        (pd.Series([True, False]), "boolean", ["true", "false"]),
        (pd.Series(["a", None], dtype=object), "text", ["a", None]),
        (pd.Series(["a", None], dtype="string"), "text", ["a", None]),
        (pd.Series(["a", None], dtype="category"), "text", ["a", None]),
        (pd.Series([3, 4], dtype="category"), "integer", [3, 4]),
        (pd.Series([1, None], dtype=object), "integer", [1, NAN]),
        (pd.Series([pd.Timestamp(DAY), pd.NaT], dtype=object), "date", [str(DAY), None]),
        (pd.Series([pd.Timestamp(DAY, tz="UTC"), None]), "date", [f"{DAY}+00:00", None]),
        (pd.Index([3, 4]), "integer", [3, 4]),
        (pd.array([1, None]), "integer", [1, NAN]),
        (pl.Series([1, None], dtype=pl.UInt8), "integer", [1, NAN]),
        (pl.Series([1], dtype=pl.Int128), "integer", [1]),
        (pl.Series([0.5, None], dtype=pl.Float32), "number", [0.5, NAN]),
        (pl.Series([decimal.Decimal("1.5"), None]), "number", [1.5, NAN]),
        (pl.Series([None, None]), "number", [NAN, NAN]),
        (pl.Series([True, None]), "boolean", ["true", None]),
        (pl.Series(["a", None], dtype=pl.Categorical), "text", ["a", None]),
        (pl.Series(["b", "a"], dtype=pl.Enum(["b", "a"])), "text", ["b", "a"]),
        (pl.Series([DAY.date(), None]), "date", ["2024-01-31", None]),
        (pl.Series([datetime.time(1)]), "date", ["01:00:00"]),
    ],
)
def test_series(values: Any, kind: str, expected: list[Any]) -> None:
    check(values, kind, expected)


def test_pandas_dates() -> None:
    for values in (pd.Series([DAY, None]), pd.DatetimeIndex([DAY, None]), pd.array([DAY, pd.NaT])):
        column = as_column("c", values)
        assert column.kind == "date"
        assert str(column.values[0]).startswith("2024-01-31")
        assert column.values[1] is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (5, "column 'c' is 5: expected a list or array"),
        (None, "column 'c' is None"),
        ("abc", "column 'c' is 'abc'"),
        (b"abc", "column 'c' is b'abc'"),
        ((i for i in [1]), "expected a list or array"),
        ({1, 2}, "column 'c' is a set"),
        ({"a": 1}, "column 'c' is a dict"),
        (np.array(5), "column 'c' is a ndarray"),
        ([1, "a"], "column 'c' holds 1 at row 0 and 'a' at row 1"),
        ([None, "a", True], "column 'c' holds 'a' at row 1 and True at row 2"),
        ([DAY, "a"], "at row 0 and 'a' at row 1"),
        (np.array([1j]), "holds a complex"),
        ([np.complex128(1)], "holds a complex"),
        (np.array([b"a"]), "holds a bytes"),
        ([np.bytes_(b"a")], "holds a bytes"),
        ([object()], "holds a object"),
        (np.ma.array([1, 2], mask=[0, 1]), "is a masked array"),
        (pd.Series([1j]), "holds a complex"),
        (pd.Series(pd.interval_range(0, 2)), "holds a Interval"),
        (pl.Series([[1], [2]]), "holds a list"),
        (pl.Series([{"a": 1}]), "holds a dict"),
    ],
)
def test_no_column(values: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        as_column("c", values)


@pytest.mark.parametrize(
    "values",
    [[[1], [2]], [[1], [1, 2]], [[]], np.ones((2, 1)), pd.DataFrame({"a": [1]}),
     pl.DataFrame({"a": [1]}), [np.arange(2), np.arange(3)]],
)  # fmt: skip
def test_two_axes(values: Any) -> None:
    with pytest.raises(ValueError, match="column 'c' has entries that are lists"):
        as_column("c", values)


def test_words_and_rows() -> None:
    column = Column("number", np.array([1.0, 2.5, NAN, -3e20]))
    assert column.words() == ["1", "2.5", None, "-300000000000000000000"]
    assert column.take(np.array([1, 0])).words() == ["2.5", "1"]
    text = Column("text", ["a", None, "c"])
    assert text.words() == ["a", None, "c"]
    assert text.take(slice(1, 3)) == Column("text", [None, "c"])
    assert text.take(np.array([2, 2])) == Column("text", ["c", "c"])


def test_the_array_given_is_never_the_one_kept() -> None:
    values = np.array([1.0, 2.0])
    kept = as_column("c", values).values
    assert isinstance(kept, np.ndarray)
    assert not np.shares_memory(values, kept)


def test_whole_numbers_that_pandas_made_floats_of() -> None:
    assert as_column("x", pd.Series([1, None, 0])).kind == "integer"
    assert as_column("x", pd.Series([1.0, 2.0])).kind == "number"
    assert as_column("x", pd.Series([1.5, None])).kind == "number"
    assert as_column("x", pd.Series([None, None], dtype=float)).kind == "number"


@pytest.mark.parametrize("values", [[True, 2], [1.5, False], [np.True_, 2.5]])
def test_booleans_are_no_numbers(values: Any) -> None:
    with pytest.raises(TypeError, match="values of one kind"):
        as_column("x", values)
