import math

import numpy as np
import pytest

from minimlp import Sequential
from minimlp.activations import Exp

X = np.array([[-np.inf, -1e4, -80.0, -1.5, 0.0, 1.0, 80.0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value_and_derivative_against_the_standard_library(dtype):
    x = X.astype(dtype)
    y, dx = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        Exp().forward(x, y)
        Exp().backward(x, y, np.full_like(x, 2), dx)
    values, eps = [math.exp(h) for h in x[0].tolist()], np.finfo(dtype).eps
    assert y.dtype == dx.dtype == dtype
    assert np.allclose(y[0], values, rtol=2 * eps, atol=0)
    assert np.array_equal(dx, 2 * y)


@pytest.mark.parametrize(("dtype", "large"), [(np.float32, 89), (np.float64, 710)])
def test_it_overflows_to_infinity_with_a_warning(dtype, large):
    model = Sequential(Exp(), dtype=dtype)
    assert np.isfinite(model.predict([[large - 1]])).all()
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert model.predict([[large]]) == np.inf
