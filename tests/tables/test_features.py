"""Numbers are one input, text and booleans one for each value; what does not fit is named."""

from typing import Any

import numpy as np
import pytest

from minimlp.tables.column import as_column
from minimlp.tables.features import (
    Feature,
    check_no_dates,
    check_present,
    encode,
    find_features,
    offer,
)
from minimlp.tables.table import Table

ROWS = {
    "n": [3.5, -1.0, 2.0],
    "i": [7, 7, 8],
    "t": ["b", "a", "b"],
    "b": [True, False, True],
    "same": ["x"] * 3,
    "five": [5] * 3,
}
FEATURES = [
    Feature("n", "number", ()),
    Feature("t", "text", ("a", "b")),
    Feature("b", "boolean", ("false", "true")),
]


def table(rows: dict[str, Any], first: int = 0) -> Table:
    columns = {name: as_column(name, values) for name, values in rows.items()}
    size = len(next(iter(rows.values())))
    return Table("rows", columns, np.arange(first, first + size))


def test_found_in_the_order_asked_without_the_constant() -> None:
    assert find_features(table(ROWS), ["t", "five", "n", "b", "same"], ()) == [
        FEATURES[1],
        FEATURES[0],
        FEATURES[2],
    ]


def test_numbers_can_be_words() -> None:
    found = find_features(table(ROWS), ["i", "n"], ["i", "n"])
    assert found == [
        Feature("i", "text", ("7", "8")),
        Feature("n", "text", ("-1", "2", "3.5")),
    ]
    assert encode(table(ROWS), found).tolist() == [
        [1, 0, 0, 0, 1],
        [1, 0, 1, 0, 0],
        [0, 1, 0, 1, 0],
    ]


def test_encoded_by_hand() -> None:
    x = encode(table(ROWS), FEATURES)
    assert x.dtype == np.float64
    assert x.tolist() == [[3.5, 0, 1, 0, 1], [-1, 1, 0, 1, 0], [2, 0, 1, 0, 1]]
    assert encode(table(ROWS), FEATURES[::-1]).tolist()[0] == [0, 1, 0, 1, 3.5]
    assert [feature.width for feature in FEATURES] == [1, 2, 2]


@pytest.mark.parametrize("count", [100, 101])
def test_a_hundred_values_at_most(count: int) -> None:
    rows = table({"id": [f"v{i}" for i in range(count)]})
    if count == 100:
        assert find_features(rows, ["id"], ())[0].width == 100
        return
    with pytest.raises(ValueError, match="column 'id' has 101 different values such as") as caught:
        find_features(rows, ["id"], ())
    assert "drop='id' or --drop id leaves the column out" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": [1.0, None, None]}, "rows, row 6, column 'n': the value is missing (2 in this"),
        ({"n": [1.0, 2.0, np.inf]}, "rows, row 7, column 'n': inf is not finite"),
        ({"n": ["1", "2", "3"]}, "rows, row 5, column 'n': '1' is text, the column held numbers"),
        ({"n": [True] * 3}, "column 'n': 'true' is boolean, the column held numbers"),
        ({"n": [np.datetime64("2024-01-01")] * 3}, "column 'n': '2024-01-01' is date"),
        ({"t": ["a", "b", "c"]}, "rows, row 7, column 't': 'c' was not seen in training; known"),
        ({"t": ["a", None, "c"]}, "rows, row 6, column 't': the value is missing; fill"),
        ({"t": [1, 2, 3]}, "rows, row 5, column 't': '1' was not seen"),
        ({"b": [0, 1, 1]}, "rows, row 5, column 'b': '0' was not seen"),
        ({"b": ["true", "yes", "no"]}, "rows, row 6, column 'b': 'yes' was not seen"),
    ],
)
def test_what_does_not_fit(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="rows, row") as caught:
        encode(table({**ROWS, **change}, first=5), FEATURES)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_infinity_is_found_in_training_too() -> None:
    with pytest.raises(ValueError, match="row 1, column 'n': -inf is not finite"):
        find_features(table({"n": [1.0, -np.inf]}), ["n"], ())


def test_dates_and_missing_values() -> None:
    rows = table({"d": [None, np.datetime64("2024-01-31")], "n": [1.0, 2.0]})
    check_no_dates(rows, "n")
    check_present(rows, "n")
    with pytest.raises(ValueError, match=r"column 'd' holds dates such as '2024-01-31'.*drop='d'"):
        check_no_dates(rows, "d")
    with pytest.raises(ValueError, match=r"row 0, column 'd': the value is missing; fill"):
        check_present(rows, "d")


def test_offers_are_one_line_whatever_the_name() -> None:
    assert offer("drop", "age") == "drop='age' or --drop age leaves the column out"
    assert "--drop 'two words' leaves" in offer("drop", "two words")
    assert "\n" not in offer("drop", "two\nlines")


def test_no_rows() -> None:
    nothing = table({"n": [], "t": [], "b": []})
    assert encode(nothing, FEATURES[:1]).shape == (0, 1)
    assert encode(nothing, FEATURES).shape == (0, 5)
