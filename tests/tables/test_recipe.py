"""Settings are checked by name, and rates and epochs follow their formulas."""

import math

import pytest

from minimlp.tables import Recipe


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"hidden": (8, 0)}, ValueError, "hidden"),
        ({"hidden": (2.5,)}, TypeError, "hidden"),
        ({"activation": "gelu"}, ValueError, "relu, sigmoid, tanh"),
        ({"networks": 0}, ValueError, "networks"),
        ({"epochs": 0}, ValueError, "epochs"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"learning_rate": -1.0}, ValueError, "learning_rate"),
        ({"momentum": 1.0}, ValueError, "momentum"),
        ({"weight_decay": -0.1}, ValueError, "weight_decay"),
        ({"weight_decay": "much"}, TypeError, "weight_decay"),
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
    recipe = Recipe(learning_rate=0.4)
    rates = [recipe.rate(epoch, 100) for epoch in range(100)]
    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert top == 4
    assert rates[50] == pytest.approx(0.2)
    assert rates[75] == pytest.approx(0.4 * (1 + math.cos(0.75 * math.pi)) / 2)
    assert recipe.rate(0, 1) == 0.4


def test_a_weight_decay_that_is_given_is_the_only_one():
    assert Recipe(weight_decay=0.3).weight_decays("regression") == (0.3,)
    assert len(Recipe().weight_decays("classification")) > 1
