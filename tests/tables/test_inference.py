"""Text becomes numbers, booleans, dates or words by its cells; what is in doubt is refused."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minimlp.tables.column import Column
from minimlp.tables.inference import MISSING, infer, read_as

NAN = float("nan")


def place(row: int, column: str) -> str:
    return f"f, row {row + 1}, column {column!r}"


def series(cells: list[Any]) -> pl.Series:
    return pl.Series("c", cells, dtype=pl.String)


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        (["1", "+2", "-3"], "integer", [1, 2, -3]),
        (["1", None, " 3 "], "integer", [1, NAN, 3]),
        (["1", "2.0"], "number", [1, 2]),
        ([".5", "5.", "1e3", "-1E-3"], "number", [0.5, 5, 1000, -0.001]),
        (["1", "inf", "-Infinity"], "number", [1, float("inf"), float("-inf")]),
        (["007", "42"], "integer", [7, 42]),
        (MISSING, "number", [NAN] * len(MISSING)),
        ([None, None], "number", [NAN, NAN]),
        ([], "number", []),
        (["1", *MISSING], "integer", [1] + [NAN] * len(MISSING)),
    ],
)
def test_numbers(cells: Any, kind: str, expected: Any) -> None:
    column = infer(series(cells), place)
    assert column.kind == kind
    np.testing.assert_array_equal(column.values, np.array(expected, float))


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        (["true", "False", " TRUE", None], "boolean", ["true", "false", "true", None]),
        (["true", "maybe"], "text", ["true", "maybe"]),
        ([" a ", "NA", "é b"], "text", ["a", None, "é b"]),
        (["a", "b", "1"], "text", ["a", "b", "1"]),
        (["a", "1"], "text", ["a", "1"]),
        (["2024-01-31", "NA"], "date", ["2024-01-31", None]),
        (["31.12.2024", "1/2/99"], "date", ["31.12.2024", "1/2/99"]),
        (["2024-01-31T10:00:00Z", "2024-01-31 9:30"], "date", None),
        (["2024-01-31", "later"], "text", ["2024-01-31", "later"]),
        (["12%", "$3"], "text", ["12%", "$3"]),
    ],
)
def test_words(cells: Any, kind: str, expected: Any) -> None:
    column = infer(series(cells), place)
    assert column.kind == kind
    assert column.values == (cells if expected is None else expected)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["1", "2", "x"], "f, row 3, column 'c': 'x' is no number, as 2 of the column's cells are"),
        (["1", "x", None, "2"], "row 2, column 'c': 'x' is no number"),
        (["1"] * 9999 + ["oops", "1"], "row 10000, column 'c': 'oops' is no number, as 10,000 of"),
        (["1,5", "2,5"], "row 1, column 'c': '1,5' is no plain number: expected a decimal point"),
        (["1,000", "200", "3"], "row 1, column 'c': '1,000' is no plain number"),
        (["200", "1'000", "2'000"], "row 2, column 'c': \"1'000\" is no plain number"),
        (["x", "1 000", "2.000.000"], "row 2, column 'c': '1 000' is no plain number"),
    ],
)
def test_refused(cells: Any, message: str) -> None:
    with pytest.raises(ValueError, match="column 'c'") as caught:
        infer(series(cells), place)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_words_can_be_asked_for() -> None:
    assert infer(series(["01", " 1", "NA"]), place, as_text=True) == Column(
        "text", ["01", "1", None]
    )
    with pytest.raises(ValueError, match="categorical='c' or --categorical c takes"):
        infer(series(["1", "2", "3+"]), place)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(allow_nan=False) | st.integers(-(2**60), 2**60), min_size=1))
def test_every_number_is_read_exactly(numbers: list[float]) -> None:
    cells = series([repr(number) for number in numbers])
    expected = np.array([float(number) for number in numbers])
    np.testing.assert_array_equal(infer(cells, place).values, expected)
    np.testing.assert_array_equal(read_as("number", cells, place).values, expected)


def test_known_kinds() -> None:
    assert read_as("text", series(["1", " a", "NA"]), place) == Column("text", ["1", "a", None])
    assert read_as("boolean", series(["TRUE", "no", ""]), place) == Column(
        "boolean", ["true", "no", None]
    )
    values = read_as("number", series(["1", " 2", "NA", None]), place).values
    np.testing.assert_array_equal(values, [1, 2, NAN, NAN])
    with pytest.raises(ValueError, match="row 2, column 'c': 'x' is no number, as the column was"):
        read_as("number", series(["1", "x", "y"]), place)
    with pytest.raises(ValueError, match="row 1, column 'c': '1,5' is no plain number"):
        read_as("number", series(["1,5"]), place)
