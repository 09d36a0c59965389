"""One or more of each layer, activation and loss of the package, and points to differentiate at.

A new piece needs one entry in EXAMPLES and no test of its own: those of `derivatives/` walk the
registry, and fail for a piece that has none.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator

from minimlp import (
    MSE,
    Activation,
    Dense,
    Identity,
    Layer,
    Loss,
    Normalization,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
)
from minimlp.activations import ELU, GELU, Exp, LeakyReLU, SiLU, Softmax, Softplus
from minimlp.derivatives.repeated import Repeated
from minimlp.layers import Dropout
from minimlp.losses import (
    MAE,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Huber,
    PoissonNLL,
    Quantile,
)
from minimlp.parameters import layout
from minimlp.registry import registered

Array = np.ndarray[Any, Any]


class LossExample(NamedTuple):
    """A loss, random targets for it, and the layer that its predictions must come from, if any."""

    make: Callable[[], Loss]
    targets: Callable[[Generator, tuple[int, int]], Array]
    output: Callable[[int], Layer] | None = None


def normal(rng: Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(size=shape)


def uniform(rng: Generator, shape: tuple[int, int]) -> Array:
    return rng.uniform(size=shape)


def shares(rng: Generator, shape: tuple[int, int]) -> Array:
    return rng.dirichlet(np.ones(shape[1]), shape[0])


def one_hot(rng: Generator, shape: tuple[int, int]) -> Array:
    return np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]


def counts(rng: Generator, shape: tuple[int, int]) -> Array:
    return rng.poisson(2.0, shape).astype(float)


class BareSigmoid(Sigmoid):
    """No loss's natural last layer, so that value and gradient are those of bare probabilities."""


class BareSoftmax(Softmax):
    """The same for Softmax."""


class BareExp(Exp):
    """The same for Exp."""


def adapted(width: int) -> Normalization:
    layer = Normalization(width)
    layer.adapt(np.random.default_rng(width).normal(0.5, 2.0, (20, width)))
    return layer


EXAMPLES: dict[str, list[Any]] = {
    "Dense": [
        lambda width: Dense(width, width),
        lambda width: Dense(width, width + 2),
        lambda width: Dense(width, 2, bias=False),
    ],
    "Normalization": [adapted],
    "Identity": [lambda width: Identity()],
    "ReLU": [lambda width: ReLU()],
    "Sigmoid": [lambda width: Sigmoid()],
    "Tanh": [lambda width: Tanh()],
    "LeakyReLU": [lambda width: LeakyReLU(), lambda width: LeakyReLU(0.5)],
    "ELU": [lambda width: ELU(), lambda width: ELU(1.5)],
    "GELU": [lambda width: GELU(), lambda width: GELU(approximate=False)],
    "SiLU": [lambda width: SiLU()],
    "Softplus": [lambda width: Softplus()],
    "Exp": [lambda width: Exp()],
    "Softmax": [lambda width: Softmax()],
    "Dropout": [lambda width: Dropout(0.3)],
    "MSE": [LossExample(MSE, normal)],
    "MAE": [LossExample(MAE, normal)],
    "Huber": [LossExample(lambda: Huber(0.7), normal)],
    "Quantile": [LossExample(lambda: Quantile(0.8), normal)],
    "BinaryCrossEntropy": [
        LossExample(BinaryCrossEntropy, uniform, lambda width: Sigmoid()),
        LossExample(BinaryCrossEntropy, uniform, lambda width: BareSigmoid()),
    ],
    "CategoricalCrossEntropy": [
        LossExample(CategoricalCrossEntropy, shares, lambda width: Softmax()),
        LossExample(lambda: CategoricalCrossEntropy(0.2), one_hot, lambda width: Softmax()),
        LossExample(lambda: CategoricalCrossEntropy(0.1), shares, lambda width: BareSoftmax()),
    ],
    "PoissonNLL": [
        LossExample(PoissonNLL, counts, lambda width: Exp()),
        LossExample(PoissonNLL, counts, lambda width: BareExp()),
    ],
}


def own_pieces(kind: type[Any]) -> dict[str, type[Any]]:
    """Registered classes of one kind, without those that other tests have registered."""
    return {
        name: piece
        for name, piece in registered(kind).items()
        if piece.__module__.split(".")[0] == "minimlp"
    }


def examples_of(piece: type[Any]) -> list[Any]:
    name = piece.__name__
    if name not in EXAMPLES:
        entry = f"LossExample({name}, normal)"
        if issubclass(piece, Layer):
            entry = f"lambda width: {name}({'' if issubclass(piece, Activation) else 'width'})"
        raise AssertionError(
            f"{piece.__module__} registers {name}, whose derivatives no test checks: add a line "
            f"such as\n\n"
            f'    "{name}": [{entry}],\n\n'
            f"to EXAMPLES in tests/examples.py, one example for each option that changes "
            f"its derivatives"
        )
    return EXAMPLES[name]


def all_examples(kind: type[Any]) -> dict[str, Any]:
    """Every example of one kind, as ``{"Dense-0": …, "Dense-1": …}``."""
    return {
        f"{name}-{i}": example
        for name in own_pieces(kind)
        for i, example in enumerate(EXAMPLES.get(name, []))
    }


class Point(NamedTuple):
    """A model, a loss and samples: all that a derivative is taken of."""

    model: Sequential
    loss: Loss
    x: Array
    y: Array
    weight: Array | None = None


class NoPointError(Exception):
    """Chance gave no weights and samples where derivatives can be compared to rounding."""


def draw_point(
    rng: Generator,
    layers: list[Layer],
    width: int,
    example: LossExample = EXAMPLES["MSE"][0],
    *,
    rows: int = 5,
    scale: float = 1.0,
    weighted: bool = False,
) -> Point:
    """Draw weights and samples until derivatives exist there and rounding does not hide them.

    Errors are relative to each array's largest entry, so the point must have none that is tiny, or
    a small sum of large terms.
    """
    model, loss = Sequential(*layers, seed=rng), example.make()
    for _ in range(100):
        x = scale * rng.normal(size=(rows, width))
        prediction = settle(model, x, rng)
        weight = rng.permutation([2.0, *rng.integers(0, 4, rows - 1)]) if weighted else None
        drawn = Point(model, loss, x, example.targets(rng, prediction.shape), weight)
        if is_smooth(drawn) and is_seen(drawn) and is_steady(drawn):
            return drawn
    raise NoPointError(f"found no point of {model!r} and {loss!r} that is fit for comparisons")


def settle(model: Sequential, x: Array, rng: Generator) -> Array:
    """Draw the weights of Dense so that what it sums spreads by about 1, around 0 to 1."""
    for layer in model.layers:
        if isinstance(layer, Dense):
            centre = x.mean(axis=0) * (layer.has_bias and len(x) > 1)
            spread = max(rms(x - centre), 0.5 * rms(x)) or 1
            for _ in range(20):
                layer.weight = rng.normal(size=layer.weight.shape) / np.sqrt(x.shape[1]) / spread
                if rms((x - centre) @ layer.weight) > 0.3:  # else its terms cancel
                    break
            if layer.has_bias:
                layer.bias = rng.uniform(0.1, 1, layer.n_out) - centre @ layer.weight
        x = outputs(layer, x)
    return x


def rms(x: Array) -> float:
    return float(np.sqrt(np.mean(x * x)))


def outputs(layer: Layer, x: Array) -> Array:
    y, repeated = np.empty((len(x), layer.output_width(x.shape[1])), x.dtype), Repeated([layer])
    layer.forward(x, y)
    repeated.rewind()
    return y


def is_smooth(point: Point, margin: float = 2e-4) -> bool:
    """Whether no layer, nor the loss of any row, has a kink within `margin` of its input's size."""
    x = point.x
    for layer in point.model.layers:
        if bends(lambda z, layer=layer: outputs(layer, z), x, margin):
            return False
        x = outputs(layer, x)
    rows = range(len(x))

    def row_losses(z: Array) -> Array:
        return np.array([point.loss.value(z[[i]], point.y[[i]]) for i in rows])

    return not bends(row_losses, x, margin)


@np.errstate(all="ignore")  # steps may leave the range where a piece is defined
def bends(function: Callable[[Array], Array], x: Array, margin: float) -> bool:
    # An exact 0 comes from units that are off, and stays 0: nothing moves it across a kink.
    step = 2 * margin * np.abs(x).max() * (x != 0)
    bend = function(x + step) - 2 * function(x) + function(x - step)
    return not np.abs(bend).max() <= step.max() / 2


def is_seen(point: Point) -> bool:
    """Whether every array moves the loss by more than the rounding of central differences."""
    model, gradient = point.model, gradient_of(point)
    return all(
        np.abs(gradient[part.slice]).max() * (np.abs(model.parameters[part.slice]).max() or 1)
        > 1e-4 * gradient[-1]
        for part in layout(model.layers)
    )


def is_steady(point: Point, off: float = 1e-8) -> bool:
    """Whether numbers that are off by so much put no gradient off by more than 20 times as much."""
    rng = np.random.default_rng(0)
    layers, here = point.model.layers, gradient_of(point)

    def shaken(array: Array) -> Array:
        return array * (1 + off * rng.choice([-1, 1], array.shape))

    for _ in range(4):
        moved = point._replace(model=point.model.copy(), x=shaken(point.x), y=shaken(point.y))
        moved.model.parameters = shaken(point.model.parameters)
        there = gradient_of(moved)
        for entries in [*(part.slice for part in layout(layers)), slice(-1, None)]:
            if relative_error(there[entries], here[entries]) > 20 * off:
                return False
    return True


def gradient_of(point: Point) -> Array:
    """The gradient, and the loss behind it, in one vector."""
    model, loss, x, y, weight = point
    value, gradient = model.value_and_gradient(loss, x, y, weight)(model.parameters)
    return np.append(gradient, value)


def complex_slopes(function: Callable[[], Array], array: Array) -> Array:
    """Differentiate what `function` gives by each entry of the complex `array` that it reads."""
    flat, step = array.reshape(-1), 1e-60
    slopes = []
    for i in range(flat.size):
        kept = flat[i]
        flat[i] += 1j * step
        slopes.append(function().imag / step)
        flat[i] = kept
    return np.stack(slopes, axis=-1) if slopes else np.empty((*function().shape, 0))


def complex_jacobian(model: Sequential, x: Array) -> Array:
    """All outputs (rows, n_out, P) by all parameters, from forward passes alone."""
    own, x = model.copy(np.complex128), x.astype(np.complex128)
    return complex_slopes(lambda: own.copy().forward(x), own.parameters)  # same draws in a copy


def complex_input_jacobian(model: Sequential, x: Array) -> Array:
    """All outputs of all rows by all inputs of all rows, (rows, n_out, rows, n_in)."""
    own, x = model.copy(np.complex128), x.astype(np.complex128)
    slopes = complex_slopes(lambda: own.copy().forward(x), x)
    return slopes.reshape(*slopes.shape[:2], *x.shape)


def complex_per_sample_gradients(point: Point) -> Array:
    """Each row's weighted loss by all parameters, (rows, P), from values alone."""
    own, x = point.model.copy(np.complex128), point.x.astype(np.complex128)
    weight = np.ones(len(x)) if point.weight is None else point.weight / point.weight.mean()

    def losses() -> Array:
        prediction = own.copy().forward(x)
        rows = range(len(x))
        values = [point.loss.value(prediction[[i]], point.y[[i]]) for i in rows]
        return weight * np.array(values)

    return complex_slopes(losses, own.parameters)


def relative_error(found: Array, expected: Array) -> float:
    """The largest difference, relative to the largest expected entry."""
    assert found.shape == expected.shape
    largest = np.abs(expected).max(initial=0) or 1
    return float(np.abs(found - expected).max(initial=0) / largest)
