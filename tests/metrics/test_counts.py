"""What precision, recall and F1 have in common; their own formulas have their own files."""

import warnings
from typing import Any

import numpy as np
import pytest

from minimlp.metrics import f1, precision, recall

RATIOS = [precision, recall, f1]


@pytest.mark.parametrize("metric", RATIOS)
def test_one_output_two_columns_labels_and_one_hot_rows_agree(metric: Any) -> None:
    rng = np.random.default_rng(0)
    target, p = rng.integers(0, 2, 50), rng.random(50)
    both = np.column_stack([1 - p, p])
    expected = metric(target, p)
    assert 0 < expected < 1
    assert metric(target[:, np.newaxis], p[:, np.newaxis]) == expected
    assert metric(target, both) == expected
    assert metric(np.eye(2)[target], both) == expected


@pytest.mark.parametrize("metric", RATIOS)
@pytest.mark.parametrize(("target", "prediction"), [([0, 0], [0.1, 0.2]), ([0, 0], [0.9, 0.1])])
def test_nothing_of_nothing_is_zero(metric: Any, target: Any, prediction: Any) -> None:
    assert metric(target, prediction) == 0.0
    assert metric([1, 1], [0.1, 0.2]) == 0.0


@pytest.mark.parametrize("metric", RATIOS)
def test_what_is_all_found_is_one(metric: Any) -> None:
    target = [0, 1, 2, 2]
    for average in ("auto", "macro", "weighted"):
        # Of the fourth class there is neither row nor prediction.
        assert metric(target, np.eye(4)[target], average=average) == 1.0


@pytest.mark.parametrize("metric", RATIOS)
@pytest.mark.parametrize("average", ["micro", None, "", 1])
def test_an_average_that_is_none(metric: Any, average: Any) -> None:
    with pytest.raises(ValueError, match="average must be one of auto, macro, weighted, got"):
        metric([0, 1], [0.1, 0.9], average=average)


@pytest.mark.parametrize("metric", RATIOS)
@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("rows", [1, 4, 200])
def test_against_scikit_learn(metric: Any, classes: int, rows: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    score = getattr(metrics, f"{metric.__name__}_score")
    rng = np.random.default_rng([classes, rows])
    for _ in range(20):
        # The square leaves few rows in the last classes, or none; few values make ties.
        target = (rng.random(rows) ** 2 * classes).astype(int)
        prediction = rng.integers(0, 4, (rows, classes)) + np.eye(classes)[target]
        named = prediction.argmax(axis=1)
        for average in ("macro", "weighted"):
            expected = score(target, named, average=average, zero_division=0)
            assert metric(target, prediction, average=average) == pytest.approx(expected, abs=1e-12)
        kind = "binary" if classes == 2 else "macro"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where all rows are of class 0
            expected = score(target, named, average=kind, zero_division=0)
        assert metric(target, prediction) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", RATIOS)
def test_one_output_against_scikit_learn(metric: Any) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    score = getattr(metrics, f"{metric.__name__}_score")
    rng = np.random.default_rng(0)
    for rows in (1, 2, 3, 100):
        target, p = rng.integers(0, 2, rows), rng.integers(0, 5, rows) / 4
        for average, kind in (("auto", "binary"), ("macro", "macro"), ("weighted", "weighted")):
            expected = score(target, p > 0.5, average=kind, zero_division=0)
            assert metric(target, p, average=average) == pytest.approx(expected, abs=1e-12)
