import numpy as np
import pytest

from minimlp.metrics import rmse


def test_by_hand() -> None:
    assert rmse([[0.0], [0.0]], [[3.0], [3.0]]) == 3.0
    # (√(9 / 2) + √(16 / 2)) / 2
    assert rmse([[0.0, 0.0], [1.0, 1.0]], [[3.0, 4.0], [1.0, 1.0]]) == pytest.approx(
        (4.5**0.5 + 8**0.5) / 2, rel=1e-15
    )


def test_of_several_outputs_it_is_scikit_learns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    target, prediction = rng.normal(size=(2, 40, 3)) * [1.0, 10.0, 1e3]
    expected = metrics.root_mean_squared_error(target, prediction)
    assert rmse(target, prediction) == pytest.approx(expected, rel=1e-12)
