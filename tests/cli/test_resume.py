"""``minimlp train --resume``: a run that was killed ends with the bytes of one that was not."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minimlp.cli import main

FILES = ["curves.png", "history.json", "model.npz"]

needs_posix = pytest.mark.skipif(os.name != "posix", reason="sends signals")


OFTEN = """\
import sys
import minimlp.training.checkpoint
from minimlp.cli import main
minimlp.training.checkpoint.SECONDS, minimlp.training.checkpoint.SHARE = 0.01, 1.0
sys.exit(main(["train", *sys.argv[1:]]))
"""  # a checkpoint every few steps, not every few seconds


def typed(line):
    return line.split()


def start(arguments):
    command = [sys.executable, "-c", OFTEN, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def begin(arguments, file):
    """Start a training, and wait until it has a file of that name."""
    training = start(arguments)
    while not os.path.exists(file):
        assert training.poll() is None, training.communicate()
        time.sleep(0.01)
    return training


def same(a, b, names=FILES):
    for name in names:
        with open(f"{a}/{name}", "rb") as one, open(f"{b}/{name}", "rb") as other:
            assert one.read() == other.read(), name


def killed(arguments, folder, file, seed):
    """Kill a training, and those that go on with it, until one is not."""
    rng, kills = random.Random(seed), 0
    training = begin([*arguments, "-o", folder], f"{folder}/{file}")
    while True:
        try:
            training.wait(timeout=rng.uniform(0.0, 0.5))
        except subprocess.TimeoutExpired:
            training.kill()
            kills += 1
        training.communicate()
        if training.returncode != -signal.SIGKILL:
            break
        if kills > 3:
            assert main(["train", "-q", "--resume", folder]) == 0
            break
        training = start(["-q", "--resume", folder])
    return kills


@needs_posix
def test_digits_that_were_killed(tmp_path):
    options = typed("-q --hidden 16 --epochs 250 --dropout 0.1 --optimizer adam")
    assert main(["train", *options, "-o", "whole"]) == 0
    assert killed(options, "run", "run.json", 0) > 0
    same("run", "whole")


@needs_posix
def test_a_table_that_was_killed(table):
    options = [table, *typed("--target kind --drop id --epochs 300 -q")]
    assert main(["train", *options, "-o", "whole"]) == 0
    assert killed(options, "run", "checkpoint/network-2.npz", 1) > 0
    same("run", "whole", [*FILES, "predictions.png"])
    assert sorted(os.listdir("run")) == sorted([*FILES, "predictions.png", "run.json"])


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_digits_that_were_stopped(number, capsys):
    options = typed("-q --epochs 300 --hidden 16")
    assert main(["train", *options, "-o", "whole"]) == 0
    training = begin([*options, "-o", "run"], "run/run.json")
    time.sleep(0.3)
    training.send_signal(number)
    _, err = training.communicate(timeout=60)
    assert training.returncode == {signal.SIGINT: 130, signal.SIGTERM: -number}[number]
    assert err == ""
    assert os.path.exists("run/checkpoint.npz")
    assert os.path.exists("run/model.npz") == (number == signal.SIGINT)
    assert main(["train", "--resume", "run"]) == 0
    assert "goes on" not in capsys.readouterr().out
    same("run", "whole")


def test_a_finished_run_says_so_and_goes_on_for_longer(capsys):
    assert main(typed("train -q --epochs 4 -o whole")) == 0
    assert main(typed("train -q --epochs 2 -o run")) == 0
    capsys.readouterr()
    before = os.stat("run/model.npz").st_mtime_ns
    assert main(typed("train --resume run")) == 0
    assert "run is finished" in capsys.readouterr().out
    assert os.stat("run/model.npz").st_mtime_ns == before
    assert main(typed("train -q --resume run --epochs 4")) == 0
    same("run", "whole")
    with open("run/run.json") as file:
        assert json.load(file)["options"]["epochs"] == 4


def test_a_finished_table_says_so(table, capsys):
    assert main(["train", table, *typed("--target kind --epochs 1 --drop id -q -o run")]) == 0
    capsys.readouterr()
    assert main(typed("train --resume run")) == 0
    assert "run is finished" in capsys.readouterr().out


def test_more_epochs_where_they_decide(table, fails):
    assert main(typed("train -q --epochs 2 --schedule cosine -o run")) == 0
    fails(typed("train --resume run --epochs 4"), "--epochs", "--schedule cosine")
    assert main(typed("train -q --epochs 3 -o three")) == 0
    fails(typed("train --resume three --epochs 2"), "--epochs 2", "3")
    assert main(["train", table, *typed("--target kind --epochs 1 --drop id -q -o t")]) == 0
    fails(typed("train --resume t --epochs 4"), "--epochs", "table")


def unfinished(folder):
    """Make a run look as if it had been killed just before its end."""
    with open(f"{folder}/run.json") as file:
        record = json.load(file)
    record["finished"] = False
    with open(f"{folder}/run.json", "w") as file:
        json.dump(record, file)
    return record


def kept(monkeypatch):
    monkeypatch.setattr("minimlp.cli.train_table.remove_checkpoints", lambda folder: None)


def test_a_table_that_has_changed(table, lines, fails, tmp_path, monkeypatch):
    kept(monkeypatch)
    options = typed("--target kind --drop id --drop mass --epochs 2 -q -o run")
    assert main(["train", table, *options]) == 0
    unfinished("run")
    lines[1], lines[4] = lines[4], lines[1]
    (tmp_path / "plants.csv").write_text("\n".join(lines))
    fails(typed("train --resume run"), "plants.csv has changed since the run was begun")
    (tmp_path / "plants.csv").unlink()
    fails(typed("train --resume run"), "plants.csv: No such file")


def test_from_another_folder(table, tmp_path, monkeypatch):
    kept(monkeypatch)
    options = typed("--target kind --drop id --test plants.csv --epochs 2 -q -o run")
    assert main(["train", table, *options]) == 0
    before = (tmp_path / "run" / "model.npz").read_bytes()
    unfinished("run")
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    assert main(typed("train -q --resume ../run")) == 0
    assert (tmp_path / "run" / "model.npz").read_bytes() == before


def test_standard_input_cannot_be_read_again(table, fails, monkeypatch):
    with open(table) as file:
        monkeypatch.setattr("sys.stdin", file)
        options = typed("--target kind --drop id --epochs 1 -q -o run")
        assert main(["train", "-", *options]) == 0
    unfinished("run")
    fails(typed("train --resume run"), "run", "standard input")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"options": {"epochs": "many"}}, ["--epochs", "'many'"]),
        ({"options": {"epochs": -1}}, ["--epochs", "'-1'"]),
        ({"options": {"epochs": {}}}, ["epochs is {}"]),
        ({"options": {"output": "/"}}, ["'output'"]),
        ({"options": {"help": True}}, ["'help'"]),
        ({"options": {"hidden": []}}, ["hidden is []"]),
        ({"options": {"optimizer": "os.system"}}, ["--optimizer", "'os.system'"]),
        ({"options": []}, ["damaged"]),
        ({"folder": 3}, ["folder is 3"]),
        ("[" * 100_000, ["damaged"]),
        ("", ["damaged"]),
        ("\x00\x1b", ["damaged"]),
        (" " * 2_000_000, ["too large"]),
        ("9" * 10_000, ["damaged"]),
    ],
)
def test_records_that_cannot_be_used(change, words, fails, tmp_path):
    assert main(typed("train -q --epochs 1 -o run")) == 0
    record = unfinished("run")
    text = change if isinstance(change, str) else json.dumps({**record, **change})
    (tmp_path / "run" / "run.json").write_text(text)
    fails(typed("train --resume run"), "run/run.json", *words)


def test_overwriting_begins_anew(table, tmp_path):
    assert main(typed("train -q --epochs 3 -o run")) == 0
    assert main(typed("train -q --epochs 2 -o two")) == 0
    assert main(typed("train -q --epochs 2 -o run --overwrite")) == 0
    same("run", "two")
    options = typed("--target kind --drop id --epochs 1 -q -o run --overwrite")
    assert main(["train", table, *options]) == 0
    assert not (tmp_path / "run" / "checkpoint.npz").exists()


@pytest.mark.parametrize("hidden", [[5, "-h"], ["5", "--resume", "x"], "5"])
def test_a_record_says_nothing_that_is_no_number_of_units(hidden, table, fails, monkeypatch):
    kept(monkeypatch)
    options = typed("--target kind --drop id --drop mass --epochs 2 -q -o run --hidden 5")
    assert main(["train", table, *options]) == 0
    unfinished("run")
    record = json.loads(Path("run/run.json").read_text())
    record["options"]["hidden"] = hidden
    Path("run/run.json").write_text(json.dumps(record))
    fails(typed("train --resume run"), "run.json is damaged: hidden is")


def test_overwrite_leaves_what_is_not_of_a_run(table, tmp_path):
    (tmp_path / "mine" / "checkpoint").mkdir(parents=True)
    for name in ("checkpoint/my.npz", "checkpoint.npz.mine"):
        (tmp_path / "mine" / name).write_bytes(b"precious")
    options = typed("--target kind --drop id --epochs 1 -q --overwrite -o mine")
    for _ in range(2):
        assert main(["train", table, *options]) == 0
        assert (tmp_path / "mine" / "checkpoint" / "my.npz").read_bytes() == b"precious"


def test_what_a_killed_process_left_is_removed(table, tmp_path):
    options = typed("--target kind --drop id --epochs 1 -q --overwrite -o run")
    assert main(["train", table, *options]) == 0
    expected = sorted(os.listdir("run"))
    (tmp_path / "run" / ".minimlp-0123456789abcdef.tmp").write_bytes(b"half a fi")
    assert main(["train", table, *options]) == 0
    assert sorted(os.listdir("run")) == expected


def test_a_run_that_fails_at_once_leaves_its_name_free(fails, tmp_path):
    rows = ["a,b", "1e300,1.5", "-1e300,2.5", "3,1.25", "4,7.5", "5,3.5", "6,2"]
    (tmp_path / "huge.csv").write_text("\n".join(rows))
    options = typed("train huge.csv --target b -o run --epochs 2 -q")
    fails([*options, "--dtype", "float32"], "column 'a' holds 1e+300", "too large for float32")
    fails([*options, "--hidden", "1000000000000"], "memory")
    assert main(options) == 0
