import numpy as np
import pytest

from minimlp.metrics import precision


def test_by_hand() -> None:
    # Four rows are predicted to be of class 1, one of them is.
    assert precision([0, 0, 0, 1, 1], [0.6, 0.7, 0.8, 0.9, 0.1]) == 1 / 4


def test_several_classes_by_hand() -> None:
    # Predicted to be of class 0: three rows, two rightly; of class 1: two, one; of class 2: none.
    target, prediction = [0, 0, 1, 1, 2], np.eye(3)[[0, 0, 0, 1, 1]]
    assert precision(target, prediction) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3, rel=1e-14)
    expected = (2 * 2 / 3 + 2 * 1 / 2 + 1 * 0) / 5
    assert precision(target, prediction, average="weighted") == pytest.approx(expected, rel=1e-14)


def test_two_classes_averaged() -> None:
    assert precision([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.8], average="macro") == (1 + 2 / 3) / 2
