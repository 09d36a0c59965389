"""``minimlp train DATA``: the plan, the figures at the end, the files, and every option."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from minimlp import Sequential, TableModel
from minimlp.cli import main
from minimlp.toolbox import LOSSES
from minimlp.training.loop import Loop

FILES = ["curves.png", "history.json", "model.npz", "predictions.png"]
LEFT = [*FILES, "run.json"]


def train(capsys, *options):
    """Run a training that must succeed, and give what it prints."""
    assert main(["train", *options]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_classes(table, capsys, tmp_path):
    options = ["--target", "kind", "--drop", "id", "--drop", "mass", "--epochs", "2"]
    out = train(capsys, table, *options)
    plan, rest = out.split("\n\n", 1)
    said = [line.split() for line in plan.splitlines()]
    assert ["data", "plants.csv"] in said
    assert "rows       train 48, test 12" in plan
    assert ["length", "number"] in said
    assert ["colour", "2", "values:", "blue,", "red"] in said
    assert ["wild", "true", "or", "false"] in said
    assert ["id", "dropped"] in said
    for name in ("ash", "elm", "oak"):
        assert [name, "20"] in said
    for word in ("network", "training", "2 epochs", "seed 0", "minimlp-run"):
        assert word in " ".join(plan.split())
    assert max(map(len, out.splitlines())) <= 80

    figures = rest.index("test: 12 rows")
    for name in FILES:
        assert 0 < rest.index(os.path.join("minimlp-run", name)) < figures
    assert sorted(os.listdir("minimlp-run")) == LEFT
    head, accuracy, balanced, _, *matrix = rest[figures:].splitlines()
    assert head == "test: 12 rows"
    assert re.fullmatch(r"  accuracy +[01]\.\d{4}", accuracy)
    assert re.fullmatch(r"  balanced accuracy +[01]\.\d{4}", balanced)
    assert matrix[0].split() == ["true", "\\", "predicted", "ash", "elm", "oak"]
    counts = [list(map(int, line.split()[1:])) for line in matrix[1:]]
    assert [sum(row) for row in counts] == [4, 4, 4]  # stratified
    right = sum(counts[k][k] for k in range(3))
    assert float(accuracy.split()[-1]) == round(right / 12, 4)
    assert TableModel.load("minimlp-run/model.npz").classes == ("ash", "elm", "oak")
    history = json.loads((tmp_path / "minimlp-run" / "history.json").read_text())
    assert {len(values) for values in history.values()} == {2}
    for name in ("curves.png", "predictions.png"):
        assert (tmp_path / "minimlp-run" / name).read_bytes().startswith(b"\x89PNG")


def test_a_quantity_beside_the_mean(table, capsys):
    out = train(capsys, table, "--target", "mass", "--drop", "id", "--epochs", "2", "-q")
    head, columns, *rows = out.splitlines()
    assert head == "test: 12 rows"
    assert columns.split() == ["model", "always", "the", "training", "mean"]
    assert [row.split()[0] for row in rows] == ["RMSE", "MAE", "R²"]
    own, mean = zip(*(map(float, row.replace(",", "").split()[1:]) for row in rows), strict=True)
    assert 100 < mean[1] <= mean[0] < 10_000  # in the target's units
    assert own[0] < mean[0]
    assert mean[2] <= 0 < own[2] <= 1
    assert len({len(row) for row in [columns, *rows]}) == 1  # aligned


def test_several_quantities(table, capsys):
    options = ["--target", "mass", "--target", "length", "--drop", "id", "--epochs", "1"]
    out = train(capsys, table, *options)
    assert "target     mass, length: regression\n" in out
    rows = [line.split()[0] for line in out.splitlines()[-8:]]
    assert rows == ["mass", "RMSE", "MAE", "R²", "length", "RMSE", "MAE", "R²"]


def test_quiet_prints_the_figures_alone(table, capsys):
    loud = train(capsys, table, "--target", "kind", "--epochs", "1", "--drop", "id")
    quiet = train(capsys, table, "--target", "kind", "--epochs", "1", "--drop", "id", "-q")
    assert loud.endswith("\n\n" + quiet)
    assert quiet.startswith("test: 12 rows\n")


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_task_can_be_told(task, capsys, tmp_path):
    rows = [f"{k},{k % 4}" for k in range(40)]
    (tmp_path / "n.csv").write_text("\n".join(["x,y", *rows]))
    out = train(capsys, "n.csv", "--target", "y", "--epochs", "1")
    assert "y: classification, 4 classes (--task changes that)" in out
    out = train(capsys, "n.csv", "--target", "y", "--epochs", "1", "--task", task)
    assert re.search(rf"y: {task}.* \(as asked\)", out)
    assert ("RMSE" in out) == (task == "regression")


def test_the_same_seed_gives_the_same_files(table, tmp_path):
    options = ["train", table, "--target", "kind", "--drop", "id", "--epochs", "2", "-q"]
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        assert main([*options, "--seed", seed, "--validation", "0.2", "-o", name]) == 0
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    first, other = ((tmp_path / name / "model.npz").read_bytes() for name in "ac")
    assert first != other


def test_shares_of_rows(table, capsys):
    options = [table, "--target", "mass", "--drop", "id", "--epochs", "1"]
    out = train(capsys, *options, "--test", "0.5", "--validation", "0.1")
    assert "rows       train 24, validate 6, test 30\n" in out
    out = train(capsys, *options, "--test", "0")
    assert "rows       train 60\n" in out
    assert "training: 60 rows" in out


def test_files_of_their_own(table, lines, capsys, tmp_path):
    for name, part in (("val.csv", lines[1:13]), ("test.tsv", lines[13:20])):
        text = "\n".join([lines[0], *part])
        (tmp_path / name).write_text(text.replace(",", "\t") if "tsv" in name else text)
    options = [table, "--target", "kind", "--drop", "id", "--drop", "mass", "--epochs", "1"]
    out = train(capsys, *options, "--test", "test.tsv", "--validation", "val.csv")
    assert "rows       train 60, validate 12, test 7\n" in out
    printed = out[out.index("test: 7 rows") :].split("\n", 1)[1]
    assert main(["evaluate", "minimlp-run", "test.tsv"]) == 0  # the same rows, the same figures
    head, again = capsys.readouterr().out.split("\n", 1)
    assert head == "test.tsv: 7 rows"
    assert again == printed


def test_rows_that_lack_a_value(lines, fails, capsys, tmp_path):
    lines[5] = lines[5].replace(",red", ",").replace(",blue", ",")
    (tmp_path / "holes.csv").write_text("\n".join(lines))
    options = ["holes.csv", "--target", "kind", "--drop", "id", "--epochs", "1"]
    fails(["train", *options], "holes.csv, row 5, column 'colour'", "--drop-missing")
    out = train(capsys, *options, "--drop-missing")
    assert "1 row left out for want of a value" in out
    assert "rows       train 47, test 12\n" in out


def test_numbers_as_names_and_a_separator(capsys, tmp_path):
    rows = [f"{1 + k % 3}~{k}.5~{k * k}.25" for k in range(30)]
    (tmp_path / "zone.txt").write_text("\n".join(["zone~x~y", *rows]))
    options = ["--target", "y", "--separator", "~", "--categorical", "zone", "--epochs", "1"]
    out = train(capsys, "zone.txt", *options)
    assert re.search("zone +3 values: 1, 2, 3", out)


def test_parquet_and_standard_input(table, capsys, tmp_path, monkeypatch):
    pl.read_csv(table).write_parquet("plants.parquet")
    options = ["--target", "kind", "--drop", "id", "--epochs", "1", "-q"]
    figures = train(capsys, table, *options)
    assert train(capsys, "plants.parquet", *options) == figures
    with open(table) as file:
        monkeypatch.setattr("sys.stdin", file)
        assert train(capsys, "-", *options) == figures


def test_constant_columns_are_left_out(lines, capsys, tmp_path):
    text = "\n".join([f"{lines[0]},k", *(f"{line},7" for line in lines[1:])])
    (tmp_path / "c.csv").write_text(text)
    out = train(capsys, "c.csv", "--target", "kind", "--drop", "id", "--epochs", "1")
    assert re.search("k +left out, it does not vary", out)


SETTINGS = {
    "hidden": [8, 4],
    "activation": "gelu",
    "networks": 2,
    "dtype": "float32",
    "loss": "cross-entropy",
    "label smoothing": 0.1,
    "optimizer": "sgd",
    "learning rate": 0.02,
    "schedule": "one-cycle",
    "momentum": 0.5,
    "weight decay": 0.001,
    "clip norm": 2.0,
    "dropout": 0.25,
    "l1": 1e-5,
    "epochs": 3,
    "batch size": 7,
    "patience": 2,
    "seed": 9,
}


def test_every_option_of_training(table, capsys):
    options = []
    for name, value in SETTINGS.items():
        values = value if isinstance(value, list) else [value]
        options += ["--" + name.replace(" ", "-"), *map(str, values)]
    columns = ["--target", "kind", "--drop", "id"]
    out = train(capsys, table, *columns, "--l2", "0.002", *options, "-o", "a/b")
    model = TableModel.load("a/b/model.npz")
    assert model.model.dtype == "float32"
    assert "GELU" in repr(model.model)
    assert model.metadata["settings"] == {**SETTINGS, "l2": [0.002]}
    said = " ".join(out[out.index("network ") : out.index("output ")].split())
    for words in (
        "2 networks 7-8-4-3", "gelu", "float32", "cross-entropy, sgd at learning rate 0.02",
        "one-cycle schedule", "momentum 0.5", "clip norm 2", "weight decay 0.001", "dropout 0.25",
        "l1 1e-05", "label smoothing 0.1", "l2 0.002", "at most 3 epochs, no more",
        "than 2 without a better loss, batches of 7, seed 9",
    ):  # fmt: skip
        assert words in said


@pytest.mark.parametrize(("target", "task"), [("kind", "classification"), ("mass", "regression")])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_every_loss(target, task, optimizer, table, capsys):
    columns = [table, "--target", target, "--drop", "id"]
    options = ["--optimizer", optimizer, "--epochs", "30", "--overwrite", "-o", "a"]
    for loss in LOSSES[task]:
        out = train(capsys, *columns, *options, "--loss", loss)
        metadata = TableModel.load("a/model.npz").metadata
        assert metadata["settings"]["loss"] == loss
        assert metadata["settings"]["optimizer"] == optimizer
        assert ("L-BFGS" in out) == (optimizer == "lbfgs")
        figures = metadata["figures"]
        assert figures.get("test accuracy", 0) > 0.8 or figures.get("test r2", 0) > 0.8


@pytest.fixture
def curve():
    """A quantity of two numbers, 400 rows of it, with noise of 0.1."""
    rng = np.random.default_rng(0)
    x, z = rng.uniform(-1, 1, (2, 400))
    y = np.sin(3 * x) + z * z + rng.normal(0, 0.1, 400)
    lines = [f"{a},{b},{c}\n" for a, b, c in zip(x, z, y, strict=True)]
    Path("curve.csv").write_text("x,z,y\n" + "".join(lines))
    return "curve.csv"


def test_small_regressions_take_levenberg_marquardt_and_say_so(curve, capsys):
    out = " ".join(train(capsys, curve, "--target", "y", "-o", "a").split())
    assert "5 networks 2-16-1 side by side, hidden layers tanh" in out
    assert "Levenberg- Marquardt on all rows at once (--optimizer changes that)" in out
    metadata = TableModel.load("a/model.npz").metadata
    assert metadata["settings"]["optimizer"] == "lm"
    assert metadata["figures"]["test r2"] > 0.97
    assert metadata["figures"]["test rmse"] < 0.14
    history = json.loads(Path("a/history.json").read_text())
    assert {"damping", "gradient_norm", "val_loss"} <= set(history)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--optimizer adam --epochs 5", "adam"),
        ("--learning-rate 0.02 --epochs 5", "adam"),
        ("--loss mae --epochs 5", "adam"),
        ("--l1 0.1 --epochs 5", "adam"),
        ("--hidden 50 --epochs 2", "adam"),  # 201 parameters, 320 rows
        ("--hidden 30 --epochs 2", "lm"),
        ("--loss mse --l2 0.01 --epochs 2", "lm"),
        ("--optimizer lm --hidden 50 --epochs 2", "lm"),
        ("--optimizer lm --loss huber --epochs 2", "lm"),
        ("--optimizer br --epochs 2", "br"),
        ("--optimizer br --validation 0.1 --epochs 2", "br"),
    ],
)
def test_the_optimizer_is_chosen_by_the_data_and_what_is_asked_for(
    options, expected, curve, capsys
):
    train(capsys, curve, "--target", "y", "-o", "a", *options.split())
    assert TableModel.load("a/model.npz").metadata["settings"]["optimizer"] == expected


def test_intervals_become_columns_of_predictions(curve, capsys):
    out = train(capsys, curve, "--target", "y", "--intervals", "-o", "a")
    said = re.search(r"95 % intervals hold ([\d.]+)% of the test values", out)
    assert 85 < float(said[1]) <= 100
    assert main(["predict", "a", curve, "-o", "p.csv", "--keep", "y"]) == 0
    assert main(["predict", "a", curve, "-o", "half.csv", "--level", "0.5"]) == 0
    capsys.readouterr()
    header, *rows = Path("p.csv").read_text().splitlines()
    assert header == "y,predicted_y,lower_y,upper_y"
    y, predicted, lower, upper = np.array([row.split(",") for row in rows], float).T
    assert ((lower < predicted) & (predicted < upper)).all()
    assert 0.92 < np.mean((lower < y) & (y < upper)) < 0.98
    half = np.array(
        [row.split(",") for row in Path("half.csv").read_text().splitlines()[1:]], float
    )
    assert (half[:, 2] - half[:, 1] < upper - lower).all()
    model = TableModel.load("a/model.npz")
    found = model.predict_intervals(curve)
    np.testing.assert_allclose(found.lower[:, 0], lower, rtol=1e-9)
    assert found.noise_deviation[0, 0] == pytest.approx(0.1, rel=0.2)
    assert Sequential.load("a/model.npz").parameters.size == model.model.parameters.size


def test_intervals_are_for_single_networks_of_quantities(curve, table, fails):
    fails(["train", curve, "--target", "y", "--intervals", "--networks", "2"], "single network")
    fails(["train", curve, "--target", "y", "--intervals", "--optimizer", "adam"], "optimizer br")
    fails(["train", table, "--target", "kind", "--drop", "id", "--intervals"], "for quantities")
    fails(["train", "--intervals"], "--intervals is for a table")
    fails(["train", "--optimizer", "lm"], "--optimizer lm is for tables")


@pytest.mark.parametrize("optimizer", ["lm", "br"])
def test_levenberg_marquardt_goes_on_with_the_same_bytes(optimizer, curve, capsys, monkeypatch):
    train(capsys, curve, "--target", "y", "-o", "a", "--optimizer", optimizer, "--epochs", "8")
    whole = Path("a/model.npz").read_bytes()
    options = ["--optimizer", optimizer, "--epochs", "8", "-o", "b"]
    close = Loop.close_epoch
    calls = []

    def interrupted(self):
        close(self)
        calls.append(1)
        if len(calls) == 11:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(Loop, "close_epoch", interrupted)
        assert main(["train", curve, "--target", "y", *options]) == 130
    assert main(["train", "--resume", "b"]) == 0
    assert Path("b/model.npz").read_bytes() == whole


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("mass", "--optimizer lm --loss mae", ["--optimizer lm goes with --loss mse or huber"]),
        ("mass", "--optimizer br --l2 0.1", ["--l2 goes with", "not with br"]),
        ("mass", "--optimizer lm --l1 0.1", ["--l1 goes with", "not with lm"]),
        ("kind", "--optimizer lm", ["optimizer lm goes with loss mse or huber"]),
        ("mass", "--loss cross-entropy", ["loss for quantities", "mse, mae, huber"]),
        ("kind", "--loss huber", ["loss for classes", "cross-entropy"]),
        ("mass", "--label-smoothing 0.1", ["label_smoothing is for classes"]),
        ("kind", "--loss mse --label-smoothing 0.1", ["--label-smoothing goes with --loss"]),
        ("kind", "--momentum 0.9", ["--momentum goes with --optimizer sgd or rmsprop", "adam"]),
        ("kind", "--networks 1 --patience 4", ["patience needs rows to judge by"]),
        ("kind", "--optimizer lbfgs --batch-size 4", ["--batch-size", "not with lbfgs"]),
    ],
)
def test_options_that_do_not_go_together(target, options, words, table, fails):
    fails(["train", table, "--target", target, "--drop", "id", *options.split()], *words)


@pytest.mark.parametrize("rate", ["1e200", "1e300"])
@pytest.mark.parametrize("target", ["kind", "mass"])
def test_training_that_diverges_leaves_nothing(rate, target, table, fails):
    options = ["--target", target, "--drop", "id", "--learning-rate", rate, "--activation", "relu"]
    fails(["train", table, *options, "--epochs", "20"], "training diverged", status=1)


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_keeps_what_was_learnt(table, tmp_path):
    options = [table, "--target", "kind", "--drop", "id", "--epochs", "1000000"]
    command = [sys.executable, "-u", "-m", "minimlp", "train", *options]
    training = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not training.stdout.readline().startswith("output"):
        assert training.poll() is None
    time.sleep(0.5)
    training.send_signal(signal.SIGINT)
    out, err = training.communicate(timeout=60)
    assert (training.returncode, err) == (130, "")
    assert re.search("interrupted in network 1 of 15", out)
    assert "minimlp train --resume minimlp-run goes on" in out
    assert sorted(os.listdir("minimlp-run")) == ["checkpoint", *LEFT]
    assert re.match("interrupted", TableModel.load("minimlp-run/model.npz").metadata["stopped"])
