from decimal import Decimal, getcontext

import numpy as np
import pytest

from minimlp import Sequential
from minimlp.activations import SiLU

getcontext().prec = 50


def exact(h):
    """h·σ(h) and its derivative with fifty digits, of exactly the number h."""
    h = Decimal(float(h))
    e = (-abs(h)).exp()
    small = e / (1 + e)
    sigmoid = 1 - small if h > 0 else small
    return h * sigmoid, sigmoid * (1 + h * (1 - sigmoid))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value_and_derivative_within_a_few_eps_of_fifty_digits(dtype):
    sizes = np.concatenate([np.linspace(0, 40, 401), np.logspace(-9, 4), [87, 88, 708, 709, 710]])
    x = np.concatenate([-sizes, sizes]).astype(dtype)[:, None]
    y, dx = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        SiLU().forward(x, y)
        SiLU().backward(x, y, np.ones_like(x), dx)
    assert y.dtype == dx.dtype == dtype
    bound = 4 * Decimal(float(np.finfo(dtype).eps))
    for h, value, slope in zip(x[:, 0], y[:, 0], dx[:, 0], strict=True):
        true_value, true_slope = exact(h)
        assert abs(Decimal(float(value)) - true_value) <= bound * max(1, abs(true_value)), h
        assert abs(Decimal(float(slope)) - true_slope) <= bound, h


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends(dtype):
    x = np.array([[-np.inf, -1e4, 1e4, np.inf]], dtype)
    y, dx = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        SiLU().forward(x, y)
        SiLU().backward(x, y, np.ones_like(x), dx)
    assert np.allclose(y, [[0, 0, 1e4, np.inf]], rtol=0, atol=1e-35)
    assert np.allclose(dx, [[0, 0, 1, 1]], rtol=0, atol=1e-35)


def test_figures_of_pytorch():
    model = Sequential(SiLU())
    y = model.forward([[-5.0, -1.5, 2.5]])
    dx = model.backward(np.ones((1, 3)))
    values = [-0.03346425462142428, -0.2736382857095345, 2.3103545499468914]
    slopes = [-0.026547432429665917, -0.041294154299142946, 1.0994011113415267]
    assert np.allclose(y, [values], rtol=1e-15, atol=0)
    assert np.allclose(dx, [slopes], rtol=0, atol=1e-15)
