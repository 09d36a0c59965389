from pathlib import Path
from typing import Any

import pytest

from minimlp.callbacks.template import as_template, check_filled, fill

NAMES = ("loss", "val_loss")


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("model.npz", "model.npz"),
        ("{epoch}.npz", "10.npz"),
        ("{epoch:02d}-{val_loss:.2f}.npz", "10-0.13.npz"),
        ("{epoch:04d}/{loss:+.3e}", "0010/+1.500e+00"),
        ("{{{epoch:3d}}}", "{ 10}"),
        ("{loss:08.3f}{loss:g}", "0001.5001.5"),
    ],
)
def test_placeholders_are_filled_and_epochs_count_from_1(template: str, path: str) -> None:
    check_filled(template, NAMES)
    assert fill(as_template(template), 9, {"loss": 1.5, "val_loss": 0.126}) == path


def test_a_path_becomes_text() -> None:
    assert as_template(Path("a") / "b.npz") == str(Path("a") / "b.npz")


@pytest.mark.parametrize(
    "template",
    [
        "{epoch.__class__}",
        "{epoch.__init__.__globals__}",
        "{loss[0]}",
        "{epoch!r}",
        "{epoch!s:.2f}",
        "{}",
        "{0}",
        "{:02d}",
        "{epoch:{loss}}",
        "{epoch:{epoch.__class__}}",
        "{epoch:999999999d}",
        "{loss:.999999999f}",
        "{epoch:>30}",
        "{epoch:s}",
        "{epoch",
        "epoch}",
        "{",
    ],
)
def test_anything_but_a_name_and_a_numbers_format_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="filepath"):
        as_template(template)


@pytest.mark.parametrize("value", [None, 3, ["a"]])
def test_what_is_no_path_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"filepath must be a str or os\.PathLike"):
        as_template(value)


def test_a_figure_that_is_not_measured_is_refused_with_what_is() -> None:
    with pytest.raises(ValueError, match=r"\{val_loss\}.*one of epoch, loss$"):
        check_filled("{epoch}-{val_loss:.2f}", ("loss",))


def test_a_format_that_does_not_fit_the_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be filled"):
        check_filled("{loss:02d}", NAMES)
