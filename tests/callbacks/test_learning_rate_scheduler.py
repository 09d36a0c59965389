import functools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from callbacks.driving import Run, assert_resumes, figures

from minimlp import SGD
from minimlp.callbacks import LearningRateScheduler

LOSSES = figures("loss", [1, 1, 1, 1, 1])


def decay(epoch: int, lr: float) -> float:
    """Constant for two epochs, then less by a tenth each."""
    return lr if epoch < 2 else lr * 0.9


def test_it_sets_the_rate_before_each_epoch_from_the_one_before() -> None:
    run = Run(LearningRateScheduler(decay), LOSSES).all()
    assert run.rates == [0.5, 0.5, 0.5 * 0.9, 0.5 * 0.9 * 0.9, 0.5 * 0.9 * 0.9 * 0.9]
    # The weights moved with the rate of their own epoch.
    assert run.seen[2][3][0] == 0 - 0.5 * 1 - 0.5 * 2 - 0.45 * 3


def test_the_history_gets_the_rate_of_each_epoch() -> None:
    run = Run(LearningRateScheduler(lambda epoch, lr: epoch + 1), LOSSES).all()
    assert [logs["learning_rate"] for _, logs, *_ in run.seen] == [1, 2, 3, 4, 5]


def test_numbers_of_numpy_become_pythons() -> None:
    run = Run(LearningRateScheduler(lambda epoch, lr: np.float64(lr) / 2), LOSSES)
    run.optimizer = SGD(0.5)  # type: ignore[assignment]
    run.all()
    assert type(run.optimizer.learning_rate) is float
    assert all(type(logs["learning_rate"]) is float for _, logs, *_ in run.seen)


def test_resumed_it_sets_the_same_rates(tmp_path: Path) -> None:
    assert_resumes(lambda: LearningRateScheduler(decay), LOSSES, tmp_path)


@pytest.mark.parametrize("rate", [-1.0, math.nan, math.inf])
def test_a_rate_out_of_range_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match=r"schedule\(0, lr\) must be finite"):
        Run(LearningRateScheduler(lambda epoch, lr: rate), LOSSES).all()


def test_what_is_no_rate_is_refused() -> None:
    with pytest.raises(TypeError, match=r"schedule\(0, lr\) must be a number, got None"):
        Run(LearningRateScheduler(lambda epoch, lr: None), LOSSES).all()  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match=r"schedule must be a function .* got 0\.1"):
        LearningRateScheduler(0.1)  # type: ignore[arg-type]


def test_an_optimizer_whose_rate_cannot_be_set_is_refused_before_the_first_epoch() -> None:
    with pytest.raises(TypeError, match=r"LearningRateScheduler .*changes by itself"):
        Run(LearningRateScheduler(decay), LOSSES, rate=lambda step: 0.5).begin()
    run = Run(LearningRateScheduler(decay), LOSSES)
    run.optimizer = object()  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"LearningRateScheduler .*object has none"):
        run.begin()


def test_it_is_shown_by_the_name_of_its_function_not_by_its_place_in_memory() -> None:
    class Rate:
        def __call__(self, epoch: int, lr: float) -> float:
            return lr

    shown: list[tuple[Any, str]] = [
        (decay, "decay"),
        (Rate(), "Rate"),
        (functools.partial(decay, 3), "partial"),
    ]
    for schedule, name in shown:
        assert repr(LearningRateScheduler(schedule)) == f"LearningRateScheduler({name})"
    assert "<lambda>" in repr(LearningRateScheduler(lambda epoch, lr: lr))
