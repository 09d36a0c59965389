"""``minimlp info``: what a file holds, and one line for every file that is no model."""

import pytest

from minimlp import Dense, Sequential, Sigmoid, TableModel
from minimlp.cli import main


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("typed", ["minimlp-run", "minimlp-run/model.npz"])
def test_a_run_tells_architecture_settings_and_figures(typed, capsys):
    assert main(["train", "-q", "--epochs", "2", "--hidden", "20", "30"]) == 0
    accuracy = float(capsys.readouterr().out.split()[-1])
    assert main(["info", typed]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert Sequential.load("minimlp-run/model.npz").summary() in out
    words = [line.split() for line in out.splitlines()]
    assert ["hidden", "20", "30"] in words
    assert ["loss", "MSE()"] in words
    assert ["optimizer", "SGD(3.0)"] in words
    assert ["epochs", "2"] in words
    assert ["test", "accuracy", f"{accuracy:.4g}"] in words


def test_a_model_saved_by_hand(capsys):
    Sequential(Dense(3, 2), Sigmoid()).save("mine.npz")
    assert main(["info", "mine.npz"]) == 0
    out, _ = capsys.readouterr()
    assert "Dense(3, 2)" in out
    assert "no settings or test figures were recorded" in out


@pytest.mark.parametrize(
    "metadata",
    [["a", 1, None], "text", 3, {"a": [], "b": {}, "c": {"d": {"e": 1.5}}}, {"": {"": None}}],
)
def test_metadata_of_any_form(metadata, capsys, monkeypatch):
    model = Sequential(Dense(3, 2))
    model.save("mine.npz")
    model.metadata = metadata
    monkeypatch.setattr(Sequential, "load", lambda path: model)
    assert main(["info", "mine.npz"]) == 0
    assert "Dense(3, 2)" in capsys.readouterr().out


def test_a_file_cannot_steer_the_terminal(capsys):
    model = Sequential(Dense(3, 2))
    model.metadata = {"note\x1b[2J": "\x1b]0;owned\x07", "more": {"\x1b": ["\x1b"]}}
    model.save("mine.npz")
    assert main(["info", "mine.npz"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_a_tables_model(classifier, regressor, capsys):
    for run, head, note in (
        (classifier, "kind", "test accuracy"),
        (regressor, "mass", "test rmse"),
    ):
        assert main(["info", run]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        words = [line.split() for line in out.splitlines()]
        assert ["length", "number"] in words
        assert ["colour", "2", "values:", "blue,", "red"] in words
        assert ["wild", "true", "or", "false"] in words
        assert ["target:", head] in words
        assert ("3 classes: ash, elm, oak" in out) == (head == "kind")
        assert TableModel.load(f"{run}/model.npz").model.summary() in out
        [figure] = [
            line.split()[-1] for line in out.splitlines() if note in line and "bal" not in line
        ]
        recorded = TableModel.load(f"{run}/model.npz").metadata["figures"][note]
        assert figure == f"{recorded:.4g}"


def test_files_that_are_no_model(capsys, tmp_path):
    Sequential(Dense(3, 2)).save("whole.npz")
    whole = (tmp_path / "whole.npz").read_bytes()
    (tmp_path / "truncated.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "foreign.npz").write_text("a,b\n1,2\n")
    (tmp_path / "folder").mkdir()
    for name in ("missing.npz", "truncated.npz", "empty.npz", "foreign.npz", "folder"):
        assert main(["info", name]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"minimlp: error: {name}")
        assert err.count("\n") == 1
