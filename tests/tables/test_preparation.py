"""From a table to parts: nothing is learnt from rows that are held out, and every row is in one."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from minimlp.tables.features import Feature
from minimlp.tables.preparation import prepare, read_part
from minimlp.tables.target import Classes, Quantities

N = 100
ROWS: dict[str, Any] = {
    "id": [float(i) for i in range(N)],
    "t": ["u", "v", "w", "w"] * 25,
    "y": ["a"] * 70 + ["b"] * 20 + ["c"] * 10,
    "q": [i * 0.5 for i in range(N)],
}


def ids(part: Any) -> list[int]:
    return [] if part is None else part.x[:, 0].astype(int).tolist()


def test_parts_by_class_and_all_rows_once() -> None:
    made = prepare(ROWS, "y", drop="q", test=0.2, validation=0.1, seed=0)
    assert made.target == Classes("y", ("a", "b", "c"))
    assert made.counts == {"a": 70, "b": 20, "c": 10}
    assert made.dropped == ("q",)
    assert made.features == (Feature("id", "number", ()), Feature("t", "text", ("u", "v", "w")))
    assert made.test is not None
    assert made.validation is not None
    assert made.test.y.sum(axis=0).tolist() == [14, 4, 2]
    assert made.validation.y.sum(axis=0).tolist() == [7, 2, 1]
    assert made.training.y.sum(axis=0).tolist() == [49, 14, 7]
    together = [*ids(made.training), *ids(made.validation), *ids(made.test)]
    assert sorted(together) == list(range(N))
    for part in (made.training, made.validation, made.test):
        rows = ids(part)
        assert ["abc"[k] for k in part.y.argmax(axis=1)] == [ROWS["y"][row] for row in rows]
        assert ["uvw"[k] for k in part.x[:, 1:].argmax(axis=1)] == [ROWS["t"][row] for row in rows]
    assert made.moved == made.incomplete == 0


def test_the_seed_chooses() -> None:
    def held_out(seed: int) -> list[int]:
        return ids(prepare(ROWS, "y", test=0.2, seed=seed).test)

    assert held_out(1) == held_out(1)
    assert held_out(1) != held_out(2)


def test_quantities_are_learnt_from_training_rows_alone() -> None:
    made = prepare(ROWS, "q", test=0.25, seed=3)
    rows = ids(made.training)
    assert len(rows) == 75
    expected = 0.5 * np.array(rows)
    assert isinstance(made.target, Quantities)
    assert made.target.mean[0] == pytest.approx(expected.mean())
    assert made.target.scale[0] == pytest.approx(expected.std())
    assert made.test is not None
    units = made.test.y[:, 0] * made.target.scale[0] + made.target.mean[0]
    np.testing.assert_allclose(units, 0.5 * np.array(ids(made.test)))
    assert made.counts == {}


def test_values_that_only_held_out_rows_have_let_them_train() -> None:
    for seed in range(5):
        rows = {**ROWS, "rare": ["one" if i == 50 else "many" for i in range(N)]}
        made = prepare(rows, "q", test=0.5, seed=seed)
        assert 50 in ids(made.training)
        assert made.moved in (0, 1)
        assert len(ids(made.test)) == 50 - made.moved
        assert Feature("rare", "text", ("many", "one")) in made.features


def test_a_column_that_varies_in_held_out_rows_alone_is_constant() -> None:
    for seed in range(5):
        made = prepare(ROWS, "q", test=0.3, seed=seed)
        held_out = ids(made.test)[0]
        rows = {**ROWS, "late": [float(i == held_out) for i in range(N)]}
        assert prepare(rows, "q", test=0.3, seed=seed).constant == ("late",)


def test_incomplete_and_constant() -> None:
    rows = {
        "x": [1.0, None, 3.0, 4.0, 5.0, 6.0],
        "t": ["a", "b", None, "a", "b", "b"],
        "k": [2] * 6,
        "junk": [None] * 6,
        "y": [True, False, True, False, True, False],
    }
    made = prepare(rows, "y", drop=["junk"], drop_missing=True)
    assert (made.incomplete, made.constant, len(made.training)) == (2, ("k",), 4)
    assert made.training.x[:, 0].tolist() == [1, 4, 5, 6]
    assert made.validation is made.test is None


def test_rows_of_their_own() -> None:
    own = {"t": ["v", "u"], "id": [7, 8], "y": ["c", "a"], "more": [object(), 1]}
    made = prepare(ROWS, "y", drop="q", validation=own)
    assert len(made.training) == N
    assert made.validation is not None
    assert made.validation.x.tolist() == [[7, 0, 1, 0], [8, 1, 0, 0]]
    assert made.validation.y.tolist() == [[0, 0, 1], [1, 0, 0]]
    part = read_part({**own, "id": [None, 8]}, made.features, made.target, drop_missing=True)
    assert part.x.tolist() == [[8, 1, 0, 0]]
    with pytest.raises(ValueError, match="rows has no rows to measure"):
        read_part([], made.features, made.target)
    with pytest.raises(ValueError, match="rows, row 0, column 'y': the class 'z' was not seen"):
        prepare(ROWS, "y", drop="q", test={**own, "y": ["z", "a"]})


def test_the_callers_data_stay_as_they_are() -> None:
    frame = pd.DataFrame(ROWS)
    before = frame.copy(deep=True)
    array = np.arange(100.0)
    array.setflags(write=False)
    prepare(frame, ["q", "id"], test=0.2, drop_missing=True)
    prepare({**ROWS, "id": array}, "y", test=0.2, drop_missing=True)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "z"}, "rows has no column 'z'"),
        ({"target": "Y"}, "rows has no column 'Y': did you mean 'y'"),
        ({"drop": "none"}, "rows has no column 'none'"),
        ({"categorical": ["none"]}, "rows has no column 'none'"),
        ({"target": []}, "target names no column"),
        ({"target": ["q", "q"]}, "target names a column twice: 'q', 'q'"),
        ({"drop": ["y"]}, "column 'y' is the target and dropped as well"),
        ({"drop": ["t", "id", "q"]}, "no column is left beside the target"),
        ({"target": ["q", "y"]}, "rows, row 0, column 'y': 'a' is text: a regression needs"),
        ({"target": ["q", "y"], "task": "classification"}, "several targets are for regression"),
        ({"task": "regression"}, "'a' is text: a regression needs"),
        ({"target": "id", "task": "classification"}, "row 0, column 'id': the class 0.0 has this"),
        ({"task": "guess"}, "task must be 'classification' or 'regression', got 'guess'"),
        ({"test": 1.0}, "test must be finite and at least 0 and below 1"),
        ({"test": -0.1}, "test must be"),
        ({"test": 0.5, "validation": 0.5}, "leave no rows to train on"),
        ({"rows": {"x": [1, 2], "y": [1.5, 2.5]}, "test": 0.3, "validation": 0.3}, "too few"),
        ({"rows": {"x": [1, 1], "y": [1.5, 2.5]}}, "no column varies from row to row"),
        ({"rows": {"x": [None, 1], "y": [1.5, None]}}, "row 0, column 'x': the value is missing"),
        ({"rows": {"x": [None], "y": [1.5]}, "drop_missing": True}, "every one of 1 rows lacks"),
        ({"rows": {"d": [np.datetime64("2024-01-01")] * 2, "y": [1.5, 2]}}, "'d' holds dates"),
    ],
)
def test_refused(changes: dict[str, Any], message: str) -> None:
    given = {"rows": ROWS, "target": "y", "seed": 0, **changes}
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        prepare(**given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("argument", ["target", "drop", "categorical"])
def test_names_of_another_kind(argument: str) -> None:
    with pytest.raises(TypeError, match=f"{argument} is 5: expected a column's name"):
        prepare(**{"rows": ROWS, "target": "y", argument: 5})


def test_a_file_is_told_by_name_and_row(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,a\n\n2,a\n3,b\nNA,b\n5,b\n6,c\n")
    with pytest.raises(ValueError, match=re.escape(f"{path}, row 4, column 'x': the value is")):
        prepare(path, "y")
    with pytest.raises(ValueError, match=re.escape(f"{path}, row 6, column 'y': the class 'c'")):
        prepare(path, "y", drop_missing=True)
