import numpy as np

from minimlp.metrics import accuracy


def test_the_largest_output_names_the_class() -> None:
    target = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]
    prediction = [[0.2, 0.1, 0.0], [0.9, 0.8, 0.0], [0.1, 0.2, 0.3], [-3.0, -4.0, -5.0]]
    assert accuracy(target, prediction) == 0.75


def test_one_output_is_judged_at_one_half() -> None:
    assert accuracy([[0], [1], [1], [0]], [[0.4], [0.6], [0.5], [0.5]]) == 0.75
    assert accuracy([0, 1, 1], [0.9, 0.9, 0.1]) == 1 / 3


def test_labels_do_as_well_as_one_hot_rows() -> None:
    rng = np.random.default_rng(0)
    labels, prediction = rng.integers(0, 5, 100), rng.random((100, 5))
    expected = sum(int(row.argmax()) == k for row, k in zip(prediction, labels, strict=True)) / 100
    assert accuracy(labels, prediction) == expected
    assert accuracy(np.eye(5)[labels], prediction) == expected
