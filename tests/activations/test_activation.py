"""What holds for every activation of the package, at sensible inputs and far beyond."""

import tracemalloc

import numpy as np
import pytest
from examples import all_examples, complex_input_jacobian, relative_error

from minimlp import Activation, Dense, Sequential
from minimlp.activations import Exp

ACTIVATIONS = all_examples(Activation)
REAL = pytest.mark.parametrize("dtype", [np.float32, np.float64])
EACH = pytest.mark.parametrize("make", ACTIVATIONS.values(), ids=ACTIVATIONS.keys())


def sizes(activation):
    """Inputs to both sides of 0, without those at which eʰ is infinite."""
    far = [] if isinstance(activation, Exp) else [100, 1e4, 1e15, 1e30]
    positive = np.array([1e-30, 1e-9, 0.02, 0.7, 3, 9.5, 11, 30, 80, *far])
    return np.concatenate([-positive, [0], positive, [-1e4, -1e30]])


@EACH
@REAL
def test_extremes_are_finite_without_warning_and_keep_their_dtype(make, dtype):
    activation = make(4)
    x = sizes(activation).astype(dtype)[None, :]
    y, dx = np.empty_like(x), np.empty_like(x)
    with np.errstate(all="raise", under="ignore"):
        activation.forward(x, y)
        activation.backward(x, y, np.ones_like(x), dx)
        model = Sequential(make(x.size), dtype=dtype)
        assert np.array_equal(model.forward(x), y)
        assert np.array_equal(model.backward(np.ones_like(x)), dx)
        assert model.forward(x).dtype == model.backward(x).dtype == dtype
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


@EACH
def test_derivatives_at_extremes_by_complex_step(make):
    x = sizes(make(4))
    model = Sequential(make(x.size))
    if isinstance(model.layers[0], Exp):
        x = x[np.abs(x) < 10]  # the error is relative to the largest
    with np.errstate(all="raise", under="ignore"):
        step = complex_input_jacobian(model, x[None, :])[0, :, 0]
        assert relative_error(model.input_jacobian(x[None, :])[0], step) < 1e-12


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_it_may_be_run_in_place(make, dtype):
    rng = np.random.default_rng(0)
    x = (3 * rng.normal(size=(7, 4))).astype(dtype)
    y = np.empty_like(x)
    make(4).forward(x, y)
    make(4).forward(x, x)
    assert np.array_equal(x, y)


@EACH
@REAL
def test_in_place_in_a_network_gives_the_bits_of_a_network_that_is_not(make, dtype):
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(7, 3)), rng.normal(size=(7, 4))
    results = []
    for reads_output in (False, True):
        dense = type("Dense", (Dense,), {"reads_output": reads_output})(3, 4)
        model = Sequential(dense, make(4), dtype=dtype, seed=0)
        y, dx = model.forward(3 * x), model.backward(dy)
        results.append([y.tobytes(), dx.tobytes(), model.gradients.tobytes()])
    assert results[0] == results[1]


@EACH
@REAL
def test_backward_may_be_called_twice_and_neither_pass_makes_arrays(make, dtype):
    rng = np.random.default_rng(0)
    x, dy = (rng.normal(size=(100_000, 4)).astype(dtype) for _ in range(2))
    y, dx = np.empty_like(x), np.empty_like(x)
    forward, backward = make(4).plan(x, y, dy, dx)
    forward()
    backward()
    first = dx.tobytes()
    tracemalloc.start()
    forward()
    backward()
    backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert dx.tobytes() == first
    assert peak < x.nbytes / 4  # NumPy's own buffers have a fixed size


@EACH
def test_backward_in_complex_does_not_conjugate(make):
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    model = Sequential(make(4), dtype=np.complex128)
    model.forward(x)
    real, imaginary = model.backward(dy), model.backward(1j * dy)
    assert np.allclose(imaginary, 1j * real, rtol=0, atol=1e-14)
    assert np.abs(real).max() > 0.01
