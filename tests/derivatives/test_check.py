"""check_gradients says yes to right gradients, and names wrong ones."""

import math

import numpy as np
import pytest
from own_pieces import Affine, Dropped, Quartic

from minimlp import (
    MSE,
    Activation,
    Dense,
    GradientCheck,
    Identity,
    Layer,
    Loss,
    Normalization,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
    check_gradients,
    mlp,
)

RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))
WEIGHT = [1.0, 0.0, 2.0, 5.0, 1.0]
TOLERANCES = {"complex-step": 1e-12, "central": 1e-5}
METHODS = list(TOLERANCES)


class Cubic(Activation):
    def forward(self, x, out):
        np.multiply(x, x**2, out=out)

    def backward(self, x, y, dy, dx):
        np.multiply(3 * x**2, dy, out=dx)


class Redrawn(Dropped):
    """Draws in backward again, which is wrong."""

    def backward(self, x, y, dy, dx):
        np.multiply(dy, self.rng.random(x.shape) < 0.5, out=dx)


def dropped(seed):
    return Dropped(np.random.default_rng(seed))


def adapted():
    layer = Normalization(3)
    layer.adapt(2 * X + 1)
    return layer


CHAINS = {
    "page": lambda: [Dense(3, 2), Sigmoid(), Dense(2, 2), Sigmoid()],
    "deep": lambda: [Dense(3, 4), Tanh(), Dense(4, 4, bias=False), ReLU(), Dense(4, 2), Identity()],
    "normalization": lambda: [adapted(), Dense(3, 4), Tanh(), Dense(4, 2)],
    "own": lambda: [Affine(3), Tanh(), Cubic(), Dense(3, 2), Affine(2)],
    "dropout": lambda: [Dense(3, 8), dropped(1), Tanh(), Dense(8, 2), dropped(2)],
}


def chain(name, dtype=np.float64):
    return Sequential(*CHAINS[name](), dtype=dtype, seed=3)


def differing(check):
    return {array.name: array.source for array in check.arrays if not array.error <= 1e-9}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("loss", [None, Quartic()])
@pytest.mark.parametrize("name", CHAINS)
def test_right_gradients_agree_in_either_dtype(name, loss, method, dtype):
    model = chain(name, dtype)
    check = check_gradients(model, loss, X, Y, method=method, sample_weight=WEIGHT)
    assert isinstance(check, GradientCheck)
    assert check
    assert check.max_error <= check.tolerance == TOLERANCES[method]
    assert (check.method, check.note) == (method, "")
    assert all(array.checked == array.size for array in check.arrays)
    assert any(array.numeric for array in check.arrays)
    names = [
        f"layers[{i}].{name}"
        for i, layer in enumerate(model.layers)
        for name in layer.parameter_shapes()
    ]
    assert [array.name for array in check.arrays] == [*names, "x"]


@pytest.mark.parametrize(
    ("method", "size", "off", "verdict"),
    [
        ("complex-step", 1e-20, 1e-11, False),
        ("complex-step", 1.0, 1e-11, False),
        ("complex-step", 1e20, 1e-11, False),
        ("complex-step", 1e-20, 1e-14, True),
        ("complex-step", 1e-20, 0.5, False),  # beside the loss, 0 and 1e-20 look alike
        ("complex-step", 1e-90, 0.5, False),
        ("complex-step", 1.0, 1e-14, True),
        ("central", 0.01, 1e-4, False),
        ("central", 100.0, 1e-4, False),
        ("central", 1.0, 1e-7, True),
    ],
)
def test_an_error_counts_beside_the_largest_derivative_of_its_array(method, size, off, verdict):
    class Off(Affine):
        def backward(self, x, y, dy, dx):
            super().backward(x, y, dy, dx)
            self.m_gradient[1, 2] += off * np.abs(self.m_gradient).max()

    # What is multiplied by `size` is beside the loss of its second output, which stays.
    model = Sequential(Off(3), Dense(3, 2), seed=0)
    model.layers[1].weight[:, 0] = [size, -size, 2 * size]
    model.layers[1].weight[:, 1] = 0
    model.layers[1].bias = [1.0, -1.0]
    check = check_gradients(model, None, X, Y, method=method)
    assert bool(check) is verdict
    if not verdict:
        assert check.worst == "layers[0].m[1, 2]"
        assert check.max_error == pytest.approx(off, rel=0.1)


def test_where_all_derivatives_are_zero_the_gradient_itself_is_the_error():
    class Off(Affine):
        def backward(self, x, y, dy, dx):
            super().backward(x, y, dy, dx)
            self.c_gradient += 1e-6

    model = Sequential(Off(3), ReLU(), Dense(3, 2), seed=0)
    model.layers[0].c = -1e6
    check = check_gradients(model, None, X, Y)
    assert (check.worst, check.max_error) == ("layers[0].c", 1e-6)
    good = Sequential(Affine(3), ReLU(), Dense(3, 2), seed=0)
    good.layers[0].c = -1e6
    assert check_gradients(good, None, X, Y).arrays[0].numeric == 0
    assert check_gradients(good, None, X, Y)


class Wrong(Affine):
    """An Affine that does something more, `spoil(layer, x, dy, dx)`, after its backward."""

    def __init__(self, width, spoil):
        self.width, self.spoil = width, spoil

    def backward(self, x, y, dy, dx):
        super().backward(x, y, dy, dx)
        self.spoil(self, x, dy, dx)


def one_entry(layer, x, dy, dx):
    layer.m_gradient[2, 1] += 1e-3


def the_number(layer, x, dy, dx):
    layer.c_gradient *= -1


def without_dx(layer, x, dy, dx):
    if dx is None:
        layer.m_gradient *= 2


def with_dx(layer, x, dy, dx):
    if dx is not None:
        layer.m_gradient *= 2


def half_dx(layer, x, dy, dx):
    if dx is not None:
        dx /= 2


def first_row_of_dx(layer, x, dy, dx):
    if dx is not None:
        dx[1:] = 0


def adds_up(layer, x, dy, dx):
    layer.total = getattr(layer, "total", 0) + layer.m_gradient
    layer.m_gradient[...] = layer.total


BEFORE_2 = {"layers[0].m", "layers[0].c", "x"}
WRONG = [
    (one_entry, 0, {"layers[0].m"}, "layers[0].m[2, 1]"),
    (one_entry, 2, {"layers[2].m"}, "layers[2].m[2, 1]"),
    (the_number, 2, {"layers[2].c"}, "layers[2].c"),
    (without_dx, 0, {"layers[0].m"}, None),
    (with_dx, 0, {"layers[0].m"}, None),
    (with_dx, 2, {"layers[2].m"}, None),
    (half_dx, 0, {"x"}, None),
    (half_dx, 2, BEFORE_2, None),
    (first_row_of_dx, 2, BEFORE_2, None),
    (adds_up, 2, {"layers[2].m"}, None),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("spoil", "position", "names", "worst"), WRONG)
def test_a_wrong_backward_is_found_and_what_it_spoils_is_named(
    spoil, position, names, worst, method
):
    layers = [Affine(3), Cubic(), Affine(3), Dense(3, 2)]
    layers[position] = Wrong(3, spoil)
    check = check_gradients(Sequential(*layers, seed=1), Quartic(), X, Y, method=method)
    assert not check
    assert check.note == ""
    assert {a.name for a in check.arrays if not a.error <= check.tolerance} == names
    assert worst is None or check.worst == worst
    for name in names:
        assert f"differs, most at {name}" in str(check)


class Gate(Layer):
    """y = x + b where x > 0, else 0; its backward leaves out what it is told to."""

    def __init__(self, width, left_out=None):
        self.width, self.left_out = width, left_out

    def parameter_shapes(self):
        return {"b": (self.width,)}

    def forward(self, x, out):
        np.multiply(x + self.b, x.real > 0, out=out)

    def backward(self, x, y, dy, dx):
        if self.left_out != "b":
            self.b_gradient[...] = (dy * (x.real > 0)).sum(axis=0)
        if dx is None or self.left_out == "dx":
            return
        if self.left_out != "half of dx":
            dx.fill(0)
        np.copyto(dx, dy, where=x.real > 0)


@pytest.mark.parametrize("memory", ["as it is", "zeros"])
@pytest.mark.parametrize("left_out", [None, "b", "dx", "half of dx"])
def test_what_a_backward_does_not_write_is_found_whatever_memory_holds(
    left_out, memory, monkeypatch
):
    if memory == "zeros":  # as new memory often is, just what the forgotten half should be
        monkeypatch.setattr(np, "empty_like", np.zeros_like)
    model = Sequential(Dense(3, 3), Gate(3, left_out), Dense(3, 2), seed=0)
    assert bool(check_gradients(model, None, X, Y)) is (left_out is None)


def test_each_of_the_three_sources_is_compared_and_named():
    class OwnRows(Affine):
        def per_sample_gradients(self, x, y, dy, out):
            np.einsum("bi,bj->bij", x, dy, out=out["m"])
            out["c"][...] = dy.sum(axis=1) * (1 if self.right else 1.5)

    class SlowLoss(Quartic):
        def gradient(self, prediction, target, sample_weight=None, out=None):
            return 2 * super().gradient(prediction, target, sample_weight)

        def value_and_gradient(self, prediction, target, sample_weight, out):
            out[...] = super().gradient(prediction, target, sample_weight)
            return self.value(prediction, target, sample_weight)

    class FastLoss(Quartic):
        def value_and_gradient(self, prediction, target, sample_weight, out):
            out[...] = 2 * self.gradient(prediction, target, sample_weight)
            return self.value(prediction, target, sample_weight)

    class Forgets(OwnRows):
        def per_sample_gradients(self, x, y, dy, out):
            super().per_sample_gradients(x, y, dy, out)
            out["m"][0, 1, 2] = np.nan  # as what is not written shows

    def check(loss, right=True):
        layer = OwnRows(3)
        layer.right = right
        return check_gradients(Sequential(layer, Dense(3, 2), seed=0), loss, X, Y)

    weights = ["layers[0].m", "layers[0].c", "layers[1].weight", "layers[1].bias"]
    assert check(Quartic())
    assert differing(check(Quartic(), right=False)) == {"layers[0].c": "per_sample_gradients"}
    assert differing(check(FastLoss())) == dict.fromkeys(weights, "fit")
    layer = Forgets(3)
    layer.right = True
    forgets = check_gradients(Sequential(layer, Dense(3, 2), seed=0), None, X, Y)
    assert differing(forgets) == {"layers[0].m": "per_sample_gradients"}
    assert np.isnan(forgets.max_error)
    assert forgets.worst == "layers[0].m[1, 2]"
    slow = differing(check(SlowLoss()))
    assert slow.keys() == {*weights, "x"}
    assert slow["x"] == "backward"
    assert "fit" not in slow.values()


def test_a_loss_that_forgets_the_sample_weights_is_found():
    class Forgetful(Quartic):
        def gradient(self, prediction, target, sample_weight=None, out=None):
            return super().gradient(prediction, target)

    assert check_gradients(chain("page"), Forgetful(), X, Y)
    assert not check_gradients(chain("page"), Forgetful(), X, Y, sample_weight=WEIGHT)


# Pieces that cannot run in complex numbers.


def activation(name, function, derivative):
    def forward(self, x, out):
        out[...] = function(x)

    def backward(self, x, y, dy, dx):
        dx[...] = dy * derivative(x)

    return type(name, (Activation,), {"forward": forward, "backward": backward})()


def each(function):
    return lambda x: np.reshape([function(v) for v in x.ravel()], x.shape)


UNFIT = [
    ("Softplus", lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x)), True),
    ("Floats", each(lambda v: float(v) ** 2), lambda x: 2 * x, True),
    ("Exps", each(math.exp), np.exp, True),
    ("Casts", lambda x: x.astype(np.float64) ** 2, lambda x: 2 * x, True),
    ("Modulus", np.abs, np.sign, True),
    ("RealPart", lambda x: x.real**2, lambda x: 2 * x.real, True),
    ("WrongModulus", np.abs, lambda x: 0 * x, False),  # agrees with a complex step: both are 0
    ("WrongSoftplus", lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(x)), False),
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("name", "function", "derivative", "right"), UNFIT)
def test_a_layer_unfit_for_complex_numbers_is_named_and_checked_by_differences(
    name, function, derivative, right, method
):
    layer = activation(name, function, derivative)
    model = Sequential(Dense(3, 4), Tanh(), layer, Dense(4, 2), seed=0)
    check = check_gradients(model, None, X, Y, method=method)
    assert bool(check) is right
    assert (check.method, check.tolerance) == ("central", 1e-5)
    if method == "central":
        assert check.note == ""
    else:
        words = f"central differences instead of complex step: layers[2] ({name}) "
        assert check.note.startswith(words)
        assert str(check).endswith(check.note)


@pytest.mark.parametrize("far", [0.0, 3e5])  # prices, before anything is learnt
def test_a_loss_unfit_for_complex_numbers_is_named(far):
    class Absolute(Loss):
        def value(self, prediction, target, sample_weight=None):
            return np.abs(prediction - target).sum() / len(target)

        def gradient(self, prediction, target, sample_weight=None, out=None):
            return np.sign(prediction - target) / len(target)

    check = check_gradients(chain("deep"), Absolute(), X, far + Y, tolerance=1e-3)
    assert check.note == (
        "central differences instead of complex step: "
        "the loss (Absolute) does not carry the imaginary part through its value"
    )
    assert check


@pytest.mark.parametrize("x", [np.zeros((5, 3)), X * (X > 0), np.round(X, 0)])
def test_rectifiers_at_their_kink_are_checked_by_complex_step(x):
    layers = ReLU(), Dense(3, 4), ReLU(), ReLU(), Dense(4, 4), ReLU(), Dense(4, 2)
    check = check_gradients(Sequential(*layers, seed=0), None, x, Y)
    assert check
    assert (check.method, check.note) == ("complex-step", "")


# Nothing is left behind.


def state_of(model):
    kept = [
        value.tobytes() if isinstance(value, np.ndarray) else value.bit_generator.state
        for layer in model.layers
        for value in vars(layer).values()
        if isinstance(value, np.ndarray | np.random.Generator)
    ]
    return (
        model.parameters.tobytes(),
        model.gradients.tobytes(),
        model.rng.bit_generator.state,
        kept,
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CHAINS)
def test_model_and_data_stay_bit_for_bit_and_a_pending_backward_still_works(name, method, dtype):
    model = chain(name, dtype)
    x, y, weight = X.astype(dtype), Y.astype(dtype), np.array(WEIGHT, dtype)
    for array in (x, y, weight):
        array.flags.writeable = False
    kept = x.tobytes(), y.tobytes(), weight.tobytes()
    model.fit(x, y, epochs=1)
    twin = model.copy()
    assert np.array_equal(twin.forward(x), model.forward(x))
    before = state_of(model)
    check_gradients(model, None, x, y, method=method, sample_weight=weight)
    assert state_of(model) == before
    assert (x.tobytes(), y.tobytes(), weight.tobytes()) == kept
    assert model.backward(Y).tobytes() == twin.backward(Y).tobytes()
    assert model.gradients.tobytes() == twin.gradients.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_units_dropped_at_random_stay_the_same_throughout_a_check(method):
    layers = Dense(3, 20), dropped(1), Dense(20, 2)
    assert check_gradients(Sequential(*layers, seed=0), None, X, Y, method=method)
    layers = Dense(3, 20), Redrawn(np.random.default_rng(1)), Dense(20, 2)
    assert not check_gradients(Sequential(*layers, seed=0), None, X, Y, method=method)


def test_frozen_parameters_are_listed_as_skipped_and_the_rest_is_checked():
    model = chain("deep")
    model.layers[0].freeze("weight")
    model.layers[2].freeze()
    check = check_gradients(model, None, X, Y)
    assert check
    assert {a.name for a in check.arrays if not a.checked} == {
        "layers[0].weight",
        "layers[2].weight",
    }
    lines = [line.split() for line in str(check).splitlines() if "frozen, skipped" in line]
    assert [line[0] for line in lines] == ["layers[0].weight", "layers[2].weight"]
    model.layers[0].freeze()
    model.layers[4].freeze()
    only = check_gradients(model, None, X, Y)
    assert only
    assert only.worst.startswith("x[")


def test_of_many_entries_a_sample_is_checked_the_same_at_each_call():
    def check(wide=80, layer=Identity):
        model = Sequential(Dense(wide, 60), layer(), Dense(60, 1), seed=0)
        x = np.random.default_rng(0).normal(size=(1, wide))
        return check_gradients(model, None, x, [[1.0]])

    first, again = check(), check()
    assert first
    assert first == again
    assert "sample" in first.note
    counts = {a.name: (a.checked, a.size) for a in first.arrays}
    assert 100 < counts["layers[0].weight"][0] < 4800 == counts["layers[0].weight"][1]
    assert f"{counts['layers[0].weight'][0]} of 4800" in str(first)
    assert all(few == size for name, (few, size) in counts.items() if name != "layers[0].weight")

    fewer = check(wide=60)  # 3,600 + 60 + 60 + 1 parameters
    assert fewer.note == ""
    assert all(a.checked == a.size for a in fewer.arrays)


def test_a_sample_finds_a_gradient_that_is_wrong_throughout():
    model = Sequential(Wrong(70, without_dx), Dense(70, 1), seed=0)
    x = np.random.default_rng(0).normal(size=(1, 70))
    check = check_gradients(model, None, x, [[1.0]])
    assert "sample" in check.note
    assert not check
    assert check.worst.startswith("layers[0].m[")


def test_of_many_inputs_a_sample_is_checked():
    x = np.random.default_rng(0).normal(size=(1500, 3))
    check = check_gradients(Sequential(Dense(3, 1), seed=0), None, x, x[:, 0])
    assert check
    assert "sample" in check.note
    assert 100 < check.arrays[-1].checked < 4500


@pytest.mark.parametrize("layers", [[Sigmoid()], [Tanh(), Cubic()], [Normalization(2), Identity()]])
def test_a_chain_without_parameters_is_checked_by_its_inputs(layers):
    check = check_gradients(Sequential(*layers), None, Y, Y + 1)
    assert check
    assert [(a.name, a.checked) for a in check.arrays] == [("x", 10)]


def test_labels_are_targets_as_in_fit():
    labels, one_hot = np.array([0, 1, 1, 0, 1]), np.eye(2)[[0, 1, 1, 0, 1]]
    model = chain("page")
    assert check_gradients(model, None, X, labels) == check_gradients(model, None, X, one_hot)


def test_a_tolerance_of_ones_own():
    check = check_gradients(chain("page"), None, X, Y, method="central", tolerance=1e-13)
    assert check.tolerance == 1e-13
    assert not check
    model = Sequential(Wrong(3, one_entry), Dense(3, 2), seed=0)
    wide = check_gradients(model, None, X, Y, tolerance=1)
    assert wide
    assert (wide.method, wide.note) == ("complex-step", "")
    assert not check_gradients(model, None, X, Y)
    assert check_gradients(model, None, X, Y, tolerance=np.float32(0.5)).tolerance == 0.5


def bad(array, value):
    array = np.array(array)
    array[2, 1] = value
    return array


REFUSED = [
    ({"x": X[:, :2]}, ["x has shape (5, 2)", "takes 3"]),
    ({"x": X[0]}, ["x has shape (3,)", "(rows, features)"]),
    ({"x": X[:0], "y": Y[:0]}, ["x has shape (0, 3)", "at least one row"]),
    ({"x": bad(X, np.nan)}, ["x holds nan", "row 2, column 1", "finite"]),
    ({"x": X + 1j}, ["x must hold real numbers", "complex128"]),
    ({"y": Y[:4]}, ["y has shape (4, 2)", "(5, 2)"]),
    ({"y": Y[:, :1]}, ["y has shape (5, 1)", "(5, 2)"]),
    ({"y": bad(Y, np.inf)}, ["y holds inf", "row 2, column 1"]),
    ({"y": [0, 1, 2, 0, 1]}, ["y holds the label 2", "row 2", "2 outputs"]),
    ({"sample_weight": [1.0] * 4}, ["sample_weight has shape (4,)", "(5,)"]),
    ({"sample_weight": [1, 1, -1, 1, 1]}, ["sample_weight", "-1", "row 2"]),
    ({"sample_weight": [0] * 5}, ["sample_weight is zero for all 5 rows"]),
    ({"loss": MSE}, ["loss must be a Loss such as MSE()", "MSE'"]),
    ({"loss": "mse"}, ["loss must be a Loss such as MSE(), got 'mse'"]),
    ({"method": "complex"}, ["method must be one of complex-step, central, got 'complex'"]),
    ({"method": None}, ["method", "complex-step, central", "None"]),
    ({"method": ["central"]}, ["method", "complex-step, central", "['central']"]),
    ({"tolerance": -1e-9}, ["tolerance must be", "at least 0", "-1e-09"]),
    ({"tolerance": np.nan}, ["tolerance must be finite", "nan"]),
    ({"tolerance": np.inf}, ["tolerance must be finite", "inf"]),
    ({"tolerance": True}, ["tolerance must be a number, got True"]),
    ({"tolerance": "small"}, ["tolerance must be a number, got 'small'"]),
]


@pytest.mark.parametrize(("given", "words"), REFUSED)
def test_bad_input_is_refused_by_name_and_leaves_the_model_alone(given, words):
    model = chain("normalization")
    before = state_of(model)
    with pytest.raises((TypeError, ValueError)) as caught:
        check_gradients(**{"model": model, "loss": None, "x": X, "y": Y, **given})
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"
    assert state_of(model) == before


@pytest.mark.parametrize("model", [None, 3, "model", Dense(3, 2), Sequential, MSE()])
def test_what_is_no_model_is_refused_by_name(model):
    with pytest.raises(TypeError, match="model must be a Sequential, got "):
        check_gradients(model, None, X, Y)


def test_a_complex_model_is_refused():
    model = mlp(3, 2, output=Tanh, dtype=np.complex128)
    with pytest.raises(
        TypeError, match="check_gradients needs a model of dtype float32 or float64"
    ):
        check_gradients(model, None, X, Y)


def test_a_piece_that_fails_in_real_numbers_fails_with_its_own_error():
    class Returning(Layer):
        def forward(self, x, out):
            return 2 * x

    with pytest.raises(TypeError, match=r"Returning\(\): forward must write into out"):
        check_gradients(Sequential(Returning(), Dense(3, 2)), None, X, Y)


@pytest.mark.parametrize("size", [1.0, 1e-5, 1e-6, 1e-9])
def test_a_real_loss_is_found_however_small_it_is(size):
    class Squares(Loss):
        def value(self, prediction, target, sample_weight=None):
            return np.mean(np.abs(prediction - target) ** 2)

        def gradient(self, prediction, target, sample_weight=None, out=None):
            return 2 * (prediction - target) / prediction.size

    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 2), seed=0)
    model.layers[2].weight *= size
    check = check_gradients(model, Squares(), X, Y * size)
    assert check, check
    assert check.method == "central"
    assert check.note.startswith("central differences instead of complex step: ")


def test_a_layer_whose_chance_cannot_be_held_is_an_error():
    chance = np.random.default_rng(0)  # of no layer

    class Noise(Activation):
        def forward(self, x, out):
            np.multiply(x, chance.random(x.shape) > 0.5, out=out)

        def backward(self, x, y, dy, dx):
            np.multiply(dy, y != 0, out=dx)

    model = Sequential(Dense(3, 4), Noise(), Dense(4, 2), seed=0)
    with pytest.raises(ValueError, match=r"not the same twice: .* np\.random\.Generator they keep"):
        check_gradients(model, None, X, Y)


def test_the_printed_tolerance_does_not_belie_the_verdict():
    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 2), seed=0)
    assert "tolerance 2.4e-07" in str(check_gradients(model, None, X, Y, tolerance=2.4e-7))
