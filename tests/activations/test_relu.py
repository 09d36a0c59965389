import numpy as np
import pytest

from minimlp import ReLU, Sequential

X = np.array([[-1e300, -2.0, -1e-300, -0.0, 0.0, 1e-300, 3.0, 1e300]])
Y = [[0, 0, 0, 0, 0, 1e-300, 3, 1e300]]
SLOPES = [[0, 0, 0, 0, 0, 1, 1, 1]]


def test_it_lets_positive_numbers_through_and_has_derivative_zero_at_zero():
    model = Sequential(ReLU())
    assert model.forward(X).tolist() == Y
    assert model.backward(np.full_like(X, 5)).tolist() == [[5 * slope for slope in SLOPES[0]]]


def test_float32_stays_float32():
    model = Sequential(ReLU(), dtype=np.float32)
    assert model.forward([[-1, 2]]).dtype == np.float32
    assert model.backward([[1, 1]]).dtype == np.float32


@pytest.mark.parametrize("step", [1e-200j, -1e-200j])
def test_derivative_by_complex_step_also_at_zero(step):
    outputs = Sequential(ReLU()).copy(dtype=np.complex128).predict(X + step)
    assert (outputs.imag / step.imag).tolist() == SLOPES
    assert outputs.real.tolist() == Y


def test_backward_in_complex_does_not_conjugate():
    model = Sequential(ReLU(), dtype=np.complex128)
    model.forward([[-1 + 1j, 2 + 1j]])
    assert model.backward([[3 + 4j, 3 + 4j]]).tolist() == [[0, 3 + 4j]]
