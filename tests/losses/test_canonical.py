"""A loss behind its natural last layer: one formula of the logits, right at every logit."""

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from examples import all_examples

from minimlp import (
    MSE,
    SGD,
    Adam,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Dense,
    Exp,
    Identity,
    Loss,
    Objective,
    PoissonNLL,
    Sequential,
    Sigmoid,
    Softmax,
    check_gradients,
)

DTYPES = [np.float32, np.float64]
PAIRS = [
    (MSE(), Identity),
    (BinaryCrossEntropy(), Sigmoid),
    (CategoricalCrossEntropy(), Softmax),
    (CategoricalCrossEntropy(0.1), Softmax),
    (PoissonNLL(), Exp),
]


def through(layer, width, dtype):
    """A network whose logits are its inputs, so that any logits can be had."""
    model = Sequential(Dense(width, width), layer(), dtype=dtype)
    model.layers[0].weight = np.eye(width)
    return model


def binary(z, t):
    """ln(1 + eᶻ) − t·z without cancellation, in double precision."""
    return math.log1p(math.exp(-abs(z))) + (z * (1 - t) if z > 0 else -z * t)


def categorical(z, t):
    top = max(z)
    tail = [math.exp(each - top) for each in z]
    return math.log(math.fsum(tail)) - math.fsum(a * (b - top) for a, b in zip(t, z, strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("z", [-1e4, -700.0, -88.5, -20.0, -1.0, 0.0, 1e-3, 3.0, 20.0, 89.0, 1e4])
@pytest.mark.parametrize("t", [0.0, 1.0, 0.25])
def test_binary_cross_entropy_is_exact_at_every_logit(dtype, z, t):
    model = through(Sigmoid, 1, dtype)
    z = float(dtype(z))
    with np.errstate(all="raise", under="ignore"):
        value = model.evaluate([[z]], [[t]], loss=BinaryCrossEntropy())["loss"]
    assert value == pytest.approx(binary(z, t), rel=4 * float(np.finfo(dtype).eps), abs=1e-45)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "z", [[1e4, -1e4, 0], [1e4, 1e4, 1e4], [-1e4, -1e4 + 1, -1e4], [0.5, 0.25, -3], [30, 0, 0]]
)
@pytest.mark.parametrize("t", [[1, 0, 0], [0, 1, 0], [0.25, 0.25, 0.5]])
def test_categorical_cross_entropy_is_exact_at_every_logit(dtype, z, t):
    model = through(Softmax, 3, dtype)
    with np.errstate(all="raise", under="ignore"):
        value = model.evaluate([z], [t], loss=CategoricalCrossEntropy())["loss"]
    eps = float(np.finfo(dtype).eps)
    assert value == pytest.approx(categorical(z, t), rel=4 * eps, abs=4 * eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_poisson_is_exact_where_its_mean_can_be_written(dtype):
    model = through(Exp, 1, dtype)
    with np.errstate(all="raise", under="ignore"):
        for z, t in [(-1e4, 3.0), (0.0, 1.0), (2.5, 12.0), (80.0, 0.0)]:
            value = model.evaluate([[z]], [[t]], loss=PoissonNLL())["loss"]
            assert value == pytest.approx(
                math.exp(z) - t * z, rel=4 * float(np.finfo(dtype).eps) * 80
            )
        assert model.evaluate([[1e4]], [[3.0]], loss=PoissonNLL())["loss"] == math.inf


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1e4, -1e4])
@pytest.mark.parametrize(("loss", "layer"), PAIRS[:4], ids=repr)
def test_training_and_derivatives_at_ten_thousand_without_a_warning(dtype, size, loss, layer):
    model = through(layer, 2, dtype)
    x, y = [[size, 0.0], [0.0, size]], [[1.0, 0.0], [1.0, 0.0]]
    prediction = model.predict(x)
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        value, gradient = model.value_and_gradient(loss, x, y)(model.parameters.astype(float))
        rows = model.per_sample_gradients(loss, x, y)
        product = model.hessian_product(loss, x, y)(model.parameters, np.ones(6))
        history = model.copy().fit(x, y, loss=loss, optimizer=SGD(1e-9), epochs=2)
        check = check_gradients(model, loss, x, y)
    share = 1 - getattr(loss, "label_smoothing", 0.0)
    target = np.array(y) * share + (1 - share) / 2
    delta = prediction.astype(float) - target
    expected = np.concatenate([(np.transpose(x) @ delta).ravel(), delta.sum(axis=0)]) / 2
    eps = float(np.finfo(dtype).eps)
    assert gradient == pytest.approx(expected, rel=10 * eps, abs=10 * eps * abs(size))
    assert rows.mean(axis=0) == pytest.approx(expected, rel=10 * eps, abs=10 * eps * abs(size))
    assert np.isfinite(product).all()
    assert history.history["loss"][0] == pytest.approx(value, rel=1e-6)
    assert check, check


@pytest.mark.parametrize("example", all_examples(Loss).values(), ids=all_examples(Loss).keys())
def test_the_formula_of_the_logits_is_the_loss_of_the_outputs(example):
    rng = np.random.default_rng(0)
    loss = example.make()
    layer = Identity() if example.output is None else example.output(3)
    model = Sequential(Dense(4, 3), layer, seed=0)
    x = rng.normal(size=(7, 4))
    y, weight = example.targets(rng, (7, 3)), rng.uniform(size=7)
    relative = weight / weight.mean()
    prediction = model.forward(x)
    value = model.evaluate(x, y, loss=loss, sample_weight=weight)["loss"]
    assert value == pytest.approx(loss.value(prediction, y, relative), rel=1e-13)
    _, gradient = model.value_and_gradient(loss, x, y, weight)(model.parameters)
    model.backward(loss.gradient(prediction, y, relative))
    assert gradient == pytest.approx(model.gradients, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("loss", "layer"), PAIRS, ids=repr)
def test_a_natural_pair_runs_without_its_last_layer(loss, layer):
    natural = Objective(Sequential(Dense(3, 2), layer()), loss)
    assert natural.is_natural
    assert len(natural.chain) == 1
    other = Sigmoid if layer is not Sigmoid else Identity
    assert not Objective(Sequential(Dense(3, 2), other()), loss).is_natural


def test_a_subclass_of_the_layer_or_the_loss_may_be_something_else():
    class Bent(Sigmoid):
        pass

    class Scaled(BinaryCrossEntropy):
        def value(self, prediction, target, sample_weight=None):
            return 2 * super().value(prediction, target, sample_weight)

        def gradient(self, prediction, target, sample_weight=None, out=None):
            return 2 * super().gradient(prediction, target, sample_weight)

    assert not Objective(Sequential(Dense(1, 1), Bent()), BinaryCrossEntropy()).is_natural
    model = Sequential(Dense(1, 1), Sigmoid(), seed=0)
    assert not Objective(model, Scaled()).is_natural
    once = model.evaluate([[0.5]], [1.0], loss=BinaryCrossEntropy())["loss"]
    assert model.evaluate([[0.5]], [1.0], loss=Scaled())["loss"] == pytest.approx(2 * once)


def test_a_layer_alone_is_enough_of_a_model():
    model = Sequential(Softmax())
    value = model.evaluate([[1.0, 2.0, 3.0]], [2], loss=CategoricalCrossEntropy())["loss"]
    assert value == pytest.approx(categorical([1.0, 2.0, 3.0], [0, 0, 1]))


def test_metrics_see_probabilities():
    model = through(Softmax, 3, np.float64)
    seen = []

    def see(target, prediction):
        seen.append(prediction.copy())
        return 0.0

    z = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]])
    model.evaluate(z, [1, 2], loss=CategoricalCrossEntropy(), metrics=see)
    expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert seen[0] == pytest.approx(expected, rel=1e-14)
    model.fit(z, [1, 2], loss=CategoricalCrossEntropy(), optimizer=Adam(1e-9), metrics=see)
    assert seen[1] == pytest.approx(expected, rel=1e-14)


def test_the_pairs_derivative_is_prediction_minus_target():
    rng = np.random.default_rng(1)
    for loss, layer in PAIRS:
        if getattr(loss, "label_smoothing", 0):
            continue
        model = through(layer, 2, np.float64)
        z = rng.normal(size=(5, 2))
        y = np.eye(2)[rng.integers(2, size=5)]
        gradients = model.per_sample_gradients(loss, z, y)
        assert gradients[:, 4:] == pytest.approx(model.predict(z) - y, abs=1e-14)


def test_logits_of_fractions_by_hand():
    """σ(ln 3) = 3/4 and e^(ln 3) = 3, so that all figures are ratios."""
    z = [[math.log(3)]]
    model = through(Sigmoid, 1, np.float64)
    assert model.evaluate(z, [1.0], loss=BinaryCrossEntropy())["loss"] == pytest.approx(
        -math.log(Fraction(3, 4))
    )
    model = through(Exp, 1, np.float64)
    assert model.evaluate(z, [2.0], loss=PoissonNLL())["loss"] == pytest.approx(3 - 2 * math.log(3))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("z", [0.5, 5.0, 17.0, 20.0, 40.0, 80.0])
def test_small_derivatives_of_sure_units_keep_their_digits(dtype, z):
    model = through(Sigmoid, 2, dtype)
    z = float(dtype(z))
    x = np.array([[z, -z]], dtype)
    function = model.value_and_gradient(BinaryCrossEntropy(), x, [[1.0, 0.0]])
    _, gradient = function(model.parameters.astype(np.float64))
    small = math.exp(-z) / (1 + math.exp(-z))
    rel = 8 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(gradient[-2:], [-small, small], rtol=rel)
    if dtype == np.float64:
        assert check_gradients(model, BinaryCrossEntropy(), x, [[1.0, 0.0]])


def test_rows_of_shares_must_sum_to_one():
    model = through(Softmax, 3, np.float64)
    with pytest.raises(ValueError, match=r"sum 0\.9999 in row 0"):
        model.evaluate(
            [[0.0, 1.0, 2.0]], [[0.3333, 0.3333, 0.3333]], loss=CategoricalCrossEntropy()
        )
    shares = np.full((1, 3), 1 / 3, np.float32)
    assert model.evaluate([[0.0, 1.0, 2.0]], shares, loss=CategoricalCrossEntropy())


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), CategoricalCrossEntropy()], ids=repr)
def test_complex_step_is_right_at_logits_of_zero(loss):
    layer = Sigmoid if isinstance(loss, BinaryCrossEntropy) else Softmax
    model = Sequential(Dense(2, 2), layer(), seed=0)
    model.parameters[:] = 0
    assert check_gradients(model, loss, [[1.0, 2.0], [0.5, -1.0]], [[1.0, 0.0], [0.0, 1.0]])
