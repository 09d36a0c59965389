import numpy as np
import pytest

from minimlp import Sequential
from minimlp.activations import LeakyReLU

X = np.array([[-np.inf, -1e4, -2.0, -1e-300, -0.0, 0.0, 1e-300, 3.0, 1e4, np.inf]])
Y = [[-np.inf, -2500, -0.5, -2.5e-301, 0, 0, 1e-300, 3, 1e4, np.inf]]
SLOPES = [[0.25] * 6 + [1] * 4]


def test_figures_by_hand_infinities_included():
    y, dx = np.empty_like(X), np.empty_like(X)
    with np.errstate(all="raise"):
        LeakyReLU(0.25).forward(X, y)
        LeakyReLU(0.25).backward(X, y, np.full_like(X, 8), dx)
    assert y.tolist() == Y
    assert dx.tolist() == [[8 * slope for slope in SLOPES[0]]]


@pytest.mark.parametrize("step", [1e-200j, -1e-200j])
def test_derivative_by_complex_step_also_at_zero(step):
    x = X[:, 1:-1]
    outputs = Sequential(LeakyReLU(0.25)).copy(dtype=np.complex128).predict(x + step)
    assert (outputs.imag / step.imag).tolist() == [SLOPES[0][1:-1]]
    assert outputs.real.tolist() == [Y[0][1:-1]]


def test_the_slope_is_one_hundredth_and_may_change():
    model = Sequential(LeakyReLU(), dtype=np.float32)
    assert model.predict([[-1, 2]]).tolist() == [[np.float32(-0.01), 2]]
    model.forward([[-1, 2]])
    model.layers[0].negative_slope = 0.5
    assert model.forward([[-1, 2]]).tolist() == [[-0.5, 2]]
    assert model.backward([[1, 1]]).tolist() == [[0.5, 1]]
    assert repr(model.layers[0]) == "LeakyReLU(negative_slope=0.5)"


@pytest.mark.parametrize(
    ("slope", "error", "words"),
    [
        (0, ValueError, "above 0, got 0: that is ReLU"),
        (1, ValueError, "at least 0 and below 1, got 1"),
        (-0.1, ValueError, "at least 0 and below 1, got -0.1"),
        (np.nan, ValueError, "finite"),
        ("0.1", TypeError, "a number, got '0.1'"),
        (True, TypeError, "a number, got True"),
    ],
)
def test_a_slope_that_is_none_is_refused(slope, error, words):
    with pytest.raises(error, match=f"negative_slope must be .*{words}"):
        LeakyReLU(slope)
