import numpy as np
import pytest

from minimlp.metrics import mape


def test_by_hand() -> None:
    # (1/2 + 1/4 + 0 + 3) / 4
    assert mape([[2.0, -4.0], [3.0, 1.0]], [[1.0, -5.0], [3.0, 4.0]]) == 0.9375


def test_the_unit_does_not_matter() -> None:
    target, prediction = np.random.default_rng(0).normal(5.0, 1.0, size=(2, 30, 4))
    expected = mape(target, prediction)
    assert mape(1000 * target, 1000 * prediction) == pytest.approx(expected, rel=1e-14)
    assert mape(-target, -prediction) == expected


def test_a_target_of_zero_divides_by_eps() -> None:
    assert mape([0.0, 1.0], [0.0, 1.0]) == 0.0
    assert mape([0.0], [0.5]) == 0.5 / np.finfo(np.float64).eps


def test_float32_is_summed_in_float64() -> None:
    target = np.ones((100_000, 1), np.float32)
    prediction = np.full((100_000, 1), 0.1, np.float32)
    assert mape(target, prediction) == pytest.approx(1 - float(np.float32(0.1)), rel=1e-12)


def test_against_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    for shape in ((50, 3), (1, 1), (20, 1)):
        target, prediction = rng.normal(size=(2, *shape))
        expected = metrics.mean_absolute_percentage_error(target, prediction)
        assert mape(target, prediction) == pytest.approx(expected, rel=1e-12)
        target[0] = 0
        expected = metrics.mean_absolute_percentage_error(target, prediction)
        assert mape(target, prediction) == pytest.approx(expected, rel=1e-12)
