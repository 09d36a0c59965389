import numpy as np
import pytest

from minimlp.metrics import mse


def test_by_hand() -> None:
    # (1 + 4 + 0 + 9) / 4
    assert mse([[1.0, 2.0], [3.0, 4.0]], [[2.0, 0.0], [3.0, 7.0]]) == 3.5


def test_against_a_plain_loop() -> None:
    target, prediction = np.random.default_rng(0).normal(size=(2, 30, 4))
    total = sum(
        (float(target[i, k]) - float(prediction[i, k])) ** 2 for i in range(30) for k in range(4)
    )
    assert mse(target, prediction) == pytest.approx(total / 120, rel=1e-14)


def test_float32_is_summed_in_float64() -> None:
    target = np.zeros((100_000, 1), np.float32)
    prediction = np.full((100_000, 1), 0.1, np.float32)
    assert mse(target, prediction) == pytest.approx(float(np.float32(0.1)) ** 2, rel=1e-12)
    # The square is beyond float32.
    assert mse(target, prediction + np.float32(1e25)) == pytest.approx(1e50, rel=1e-6)
