"""The checks see a wrong derivative: every one in the package is made wrong, one at a time."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from examples import (
    all_examples,
    complex_jacobian,
    complex_per_sample_gradients,
    draw_point,
    relative_error,
)

from minimlp import MSE, Dense, Layer, Loss, Tanh, check_gradients

OFF = 1 + 1e-6


class Mutant(NamedTuple):
    """An example, and one array that one method of its class writes, which is to be wrong."""

    name: str
    example: Any
    piece: type
    method: str
    array: str

    def __str__(self):
        return f"{self.name} {self.method} {self.array}"


def mutants_of_layers():
    for name, example in all_examples(Layer).items():
        layer = example(4)
        piece, parameters = type(layer), list(layer.parameter_shapes())
        for array in ["dx", *parameters]:
            yield Mutant(name, example, piece, "backward", array)
            if piece.plan is not Layer.plan:
                yield Mutant(name, example, piece, "plan", array)
        if piece.per_sample_gradients is not Layer.per_sample_gradients:
            for array in parameters:
                yield Mutant(name, example, piece, "per_sample_gradients", array)


def mutants_of_losses():
    for name, example in all_examples(Loss).items():
        piece = type(example.make())
        for method in ("gradient", "value_and_gradient", "plan"):
            if getattr(piece, method) is not getattr(Loss, method):
                yield Mutant(name, example, piece, method, "out")


OF_LAYERS, OF_LOSSES = list(mutants_of_layers()), list(mutants_of_losses())
PER_SAMPLE = [mutant for mutant in OF_LAYERS if mutant.method == "per_sample_gradients"]


def each(mutants):
    return pytest.mark.parametrize("mutant", mutants, ids=map(str, mutants))


def network_with(mutant):
    rng = np.random.default_rng(0)
    if issubclass(mutant.piece, Loss):
        output = [mutant.example.output(2)] if mutant.example.output else []
        return draw_point(rng, [Dense(3, 4), Tanh(), Dense(4, 2), *output], 3, mutant.example)
    piece = mutant.example(4)
    return draw_point(rng, [Dense(3, 4), Tanh(), piece, Tanh(), Dense(piece.output_width(4), 2)], 3)


def make_wrong(monkeypatch, mutant, factor=OFF):
    """Multiply the mutant's array by a factor wherever its class computes it."""
    right, array = getattr(mutant.piece, mutant.method), mutant.array

    def backward(self, x, y, dy, dx):
        right(self, x, y, dy, dx)
        written = dx if array == "dx" else getattr(self, f"{array}_gradient", None)
        if written is not None:
            written *= factor

    def plan_of_layer(self, x, y, dy, dx):
        forward, own_backward = right(self, x, y, dy, dx)

        def wrong_backward():
            own_backward()
            written = dx if array == "dx" else getattr(self, f"{array}_gradient", None)
            if written is not None:
                written *= factor

        return forward, wrong_backward

    def per_sample_gradients(self, x, y, dy, out):
        right(self, x, y, dy, out)
        if array in out:
            out[array] *= factor

    def gradient(self, prediction, target, sample_weight=None, out=None):
        written = right(self, prediction, target, sample_weight, out)
        written *= factor
        return written

    def value_and_gradient(self, prediction, target, sample_weight, out):
        value = right(self, prediction, target, sample_weight, out)
        out *= factor
        return value

    def plan_of_loss(self, prediction, target, sample_weight, out):
        own = right(self, prediction, target, sample_weight, out)

        def wrong():
            value = own()
            out[...] *= factor
            return value

        return wrong

    name = mutant.method
    if name == "plan":
        name = "plan_of_loss" if issubclass(mutant.piece, Loss) else "plan_of_layer"
    monkeypatch.setattr(mutant.piece, mutant.method, locals()[name])


def names_made_wrong(mutant, model):
    """Names of the arrays whose gradient the mutant spoils: its own, or all in front of it."""
    places = [i for i, layer in enumerate(model.layers) if type(layer) is mutant.piece]
    own, in_front = set(), {"x"}
    for i, layer in enumerate(model.layers):
        for name in layer.parameter_shapes():
            if name == mutant.array and i in places:
                own.add(f"layers[{i}].{name}")
            if mutant.array == "out" or (mutant.array == "dx" and i < places[-1]):
                in_front.add(f"layers[{i}].{name}")
    return in_front if mutant.array in ("out", "dx") else own


def sources_of(mutant):
    """Which of the gradients that a check compares can be the one that is wrong."""
    if mutant.method == "per_sample_gradients":
        return {"per_sample_gradients"}
    if mutant.method == "gradient" and mutant.piece.plan is not Loss.plan:
        return {"plan", "backward", "per_sample_gradients"}
    return {"fit", "plan", "backward", "per_sample_gradients"}


def check(point, method="complex-step"):
    return check_gradients(point.model, point.loss, point.x, point.y, method, point.weight)


def failing(found):
    return {array.name for array in found.arrays if array.error > found.tolerance}


def test_the_derivatives_of_all_pieces_are_found():
    assert {
        "Dense-0 backward dx",
        "Dense-0 backward weight",
        "Dense-0 backward bias",
        "Dense-2 backward weight",
        "Dense-0 per_sample_gradients weight",
        "Dense-0 per_sample_gradients bias",
        "Normalization-0 backward dx",
        "Sigmoid-0 backward dx",
        "MSE-0 gradient out",
        "MSE-0 plan out",
        "Dense-0 plan bias",
        "Sigmoid-0 plan dx",
    } <= {str(mutant) for mutant in OF_LAYERS + OF_LOSSES}
    assert "Dense-2 backward bias" not in map(str, OF_LAYERS)


@each(OF_LAYERS + OF_LOSSES)
def test_complex_step_sees_an_error_of_a_millionth_and_where_it_is(mutant, monkeypatch):
    drawn = network_with(mutant)
    assert check(drawn)
    make_wrong(monkeypatch, mutant)
    found = check(drawn)
    wrong = names_made_wrong(mutant, drawn.model)
    assert not found
    assert failing(found) == wrong
    assert any(found.worst.startswith(name) for name in wrong)
    for array in found.arrays:
        if array.name in wrong:
            assert array.source in sources_of(mutant)
            assert 0.8e-6 < array.error < 4e-6  # three places of one class add up


@each(OF_LAYERS + OF_LOSSES)
def test_central_differences_do_not_see_an_error_of_a_millionth(mutant, monkeypatch):
    make_wrong(monkeypatch, mutant)
    drawn = network_with(mutant)
    assert check(drawn, "central")
    assert not check(drawn, "complex-step")


@each(OF_LAYERS + OF_LOSSES)
def test_central_differences_see_an_error_of_a_thousandth(mutant, monkeypatch):
    make_wrong(monkeypatch, mutant, factor=1.001)
    drawn = network_with(mutant)
    assert failing(check(drawn, "central")) == names_made_wrong(mutant, drawn.model)


@each(OF_LOSSES)
def test_a_forgotten_average_over_the_batch_is_seen(mutant, monkeypatch):
    drawn = network_with(mutant)
    rows = len(drawn.x)
    make_wrong(monkeypatch, mutant, factor=rows)
    found = check(drawn)
    wrong = [array for array in found.arrays if array.error > found.tolerance]
    assert {array.name for array in wrong} == names_made_wrong(mutant, drawn.model)
    assert [array.error for array in wrong] == pytest.approx([rows - 1] * len(wrong))


@each(PER_SAMPLE)
def test_jacobians_show_an_error_of_a_millionth_in_per_sample_gradients(mutant, monkeypatch):
    make_wrong(monkeypatch, mutant)
    assert min(errors_by_row(network_with(mutant))) > 1e-7


@each(PER_SAMPLE)
def test_rows_that_are_swapped_are_seen_though_their_sum_is_right(mutant, monkeypatch):
    drawn = network_with(mutant)
    gradient = drawn.model.per_sample_gradients(drawn.loss, drawn.x, drawn.y).mean(axis=0)
    assert max(errors_by_row(drawn)) < 1e-12
    right = mutant.piece.per_sample_gradients

    def swapped(self, x, y, dy, out):
        right(self, x, y, dy, out)
        if mutant.array in out:
            out[mutant.array][:] = out[mutant.array][::-1].copy()

    monkeypatch.setattr(mutant.piece, "per_sample_gradients", swapped)
    mean = drawn.model.per_sample_gradients(drawn.loss, drawn.x, drawn.y).mean(axis=0)
    assert relative_error(mean, gradient) < 1e-12
    assert min(errors_by_row(drawn)) > 1e-3
    found = check(drawn)
    assert failing(found) == names_made_wrong(mutant, drawn.model)
    sources = {array.source for array in found.arrays if array.error > found.tolerance}
    assert sources == {"per_sample_gradients"}


def errors_by_row(point):
    gradients = point.model.per_sample_gradients(point.loss, point.x, point.y)
    return [
        relative_error(point.model.jacobian(point.x), complex_jacobian(point.model, point.x)),
        relative_error(gradients, complex_per_sample_gradients(point)),
    ]


@pytest.fixture
def square():
    """Three Dense, the one in the middle with a square weight."""
    layers = [Dense(3, 4), Tanh(), Dense(4, 4), Tanh(), Dense(4, 2)]
    return draw_point(np.random.default_rng(0), layers, 3)


def replace_backward(monkeypatch, change):
    right = Dense.backward

    def backward(self, x, y, dy, dx):
        right(self, x, y, dy, dx)
        change(self, dy, dx)

    monkeypatch.setattr(Dense, "backward", backward)


def test_a_forgotten_bias_gradient_is_seen(square, monkeypatch):
    replace_backward(monkeypatch, lambda layer, dy, dx: layer.bias_gradient.fill(0))
    found = check(square)
    assert failing(found) == {"layers[0].bias", "layers[2].bias", "layers[4].bias"}
    assert [array.error for array in found.arrays if array.name.endswith("bias")] == [1, 1, 1]


def test_a_bias_gradient_of_the_last_row_alone_is_seen(square, monkeypatch):
    replace_backward(monkeypatch, lambda layer, dy, dx: np.copyto(layer.bias_gradient, dy[-1]))
    assert failing(check(square)) == {"layers[0].bias", "layers[2].bias", "layers[4].bias"}


def test_a_square_weight_transposed_on_the_way_back_is_seen(square, monkeypatch):
    def transpose(layer, dy, dx):
        if dx is not None and layer.n_in == layer.n_out:
            dy.dot(layer.weight, dx)

    replace_backward(monkeypatch, transpose)
    assert failing(check(square)) == {"layers[0].weight", "layers[0].bias", "x"}


def test_a_square_weight_gradient_transposed_is_seen(square, monkeypatch):
    def transpose(layer, dy, dx):
        if layer.n_in == layer.n_out:
            layer.weight_gradient[...] = layer.weight_gradient.T.copy()

    replace_backward(monkeypatch, transpose)
    assert failing(check(square)) == {"layers[2].weight"}
    assert check(square).worst.startswith("layers[2].weight[")


def test_sample_weights_forgotten_in_the_gradient_are_seen(square, monkeypatch):
    right = MSE.plan

    def unweighted(self, prediction, target, sample_weight, out):
        weighted, plain = (
            right(self, prediction, target, weight, out) for weight in (sample_weight, None)
        )
        return lambda: (weighted(), plain())[0]

    weights = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert check(square._replace(weight=weights))
    monkeypatch.setattr(MSE, "plan", unweighted)
    assert check(square)
    found = check(square._replace(weight=weights))
    assert failing(found) == {array.name for array in found.arrays}
