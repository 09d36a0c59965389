"""A plan does what the plain methods do, batch after batch, and gives way to what is newer."""

from typing import Any

import numpy as np
import pytest
from examples import all_examples

from minimlp import (
    MSE,
    SGD,
    Activation,
    Dense,
    Identity,
    Layer,
    Sequential,
    Sigmoid,
    Tanh,
    check_gradients,
    mlp,
)
from minimlp.training import batches

LAYERS = all_examples(Layer)
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(50, 3)), RNG.normal(size=(50, 2))


def close(array: Any, other: Any) -> bool:
    eps = np.finfo(array.real.dtype).eps
    return bool(np.abs(array - other).max() <= 16 * eps * max(1, np.abs(other).max()))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("rows", [1, 7, 3000])  # the last is more than Dense copies
@pytest.mark.parametrize("name", LAYERS)
def test_a_plan_gives_what_forward_and_backward_give(name: str, rows: int, dtype: Any) -> None:
    layer = LAYERS[name](4)
    model = Sequential(layer, dtype=dtype, seed=0)
    model.parameters += 0.1
    x, dx = np.empty((rows, 4), dtype), np.empty((rows, 4), dtype)
    y, dy = (np.empty((rows, layer.output_width(4)), dtype) for _ in range(2))
    forward, backward = layer.plan(x, y, dy, dx)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        x[...], dy[...] = rng.normal(size=x.shape), rng.normal(size=dy.shape)
        expected_y, expected_dx = np.empty_like(y), np.empty_like(dx)
        layer.forward(x, expected_y)
        layer.backward(x, expected_y, dy, expected_dx)
        gradients = model.gradients.copy()
        model.gradients.fill(np.nan)
        forward()
        backward()
        assert close(y, expected_y)
        assert close(dx, expected_dx)
        assert not gradients.size or close(model.gradients, gradients)
        model.gradients.fill(np.nan)
        if gradients.size:
            for call in layer.plan(x, y, dy, None):
                call()
            assert close(model.gradients, gradients)


def doubled(piece: type[Layer], *names: str) -> type[Any]:
    """A class that does one thing differently, by a method defined anew."""

    def forward(self: Any, x: Any, out: Any) -> None:
        piece.forward(self, x, out)
        out *= 2

    def backward(self: Any, x: Any, y: Any, dy: Any, dx: Any) -> None:
        piece.backward(self, x, y, 2 * dy, dx)

    methods = {"forward": forward, "backward": backward}
    return type(piece.__name__, (piece,), {name: methods[name] for name in names})


@pytest.mark.parametrize("name", ["forward", "backward"])
@pytest.mark.parametrize("piece", [Dense, Sigmoid])
def test_fit_uses_a_method_that_a_subclass_defines_anew(piece: Any, name: str) -> None:
    def layers(piece: Any, dense: Any) -> list[Layer]:
        return [dense(3, 4), piece(), dense(4, 2)]

    own = doubled(piece, name)
    model = Sequential(*(layers(Tanh, own) if piece is Dense else layers(own, Dense)), seed=0)
    model.fit(X, Y, optimizer=SGD(0.1), epochs=1, batch_size=8, shuffle=False)
    loop = Sequential(*(layers(Tanh, own) if piece is Dense else layers(own, Dense)), seed=0)
    for start in range(0, len(X), 8):
        x, target = X[start : start + 8], Y[start : start + 8]
        outputs, deltas = [x], []
        for layer in loop.layers:
            outputs.append(np.empty((len(x), layer.output_width(outputs[-1].shape[1]))))
            layer.forward(outputs[-2], outputs[-1])
        dy = (outputs[-1] - target) / len(x)
        for layer, before, after in reversed(
            list(zip(loop.layers, outputs, outputs[1:], strict=False))
        ):
            deltas.append(np.empty_like(before))
            layer.backward(before, after, dy, deltas[-1])
            dy = deltas[-1]
        loop.parameters -= 0.1 * loop.gradients
    assert close(model.parameters, loop.parameters)


def test_a_dense_whose_bias_lies_in_front_is_not_taken_for_one_matrix() -> None:
    class BiasFirst(Dense):
        def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
            return dict(reversed(super().parameter_shapes().items()))

    own, plain = (Sequential(piece(3, 2), seed=0) for piece in (BiasFirst, Dense))
    assert (own.layers[0].weight == plain.layers[0].weight).all()
    for model in (own, plain):
        model.fit(X, Y, epochs=2, batch_size=8, seed=1)
    assert close(own.layers[0].weight, plain.layers[0].weight)
    assert close(own.layers[0].bias, plain.layers[0].bias)


class Twice(MSE):
    """Defines `gradient` and `value` anew, and nothing else."""

    def value(self, prediction: Any, target: Any, sample_weight: Any = None) -> Any:
        return 2 * super().value(prediction, target, sample_weight)

    def gradient(
        self, prediction: Any, target: Any, sample_weight: Any = None, out: Any = None
    ) -> Any:
        return 2 * super().gradient(prediction, target, sample_weight)


def test_a_loss_that_defines_its_value_and_gradient_anew_is_trained_by_them() -> None:
    model = Sequential(Dense(3, 2), seed=0)
    twice = model.copy()
    plain = model.fit(X, Y, optimizer=SGD(0.2), epochs=1, seed=1).history["loss"]
    again = twice.fit(X, Y, loss=Twice(), optimizer=SGD(0.1), epochs=1, seed=1).history["loss"]
    assert close(twice.parameters, model.parameters)
    assert again == pytest.approx([2 * plain[0]], rel=1e-14)
    assert twice.evaluate(X, Y, loss=Twice())["loss"] == pytest.approx(
        2 * model.evaluate(X, Y)["loss"], rel=1e-12
    )


def test_a_loss_may_define_both_at_once() -> None:
    class Both(MSE):
        def value_and_gradient(self, prediction: Any, target: Any, weight: Any, out: Any) -> Any:
            np.multiply(super().gradient(prediction, target, weight), 2, out=out)
            return 2 * self.value(prediction, target, weight)

    model = Sequential(Dense(3, 2), seed=0)
    both = model.copy()
    model.fit(X, Y, optimizer=SGD(0.2), epochs=1, seed=1)
    both.fit(X, Y, loss=Both(), optimizer=SGD(0.1), epochs=1, seed=1)
    assert close(both.parameters, model.parameters)


def test_an_activation_without_forward_or_backward_says_so() -> None:
    class Nothing(Activation):
        pass

    class Half(Activation):
        def forward(self, x: Any, out: Any) -> None:
            np.multiply(x, 0.5, out=out)

    with pytest.raises(NotImplementedError, match="Nothing does not define forward"):
        Sequential(Nothing()).predict([[1.0]])
    half = Sequential(Half())
    assert half.predict([[1.0]]) == 0.5
    half.forward([[1.0]])
    with pytest.raises(NotImplementedError, match="Half does not define backward"):
        half.backward([[1.0]])


def test_an_activation_may_be_a_plan_alone() -> None:
    class Cube(Activation):
        def plan(self, x: Any, y: Any, dy: Any, dx: Any) -> Any:
            def forward() -> None:
                np.power(x, 3, out=y)

            def backward() -> None:
                np.multiply(3 * x * x, dy, out=dx)

            return forward, backward

    model = Sequential(Dense(3, 4), Cube(), Dense(4, 2), seed=0)
    before = model.evaluate(X, Y)["loss"]
    model.fit(X, Y, optimizer=SGD(0.01), epochs=5, seed=0)
    assert model.evaluate(X, Y)["loss"] < before
    out, dx = np.empty((1, 2)), np.empty((1, 2))
    x = np.array([[2.0, -1.0]])
    Cube().forward(x, out)
    Cube().backward(x, out, np.ones((1, 2)), dx)
    assert out.tolist() == [[8, -1]]
    assert dx.tolist() == [[12, 3]]


@pytest.mark.parametrize("weight", [None, np.linspace(0, 2, 50)])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_batches_gathered_together_give_the_bits_of_batches_one_by_one(
    size: int, weight: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> tuple[Any, ...]:
        model = mlp(3, 4, 2, output=Identity, seed=0)
        seen: list[Any] = []
        history = model.fit(
            X,
            Y,
            epochs=3,
            batch_size=size,
            sample_weight=weight,
            metrics=lambda target, prediction: seen.append(prediction.copy()) or 0.0,
        )
        return model.parameters.tobytes(), history.history["loss"], [p.tobytes() for p in seen]

    together = run()
    monkeypatch.setattr(batches, "_AT_ONCE", 1)
    assert run() == together


def test_an_activation_that_redefines_its_plan_alone_is_not_run_in_place() -> None:
    class Swish(Sigmoid):
        def plan(self, x: Any, y: Any, dy: Any, dx: Any) -> Any:
            def forward() -> None:
                y[...] = x / (1 + np.exp(-x))

            def backward() -> None:
                s = 1 / (1 + np.exp(-x))
                dx[...] = dy * (s + x * s * (1 - s))

            return forward, backward

    model = Sequential(Dense(3, 4), Swish(), Dense(4, 2), seed=0)
    assert check_gradients(model, None, X, Y)


class Sine(Activation):
    """Its plan keeps cos(x) from forward to backward, and may spoil it there."""

    def __init__(self, spoils: bool) -> None:
        self.spoils = spoils

    def forward(self, x: Any, out: Any) -> None:
        np.sin(x, out=out)

    def backward(self, x: Any, y: Any, dy: Any, dx: Any) -> None:
        np.multiply(np.cos(x), dy, out=dx)

    def plan(self, x: Any, y: Any, dy: Any, dx: Any) -> Any:
        slope = np.empty_like(x)

        def forward() -> None:
            np.sin(x, out=y)
            np.cos(x, out=slope)

        def backward() -> None:
            np.multiply(slope, dy, out=dx)
            if self.spoils:
                slope.fill(0)

        return forward, backward


@pytest.mark.parametrize("spoils", [False, True])
def test_a_plan_that_serves_one_backward_only_is_seen(spoils: bool) -> None:
    model = Sequential(Dense(3, 4), Sine(spoils), Dense(4, 2), seed=0)
    assert bool(check_gradients(model, None, X, Y)) is not spoils


def test_a_wrong_input_gradient_in_the_first_layers_plan_is_seen() -> None:
    class Wrong(Dense):
        def plan(self, x: Any, y: Any, dy: Any, dx: Any) -> Any:
            forward, backward = super().plan(x, y, dy, dx)

            def tripled() -> None:
                backward()
                if dx is not None:
                    np.multiply(dx, 3, dx)

            return forward, tripled

    found = check_gradients(Sequential(Wrong(3, 2), seed=0), None, X, Y)
    assert not found
    assert {array.name: array.source for array in found.arrays}["x"] == "plan"


def test_a_method_replaced_on_one_layer_is_called() -> None:
    model = Sequential(Dense(3, 2), seed=0)
    layer, seen = model.layers[0], []
    right = layer.forward
    vars(layer)["forward"] = lambda x, out: (seen.append(len(x)), right(x, out))[1]
    model.fit(X, Y, batch_size=25)
    assert seen == [25, 25]


def test_activations_take_whole_numbers_as_before() -> None:
    out = np.empty(3)
    Sigmoid().forward(np.array([0, 1, -1]), out)
    assert close(out, 1 / (1 + np.exp([0.0, -1.0, 1.0])))


def test_a_schedule_by_a_property_is_followed() -> None:
    class Halving(SGD):
        @property
        def learning_rate(self) -> float:
            return 0.05

        @learning_rate.setter
        def learning_rate(self, value: float) -> None:
            pass

    own, plain = np.ones(3), np.ones(3)
    Halving(0.1).step(own, np.ones(3))
    SGD(0.05).step(plain, np.ones(3))
    assert (own == plain).all()
