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
    Loss,
    Sequential,
    Sigmoid,
    Tanh,
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


def trained(*layers: Layer, loss: Loss | None = None, **given: Any) -> Any:
    model = Sequential(*layers, seed=0)
    model.fit(X, Y, loss=loss, optimizer=SGD(0.1), epochs=2, batch_size=8, seed=1, **given)
    return model.parameters


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
    plain = trained(*(layers(Tanh, Dense) if piece is Dense else layers(Sigmoid, Dense)))
    other = trained(*(layers(Tanh, own) if piece is Dense else layers(own, Dense)))
    assert np.abs(other - plain).max() > 1e-3


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
