import numpy as np
import pytest

from minimlp.metrics import f1, precision, recall


def test_by_hand() -> None:
    # Precision 1/4 and recall 1/2.
    assert f1([0, 0, 0, 1, 1], [0.6, 0.7, 0.8, 0.9, 0.1]) == 1 / 3


def test_it_is_the_harmonic_mean() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        target, prediction = rng.integers(0, 2, 30), rng.random(30)
        p, r = precision(target, prediction), recall(target, prediction)
        assert f1(target, prediction) == pytest.approx(2 / (1 / p + 1 / r), rel=1e-14)


def test_several_classes_by_hand() -> None:
    # Class 0: precision 2/3, recall 1; class 1: 1/2 and 1/2; class 2: 0.
    target, prediction = [0, 0, 1, 1, 2], np.eye(3)[[0, 0, 0, 1, 1]]
    assert f1(target, prediction) == pytest.approx((4 / 5 + 1 / 2 + 0) / 3, rel=1e-14)
