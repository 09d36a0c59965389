import math

import numpy as np
import pytest

from minimlp import Sequential
from minimlp.activations import ELU

X = np.array([[-np.inf, -1e4, -5.0, -1.5, -0.3, -1e-9, 0.0, 1e-9, 0.7, 2.5, 1e4, np.inf]])


@pytest.mark.parametrize("alpha", [0.0, 0.4, 1.0, 2.5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value_and_derivative_against_the_standard_library(alpha, dtype):
    x = X.astype(dtype)
    y, dx = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        ELU(alpha).forward(x, y)
        ELU(alpha).backward(x, y, np.full_like(x, 2), dx)
    numbers, eps = x[0].tolist(), np.finfo(dtype).eps
    values = [h if h > 0 else alpha * math.expm1(h) for h in numbers]
    slopes = [1 if h > 0 else alpha * math.exp(h) for h in numbers]
    assert y.dtype == dx.dtype == dtype
    assert np.allclose(y[0], values, rtol=2 * eps, atol=0)
    assert np.allclose(dx[0] / 2, slopes, rtol=0, atol=2 * eps * max(1, alpha))


def test_figures_of_pytorch():
    model = Sequential(ELU(2.5))
    y = model.forward([[-5.0, -1.5, -0.3, 0.7, 2.5]])
    dx = model.backward(np.ones((1, 5)))
    values = [-2.4831551325022865, -1.9421745996289255, -0.6479544482957054, 0.7, 2.5]
    slopes = [0.01684486749771367, 0.5578254003710745, 1.8520455517042946, 1, 1]
    assert np.allclose(y, [values], rtol=1e-15, atol=0)
    assert np.allclose(dx, [slopes], rtol=0, atol=1e-15)


def test_alpha_may_change():
    model = Sequential(ELU())
    model.forward([[-1.0, 2.0]])
    model.layers[0].alpha = 3.0
    assert np.allclose(model.forward([[-1.0, 2.0]]), [[3 * math.expm1(-1), 2]])
    assert np.allclose(model.backward([[1.0, 1.0]]), [[3 * math.exp(-1), 1]])
    assert repr(model.layers[0]) == "ELU(alpha=3.0)"


@pytest.mark.parametrize(
    ("alpha", "error"), [(-0.1, ValueError), (np.inf, ValueError), (None, TypeError)]
)
def test_an_alpha_that_is_none_is_refused(alpha, error):
    with pytest.raises(error, match=f"alpha must be .*got {alpha}"):
        ELU(alpha)
