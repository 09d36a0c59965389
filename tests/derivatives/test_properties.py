"""What gradients must be for networks of any depth, width, batch, activation, loss and weights.

Errors are relative to each array's largest entry, without a floor. So points are drawn (by
`examples.draw_point`) where rounding has nothing to hide behind: sums of about 1, away from kinks.
Saturated units have tests of their own, with an absolute bound.
"""

from itertools import pairwise

import numpy as np
import pytest
from examples import NoPointError, all_examples, draw_point, gradient_of, relative_error
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from minimlp import MSE, Activation, Dense, Loss, Sequential, Sigmoid, Tanh, check_gradients
from minimlp.parameters import layout, output_width

ACTIVATIONS, LOSSES = list(all_examples(Activation).values()), list(all_examples(Loss).values())
WIDTHS, SEEDS = st.integers(1, 12), st.integers(0, 2**32 - 1)

few = settings(derandomize=True, deadline=None, max_examples=60)
many = settings(few, max_examples=150)


def fit_together(layers, width):
    """Tell whether all take the widths they get, as Softmax does not take one unit."""
    try:
        return output_width(layers, width) > 0
    except ValueError:
        return False


@st.composite
def points(draw, fewest_rows=1, fewest_dense=1, weighted=None, freeze=True):
    """A network of up to 6 hidden layers, some of its parts frozen, and samples for it."""
    example = draw(st.sampled_from(LOSSES))
    widths = draw(st.lists(WIDTHS, min_size=fewest_dense + 1, max_size=8))
    layers = []
    for n_in, n_out in pairwise(widths):
        layers.append(Dense(n_in, n_out, bias=draw(st.booleans())))
        layers.append(draw(st.sampled_from(ACTIVATIONS))(n_out))
    output = [example.output(widths[-1])] if example.output else []
    assume(fit_together([*layers, *output], widths[0]))
    options = {
        "rows": draw(st.integers(fewest_rows, 9)),
        "scale": 10.0 ** draw(st.integers(-3, 3)),
        "weighted": draw(st.booleans()) if weighted is None else weighted,
    }
    rng = np.random.default_rng(draw(SEEDS))
    try:
        drawn = draw_point(rng, [*layers, *output], widths[0], example, **options)
    except NoPointError:
        reject()
    if freeze and draw(st.booleans()):
        for part in layout(layers):
            if draw(st.booleans()):
                part.layer.freeze(part.name)
    return drawn


def taken(point, rows):
    """The point with these rows alone, in this order."""
    rows = list(rows)
    weight = None if point.weight is None else point.weight[rows]
    return point._replace(x=point.x[rows], y=point.y[rows], weight=weight)


def average(vectors, weights):
    return np.average(vectors, axis=0, weights=weights)


def assert_same(model, found, expected):
    """Compare array by array, relative to the largest entry, and the loss behind them."""
    slices = [part.slice for part in layout(model.layers)]
    for entries in [*slices, slice(-1, None)]:
        assert relative_error(found[entries], expected[entries]) < 1e-12


@many
@given(points())
def test_gradients_agree_with_complex_step(point):
    check = check_gradients(point.model, point.loss, point.x, point.y, sample_weight=point.weight)
    assert check, check
    assert (check.method, check.note) == ("complex-step", "")


@many
@given(points())
def test_gradients_agree_with_central_differences(point):
    check = check_gradients(
        point.model, point.loss, point.x, point.y, "central", sample_weight=point.weight
    )
    assert check, check


@few
@given(points(), SEEDS)
def test_the_order_of_the_batch_does_not_matter(point, seed):
    order = np.random.default_rng(seed).permutation(len(point.x))
    assert_same(point.model, gradient_of(taken(point, order)), gradient_of(point))


@few
@given(points(weighted=True))
def test_a_sample_of_weight_k_is_the_sample_k_times(point):
    times = point.weight.astype(int)
    repeated = taken(point, np.repeat(range(len(times)), times))._replace(weight=None)
    assert_same(point.model, gradient_of(point), gradient_of(repeated))


@few
@given(points())
def test_batches_of_one_average_to_the_whole(point):
    ones = [taken(point, [i])._replace(weight=None) for i in range(len(point.x))]
    gradient = average([gradient_of(one) for one in ones], point.weight)
    assert_same(point.model, gradient, gradient_of(point))


@few
@given(points(fewest_rows=2, weighted=False), SEEDS)
def test_two_batches_joined_give_their_average_by_rows(point, seed):
    cut = 1 + seed % (len(point.x) - 1)
    front, behind = taken(point, range(cut)), taken(point, range(cut, len(point.x)))
    joined = average([gradient_of(front), gradient_of(behind)], [len(front.x), len(behind.x)])
    assert_same(point.model, joined, gradient_of(point))


@few
@given(points(fewest_dense=2), SEEDS)
def test_hidden_units_may_change_places(point, seed):
    model = point.model
    hidden = [i for i, layer in enumerate(model.layers) if isinstance(layer, Dense)][:-1]
    first = hidden[seed % len(hidden)]
    assume(not model.layers[first + 1].parameter_shapes())
    order = np.random.default_rng(seed).permutation(model.layers[first].n_out)
    moved, expected = model.copy(), gradient_of(point)
    moved.parameters = with_units_moved(model, model.parameters, first, order)
    expected[:-1] = with_units_moved(model, expected[:-1], first, order)
    assert_same(model, gradient_of(point._replace(model=moved)), expected)


def with_units_moved(model, vector, first, order):
    """A vector of the model's layout with the units of one Dense in another order."""
    own = model.copy()
    own.parameters = vector
    units, readers = own.layers[first], own.layers[first + 2]
    units.weight, readers.weight = units.weight[:, order], readers.weight[order]
    if units.has_bias:
        units.bias = units.bias[order]
    return own.parameters


@few
@given(points(freeze=False), SEEDS)
def test_freezing_changes_no_other_gradient(point, seed):
    expected = gradient_of(point)
    for i, part in enumerate(layout(point.model.layers)):
        if seed >> i & 1:
            part.layer.freeze(part.name)
            expected[part.slice] = 0
    np.testing.assert_array_equal(gradient_of(point), expected)


@few
@given(points())
def test_gradients_of_samples_average_to_the_gradient(point):
    expected = gradient_of(point)
    gradients = point.model.per_sample_gradients(point.loss, point.x, point.y, point.weight)
    assert_same(point.model, np.append(gradients.mean(axis=0), expected[-1]), expected)


@few
@given(points())
def test_float32_agrees_with_float64(point):
    found, expected = pass_in("f4", point), pass_in("f8", point)
    assert relative_error(found[:-1], expected[:-1]) < 1e-5
    assert relative_error(found[-1:], expected[-1:]) < 1e-5


def pass_in(dtype, point):
    """Gradient and loss from `forward`, the loss and `backward`, all in one dtype."""
    model, loss, y, weight = (
        point.model.copy(dtype),
        point.loss,
        point.y.astype(dtype),
        point.weight,
    )
    prediction = model.forward(point.x)
    model.backward(loss.gradient(prediction, y, weight))
    assert prediction.dtype == model.gradients.dtype == dtype
    return np.append(model.gradients.astype("f8"), loss.value(prediction, y, weight))


def sigmoid_slope(h):
    e = np.exp(-np.abs(h))
    return e / (1 + e) ** 2


SLOPES = {Sigmoid: sigmoid_slope, Tanh: lambda h: 4 * sigmoid_slope(2 * h)}


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("activation", SLOPES)
def test_derivatives_of_saturated_units_are_right_to_two_eps(activation, dtype):
    h = np.array([5, 20, 40, 88, 400, 1e4])[:, None] * [1, -1]
    found = Sequential(activation(), dtype=dtype).input_jacobian(h)
    expected = SLOPES[activation](h)[:, :, None] * np.eye(2)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("h", [40.0, -40.0, 1e4, -1e4])
@pytest.mark.parametrize("activation", SLOPES)
def test_complex_steps_through_saturated_units_are_right_to_two_eps(activation, h):
    model, step = Sequential(activation(), dtype=complex), 1e-100
    slope = model.predict([[h + 1j * step]]).imag / step
    assert abs(slope - SLOPES[activation](h)) <= 2 * np.finfo(float).eps


@pytest.mark.parametrize("h", [40.0, -40.0, 1e4, -1e4])
@pytest.mark.parametrize("activation", SLOPES)
def test_gradients_of_a_network_with_a_saturated_unit_are_right_to_two_eps(activation, h):
    hidden, output = Dense(1, 1), Dense(1, 1)
    model = Sequential(hidden, activation(), output)
    hidden.weight, output.weight = [[h]], [[1.0]]
    value, gradient = model.value_and_gradient(MSE(), [[1.0]], [[0.5]])(model.parameters)
    a = {Sigmoid: float(h > 0), Tanh: np.sign(h)}[activation]
    atol = 2 * np.finfo(float).eps
    assert value == 0.5 * (a - 0.5) ** 2
    np.testing.assert_allclose(gradient, [0, 0, (a - 0.5) * a, a - 0.5], rtol=0, atol=atol)
