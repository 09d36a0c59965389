import math
from typing import Any

import numpy as np
import pytest

from minimlp.metrics import log_loss


def test_by_hand() -> None:
    expected = (math.log(4) + math.log(2) + math.log(8)) / 3
    prediction = [[0.25, 0.5, 0.25], [0.25, 0.5, 0.25], [0.5, 0.375, 0.125]]
    assert log_loss([0, 1, 2], prediction) == pytest.approx(expected, rel=1e-14)
    assert log_loss(np.eye(3), prediction) == pytest.approx(expected, rel=1e-14)
    assert log_loss([1, 0], [0.25, 0.5]) == pytest.approx(math.log(8) / 2, rel=1e-14)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_knowing_nothing_is_the_log_of_the_number_of_classes(classes: int) -> None:
    prediction = np.full((20, classes), 1 / classes)
    assert log_loss(np.arange(20) % classes, prediction) == pytest.approx(math.log(classes))


def test_targets_may_be_probabilities() -> None:
    # The entropy of the target is the least that can be had of it.
    target = np.array([[0.2, 0.8], [0.5, 0.5]])
    entropy = -np.sum(target * np.log(target)) / 2
    assert log_loss(target, target) == pytest.approx(entropy, rel=1e-14)
    assert log_loss(target[:, 1:], target[:, 1:]) == pytest.approx(entropy, rel=1e-14)
    assert log_loss(target, target[::-1]) > entropy


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("outputs", [1, 2])
def test_what_was_held_impossible_is_clipped(dtype: Any, outputs: int) -> None:
    prediction = np.array([[0, 1], [1, 0]], dtype)[:, -outputs:]
    most, least = -math.log(np.finfo(dtype).eps), -math.log1p(-np.finfo(dtype).eps)
    assert log_loss([0, 1], prediction) == pytest.approx(most, rel=1e-12)
    assert log_loss([1, 0], prediction) == pytest.approx(least, rel=1e-12)
    # So is what is no probability.
    assert log_loss([0, 1], 3 * prediction - 1) == pytest.approx(most, rel=1e-12)


def test_whole_numbers_are_clipped_as_float64() -> None:
    assert log_loss([0, 1], [1, 0]) == pytest.approx(52 * math.log(2), rel=1e-14)
    assert log_loss([0, 1], [True, False]) == pytest.approx(52 * math.log(2), rel=1e-14)


def test_nan_stays_nan() -> None:
    assert math.isnan(log_loss([0, 1], [0.5, np.nan]))
    assert math.isnan(log_loss([0, 1], [[0.5, 0.5], [np.nan, 0.5]]))


def test_float32_is_summed_in_float64() -> None:
    prediction = np.full((100_000, 1), 0.1, np.float32)
    expected = -math.log(float(np.float32(0.1)))
    assert log_loss(np.ones(100_000, int), prediction) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_against_scikit_learn(classes: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(classes)
    for rows in (1, 5, 200):
        target = (rng.random(rows) ** 3 * classes).astype(int)
        # The power makes zeros, and probabilities below eps.
        prediction = rng.random((rows, classes)) ** rng.integers(0, 90, (rows, 1))
        prediction[prediction < 1e-30] = 0
        prediction[:, 0] += 1e-20
        prediction /= prediction.sum(axis=1, keepdims=True)
        expected = metrics.log_loss(target, prediction, labels=np.arange(classes))
        assert log_loss(target, prediction) == pytest.approx(expected, abs=1e-12)
        if classes == 2:
            expected = metrics.log_loss(target, prediction[:, 1], labels=[0, 1])
            assert log_loss(target, prediction[:, 1]) == pytest.approx(expected, abs=1e-12)
