"""Every piece's written formula is the function that its code computes.

The tests walk the registry: a new activation, loss or optimizer without a formula fails here.
"""

import numpy as np
import pytest
from examples import all_examples, own_pieces

from minimlp import SGD, Activation, Adam, AdamW, Layer, Loss, Nadam, Optimizer, RMSprop, Sequential
from minimlp.explanation.expression import compute, read
from minimlp.formula import Formula

LAYERS = {
    name: make for name, make in all_examples(Layer).items() if not make(3).parameter_shapes()
}
EXTREMES = [-1e4, -800.0, -40.0, -1.0, -1e-9, 0.0, 1e-9, 0.3, 1.0, 40.0]


def letters_of(piece, j=0):
    held = {k: np.asarray(getattr(piece, a)) for k, a in piece.formula.letters.items()}
    return {k: float(v[j] if v.ndim else v) for k, v in held.items()}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("row", [[-1.2, 0.4, 0.9], EXTREMES[:3], EXTREMES[3:6], EXTREMES[6:9]])
def test_a_layers_formula_is_its_function(name, row):
    layer = LAYERS[name](3)
    model = Sequential(layer)
    x, names = np.array([row]), ["x0", "x1", "x2"]
    y = model.forward(x)[0]
    values = dict(zip(names, row, strict=True)) | {f"y{j}": y[j] for j in range(3)}
    formula = layer.formula
    assert isinstance(formula, Formula)
    for j in range(3):
        letters = letters_of(layer, j) | {"h": names[j], "a": f"y{j}"}
        value = compute(read(formula.safe_value or formula.value, letters, names), values)
        assert value == pytest.approx(y[j], rel=1e-12, abs=1e-12)
        if abs(np.array(row)).max() < 2:  # within its ordinary range the usual form does as well
            usual = compute(read(formula.value, letters, names), values)
            assert usual == pytest.approx(y[j], rel=1e-12, abs=1e-12)

        one = np.zeros((1, 3))
        one[0, j] = 1
        slopes = model.backward(one)[0]
        for k in range(3):
            if formula.across is None and j != k:
                assert slopes[k] == 0
                continue
            own = letters | {"b": f"y{k}", "h": names[k]}
            text = formula.derivative if j == k else formula.across
            text = formula.safe_derivative or text if j == k else text
            assert compute(read(text, own, names), values) == pytest.approx(
                slopes[k], rel=1e-12, abs=1e-12
            )


@pytest.mark.parametrize("name", all_examples(Loss))
@pytest.mark.parametrize("size", [1.0, 30.0])
def test_a_losss_formula_is_its_function(name, size):
    example = all_examples(Loss)[name]
    loss, rng = example.make(), np.random.default_rng(3)
    z = size * rng.normal(size=(1, 3))
    target = example.targets(rng, z.shape)
    last = None if example.output is None else example.output(3)
    prediction = z if last is None else Sequential(last).predict(z)
    names = ["z0", "z1", "z2"]
    values = dict(zip(names, z[0], strict=True))
    values |= {f"a{k}": prediction[0, k] for k in range(3)}
    values |= {f"t{k}": target[0, k] for k in range(3)}
    total, formula = 0.0, loss.formula
    gradient = loss.gradient(prediction, target)[0]
    for k in range(3):
        letters = letters_of(loss) | {"a": f"a{k}", "t": f"t{k}", "n": 3.0, "eps": 2.0**-52}
        total += compute(read(formula.safe_value or formula.value, letters), values)
        slope = compute(read(formula.safe_derivative or formula.derivative, letters), values)
        assert slope == pytest.approx(gradient[k], rel=1e-12, abs=1e-12)
    assert total == pytest.approx(loss.value(prediction, target), rel=1e-12, abs=1e-12)

    if last is not None and type(last) is loss.natural_output:
        logits = np.empty_like(z)
        _, measure = loss.plan_from_logits(z, target, None, logits)
        exact, total = measure(), 0.0
        for k in range(3):
            letters = letters_of(loss) | {"a": f"a{k}", "t": f"t{k}", "h": names[k], "n": 3.0}
            total += compute(read(loss.logit_formula.value, letters, names), values)
            slope = compute(read(loss.logit_formula.derivative, letters, names), values)
            assert slope == pytest.approx(logits[0, k], rel=1e-12, abs=1e-12)
        assert total == pytest.approx(exact, rel=1e-12, abs=1e-12)


OPTIMIZERS = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda: SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: Adam(0.01),
    "amsgrad": lambda: Adam(0.01, amsgrad=True),
    "adamw": lambda: AdamW(0.01, weight_decay=0.1),
    "nadam": lambda: Nadam(0.01),
    "rmsprop": lambda: RMSprop(0.01, weight_decay=0.1),
    "centered": lambda: RMSprop(0.01, rho=0.5, momentum=0.9, centered=True),
}


def test_every_optimizer_has_a_rule():
    covered = {type(make()) for make in OPTIMIZERS.values()}
    assert covered == set(own_pieces(Optimizer).values())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizers_rule_is_its_step(name):
    optimizer, rng = OPTIMIZERS[name](), np.random.default_rng(5)
    w = rng.normal(size=1)
    rule, values = optimizer.rule(), {"w": w[0], "η": optimizer.learning_rate}
    values |= {k: getattr(optimizer, a) for k, a in rule.letters.items() if hasattr(optimizer, a)}
    optimizer.attach(w)
    values |= dict.fromkeys(rule.memory, 0.0)
    values |= {k: float(getattr(optimizer, a)) for k, a in rule.shared_memory.items()}
    letters = {k: k for k in [*values, "g", *dict(rule.shared), *dict(rule.steps)]}
    for _ in range(5):
        gradient = rng.normal(size=1)
        values["g"] = gradient[0]
        for letter, formula in (*rule.shared, *rule.steps):
            values[letter] = compute(read(formula, letters), values)
        optimizer.step(w, gradient)
        assert values["w"] == pytest.approx(w[0], rel=1e-12, abs=1e-14)
        for letter, (attribute, factor) in rule.memory.items():
            kept = getattr(optimizer, attribute)[0] * factor
            assert values[letter] == pytest.approx(kept, rel=1e-12, abs=1e-14)


def test_a_class_that_computes_something_else_has_no_formula():
    class Steeper(Activation):
        formula = Formula("2 * h", "2")

        def forward(self, x, out):
            out[...] = 2 * x

    class Bent(Steeper):
        def forward(self, x, out):
            out[...] = 3 * x

    class Slower(SGD):
        def update(self, parameters, gradients, rate):
            parameters -= 0.5 * rate * gradients

    assert Steeper.formula is not None
    assert Bent.formula is None
    assert Slower(0.1).rule() is None
