import math

import numpy as np
import pytest

from minimlp import Dense, Sequential
from minimlp.activations import Softmax

REAL = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@REAL
def test_figures_by_hand(dtype):
    model = Sequential(Softmax(), dtype=dtype)
    eps = np.finfo(dtype).eps
    y = model.forward(np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))
    assert np.allclose(y, [[1 / 8, 2 / 8, 5 / 8], [3 / 8, 3 / 8, 2 / 8]], rtol=4 * eps, atol=0)
    dx = model.backward([[8.0, 0.0, 0.0], [0.0, 0.0, 8.0]])  # 8·a_k·(δ_jk − a_j)
    assert np.allclose(
        dx, [[7 / 8, -2 / 8, -5 / 8], [-6 / 8, -6 / 8, 12 / 8]], rtol=0, atol=4 * eps
    )
    assert y.dtype == dx.dtype == dtype


def test_figures_of_pytorch():
    model = Sequential(Softmax())
    y = model.forward([[-5.0, -1.5, -0.3, 0.7, 2.5]])
    dx = model.backward([[1.0, -2.0, 3.0, 0.5, 1.0]])
    values = [0.00044425244054688333, 0.014711620352462125, 0.048844299693084924]
    values += [0.13277257227952044, 0.8032272552343855]
    slopes = [5.700890683461039e-06, -0.043946073485836464, 0.09831539619727504]
    slopes += [-0.06468247575799689, 0.010307452155874973]
    assert np.allclose(y, [values], rtol=2e-15, atol=0)
    assert np.allclose(dx, [slopes], rtol=0, atol=1e-15)


@REAL
def test_extremes_have_their_limits_without_warning(dtype):
    x = np.array(
        [
            [1e4, 1e4, -1e4, 0],
            [-1e4, -1e4, -1e4, -1e4],
            [-np.inf, 0, -np.inf, 0],
            [1e30, -1e30, 0, 1],
        ],
        dtype,
    )
    y, dx = np.empty_like(x), np.empty_like(x)
    dy = np.tile(np.array([1, 2, 3, 4], dtype), (4, 1))
    with np.errstate(all="raise", under="ignore"):
        Softmax().forward(x, y)
        Softmax().backward(x, y, dy, dx)
    assert y.tolist() == [[0.5, 0.5, 0, 0], [0.25] * 4, [0, 0.5, 0, 0.5], [1, 0, 0, 0]]
    quarter = [-0.375, -0.125, 0.125, 0.375]
    assert dx.tolist() == [[-0.25, 0.25, 0, 0], quarter, [0, -0.5, 0, 0.5], [0, 0, 0, 0]]


@REAL
def test_rows_sum_to_one_and_do_not_mind_a_shift(dtype):
    rng = np.random.default_rng(0)
    x, eps = rng.normal(size=(50, 10)).astype(dtype), np.finfo(dtype).eps
    model = Sequential(Softmax(), dtype=dtype)
    y = model.forward(x)
    assert np.allclose(y.sum(axis=1), 1, rtol=0, atol=4 * eps)
    assert np.allclose(model.backward(x).sum(axis=1), 0, rtol=0, atol=8 * eps)
    assert np.allclose(model.predict(x + dtype(8)), y, rtol=0, atol=16 * eps)


def test_the_row_is_judged_by_its_real_parts():
    x = np.array([[1e4 + 1e-200j, 1e4 - 1e-200j, -1e4 + 1j]])
    y = np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        Softmax().forward(x, y)
    assert y.real.tolist() == [[0.5, 0.5, 0]]
    assert np.allclose(y.imag / 1e-200, [[0.5, -0.5, 0]])
    assert math.isclose(y.sum().real, 1)


def test_one_output_is_refused():
    with pytest.raises(
        ValueError, match=r"Softmax over 1 output is 1 .*: Sigmoid is for one output"
    ):
        Sequential(Dense(3, 1), Softmax())
    with pytest.raises(ValueError, match="Sigmoid is for one output"):
        Sequential(Softmax()).predict([[1.0]])
