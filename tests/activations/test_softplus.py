from decimal import Decimal, getcontext

import numpy as np
import pytest

from minimlp import Sequential
from minimlp.activations import Softplus

getcontext().prec = 100


def exact(h):
    """ln(1 + eʰ) and σ(h) with many digits, of exactly the number h."""
    e = Decimal(float(h)).exp()
    return (1 + e).ln(), e / (1 + e)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value_and_derivative_within_a_few_eps_of_themselves(dtype):
    sizes = np.concatenate([np.linspace(0, 40, 201), np.logspace(-9, 4), [80]])
    x = np.concatenate([-sizes[sizes <= 80], sizes]).astype(dtype)[:, None]
    y, dx = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        Softplus().forward(x, y)
        Softplus().backward(x, y, np.ones_like(x), dx)
    assert y.dtype == dx.dtype == dtype
    bound = 4 * Decimal(float(np.finfo(dtype).eps))
    for h, value, slope in zip(x[:, 0], y[:, 0], dx[:, 0], strict=True):
        true_value, true_slope = exact(h)
        assert abs(Decimal(float(value)) - true_value) <= bound * true_value, h
        assert abs(Decimal(float(slope)) - true_slope) <= bound * true_slope, h


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_ends_are_exact(dtype):
    x = np.array([[-np.inf, -1e4, 1e4, np.inf]], dtype)
    y, dx = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        Softplus().forward(x, y)
        Softplus().backward(x, y, np.ones_like(x), dx)
    assert y.tolist() == [[0, 0, 1e4, np.inf]]
    assert dx.tolist() == [[0, 0, 1, 1]]


def test_figures_of_pytorch():
    model = Sequential(Softplus())
    y = model.forward([[-5.0, -0.3, 0.7]])
    dx = model.backward(np.ones((1, 3)))
    assert np.allclose(y, [[0.006715348489118068, 0.5543552444685271, 1.103186048885458]], 1e-15, 0)
    assert np.allclose(dx, [[0.006692850924284856, 0.425557483188341, 0.6681877721681662]], 1e-15)
