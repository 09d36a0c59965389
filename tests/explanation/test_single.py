"""One parameter of a network: every path is counted, and together they give the gradient."""

import itertools

import numpy as np
import pytest

from minimlp import MSE, SGD, Adam, Dense, ReLU, Sequential, Sigmoid, Softmax, Tanh, explain
from minimlp.explanation.expression import compute
from minimlp.explanation.paths import strongest
from minimlp.losses import CategoricalCrossEntropy


def close(value):
    return pytest.approx(value, rel=1e-12, abs=1e-13)


def a_network(seed=0):
    return Sequential(
        Dense(5, 30), Tanh(), Dense(30, 20), Softmax(), Dense(20, 4), Sigmoid(), seed=seed
    )


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("layers[0].weight[3, 1]", (0, "weight", (3, 1))),
        ("layers[0].bias[29]", (0, "bias", (29,))),
        ("layers[2].weight[7, 19]", (2, "weight", (7, 19))),
        (" layers[4].weight[ 0,0 ] ", (4, "weight", (0, 0))),
        ("layers[4].bias[2]", (4, "bias", (2,))),
    ],
)
def test_any_entry_of_any_network(name, place, rows):
    rng = np.random.default_rng(1)
    model, x, y = a_network(), rng.normal(size=(rows, 5)), rng.normal(size=(rows, 4))
    optimizer = Adam(0.01, clip_norm=0.1)
    derivation = explain(model, x, y, optimizer=optimizer, parameter=name)
    position, array, index = place
    _, gradient = model.value_and_gradient(MSE(), x, y)(model.parameters)
    other = model.copy()
    other.parameters = gradient
    expected = getattr(other.layers[position], array)[index]
    symbol = next(given.name for given in derivation.givens if given.role == "parameter")
    assert derivation.values[symbol] == getattr(model.layers[position], array)[index]
    assert derivation.values[f"∂Loss/∂{symbol}"] == close(expected)
    for step in derivation.steps:
        for form in step.shown:
            assert compute(form, derivation.values) == close(step.value)
    model.fit(x, y, optimizer=optimizer, epochs=1, batch_size=rows, shuffle=False)
    new = getattr(model.layers[position], array)[index]
    assert derivation.values[f"{symbol}′"] == close(new)
    assert derivation.values["Loss′"] == close(model.evaluate(x, y)["loss"])
    for written in (derivation.to_text(), derivation.to_latex(), derivation.to_html()):
        assert "As matrices" in written


def test_few_paths_are_all_written_out():
    model = Sequential(Dense(2, 3), Tanh(), Dense(3, 2), Tanh(), Dense(2, 2), seed=0)
    derivation = explain(model, [[1.0, 2.0]], [[0.5, 1.0]], parameter="layers[0].weight[0, 2]")
    paths = [step for step in derivation.steps if step.name.startswith("path")]
    assert [len(step.words.split(" → ")) for step in paths] == [7] * 4
    assert len({step.words for step in paths}) == 4
    assert sum(step.value for step in paths) == close(derivation.values["∂Loss/∂w₁₁₃"])
    assert "others" not in derivation.values


def test_many_paths_are_counted():
    model = a_network()
    derivation = explain(model, np.ones((1, 5)), np.ones((1, 4)), parameter="layers[0].bias[0]")
    # 20 units, each through Softmax to 20, each to 4 outputs.
    assert "1,600 paths; the 12 that count most" in derivation.to_text().replace("\n", " ")
    others = next(step for step in derivation.steps if step.name == "others")
    assert "1,588" in others.words


def test_behind_its_natural_layer_the_loss_is_one_factor():
    model = Sequential(Dense(3, 20), ReLU(), Dense(20, 10), Softmax(), seed=0)
    model.layers[0].bias = np.ones(20)
    derivation = explain(
        model,
        [[1.0, 0.5, 0.2]],
        [3],
        loss=CategoricalCrossEntropy(),
        optimizer=SGD(0.5),
        parameter="layers[0].weight[0, 0]",
    )
    paths = [step for step in derivation.steps if step.name.startswith("path")]
    assert len(paths) == 10
    assert sum(step.value for step in paths) == close(derivation.values["∂Loss/∂w₁,₁,₁"])


def test_a_frozen_one():
    model = a_network()
    model.layers[0].freeze("bias")
    text = explain(model, np.ones((1, 5)), np.ones((1, 4)), parameter="layers[0].bias[0]").to_text()
    assert "layers[0].bias is frozen: its derivative is 0." in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("layers[0].weigth[3, 1]", ["did you mean 'layers[0].weight[3, 1]'"]),
        ("layers[0].weight", ["did you mean 'layers[0].weight[0, 0]'"]),
        ("layers[1].weight[3, 1]", ["did you mean"]),
        ("layers[9].bias[3]", ["did you mean"]),
        ("layers[0].weight[5, 1]", ["shape (5, 30)", "layers[0].weight[4, 29]"]),
        ("layers[0].weight[-1, 1]", ["shape (5, 30)"]),
        ("layers[0].weight[1]", ["shape (5, 30)"]),
        ("layers[0].bias[a]", ["shape (30,)", "layers[0].bias[29]"]),
        ("", ["did you mean"]),
        ("x" * 500, ["did you mean"]),
    ],
)
def test_unknown_names(name, words):
    with pytest.raises(ValueError, match="layers") as error:
        explain(a_network(), np.ones((1, 5)), np.ones((1, 4)), parameter=name)
    for word in words:
        assert word in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("most", [1, 3, 12, 1000])
def test_the_strongest_paths_are_those_of_all_paths(most):
    rng = np.random.default_rng(2)
    factors = [rng.normal(size=(3, 4)), rng.normal(size=3), rng.normal(size=(5, 3))]
    ends = rng.normal(size=5)
    found, count = strongest(factors, ends, 2, most)
    products = {}
    for a, b in itertools.product(range(3), range(5)):
        product = factors[0][a, 2] * factors[1][a] * factors[2][b, a] * ends[b]
        products[(2, a, a, b)] = product
    assert count == len(products) == 15
    expected = sorted(products, key=lambda units: -abs(products[units]))[:most]
    assert [path.units for path in found] == expected
    assert [path.product for path in found] == close([products[units] for units in expected])
