"""H·d against the Hessian found in other ways: written down, from Jacobians, from differences."""

import numpy as np
import pytest

from minimlp import (
    MSE,
    Activation,
    Dense,
    Identity,
    Layer,
    Loss,
    Normalization,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    mlp,
)

RNG = np.random.default_rng(6)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=(12, 2))
WEIGHT = RNG.uniform(size=12)
AT, D, E = VECTORS = RNG.normal(size=(3, 26))
VECTORS.flags.writeable = AT.flags.writeable = D.flags.writeable = E.flags.writeable = False


def model_of(dtype=np.float64, hidden=Tanh, output=Identity):
    return mlp(3, 4, 2, hidden=hidden, output=output, dtype=dtype, seed=0)


def by_differences(model, vector, direction, *samples):
    """Richardson's extrapolation of central differences of the gradient: its error is O(h⁴)."""
    f = model.value_and_gradient(None, *samples)

    def slope(h):
        return (f(vector + h * direction)[1] - f(vector - h * direction)[1]) / (2 * h)

    return (4 * slope(5e-4) - slope(1e-3)) / 3


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_of_a_linear_model_the_hessian_is_the_mean_of_products_of_inputs(weight):
    model = Sequential(Dense(3, 2), seed=0)
    product = model.hessian_product(None, X, Y, weight)
    rows = np.column_stack([X, np.ones(12)])
    w = np.ones(12) if weight is None else weight / weight.mean()
    block = rows.T @ (w[:, None] * rows) / 12
    for vector in (model.parameters, AT[:8], 0 * AT[:8]):  # the same everywhere
        along = D[:8].reshape(4, 2)
        assert product(vector, D[:8]) == pytest.approx((block @ along).ravel(), rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("output", [Identity, Sigmoid])
@pytest.mark.parametrize("hidden", [Tanh, Sigmoid])
def test_the_product_is_the_slope_of_the_gradient(hidden, output, weight, dtype):
    model = model_of(dtype, hidden, output)
    found = model.hessian_product(None, X, Y, weight)(AT, D)
    expected = by_differences(model, AT, D, X, Y, weight)
    assert found.dtype == np.float64
    assert np.abs(found - expected).max() <= 1e-9 * np.abs(expected).max()


@pytest.mark.parametrize("size", [1e-250, 1e-100, 1e100])
def test_at_vectors_of_any_size(size):
    model = Sequential(Dense(3, 2), seed=0)
    product = model.hessian_product(None, X, Y)
    assert product(size * AT[:8], D[:8]) == pytest.approx(product(AT[:8], D[:8]), rel=1e-12)


def test_where_every_residual_is_zero_the_hessian_is_that_of_gauss_and_newton():
    model = model_of()
    fitted = model.predict(X)
    jacobian = model.jacobian(X)
    expected = np.einsum("bkp,bkq,q->p", jacobian, jacobian, D) / 12
    product = model.hessian_product(None, X, fitted)
    found = product(model.parameters, D)
    assert not model.value_and_gradient(None, X, fitted)(model.parameters)[1].any()
    assert np.abs(found - expected).max() <= 1e-13 * np.abs(expected).max()


@pytest.mark.parametrize("hidden", [Tanh, ReLU])
def test_it_is_symmetric(hidden):
    product = model_of(hidden=hidden).hessian_product(None, X, Y, WEIGHT)
    one, other = E @ product(AT, D), D @ product(AT, E)
    assert one == pytest.approx(other, rel=1e-12)
    assert one != 0


def test_all_of_the_hessian_is_symmetric():
    product = model_of().hessian_product(None, X, Y)
    hessian = np.array([product(AT, row) for row in np.eye(26)])
    assert np.linalg.matrix_rank(hessian) > 13
    assert np.abs(hessian - hessian.T).max() <= 1e-14 * np.abs(hessian).max()


def test_it_is_linear_in_the_direction():
    product = model_of().hessian_product(None, X, Y)
    found = product(AT, 2 * D - 3 * E)
    expected = 2 * product(AT, D) - 3 * product(AT, E)
    assert np.abs(found - expected).max() <= 1e-13 * np.abs(expected).max()


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e-100, -1.0, 1e100, 1e200, 1e300])
def test_directions_of_any_length_lose_no_digit(scale):
    product = model_of().hessian_product(None, X, Y)
    expected = product(AT, D)
    found = product(AT, scale * D) / scale
    assert np.abs(found - expected).max() <= 1e-14 * np.abs(expected).max()


def test_entries_of_very_unlike_size_are_added_up():
    product = model_of().hessian_product(None, X, Y)
    along = D * 10.0 ** np.arange(-100, 4, 4)
    expected = sum(product(AT, row) * a for row, a in zip(np.eye(26), along, strict=True))
    assert np.abs(product(AT, along) - expected).max() <= 1e-14 * np.abs(expected).max()


def test_no_direction_gives_no_slope():
    product = model_of().hessian_product(None, X, Y)
    assert product(AT, np.zeros(26)).tolist() == [0] * 26


def test_at_a_rectifiers_kink_it_is_still_linear_and_symmetric():
    # A row of zeros and biases of zero: all units are at 0, where products of two steps show.
    x = np.vstack([np.zeros((2, 3)), X])
    y = np.vstack([np.ones((2, 2)), Y])
    layers = Dense(3, 4), Tanh(), Dense(4, 4), ReLU(), Dense(4, 2)
    model = Sequential(*layers, seed=0)
    product = model.hessian_product(None, x, y)
    rng = np.random.default_rng(0)
    for _ in range(10):
        d, e = rng.normal(size=(2, model.parameters.size))
        of_d, of_e = product(model.parameters, d), product(model.parameters, e)
        assert e @ of_d == pytest.approx(d @ of_e, rel=1e-10)
        assert product(model.parameters, d + e) == pytest.approx(of_d + of_e, rel=1e-9, abs=1e-12)
        assert product(model.parameters, -d) == pytest.approx(-of_d, rel=1e-12)


@pytest.mark.parametrize("size", [1e-3, 20.0, 40.0, 1e3])
@pytest.mark.parametrize("squash", [Sigmoid, Tanh])
def test_networks_of_the_packages_own_pieces_are_never_refused(squash, size):
    model = model_of(hidden=squash, output=squash)
    for sign in (1, -1):
        model.parameters = sign * size * np.abs(model.parameters)
        product = model.hessian_product(None, np.abs(X), Y)
        assert np.isfinite(product(model.parameters, D)).all()
        assert product(AT, D) == pytest.approx(
            model_of(hidden=squash, output=squash).hessian_product(None, np.abs(X), Y)(AT, D)
        )


def test_at_a_fitted_optimum():
    x = np.column_stack([X, np.ones(12)])
    model = Sequential(Normalization(3), Dense(3, 2), seed=0)
    model.parameters = np.linalg.lstsq(x, Y, rcond=None)[0].ravel()
    assert np.abs(model.value_and_gradient(None, X, Y)(model.parameters)[1]).max() < 1e-14
    found = model.hessian_product(None, X, Y)(model.parameters, D[:8])
    assert found == pytest.approx((x.T @ x / 12 @ D[:8].reshape(4, 2)).ravel(), rel=1e-12)


def test_frozen_entries_are_zero_and_count_as_zero_in_the_direction():
    model = model_of()
    model.layers[0].freeze("bias")
    model.layers[2].freeze("weight")
    product = model.hessian_product(None, X, Y)
    model.layers[0].unfreeze()
    free = np.ones(26)
    free[12:16] = free[16:24] = 0
    whole = model_of().hessian_product(None, X, Y)
    found = product(AT, D)
    assert found == pytest.approx(free * whole(AT, free * D), rel=1e-12, abs=0)
    assert found.tobytes() == product(AT, D + 1e9 * (1 - free)).tobytes()
    assert product(AT, 1 - free).tolist() == [0] * 26


def test_results_and_arguments_are_the_callers_own_and_the_model_is_left_alone():
    model, twin, x, y = model_of(), model_of(), X.copy(), Y.copy()
    for each in (model, twin):
        each.forward(X[:4])
    product = model.hessian_product(None, x, y, WEIGHT)
    vector, direction = AT.copy(), D.copy()
    vector.flags.writeable = direction.flags.writeable = False
    first = product(vector, direction)
    kept = first.copy()
    product(E, AT)
    assert first.tobytes() == kept.tobytes()
    assert (vector.tobytes(), direction.tobytes()) == (AT.tobytes(), D.tobytes())
    assert model.parameters.tobytes() == twin.parameters.tobytes()
    assert model.gradients.tobytes() == twin.gradients.tobytes()
    assert model.backward(Y[:4]).tobytes() == twin.backward(Y[:4]).tobytes()
    x *= 2
    y *= 2
    model.parameters *= 2
    first.fill(0)
    assert product(AT, D).tobytes() == kept.tobytes()


def test_pieces_of_ones_own_need_nothing_more():
    class Cubic(Activation):
        def forward(self, x, out):
            np.multiply(x, x**2, out=out)

        def backward(self, x, y, dy, dx):
            np.multiply(3 * x**2, dy, out=dx)

    model = Sequential(Dense(3, 4), Tanh(), Cubic(), Dense(4, 2), seed=0)
    found = model.hessian_product(None, X, Y)(AT, D)
    assert found == pytest.approx(by_differences(model, AT, D, X, Y), rel=1e-6)


class Unfit(Layer):
    """y = 2·x + b; where it is told to, it takes no notice of imaginary parts."""

    def __init__(self, width, where):
        self.width, self.where = width, where

    def parameter_shapes(self):
        return {"b": (self.width,)}

    def kept(self, where, array):
        return array.real if where == self.where else array

    def forward(self, x, out):
        out[...] = np.abs(x) if self.where == "modulus" else 2 * self.kept("forward", x)
        out += self.b

    def backward(self, x, y, dy, dx):
        self.b_gradient[...] = self.kept("b_gradient", dy.sum(axis=0))
        if dx is not None:
            dx[...] = self.kept("backward", dy) * (
                np.sign(x.real) if self.where == "modulus" else 2
            )


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("modulus", "through its forward"),
        ("forward", "through its forward"),
        ("backward", "through its backward"),
        ("b_gradient", "through its b_gradient"),
    ],
)
def test_a_layer_unfit_for_complex_numbers_is_named(where, words):
    model = Sequential(Dense(3, 4), Tanh(), Unfit(4, where), Dense(4, 2), seed=0)
    with pytest.raises(TypeError) as caught:
        model.hessian_product(None, X, Y)
    assert "hessian_product needs every piece to run in complex numbers" in str(caught.value)
    assert "layers[2] (Unfit) does not carry the imaginary part " + words in str(caught.value)


def test_a_layer_that_raises_in_complex_numbers_is_named_with_its_error():
    class Softplus(Activation):
        def forward(self, x, out):
            np.logaddexp(0, x, out=out)

        def backward(self, x, y, dy, dx):
            np.divide(dy, 1 + np.exp(-x), out=dx)

    model = Sequential(Dense(3, 2), Softplus(), seed=0)
    with pytest.raises(
        TypeError, match=r"layers\[1\] \(Softplus\) raises TypeError in complex numbers"
    ):
        model.hessian_product(None, X, Y)


def test_a_loss_whose_gradient_is_unfit_for_complex_numbers_is_named():
    class Cast(MSE):
        def gradient(self, prediction, target, sample_weight=None, out=None):
            return super().gradient(prediction, target, sample_weight).real

    with pytest.raises(TypeError, match=r"the loss \(Cast\) does not carry .* its gradient$"):
        model_of().hessian_product(Cast(), X, Y)


def test_a_loss_needs_its_gradient_alone_to_run_in_complex_numbers():
    class Floated(MSE):
        def value(self, prediction, target, sample_weight=None):
            return float(super().value(prediction, target, sample_weight))

    found = model_of().hessian_product(Floated(), X, Y)(AT, D)
    assert found.tobytes() == model_of().hessian_product(None, X, Y)(AT, D).tobytes()


def test_a_piece_that_fails_in_real_numbers_fails_with_its_own_error():
    class Returning(Layer):
        def forward(self, x, out):
            return 2 * x

    class NoGradient(Loss):
        def value(self, prediction, target, sample_weight=None):
            return ((prediction - target) ** 2).mean()

    with pytest.raises(TypeError, match=r"Returning\(\): forward must write into out"):
        Sequential(Returning(), Dense(3, 2)).hessian_product(None, X, Y)
    with pytest.raises(NotImplementedError, match="NoGradient does not define gradient"):
        model_of().hessian_product(NoGradient(), X, Y)


@pytest.mark.parametrize("name", ["vector", "direction"])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (D[:25], ["has shape (25,)", "(26,)"]),
        (D[None], ["has shape (1, 26)", "(26,)"]),
        (3.0, ["has shape ()", "(26,)"]),
        (D + 0j, ["must hold real numbers", "complex128"]),
        (np.append(D[:25], np.nan), ["holds nan", "25", "finite"]),
        (np.append(D[:25], np.inf), ["holds inf", "25", "finite"]),
        (None, ["must hold real numbers", "object"]),
    ],
)
def test_a_bad_vector_or_direction_is_refused_by_name(given, words, name):
    product = model_of().hessian_product(None, X, Y)
    expected = product(AT, D)
    with pytest.raises((TypeError, ValueError)) as caught:
        product(**{"vector": AT, "direction": D, name: given})
    missing = [word for word in (name, *words) if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"
    assert product(AT, D).tobytes() == expected.tobytes()


@pytest.mark.parametrize(("rows", "size"), [(6, 1.0), (6, 1e-9), (20_000, 1e-5)])
def test_a_loss_gradient_that_is_real_is_named_however_small_it_is(rows, size):
    class Real(MSE):
        def gradient(self, prediction, target, sample_weight=None, out=None):
            return 2 * (prediction - target).real / prediction.size

    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 2), seed=0)
    model.layers[2].weight *= size
    x, y = np.random.default_rng(0).normal(size=(2, rows, 3))
    with pytest.raises(TypeError, match=r"the loss \(Real\) does not carry"):
        model.hessian_product(Real(), x, y[:, :2] * size)
