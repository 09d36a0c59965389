from decimal import Decimal, getcontext

import numpy as np
import pytest

from minimlp import Sequential, Sigmoid

getcontext().prec = 50


def exact(h):
    """σ(h) and σ′(h) with fifty digits, of exactly the number h."""
    if np.isinf(h):
        return Decimal(int(h > 0)), Decimal(0)
    e = (-abs(Decimal(float(h)))).exp()
    small = e / (1 + e)
    return (1 - small if h > 0 else small), small * (1 - small)


def inputs(dtype):
    sizes = np.concatenate(
        [[0, 0.5, 1e4, np.inf, np.finfo(dtype).tiny], np.linspace(0, 40, 801), np.logspace(-9, 4)]
    )
    return np.concatenate([-sizes, sizes]).astype(dtype)[:, None]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value_and_derivative_within_two_eps_of_fifty_digits(dtype):
    x = inputs(dtype)
    y, dx = np.empty_like(x), np.empty_like(x)
    Sigmoid().forward(x, y)
    Sigmoid().backward(x, y, np.ones_like(x), dx)
    assert y.dtype == dx.dtype == dtype
    bound = 2 * Decimal(float(np.finfo(dtype).eps))
    for h, value, slope in zip(x[:, 0], y[:, 0], dx[:, 0], strict=True):
        true_value, true_slope = exact(h)
        assert abs(Decimal(float(value)) - true_value) <= bound, h
        assert abs(Decimal(float(slope)) - true_slope) <= bound, h
        assert 0 <= value <= 1, h
        assert 0 <= slope <= 0.25, h


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends_are_exact(dtype):
    x = np.array([[-np.inf, -1e4, 0, 1e4, np.inf]], dtype)
    y = np.empty_like(x)
    Sigmoid().forward(x, y)
    assert y.tolist() == [[0, 0, 0.5, 1, 1]]


def test_it_may_be_run_in_place():
    x = inputs(np.float64)
    y = np.empty_like(x)
    Sigmoid().forward(x, y)
    Sigmoid().forward(x, x)
    assert np.array_equal(x, y)


def test_derivative_by_complex_step():
    model = Sequential(Sigmoid())
    x = np.array([[-1e4, -30.0, -2.0, -1e-9, 0.0, 0.7, 3.0, 30.0, 1e4]])
    model.forward(x)
    step = model.copy(dtype=np.complex128).predict(x + 1e-200j).imag / 1e-200
    assert np.allclose(model.backward(np.ones_like(x)), step, rtol=0, atol=5e-16)
    assert step[0, 4] == 0.25
