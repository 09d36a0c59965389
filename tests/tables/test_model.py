"""A table's model: every kind of rows, one file, predictions in labels and units."""

import gzip
import json
import re
import subprocess
import sys

import numpy as np
import pandas
import polars
import pytest

from minimlp import Sequential, TableModel

FAST = {"epochs": 3, "seed": 0}
N = 60
RNG = np.random.default_rng(0)
ROWS = {
    "age": RNG.integers(18, 80, N).tolist(),
    "weight": RNG.normal(70, 9, N).round(2).tolist(),
    "city": RNG.choice(["Bern", "Lyon", "Oslo"], N).tolist(),
    "member": RNG.choice([True, False], N).tolist(),
    "kind": (["a", "b", "c"] * 20),
    "level": [1, 2, 5] * 20,
    "paid": RNG.normal(size=N).tolist(),
}
FEATURES = ["age", "weight", "city", "member"]


def given(origin, path):
    """The same table in another form."""
    frame = polars.DataFrame(ROWS)
    if origin == "polars":
        return frame
    if origin == "pandas":
        return pandas.DataFrame(ROWS, index=range(100, 100 + N))
    if origin == "dicts":
        return [dict(zip(ROWS, row, strict=True)) for row in zip(*ROWS.values(), strict=True)]
    if origin == "dict":
        return ROWS
    if origin == "parquet":
        frame.write_parquet(path)
    elif origin == "gzip":
        path.write_bytes(gzip.compress(frame.write_csv(separator=";").encode()))
    else:
        frame.write_csv(path, separator="\t" if origin == "tsv" else ",")
    return path


@pytest.mark.parametrize(
    "origin", ["polars", "pandas", "dicts", "dict", "csv", "tsv", "gzip", "parquet"]
)
@pytest.mark.parametrize("target", ["kind", "level", "member", "paid"])
def test_every_kind_of_rows_gives_the_same_model(origin, target, tmp_path):
    rows = given(origin, tmp_path / "table")
    one = TableModel.fit(ROWS, target, **FAST)
    two = TableModel.fit(rows, target, **FAST)
    assert one.features == two.features
    assert one.target == two.target
    np.testing.assert_array_equal(one.model.parameters, two.model.parameters)
    np.testing.assert_array_equal(one.predict(ROWS), two.predict(rows))
    assert one.evaluate(ROWS) == two.evaluate(rows)


@pytest.mark.parametrize(
    ("target", "labels"),
    [("kind", ("a", "b", "c")), ("level", (1, 2, 5)), ("member", (False, True))],
)
def test_labels_come_back_as_they_were(target, labels):
    model = TableModel.fit(ROWS, target, **FAST)
    assert model.task == "classification"
    assert model.classes == labels
    predicted = model.predict(ROWS)
    assert predicted.dtype == np.array(labels).dtype
    scores = model.predict_scores(ROWS)
    assert scores.shape == (N, len(labels))
    assert predicted.tolist() == [labels[k] for k in scores.argmax(axis=1)]


def test_quantities_have_their_units():
    rows = {"x": np.linspace(0, 1, 50), "y": 1e6 + 1e3 * np.linspace(0, 1, 50)}
    model = TableModel.fit(rows, "y", seed=0)
    np.testing.assert_allclose(model.predict(rows), rows["y"], atol=60)
    error = model.predict(rows) - rows["y"]
    figures = model.evaluate(rows)
    assert figures["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)))
    assert figures["mae"] == pytest.approx(np.mean(np.abs(error)))
    assert figures["r2"] == pytest.approx(1 - np.mean(error**2) / np.var(rows["y"]))
    with pytest.raises(TypeError, match="scores are for classes"):
        model.predict_scores(rows)


def test_several_targets():
    model = TableModel.fit(ROWS, ["paid", "weight"], **FAST)
    assert model.predict(ROWS).shape == (N, 2)
    assert list(model.evaluate(ROWS)) == ["paid", "weight"]
    with pytest.raises(ValueError, match="numbers"):
        TableModel.fit(ROWS, ["paid", "kind"], **FAST)


def test_columns_are_found_by_name():
    model = TableModel.fit({name: ROWS[name] for name in [*FEATURES, "kind"]}, "kind", **FAST)
    assert model.columns == tuple(FEATURES)
    expected = model.predict_scores(ROWS)
    turned = {name: ROWS[name] for name in reversed(FEATURES)}
    np.testing.assert_array_equal(model.predict_scores({"junk": [[], 1], **turned}), expected)
    del turned["city"]
    with pytest.raises(ValueError, match="no column 'city'"):
        model.predict(turned)


def test_no_rows_give_no_predictions():
    model = TableModel.fit(ROWS, "kind", **FAST)
    nothing = {name: [] for name in ROWS}
    assert model.predict(nothing).shape == (0,)
    assert model.predict([]).dtype == model.predict(ROWS).dtype
    assert model.predict_scores(nothing).shape == model.predict_scores([]).shape == (0, 3)
    assert TableModel.fit(ROWS, ["paid", "age"], **FAST).predict(nothing).shape == (0, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"city": "Rome"}, "row 1, column 'city': 'Rome' was not seen"),
        ({"city": None}, "row 1, column 'city': the value is missing"),
        ({"age": float("nan")}, "row 1, column 'age': the value is missing"),
        ({"age": float("inf")}, "row 1, column 'age': inf is not finite"),
    ],
)
def test_what_it_cannot_know_is_named(change, words):
    model = TableModel.fit(ROWS, "kind", **FAST)
    rows = {name: values[:3] for name, values in ROWS.items()}
    for name, value in change.items():
        rows[name] = [rows[name][0], value, rows[name][2]]
    with pytest.raises(ValueError, match=words):
        model.predict(rows)
    if None in change.values():
        assert len(model.predict(rows, drop_missing=True)) == 2


def test_numbers_that_turned_to_text_are_named():
    model = TableModel.fit(ROWS, "kind", **FAST)
    with pytest.raises(ValueError, match=r"column 'age'.*numbers in training"):
        model.predict({**ROWS, "age": ["old"] * N})


@pytest.mark.parametrize("target", ["kind", "member", "level", ["paid", "age"]])
def test_a_file_holds_all_of_it(target, tmp_path):
    model = TableModel.fit(ROWS, target, **FAST)
    model.metadata["note"] = "kept"
    model.save(tmp_path / "model.npz")
    again = TableModel.load(tmp_path / "model.npz")
    assert (again.features, again.target) == (model.features, model.target)
    assert again.metadata == model.metadata
    np.testing.assert_array_equal(again.predict(ROWS), model.predict(ROWS))
    network = Sequential.load(tmp_path / "model.npz")
    np.testing.assert_array_equal(network.parameters, model.model.parameters)


def test_a_dict_is_predicted_without_polars(tmp_path):
    model = TableModel.fit(ROWS, "kind", **FAST)
    model.save(tmp_path / "model.npz")
    row = {name: ROWS[name][:1] for name in ROWS}
    program = (
        "import sys; sys.modules['polars'] = sys.modules['pandas'] = None\n"
        "from minimlp import TableModel\n"
        f"print(TableModel.load('model.npz').predict({row!r})[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == model.predict(row)[0]


def test_a_network_alone_is_no_table_model(tmp_path):
    TableModel.fit(ROWS, "kind", **FAST).model.save(tmp_path / "model.npz")
    with pytest.raises(ValueError, match="model of no table"):
        TableModel.load(tmp_path / "model.npz")


def test_a_file_without_rows_gives_no_predictions(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(",".join(ROWS) + "\n")
    assert TableModel.fit(ROWS, "paid", **FAST).predict(path).shape == (0,)
    with pytest.raises(ValueError, match="has no rows to measure"):
        TableModel.fit(ROWS, "paid", **FAST).evaluate(path)


def test_columns_that_are_not_needed_may_hold_anything():
    model = TableModel.fit({name: ROWS[name] for name in [*FEATURES, "kind"]}, "kind", **FAST)
    rows = {**ROWS, "scalar": 1, "short": [1], "lists": [[1]] * N, "objects": [object()] * N}
    np.testing.assert_array_equal(model.predict(rows), model.predict(ROWS))


def test_booleans_of_a_file_are_labels_and_other_words_are_none(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,y\n" + "".join(f"{i},{'True' if i > 5 else 'false'}\n" for i in range(12)))
    model = TableModel.fit(path, "y", seed=0)
    assert model.classes == (False, True)
    assert model.predict({"x": [0, 11]}).tolist() == [False, True]
    path.write_text("y,x\ntrue,11\nmaybe,0\n")
    with pytest.raises(ValueError, match="row 2, column 'y': the class 'maybe' was not seen"):
        model.evaluate(path)


def test_the_callers_data_stay_as_they_are():
    frame = pandas.DataFrame(ROWS)
    before = frame.copy(deep=True)
    model = TableModel.fit(frame, "paid", **FAST)
    model.predict(frame)
    model.evaluate(frame)
    pandas.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("table", [None, [], "text", {}, {"features": []}, {"features": 1}])
def test_a_crafted_description_is_refused_with_the_files_name(table, tmp_path):
    path = tmp_path / "model.npz"
    TableModel.fit(ROWS, "kind", **FAST).save(path)
    with np.load(path) as archive:
        members = dict(archive)
    header = json.loads(members["header"].tobytes())
    header["table"] = table
    members["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    np.savez(path, **members)
    with pytest.raises(ValueError, match=re.escape(str(path))):
        TableModel.load(path)
    assert Sequential.load(path).parameters.size
