"""Against Keras's rules, worked out by hand. Rates are those after each epoch, from 0.5 on."""

import math
from pathlib import Path
from typing import Any

import pytest
from callbacks.driving import Run, assert_resumes, figures

from minimlp import SGD
from minimlp.callbacks import ReduceLROnPlateau

NAN = math.nan
HALF = {"factor": 0.5, "min_delta": 0.0}


@pytest.mark.parametrize(
    ("given", "values", "rates"),
    [
        # waits 0 1 2→0 1 2→0
        ({"patience": 2}, [1, 1, 1, 1, 1], [0.5, 0.5, 0.25, 0.25, 0.125]),
        ({"patience": 2}, [1, 1, 0, 0, 1, 0], [0.5, 0.5, 0.5, 0.5, 0.25, 0.25]),
        # patience 0 and 1: after each epoch without improvement.
        ({"patience": 0}, [1, 1, 0, 1], [0.5, 0.25, 0.25, 0.125]),
        ({"patience": 1}, [1, 1, 0, 1], [0.5, 0.25, 0.25, 0.125]),
        # Reduced in epoch 1; cooling 2, 1, 0: the third epoch counts again.
        ({"patience": 1, "cooldown": 2}, [1] * 6, [0.5, 0.25, 0.25, 0.125, 0.125, 0.0625]),
        ({"patience": 2, "cooldown": 2}, [1] * 6, [0.5, 0.5, 0.25, 0.25, 0.25, 0.125]),
        # What is better while it cools is the best all the same.
        ({"patience": 1, "cooldown": 2}, [3, 3, 1, 2, 2], [0.5, 0.25, 0.25, 0.125, 0.125]),
        # No lower than min_lr, where counting stops to matter.
        ({"patience": 1, "min_lr": 0.2}, [1, 1, 1, 1], [0.5, 0.25, 0.2, 0.2]),
        ({"patience": 1, "min_lr": 0.75}, [1, 1, 1], [0.5, 0.5, 0.5]),
        ({"patience": 1, "mode": "max"}, [1, 2, 2, 3], [0.5, 0.5, 0.25, 0.25]),
        ({"patience": 1, "min_delta": 1.0}, [4, 3, 2.5], [0.5, 0.25, 0.25]),
        ({"patience": 1}, [NAN, 1, NAN], [0.25, 0.25, 0.125]),
    ],
)
def test_it_sets_the_rates_that_keras_sets(
    given: dict[str, Any], values: list[float], rates: list[float]
) -> None:
    callback = ReduceLROnPlateau(**{**HALF, **given})
    assert Run(callback, figures("val_loss", values)).all().rates == rates


def test_the_history_gets_the_rate_an_epoch_was_trained_with() -> None:
    callback = ReduceLROnPlateau(patience=1, **HALF)
    run = Run(callback, figures("val_loss", [1, 1, 1])).all()
    assert [logs["learning_rate"] for _, logs, *_ in run.seen] == [0.5, 0.5, 0.25]


def test_it_sets_the_rate_of_an_optimizer() -> None:
    run = Run(ReduceLROnPlateau(patience=1, **HALF), figures("val_loss", [1, 1, 1]))
    run.optimizer = SGD(0.5)  # type: ignore[assignment]
    assert run.all().rates == [0.5, 0.25, 0.125]
    assert type(run.optimizer.learning_rate) is float


def test_it_may_be_used_again() -> None:
    callback = ReduceLROnPlateau(patience=2, cooldown=5, **HALF)
    for _ in range(2):
        assert Run(callback, figures("val_loss", [1, 1, 1])).all().rates == [0.5, 0.5, 0.25]


@pytest.mark.parametrize("cooldown", [0, 1, 3])
def test_resumed_it_decides_the_same(cooldown: int, tmp_path: Path) -> None:
    values = [5, 4, 4, 4, 4, 3, 3, 4, 5, 2, 2, 2, 2, 2]
    assert_resumes(
        lambda: ReduceLROnPlateau(patience=2, cooldown=cooldown, factor=0.3, min_lr=0.01),
        figures("val_loss", values),
        tmp_path,
    )


def test_a_figure_that_is_not_measured_is_refused_before_the_first_epoch() -> None:
    with pytest.raises(ValueError, match=r"ReduceLROnPlateau .*'val_loss'.*one of loss"):
        Run(ReduceLROnPlateau(), figures("loss", [1])).begin()


def test_an_optimizer_whose_rate_is_not_its_own_is_refused() -> None:
    run = Run(ReduceLROnPlateau("loss"), figures("loss", [1]), rate=lambda step: 0.5)
    with pytest.raises(TypeError, match=r"ReduceLROnPlateau .*FakeOptimizer .*changes by itself"):
        run.begin()


def test_an_optimizer_without_a_rate_is_refused() -> None:
    run = Run(ReduceLROnPlateau("loss"), figures("loss", [1]))
    run.optimizer = object()  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"ReduceLROnPlateau .*object has none"):
        run.begin()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"monitor": 3}, TypeError),
        ({"factor": 1.0}, ValueError),
        ({"factor": -0.5}, ValueError),
        ({"patience": -1}, ValueError),
        ({"mode": "best"}, ValueError),
        ({"min_delta": -1.0}, ValueError),
        ({"cooldown": 1.5}, TypeError),
        ({"min_lr": "small"}, TypeError),
    ],
)
def test_bad_arguments_are_named(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(given))):
        ReduceLROnPlateau(**given)


def test_it_is_shown_as_its_call() -> None:
    assert repr(ReduceLROnPlateau()) == "ReduceLROnPlateau()"
    assert repr(ReduceLROnPlateau("loss", patience=2, min_lr=0.5)) == (
        "ReduceLROnPlateau(monitor='loss', patience=2, min_lr=0.5)"
    )
