"""JᵀJ and Jᵀr against those of `Sequential.jacobian`, put together by hand; and in chunks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from own_pieces import Affine

from minimlp import (
    L2,
    MSE,
    Dense,
    Dropout,
    Huber,
    Identity,
    Layer,
    Loss,
    Normalization,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from minimlp.derivatives import normal_equations as module
from minimlp.derivatives import residual_chunk
from minimlp.derivatives.loss_function import LossFunction
from minimlp.derivatives.normal_equations import SquaredResiduals, rank

RNG = np.random.default_rng(6)
X, Y = RNG.normal(size=(23, 3)), RNG.normal(size=(23, 2))
WEIGHTS = RNG.uniform(0, 3, size=23)


class Mixing(Layer):
    """y = x·m with a square m, whose backward leaves in dy what it works out."""

    def __init__(self, width: int) -> None:
        self.width = width

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {"m": (self.width, self.width)}

    def initialize(self, rng: Any) -> None:
        self.m[...] = rng.normal(size=self.m.shape)

    def forward(self, x: Any, out: Any) -> None:
        np.matmul(x, self.m, out=out)

    def backward(self, x: Any, y: Any, dy: Any, dx: Any) -> None:
        self.m_gradient[...] = x.T @ dy
        dy[...] = dy @ self.m.T
        if dx is not None:
            dx[...] = dy


class Slope(Layer):
    """y = a·x, whose backward leaves in dy what it works out."""

    def __init__(self, width: int) -> None:
        self.width = width

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {"a": (self.width,)}

    def initialize(self, rng: Any) -> None:
        self.a[...] = rng.normal(size=self.width)

    def forward(self, x: Any, out: Any) -> None:
        np.multiply(x, self.a, out=out)

    def backward(self, x: Any, y: Any, dy: Any, dx: Any) -> None:
        np.sum(x * dy, axis=0, out=self.a_gradient)
        dy *= self.a
        if dx is not None:
            dx[...] = dy


def frozen(layer: Layer, *names: str) -> Layer:
    layer.freeze(*names)
    return layer


def adapted() -> Normalization:
    layer = Normalization(3)
    layer.adapt(2 * X + 1)
    return layer


CHAINS: dict[str, Callable[[], list[Layer]]] = {
    "linear": lambda: [Dense(3, 2)],
    "hidden": lambda: [Dense(3, 4), Tanh(), Dense(4, 2), Identity()],
    "sigmoid last": lambda: [Dense(3, 4), Tanh(), Dense(4, 2), Sigmoid()],
    "softmax last": lambda: [Dense(3, 4), Tanh(), Dense(4, 2), Softmax()],
    "no bias": lambda: [Dense(3, 4, bias=False), Tanh(), Dense(4, 2, bias=False)],
    "normalization": lambda: [adapted(), Dense(3, 4), Tanh(), Dense(4, 2)],
    "dropout": lambda: [Dense(3, 4), Tanh(), Dropout(0.5), Dense(4, 2)],
    "own first": lambda: [Affine(3), Tanh(), Dense(3, 2)],
    "own within": lambda: [Dense(3, 4), Tanh(), Affine(4), Tanh(), Dense(4, 2)],
    "own last": lambda: [Dense(3, 2), Tanh(), Affine(2)],
    "own last that writes into dy": lambda: [Dense(3, 2), Tanh(), Mixing(2)],
    "own last that scales dy": lambda: [Dense(3, 2), Tanh(), Slope(2)],
    "all weights frozen": lambda: [frozen(Dense(3, 2), "weight"), Tanh()],
    "first bias frozen": lambda: [frozen(Dense(3, 4), "bias"), Tanh(), Dense(4, 2)],
    "first layer frozen": lambda: [frozen(Dense(3, 4)), Tanh(), Dense(4, 2)],
    "weight within frozen": lambda: [
        Dense(3, 4), Tanh(), frozen(Dense(4, 4), "weight"), Tanh(), Dense(4, 2),
    ],
    "own partly frozen": lambda: [Dense(3, 4), Tanh(), frozen(Affine(4), "c"), Dense(4, 2)],
}  # fmt: skip


def chain(name: str, dtype: Any = np.float64) -> Sequential:
    model = Sequential(*CHAINS[name](), dtype=dtype, seed=4)
    model.parameters += 0.1  # biases, too, are not 0
    return model


def trained_entries(model: Sequential) -> Any:
    return np.concatenate(
        [
            np.full(int(np.prod(shape)), name not in layer.frozen)
            for layer in model.layers
            for name, shape in layer.parameter_shapes().items()
        ]
    )


def weight_entries(model: Sequential) -> Any:
    """All but biases: what an L2 penalty is of."""
    return np.concatenate(
        [
            np.full(int(np.prod(shape)), name != "bias")
            for layer in model.layers
            for name, shape in layer.parameter_shapes().items()
        ]
    )


def by_hand(
    model: Sequential, weights: Any = None, delta: float = np.inf, l2: float = 0.0
) -> tuple[Any, Any, float]:
    """JᵀWJ, JᵀWr and rᵀWr over the number of samples, one residual after another."""
    trained = trained_entries(model)
    jacobian = model.jacobian(X)[:, :, trained]
    residuals = model.predict(X) - Y
    size = int(trained.sum())
    hessian, gradient, squares = np.zeros((size, size)), np.zeros(size), 0.0
    for i in range(len(X)):
        for k in range(Y.shape[1]):
            r, j = residuals[i, k], jacobian[i, k]
            w = 1.0 if abs(r) <= delta else delta / abs(r)
            w *= 1.0 if weights is None else weights[i]
            hessian += w * np.outer(j, j) / len(X)
            gradient += w * j * r / len(X)
            squares += w * r * r / len(X)
    ridge = 2 * l2 * weight_entries(model)[trained]
    point = model.parameters[trained]
    return (
        hessian + np.diag(ridge),
        gradient + ridge * point,
        squares + float((ridge * point**2).sum()),
    )


def found(model: Sequential, loss: Loss | None = None, **given: Any) -> tuple[Any, Any, float]:
    problem = SquaredResiduals(LossFunction(model, loss or MSE(), X, Y, **given))
    problem.value()
    return tuple(problem.normal_equations())


def compare(ours: Any, theirs: Any, limit: float = 1e-12) -> None:
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=0, atol=limit * np.abs(other).max())


@pytest.mark.parametrize("name", CHAINS)
def test_they_are_the_sums_over_all_residuals(name: str) -> None:
    model = chain(name)
    compare(found(model), by_hand(model))


@pytest.mark.parametrize("name", CHAINS)
def test_with_weights_a_penalty_and_outliers(name: str) -> None:
    model = chain(name)
    ours = found(model, Huber(0.4), sample_weight=WEIGHTS, penalty=L2(0.03))
    compare(ours, by_hand(model, WEIGHTS / WEIGHTS.mean(), 0.4, 0.03))


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("loss", [MSE(), Huber(0.4)], ids=repr)
def test_value_and_gradient_are_those_of_the_loss(name: str, loss: Loss) -> None:
    model = chain(name)
    given: dict[str, Any] = {"sample_weight": WEIGHTS, "penalty": L2(0.03)}
    problem = SquaredResiduals(LossFunction(model, loss, X, Y, **given))
    value, gradient = model.value_and_gradient(loss, X, Y, **given)(model.parameters)
    assert problem.value() == pytest.approx(value, rel=1e-13)
    assert problem.ridged_value() == problem.value()
    ours = problem.normal_equations().gradient
    np.testing.assert_allclose(ours, gradient[trained_entries(model)], rtol=0, atol=1e-13)
    assert not gradient[~trained_entries(model)].any()


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("rows", [1, 2, 5, 11, 22])
def test_many_chunks_give_what_one_does(
    name: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 22 rows to a chunk the last has one row, with 5 three."""
    model = chain(name)
    whole = found(model, Huber(0.4), sample_weight=WEIGHTS)
    monkeypatch.setattr(module, "chunk_rows", lambda parameters, outputs: rows)
    compare(found(model, Huber(0.4), sample_weight=WEIGHTS), whole, 1e-13)


def test_the_size_of_a_chunk_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = np.tile(X, (20, 1)), np.tile(Y, (20, 1))
    model = chain("hidden")
    parts = []
    for entries in (1, 100, 1000, 1 << 17):
        monkeypatch.setattr(residual_chunk, "_ENTRIES", entries)
        problem = SquaredResiduals(LossFunction(model, MSE(), x, y))
        parts.append((problem.value(), *problem.normal_equations()))
    for part in parts[1:]:
        compare(part, parts[0], 1e-13)
    compare(parts[0][1:], by_hand(model))


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("rows", [9, 100])
def test_at_a_second_point_nothing_is_left_of_the_first(
    name: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "chunk_rows", lambda parameters, outputs: rows)
    model = chain(name)
    problem = SquaredResiduals(LossFunction(model, MSE(), X, Y))
    first = problem.point
    problem.value()
    kept = problem.normal_equations()
    before = kept.hessian.copy()
    problem.point = 1.5 * first
    problem.value()
    second = problem.normal_equations()
    assert kept.hessian.tobytes() == before.tobytes()
    model.parameters[trained_entries(model)] *= 1.5
    compare(second, by_hand(model))
    problem.point = first
    problem.value()
    compare(problem.normal_equations(), kept, 1e-14)


class Noise(Layer):
    """y = x plus what a generator of its own draws, in every pass."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng(seed)

    def forward(self, x: Any, out: Any) -> None:
        np.add(x, self.rng.normal(size=x.shape), out)

    def backward(self, x: Any, y: Any, dy: Any, dx: Any) -> None:
        if dx is not None:
            dx[...] = dy


@pytest.mark.parametrize("rows", [9, 100])
def test_what_is_drawn_at_random_is_the_same_at_every_point(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for every function of a vector: else a lower loss may be a luckier draw."""
    monkeypatch.setattr(module, "chunk_rows", lambda parameters, outputs: rows)
    model = Sequential(Dense(3, 4), Tanh(), Noise(0), Dense(4, 1), seed=0)
    problem = SquaredResiduals(LossFunction(model, MSE(), X, Y[:, :1]))
    first = problem.value()
    gradient = problem.normal_equations().gradient
    assert problem.value() == first
    assert problem.normal_equations().gradient.tobytes() == gradient.tobytes()


def test_the_callers_model_and_data_are_only_read() -> None:
    model, x = chain("hidden"), X.copy()
    problem = SquaredResiduals(LossFunction(model, MSE(), x, Y))
    x.fill(np.nan)
    problem.point = np.zeros_like(problem.point)
    assert problem.value() == pytest.approx((Y**2).sum() / 2 / len(Y))
    assert model.parameters.tobytes() == chain("hidden").parameters.tobytes()


def test_a_float32_model_is_looked_at_in_float64() -> None:
    model = chain("hidden", np.float32)
    compare(found(model), by_hand(model.copy(np.float64)))


def test_the_point_is_of_the_parameters_that_train() -> None:
    model = chain("first layer frozen")
    function = LossFunction(model, MSE(), X, Y)
    problem = SquaredResiduals(function)
    assert problem.trained.tolist() == [False] * 16 + [True] * 10
    assert problem.point.tolist() == model.parameters[16:].tolist()
    problem.point = np.arange(10.0)
    assert function.model.parameters[:16].tolist() == model.parameters[:16].tolist()
    assert function.model.parameters[16:].tolist() == list(range(10))


def test_a_ridge_is_added_to_what_there_is() -> None:
    model = chain("hidden")
    problem = SquaredResiduals(LossFunction(model, MSE(), X, Y))
    bare_value = problem.value()
    bare = problem.normal_equations()
    ridge = RNG.uniform(size=model.parameters.size)
    problem.ridge, problem.has_ridge = ridge, True
    w = model.parameters
    assert problem.ridged_value() == pytest.approx(bare_value + (ridge * w * w).sum() / 2)
    expected = (
        bare.hessian + np.diag(ridge),
        bare.gradient + ridge * w,
        bare.squares + (ridge * w * w).sum(),
    )
    compare(problem.ridged_equations(), expected)
    compare([problem.bare_hessian], [bare.hessian], 0)


def test_numbers_beyond_bounds_are_told_apart() -> None:
    model = chain("linear")
    problem = SquaredResiduals(LossFunction(model, MSE(), X, Y))
    problem.point = np.full(8, 1e200)
    with np.errstate(over="ignore", invalid="ignore"):
        assert not np.isfinite(problem.value())
        assert not problem.normal_equations().is_finite
    problem.point = np.ones(8)
    problem.value()
    assert problem.normal_equations().is_finite


@pytest.mark.parametrize("units", [1.0, 1e-150, 1e6])
def test_the_rank_is_that_of_the_jacobian_whatever_the_units(units: float) -> None:
    j = RNG.normal(size=(20, 4))
    j[:, 3] = j[:, 0] - 2 * j[:, 1]
    j *= [units, 1, 1e3, 1]
    assert rank(j.T @ j) == 3
    assert rank(j[:, :3].T @ j[:, :3]) == 3
    j[:, 2] = 0
    assert rank(j.T @ j) == 2
