"""What a derivation says is what the framework does, for any network; and what is refused."""

import math
import re

import numpy as np
import pytest
from explained_networks import fitted, random_case

from minimlp import (
    LBFGS,
    MSE,
    SGD,
    Activation,
    Adam,
    Dense,
    Dropout,
    ExponentialDecay,
    Layer,
    LeakyReLU,
    LevenbergMarquardt,
    Loss,
    Normalization,
    Optimizer,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    explain,
    mlp,
)
from minimlp.datasets import worked_example
from minimlp.explanation.expression import compute
from minimlp.explanation.sheet import STAGES
from minimlp.formula import Formula, Rule
from minimlp.losses import BinaryCrossEntropy, CategoricalCrossEntropy, PoissonNLL
from minimlp.parameters import which_train


def close(value, scale=1.0):
    return pytest.approx(value, rel=1e-12, abs=1e-12 * max(1.0, scale))


def parameter_names(model, derivation):
    """The names of all parameters in the order of the flat vector, from what is said of each."""
    found = {}
    for given in derivation.givens:
        if given.role == "parameter":
            where = given.words.split(", from")[0].split(", of")[0]
            found[where] = given.name
    names = []
    for i, layer in enumerate(model.layers):
        if isinstance(layer, Dense):
            rows, columns = layer.weight.shape
            names += [
                found[f"layers[{i}].weight[{k}, {j}]"] for k in range(rows) for j in range(columns)
            ]
            if layer.has_bias:
                shared = found.get(f"layers[{i}].bias")
                names += [shared or found[f"layers[{i}].bias[{j}]"] for j in range(columns)]
    return names


@pytest.mark.parametrize("seed", range(40))
def test_random_networks(seed):
    rng = np.random.default_rng(seed)
    model, x, y, loss, optimizer = random_case(rng)
    if seed % 3 == 0:
        fitted(model, x, y, loss, optimizer, steps=3)
    derivation = explain(model, x, y, loss=loss, optimizer=optimizer)

    # Every formula that is shown gives the value beside it, from the values above it.
    values = {given.name: given.value for given in derivation.givens}
    for section in derivation.sections:
        for step in section.steps:
            for form in step.shown:
                assert compute(form, values) == close(step.value)
            values[step.name] = step.value
    for step in derivation.steps:
        assert step.shown or step.stage == "after"
        assert derivation.values[step.name] == step.value

    # The values are those of a step that is really taken.
    names = parameter_names(model, derivation)
    _, gradient = model.value_and_gradient(loss, x, y)(model.parameters)
    trains = which_train(model.layers)
    assert [derivation.values[name] for name in names] == close(model.parameters)
    (before,) = fitted(model, x, y, loss, optimizer)
    assert derivation.values["Loss"] == close(before)
    assert derivation.values["Loss′"] == close(model.evaluate(x, y, loss=loss)["loss"])
    for k, name in enumerate(names):
        if trains[k]:
            assert derivation.values[f"∂Loss/∂{name}"] == close(gradient[k])
            assert derivation.values[f"{name}′"] == close(model.parameters[k])
        else:
            assert f"∂Loss/∂{name}" not in derivation.values


@pytest.mark.parametrize("seed", range(60, 75))
def test_from_the_given_numbers_the_formulas_alone_find_all_others(seed):
    model, x, y, loss, optimizer = random_case(np.random.default_rng(seed))
    derivation = explain(model, x, y, loss=loss, optimizer=optimizer)
    values = {given.name: given.value for given in derivation.givens}
    for step in derivation.steps:
        if step.forms:
            values[step.name] = compute(step.safe, values)
            assert values[step.name] == pytest.approx(step.value, rel=1e-10, abs=1e-10)


def test_nothing_is_changed():
    model, x, y = worked_example()
    optimizer = Adam(0.1)
    model.fit(x, y, optimizer=optimizer, epochs=2)
    kept = model.parameters.copy(), model.gradients.copy()
    state, generator = optimizer.state(), model.rng.bit_generator.state
    explain(model, x, y, optimizer=optimizer)
    np.testing.assert_array_equal(model.parameters, kept[0])
    np.testing.assert_array_equal(model.gradients, kept[1])
    assert model.rng.bit_generator.state == generator
    for name, value in optimizer.state().items():
        np.testing.assert_array_equal(value, state[name])
    model.fit(x, y, optimizer=optimizer, epochs=1)  # it still trains this model


def test_defaults_are_those_of_fit():
    model, x, y = worked_example()
    derivation = explain(model, x, y)
    model.fit(x, y, epochs=1, batch_size=1)
    assert derivation.values["w₁₁′"] == close(model.layers[0].weight[0, 0])


def test_a_batch_is_an_average():
    model = Sequential(Dense(2, 1), seed=0)
    x, y = [[1.0, 2.0], [3.0, -1.0]], [[1.0], [0.5]]
    values = explain(model, x, y).values
    assert values["Loss"] == close((values["Loss⁽¹⁾"] + values["Loss⁽²⁾"]) / 2)
    each = [values[f"∂Loss⁽{s}⁾/∂w₁₁"] for s in "¹²"]
    assert values["∂Loss/∂w₁₁"] == close(sum(each) / 2)
    alone = explain(model, x[1:], y[1:]).values
    assert each[1] == close(alone["∂Loss/∂w₁₁"])


def test_softmax_sums_over_outputs():
    model = Sequential(Dense(2, 3), Softmax(), seed=0)
    derivation = explain(model, [[1.0, -2.0]], [2], loss=CategoricalCrossEntropy())
    step = next(step for step in derivation.steps if step.name == "δ_o₁")
    through, short = step.shown
    assert through[0] == "+"
    assert [part[2] for part in through[1:]] == [f"∂a(o{j})/∂o₁" for j in "₁₂₃"]
    assert short == ("-", "a(o₁)", "target(o₁)")


@pytest.mark.parametrize(
    ("last", "loss", "target", "size"),
    [
        (Softmax, CategoricalCrossEntropy(), [[1.0, 0.0]], 1000.0),
        (Softmax, CategoricalCrossEntropy(0.1), [[1.0, 0.0]], 1000.0),
        (Sigmoid, BinaryCrossEntropy(), [[1.0, 0.0]], 1000.0),
        (Sigmoid, BinaryCrossEntropy(), [[1.0, 0.0]], 40.0),
        (Sigmoid, MSE(), [[1.0, 0.0]], 1000.0),
        (ReLU, PoissonNLL(), [[1.0, 0.0]], 3.0),
    ],
)
def test_saturated_outputs(last, loss, target, size):
    model = Sequential(Dense(1, 2), last())
    model.parameters = [-size, size, 0, 0]
    derivation = explain(model, [[1.0]], target, loss=loss)
    for step in derivation.steps:
        assert step.stage == "after" or step.shown
        for form in step.shown:
            assert compute(form, derivation.values) == close(step.value)
    assert derivation.values["Loss"] == close(model.evaluate([[1.0]], target, loss=loss)["loss"])


def test_float32():
    model = mlp(2, 3, 1, hidden=Tanh, output=Sigmoid, dtype=np.float32, seed=0)
    derivation = explain(model, [[0.1, 0.2]], [[1.0]], optimizer=SGD(0.1))
    assert "= 0.1  " in derivation.to_text()  # and not 0.100000001490116
    history = model.fit([[0.1, 0.2]], [[1.0]], optimizer=SGD(0.1), epochs=1)
    assert derivation.values["Loss"] == pytest.approx(history.history["loss"][0], rel=1e-6)
    assert derivation.values["w₁₁′"] == pytest.approx(model.layers[0].weight[0, 0], rel=1e-6)


def test_a_schedules_rate_is_that_of_the_step():
    model = Sequential(Dense(1, 1))
    optimizer = SGD(ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5))
    model.fit([[1.0]], [[1.0]], optimizer=optimizer, epochs=2)
    derivation = explain(model, [[1.0]], [[1.0]], optimizer=optimizer)
    assert derivation.values["η"] == 0.125
    assert "the learning rate of this step" in derivation.to_text()


def test_what_is_frozen_is_left_alone_and_said_so():
    model, x, y = worked_example()
    model.layers[0].freeze()
    derivation = explain(model, x, y, optimizer=SGD(0.5, weight_decay=0.1))
    assert "w₁₁′" not in derivation.values
    assert "layers[0].weight[0, 0], from i₁ into h₁, frozen" in derivation.to_text()
    assert "Frozen, and so left as they are: w₁₁, w₁₂, w₁₃, w₁₄, b₁." in derivation.to_text()
    model.fit(x, y, optimizer=SGD(0.5, weight_decay=0.1), epochs=1)
    assert derivation.values["w₂₁′"] == close(model.layers[2].weight[0, 0])


def test_everything_frozen():
    model, x, y = worked_example()
    for layer in model.layers[::2]:
        layer.freeze()
    derivation = explain(model, x, y)
    assert derivation.values["Loss′"] == derivation.values["Loss"]
    assert "the loss is the same" in derivation.to_text()


def test_a_step_that_is_too_long_is_told():
    text = explain(Sequential(Dense(1, 1)), [[9.0]], [[1.0]], optimizer=SGD(5.0)).to_text()
    assert "the loss has risen" in text
    assert "smaller learning rate" in text


class Cube(Activation):
    formula = Formula("h**3 / s", "3 * h**2 / s", letters={"s": "scale"})

    def __init__(self, scale):
        self.scale = scale

    def forward(self, x, out):
        out[...] = x**3 / self.scale

    def backward(self, x, y, dy, dx):
        dx[...] = 3 * x**2 / self.scale * dy


def test_an_activation_of_ones_own_brings_its_formula():
    model = Sequential(Dense(1, 1), Cube(2.0), seed=0)
    derivation = explain(model, [[0.7]], [[1.0]])
    assert "a(o₁) = o₁³ / s = " in derivation.to_text()
    assert re.search(r"s +=  ?2 +scale of Cube\(2.0\)", derivation.to_text())


class WrongCube(Cube):
    formula = Formula("h**2 / s", "3 * h**2 / s", letters={"s": "scale"})


class Unwritten(Activation):
    def forward(self, x, out):
        out[...] = x

    def backward(self, x, y, dy, dx):
        dx[...] = dy


class Nameless(Cube):
    formula = Formula("h**3 / s", "3 * h**2 / s", letters={"s": "size"})


class Scale(Layer):
    def parameter_shapes(self):
        return {"s": (1,)}

    def forward(self, x, out):
        out[...] = x * self.s

    def backward(self, x, y, dy, dx):
        self.s_gradient[...] = (x * dy).sum()
        if dx is not None:
            dx[...] = dy * self.s


class OwnDense(Dense):
    pass


class Quartic(Loss):
    def value(self, prediction, target, sample_weight=None):
        return float(((prediction - target) ** 4).sum() / len(target))

    def gradient(self, prediction, target, sample_weight=None, out=None):
        return 4 * (prediction - target) ** 3 / len(target)


class Signs(Optimizer):
    def step(self, parameters, gradients):
        parameters -= 0.1 * np.sign(gradients)


def replaced():
    layer = Sigmoid()
    layer.forward = layer.forward
    return layer


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Dense(1, 1), Unwritten()], ["layers[1], Unwritten()", "no formula", "Formula("]),
        ([Dense(1, 1), WrongCube(2.0)], ["WrongCube", "h**2 / s", "1.445", "-2.4565"]),
        ([Dense(1, 1), Nameless(2.0)], ["Nameless", "'size'"]),
        ([Dense(1, 1), Scale()], ["layers[1], Scale()", "Dense"]),
        ([OwnDense(1, 1)], ["layers[0], OwnDense(1, 1)"]),
        ([Dense(1, 1), replaced()], ["layers[1], Sigmoid()", "replaced"]),
        ([Sigmoid()], ["no Dense layer"]),
    ],
)
def test_layers_without_a_formula(layers, words):
    with pytest.raises(ValueError, match=re.escape(words[0])) as error:
        explain(Sequential(*layers), [[0.5]], [[1.0]])
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"x": [[1.0]]}, ValueError, ["x has shape (1, 1)", "2"]),
        ({"x": [0.05, 0.1]}, ValueError, ["x has shape (2,)"]),
        ({"y": [[1.0]]}, ValueError, ["y has shape (1, 1)"]),
        ({"y": [[math.nan, 1.0]]}, ValueError, ["y holds nan"]),
        (
            {"x": np.ones((9, 2)), "y": np.ones((9, 2))},
            ValueError,
            ["9 rows", "at most 8", "x[:1]"],
        ),
        ({"loss": "mse"}, TypeError, ["loss must be a Loss"]),
        ({"loss": Quartic()}, ValueError, ["Quartic()", "formula"]),
        ({"loss": BinaryCrossEntropy(), "y": [[2.0, 0.0]]}, ValueError, ["y holds 2"]),
        ({"optimizer": "sgd"}, TypeError, ["optimizer must be", "SGD(0.5)"]),
        ({"optimizer": LevenbergMarquardt()}, TypeError, ["optimizer must be", "steps"]),
        ({"optimizer": LBFGS()}, TypeError, ["optimizer must be"]),
        ({"optimizer": Signs()}, ValueError, ["Signs()", "rule"]),
        ({"digits": 1}, ValueError, ["digits"]),
        ({"digits": 18}, ValueError, ["digits", "17"]),
        ({"digits": 2.5}, TypeError, ["digits"]),
        ({"parameter": 3}, TypeError, ["parameter must be a name", "layers[0].weight[1, 1]"]),
        ({"parameter": "w"}, ValueError, ["'w'", "did you mean"]),
    ],
)
def test_bad_arguments(arguments, kind, words):
    model, x, y = worked_example()
    given = {"x": x, "y": y, **arguments}
    with pytest.raises(kind) as error:
        explain(model, given.pop("x"), given.pop("y"), **given)
    for word in words:
        assert word in str(error.value)


def test_models_that_cannot_be_explained():
    model, x, y = worked_example()
    with pytest.raises(TypeError, match="complex128"):
        explain(model.copy(np.complex128), x, y)
    with pytest.raises(TypeError, match="must be a Sequential"):
        explain(Sequential, x, y)
    other = SGD(0.1)
    worked_example()[0].fit(x, y, optimizer=other, epochs=1)
    with pytest.raises(ValueError, match="another model"):
        explain(model, x, y, optimizer=other)
    model.parameters = np.full(12, 1e300)
    with pytest.raises(ValueError, match="finite"):
        explain(Sequential(Dense(1, 1), seed=0), [[1e200]], [[1.0]])


def test_too_many_parameters_offer_one():
    with pytest.raises(ValueError, match=r"parameter='layers\[0\].weight\[10, 10\]'"):
        explain(mlp(20, 20, 1, hidden=Tanh, output=Sigmoid), np.ones((1, 20)), [[1.0]])


def test_stages_are_known():
    model, x, y = worked_example()
    assert {step.stage for step in explain(model, x, y).steps} == set(STAGES)


def test_dropout_leaves_nothing_out_and_says_so():
    model = Sequential(Dense(1, 2), Dropout(0.5), Dense(2, 1), seed=0)
    derivation = explain(model, [[1.0]], [[1.0]])
    assert derivation.values["Loss"] == close(model.evaluate([[1.0]], [[1.0]])["loss"])
    assert "Dropout(0.5) does here what it does in predictions" in derivation.to_text()


def test_numbers_of_different_pieces_are_never_one():
    first, second = Normalization(2), Normalization(3)
    first.scale, second.scale = np.array([2.0, 0.1]), np.array([2.0, 1.0, 1.0])
    layers = [first, Dense(2, 3), second, LeakyReLU(0.1), Dense(3, 1), LeakyReLU(0.2), Cube(0.1)]
    model = Sequential(*layers, seed=0)
    optimizer = SGD(0.1, clip_norm=0.1)
    derivation = explain(model, [[1.0, 2.0]], [[1.0]], optimizer=optimizer)
    said = {given.words: given.name for given in derivation.givens if given.role == "setting"}
    assert len(set(said.values())) == len(said) == 2 * 2 + 2 * 3 + 2 + 1 + 2
    assert said["scale of Normalization(2), unit 2"] == "s₂"
    assert said["scale of Normalization(3), unit 2"] == "s₂,₂"
    text = derivation.to_text()
    assert f"else {said['negative_slope of LeakyReLU(negative_slope=0.2)']} · o₁" in text


class Greek(Cube):
    formula = Formula("h**3 / γ1", "3 * h**2 / γ1", letters={"γ1": "scale"}, name="φ")


def test_letters_of_ones_own():
    class Curved(Cube):
        formula = Formula("h**3 / c", "3 * h**2 / c", letters={"c": "scale"})

    model = Sequential(Dense(1, 1), Greek(2.0), Dense(1, 1), Curved(3.0), seed=0)
    derivation = explain(model, [[1.0]], [[1.0]], optimizer=SGD(0.5, clip_norm=0.01))
    assert derivation.values["γ₁"] == 2
    assert (derivation.values["c"], derivation.values["c₂"]) == (3, 0.01)
    assert "φ(h₁) = h₁³ / γ₁" in derivation.to_text()
    assert r"\phi(h_{1}) &= \frac{h_{1}^{3}}{\gamma_{1}}" in derivation.to_latex()
    assert derivation.to_latex().isascii()


class WrongAcross(Softmax):
    formula = Softmax.formula._replace(across="a * b")


class Hidden(Softmax):
    formula = Softmax.formula._replace(across=None)


class Taken(Cube):
    formula = Formula("h**3 / t", "3 * h**2 / t", letters={"t": "scale"})


@pytest.mark.parametrize(
    ("layer", "words"),
    [(WrongAcross(), "across"), (Hidden(), "no across"), (Taken(2.0), "'t'")],
)
def test_formulas_that_do_not_hold(layer, words):
    with pytest.raises(ValueError, match=re.escape(repr(layer))) as error:
        explain(Sequential(Dense(1, 2), layer), [[0.5]], [[1.0, 0.0]])
    assert words in str(error.value)


def test_a_gradient_of_zero_is_not_divided_by():
    model = Sequential(Dense(1, 1))
    model.parameters = [0.0, 0.0]
    text = explain(model, [[1.0]], [[0.0]], optimizer=SGD(0.1, clip_norm=1.0)).to_text()
    assert "{∂Loss/∂w₁₁ · c / ‖g‖ if ‖g‖ > c, else ∂Loss/∂w₁₁} = 0" in text


class Signed(SGD):
    """An optimizer of one's own, with letters of its own."""

    def rule(self):
        return Rule((("k", "sign(g)"), ("w", "w - η * k")))

    def update(self, parameters, gradients, rate):
        parameters -= rate * np.sign(gradients)


def test_an_optimizer_of_ones_own_brings_its_rule():
    model = Sequential(Dense(1, 1))
    model.parameters = [0.5, 0.0]
    text = explain(model, [[1.0]], [[0.0]], optimizer=Signed(0.1)).to_text()
    assert "k(w₁₁) = sign(∂Loss/∂w₁₁) = sign(0.5) = 1" in text
    assert "w₁₁′ = w₁₁ − η · k(w₁₁) = 0.5 − 0.1 × 1 = 0.4" in text
