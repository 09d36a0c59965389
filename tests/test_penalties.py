import numpy as np
import pytest

from minimlp import (
    L1,
    L2,
    MSE,
    SGD,
    Dense,
    ElasticNet,
    Layer,
    Penalty,
    Sequential,
    Sigmoid,
    check_gradients,
    mlp,
    register,
)

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 2))
PENALTIES = [L2(0.01), L1(0.02), ElasticNet(0.02, 0.01)]


def network(dtype=np.float64):
    model = mlp(3, 4, 2, output=Sigmoid, seed=1, dtype=dtype)
    model.parameters += 0.1  # biases, too, are not 0
    return model


def weights(model):
    return np.concatenate([model.layers[i].weight.ravel() for i in (0, 2)]).astype(float)


def by_hand(penalty, model):
    w = weights(model)
    return getattr(penalty, "l1", 0) * np.abs(w).sum() + getattr(penalty, "l2", 0) * (w**2).sum()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_the_loss_grows_by_the_penalty_of_the_weights_alone(penalty, dtype):
    model = network(dtype)
    plain = model.evaluate(X, Y)["loss"]
    found = model.evaluate(X, Y, penalty=penalty)["loss"]
    assert found - plain == pytest.approx(by_hand(penalty, model), rel=1e-5)
    history = model.fit(
        X, Y, optimizer=SGD(0.0), batch_size=7, penalty=penalty, validation_data=(X, Y)
    )
    assert history.history["loss"][0] == pytest.approx(found, rel=1e-6)
    assert history.history["val_loss"][0] == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_every_derivative_has_it(penalty):
    model = network()
    check = check_gradients(model, MSE(), X, Y, penalty=penalty)
    assert check, check
    value, gradient = model.value_and_gradient(MSE(), X, Y, penalty=penalty)(model.parameters)
    assert value == pytest.approx(model.evaluate(X, Y, penalty=penalty)["loss"], rel=1e-14)
    rows = model.per_sample_gradients(MSE(), X, Y, penalty=penalty)
    assert rows.mean(axis=0) == pytest.approx(gradient, abs=1e-14)
    along = RNG.normal(size=model.parameters.size)
    plain = model.hessian_product(MSE(), X, Y)(model.parameters, along)
    whole = model.hessian_product(MSE(), X, Y, penalty=penalty)(model.parameters, along)
    is_weight = np.ones(model.parameters.size, bool)
    is_weight[12:16] = is_weight[24:] = False
    expected = 2 * getattr(penalty, "l2", 0) * along * is_weight
    assert whole - plain == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_a_step_goes_down_loss_and_penalty_together(penalty):
    model, by = network(), network()
    _, gradient = by.value_and_gradient(MSE(), X, Y, penalty=penalty)(by.parameters)
    model.fit(X, Y, optimizer=SGD(0.5), batch_size=7, penalty=penalty)
    assert model.parameters == pytest.approx(by.parameters - 0.5 * gradient, rel=1e-12)


def test_l2_is_half_a_weight_decay_of_the_weights():
    model, decayed = Sequential(Dense(3, 2, bias=False), seed=0), None
    decayed = model.copy()
    model.fit(X, Y, optimizer=SGD(0.1), epochs=5, penalty=L2(0.02), seed=0)
    decayed.fit(X, Y, optimizer=SGD(0.1, weight_decay=0.04), epochs=5, seed=0)
    assert model.parameters == pytest.approx(decayed.parameters, rel=1e-12)


def test_ridge_regression_ends_where_its_formula_says():
    x, y, strength = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 1)), 0.1
    model = Sequential(Dense(3, 1, bias=False), seed=0)
    model.fit(x, y, optimizer=SGD(0.2), epochs=2000, batch_size=40, penalty=L2(strength))
    expected = np.linalg.solve(x.T @ x / 40 + 2 * strength * np.eye(3), x.T @ y / 40)
    assert model.parameters == pytest.approx(expected.ravel(), abs=1e-10)


def test_l1_makes_useless_weights_small():
    x = RNG.normal(size=(200, 5))
    y = 2 * x[:, :1]
    model = Sequential(Dense(5, 1), seed=0)
    model.fit(x, y, optimizer=SGD(0.01), epochs=800, batch_size=200, penalty=L1(0.2))
    assert abs(model.parameters[1:5]).max() < 0.01
    assert model.parameters[0] > 1.5


def test_frozen_weights_count_and_stay():
    model = network()
    model.layers[0].freeze("weight")
    kept = model.layers[0].weight.copy()
    _, gradient = model.value_and_gradient(MSE(), X, Y, penalty=L2(1.0))(model.parameters)
    assert (gradient[:12] == 0).all()
    history = model.fit(X, Y, optimizer=SGD(0.1, momentum=0.9), epochs=3, penalty=L2(1.0))
    assert (model.layers[0].weight == kept).all()
    assert history.history["loss"][-1] > (kept**2).sum()


def test_one_of_ones_own_and_a_layer_of_ones_own(monkeypatch):
    from minimlp import registry

    monkeypatch.setattr(registry, "_PIECES", dict(registry._PIECES))

    @register
    class Quartic(Penalty):
        def value_and_gradient(self, weights, out):
            out[:] = 4 * weights**3
            return (weights**4).sum()

    class Scale(Layer):
        def __init__(self, width):
            self.width = width

        def parameter_shapes(self):
            return {"scale": (self.width,)}

        def initialize(self, rng):
            self.scale[:] = 2

        def forward(self, x, out):
            np.multiply(x, self.scale, out=out)

        def backward(self, x, y, dy, dx):
            np.sum(x * dy, axis=0, out=self.scale_gradient)
            if dx is not None:
                np.multiply(dy, self.scale, out=dx)

    model = Sequential(Scale(3), Dense(3, 2), seed=0)
    check = check_gradients(model, None, X, Y, penalty=Quartic())
    assert check, check
    plain = model.evaluate(X, Y)["loss"]
    found = model.evaluate(X, Y, penalty=Quartic())["loss"]
    expected = 3 * 2**4 + (model.layers[1].weight ** 4).sum()
    assert found - plain == pytest.approx(expected)


@pytest.mark.parametrize("make", [L1, L2, lambda v: ElasticNet(v, 0), lambda v: ElasticNet(0, v)])
@pytest.mark.parametrize("value", [-1e-3, np.nan, np.inf, "much", None, True])
def test_a_strength_that_is_none_is_refused(make, value):
    with pytest.raises((TypeError, ValueError), match=r"l1|l2"):
        make(value)


@pytest.mark.parametrize("penalty", [1e-4, "l2", L2, object()])
def test_what_is_no_penalty_is_refused(penalty):
    model = network()
    before = model.parameters.tobytes()
    with pytest.raises(TypeError, match="penalty must be a Penalty"):
        model.fit(X, Y, penalty=penalty)
    with pytest.raises(TypeError, match="penalty must be a Penalty"):
        model.evaluate(X, Y, penalty=penalty)
    assert model.parameters.tobytes() == before
