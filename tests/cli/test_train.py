"""``minimlp train``: the accuracy it promises, the files it leaves, and what it never touches."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from minimlp import Callback, Sequential
from minimlp.cli import main
from minimlp.cli.tasks import digits_task

FILES = ["curves.png", "history.json", "model.npz"]
LEFT = ["checkpoint.npz", *FILES, "run.json"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def accuracy(out):
    return float(re.fullmatch(r"test accuracy (\d\.\d{4})", out.splitlines()[-1]).group(1))


def fails(arguments, capsys, *words):
    """Run a command that must fail, and give its one line."""
    assert main(arguments) == 2
    _, err = capsys.readouterr()
    assert err.startswith("minimlp: error: ")
    assert err.count("\n") == 1
    for word in words:
        assert word in err
    return err


def test_the_accuracy_over_ten_seeds(capsys):
    measured = []
    for seed in range(10):
        assert main(["train", "-q", "--seed", str(seed)]) == 0
        measured.append(accuracy(capsys.readouterr().out))
    assert np.mean(measured) >= 0.975
    assert min(measured) >= 0.955


def test_what_it_prints_and_writes(capsys, tmp_path):
    assert main(["train", "--epochs", "5"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for words in ("1,438 images", "359 images", "never", "64-64-10", "4,810 parameters", "seed 0"):
        assert words in out
    for name in FILES:
        assert f"{os.path.join('minimlp-run', name)}" in out
    assert out.index("curves.png") < out.index("test accuracy")

    folder = tmp_path / "minimlp-run"
    assert names(folder) == LEFT
    history = json.loads((folder / "history.json").read_text())
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert {len(values) for values in history.values()} == {5}
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")

    model = Sequential.load(folder / "model.npz")
    assert repr(model) == (
        "Sequential(Dense(64, 64), Sigmoid(), Dense(64, 10), Sigmoid(), dtype='float32')"
    )
    task = digits_task(0)
    measured = model.evaluate(task.x[task.test], task.y[task.test], metrics="accuracy")
    assert model.metadata["figures"]["test accuracy"] == measured["accuracy"]
    assert history["val_accuracy"][-1] == measured["accuracy"]
    assert round(measured["accuracy"], 4) == accuracy(out)


def test_the_held_out_fifth_is_stratified_and_disjoint():
    task = digits_task(0)
    assert sorted([*task.train, *task.test]) == list(range(1797))
    share = np.bincount(task.y[task.test]) / np.bincount(task.y)
    assert np.all(np.abs(share - 0.2) < 0.01)


def test_quiet_prints_the_accuracy_alone(capsys):
    assert main(["train", "--quiet", "--epochs", "1"]) == 0
    out, err = capsys.readouterr()
    assert re.fullmatch(r"test accuracy \d\.\d{4}\n", out)
    assert err == ""


def test_the_same_seed_gives_the_same_files(tmp_path):
    for name in ("a", "b"):
        assert main(["train", "-q", "--epochs", "2", "--seed", "3", "-o", name]) == 0
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_every_option(tmp_path):
    options = (
        "train --hidden 32 16 --activation tanh --learning-rate 0.5 --momentum 0.5 --epochs 2 "
        "--batch-size 32 --seed 5 --dtype float64 -o here/there"
    )
    assert main(options.split()) == 0
    model = Sequential.load(tmp_path / "here" / "there" / "model.npz")
    assert repr(model) == (
        "Sequential(Dense(64, 32), Tanh(), Dense(32, 16), Tanh(), Dense(16, 10), Sigmoid())"
    )
    assert model.metadata["settings"] == {
        "hidden": [32, 16],
        "activation": "tanh",
        "dtype": "float64",
        "loss": "MSE()",
        "optimizer": "SGD(0.5, momentum=0.5)",
        "epochs": 2,
        "batch size": 32,
        "seed": 5,
    }


def test_the_default_folder_moves_on(tmp_path):
    for _ in range(3):
        assert main(["train", "-q", "--epochs", "1"]) == 0
    assert names(tmp_path) == ["minimlp-run", "minimlp-run-2", "minimlp-run-3"]


def test_a_named_folder_is_kept_unless_told(capsys, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.npz").write_text("precious")
    (tmp_path / "mine" / "notes.txt").write_text("precious too")
    fails(["train", "-q", "-o", "mine"], capsys, "mine", "--overwrite")
    assert (tmp_path / "mine" / "model.npz").read_text() == "precious"

    assert main(["train", "-q", "-o", "mine", "--overwrite", "--epochs", "1"]) == 0
    assert names(tmp_path / "mine") == sorted([*LEFT, "notes.txt"])
    assert (tmp_path / "mine" / "notes.txt").read_text() == "precious too"
    assert Sequential.load(tmp_path / "mine" / "model.npz")


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
def test_a_file_in_the_folders_place(overwrite, capsys, tmp_path):
    (tmp_path / "taken").write_text("a file")
    fails(["train", "-o", "taken", *overwrite], capsys, "taken", "no folder")
    fails(["train", "-o", "taken/below", *overwrite], capsys, "taken")
    assert (tmp_path / "taken").read_text() == "a file"
    assert names(tmp_path) == ["taken"]


def test_overwrite_with_a_new_name_makes_it(tmp_path):
    assert main(["train", "-q", "-o", "new", "--overwrite", "--epochs", "1"]) == 0
    assert names(tmp_path / "new") == LEFT


def test_a_place_that_cannot_be_written_is_found_before_training(capsys, monkeypatch, tmp_path):
    def refused(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", "mine")

    monkeypatch.setattr("minimlp.cli.output.tempfile.TemporaryFile", refused)
    monkeypatch.setattr("minimlp.cli.train_digits._train", lambda *_: pytest.fail("trained"))
    fails(["train", "-o", "deep/mine"], capsys, "mine: Permission denied")
    assert names(tmp_path) == []


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_full_disk(call, capsys, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    fails(["train", "--epochs", "1"], capsys, "run.json", "No space left on device")
    assert names(tmp_path) == []


def test_a_disk_that_is_full_after_the_model(capsys, monkeypatch, tmp_path):
    replace = os.replace

    def full(source, target):
        if "curves" in str(target):
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    fails(["train", "--epochs", "1"], capsys, "curves.png", "No space left on device")
    kept = ["checkpoint.npz", "history.json", "model.npz", "run.json"]
    assert names(tmp_path / "minimlp-run") == kept
    assert Sequential.load(tmp_path / "minimlp-run" / "model.npz")
    monkeypatch.setattr(os, "replace", replace)  # there is room again
    assert main(["train", "--resume", "minimlp-run"]) == 0
    assert names(tmp_path / "minimlp-run") == LEFT


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_training_that_diverges_at_once_leaves_nothing(activation, tmp_path):
    # In a process of its own: pytest would make errors of the warnings.
    options = ["--learning-rate", "1e300", "--activation", activation]
    command = [sys.executable, "-m", "minimlp", "train", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert re.match("minimlp: error: .+ in epoch 1.*the learning rate, 1e.300,", done.stderr)
    assert done.stderr.count("\n") == 1
    assert names(tmp_path) == []


def test_training_that_diverges_where_warnings_are_errors(capsys, tmp_path):
    options = ["train", "--learning-rate", "1e300", "--activation", "relu"]
    assert main(options) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "in epoch 1" in err
    assert names(tmp_path) == []


def test_training_that_diverges_later_keeps_the_last_sound_network(capsys, monkeypatch, tmp_path):
    class Runaway(Callback):
        def on_epoch_end(self, epoch, logs):
            if epoch == 1:
                self.optimizer.learning_rate = 1e300

    monkeypatch.setattr(Sequential, "fit", _with(Runaway(), Sequential.fit))
    assert main(["train", "--activation", "relu"]) == 1
    out, err = capsys.readouterr()
    assert re.search("in epoch 3.*; the network of epoch 2 is kept\n$", err)
    assert err.count("\n") == 1
    assert names(tmp_path / "minimlp-run") == LEFT
    assert accuracy(out) > 0.5


def _with(callback, fit):
    def wrapped(self, *given, callbacks, **named):
        return fit(self, *given, callbacks=[*callbacks, callback], **named)

    return wrapped


def test_without_matplotlib_nothing_is_trained(capsys, monkeypatch, tmp_path):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    fails(["train"], capsys, 'pip install "minimlp[cli]"')
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_keeps_what_was_learnt(tmp_path):
    command = [sys.executable, "-u", "-m", "minimlp", "train", "--epochs", "1000000"]
    training = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not training.stdout.readline().startswith("output"):
        assert training.poll() is None
    time.sleep(1)
    training.send_signal(signal.SIGINT)
    out, err = training.communicate(timeout=60)
    assert (training.returncode, err) == (130, "")
    assert re.search("interrupted (in|after) epoch", out)  # wherever the signal met it
    assert "minimlp train --resume minimlp-run goes on" in out
    assert names(tmp_path / "minimlp-run") == LEFT
    assert accuracy(out) > 0.5
    model = Sequential.load(tmp_path / "minimlp-run" / "model.npz")
    assert re.match("interrupted (in|after) epoch", model.metadata["stopped"])
