import numpy as np
import pytest

from minimlp import Dense, Identity, Sequential


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_it_gives_back_what_it_gets(dtype):
    x, dy = np.array([[-2.0, 0.0, 3.0]], dtype), np.array([[5.0, 6.0, 7.0]], dtype)
    model = Sequential(Identity(), dtype=dtype)
    y = model.forward(x)
    dx = model.backward(dy)
    assert (y.tolist(), dx.tolist()) == (x.tolist(), dy.tolist())
    assert y.dtype == dx.dtype == dtype
    assert not np.shares_memory(y, x)


def test_derivative_by_complex_step():
    complex_model = Sequential(Identity()).copy(dtype=np.complex128)
    assert (complex_model.predict([[-1 + 1e-200j, 0 + 1e-200j]]).imag == 1e-200).all()


def test_a_network_is_the_same_with_and_without_it():
    plain, longer = Sequential(Dense(3, 2), seed=0), Sequential(Dense(3, 2), Identity(), seed=0)
    x, dy = np.arange(12.0).reshape(4, 3), np.arange(8.0).reshape(4, 2)
    assert np.array_equal(plain.forward(x), longer.forward(x))
    assert np.array_equal(plain.backward(dy), longer.backward(dy))
    assert np.array_equal(plain.gradients, longer.gradients)
