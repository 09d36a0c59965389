"""Against Keras 3's rules, worked out by hand.

An epoch counts one more waited, or 0 where it is better; at `patience` training ends, never in the
first.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from callbacks.driving import Run, assert_resumes, figures

from minimlp.callbacks import EarlyStopping

NAN = math.nan


# The figures, and how many epochs are run of them.
@pytest.mark.parametrize(
    ("given", "values", "epochs"),
    [
        # patience 0 and 1: the first epoch without improvement.
        ({}, [3, 2, 1, 1, 0], 4),
        ({"patience": 1}, [3, 2, 1, 1, 0], 4),
        # waits 0 0 1 2 0 1 2 3
        ({"patience": 3}, [3, 2, 2, 3, 1, 1, 2, 1, 0], 8),
        # Smaller steps than min_delta add up: the best stays that of the last improvement.
        # best 4, 4 (3.5 + 1 < 4 is false), 2.75 (3.75 < 4)
        ({"patience": 2, "min_delta": 1.0}, [4, 3.5, 2.75, 2.0, 1.75, 0], 5),
        ({"patience": 2, "mode": "max"}, [1, 2, 2, 1, 5], 4),
        ({"patience": 2, "mode": "max", "min_delta": 0.5}, [1, 1.5, 1.75, 2.0, 2.25, 9], 5),
        # The first two are not looked at, and neither is their figure the best.
        ({"patience": 2, "start_from_epoch": 2}, [0, 0, 5, 4, 4, 4, 3], 6),
        # NaN never is better; the first epoch never ends it.
        ({}, [NAN, NAN, 1], 2),
        ({}, [NAN, 1, 2, 0], 3),
        ({"patience": 2}, [1, NAN, NAN, 0], 3),
        ({"patience": 5}, [3, 2, 1, 0], 4),
    ],
)
def test_it_ends_training_where_keras_does(
    given: dict[str, Any], values: list[float], epochs: int
) -> None:
    run = Run(EarlyStopping(**given), figures("val_loss", values)).all()
    assert run.epochs == epochs
    assert run.model.stop_training == (epochs < len(values))


def test_more_is_better_for_accuracy() -> None:
    callback = EarlyStopping("val_accuracy", patience=2)
    assert Run(callback, figures("val_accuracy", [0.1, 0.5, 0.4, 0.5, 0.9])).all().epochs == 4
    assert (callback.best, callback.best_epoch, callback.wait) == (0.5, 1, 2)


def test_it_says_why() -> None:
    callback = EarlyStopping(patience=2)
    run = Run(callback, figures("val_loss", [3, 1, 2, 2, 0]))
    run.begin()
    for number in range(3):
        run.epoch(number)
        assert callback.reason is None
    run.epoch(3)
    assert callback.reason == "val_loss has not improved for 2 epochs (best: epoch 2)"
    run.begin()
    assert callback.reason is None


def test_what_it_said_is_gone_where_more_epochs_make_it_better() -> None:
    callback = EarlyStopping()
    first = Run(callback, figures("val_loss", [1, 1])).all()
    assert first.model.stop_training
    more = Run(EarlyStopping(), figures("val_loss", [1, 1, 0]))
    more.begin(callback.state())
    assert more.callback.reason == callback.reason
    more.epoch(2)
    assert more.callback.reason is None


def test_it_says_why_of_one_epoch_and_of_none_that_was_good() -> None:
    callback = EarlyStopping()
    Run(callback, figures("val_loss", [1, 1])).all()
    assert callback.reason == "val_loss has not improved for 1 epoch (best: epoch 1)"
    Run(callback, figures("val_loss", [NAN, NAN])).all()
    assert callback.reason == "val_loss has not improved for 2 epochs (it never did)"


@pytest.mark.parametrize("values", [[3, 1, 2, 2, 0], [3, 1, 2]])  # stopped, and at its end
def test_the_best_epochs_weights_come_back_at_the_end(values: list[float]) -> None:
    run = Run(EarlyStopping(patience=2), figures("val_loss", values)).all()
    assert run.model.parameters.tolist() == run.seen[1][3]
    assert run.model.parameters.tolist() != run.seen[-1][3]


def test_weights_stay_where_nobody_wants_them_back() -> None:
    callback = EarlyStopping(patience=2, restore_best_weights=False)
    run = Run(callback, figures("val_loss", [3, 1, 2, 2, 0])).all()
    assert run.model.parameters.tolist() == run.seen[-1][3]


def test_where_nothing_ever_was_good_the_first_weights_looked_at_come_back() -> None:
    callback = EarlyStopping(patience=2, start_from_epoch=1)
    run = Run(callback, figures("val_loss", [0, NAN, NAN, 1])).all()
    assert run.model.parameters.tolist() == run.seen[1][3]


def test_without_an_epoch_the_weights_stay() -> None:
    run = Run(EarlyStopping(), figures("val_loss", [1]))
    run.begin()
    run.callback.on_train_end()
    assert run.model.parameters.tolist() == [0, 1, 2, 3]


def test_the_best_weights_are_kept_in_one_array() -> None:
    run = Run(EarlyStopping(), figures("val_loss", [3, 2, 1]))
    run.begin()
    kept = []
    for number in range(3):
        run.epoch(number)
        kept.append(run.callback.state()["best_weights"])
    assert kept[0] is kept[1] is kept[2]
    assert kept[2] is not run.model.parameters
    np.testing.assert_array_equal(kept[2], run.seen[2][3])


def test_it_may_be_used_again() -> None:
    callback = EarlyStopping(patience=2)
    assert Run(callback, figures("val_loss", [1, 2, 2, 0])).all().epochs == 3
    assert Run(callback, figures("val_loss", [9, 8, 9, 9, 0])).all().epochs == 4
    assert callback.best == 8


@pytest.mark.parametrize(
    "values",
    [[3, 2, 2, 3, 1, 1, 2, 1, 0], [3, 2, 2, 1], [NAN, NAN, 2, NAN, 1, 5], [NAN, NAN, NAN, NAN]],
)
@pytest.mark.parametrize("restore_best_weights", [True, False])
def test_resumed_it_decides_the_same(
    values: list[float], restore_best_weights: bool, tmp_path: Path
) -> None:
    assert_resumes(
        lambda: EarlyStopping(patience=3, restore_best_weights=restore_best_weights),
        figures("val_loss", values),
        tmp_path,
    )


def test_the_best_weights_come_from_the_state_where_no_epoch_is_left() -> None:
    first = Run(EarlyStopping(), figures("val_loss", [1])).all()
    run = Run(EarlyStopping(), figures("val_loss", [1]))
    run.begin({**first.callback.state(), "best_weights": np.array([9.0, 7.0, 5.0, 3.0])})
    run.callback.on_train_end()
    assert run.model.parameters.tolist() == [9, 7, 5, 3]


def test_a_figure_that_is_not_measured_is_refused_before_the_first_epoch() -> None:
    with pytest.raises(ValueError, match=r"EarlyStopping .*'val_loss'.*one of loss"):
        Run(EarlyStopping(), figures("loss", [1])).begin()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"monitor": None}, TypeError),
        ({"min_delta": -1.0}, ValueError),
        ({"patience": -1}, ValueError),
        ({"patience": 1.5}, TypeError),
        ({"mode": "best"}, ValueError),
        ({"start_from_epoch": -1}, ValueError),
        ({"restore_best_weights": 1}, TypeError),
    ],
)
def test_bad_arguments_are_named(given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=next(iter(given))):
        EarlyStopping(**given)


def test_it_is_shown_as_its_call() -> None:
    assert repr(EarlyStopping()) == "EarlyStopping()"
    callback = EarlyStopping("loss", patience=3, restore_best_weights=False)
    expected = "EarlyStopping(monitor='loss', patience=3, restore_best_weights=False)"
    assert repr(callback) == expected
    Run(callback, figures("loss", [1, 2, 3, 4])).all()
    assert repr(callback) == expected
