import numpy as np
import pytest

from minimlp.derivatives.numeric import central_differences, complex_step

POINT = np.array([0.3, -1.7, 2.5, 0.0])


def value_of(array):
    """f = Σ_i (i + 1)·exp(x_i)·x_(i+1), whose derivatives are written down below."""
    return sum((i + 1) * np.exp(array[i]) * array[i + 1] for i in range(3))


def slopes_of(x):
    slopes = np.zeros(4)
    for i in range(3):
        slopes[i] += (i + 1) * np.exp(x[i]) * x[i + 1]
        slopes[i + 1] += (i + 1) * np.exp(x[i])
    return slopes


@pytest.mark.parametrize(
    ("differentiate", "dtype", "error"),
    [(complex_step, np.complex128, 1e-15), (central_differences, np.float64, 1e-9)],
)
def test_slopes_of_a_known_function_at_the_entries_asked_for(differentiate, dtype, error):
    array = POINT.astype(dtype)
    entries = [3, 0, 2]
    slopes = differentiate(lambda: value_of(array), array, entries)
    assert slopes.dtype == np.float64
    assert slopes == pytest.approx(slopes_of(POINT)[entries], rel=error, abs=0)
    assert array.tobytes() == POINT.astype(dtype).tobytes()


@pytest.mark.parametrize("differentiate", [complex_step, central_differences])
def test_no_entries_give_no_slopes_and_need_no_value(differentiate):
    assert differentiate(None, np.zeros(0), []).shape == (0,)


@pytest.mark.parametrize("size", [1e-150, 1e-8, 1.0, 1e8, 1e150])
def test_the_step_suits_the_size_of_the_array(size):
    # f = Σ (x/size)³, so that ∂f/∂x = 3·(x/size)²/size.
    array = size * np.array([1.0, -0.5, 2.0])
    slopes = central_differences(lambda: ((array / size) ** 3).sum(), array, range(3))
    assert slopes * size == pytest.approx([3, 0.75, 12], rel=1e-8)
    line = array.astype(complex)
    slopes = complex_step(lambda: ((line / size) ** 3).sum(), line, range(3))
    assert slopes * size == pytest.approx([3, 0.75, 12], rel=1e-15)


def test_an_array_of_zeros_has_a_step_too():
    array = np.zeros(2)
    slopes = central_differences(lambda: np.sin(3 * array).sum(), array, [0, 1])
    assert slopes == pytest.approx([3, 3], rel=1e-9)


@pytest.mark.parametrize("far", [0.0, 1e3, 1e7])
@pytest.mark.parametrize("scale", [1.0, 1e-5])
def test_the_step_is_longer_where_rounding_would_drown_a_short_one(far, scale):
    array = scale * np.array([0.3, -0.7, 0.1])
    slopes = central_differences(lambda: far + np.sin(array).sum(), array, range(3))
    assert slopes == pytest.approx(np.cos(array), rel=1e-5)
    assert array.tobytes() == (scale * np.array([0.3, -0.7, 0.1])).tobytes()


def test_the_complex_step_loses_no_digit_where_differences_lose_all():
    # 1e20 + x: the sum swallows any step of x.
    line = np.array([1.0 + 0j])
    assert complex_step(lambda: 1e20 + line[0] ** 2, line, [0]) == [2.0]
    array = np.array([1.0])
    assert central_differences(lambda: 1e20 + array[0] ** 2, array, [0]) == [0.0]
