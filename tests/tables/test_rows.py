"""The door for tables: names, lengths and origins are checked, what is not wanted is not read."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from minimlp.tables.rows import need_columns, open_rows
from minimlp.tables.table import Table

DATA = {"n": [1.5, 2.5, 3.5], "t": ["a", "b", None], "b": [True, False, True]}


def whole(rows: Any, columns: Any = ("n", "t", "b")) -> Table:
    with open_rows(rows) as opened:
        need_columns(opened, columns)
        return opened.whole(columns, ())


@pytest.mark.parametrize(
    "rows",
    [
        DATA,
        pl.DataFrame(DATA),
        pd.DataFrame(DATA, index=[5, 5, 9]),
        pd.DataFrame(DATA).convert_dtypes(),
        pd.DataFrame(DATA).astype({"t": "category"}),
        [dict(zip(DATA, row, strict=True)) for row in zip(*DATA.values(), strict=True)],
        ({"n": 1.5, "t": "a", "b": True}, {"b": False, "t": "b", "n": 2.5}, {"n": 3.5, "b": True}),
        {"n": np.array(DATA["n"]), "t": pd.Series(DATA["t"]), "b": pl.Series(DATA["b"])},
    ],
)
def test_every_origin_is_the_same_table(rows: Any) -> None:
    table = whole(rows)
    assert {name: column.kind for name, column in table.columns.items()} == {
        "n": "number",
        "t": "text",
        "b": "boolean",
    }
    assert np.array_equal(table.columns["n"].values, [1.5, 2.5, 3.5])
    assert table.columns["t"].values == ["a", "b", None]
    assert table.columns["b"].values == ["true", "false", "true"]
    assert table.place(2, "t") == "rows, row 2, column 't'"


def test_files_count_rows_from_one(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    pl.DataFrame(DATA).write_csv(path)
    table = whole(path)
    assert table.columns["t"].values == ["a", "b", None]
    assert table.place(2, "t") == f"{path}, row 3, column 't'"
    assert table.only_complete().numbers.tolist() == [1, 2]
    assert whole(DATA).only_complete().take(np.array([1])).place(0, "t") == (
        "rows, row 1, column 't'"
    )


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pieces_are_the_whole(tmp_path: Any, monkeypatch: Any, size: int) -> None:
    pl.DataFrame(DATA).write_parquet(tmp_path / "p")
    (tmp_path / "c").write_text("n,t,b\n1.5,a,true\n\n2.5,b,false\n3.5,,true")
    monkeypatch.setattr("minimlp.tables.rows._PIECE", size)
    monkeypatch.setattr("minimlp.tables.files._ROWS", size)
    monkeypatch.setattr("minimlp.tables.blocks._BLOCK", size)
    for rows in (DATA, tmp_path / "p", tmp_path / "c"):
        with open_rows(rows) as opened:
            pieces = list(opened.pieces({"b": "boolean", "n": "number", "t": "text"}))
        words = [word for piece in pieces for word in piece.columns["t"].words()]
        assert words == ["a", "b", None]
        assert [x for piece in pieces for x in piece.columns["n"].values] == DATA["n"]
        first = 0 if rows is DATA else 1
        numbers = [x for piece in pieces for x in piece.numbers.tolist()]
        assert numbers == [first, first + 1, first + 2]


def test_what_is_not_wanted_may_be_broken() -> None:
    broken = {**DATA, "x": 5, "y": [1], "z": [[1], [2, 3]], "m": [1, "a", None]}
    assert len(whole(broken)) == 3
    assert len(whole(pl.DataFrame(DATA).with_columns(z=pl.lit([1]).implode()))) == 3


def test_the_callers_data_stay_as_they_are() -> None:
    array = np.array([3.0, np.nan, 1.0])
    frame, data = pd.DataFrame(DATA), {"n": array, "t": list("abc"), "b": [True] * 3}
    before = frame.copy(deep=True)
    whole(frame)
    table = whole(data)
    values = table.columns["n"].values
    assert isinstance(values, np.ndarray)
    values[:] = 0
    pd.testing.assert_frame_equal(frame, before)
    np.testing.assert_array_equal(array, [3, np.nan, 1])
    assert data["t"] == list("abc")


@pytest.mark.parametrize(
    "rows",
    [None, 5, np.ones((2, 2)), [[1, 2]], [{"n": 1}, 2], b"bytes", {1, 2}, pd.Series([1]),
     pl.Series([1]), pl.LazyFrame(DATA), iter([{"n": 1}])],
)  # fmt: skip
def test_no_rows_at_all(rows: Any) -> None:
    with pytest.raises(TypeError, match=f"rows is a {type(rows).__name__}: expected a path"):
        whole(rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({**DATA, "t": ["a"]}, "columns have different lengths: 'n' has 3, 't' has 1"),
        ({"n": [], "t": [], "b": []}, "rows has columns and no rows"),
        (pl.DataFrame(DATA).clear(), "rows has columns and no rows"),
        ([], "rows has columns and no rows"),
        ({}, "rows has no columns, 'n' is needed"),
        ({" ": [1]}, "rows has a column without a name, number 0"),
        ({1: [1], "1": [2]}, "rows has two columns named '1'"),
        ([{1: 1, "1": 2}], "rows has two columns named '1'"),
        (pd.DataFrame([[1, 2]], columns=["n", "n"]), "rows has two columns named 'n'"),
        ({"N": [1]}, "rows has no column 'n': did you mean 'N'"),
        ({"other": [1]}, "rows has no column 'n': there are 'other'"),
        ({f"c_{i}_": [1] for i in range(25)}, "and 5 more"),
    ],
)
def test_refused(rows: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r"rows|columns") as caught:
        whole(rows)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_near_names_are_offered() -> None:
    with open_rows({"bill_length": [1], "bill_depth": [2], "year": [3]}) as opened:
        with pytest.raises(ValueError, match="did you mean 'bill_length'"):
            need_columns(opened, ["bil_lenght"])
        need_columns(opened, ["year", "bill_depth"])


def test_an_empty_list_has_no_rows_of_any_column() -> None:
    with open_rows([]) as opened:
        need_columns(opened, ["any"])
        assert [len(piece) for piece in opened.pieces({"any": "number"})] == [0]


def test_types_of_parquet_that_are_no_column(tmp_path: Any) -> None:
    path = tmp_path / "p"
    pl.DataFrame({"n": [[1], [2]], "t": ["a", "b"]}).write_parquet(path)
    assert len(whole(path, ["t"])) == 2
    with pytest.raises(TypeError, match="column 'n' holds a list"):
        whole(path, ["n"])
