"""``minimlp predict``: classes, scores and values by name, kept columns, whole files or none."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from minimlp import TableModel
from minimlp.cli import main

COLUMNS = ["length", "width", "colour", "wild"]
SCORES = ["score_ash", "score_elm", "score_oak"]


def predict(capsys, *options):
    """Predict to standard output, and give the rows and what was noted."""
    assert main(["predict", *options]) == 0
    out, err = capsys.readouterr()
    return list(csv.reader(io.StringIO(out))), err


def write(name, rows):
    with open(name, "w", newline="") as file:
        csv.writer(file).writerows(rows)
    return name


@pytest.fixture
def long(tmp_path):
    """Give a table of more than three pieces, and the same with a colour unknown near the end."""
    rows = 200_000
    columns = {"length": np.linspace(4, 9, rows), "width": np.ones(rows)}
    frame = pl.DataFrame({**columns, "colour": ["red"] * rows, "wild": [True] * rows})
    frame.write_parquet("long.parquet")
    odd = pl.Series("colour", ["red"] * (rows - 9) + ["mauve"] + ["red"] * 8)
    frame.with_columns(odd).write_parquet("odd.parquet")


def test_classes_and_scores(classifier, table, capsys):
    (head, *rows), err = predict(capsys, classifier, table)
    assert head == ["predicted_kind", *SCORES]
    assert err == "minimlp: note: columns not used: id, kind, mass\n"
    model = TableModel.load(f"{classifier}/model.npz")
    assert [row[0] for row in rows] == model.predict(table).tolist()
    assert np.array_equal(np.array([row[1:] for row in rows], float), model.predict_scores(table))


def test_values(regressor, two, table, capsys):
    for run, names in ((regressor, ["mass"]), (two, ["mass", "length"])):
        (head, *rows), _ = predict(capsys, f"{run}/model.npz", table)
        assert head == [f"predicted_{name}" for name in names]
        expected = TableModel.load(f"{run}/model.npz").predict(table).reshape(60, -1)
        assert np.array_equal(np.array(rows, float), expected)


def test_the_order_of_columns_does_not_matter(classifier, table, capsys):
    frame = pl.read_csv(table, infer_schema=False)
    frame.select(*reversed(COLUMNS)).write_csv("turned.csv")
    rows, err = predict(capsys, classifier, "turned.csv")
    assert err == ""
    assert rows == predict(capsys, classifier, table)[0]


@pytest.mark.parametrize("name", ["out.csv", "out.tsv", "out.parquet", "out.PARQUET"])
def test_files(name, classifier, table, capsys):
    printed, _ = predict(capsys, classifier, table, "--keep", "id")
    assert main(["predict", classifier, table, "--keep", "id", "-o", name]) == 0
    assert capsys.readouterr().out == ""
    if "." + name.split(".")[1].lower() == ".parquet":
        frame = pl.read_parquet(name)
        assert frame.columns == printed[0]
        assert frame["predicted_kind"].to_list() == [row[1] for row in printed[1:]]
        assert frame["score_elm"].dtype == pl.Float64
    else:
        with open(name, newline="") as file:
            between = "\t" if name.endswith("tsv") else ","
            assert list(csv.reader(file, delimiter=between)) == printed


def test_kept_text_comes_through(classifier, table, capsys):
    head, *rows = csv.reader(Path(table).read_text().splitlines())
    notes = ['says "hi"', "a,b", "two\nlines", " spaced ", "", "é\t=1+1"]
    rows = [[*row, notes[k % 6]] for k, row in enumerate(rows)]
    rows[7][1] = ""  # lacks its length
    write("noted.csv", [[*head, "note"], *rows])
    options = ["--keep", "note", "--keep", "id", "--keep", "kind", "--drop-missing"]
    (head, *found), err = predict(capsys, classifier, "noted.csv", *options)
    assert head == ["note", "id", "kind", "predicted_kind", *SCORES]
    del rows[7]
    assert [row[:3] for row in found] == [[row[7], row[0], row[5]] for row in rows]
    assert "1 row left out for want of a value" in err
    model = TableModel.load(f"{classifier}/model.npz")
    assert [row[3] for row in found] == model.predict("noted.csv", drop_missing=True).tolist()


def test_columns_named_like_predictions(classifier, table, fails, capsys):
    frame = pl.read_csv(table, infer_schema=False)
    for name in ("score_ash", "predicted_kind"):
        frame.with_columns(pl.lit("x").alias(name)).write_csv("odd.csv")
        fails(["predict", classifier, "odd.csv", "--keep", name], f"--keep {name}")
        assert predict(capsys, classifier, "odd.csv")[0] == predict(capsys, classifier, table)[0]
    frame.with_columns(pl.lit("x").alias("score_x")).write_csv("odd.csv")
    rows, _ = predict(capsys, classifier, "odd.csv", "--keep", "score_x")
    assert {row[0] for row in rows[1:]} == {"x"}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_no_rows_give_a_header(kind, classifier, regressor, table, capsys):
    frame = pl.read_csv(table).clear()
    frame.write_parquet("none.parquet")
    frame.write_csv("none.csv")
    for run, head in ((classifier, ["predicted_kind", *SCORES]), (regressor, ["predicted_mass"])):
        rows, _ = predict(capsys, run, f"none.{kind}", "--keep", "id")
        assert rows == [["id", *head]]
        assert main(["predict", run, f"none.{kind}", "-o", "none-out.parquet", "--overwrite"]) == 0
        assert pl.read_parquet("none-out.parquet").shape == (0, len(head))


def test_every_row_lacks_a_value(classifier, capsys):
    write("holes.csv", [COLUMNS, ["", "1", "red", "true"], ["1", "NA", "red", "true"]])
    rows, err = predict(capsys, classifier, "holes.csv", "--drop-missing")
    assert rows == [["predicted_kind", *SCORES]]
    assert "2 rows left out" in err


def test_what_exists_is_not_touched(classifier, table, fails, capsys):
    write("mine.csv", [["precious"]])
    os.mkdir("folder")
    arguments = ["predict", classifier, table, "-o", "mine.csv"]
    fails(arguments, "mine.csv already exists", "--overwrite")
    for name in ("folder", "", "out.xlsx", "out", "out.csv.gz"):
        fails(["predict", classifier, table, "-o", name, "--overwrite"], "--output", name)
    fails(["predict", classifier, table, "-o", "no/such.csv"], "no/such.csv: No such file")
    write("odd.csv", [COLUMNS, ["5", "3", "mauve", "true"]])
    options = ["predict", classifier, "odd.csv", "-o", "mine.csv", "--overwrite"]
    fails(options, "odd.csv, row 1, column 'colour'", "mauve")
    assert Path("mine.csv").read_text() == "precious\n"
    assert main([*arguments, "--overwrite"]) == 0
    assert Path("mine.csv").read_text().startswith("predicted_kind")


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_fault_late_in_a_long_table_leaves_nothing(name, classifier, long, fails):
    place = "odd.parquet, row 199,992, column 'colour'", "odd.parquet, row 199992, column 'colour'"
    err = fails(["predict", classifier, "odd.parquet", "-o", name], "mauve", "not seen in training")
    assert any(words in err for words in place)


def test_a_long_table_in_pieces(classifier, long, capsys):
    assert main(["predict", classifier, "long.parquet", "-o", "o.parquet", "--keep", "length"]) == 0
    frame = pl.read_parquet("o.parquet")
    assert np.array_equal(frame["length"], np.linspace(4, 9, 200_000))
    assert frame["predicted_kind"].to_list() == (
        TableModel.load(f"{classifier}/model.npz").predict("long.parquet").tolist()
    )


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_ctrl_c_leaves_nothing(name, classifier, long, fails, monkeypatch):
    outputs, calls = TableModel.outputs, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return outputs(*arguments)

    monkeypatch.setattr(TableModel, "outputs", interrupted)
    fails(["predict", classifier, "long.parquet", "-o", name], "interrupted", status=130)


def test_lists_are_kept_in_parquet_alone(classifier, table, fails):
    frame = pl.read_csv(table).with_columns(pl.lit([1, 2]).alias("pair"))
    frame.write_parquet("lists.parquet")
    arguments = ["predict", classifier, "lists.parquet", "--keep", "pair", "-o"]
    fails([*arguments, "out.csv"], "write .parquet")
    assert main([*arguments, "out.parquet"]) == 0
    assert pl.read_parquet("out.parquet")["pair"][0].to_list() == [1, 2]


def command(*arguments, **keywords):
    typed = [sys.executable, "-m", "minimlp", *arguments]
    return subprocess.Popen(typed, stderr=subprocess.PIPE, **keywords)


def test_from_pipe_to_pipe(classifier, table, capsys):
    with open(table, "rb") as file:
        process = command("predict", classifier, "-", stdin=file, stdout=subprocess.PIPE)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err.count(b"\n")) == (0, 1)
    rows, _ = predict(capsys, classifier, table)
    assert list(csv.reader(io.StringIO(out.decode()))) == rows


@pytest.mark.skipif(os.name != "posix", reason="pipes as on POSIX")
def test_a_reader_that_has_seen_enough(classifier, long):
    process = command("predict", classifier, "long.parquet", stdout=subprocess.PIPE)
    assert process.stdout.readline().startswith(b"predicted_kind,")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 2
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk(classifier, table):
    with open("/dev/full", "wb") as full:
        process = command("predict", classifier, table, stdout=full)
        err = process.communicate(timeout=60)[1]
    assert (process.returncode, err) == (2, b"minimlp: error: No space left on device\n")


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_while_waiting_for_input(classifier, tmp_path):
    process = command("predict", classifier, "-", "-o", "out.csv", stdin=subprocess.PIPE)
    process.stdin.write(b"length,width,colour,wild\n")
    process.stdin.flush()
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=60)[1]
    assert (process.returncode, err) == (130, b"minimlp: error: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_number_too_large_to_calculate_with(classifier, regressor, lines, fails):
    rows = [line.split(",") for line in lines]
    rows[1][2] = "1.7e308"
    write("large.csv", rows)
    for model in (classifier, regressor):
        for command in ("predict", "evaluate"):
            fails([command, model, "large.csv"], "large.csv: a number is too large for the model")
