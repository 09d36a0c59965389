import numpy as np
import pytest

from minimlp import MSE

PREDICTION = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
TARGET = [[0.0, 2.0, 5.0], [4.0, 2.0, 6.0]]


def test_value_and_gradient_by_hand():
    # Differences (1, 0, −2) and (0, 3, 0): samples ½(1 + 4) = 2.5 and ½·9 = 4.5, mean 3.5.
    assert MSE().value(PREDICTION, TARGET) == 3.5
    assert MSE().gradient(PREDICTION, TARGET).tolist() == [[0.5, 0, -1], [0, 1.5, 0]]


def test_weights_multiply_each_sample_and_the_sum_is_divided_by_rows():
    # (2·2.5 + 10·4.5) / 2 = 25
    assert MSE().value(PREDICTION, TARGET, [2, 10]) == 25
    assert MSE().gradient(PREDICTION, TARGET, [2, 10]).tolist() == [[1, 0, -2], [0, 15, 0]]
    # Scaled to mean 1, a weight of 2 is the sample twice.
    twice = MSE().value([*PREDICTION, PREDICTION[0]], [*TARGET, TARGET[0]])
    assert MSE().value(PREDICTION, TARGET, [4 / 3, 2 / 3]) == pytest.approx(twice, rel=1e-15)


def test_plain_mean_is_two_over_outputs_times_it():
    plain = np.mean((np.array(PREDICTION) - TARGET) ** 2)
    assert MSE().value(PREDICTION, TARGET) * 2 / 3 == pytest.approx(plain, rel=1e-15)


@pytest.mark.parametrize("weight", [None, np.array([0.5, 1.5])])
def test_in_complex_nothing_is_conjugated(weight):
    # d = 2j: ½d² = −2, not +2; and the gradient is d itself.
    prediction, target = np.array([[2j], [0]]), np.zeros((2, 1))
    first = 1 if weight is None else 0.5
    assert MSE().value(prediction, target, weight) == -2 * first / 2
    assert MSE().gradient(prediction, target, weight).tolist() == [[1j * first], [0]]


@pytest.mark.parametrize("weight", [None, np.array([0.3, 1.7])])
def test_gradient_by_complex_step(weight):
    prediction = np.array(PREDICTION, complex)
    gradient = MSE().gradient(PREDICTION, TARGET, weight)
    for place in np.ndindex(prediction.shape):
        moved = prediction.copy()
        moved[place] += 1e-200j
        slope = MSE().value(moved, TARGET, weight).imag / 1e-200
        assert slope == pytest.approx(gradient[place], rel=1e-15, abs=1e-15)


def test_value_is_a_python_number_and_gradient_has_the_predictions_dtype():
    prediction = np.array(PREDICTION, np.float32)
    assert type(MSE().value(prediction, TARGET)) is float
    assert type(MSE().value(prediction.astype(complex), TARGET)) is complex
    assert MSE().gradient(prediction, TARGET, [1.0, 2.0]).dtype == np.float32


def test_arguments_are_only_read_and_out_is_filled():
    prediction, target = np.array(PREDICTION), np.asfortranarray(TARGET)
    for array in (prediction, target):
        array.flags.writeable = False
    out = np.empty((2, 3))
    assert MSE().gradient(prediction, target, out=out) is out
    assert out.tolist() == [[0.5, 0, -1], [0, 1.5, 0]]
    assert MSE().value(np.asfortranarray(PREDICTION), target) == 3.5


@pytest.mark.parametrize("method", ["value", "gradient"])
@pytest.mark.parametrize(
    ("prediction", "target"),
    [
        (np.zeros((4, 1)), np.zeros(4)),
        (np.zeros((4, 1)), np.zeros((4, 4))),
        (np.zeros((4, 2)), np.zeros((1, 2))),
        (np.zeros((4, 2)), 0.0),
        (np.zeros(4), np.zeros(4)),
        (np.zeros((0, 2)), np.zeros((0, 2))),
    ],
)
def test_nothing_is_broadcast(method, prediction, target):
    with pytest.raises(ValueError, match="expected the same"):
        getattr(MSE(), method)(prediction, target)


@pytest.mark.parametrize("weight", [2.0, [1.0], [1.0, 1.0, 1.0], [[1.0], [1.0]]])
def test_weights_of_another_shape_are_refused(weight):
    with pytest.raises(ValueError, match="sample_weight has shape"):
        MSE().value(PREDICTION, TARGET, weight)
