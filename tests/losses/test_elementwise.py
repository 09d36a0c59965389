"""The losses of single entries: their formulas, kinks, clipping, and what they refuse."""

import math

import numpy as np
import pytest

from minimlp import (
    MAE,
    MSE,
    SGD,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Huber,
    Identity,
    PoissonNLL,
    Quantile,
    Sequential,
    Sigmoid,
    Softmax,
)

DTYPES = [np.float32, np.float64]


def test_values_by_hand():
    prediction, target = [[1.0, 4.0], [0.0, -2.0]], [[2.0, 2.0], [0.0, 1.0]]
    assert MAE().value(prediction, target) == (1 + 2 + 0 + 3) / 2
    assert Huber(1.5).value(prediction, target) == (0.5 + 1.5 * 1.25 + 0 + 1.5 * 2.25) / 2
    assert Quantile(0.9).value(prediction, target) == pytest.approx((0.9 + 0.2 + 0 + 2.7) / 2)
    assert Quantile(0.5).value(prediction, target) == MAE().value(prediction, target) / 2


def test_gradients_by_hand():
    prediction, target = [[1.0, 4.0], [0.0, -2.0]], [[2.0, 2.0], [0.0, 1.0]]
    assert MAE().gradient(prediction, target).tolist() == [[-0.5, 0.5], [0, -0.5]]
    assert Huber(1.5).gradient(prediction, target).tolist() == [[-0.5, 0.75], [0, -0.75]]
    assert Quantile(0.75).gradient(prediction, target).tolist() == [
        [-0.375, 0.125],
        [-0.375, -0.375],
    ]


def test_cross_entropies_by_hand():
    p = [[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]
    by_label = CategoricalCrossEntropy().value(p, [1, 2])
    assert by_label == pytest.approx((math.log(4) + math.log(1.25)) / 2)
    assert CategoricalCrossEntropy().value(p, [[0, 1, 0], [0, 0, 1]]) == by_label
    smooth = CategoricalCrossEntropy(0.3).value(p, [1, 2])
    shares = [[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    assert smooth == pytest.approx(CategoricalCrossEntropy().value(p, shares))
    assert BinaryCrossEntropy().value([[0.75]], [[1.0]]) == pytest.approx(-math.log(0.75))
    assert PoissonNLL().value([[3.0]], [[2.0]]) == pytest.approx(3 - 2 * math.log(3))


@pytest.mark.parametrize("dtype", DTYPES)
def test_bare_probabilities_are_clipped_at_eps(dtype):
    eps = float(np.finfo(dtype).eps)
    zero, one = np.zeros((1, 1), dtype), np.ones((1, 1), dtype)
    with np.errstate(all="raise"):
        assert BinaryCrossEntropy().value(zero, one) == pytest.approx(-math.log(eps), rel=1e-6)
        assert BinaryCrossEntropy().value(one, zero) == pytest.approx(-math.log(eps), rel=1e-6)
        certain = np.array([[0, 1]], dtype)
        value = CategoricalCrossEntropy().value(certain, [0])
        assert value == pytest.approx(-math.log(eps), rel=1e-6)
        assert PoissonNLL().value(zero, one) == pytest.approx(-math.log(eps), rel=1e-6)
        for loss, prediction, target in [
            (BinaryCrossEntropy(), zero, one),
            (CategoricalCrossEntropy(), certain, np.array([[1, 0]], dtype)),
            (PoissonNLL(), zero, one),
        ]:
            gradient = loss.gradient(prediction, target)
            assert np.isfinite(gradient).all()
            assert gradient.dtype == dtype
            assert gradient[0, 0] < 0  # towards the target


@pytest.mark.parametrize(
    "loss",
    [MAE(), Huber(0.5), Quantile(0.3), BinaryCrossEntropy(), CategoricalCrossEntropy(0.1)],
    ids=repr,
)
def test_weights_multiply_rows_and_are_not_divided_by(loss):
    rng = np.random.default_rng(0)
    prediction, target = rng.dirichlet(np.ones(3), 5), rng.dirichlet(np.ones(3), 5)
    weight = rng.uniform(size=5)
    rows = [loss.value(prediction[[i]], target[[i]]) for i in range(5)]
    assert loss.value(prediction, target, weight) == pytest.approx((weight * rows).sum() / 5)
    gradient = loss.gradient(prediction, target)
    weighted = loss.gradient(prediction, target, weight)
    assert weighted == pytest.approx(gradient * weight[:, None])
    out = np.full((5, 3), np.nan)
    assert loss.gradient(prediction, target, out=out) is out
    assert (out == gradient).all()


def test_the_best_constant_is_the_median_and_the_quantile():
    y = np.array([1.0, 2.0, 3.0, 10.0, 100.0])[:, None]
    constant = np.linspace(0, 100, 2001)

    def best(loss):
        values = [loss.value(np.full_like(y, c), y) for c in constant]
        return constant[int(np.argmin(values))]

    assert best(MAE()) == pytest.approx(3)
    assert best(Quantile(0.3)) == pytest.approx(2)
    assert best(Quantile(0.9)) == pytest.approx(100)


@pytest.mark.parametrize("dtype", DTYPES)
def test_training_in_a_dtype_gives_a_float(dtype):
    model = Sequential(Dense(2, 2), Identity(), dtype=dtype, seed=0)
    for loss in (MAE(), Huber(), Quantile(0.2)):
        history = model.fit([[0.0, 1.0]], [[1.0, 2.0]], loss=loss, optimizer=SGD(0.01))
        assert type(history.history["loss"][0]) is float
        assert model.parameters.dtype == dtype


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Huber(0.0), "delta"),
        (lambda: Huber(np.inf), "delta"),
        (lambda: Huber("wide"), "delta"),
        (lambda: Quantile(0.0), "tau"),
        (lambda: Quantile(1), "tau"),
        (lambda: Quantile(np.nan), "tau"),
        (lambda: CategoricalCrossEntropy(1.0), "label_smoothing"),
        (lambda: CategoricalCrossEntropy(-0.1), "label_smoothing"),
    ],
)
def test_arguments_out_of_range_are_named(make, word):
    with pytest.raises((TypeError, ValueError), match=word):
        make()


@pytest.mark.parametrize(
    ("loss", "layer", "y", "words"),
    [
        (BinaryCrossEntropy(), Sigmoid, [[1.5, 0], [0, 0]], "y holds 1.5 at row 0, column 0"),
        (BinaryCrossEntropy(), Sigmoid, [[0, 1], [0, -1]], "y holds -1.0 at row 1, column 1"),
        (CategoricalCrossEntropy(), Softmax, [[0, 1], [1, 1]], "y has the sum 2 in row 1"),
        (CategoricalCrossEntropy(), Softmax, [[0, 1], [0, 0]], "y has the sum 0 in row 1"),
        (PoissonNLL(), Identity, [[0, 1], [-3, 1]], "y holds -3.0 at row 1.*counts"),
    ],
)
def test_targets_without_a_meaning_are_refused_before_training(loss, layer, y, words):
    model = Sequential(Dense(2, 2), layer(), seed=0)
    before = model.parameters.tobytes()
    for method in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=words):
            method([[0.0, 1.0], [1.0, 0.0]], y, loss=loss)
    assert model.parameters.tobytes() == before


def test_labels_are_accepted_by_a_bare_loss():
    with pytest.raises(ValueError, match="label 3"):
        CategoricalCrossEntropy().value([[0.5, 0.5]], [3])
    with pytest.raises(ValueError, match="expected the same"):
        CategoricalCrossEntropy().value([[0.5, 0.5]], [0.0])


@pytest.mark.parametrize(
    "loss", [MSE(), BinaryCrossEntropy(), CategoricalCrossEntropy(0.1)], ids=repr
)
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_targets_of_whole_numbers_and_booleans_count_as_numbers(loss, dtype):
    prediction, target = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    given = target.astype(dtype)
    near = {"rel": 0 if dtype != np.float32 else 1e-7, "abs": 0}
    assert loss.value(prediction, given) == pytest.approx(loss.value(prediction, target), **near)
    expected = loss.gradient(prediction, target)
    assert loss.gradient(prediction, given) == pytest.approx(expected, **near)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"target": [["a", "b"]]}, TypeError, "target must hold numbers"),
        ({"target": [[None, 1]]}, TypeError, "target must hold numbers"),
        ({"prediction": [[0.5], [0.5, 0.5]]}, ValueError, "prediction has rows of different"),
        ({"prediction": [["a", "b"]]}, TypeError, "prediction must hold numbers"),
        ({"sample_weight": ["much"]}, TypeError, "sample_weight must hold numbers"),
        ({"sample_weight": [1j]}, TypeError, "sample_weight must hold real numbers"),
    ],
)
@pytest.mark.parametrize("loss", [MSE(), BinaryCrossEntropy()], ids=repr)
def test_what_is_no_number_is_refused_by_name(loss, given, error, words):
    with pytest.raises(error, match=words):
        loss.value(**{"prediction": [[0.5, 0.5]], "target": [[1.0, 0.0]], **given})


def test_elements_of_ones_own_count_below_mse_too():
    class Cubed(MSE):
        def elements(self, prediction, target, values, slopes):
            values[...] = np.abs(prediction - target) ** 3
            slopes[...] = 3 * (prediction - target) * np.abs(prediction - target)

    assert Cubed().value([[2.0]], [[0.0]]) == 8.0
    assert Cubed().gradient([[2.0]], [[0.0]]) == [[12.0]]
    model = Sequential(Dense(1, 1), Identity())
    assert model.evaluate([[0.0]], [[2.0]], loss=Cubed())["loss"] == 8.0


# Weights that make a loss a sum of squares.


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", [MSE(), Huber(), Huber(0.3), Huber(1e-6), Huber(1e6)], ids=repr)
def test_a_residual_times_its_weight_is_the_gradient(loss, dtype):
    target = np.zeros((9, 2), dtype)
    residual = np.geomspace(1e-8, 1e8, 18).reshape(9, 2).astype(dtype)
    residual[::2] *= -1
    out = np.full_like(residual, np.nan)
    loss.residual_weights(residual, out)
    assert (out > 0).all()
    assert (out <= 1).all()
    assert residual * out / 9 == pytest.approx(loss.gradient(residual, target), rel=1e-6)


def test_weights_of_residuals_by_hand():
    residual = np.array([[0.0, 0.5], [-0.5, 1.0], [-2.0, 5.0]])
    out = np.empty((3, 2))
    with np.errstate(all="raise"):
        Huber(0.5).residual_weights(residual, out)
        assert out.tolist() == [[1, 1], [1, 0.5], [0.25, 0.1]]
        Huber(0.5).residual_weights(residual, residual)  # in place
        assert residual.tolist() == out.tolist()
        MSE().residual_weights(residual, out)
        assert out.tolist() == [[1, 1]] * 3


def test_weights_speak_for_a_class_that_measures_as_they_do():
    class Same(Huber):
        pass

    class OwnValue(MSE):
        def value(self, prediction, target, sample_weight=None):
            return 2 * super().value(prediction, target, sample_weight)

    class OwnGradient(MSE):
        def gradient(self, prediction, target, sample_weight=None, out=None):
            return 2 * super().gradient(prediction, target, sample_weight, out)

    class OwnElements(Huber):
        def elements(self, prediction, target, values, slopes):
            values[...] = slopes[...] = 1

    class OwnPlan(MSE):
        def plan(self, prediction, target, sample_weight, out):
            return lambda: 0.0

    class Both(OwnElements):
        def residual_weights(self, residual, out):
            out[...] = 1

    class BelowBoth(Both):
        def value(self, prediction, target, sample_weight=None):
            return 1.0

    for kind in (MSE, Huber, Same, Both):
        assert kind.is_reweighted, kind
    others = [MAE, Quantile, BinaryCrossEntropy, CategoricalCrossEntropy, PoissonNLL]
    for kind in [*others, OwnValue, OwnGradient, OwnElements, OwnPlan, BelowBoth]:
        assert not kind.is_reweighted, kind
    with pytest.raises(NotImplementedError, match="MAE does not define residual_weights"):
        MAE().residual_weights(np.ones((1, 1)), np.ones((1, 1)))
