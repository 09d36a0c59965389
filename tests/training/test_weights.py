"""Sample and class weights: a weight of 2 is the sample twice over the whole data."""

from typing import Any

import numpy as np
import pytest

from minimlp import SGD, Dense, Identity, Sequential, Sigmoid, Zeros, mlp

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 3))
LABELS = np.array([0, 0, 0, 1, 1, 2])


def loss_of(x: Any, y: Any, batch_size: int = 32, **given: Any) -> float:
    """The loss of an epoch that does not move the identity."""
    history = Sequential(Identity()).fit(x, y, batch_size=batch_size, **given)
    return history.history["loss"][0]


def trained(x: Any, y: Any, **given: Any) -> Any:
    model = mlp(3, 4, 3, output=Sigmoid, seed=0)
    options: dict[str, Any] = {"batch_size": 100, "epochs": 5, "optimizer": SGD(0.5)}
    model.fit(x, y, shuffle=False, **options, **given)
    return model.parameters


def test_a_weight_of_two_is_the_sample_twice() -> None:
    weighted = trained(X, Y, sample_weight=[1, 2, 1, 1, 3, 0])
    repeated = trained(X[[0, 1, 1, 2, 3, 4, 4, 4]], Y[[0, 1, 1, 2, 3, 4, 4, 4]])
    np.testing.assert_allclose(weighted, repeated, rtol=0, atol=1e-12)


def test_only_proportions_count() -> None:
    weight = RNG.random(6)
    np.testing.assert_allclose(
        trained(X, Y, sample_weight=weight),
        trained(X, Y, sample_weight=1e-300 * weight),
        rtol=1e-12,
    )
    np.testing.assert_allclose(trained(X, Y, sample_weight=[5] * 6), trained(X, Y), rtol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 2, 4, 6])
def test_batches_average_to_the_whole(batch_size: int) -> None:
    weight = np.arange(1.0, 7.0)
    each = 0.5 * ((X - Y) ** 2).sum(axis=1)
    loss = loss_of(X, Y, batch_size, sample_weight=weight)
    assert loss == pytest.approx(np.average(each, weights=weight), rel=1e-13)


def test_one_step_on_a_weighted_mini_batch_by_hand() -> None:
    """Weights 1 and 3 become ½ and 3/2; each step sees one sample, so w moves by η·weight·t."""
    model = Sequential(Dense(1, 1, bias=False, weight_initializer=Zeros()))
    options: dict[str, Any] = {"optimizer": SGD(0.5), "batch_size": 1, "shuffle": False}
    model.fit([[1.0], [1.0]], [1.0, 0.0], sample_weight=[1, 3], **options)
    # 0 + 0.5·½·1 = 0.25, then 0.25 − 0.5·1.5·0.25.
    assert model.parameters[0] == pytest.approx(0.0625, abs=1e-16)


def test_class_weights_are_the_weights_of_their_rows() -> None:
    by_class = trained(X, LABELS, class_weight={0: 1.0, 1: 2.0, 2: 5.0})
    by_row = trained(X, LABELS, sample_weight=[1, 1, 1, 2, 2, 5])
    np.testing.assert_allclose(by_class, by_row, rtol=0, atol=1e-14)


def test_a_class_left_out_weighs_one_and_one_hot_rows_are_classes_too() -> None:
    left_out = trained(X, LABELS, class_weight={1: 2.0})
    one_hot = trained(X, np.eye(3)[LABELS], class_weight={0: 1, 1: 2, 2: 1})
    np.testing.assert_allclose(left_out, one_hot, rtol=0, atol=1e-14)


def test_balanced_by_hand() -> None:
    """Three classes with 3, 2 and 1 of 6 samples weigh 6/(3·3), 6/(3·2) and 6/(3·1)."""
    balanced = trained(X, LABELS, class_weight="balanced")
    by_hand = trained(X, LABELS, class_weight={0: 2 / 3, 1: 1, 2: 2})
    np.testing.assert_allclose(balanced, by_hand, rtol=0, atol=1e-14)
    # All classes count the same: the mean of the classes' mean losses.
    each = 0.5 * ((X - np.eye(3)[LABELS]) ** 2).sum(axis=1)
    means = [each[label == LABELS].mean() for label in range(3)]
    assert loss_of(X, LABELS, class_weight="balanced") == pytest.approx(np.mean(means), rel=1e-13)


def test_balanced_counts_only_the_classes_that_are_there() -> None:
    labels = np.array([0, 0, 0, 0, 2, 2])
    balanced = trained(X, labels, class_weight="balanced")
    by_hand = trained(X, labels, class_weight={0: 6 / (2 * 4), 2: 6 / (2 * 2)})
    np.testing.assert_allclose(balanced, by_hand, rtol=0, atol=1e-14)


def test_sample_and_class_weight_multiply() -> None:
    both = trained(X, LABELS, sample_weight=[1, 2, 3, 4, 5, 6], class_weight={1: 10, 2: 0})
    product = trained(X, LABELS, sample_weight=[1, 2, 3, 40, 50, 0])
    np.testing.assert_allclose(both, product, rtol=0, atol=1e-14)


@pytest.mark.parametrize("targets", [[0, 1, 1, 1], [[0.0], [1.0], [1.0], [1.0]]])
def test_one_output_of_zero_and_one_has_two_classes(targets: Any) -> None:
    x = [[1.0], [2.0], [3.0], [4.0]]  # losses ½·1, ½·1, ½·4, ½·9
    assert loss_of(x, targets, class_weight={0: 3, 1: 1}) == pytest.approx(
        0.5 * (3 * 1 + 1 + 4 + 9) / 6, rel=1e-14
    )
    assert loss_of(x, targets, class_weight="balanced") == pytest.approx(
        0.5 * (1 + 14 / 3) / 2, rel=1e-14
    )


def test_only_one_class_present() -> None:
    x = [[1.0], [2.0]]
    assert loss_of(x, [0, 0], class_weight="balanced") == loss_of(x, [0, 0])
    assert loss_of(x, [1, 1], class_weight="balanced") == loss_of(x, [1, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extreme_weights_stay_finite(dtype: Any) -> None:
    model = mlp(3, 4, 3, output=Sigmoid, dtype=dtype, seed=0)
    model.fit(X, Y, sample_weight=[1e308, 1e308, 5e-324, 0, 1, 1e308])
    model.fit(X, LABELS, sample_weight=[1e300] * 6, class_weight={0: 1e300})
    assert np.isfinite(model.parameters).all()


@pytest.mark.parametrize(
    ("targets", "class_weight", "error", "words"),
    [
        (LABELS, {3: 1}, ValueError, ["class_weight", "3", "0 to 2"]),
        (LABELS, {-1: 1}, ValueError, ["class_weight", "-1", "0 to 2"]),
        (LABELS, {"a": 1}, ValueError, ["class_weight", "'a'", "0 to 2"]),
        (LABELS, {0.5: 1}, ValueError, ["class_weight", "0.5", "0 to 2"]),
        (LABELS, {0: -1}, ValueError, ["class_weight", "-1"]),
        (LABELS, {0: np.inf}, ValueError, ["class_weight", "inf"]),
        (LABELS, {0: np.nan}, ValueError, ["class_weight", "nan"]),
        (LABELS, {0: "1"}, TypeError, ["class_weight", "'1'"]),
        (LABELS, {0: 0, 1: 0, 2: 0}, ValueError, ["class_weight"]),
        (LABELS, "balance", TypeError, ["class_weight", "balanced", "'balance'"]),
        (LABELS, [1, 2, 3], TypeError, ["class_weight", "[1, 2, 3]"]),
        (Y, "balanced", ValueError, ["class_weight", "labels"]),
        (np.ones((6, 3)), {0: 1}, ValueError, ["class_weight", "labels"]),
    ],
)
def test_class_weights_that_are_none(
    targets: Any, class_weight: Any, error: type[Exception], words: list[str]
) -> None:
    model = mlp(3, 4, 3, output=Sigmoid, seed=0)
    before = model.parameters.tobytes()
    with pytest.raises(error) as caught:
        model.fit(X, targets, class_weight=class_weight)
    assert all(word in str(caught.value) for word in words), caught.value
    assert model.parameters.tobytes() == before
