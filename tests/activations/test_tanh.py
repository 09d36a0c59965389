import math

import numpy as np
import pytest

from minimlp import Sequential, Tanh

X = np.array([[-1e4, -20.0, -1.5, -1e-9, 0.0, 0.3, 2.0, 20.0, 1e4]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value_and_derivative_against_the_standard_library(dtype):
    model = Sequential(Tanh(), dtype=dtype)
    eps = np.finfo(dtype).eps
    y = model.forward(X)
    dx = model.backward(np.full_like(X, 2))
    x = X.astype(dtype)[0].tolist()
    assert y.dtype == dx.dtype == dtype
    assert np.allclose(y[0], [math.tanh(h) for h in x], rtol=0, atol=2 * eps)
    slopes = [4 * math.exp(-2 * abs(h)) / (1 + math.exp(-2 * abs(h))) ** 2 for h in x]
    assert np.allclose(dx[0], [2 * slope for slope in slopes], rtol=0, atol=8 * eps)


def test_infinities_without_warning():
    x = np.array([[-np.inf, np.inf]])
    y, dx = np.empty_like(x), np.empty_like(x)
    Tanh().forward(x, y)
    Tanh().backward(x, y, np.ones_like(x), dx)
    assert y.tolist() == [[-1, 1]]
    assert dx.tolist() == [[0, 0]]


def test_derivative_by_complex_step():
    model = Sequential(Tanh())
    model.forward(X)
    step = model.copy(dtype=np.complex128).predict(X + 1e-200j).imag / 1e-200
    assert np.allclose(model.backward(np.ones_like(X)), step, rtol=0, atol=1e-15)
    assert step[0, 4] == 1
