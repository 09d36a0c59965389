import numpy as np
import pytest

from minimlp.metrics import accuracy, balanced_accuracy, confusion_matrix


def test_true_classes_down_predicted_across() -> None:
    target, predicted = [0, 0, 0, 1, 2, 2], [0, 1, 1, 1, 0, 2]
    expected = [[1, 2, 0], [0, 1, 0], [1, 0, 1]]
    for given in (target, np.eye(3)[target]):
        matrix = confusion_matrix(given, np.eye(3)[predicted])
        np.testing.assert_array_equal(matrix, expected)
        assert matrix.dtype.kind == "i"


def test_one_output_stands_for_two_classes() -> None:
    matrix = confusion_matrix([[0], [0], [0], [1]], [[0.1], [0.5], [0.6], [0.7]])
    np.testing.assert_array_equal(matrix, [[2, 1], [0, 1]])
    np.testing.assert_array_equal(confusion_matrix([0], [0.0]), [[1, 0], [0, 0]])


def test_classes_without_rows_have_their_place() -> None:
    matrix = confusion_matrix([1], [[0.0, 1.0, 0.0, 0.0]])
    np.testing.assert_array_equal(matrix, np.diag([0, 1, 0, 0]))


def test_its_sums_are_counts_and_its_diagonal_gives_the_accuracies() -> None:
    rng = np.random.default_rng(0)
    target, prediction = rng.integers(0, 6, 300), rng.random((300, 6))
    matrix = confusion_matrix(target, prediction)
    np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(target, minlength=6))
    predicted = prediction.argmax(axis=1)
    np.testing.assert_array_equal(matrix.sum(axis=0), np.bincount(predicted, minlength=6))
    assert matrix.trace() / 300 == pytest.approx(accuracy(target, prediction), rel=1e-14)
    recall = matrix.diagonal() / matrix.sum(axis=1)
    assert recall.mean() == pytest.approx(balanced_accuracy(target, prediction), rel=1e-14)


def test_shapes_never_broadcast() -> None:
    with pytest.raises(ValueError, match="target has shape"):
        confusion_matrix(np.ones((4, 2)), np.ones((3, 2)))
    with pytest.raises(TypeError, match="prediction must hold real numbers"):
        confusion_matrix([0, 1], [["a"], ["b"]])


def test_against_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    target, prediction = rng.integers(0, 9, 500), rng.random((500, 9))
    expected = metrics.confusion_matrix(target, prediction.argmax(axis=1), labels=range(9))
    np.testing.assert_array_equal(confusion_matrix(target, prediction), expected)
