import itertools
import math
from typing import Any

import numpy as np
import pytest

from minimlp.metrics import roc_auc


def test_by_hand() -> None:
    # Of four pairs (0 below 1) three are in order.
    assert roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == 0.75
    assert roc_auc([0, 0, 1, 1], [1, 2, 3, 4]) == 1.0
    assert roc_auc([0, 0, 1, 1], [4, 3, 2, 1]) == 0.0
    # One pair in order, one equal.
    assert roc_auc([0, 0, 1], [1, 2, 2]) == 0.75
    assert roc_auc([0, 1, 1], [7, 7, 7]) == 0.5


def _pairs(is_class: Any, scores: Any) -> float:
    pairs = list(itertools.product(scores[is_class], scores[~is_class]))
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)


@pytest.mark.parametrize("values", [3, 10**6])
def test_it_is_the_share_of_pairs_in_order(values: int) -> None:
    rng = np.random.default_rng(0)
    target, scores = rng.integers(0, 4, 40), rng.integers(0, values, (40, 4))
    each = [_pairs(target == k, scores[:, k]) for k in range(4)]
    assert roc_auc(target, scores) == pytest.approx(np.mean(each), rel=1e-14)
    assert roc_auc(np.eye(4)[target], scores) == pytest.approx(np.mean(each), rel=1e-14)


def test_of_two_columns_the_second_is_the_score() -> None:
    rng = np.random.default_rng(0)
    target, scores = rng.integers(0, 2, 50), rng.normal(size=(50, 2))
    expected = _pairs(target == 1, scores[:, 1])
    assert roc_auc(target, scores) == pytest.approx(expected, rel=1e-14)
    assert roc_auc(target, scores[:, 1]) == roc_auc(target, scores[:, 1:]) == expected


def test_only_the_order_matters() -> None:
    rng = np.random.default_rng(0)
    target, scores = rng.integers(0, 2, 50), rng.normal(size=50)
    expected = roc_auc(target, scores)
    assert roc_auc(target, np.exp(scores)) == roc_auc(target, 1e6 * scores + 3) == expected
    assert roc_auc(target, -scores) == pytest.approx(1 - expected, rel=1e-14)


def test_one_class_alone_is_not_a_number() -> None:
    assert math.isnan(roc_auc([0, 0], [0.1, 0.9]))
    assert math.isnan(roc_auc([1.0], [0.9]))
    assert math.isnan(roc_auc([1, 1], [[0.1, 0.9], [0.2, 0.8]]))
    assert math.isnan(roc_auc([2, 2], [[0.1, 0.9, 0.0], [0.2, 0.8, 0.0]]))


def test_scores_that_are_nan_have_no_order() -> None:
    assert math.isnan(roc_auc([0, 1, 1], [0.1, np.nan, 0.9]))
    assert roc_auc([0, 1, 1], [-np.inf, 0.0, np.inf]) == 1.0


def test_a_class_without_rows_does_not_count() -> None:
    rng = np.random.default_rng(0)
    target, scores = rng.integers(0, 3, 40), rng.random((40, 4))
    assert roc_auc(target, scores) == roc_auc(target, scores[:, :3])


def test_large_counts_are_exact() -> None:
    # More pairs than 32 bits hold.
    target = np.repeat([0, 1], 100_000)
    assert roc_auc(target, target.astype(np.float32)) == 1.0
    assert roc_auc(target, np.zeros(200_000, np.float32)) == 0.5


@pytest.mark.parametrize("values", [2, 5, 10**6])
def test_two_classes_against_scikit_learn(values: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(values)
    for rows in (2, 5, 300):
        target = rng.permutation(np.arange(rows) % 2)
        scores = rng.integers(0, values, rows) / values
        expected = metrics.roc_auc_score(target, scores)
        assert roc_auc(target, scores) == pytest.approx(expected, abs=1e-12)
        both = np.column_stack([1 - scores, scores])
        assert roc_auc(target, both) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("classes", [3, 10])
@pytest.mark.parametrize("values", [2, 5, 10**6])
def test_several_classes_against_scikit_learn(classes: int, values: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng([classes, values])
    for rows in (classes, 200):
        target = rng.permutation(np.arange(rows) % classes)
        scores = rng.integers(1, values + 1, (rows, classes)) + np.eye(classes)[target]
        scores /= scores.sum(axis=1, keepdims=True)
        expected = metrics.roc_auc_score(target, scores, multi_class="ovr", average="macro")
        assert roc_auc(target, scores) == pytest.approx(expected, abs=1e-12)


def test_missing_classes_against_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    target, scores = rng.choice([0, 2, 5], 100), rng.random((100, 7))
    there = [0, 2, 5]
    expected = metrics.roc_auc_score(np.eye(7)[target][:, there], scores[:, there], average="macro")
    assert roc_auc(target, scores) == pytest.approx(expected, abs=1e-12)
