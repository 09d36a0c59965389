from typing import Any

import numpy as np
import pytest

from minimlp.training.split import random_split, stratified_split


def split(labels: Any, fraction: Any = 0.2, seed: int = 0) -> tuple[Any, Any]:
    return stratified_split(labels, fraction, np.random.default_rng(seed))


def counts(labels: Any, rows: Any) -> list[int]:
    classes = np.unique(labels)
    return [int((np.asarray(labels)[rows] == name).sum()) for name in classes]


def test_two_sorted_halves_of_all_rows() -> None:
    labels = np.random.default_rng(1).integers(0, 4, 101)
    rest, part = split(labels)
    assert np.issubdtype(rest.dtype, np.integer)
    assert np.issubdtype(part.dtype, np.integer)
    assert (np.diff(rest) > 0).all()
    assert (np.diff(part) > 0).all()
    assert sorted([*rest, *part]) == list(range(101))
    assert len(part) == 20


def test_largest_remainder_by_hand() -> None:
    # Shares 2.0, 1.6, 1.4 of 5 rows: rounded down 2, 1, 1, and the one left goes to 1.6.
    labels = [0] * 10 + [1] * 8 + [2] * 7
    assert counts(labels, split(labels)[1]) == [2, 2, 1]


def test_shares_are_within_one_row_of_exact() -> None:
    rng = np.random.default_rng(2)
    for seed in range(50):
        sizes = rng.integers(20, 200, rng.integers(2, 8))
        labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
        fraction = float(rng.uniform(0.1, 0.9))
        _, part = split(labels, fraction, seed)
        assert len(part) == round(len(labels) * fraction)
        assert (np.abs(counts(labels, part) - sizes * fraction) < 1).all()


@pytest.mark.parametrize("fraction", [1e-9, 0.01, 0.2, 0.5, 0.99, 1 - 1e-9, np.nextafter(1, 0)])
def test_a_class_of_two_is_in_both(fraction: float) -> None:
    labels = ["a"] * 50 + ["b"] * 2 + ["c"] * 3
    rest, part = split(labels, fraction)
    assert min(counts(labels, rest)) >= 1
    assert min(counts(labels, part)) >= 1


def test_a_class_of_one_stays_in_the_rest() -> None:
    labels = [0, 0, 0, 0, 1, 2, 3]
    rest, part = split(labels, 0.9)
    assert counts(labels, part) == [3, 0, 0, 0]
    assert counts(labels, rest) == [1, 1, 1, 1]


def test_the_generator_decides() -> None:
    labels = [0] * 50 + [1] * 50
    np.testing.assert_array_equal(split(labels, seed=3)[1], split(labels, seed=3)[1])
    assert not np.array_equal(split(labels, seed=3)[1], split(labels, seed=4)[1])


@pytest.mark.parametrize("fraction", [0, 0.0, 1, 1.0, -0.1, 1.5, float("nan"), float("inf")])
def test_fraction_out_of_range(fraction: float) -> None:
    with pytest.raises(ValueError, match="fraction must be"):
        split([0, 0, 1, 1], fraction)


@pytest.mark.parametrize("fraction", [True, "0.2", None])
def test_fraction_of_another_kind(fraction: Any) -> None:
    with pytest.raises(TypeError, match="fraction must be a number"):
        split([0, 0, 1, 1], fraction)


@pytest.mark.parametrize("labels", [[], [[0, 1]], 3])
def test_labels_of_another_shape(labels: Any) -> None:
    with pytest.raises(ValueError, match="labels has shape"):
        split(labels)


def test_labels_all_different() -> None:
    with pytest.raises(ValueError, match="labels has 3 rows, no two of a class"):
        split([0, 1, 2])


def test_labels_that_cannot_be_compared() -> None:
    with pytest.raises(TypeError, match="labels must be all numbers or all text"):
        split(np.array([1, "a", 1, "a"], object))


@pytest.mark.parametrize(
    ("rows", "fraction", "aside"), [(10, 0.2, 2), (2, 0.01, 1), (2, 0.99, 1), (7, 0.5, 4)]
)
def test_a_random_split_has_rows_on_both_sides(rows, fraction, aside):
    rest, part = random_split(rows, fraction, np.random.default_rng(0))
    assert sorted([*rest, *part]) == list(range(rows))
    assert len(part) == aside
    assert list(part) == sorted(part)


@pytest.mark.parametrize(("rows", "fraction"), [(1, 0.5), (0, 0.5), (5, 0.0), (5, 1.0)])
def test_a_random_split_that_cannot_be(rows, fraction):
    with pytest.raises(ValueError, match=r"rows|fraction"):
        random_split(rows, fraction, np.random.default_rng(0))
