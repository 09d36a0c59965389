"""Pieces that are not right in complex numbers are named; those that are, are left alone."""

import math
import warnings

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
from minimlp.derivatives.complex_safety import complex_obstacle
from minimlp.derivatives.loss_function import LossFunction

X = np.random.default_rng(0).normal(size=(5, 3))
Y = np.random.default_rng(1).normal(size=(5, 2))


def obstacle(*layers, loss=None, x=X, y=Y, backward=False, change=1.0):
    model = Sequential(*layers, seed=0)
    model.parameters *= change
    return complex_obstacle(LossFunction(model, loss, x, y), backward=backward)


def activation(function, derivative=lambda x, y: 0 * x):
    """An activation named Piece, of a function and of its derivative by x and y."""

    class Piece(Activation):
        def forward(self, x, out):
            out[...] = function(x)

        def backward(self, x, y, dy, dx):
            dx[...] = dy * derivative(x, y)

    return Piece()


def loss_of(function, derivative=lambda residual: residual):
    """A loss named Piece: the mean over the rows of a function of the residuals, summed."""

    class Piece(Loss):
        def value(self, prediction, target, sample_weight=None):
            return function(prediction - target).sum() / len(target)

        def gradient(self, prediction, target, sample_weight=None, out=None):
            return derivative(prediction - target) / len(target)

    return Piece()


class Shifted(Layer):
    """y = 2·x + b; `real` lists what its backward casts to real numbers."""

    def __init__(self, width, *real):
        self.width, self.real = width, real

    def parameter_shapes(self):
        return {"b": (self.width,)}

    def forward(self, x, out):
        np.add(2 * x, self.b, out=out)

    def backward(self, x, y, dy, dx):
        self.b_gradient[...] = dy.real.sum(axis=0) if "b" in self.real else dy.sum(axis=0)
        if dx is not None:
            dx[...] = 2 * (dy.real if "dx" in self.real else dy)


UNFIT = {
    "np.abs": np.abs,
    "real": lambda x: x.real**2,
    "conj": lambda x: x * np.conj(x),
    "x/|x|": lambda x: x * x / np.abs(x),  # what np.sign is for complex numbers, since NumPy 2
    "np.var": lambda x: x / np.sqrt(x.var(axis=1, keepdims=True)),
    "in one column": lambda x: np.column_stack([np.abs(x[:, :1]), x[:, 1:]]),
}
REFUSING = {
    "np.logaddexp": lambda x: np.logaddexp(0, x),
    "float()": lambda x: [[float(v) for v in row] for row in x],
    "math.exp": lambda x: [[math.exp(v) for v in row] for row in x],
    "astype": lambda x: x.astype(float),
}
FIT = {
    "branches on x.real": lambda x: np.where(x.real > 0, x, 0.1 * x),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "np.maximum": lambda x: np.maximum(x, 0),
    "cube": lambda x: x**3,
    "constant": lambda x: np.ones_like(x),
    "steps": lambda x: np.round(x),
    "over 0": lambda x: 1 / x,
    "fast": lambda x: np.sin(1000 * x),
    "far off": lambda x: (x + 1e6) - 1e6,
}


DROPPED = "does not carry the imaginary part through its"


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e8])
@pytest.mark.parametrize("name", UNFIT)
def test_a_layer_that_drops_the_imaginary_part_is_named(name, scale):
    found = obstacle(Dense(3, 4), activation(UNFIT[name]), Dense(4, 2), x=scale * X)
    assert found == f"layers[1] (Piece) {DROPPED} forward"


@pytest.mark.parametrize("name", REFUSING)
def test_a_layer_that_refuses_complex_numbers_is_named_with_its_error(name):
    found = obstacle(Dense(3, 4), activation(REFUSING[name]), Dense(4, 2))
    assert found.startswith("layers[1] (Piece) raises ")
    assert "Error in complex numbers (" in found or "ComplexWarning in complex numbers (" in found


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("name", FIT)
def test_a_layer_that_carries_it_is_no_obstacle(name, backward):
    slopes = {
        "branches on x.real": lambda x, y: np.where(x.real > 0, 1, 0.1),
        "softplus": lambda x, y: 1 / (1 + np.exp(-x)),
        "np.maximum": lambda x, y: x.real > 0,
        "cube": lambda x, y: 3 * x**2,
        "over 0": lambda x, y: -(y**2),
        "fast": lambda x, y: 1000 * np.cos(1000 * x),
    }
    piece = activation(FIT[name], slopes.get(name, lambda x, y: 0 * x))
    assert obstacle(Dense(3, 4), piece, Dense(4, 2), backward=backward) is None


@pytest.mark.parametrize("far", [0.0, 1.0, 1e3, 1e6, 1e8])
def test_a_loss_that_drops_it_is_named_however_far_the_targets_are(far):
    assert (
        obstacle(Dense(3, 2), loss=loss_of(np.abs), y=far + Y)
        == f"the loss (Piece) {DROPPED} value"
    )
    modulus = loss_of(lambda r: np.where(r.real < 0, -r, r))
    assert obstacle(Dense(3, 2), loss=modulus, y=far + Y) is None


def test_a_loss_that_makes_a_float_is_named_with_its_error():
    class Floated(MSE):
        def value(self, prediction, target, sample_weight=None):
            return float(super().value(prediction, target, sample_weight))

    assert obstacle(Dense(3, 2), loss=Floated()).startswith("the loss (Floated) raises ")


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Shifted(4), None),
        (Shifted(4, "dx"), "backward"),  # of dy alone, which has to be moved to see it
        (Shifted(4, "b"), "b_gradient"),
        (activation(np.tanh, lambda x, y: 1 - y.real**2), "backward"),
        (activation(np.tanh, lambda x, y: 1 - y * np.conj(y)), "backward"),
    ],
)
def test_backward_passes_are_looked_at_where_they_have_to_run_in_complex_numbers(layer, words):
    layers = Dense(3, 4), layer, Dense(4, 2)
    expected = words and f"layers[1] ({type(layer).__name__}) {DROPPED} {words}"
    assert obstacle(*layers, backward=True) == expected


def test_parameters_are_moved_as_well_as_inputs():
    class Stretched(Shifted):
        def forward(self, x, out):
            np.add(x, np.abs(self.b), out=out)

    found = obstacle(Dense(3, 4), Stretched(4), Dense(4, 2), change=0)
    assert found is None  # at a kink nothing can be said
    model = Sequential(Dense(3, 4), Stretched(4), Dense(4, 2), seed=0)
    model.layers[1].b = [1.0, -2.0, 3.0, 1e-3]
    found = complex_obstacle(LossFunction(model, None, X, Y), backward=False)
    assert found == f"layers[1] (Stretched) {DROPPED} forward"


@pytest.mark.parametrize("backward", [False, True])
def test_units_dropped_at_random_are_no_obstacle_and_hide_none(backward):
    class Dropped(Activation):
        in_place = False

        def __init__(self, seed):
            self.seed, self.rng = seed, np.random.default_rng(seed)

        def forward(self, x, out):
            self.kept = self.rng.random(x.shape) < 0.5
            np.multiply(x, self.kept, out=out)

        def backward(self, x, y, dy, dx):
            np.multiply(dy, self.kept, out=dx)

    class Modulus(Dropped):
        def forward(self, x, out):
            super().forward(np.abs(x), out)

    assert obstacle(Dense(3, 40), Dropped(0), Dense(40, 2), Dropped(1), backward=backward) is None
    found = obstacle(Dense(3, 40), Modulus(0), Dense(40, 2), backward=backward)
    assert found == f"layers[1] (Modulus) {DROPPED} forward"


def test_the_gradient_of_a_loss_is_looked_at_too():
    loss = loss_of(lambda r: r**2 / 2, lambda r: r.real)
    assert obstacle(Dense(3, 2), loss=loss, backward=True) == f"the loss (Piece) {DROPPED} gradient"
    assert obstacle(Dense(3, 2), loss=loss, backward=False) is None


def test_the_first_of_several_is_named():
    layers = Dense(3, 4), Tanh(), activation(np.abs), activation(REFUSING["float()"]), Dense(4, 2)
    assert obstacle(*layers, loss=loss_of(np.abs)) == f"layers[2] (Piece) {DROPPED} forward"


class OwnReLU(ReLU):
    pass


class OwnSigmoid(Sigmoid):
    pass


class OwnTanh(Tanh):
    pass


KINKS = {
    "zero inputs": ((ReLU(), Dense(3, 2)), np.zeros((5, 3)), 1),
    "some zero inputs": ((ReLU(), Dense(3, 2)), X * (X > 0), 1),
    "stacked": ((Dense(3, 4), ReLU(), ReLU(), Dense(4, 4), ReLU(), Dense(4, 2)), X, 1),
    "dead": ((Dense(3, 4), ReLU(), Dense(4, 2), ReLU()), X, 0),
    "one in a thousand is 0": ((ReLU(), ReLU(), Dense(3, 2)), np.round(X, 1), 1),
}
WIDE = np.array([[1e8, 0.0, 1e-3], [-1e4, 0.5, -1e-6], [0.0, 30.0, 1.0], [1.0, 1.0, 1.0]])


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("name", KINKS)
def test_kinks_are_no_obstacle(name, backward):
    layers, x, change = KINKS[name]
    for rectifier in (ReLU, OwnReLU):
        fresh = [Dense(p.n_in, p.n_out) if isinstance(p, Dense) else rectifier() for p in layers]
        assert obstacle(*fresh, x=x, backward=backward, change=change) is None


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("change", [1e-3, 1, 10, 20, 40, 1e3])
@pytest.mark.parametrize("squash", [Sigmoid, Tanh, OwnTanh])
def test_saturated_units_are_no_obstacle(squash, change, backward):
    for sign in (1, -1):
        model = mlp(3, 3, 2, hidden=squash, output=squash, seed=0)
        model.parameters = sign * change * np.abs(model.parameters)
        function = LossFunction(model, None, np.abs(X), Y)
        assert complex_obstacle(function, backward=backward) is None


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    "piece",
    [Identity, ReLU, Sigmoid, Tanh, OwnReLU, OwnSigmoid, OwnTanh, lambda: Normalization(3)],
)
def test_columns_and_rows_of_unlike_sizes_are_no_obstacle(piece, backward):
    assert obstacle(piece(), Dense(3, 2), x=WIDE, y=Y[:4], backward=backward) is None


def test_a_step_out_of_what_a_piece_is_defined_for_warns_of_nothing():
    # 1 − p is 1e-9 and 5e-7: a step of p by 1e-7 or 1e-5 of itself would make it negative.
    def entropy(prediction):
        return -np.log(1 - prediction)

    class Odds(Loss):
        def value(self, prediction, target, sample_weight=None):
            return entropy(prediction).sum() / len(target)

        def gradient(self, prediction, target, sample_weight=None, out=None):
            return 1 / (1 - prediction) / len(target)

    class Strict(Odds):
        def value(self, prediction, target, sample_weight=None):
            if (prediction.real >= 1).any():
                raise ValueError("math domain error")
            return super().value(prediction, target, sample_weight)

    for loss in (Odds(), Strict()):
        x = np.array([[1 - 1e-9, 1 - 5e-7]])
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            assert obstacle(Identity(), loss=loss, x=x, y=x) is None
        assert not warned


def test_a_step_that_stays_within_is_looked_at_where_a_longer_one_does_not():
    def modulus_below_one(x):
        if (x.real >= 1).any():
            raise ValueError("math domain error")
        return np.abs(x)

    x = np.full((5, 3), 1 - 1e-5)
    found = obstacle(activation(modulus_below_one), Dense(3, 2), x=x)
    assert found == f"layers[0] (Piece) {DROPPED} forward"


def test_what_is_wrong_in_real_numbers_too_is_raised_as_it_is():
    def broken(x):
        raise ZeroDivisionError("of the piece itself")

    with pytest.raises(ZeroDivisionError, match="of the piece itself"):
        obstacle(Dense(3, 2), activation(broken))


def test_model_and_function_stay_as_they_are():
    model = mlp(3, 4, 2, hidden=Tanh, output=Sigmoid, seed=0)
    function = LossFunction(model, None, X, Y)
    function.value_and_gradient()
    before = [
        array.copy()
        for array in (model.parameters, function.model.parameters, function.model.gradients)
    ]
    outputs = [array.copy() for array in function.workspace.outputs]
    assert complex_obstacle(function, backward=True) is None
    after = model.parameters, function.model.parameters, function.model.gradients
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert all(map(np.array_equal, outputs, function.workspace.outputs))
