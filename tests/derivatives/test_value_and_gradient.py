"""The loss as a function of the flat vector: what it gives, what it keeps, what it leaves alone."""

import numpy as np
import pytest
from scipy.optimize import check_grad, minimize

from minimlp import (
    MSE,
    Dense,
    Identity,
    Normalization,
    Objective,
    Sequential,
    Sigmoid,
    Tanh,
    mlp,
)

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(20, 3)), RNG.normal(size=(20, 2))
WEIGHT = RNG.uniform(size=20)
OTHER = RNG.normal(size=26)


def model_of(dtype=np.float64):
    return mlp(3, 4, 2, hidden=Tanh, output=Identity, dtype=dtype, seed=0)


def by_hand(vector, weight=None):
    """Value and gradient of the network above, written out."""
    w1, b1, w2, b2 = np.split(vector, [12, 16, 24])
    h = np.tanh(X @ w1.reshape(3, 4) + b1)
    residual = h @ w2.reshape(4, 2) + b2 - Y
    w = np.ones((20, 1)) if weight is None else (weight / weight.mean())[:, None]
    do = w * residual / 20
    dh = do @ w2.reshape(4, 2).T * (1 - h**2)
    gradient = [(X.T @ dh).ravel(), dh.sum(axis=0), (h.T @ do).ravel(), do.sum(axis=0)]
    return (w * residual**2).sum() / 40, np.concatenate(gradient)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_value_and_gradient_of_a_network_written_out_by_hand(weight, dtype):
    f = model_of(dtype).value_and_gradient(None, X, Y, weight)
    for vector in (OTHER, np.zeros(26), 5 * OTHER):
        value, gradient = f(vector)
        expected, slopes = by_hand(vector, weight)
        assert type(value) is float
        assert gradient.dtype == np.float64
        assert value == pytest.approx(expected, rel=1e-13)
        assert np.abs(gradient - slopes).max() <= 1e-13 * np.abs(slopes).max()


def test_they_are_those_of_the_objective_and_of_a_loop_of_ones_own():
    model = model_of()
    value, gradient = model.value_and_gradient(MSE(), X, Y, WEIGHT)(model.parameters)
    objective = Objective(model)
    samples = objective.samples(X, Y, WEIGHT)
    measured = objective.plan(objective.workspace(samples.x), *samples[1:]).value_and_gradient()
    assert value == measured
    assert gradient.tobytes() == model.gradients.tobytes()
    prediction = model.forward(X)
    model.backward(MSE().gradient(prediction, Y, samples.weight))
    assert value == pytest.approx(model.evaluate(X, Y, sample_weight=WEIGHT)["loss"], rel=1e-14)
    assert np.abs(gradient - model.gradients).max() < 1e-15 * np.abs(gradient).max()


def test_scipy_finds_no_fault_with_the_gradient():
    f = model_of().value_and_gradient(None, X, Y)
    assert (
        check_grad(lambda v: f(v)[0], lambda v: f(v)[1], OTHER) < 1e-5 * np.abs(f(OTHER)[1]).max()
    )


def test_each_gradient_is_the_callers_to_keep():
    f = model_of().value_and_gradient(None, X, Y)
    _, first = f(OTHER)
    kept = first.copy()
    _, second = f(2 * OTHER)
    assert first.tobytes() == kept.tobytes()
    second.fill(7)
    assert f(OTHER)[1].tobytes() == kept.tobytes()


def test_the_same_vector_gives_the_same_bits_whatever_came_between():
    f = model_of().value_and_gradient(None, X, Y, WEIGHT)
    value, gradient = f(OTHER)
    for scale in (0.0, 1e3, -1.0):  # what is kept of a pass does not reach the next
        f(scale * OTHER)
    assert f(OTHER)[0] == value
    assert f(OTHER)[1].tobytes() == gradient.tobytes()


def test_two_functions_of_one_model_do_not_touch_each_other():
    model = model_of()
    f, g = model.value_and_gradient(None, X, Y), model.value_and_gradient(None, X[:5], Y[:5])
    value, gradient = f(OTHER)
    g(-OTHER)
    assert (f(OTHER)[0], f(OTHER)[1].tobytes()) == (value, gradient.tobytes())


def test_what_the_caller_changes_afterwards_changes_nothing():
    model, x, y, weight = model_of(), X.copy(), Y.copy(), WEIGHT.copy()
    f = model.value_and_gradient(None, x, y, weight)
    value, gradient = f(OTHER)
    vector = OTHER.copy()
    f(vector)
    for array in (x, y, weight, vector, model.parameters):
        array *= 3
    model.layers[0].freeze()
    assert f(OTHER)[0] == value
    assert f(OTHER)[1].tobytes() == gradient.tobytes()


def test_the_model_and_a_pending_backward_are_left_alone():
    model, twin = model_of(np.float32), model_of(np.float32)
    for each in (model, twin):
        each.forward(X[:4])
    before = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    x, y = X.copy(), Y.copy()
    x.flags.writeable = y.flags.writeable = False
    f = model.value_and_gradient(None, x, y)
    f(OTHER)
    after = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    assert after == before
    assert model.backward(Y[:4]).tobytes() == twin.backward(Y[:4]).tobytes()


def test_entries_frozen_at_the_call_are_zero():
    model = model_of()
    model.layers[0].freeze("bias")
    model.layers[2].freeze("weight")
    f = model.value_and_gradient(None, X, Y)
    model.layers[0].unfreeze()
    gradient, expected = f(OTHER)[1], by_hand(OTHER)[1]
    expected[12:16] = expected[16:24] = 0
    assert gradient == pytest.approx(expected, rel=1e-12, abs=0)


def test_labels_and_normalization_are_taken_as_in_fit():
    model = Sequential(Normalization(3), Dense(3, 2), Sigmoid(), seed=0)
    model.layers[0].adapt(X)
    labels = np.arange(20) % 2
    assert model.value_and_gradient(None, X, labels)(model.parameters)[0] == pytest.approx(
        model.evaluate(X, np.eye(2)[labels])["loss"], rel=1e-15
    )


def test_the_value_is_a_float_whatever_the_loss_gives():
    class Scalar(MSE):
        def value_and_gradient(self, prediction, target, sample_weight, out):
            return np.array(super().value_and_gradient(prediction, target, sample_weight, out))

    value, _ = model_of().value_and_gradient(Scalar(), X, Y)(OTHER)
    assert type(value) is float


def test_a_chain_without_parameters_is_a_function_of_no_numbers():
    value, gradient = Sequential(Tanh()).value_and_gradient(None, Y, Y)([])
    assert value == pytest.approx(((np.tanh(Y) - Y) ** 2).sum() / 40)
    assert gradient.shape == (0,)


@pytest.mark.parametrize("vector", [[2, 1], (2.0, 1.0), np.array([2.0, 1.0], np.float32)])
def test_the_vector_is_anything_that_holds_one_number_a_parameter(vector):
    f = Sequential(Dense(1, 1), seed=0).value_and_gradient(None, [[0.0], [1.0]], [1.0, 3.0])
    value, gradient = f(vector)
    assert (value, gradient.tolist()) == (0.0, [0.0, 0.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", ["L-BFGS-B", "trust-ncg", "Newton-CG"])
def test_scipys_optimisers_reach_the_least_squares_solution(method, dtype):
    x, y, weight = X.astype(dtype), Y.astype(dtype), WEIGHT.astype(dtype)
    model = Sequential(Dense(3, 2), dtype=dtype, seed=0)
    f = model.value_and_gradient(None, x, y, weight)
    options = {"ftol": 1e-16, "gtol": 1e-10} if method == "L-BFGS-B" else {}
    extra = {} if method == "L-BFGS-B" else {"hessp": model.hessian_product(None, x, y, weight)}
    found = minimize(f, model.parameters, jac=True, method=method, options=options, **extra)
    root = np.sqrt(weight.astype(float))[:, None]
    design = root * np.column_stack([x, np.ones(20)])
    best = np.linalg.lstsq(design, root * y, rcond=None)[0]
    assert found.x == pytest.approx(best.ravel(), rel=0, abs=1e-4)
    assert np.abs(f(found.x)[1]).max() < 1e-4


@pytest.mark.parametrize("method", ["L-BFGS-B", "trust-ncg"])
def test_scipys_optimisers_bring_a_network_to_a_minimum(method):
    model = mlp(3, 3, 2, hidden=Tanh, output=Identity, seed=1)
    f, product = model.value_and_gradient(None, X, Y), model.hessian_product(None, X, Y)
    extra = {"hessp": product} if method == "trust-ncg" else {}
    options = {"gtol": 1e-6, "maxiter": 5000}
    found = minimize(f, model.parameters, jac=True, method=method, options=options, **extra)
    assert found.success
    assert found.fun < f(model.parameters)[0] / 2
    assert np.linalg.norm(f(found.x)[1]) < 1e-3


BAD_VECTORS = [
    (OTHER[:25], ["vector has shape (25,)", "(26,)"]),
    (OTHER[None], ["vector has shape (1, 26)", "(26,)"]),
    (1.0, ["vector has shape ()", "(26,)"]),
    (OTHER + 0j, ["vector must hold real numbers", "complex128"]),
    (np.append(OTHER[:25], np.nan), ["vector holds nan", "25", "finite"]),
    (np.append(OTHER[:25], -np.inf), ["vector holds -inf", "25", "finite"]),
    (OTHER.astype(str), ["vector must hold real numbers", "<U"]),
    (None, ["vector must hold real numbers", "object"]),
]


@pytest.mark.parametrize(("vector", "words"), BAD_VECTORS)
def test_a_bad_vector_is_refused_and_the_next_call_is_as_if_it_had_not_been(vector, words):
    f = model_of().value_and_gradient(None, X, Y)
    expected = f(OTHER)
    with pytest.raises((TypeError, ValueError)) as caught:
        f(vector)
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"
    assert f(OTHER)[0] == expected[0]
    assert f(OTHER)[1].tobytes() == expected[1].tobytes()


BAD_SAMPLES = [
    ((None, X[:, :2], Y), ["x has shape (20, 2)", "takes 3"]),
    ((None, X[:0], Y[:0]), ["x has shape (0, 3)", "at least one row"]),
    ((None, X * np.nan, Y), ["x holds nan", "finite"]),
    ((None, X + 0j, Y), ["x must hold real numbers", "complex128"]),
    ((None, X, Y[:5]), ["y has shape (5, 2)", "(20, 2)"]),
    ((None, X, Y * np.inf), ["y holds", "inf", "finite"]),
    ((None, X, Y, WEIGHT[:5]), ["sample_weight has shape (5,)", "(20,)"]),
    ((None, X, Y, -WEIGHT), ["sample_weight holds", "no negative weight"]),
    ((None, X, Y, 0 * WEIGHT), ["sample_weight is zero for all 20 rows"]),
    ((MSE, X, Y), ["loss must be a Loss such as MSE()", "MSE'"]),
    (("mse", X, Y), ["loss must be a Loss such as MSE(), got 'mse'"]),
]


@pytest.mark.parametrize("work", ["value_and_gradient", "hessian_product"])
@pytest.mark.parametrize(("given", "words"), BAD_SAMPLES)
def test_bad_samples_are_refused_at_the_call_by_name(given, words, work):
    model = model_of()
    before = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    with pytest.raises((TypeError, ValueError)) as caught:
        getattr(model, work)(*given)
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"
    after = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    assert after == before


@pytest.mark.parametrize("work", ["value_and_gradient", "hessian_product"])
def test_a_complex_model_is_refused(work):
    with pytest.raises(TypeError, match=f"{work} needs a model of dtype float32 or float64"):
        getattr(model_of(np.complex128), work)(None, X, Y)
