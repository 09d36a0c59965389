from typing import Any

import numpy as np
import pytest

from minimlp.metrics import accuracy, balanced_accuracy, f1, roc_auc
from minimlp.metrics.pair import as_classes, as_pair, class_of
from minimlp.metrics.resolve import KNOWN

METRICS = list(KNOWN.values())


@pytest.mark.parametrize("metric", METRICS)
def test_shapes_never_broadcast(metric: Any) -> None:
    with pytest.raises(ValueError, match="target has shape"):
        metric(np.ones((4, 1)), np.ones((3, 1)))
    with pytest.raises(ValueError, match="target has shape"):
        metric(np.ones(3), np.ones((3, 3)))
    with pytest.raises(ValueError, match="prediction has shape"):
        metric(np.ones((3, 1, 1)), np.ones((3, 1, 1)))
    with pytest.raises(ValueError, match="prediction has shape"):
        metric(np.ones((0, 1)), np.ones((0, 1)))


@pytest.mark.parametrize("metric", METRICS)
def test_text_and_complex_are_refused(metric: Any) -> None:
    with pytest.raises(TypeError, match="prediction must hold real numbers"):
        metric([[1.0]], [["a"]])
    with pytest.raises(TypeError, match="prediction must hold real numbers"):
        metric([[1.0]], [[1j]])
    with pytest.raises(TypeError, match="target must hold real numbers"):
        metric([["a"]], [[1.0]])


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_metric_is_a_python_float_and_writes_nothing(metric: Any, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    target, prediction = rng.random((2, 20, 3)).astype(dtype)
    before = target.copy(), prediction.copy()
    target.flags.writeable = prediction.flags.writeable = False
    assert type(metric(target, prediction)) is float
    np.testing.assert_array_equal(target, before[0])
    np.testing.assert_array_equal(prediction, before[1])


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_diverged_model_has_figures_and_no_error(metric: Any, value: float) -> None:
    assert isinstance(metric(np.eye(3), np.full((3, 3), value)), float)


def test_one_dimension_is_one_output_and_labels_are_one_hot() -> None:
    target, prediction = as_pair([1.0, 2.0], [3.0, 4.0])
    assert target.shape == prediction.shape == (2, 1)
    target, _ = as_pair([1, 0], [[0.1, 0.9], [0.2, 0.8]])
    np.testing.assert_array_equal(target, [[0, 1], [1, 0]])


def test_targets_of_the_models_dtype_are_not_copied() -> None:
    given = np.zeros((3, 2), np.float32)
    target, _ = as_pair(given, np.ones((3, 2), np.float32))
    assert np.shares_memory(target, given)


def test_the_class_is_the_first_of_the_largest_outputs() -> None:
    true, predicted, classes = as_classes([2, 0], [[0.1, 0.9, 0.9], [-1.0, -2.0, -3.0]])
    np.testing.assert_array_equal(true, [2, 0])
    np.testing.assert_array_equal(predicted, [1, 0])
    assert classes == 3


def test_targets_name_their_class_as_predictions_do() -> None:
    np.testing.assert_array_equal(class_of(np.eye(4)[[2, 0, 3]]), [2, 0, 3])
    np.testing.assert_array_equal(class_of(np.array([[0.5], [0.75]])), [0, 1])


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_output_stands_for_two_classes(shape: Any) -> None:
    target, prediction = np.reshape([0, 1, 1, 0], shape), np.reshape([0.4, 0.6, 0.5, 2], shape)
    true, predicted, classes = as_classes(target, prediction)
    np.testing.assert_array_equal(true, [0, 1, 1, 0])
    np.testing.assert_array_equal(predicted, [0, 1, 0, 1])
    assert classes == 2


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ([0, 2, 1], r"\[2.0\] in row 1: expected a class, which of one output is 0 or 1"),
        ([-1.0, 1.0], r"\[-1.0\] in row 0"),
        ([[1, 0], [1, 1]], r"\[1.0, 1.0\] in row 1: expected one class"),
        ([[0, 0], [0, 1]], r"\[0.0, 0.0\] in row 0: expected one class"),
    ],
)
@pytest.mark.parametrize("metric", [accuracy, balanced_accuracy, f1, roc_auc])
def test_targets_that_name_no_class_or_several_are_refused(
    target: Any, words: str, metric: Any
) -> None:
    with pytest.raises(ValueError, match=words):
        metric(target, np.full(np.shape(target), 0.25))
