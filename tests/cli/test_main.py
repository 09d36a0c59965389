"""The command as such: help, version, and one line for everything typed wrong."""

import os
import subprocess
import sys

import pytest

import minimlp
from minimlp.cli import main


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_alone_it_prints_help(capsys):
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert "train" in out
    assert "info" in out
    assert err == ""


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"minimlp {minimlp.__version__}\n"


@pytest.mark.parametrize("command", ["train", "predict", "evaluate", "info", "explain"])
def test_help_has_examples(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    out, err = capsys.readouterr()
    assert f"examples:\n  minimlp {command}" in out
    assert err == ""
    assert out.count("\n") <= 60  # a screen
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("trian", ["trian", "train", "info"]),
        ("--nonsense", ["--nonsense"]),
        ("train --two\nlines", ["--two lines"]),
        ("train --nonsense", ["--nonsense"]),
        ("train --epoch 3", ["--epoch"]),
        ("train digits.csv --target x", ["digits.csv: No such file"]),
        ("train a.csv b.csv --target x", ["b.csv", "train"]),
        ("train --target x", ["--target", "table"]),
        ("train --test 0", ["--test", "table"]),
        ("train --networks 2", ["--networks", "table"]),
        ("train --validation a.csv", ["--validation a.csv", "table"]),
        ("train --validation 0.8", ["0.8", "no rows"]),
        ("train --patience 3 --validation 0", ["--patience", "--validation"]),
        ("train --patience 0", ["--patience", "at least 1"]),
        ("train --momentum 0.5 --optimizer adam", ["--momentum", "sgd or rmsprop", "adam"]),
        ("train --weight-decay 0.5 --optimizer nadam", ["--weight-decay", "adamw", "nadam"]),
        ("train --schedule step --optimizer lbfgs", ["--schedule", "nadam", "lbfgs"]),
        ("train --batch-size 9 --optimizer lbfgs", ["--batch-size", "lbfgs"]),
        ("train --dropout 0.5 --optimizer lbfgs", ["--dropout", "lbfgs"]),
        ("train --label-smoothing 0.1", ["--label-smoothing", "cross-entropy", "mse"]),
        ("train --optimizer adagrad", ["--optimizer", "'adagrad'", "rmsprop"]),
        ("train --schedule linear", ["--schedule", "'linear'", "one-cycle"]),
        ("train --loss hinge", ["--loss", "'hinge'", "cross-entropy"]),
        ("train --dropout 1", ["--dropout", "below 1"]),
        ("train --clip-norm 0", ["clip_norm", "above 0"]),
        ("train --resume nowhere", ["nowhere/run.json: No such file"]),
        ("train --resume .", [". has no run.json"]),
        ("train --resume . --hidden 3", ["--resume", "--hidden"]),
        ("train a.csv --resume .", ["--resume", "data"]),
        ("train --resume . -o b", ["--resume", "--output"]),
        ("train a.csv --target x --test 1.5", ["--test", "below 1", "'1.5'"]),
        ("train a.csv --target x --test nan", ["--test", "below 1", "'nan'"]),
        ("train a.csv --target x --validation=-0.1", ["--validation", "at least 0", "'-0.1'"]),
        ("train a.csv --target x --separator=", ["--separator", "one ASCII character", "''"]),
        ("train a.csv --target x --separator ab", ["--separator", "'ab'"]),
        ("train a.csv --target x --separator é", ["--separator", "'é'"]),
        ('train a.csv --target x --separator "', ["--separator"]),
        ("train a.csv --target x --task guess", ["--task", "'guess'", "regression"]),
        ("train a.csv --target", ["--target"]),
        ("train --hidden 9999999999999999999999 -o a/b", ["dimension"]),
        ("predict", ["MODEL", "DATA"]),
        ("predict model.npz", ["DATA"]),
        ("predict no.npz a.csv", ["no.npz: No such file"]),
        ("predict model.npz a.csv --target x", ["--target"]),
        ("evaluate", ["MODEL", "DATA"]),
        ("evaluate model.npz a.csv b.csv", ["b.csv"]),
        ("info ", ["model.npz: No such file"]),
        ("train --epochs", ["--epochs"]),
        ("train --epochs 0", ["--epochs", "at least 1", "'0'"]),
        ("train --epochs -1", ["--epochs", "'-1'"]),
        ("train --epochs 2.5", ["--epochs", "whole number", "'2.5'"]),
        ("train --epochs True", ["--epochs", "'True'"]),
        ("train --batch-size 0", ["--batch-size", "'0'"]),
        ("train --hidden", ["--hidden"]),
        ("train --hidden 64 0", ["--hidden", "'0'"]),
        ("train --hidden 64 wide", ["--hidden", "'wide'"]),
        ("train --activation swish", ["--activation", "'swish'", "sigmoid", "tanh", "relu"]),
        ("train --dtype int8", ["--dtype", "'int8'", "float32", "float64"]),
        ("train --learning-rate nan", ["--learning-rate", "finite", "'nan'"]),
        ("train --learning-rate inf", ["--learning-rate", "finite", "'inf'"]),
        ("train --learning-rate=-1", ["--learning-rate", "at least 0", "'-1'"]),
        ("train --learning-rate fast", ["--learning-rate", "'fast'"]),
        ("train --momentum 1", ["--momentum", "below 1", "'1'"]),
        ("train --momentum=-0.1", ["--momentum", "at least 0"]),
        ("train --seed=-1", ["--seed", "'-1'"]),
        ("train --overwrite", ["--overwrite", "--output"]),
        ("info", ["MODEL"]),
        ("info a b", ["b"]),
    ],
)
def test_bad_usage_is_one_line_and_status_2(typed, words, capsys, tmp_path):
    assert main(typed.split(" ")) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("minimlp: error: ")
    assert err.count("\n") == 1
    for word in words:
        assert word in err
    assert list(tmp_path.iterdir()) == []


def test_too_large_for_the_memory(capsys, tmp_path):
    assert main(["train", "--hidden", "1000000000000"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("minimlp: error: not enough memory")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_outside_of_training(capsys, monkeypatch, tmp_path):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("minimlp.cli.train_digits._train", interrupted)
    assert main(["train"]) == 130
    assert capsys.readouterr().err == "minimlp: error: interrupted\n"
    assert list(tmp_path.iterdir()) == []


def run(*arguments, **keywords):
    command = [sys.executable, "-m", "minimlp", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **keywords)


def test_as_a_module_from_outside():
    done = run("train", "--epochs", "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("minimlp: error: argument --epochs: ")
    assert done.stderr.count("\n") == 1


def test_a_terminal_without_the_characters():
    assert main(["train", "-q", "--epochs", "1"]) == 0
    done = run("info", "minimlp-run", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_output_that_nobody_can_take(tmp_path):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "minimlp", "train", "-q", "--epochs", "1"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("minimlp: error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="pipes as on POSIX")
def test_a_pipe_that_was_closed(tmp_path):
    read, write = os.pipe()
    os.close(read)
    try:
        command = [sys.executable, "-m", "minimlp", "--version"]
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.skipif(os.name != "posix", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("info missing >&-", 2, "missing: No such file"),
        ("info missing 2>&-", 2, ""),
        ("info missing 2>/dev/full", 2, ""),
        ("--version >&-", 0, ""),
        ("train -q - --target x <&-", 2, "standard input is closed"),
    ],
)
def test_streams_that_are_closed(typed, status, words):
    line = f'"{sys.executable}" -m minimlp {typed}'
    done = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == status
    assert words in done.stderr
    assert done.stderr.count("\n") == bool(words)
