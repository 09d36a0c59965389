import numpy as np
import pytest

from minimlp.metrics import mae, rmse


def test_by_hand() -> None:
    # (1 + 2 + 0 + 3) / 4
    assert mae([[1.0, 2.0], [3.0, 4.0]], [[2.0, 0.0], [3.0, 7.0]]) == 1.5
    assert mae([1.0, 2.0], [1.0, 2.0]) == 0.0


def test_against_a_plain_loop() -> None:
    target, prediction = np.random.default_rng(0).normal(size=(2, 30, 4))
    total = sum(
        abs(float(target[i, k]) - float(prediction[i, k])) for i in range(30) for k in range(4)
    )
    assert mae(target, prediction) == pytest.approx(total / 120, rel=1e-14)


def test_never_above_the_root_of_the_mean_square_and_there_for_equal_errors() -> None:
    target, prediction = np.random.default_rng(0).normal(size=(2, 30, 4))
    assert mae(target, prediction) < rmse(target, prediction)
    assert mae(target, target + 0.5) == pytest.approx(0.5, rel=1e-14)


def test_float32_is_summed_in_float64() -> None:
    target = np.zeros((100_000, 1), np.float32)
    prediction = np.full((100_000, 1), 0.1, np.float32)
    assert mae(target, prediction) == pytest.approx(float(np.float32(0.1)), rel=1e-12)
    # The difference is beyond float32.
    assert mae(target + np.float32(3e38), target - np.float32(3e38)) == pytest.approx(6e38)


def test_against_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    target, prediction = np.random.default_rng(0).normal(size=(2, 50, 3))
    expected = metrics.mean_absolute_error(target, prediction)
    assert mae(target, prediction) == pytest.approx(expected, abs=1e-12)
