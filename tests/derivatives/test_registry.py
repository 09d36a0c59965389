"""Every layer, activation and loss of the package has right derivatives, alone and in a network."""

import numpy as np
import pytest
from examples import (
    EXAMPLES,
    LossExample,
    all_examples,
    complex_input_jacobian,
    complex_jacobian,
    complex_per_sample_gradients,
    draw_point,
    examples_of,
    own_pieces,
    relative_error,
)

from minimlp import Activation, Dense, Identity, Layer, Loss, check_gradients, registry

PIECES = own_pieces(Layer) | own_pieces(Loss)
LAYERS, LOSSES = all_examples(Layer), all_examples(Loss)
SEEDS = range(5)


def by_name(examples):
    return pytest.mark.parametrize("example", examples.values(), ids=examples.keys())


def alone(example):
    rng = np.random.default_rng(0)
    if isinstance(example, LossExample):
        return draw_point(rng, output_of(example) or [Identity()], 3, example)
    return draw_point(rng, [example(3)], 3)


def output_of(example):
    return [example.output(2)] if example.output else []


def within(example, seed):
    """A point of a random network: the example between others, each behind a Dense of its own."""
    rng = np.random.default_rng(seed)
    others = [list(LAYERS.values())[i] for i in rng.integers(0, len(LAYERS), 4)]
    if isinstance(example, LossExample):
        layers = chain(rng, others)
        return draw_point(rng, [*layers, *output_of(example)], 3, example, weighted=True)
    return draw_point(rng, chain(rng, [*others[:2], example, *others[2:]]), 3, weighted=True)


def chain(rng, examples):
    """Layers from 3 inputs to 2 outputs."""
    layers, width = [], 3
    for example in examples:
        units = int(rng.integers(2, 6))
        layers += [Dense(width, units), example(units)]
        width = layers[-1].output_width(units)
    return [*layers, Dense(width, 2)]


def assert_all_derivatives_are_right(point):
    for method in ("complex-step", "central"):
        check = check_gradients(
            point.model, point.loss, point.x, point.y, method, sample_weight=point.weight
        )
        assert check, check
        assert (check.method, check.note) == (method, "")
        assert any(array.numeric for array in check.arrays)

    jacobian = point.model.jacobian(point.x)
    assert relative_error(jacobian, complex_jacobian(point.model, point.x)) < 1e-12

    by_row = np.zeros((*jacobian.shape[:2], *point.x.shape))
    rows = np.arange(len(point.x))
    by_row[rows, :, rows] = point.model.input_jacobian(point.x)
    assert relative_error(by_row, complex_input_jacobian(point.model, point.x)) < 1e-12

    gradients = point.model.per_sample_gradients(point.loss, point.x, point.y, point.weight)
    assert relative_error(gradients, complex_per_sample_gradients(point)) < 1e-12


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES.keys())
def test_every_piece_has_examples_of_itself(piece):
    for example in examples_of(piece):
        made = example.make() if isinstance(example, LossExample) else example(3)
        assert type(made) is piece


def test_every_example_is_of_a_piece():
    assert EXAMPLES.keys() <= PIECES.keys()


def test_the_walk_finds_layers_activations_and_losses():
    assert {"Dense", "Normalization", "Sigmoid", "ReLU", "MSE"} <= PIECES.keys()


@pytest.mark.parametrize(
    ("base", "line"),
    [
        (Layer, '"New": [lambda width: New(width)],'),
        (Activation, '"New": [lambda width: New()],'),
        (Loss, '"New": [LossExample(New, normal)],'),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_piece_without_an_example_fails_and_is_told_what_to_add(base, line, monkeypatch):
    monkeypatch.setattr(registry, "_PIECES", dict(registry._PIECES))
    new = registry.register(type("New", (base,), {"__module__": "minimlp.something"}))
    assert own_pieces(base)["New"] is new
    with pytest.raises(AssertionError) as failure:
        test_every_piece_has_examples_of_itself(new)
    message = str(failure.value)
    assert message.startswith("minimlp.something registers New, whose derivatives no test checks")
    assert f"    {line}\n" in message
    assert "to EXAMPLES in tests/examples.py" in message


def test_pieces_that_others_register_need_no_example(monkeypatch):
    monkeypatch.setattr(registry, "_PIECES", dict(registry._PIECES))
    registry.register(type("New", (Layer,), {"__module__": "minimlp_of_mine"}))
    assert "New" not in own_pieces(Layer)


@by_name(LAYERS | LOSSES)
def test_a_piece_alone_has_right_derivatives(example):
    assert_all_derivatives_are_right(alone(example))


@pytest.mark.parametrize("seed", SEEDS)
@by_name(LAYERS | LOSSES)
def test_a_piece_in_a_random_network_has_right_derivatives(example, seed):
    assert_all_derivatives_are_right(within(example, seed))


@by_name(LOSSES)
def test_a_loss_gives_one_value_with_its_gradient_and_without(example):
    drawn = within(example, seed=0)
    prediction, gradient = drawn.model.predict(drawn.x), np.empty_like(drawn.y)
    for weight in (None, drawn.weight):
        alone = drawn.loss.value(prediction, drawn.y, weight)
        together = drawn.loss.value_and_gradient(prediction, drawn.y, weight, gradient)
        assert abs(together - alone) <= 1e-14 * abs(alone)
