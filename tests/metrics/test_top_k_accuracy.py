from typing import Any

import numpy as np
import pytest

from minimlp.metrics import accuracy, top_k_accuracy


def test_by_hand() -> None:
    target = [0, 1, 2, 3]
    prediction = [[0.4, 0.3, 0.2, 0.1]] * 4
    assert [top_k_accuracy(target, prediction, k=k) for k in (1, 2, 3)] == [0.25, 0.5, 0.75]
    assert top_k_accuracy(np.eye(4)[target], prediction) == 0.5  # k is 2


def test_the_first_alone_is_accuracy() -> None:
    rng = np.random.default_rng(0)
    target, prediction = rng.integers(0, 5, 100), rng.random((100, 5))
    assert top_k_accuracy(target, prediction, k=1) == accuracy(target, prediction)
    target, p = rng.integers(0, 2, 100), rng.random(100)
    assert top_k_accuracy(target, p, k=1) == accuracy(target, p)
    both = np.column_stack([1 - p, p])
    assert top_k_accuracy(target, both, k=1) == accuracy(target, p)


def test_of_equal_outputs_the_last_is_ahead() -> None:
    prediction = np.zeros((3, 3))
    assert [top_k_accuracy([label] * 3, prediction) for label in range(3)] == [0.0, 1.0, 1.0]
    assert [top_k_accuracy([label] * 3, prediction, k=1) for label in range(3)] == [0.0, 0.0, 1.0]


def test_nan_is_found_nowhere() -> None:
    assert top_k_accuracy([0, 1, 2], np.full((3, 3), np.nan)) == 0.0
    assert top_k_accuracy([0, 1], [[np.nan, 2.0, 1.0]] * 2) == 0.5


@pytest.mark.parametrize(("outputs", "k"), [(1, 2), (2, 2), (3, 3), (3, 5)])
def test_more_than_there_are_to_choose_from(outputs: int, k: int) -> None:
    with pytest.raises(ValueError, match=rf"k must be below .*got {k} for {max(outputs, 2)} class"):
        top_k_accuracy([0, 1], np.ones((2, outputs)), k=k)


@pytest.mark.parametrize("k", [0, -1])
def test_too_small(k: int) -> None:
    with pytest.raises(ValueError, match="k must be at least 1"):
        top_k_accuracy([0, 1], np.ones((2, 3)), k=k)


@pytest.mark.parametrize("k", [1.0, True, "2", None])
def test_no_whole_number(k: Any) -> None:
    with pytest.raises(TypeError, match="k must be a whole number"):
        top_k_accuracy([0, 1], np.ones((2, 3)), k=k)


@pytest.mark.parametrize("classes", [3, 4, 10])
@pytest.mark.parametrize("values", [2, 5, 10**6])
def test_against_scikit_learn(classes: int, values: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng([classes, values])
    for rows in (1, 7, 200):
        target = (rng.random(rows) ** 3 * classes).astype(int)
        prediction = rng.integers(0, values, (rows, classes)) / values
        for k in range(1, classes):
            expected = metrics.top_k_accuracy_score(
                target, prediction, k=k, labels=np.arange(classes)
            )
            assert top_k_accuracy(target, prediction, k=k) == pytest.approx(expected, abs=1e-12)


def test_one_output_against_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    target, p = rng.integers(0, 2, 100), rng.integers(0, 5, 100) / 4
    expected = metrics.top_k_accuracy_score(target, p, k=1)
    assert top_k_accuracy(target, p, k=1) == pytest.approx(expected, abs=1e-12)
