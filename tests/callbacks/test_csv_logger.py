import csv
import math
from pathlib import Path
from typing import Any

import pytest
from callbacks.driving import Run, assert_resumes, figures, through_a_file

from minimlp.callbacks import CSVLogger

FIGURES = [{"val_loss": 0.5 + 1 / 3, "loss": 0.25, "accuracy": 1 / n} for n in range(1, 6)]
HEADER = "epoch,accuracy,loss,val_loss"


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_a_header_and_a_line_for_every_epoch(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    Run(CSVLogger(path), FIGURES).all()
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert lines(path)[0] == HEADER
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2, 3, 4]
    # Every digit is there.
    assert [float(row["accuracy"]) for row in rows] == [logs["accuracy"] for logs in FIGURES]


def test_each_line_is_in_the_file_as_soon_as_its_epoch_is_over(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    run = Run(CSVLogger(path), FIGURES)
    run.begin()
    for number in range(3):
        run.epoch(number)
        assert len(lines(path)) == number + 2
        assert path.read_bytes().endswith(b"\n")


def test_another_separator(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    Run(CSVLogger(path, separator=";"), FIGURES[:1]).all()
    assert lines(path)[0] == HEADER.replace(",", ";")


def test_a_file_is_written_anew_or_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    for _ in range(2):
        Run(CSVLogger(path), FIGURES[:2]).all()
    assert [line.split(",")[0] for line in lines(path)] == ["epoch", "0", "1"]
    Run(CSVLogger(path, append=True), FIGURES[:2]).all()
    assert [line.split(",")[0] for line in lines(path)] == ["epoch", "0", "1", "0", "1"]


@pytest.mark.parametrize("there", [None, ""])
def test_appending_to_nothing_writes_a_header(there: str | None, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    if there is not None:
        path.write_text(there)
    Run(CSVLogger(path, append=True), FIGURES[:1]).all()
    assert lines(path)[0] == HEADER


def test_appending_keeps_the_files_order_and_ends_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss,note,val_loss,accuracy\n0,9,x,8,7")
    Run(CSVLogger(path, append=True), [{"loss": 1.0, "val_loss": 2.0, "accuracy": 3.0}]).all()
    assert lines(path)[1:] == ["0,9,x,8,7", "0,1.0,NA,2.0,3.0"]


def test_appending_to_other_columns_is_refused_before_the_first_epoch(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n0,9\n")
    run = Run(CSVLogger(path, append=True), FIGURES)
    run.begin()
    with pytest.raises(
        ValueError, match=r"log\.csv has no column 'val_loss': its columns are epoch, loss;"
    ):
        run.callback.on_epoch_begin(0, {})
    assert path.read_text() == "epoch,loss\n0,9\n"


def test_a_figure_without_a_column_is_refused_and_one_that_is_missing_said(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    run = Run(CSVLogger(path), [{"loss": 1.0, "mae": 2.0}, {"loss": 1.0}, {"new": 1.0}])
    run.begin()
    run.epoch(0)
    run.epoch(1)
    assert lines(path)[-1] == "1,1.0,NA"
    with pytest.raises(ValueError, match="no column 'new'"):
        run.epoch(2)


def test_nan_is_written(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    Run(CSVLogger(path), figures("loss", [math.nan])).all()
    assert math.isnan(float(lines(path)[1].split(",")[1]))


@pytest.mark.parametrize("append", [False, True])
def test_resumed_the_file_neither_loses_nor_doubles_a_line(append: bool, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    before = "epoch,val_loss,loss,accuracy\n7,1,2,3\n" if append else "what nobody wants"
    path.write_text(before)

    def content_and_back() -> str:
        text = path.read_text()
        path.write_text(before)
        return text

    assert_resumes(lambda: CSVLogger(path, append=append), FIGURES, tmp_path, content_and_back)


def test_a_half_written_line_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    state = interrupted(path, tmp_path)
    with open(path, "a") as file:
        file.write("3,0.2")
    resumed(path, state)
    assert [line.split(",")[0] for line in lines(path)] == ["epoch", "0", "1", "2", "3", "4"]


def test_a_finished_training_leaves_its_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    run = Run(CSVLogger(path), FIGURES).all()
    content = path.read_bytes()
    again = Run(CSVLogger(path), FIGURES)
    again.begin(run.callback.state())
    again.callback.on_train_end()
    assert path.read_bytes() == content


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    state = interrupted(path, tmp_path)
    path.unlink()
    resumed(path, state)
    assert [line.split(",")[0] for line in lines(path)] == ["epoch", "3", "4"]


def test_a_file_that_lost_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    state = interrupted(path, tmp_path)
    path.write_text(f"{HEADER}\n")
    with pytest.raises(ValueError, match=r"log\.csv has 1 of the 4 lines"):
        resumed(path, state)


def interrupted(path: Path, folder: Path) -> dict[str, Any]:
    """Three epochs of five, and what a checkpoint keeps of them."""
    run = Run(CSVLogger(path), FIGURES)
    run.begin()
    for number in range(3):
        run.epoch(number)
    return through_a_file(run.callback.state(), folder)


def resumed(path: Path, state: dict[str, Any]) -> None:
    run = Run(CSVLogger(path), FIGURES)
    run.begin(state)
    run.go_on(3)


def test_a_file_that_cannot_be_written_is_known_before_the_first_step(tmp_path: Path) -> None:
    run = Run(CSVLogger(tmp_path / "nowhere" / "log.csv"), FIGURES)
    with pytest.raises(FileNotFoundError):
        run.begin()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"filename": None}, TypeError),
        ({"separator": 3}, TypeError),
        ({"separator": ""}, ValueError),
        ({"separator": ", "}, ValueError),
        ({"separator": "\n"}, ValueError),
        ({"append": "yes"}, TypeError),
    ],
)
def test_bad_arguments_are_named(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(given))):
        CSVLogger(**{"filename": "log.csv", **given})


def test_it_is_shown_as_its_call() -> None:
    assert repr(CSVLogger(Path("log.csv"), append=True)) == "CSVLogger('log.csv', append=True)"
