import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from callbacks.driving import Run, assert_resumes, figures

from minimlp import Dense, Sequential
from minimlp.callbacks import ModelCheckpoint

NAN = math.nan


def contents(folder: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def test_it_writes_the_model_after_every_epoch(tmp_path: Path) -> None:
    callback = ModelCheckpoint(tmp_path / "{epoch:02d}-{loss:.1f}.json")
    run = Run(callback, figures("loss", [2, 3])).all()
    assert contents(tmp_path) == {"01-2.0.json": run.seen[0][3], "02-3.0.json": run.seen[1][3]}


def test_one_name_is_one_file(tmp_path: Path) -> None:
    run = Run(ModelCheckpoint(tmp_path / "m.json"), figures("loss", [2, 3])).all()
    assert contents(tmp_path) == {"m.json": run.seen[1][3]}


@pytest.mark.parametrize(
    ("mode", "values", "written"),
    [
        ("auto", [3, 4, 2, 2, NAN, 1], [1, 3, 6]),
        ("min", [NAN, 4, 5, 3], [2, 4]),
        ("max", [3, 4, 2, 5], [1, 2, 4]),
    ],
)
def test_it_writes_the_best_alone(
    mode: str, values: list[float], written: list[int], tmp_path: Path
) -> None:
    callback = ModelCheckpoint(tmp_path / "{epoch}.json", save_best_only=True, mode=mode)
    Run(callback, figures("val_loss", values)).all()
    assert list(contents(tmp_path)) == [f"{epoch}.json" for epoch in written]


def test_it_may_be_used_again(tmp_path: Path) -> None:
    callback = ModelCheckpoint(tmp_path / "m.json", save_best_only=True)
    Run(callback, figures("val_loss", [1, 2])).all()
    run = Run(callback, figures("val_loss", [9, 8])).all()
    assert contents(tmp_path) == {"m.json": run.seen[1][3]}


def test_missing_folders_are_made(tmp_path: Path) -> None:
    Run(ModelCheckpoint(tmp_path / "a" / "{epoch}" / "m.json"), figures("loss", [1, 2])).all()
    assert (tmp_path / "a" / "2" / "m.json").exists()


def test_what_it_writes_can_be_loaded(tmp_path: Path) -> None:
    run = Run(ModelCheckpoint(tmp_path / "{epoch}.npz"), figures("loss", [1]))
    run.model = model = Sequential(Dense(2, 1), seed=0)  # type: ignore[assignment]
    run.model.stop_training = False
    run.all()
    x = np.array([[1.0, 2.0]])
    np.testing.assert_array_equal(Sequential.load(tmp_path / "1.npz").predict(x), model.predict(x))


@pytest.mark.parametrize("save_best_only", [True, False])
def test_resumed_it_leaves_the_same_files(save_best_only: bool, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()

    def contents_and_away() -> dict[str, Any]:
        found = contents(files)
        for name in found:
            (files / name).unlink()
        return found

    assert_resumes(
        lambda: ModelCheckpoint(files / "{epoch}.json", save_best_only=save_best_only),
        figures("val_loss", [3, 4, 2, 2, 1]),
        tmp_path,
        contents_and_away,
    )


def test_what_is_not_measured_is_refused_before_the_first_epoch(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\{val_loss\}"):
        Run(ModelCheckpoint(tmp_path / "{val_loss}"), figures("loss", [1])).begin()
    with pytest.raises(ValueError, match=r"ModelCheckpoint .*'val_loss'"):
        Run(ModelCheckpoint(tmp_path / "m", save_best_only=True), figures("loss", [1])).begin()
    # Without save_best_only nobody looks at the monitor.
    Run(ModelCheckpoint(tmp_path / "m"), figures("loss", [1])).begin()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"filepath": None}, TypeError),
        ({"filepath": "{epoch.__class__}"}, ValueError),
        ({"monitor": None}, TypeError),
        ({"save_best_only": "yes"}, TypeError),
        ({"mode": "best"}, ValueError),
    ],
)
def test_bad_arguments_are_named(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(given))):
        ModelCheckpoint(**{"filepath": "m.npz", **given})


def test_it_is_shown_as_its_call() -> None:
    callback = ModelCheckpoint(Path("{epoch:02d}.npz"), save_best_only=True)
    assert repr(callback) == "ModelCheckpoint('{epoch:02d}.npz', save_best_only=True)"
