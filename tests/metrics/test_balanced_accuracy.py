import numpy as np
import pytest

from minimlp.metrics import accuracy, balanced_accuracy


def test_by_hand() -> None:
    # Of the four rows of class 0 three are found, of the two of class 1 one, of class 2 the only.
    target = [0, 0, 0, 0, 1, 1, 2]
    prediction = np.eye(3)[[0, 0, 0, 1, 1, 2, 2]]
    assert balanced_accuracy(target, prediction) == (3 / 4 + 1 / 2 + 1) / 3
    assert balanced_accuracy(np.eye(3)[target], prediction) == (3 / 4 + 1 / 2 + 1) / 3


def test_one_output_is_judged_at_one_half() -> None:
    # One of three zeros is found, and the only one.
    assert balanced_accuracy([0, 0, 0, 1], [[0.5], [0.6], [0.7], [0.8]]) == (1 / 3 + 1) / 2


def test_a_class_without_rows_does_not_count() -> None:
    assert balanced_accuracy([0, 0], [[0.9, 0.1, 0.0], [0.1, 0.0, 0.9]]) == 0.5
    assert balanced_accuracy([1.0, 1.0], [0.9, 0.9]) == 1.0


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_always_the_same_class_is_no_better_than_chance(classes: int) -> None:
    target = np.repeat(np.arange(classes), np.arange(1, classes + 1) ** 2)
    always_last = np.tile(np.eye(classes)[-1], (len(target), 1))
    assert balanced_accuracy(target, always_last) == pytest.approx(1 / classes, rel=1e-14)
    assert accuracy(target, always_last) > 1 / classes


def test_classes_of_one_size_give_the_accuracy() -> None:
    rng = np.random.default_rng(0)
    target, prediction = rng.permutation(np.repeat(np.arange(5), 20)), rng.random((100, 5))
    expected = accuracy(target, prediction)
    assert balanced_accuracy(target, prediction) == pytest.approx(expected, rel=1e-14)


def test_against_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    for classes in (2, 3, 10):
        # The square leaves few rows in the last classes.
        target = (rng.random(200) ** 2 * classes).astype(int)
        prediction = rng.random((200, classes)) + 0.5 * np.eye(classes)[target]
        expected = metrics.balanced_accuracy_score(target, prediction.argmax(axis=1))
        assert balanced_accuracy(target, prediction) == pytest.approx(expected, abs=1e-12)
