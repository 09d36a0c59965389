import numpy as np
import pytest

from minimlp.metrics import accuracy, balanced_accuracy, recall


def test_by_hand() -> None:
    # Of the three rows of class 1 two are found.
    assert recall([0, 0, 1, 1, 1], [0.6, 0.7, 0.8, 0.9, 0.1]) == 2 / 3


def test_several_classes_by_hand() -> None:
    target, prediction = [0, 0, 1, 1, 2], np.eye(3)[[0, 0, 0, 1, 1]]
    assert recall(target, prediction) == (1 + 1 / 2 + 0) / 3


def test_its_averages_are_the_accuracies() -> None:
    rng = np.random.default_rng(0)
    target, prediction = rng.integers(0, 5, 200), rng.random((200, 5))
    macro, weighted = (recall(target, prediction, average=how) for how in ("macro", "weighted"))
    assert macro == pytest.approx(balanced_accuracy(target, prediction), rel=1e-14)
    assert weighted == pytest.approx(accuracy(target, prediction), rel=1e-14)


def test_a_class_without_rows_counts_where_it_is_predicted() -> None:
    prediction = np.eye(3)[[0, 2]]
    assert recall([0, 0], prediction) == (1 / 2 + 0) / 2
    assert balanced_accuracy([0, 0], prediction) == 1 / 2
