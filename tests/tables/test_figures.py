"""Figures by hand."""

import numpy as np
import pytest

from minimlp.tables.figures import measure, measure_mean
from minimlp.tables.preparation import Part
from minimlp.tables.target import Classes, Quantities


def part(y: list[list[float]]) -> Part:
    return Part(np.zeros((len(y), 1)), np.array(y, float))


def test_classes() -> None:
    # Three of a, of which two are found, and one of b that is: 3/4, and the mean of 2/3 and 1.
    y = part([[1, 0], [1, 0], [1, 0], [0, 1]])
    outputs = np.array([[0.9, 0.1], [0.6, 0.5], [0.2, 0.4], [0.0, 0.1]])
    figures = measure(Classes("y", ("a", "b")), y, outputs)
    assert figures == {"accuracy": 0.75, "balanced_accuracy": pytest.approx(5 / 6)}


def test_a_class_that_does_not_occur() -> None:
    figures = measure(
        Classes("y", ("a", "b", "c")), part([[1, 0, 0], [0, 1, 0]]), np.eye(3)[[0, 0]]
    )
    assert figures == {"accuracy": 0.5, "balanced_accuracy": 0.5}


def test_quantities_in_their_units() -> None:
    # In units: true 10, 12, 14, 20 and predicted 12, 12, 14, 18.
    target = Quantities(("y",), (10.0,), (2.0,))
    figures = measure(target, part([[0], [1], [2], [5]]), np.array([[1.0], [1], [2], [4]]))
    # Errors 2, 0, 0, 2: their squares' mean is 2; around the mean 14 the true ones' is 14.
    assert figures == {
        "rmse": pytest.approx(2**0.5),
        "mae": pytest.approx(1.0),
        "r2": pytest.approx(1 - 2 / 14),
    }


def test_several_targets_each_by_name() -> None:
    target = Quantities(("y", "z"), (0.0, 5.0), (1.0, 10.0))
    figures = measure(target, part([[0, 0], [2, 1]]), np.array([[1.0, 0], [3, 1]]))
    assert list(figures) == ["y", "z"]
    assert figures["y"] == {"rmse": 1.0, "mae": 1.0, "r2": 0.0}
    assert figures["z"] == {"rmse": 0.0, "mae": 0.0, "r2": 1.0}


def test_predicting_the_mean() -> None:
    figures = measure_mean(Quantities(("y",), (7.0,), (2.0,)), part([[-1], [1]]))
    assert figures == {"rmse": 2.0, "mae": 2.0, "r2": 0.0}
