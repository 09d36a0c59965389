import copy
import math
import sys

import numpy as np
import pytest

from minimlp import Sequential
from minimlp.activations import GELU

SIZES = np.concatenate([np.linspace(0, 22, 441), np.logspace(-9, 4), [1e15]])
INPUTS = np.concatenate([-SIZES, SIZES])
X = [[-5.0, -1.5, -0.3, 0.7, 2.5]]
PYTORCH = {
    True: [
        (-2.2917961972623857e-07, -1.5463619879596227e-06),
        (-0.10042842301976707, -0.12771079315143308),
        (-0.11462907645724074, 0.26770454836119817),
        (0.5305701347051167, 0.976357218656104),
        (2.484915733910001, 1.037951576212666),
    ],
    False: [
        (-1.4332578593401202e-06, -7.1469460018034646e-06),
        (-0.10021080190328704, -0.1274691922299796),
        (-0.1146265733433142, 0.26767223317289013),
        (0.5306254434438489, 0.9766141011336599),
        (2.4844758366855597, 1.037611085908145),
    ],
}
BOTH = pytest.mark.parametrize("approximate", [True, False])
REAL = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def exact(h):
    probability = math.erfc(-h / math.sqrt(2)) / 2
    density = math.exp(-min(h * h / 2, 800)) / math.sqrt(2 * math.pi)
    return h * probability, probability + h * density


def by_tanh(h):
    z = math.sqrt(2 / math.pi) * (h + 0.044715 * h**3)
    small = 1 / (1 + math.exp(min(2 * abs(z), 700)))  # the sigmoid that is below ½
    sigmoid = 1 - small if h > 0 else small
    slope = 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * h**2)
    return h * sigmoid, sigmoid + h * small * (1 - small) * slope


def passes(approximate, x):
    layer, y, dx = GELU(approximate), np.empty_like(x), np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        layer.forward(x, y)
        layer.backward(x, y, np.ones_like(x), dx)
    return y, dx


@BOTH
@REAL
def test_value_and_derivative_against_the_standard_library(approximate, dtype):
    x = INPUTS.astype(dtype)[:, None]
    y, dx = passes(approximate, x)
    truth = by_tanh if approximate else exact
    values, slopes = np.transpose([truth(h) for h in x[:, 0].tolist()])
    assert y.dtype == dx.dtype == dtype
    eps = np.finfo(dtype).eps
    assert np.allclose(y[:, 0], values, rtol=4 * eps, atol=4 * eps)
    assert np.allclose(dx[:, 0], slopes, rtol=4 * eps, atol=4 * eps)


@BOTH
def test_figures_of_pytorch(approximate):
    model = Sequential(GELU(approximate=approximate))
    y = model.forward(X)
    dx = model.backward(np.ones((1, 5)))
    found = np.stack([y[0], dx[0]], axis=1)
    assert np.allclose(found, PYTORCH[approximate], rtol=1e-15, atol=1e-15)  # 1 + tanh cancels


@BOTH
@REAL
def test_the_ends(approximate, dtype):
    y, dx = passes(approximate, np.array([[-np.inf, -1e4, 1e4, np.inf]], dtype))
    assert np.allclose(y, [[0, 0, 1e4, np.inf]], rtol=0, atol=1e-20)
    assert np.allclose(dx, [[0, 0, 1, 1]], rtol=0, atol=1e-20)


def test_the_two_forms_differ_by_less_than_a_thousandth():
    x = INPUTS[:, None]
    difference = np.abs(passes(True, x)[0] - passes(False, x)[0]).max()
    assert 4e-4 < difference < 5e-4


def test_the_form_is_part_of_what_is_copied_and_stays():
    assert repr(GELU()) == "GELU()"
    assert repr(copy.deepcopy(GELU(approximate=False))) == "GELU(approximate=False)"
    assert GELU().approximate is True
    with pytest.raises(AttributeError):
        GELU().approximate = False


def test_scipy_is_asked_for_where_it_is_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert Sequential(GELU()).predict([[0.0]]) == 0
    with pytest.raises(ImportError, match=r'SciPy: pip install "minimlp\[scipy\]"'):
        GELU(approximate=False)


@pytest.mark.parametrize("value", ["tanh", 1, None])
def test_a_form_that_is_no_flag_is_refused(value):
    with pytest.raises(TypeError, match=f"approximate must be True or False, got {value!r}"):
        GELU(value)
