"""Formulas as trees: what is read, what is computed, and what is refused."""

import math

import pytest

from minimlp.explanation.expression import compute, read

VALUES = {"x": 2.0, "y": -3.0}
LETTERS = {"x": "x", "y": "y", "k": 0.25}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y - 1", -2.0),
        ("-x**2 / 4", -1.0),
        ("(x + y)**2", 1.0),
        ("k * x * y", -1.5),
        ("exp(-abs(y))", math.exp(-3)),
        ("ln(x) + tanh(y) + sqrt(x)", math.log(2) + math.tanh(-3) + math.sqrt(2)),
        ("max(x, y, 5) - min(x, y)", 8.0),
        ("1 if x > 2 else 7", 7.0),
        ("1 if y <= -3 else 7", 1.0),
        ("sign(y) * pi", -math.pi),
        ("Phi(0)", 0.5),
        ("Phi(x)", 0.9772498680518208),
    ],
)
def test_reading_and_computing(text, expected):
    assert compute(read(text, LETTERS), VALUES) == pytest.approx(expected, rel=1e-15)


def test_over_a_row():
    tree = read("exp(h) / total(exp(h)) + largest(h)", {"h": "x"}, ["x", "y"])
    expected = math.exp(2) / (math.exp(2) + math.exp(-3)) + 2
    assert compute(tree, VALUES) == pytest.approx(expected, rel=1e-15)


def test_what_floats_cannot_hold_is_infinite_or_nan():
    assert compute(read("exp(1000)", {}), {}) == math.inf
    assert math.isnan(compute(read("0 * ln(0)", {}), {}))


@pytest.mark.parametrize(
    "text",
    [
        "x +",
        "z",
        "__import__('os')",
        "x.real",
        "lambda: 1",
        "[x]",
        "x if x else y",
        "x if 1 < x < 3 else y",
        "sin(x)",
        "exp(x, y)",
        "total(x)",
        "x // y",
        "True",
        "'x'",
        "max(x, key=y)",
    ],
)
def test_nothing_else_can_be_read(text):
    with pytest.raises(ValueError, match="cannot be read"):
        read(text, LETTERS)
