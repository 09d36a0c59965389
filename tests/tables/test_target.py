"""Targets: which task it is, labels and quantities to numbers and back."""

from typing import Any

import numpy as np
import pytest

from minimlp import TableModel
from minimlp.tables.column import as_column
from minimlp.tables.table import Table
from minimlp.tables.target import (
    Classes,
    Quantities,
    find_classes,
    find_quantities,
    find_task,
)


def table(first: int = 0, **rows: Any) -> Table:
    columns = {name: as_column(name, values) for name, values in rows.items()}
    size = len(next(iter(rows.values())))
    return Table("rows", columns, np.arange(first, first + size))


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        ([0, 1] * 3, "classification"),
        ([0, 1] * 2 + [0], "regression"),  # less than three rows a class
        (list(range(20)) * 3, "classification"),
        (list(range(21)) * 3, "regression"),
        ([0.0, 1.0] * 50, "regression"),
        ([-5, 1000] * 3, "classification"),
    ],
)
def test_the_task(values: Any, task: str) -> None:
    assert find_task(table(y=values), ["y"]) == task
    assert find_task(table(y=values, z=values), ["y", "z"]) == "regression"


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["b", "a", "a", "b"], ("a", "b")),
        ([True, False, True, False], (False, True)),
        ([10, 9, 9, 10], (9, 10)),
        ([0.5, -0.5, 0.5, -0.5], (-0.5, 0.5)),
        (np.array([2, 1, 1, 2], np.uint8), (1, 2)),
    ],
)
def test_classes_there_and_back(values: Any, labels: Any) -> None:
    classes = find_classes(table(y=values), "y")
    assert classes == Classes("y", labels)
    assert [type(label) for label in classes.labels] == [type(label) for label in labels]
    y = classes.encode(table(y=values))
    assert y.sum(axis=1).tolist() == [1] * 4
    back = classes.decode(y)
    assert back.tolist() == list(values)
    assert back.dtype == np.array(labels).dtype
    assert classes.decode(np.empty((0, 2))).dtype == back.dtype


def test_the_largest_output_is_the_class() -> None:
    classes = Classes("y", ("a", "b", "c"))
    outputs = np.array([[0.1, 0.3, 0.2], [-1, -2, -3], [0, 0, 9]])
    assert classes.decode(outputs).tolist() == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "a"], "rows: the target 'y' is 'a' in every row"),
        ([1, 1], "rows: the target 'y' is 1 in every row"),
        (["a", "a", "b"], "rows, row 7, column 'y': the class 'b' has this row alone"),
        ([f"v{i // 2}" for i in range(202)], "has 101 different values: expected at most 100"),
        (["a", None, "a"], "rows, row 6, column 'y': the value is missing"),
        ([1.0, np.inf, 1.0], "rows, row 6, column 'y': inf is not finite"),
        ([np.datetime64("2024-01-01")] * 2, "rows: the target 'y' holds dates"),
    ],
)
def test_no_classes(values: Any, message: str) -> None:
    with pytest.raises(ValueError, match="rows") as caught:
        find_classes(table(5, y=values), "y")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "values", "message"),
    [
        (("a", "b"), ["a", "c"], "row 1, column 'y': the class 'c' was not seen in training"),
        (("a", "b"), [1, 2], "row 0, column 'y': the class 1 was not seen"),
        ((1, 2), ["1", "2"], "row 0, column 'y': the class '1' was not seen"),
        ((0, 1), [False, True], "row 0, column 'y': the class False was not seen"),
        ((False, True), [0, 1], "row 0, column 'y': the class 0 was not seen"),
        ((False, True), [True, None], "row 1, column 'y': the value is missing"),
    ],
)
def test_labels_that_were_not_seen(labels: Any, values: Any, message: str) -> None:
    with pytest.raises(ValueError, match="row") as caught:
        Classes("y", labels).encode(table(y=values))
    assert message in str(caught.value)


def test_a_word_among_booleans_of_a_file_is_no_class() -> None:
    from minimlp.tables.column import Column

    rows = Table("f", {"y": Column("boolean", ["true", "maybe"])}, np.array([1, 2]))
    with pytest.raises(ValueError, match="f, row 2, column 'y': the class 'maybe' was not seen"):
        Classes("y", (False, True)).encode(rows)


def test_quantities_by_hand() -> None:
    found = find_quantities(table(y=[1, 3], z=[0.5, 1.5]), ["z", "y"])
    assert found == Quantities(("z", "y"), (1, 2), (0.5, 1))
    y = found.encode(table(y=[2, 4], z=[1.0, 0.0]))
    assert y.tolist() == [[0, 0], [-2, 2]]
    assert found.decode(y).tolist() == [[1, 2], [0, 4]]
    one = Quantities(("y",), (2.0,), (0.5,))
    assert one.decode(np.array([[1.0], [-2.0]])).tolist() == [2.5, 1.0]
    assert one.decode(np.empty((0, 1))).shape == (0,)
    assert found.decode(np.empty((0, 2))).shape == (0, 2)


def test_large_numbers_have_a_scale_too() -> None:
    found = find_quantities(table(y=[1e300, 3e300]), ["y"])
    np.testing.assert_allclose([*found.mean, *found.scale], [2e300, 1e300])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([2.5, 2.5], "rows: the target 'y' is 2.5 in every row"),
        (["a", "b"], "rows, row 5, column 'y': 'a' is text: a regression needs"),
        ([True, False], "rows, row 5, column 'y': 'true' is boolean"),
        ([1.0, None], "rows, row 6, column 'y': the value is missing"),
        ([1.0, -np.inf], "rows, row 6, column 'y': -inf is not finite"),
    ],
)
def test_no_quantities(values: Any, message: str) -> None:
    with pytest.raises(ValueError, match="rows") as caught:
        find_quantities(table(5, y=values), ["y"])
    assert message in str(caught.value)


@pytest.mark.parametrize("options", [{"target": "x"}, {"target": "y", "categorical": "x"}])
def test_numbers_too_large_to_be_names(options: Any) -> None:
    rows = {"x": [5, 2**53 + 3] * 5, "y": ["a", "b"] * 5}
    with pytest.raises(ValueError, match=r"row 1, column 'x'.*2\^53"):
        TableModel.fit(rows, epochs=1, seed=0, **options)
