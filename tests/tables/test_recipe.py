"""Settings are checked by name, and rates and epochs follow their formulas."""

import math

import pytest

from minimlp.tables import Recipe


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"hidden": (8, 0)}, ValueError, "hidden"),
        ({"hidden": (2.5,)}, TypeError, "hidden"),
        ({"activation": "cubic"}, ValueError, "relu, .*tanh"),
        ({"optimizer": "newton"}, ValueError, "adam, adamw"),
        ({"dropout": 1.0}, ValueError, "dropout"),
        ({"networks": 0}, ValueError, "networks"),
        ({"epochs": 0}, ValueError, "epochs"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"learning_rate": -1.0}, ValueError, "learning_rate"),
        ({"clip_norm": 0.0}, ValueError, "clip_norm"),
        ({"patience": 0}, ValueError, "patience"),
        ({"l2": -0.1}, ValueError, "l2"),
        ({"l2": "much"}, TypeError, "l2"),
        ({"dtype": "complex128"}, ValueError, "dtype"),
        ({"dtype": "int32"}, ValueError, "dtype"),
    ],
)
def test_settings_that_do_not_fit(settings, error, words):
    with pytest.raises(error, match=words):
        Recipe(**settings)


@pytest.mark.parametrize(
    ("rows", "epochs"), [(10, 2500), (32, 2500), (33, 1250), (3200, 25), (1_000_000, 10)]
)
def test_epochs_make_as_many_steps_whatever_the_rows(rows, epochs):
    assert Recipe().epochs_for(rows) == epochs
    assert Recipe(epochs=3).epochs_for(rows) == 3


def test_the_rate_rises_and_falls():
    rate = Recipe(learning_rate=0.4).make_optimizer(100).learning_rate
    rates = [rate(step) for step in range(101)]
    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert top == 5
    assert rates[top] == 0.4
    assert rates[100] == 0
    for step in (30, 50, 75):
        assert rates[step] == pytest.approx(0.2 * (1 + math.cos(math.pi * (step - 5) / 95)))
    assert Recipe(learning_rate=0.4).make_optimizer(1).learning_rate(0) == 0.4


def test_a_strength_that_is_given_is_the_only_one():
    assert Recipe(l2=0.3).strengths("regression") == (0.3,)
    assert len(Recipe().strengths("classification")) > 1


def test_patience_is_a_fifth_of_the_epochs():
    assert Recipe().patience_for(100) == 20
    assert Recipe().patience_for(10) == 5
    assert Recipe(patience=3).patience_for(100) == 3
