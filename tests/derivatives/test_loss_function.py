import numpy as np
import pytest
from own_pieces import Dropped

from minimlp import (
    MSE,
    Dense,
    Loss,
    Normalization,
    Sequential,
    Sigmoid,
    Tanh,
    mlp,
)
from minimlp.derivatives.loss_function import LossFunction
from minimlp.workspace import Workspace

X = np.random.default_rng(0).normal(size=(5, 3))
Y = np.random.default_rng(1).normal(size=(5, 2))
WEIGHT = np.array([1.0, 3.0, 0.0, 2.0, 1.0])


def model_of(dtype=np.float64):
    return mlp(3, 4, 2, hidden=Tanh, output=Sigmoid, dtype=dtype, seed=0)


@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_value_and_gradients_are_those_of_the_models_own_passes(weight):
    model = model_of()
    w = None if weight is None else weight / weight.mean()
    prediction = model.forward(X)
    dx = model.backward(MSE().gradient(prediction, Y, w))
    value = MSE().value(prediction, Y, w)

    function = LossFunction(model, None, X, Y, weight)
    assert function.value() == pytest.approx(value, rel=1e-15)
    assert function.value_and_gradient() == pytest.approx(value, rel=1e-15)
    assert function.model.gradients == pytest.approx(model.gradients, rel=1e-14)
    function.model.gradients.fill(7)
    workspace = Workspace(function.model.layers, X)
    function.backward(workspace)
    assert workspace.deltas[0] == pytest.approx(dx, rel=1e-14)
    assert function.model.gradients == pytest.approx(model.gradients, rel=1e-14)


def test_it_computes_in_float64_whatever_the_models_dtype():
    single = model_of(np.float32)
    function, double = LossFunction(single, None, X, Y), single.copy(np.float64)
    assert function.model.dtype == np.float64
    assert function.value() == MSE().value(double.predict(X), Y)  # X and Y were not rounded


def test_in_complex128_targets_and_weights_stay_real():
    function = LossFunction(model_of(), None, X, Y, WEIGHT, dtype=np.complex128)
    assert function.model.dtype == function.workspace.outputs[0].dtype == np.complex128
    assert function.target.dtype == function.weight.dtype == np.float64
    assert function.value().imag == 0


def test_it_works_on_copies_of_model_and_data():
    model, x, y, weight = model_of(), X.copy(), Y.copy(), WEIGHT.copy()
    function = LossFunction(model, None, x, y, weight)
    before = function.value()
    for array in (model.parameters, x, y, weight):
        array *= 2
    assert function.value() == before
    function.model.parameters.fill(0)
    function.workspace.outputs[0].fill(0)
    assert model.parameters.any()
    assert x.any()


def test_a_loss_that_writes_into_its_target_does_not_reach_the_callers():
    class Careless(MSE):
        def value_and_gradient(self, prediction, target, sample_weight, out):
            value = super().value_and_gradient(prediction, target, sample_weight, out)
            target.fill(0)
            return value

    y = Y.copy()
    LossFunction(model_of(), Careless(), X, y).value_and_gradient()
    assert np.array_equal(y, Y)


def test_a_loss_that_defines_value_and_gradient_is_used_by_both_ways_back():
    class Counted(Loss):
        calls = ()

        def value(self, prediction, target, sample_weight=None):
            self.calls += ("value",)
            return MSE().value(prediction, target, sample_weight)

        def gradient(self, prediction, target, sample_weight=None, out=None):
            self.calls += ("gradient",)
            return MSE().gradient(prediction, target, sample_weight)

        def value_and_gradient(self, prediction, target, sample_weight, out):
            self.calls += ("both",)
            return super().value_and_gradient(prediction, target, sample_weight, out)

    loss = Counted()
    function = LossFunction(Sequential(Normalization(3), Dense(3, 2), seed=0), loss, X, Y)
    function.value_and_gradient()
    assert loss.calls == ("both", "gradient", "value")
    loss.calls = ()
    function.backward(function.workspace)
    assert loss.calls == ("gradient",)


def test_units_dropped_at_random_are_the_same_in_every_pass():
    rng = np.random.default_rng(0)
    model = Sequential(Dense(3, 30), Dropped(rng), Dense(30, 2), seed=0)
    for dtype in (np.float64, np.complex128):
        function = LossFunction(model, None, X, Y, dtype=dtype)
        value = function.value()
        assert function.value() == value
        for work in ("value_and_gradient", "backward", "value_and_gradient"):
            given = [function.workspace] if work == "backward" else []
            getattr(function, work)(*given)
            kept = function.model.layers[1].kept.tolist()
            assert kept == (np.random.default_rng(0).random((5, 30)) < 0.5).tolist()
        assert function.value() == value
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state
