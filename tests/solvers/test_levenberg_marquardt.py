"""`LevenbergMarquardt` against lstsq, against the method as a plain loop, and where it ends."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_pieces import Quartic
from solvers.spying import Spy, interrupt

from minimlp import (
    ELU,
    L1,
    L2,
    LBFGS,
    MAE,
    MSE,
    BayesianRegularization,
    CategoricalCrossEntropy,
    Dense,
    EarlyStopping,
    ElasticNet,
    Huber,
    Identity,
    LevenbergMarquardt,
    Quantile,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    mlp,
)
from minimlp.losses import Loss
from minimlp.registry import describe, registered
from minimlp.solvers import Solver
from minimlp.training import checkpoint as checkpoint_module

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 2))
WEIGHTS = RNG.uniform(0.1, 3, size=40)
CURVE = np.linspace(-2, 2, 60).reshape(-1, 1)
SINE = np.sin(2 * CURVE) + np.random.default_rng(0).normal(0, 0.1, CURVE.shape)


def small(**given: Any) -> Sequential:
    return mlp(3, 5, 2, hidden=Tanh, output=Identity, **{"seed": 0, **given})


def curve(**given: Any) -> Sequential:
    return mlp(1, 4, 1, hidden=Tanh, output=Identity, **{"seed": 0, **given})


# One step of Gauss and Newton solves what is linear.


def conditioned(number: float) -> Any:
    """Inputs (40, 3) which, beside a column of ones, have this condition number."""
    q, _ = np.linalg.qr(np.column_stack([np.ones(40), X]))
    return q[:, 1:] * np.geomspace(1, 1 / number, 3) * np.sqrt(40)


def linear(**given: Any) -> Sequential:
    return Sequential(Dense(3, 2), seed=0, **given)


def as_matrix(model: Sequential) -> Any:
    return np.vstack([model.layers[0].weight, model.layers[0].bias])


def one_step(model: Sequential, x: Any, y: Any = Y, **given: Any) -> None:
    history = model.fit(x, y, optimizer=LevenbergMarquardt(damping=0), epochs=1, **given)
    assert history.epoch == [0]


@pytest.mark.parametrize("number", [1.0, 10.0, 100.0])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_one_step_is_lstsqs_answer(number: float, weights: Any) -> None:
    x, model = conditioned(number), linear()
    one_step(model, x, sample_weight=weights)
    root = np.ones((40, 1)) if weights is None else np.sqrt(weights)[:, None]
    a = np.column_stack([x, np.ones(40)])
    solution = np.linalg.lstsq(root * a, root * Y, rcond=None)[0]
    np.testing.assert_allclose(as_matrix(model), solution, rtol=0, atol=1e-10 * number)


@pytest.mark.parametrize("number", [1.0, 100.0])
def test_with_a_penalty_it_is_ridge_regression(number: float) -> None:
    """Rows √(2λn) below the others, for the weights alone."""
    x, model = conditioned(number), linear()
    one_step(model, x, penalty=L2(0.02))
    rows = np.sqrt(2 * 0.02 * 40) * np.eye(3, 4)
    a = np.vstack([np.column_stack([x, np.ones(40)]), rows])
    solution = np.linalg.lstsq(a, np.vstack([Y, np.zeros((3, 2))]), rcond=None)[0]
    np.testing.assert_allclose(as_matrix(model), solution, rtol=0, atol=1e-11)


def test_with_a_frozen_bias_the_weights_alone_are_solved() -> None:
    model = linear()
    model.layers[0].bias[...] = [0.7, -0.3]
    model.layers[0].freeze("bias")
    one_step(model, X)
    solution = np.linalg.lstsq(X, Y - [0.7, -0.3], rcond=None)[0]
    np.testing.assert_allclose(model.layers[0].weight, solution, rtol=0, atol=1e-11)
    assert model.layers[0].bias.tolist() == [0.7, -0.3]


def test_with_frozen_weights_the_bias_alone_is_solved() -> None:
    model = linear()
    model.layers[0].freeze("weight")
    weight = model.layers[0].weight.copy()
    one_step(model, X)
    np.testing.assert_allclose(model.layers[0].bias, (Y - X @ weight).mean(axis=0), atol=1e-12)
    assert model.layers[0].weight.tobytes() == weight.tobytes()


# The method as a plain loop.


def by_hand(
    model: Sequential, x: Any, y: Any, count: int, damping: float, scaling: str, l2: float
) -> tuple[list[Any], list[float], int]:
    """Levenberg and Marquardt's method with Nielsen's rule: vectors, dampings, refused steps."""
    is_weight = np.concatenate(
        [
            np.full(int(np.prod(shape)), name == "weight")
            for layer in model.layers
            for name, shape in layer.parameter_shapes().items()
        ]
    )
    w, ridge = model.parameters.copy(), 2 * l2 * is_weight

    def residuals() -> tuple[Any, float]:
        r = (model.predict(x) - y).ravel()
        value = r @ r / 2 / len(x) + l2 * (is_weight * model.parameters**2).sum()
        return r, value

    mu, nu, scale, refused = None, 2.0, np.zeros(len(w)), 0
    vectors, dampings = [], []
    for _ in range(count):
        jacobian = model.jacobian(x).reshape(-1, len(w))
        r, value = residuals()
        hessian = jacobian.T @ jacobian / len(x) + np.diag(ridge)
        gradient = jacobian.T @ r / len(x) + ridge * w
        diagonal = np.diag(hessian)
        scale = np.maximum(scale, diagonal) if scaling == "marquardt" else np.ones(len(w))
        if mu is None:
            mu = damping * (1.0 if scaling == "marquardt" else diagonal.max())
        while True:
            h = np.linalg.solve(hessian + mu * np.diag(scale), -gradient)
            predicted = -gradient @ h - h @ hessian @ h / 2
            model.parameters = w + h
            ratio = (value - residuals()[1]) / predicted
            if ratio > 0:
                break
            mu, nu, refused = mu * nu, nu * 2, refused + 1
        mu, nu = mu * max(1 / 3, 1 - (2 * ratio - 1) ** 3), 2.0
        w = w + h
        vectors.append(w)
        dampings.append(mu)
    return vectors, dampings, refused


@pytest.mark.parametrize("scaling", ["marquardt", "levenberg"])
@pytest.mark.parametrize("l2", [0.0, 1e-3])
@pytest.mark.parametrize(
    ("damping", "spread", "limit"), [(1e-3, 1, 1e-7), (1.0, 1, 1e-7), (1e-6, 3, 1e-4)]
)
def test_it_goes_the_way_of_the_plain_loop(
    scaling: str, l2: float, damping: float, spread: float, limit: float
) -> None:
    model, spy = curve(seed=1), Spy()
    model.parameters *= spread
    twin = model.copy()
    history = model.fit(
        CURVE, SINE, optimizer=LevenbergMarquardt(damping, scaling), epochs=8, penalty=L2(l2),
        callbacks=[spy],
    )  # fmt: skip
    vectors, dampings, refused = by_hand(twin, CURVE, SINE, 8, damping, scaling, l2)
    np.testing.assert_allclose(spy.vectors, vectors, rtol=limit, atol=limit)
    np.testing.assert_allclose(history.history["damping"], dampings, rtol=10 * limit)
    if damping == 1e-6:
        assert refused  # else the rule for raising μ is not seen


@pytest.mark.parametrize("units", [1e3, 2.0**-20])
def test_with_marquardts_scaling_units_make_no_difference(units: float) -> None:
    paths = []
    for factor in (1.0, units):
        model, spy = small(), Spy()
        model.layers[0].weight[0] /= factor
        x = X * [factor, 1, 1]
        optimizer = LevenbergMarquardt(1.0, scaling="marquardt")
        model.fit(x, Y, optimizer=optimizer, epochs=10, callbacks=[spy])
        for vector in spy.vectors:
            vector[:5] *= factor  # the first input's weights
        paths.append(spy.vectors)
    np.testing.assert_allclose(paths[0], paths[1], rtol=1e-7, atol=1e-7)


def test_a_weight_of_two_is_the_sample_twice() -> None:
    twice, weighted = small(), small()
    options = {"optimizer": LevenbergMarquardt(), "epochs": 8}
    twice.fit(np.vstack([X, X[:10]]), np.vstack([Y, Y[:10]]), **options)
    weighted.fit(X, Y, sample_weight=np.repeat([2.0, 1.0], [10, 30]), **options)
    np.testing.assert_allclose(weighted.parameters, twice.parameters, rtol=0, atol=1e-8)


def test_a_weight_of_0_leaves_the_sample_out() -> None:
    without, weighted = small(), small()
    options = {"optimizer": LevenbergMarquardt(), "epochs": 8}
    without.fit(X[10:], Y[10:], **options)
    weighted.fit(X, Y, sample_weight=np.repeat([0.0, 1.0], [10, 30]), **options)
    np.testing.assert_allclose(weighted.parameters, without.parameters, rtol=0, atol=1e-8)


# What is recorded.


@pytest.mark.parametrize("loss", [MSE(), Huber(0.3)], ids=repr)
@pytest.mark.parametrize("frozen", [False, True])
def test_the_figures_are_those_of_the_model_after_the_iteration(loss: Loss, frozen: bool) -> None:
    model, spy = small(), Spy()
    if frozen:
        model.layers[0].freeze("weight")
    given: dict[str, Any] = {"sample_weight": WEIGHTS, "penalty": L2(1e-3)}
    history = model.fit(
        X, Y, loss=loss, optimizer=LevenbergMarquardt(), epochs=9, callbacks=[spy],
        validation_data=(X[:10], Y[:10]), **given,
    ).history  # fmt: skip
    assert list(history) == ["loss", "damping", "gradient_norm", "val_loss"]
    f = model.value_and_gradient(loss, X, Y, **given)
    for epoch, vector in enumerate(spy.vectors):
        value, gradient = f(vector)
        assert history["loss"][epoch] == pytest.approx(value, rel=1e-12)
        assert history["gradient_norm"][epoch] == pytest.approx(np.abs(gradient).max(), abs=1e-12)
        model.parameters = vector
        held_out = model.evaluate(X[:10], Y[:10], loss=loss, penalty=L2(1e-3))["loss"]
        assert history["val_loss"][epoch] == pytest.approx(held_out, rel=1e-12)


@pytest.mark.parametrize("scaling", ["marquardt", "levenberg"])
@pytest.mark.parametrize("loss", [MSE(), Huber(0.3)], ids=repr)
@pytest.mark.parametrize("seed", range(3))
def test_the_loss_always_falls(scaling: str, loss: Loss, seed: int) -> None:
    model = curve(seed=seed)
    start = model.evaluate(CURVE, SINE, loss=loss)["loss"]
    history = model.fit(
        CURVE, SINE, loss=loss, optimizer=LevenbergMarquardt(1e-6, scaling), epochs=200
    )
    assert (np.diff([start, *history.history["loss"]]) < 0).all()


# Where it ends.


def test_it_says_that_the_goal_is_reached() -> None:
    model = curve()
    history = model.fit(CURVE, SINE, optimizer=LevenbergMarquardt(goal=0.02), epochs=100)
    assert history.stopped_because == "converged: the loss is no more than the goal"
    *before, last = history.history["loss"]
    assert last <= 0.02 < min(before)
    again = model.fit(CURVE, SINE, optimizer=LevenbergMarquardt(goal=0.02), epochs=100)
    assert (again.epoch, again.stopped_because) == ([], history.stopped_because)


def test_it_says_that_the_gradient_is_nothing() -> None:
    model = linear()
    optimizer = LevenbergMarquardt(gradient_tolerance=1e-6, loss_tolerance=0, step_tolerance=0)
    history = model.fit(X, Y, optimizer=optimizer, epochs=100)
    assert history.stopped_because == (
        "converged: the gradient is 0, to a cosine of 1e-06 between residuals and Jacobian"
    )
    assert 0 < len(history.epoch) < 100
    jacobian = model.jacobian(X).reshape(80, -1)
    r = (model.predict(X) - Y).ravel()
    cosines = (jacobian.T @ r) / np.linalg.norm(jacobian, axis=0) / np.linalg.norm(r)
    assert np.abs(cosines).max() <= 1e-6


def test_it_says_that_the_step_is_short() -> None:
    optimizer = LevenbergMarquardt(step_tolerance=1e-2, loss_tolerance=0, gradient_tolerance=0)
    history = curve().fit(CURVE, SINE, optimizer=optimizer, epochs=500)
    assert history.stopped_because == "converged: a step is no longer than 0.01 of all"


def test_it_says_that_the_loss_falls_no_more() -> None:
    optimizer = LevenbergMarquardt(loss_tolerance=1e-3, step_tolerance=0, gradient_tolerance=0)
    history = curve().fit(CURVE, SINE, optimizer=optimizer, epochs=500)
    words = "converged: a step lowers the loss by no more than 0.001 of it"
    assert history.stopped_because == words
    *_, before, last = history.history["loss"]
    assert before - last <= 1e-3 * before


@pytest.mark.parametrize("damping", [1e6, 1e12])
@pytest.mark.parametrize("scaling", ["levenberg", "marquardt"])
def test_steps_that_only_damping_keeps_short_are_no_end(scaling: str, damping: float) -> None:
    model, other = linear(), linear()
    history = model.fit(X, Y, optimizer=LevenbergMarquardt(damping, scaling), epochs=200)
    other.fit(X, Y, optimizer=LevenbergMarquardt(0), epochs=50)
    assert len(history.epoch) > 10
    assert history.stopped_because.startswith("converged")
    np.testing.assert_allclose(model.parameters, other.parameters, rtol=1e-6, atol=1e-7)


def test_a_valley_without_an_end_does_end() -> None:
    """Two layers without anything between them: one parameter too many, along a curve."""
    model = Sequential(Dense(1, 1, bias=False), Dense(1, 1, bias=False), seed=0)
    x = np.linspace(1, 2, 20).reshape(-1, 1)
    y = 3 * x + RNG.normal(0, 0.1, x.shape)
    history = model.fit(x, y, optimizer=LevenbergMarquardt(1e6), epochs=300)
    assert history.stopped_because.endswith("the Jacobian has rank 1 of 2")
    assert len(history.epoch) < 100


def test_a_weight_on_its_way_to_infinity_does_not_keep_it_busy() -> None:
    rng = np.random.default_rng(40)
    x, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 1))
    model = mlp(2, 2, 1, hidden=ELU, output=Identity, seed=40)
    history = model.fit(x, y, optimizer=LevenbergMarquardt(), epochs=5000)
    losses = np.array(history.history["loss"])
    assert (1 - losses[1:] / losses[:-1] < 5e-13).sum() < 10


def test_all_iterations_are_run_where_it_does_not_converge() -> None:
    history = small().fit(X, Y, optimizer=LevenbergMarquardt(), epochs=7)
    assert (history.epoch, history.stopped_because) == (list(range(7)), None)


def test_where_it_has_converged_before_it_begins_nothing_is_recorded() -> None:
    model = linear()
    model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=100)
    before = model.parameters.tobytes()
    history = model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=100)
    assert history.stopped_because.startswith("converged")
    assert (history.epoch, history.history) == ([], {})
    assert model.parameters.tobytes() == before


def test_with_tolerances_of_0_it_ends_at_rounding() -> None:
    optimizer = LevenbergMarquardt(0, loss_tolerance=0, step_tolerance=0, gradient_tolerance=0)
    history = linear().fit(X, Y, optimizer=optimizer, epochs=1000)
    assert history.stopped_because == "no step longer than 0 of all lowers the loss"
    assert len(history.epoch) < 20


def test_a_perfect_fit_ends() -> None:
    model, truth = small(), small()
    truth.parameters = model.parameters + RNG.normal(0, 0.1, model.parameters.size)
    history = model.fit(X, truth.predict(X), optimizer=LevenbergMarquardt(), epochs=500)
    assert history.stopped_because.startswith("converged")
    assert len(history.epoch) < 100
    assert history.history["loss"][-1] < 1e-20


@pytest.mark.parametrize("model", [Sequential(Identity()), Sequential(Dense(3, 3), seed=0)])
def test_a_model_without_anything_to_train_is_no_error(model: Sequential) -> None:
    model.layers[0].freeze() if model.parameters.size else None
    history = model.fit(X, X, optimizer=LevenbergMarquardt(), epochs=5)
    assert (history.epoch, history.stopped_because[:9]) == ([], "converged")


# Directions that the data leave open.


@pytest.mark.parametrize("scaling", ["marquardt", "levenberg"])
@pytest.mark.parametrize("damping", [0, 1e-3])
def test_columns_that_depend_on_each_other_train_all_the_same(scaling: str, damping: float) -> None:
    x = np.column_stack([X, X[:, 0] - X[:, 1]])
    model, optimizer = Sequential(Dense(4, 2), seed=0), LevenbergMarquardt(damping, scaling)
    history = model.fit(x, Y, optimizer=optimizer, epochs=200)
    assert optimizer.rank == 8
    assert history.stopped_because.endswith("; the Jacobian has rank 8 of 10")
    a = np.column_stack([X, np.ones(40)])
    best = a @ np.linalg.lstsq(a, Y, rcond=None)[0]
    np.testing.assert_allclose(model.predict(x), best, rtol=0, atol=1e-6)
    assert np.isfinite(history.history["damping"]).all()


def test_inputs_that_are_0_throughout_leave_their_weights_alone() -> None:
    x = X * [1, 0, 1]
    model, optimizer = linear(), LevenbergMarquardt(0)
    kept = model.layers[0].weight[1].copy()
    model.fit(x, Y, optimizer=optimizer, epochs=50)
    assert optimizer.rank == 6
    assert model.layers[0].weight[1].tolist() == kept.tolist()


def test_fewer_samples_than_parameters_train_to_nothing() -> None:
    model, optimizer = small(), LevenbergMarquardt()
    history = model.fit(X[:5], Y[:5], optimizer=optimizer, epochs=300)
    assert history.history["loss"][-1] < 1e-20
    assert optimizer.rank == 10


def test_the_rank_is_whole_where_nothing_is_open() -> None:
    optimizer = LevenbergMarquardt()
    assert optimizer.rank is None
    history = linear().fit(X, Y, optimizer=optimizer, epochs=50)
    assert optimizer.rank == 8
    assert "rank" not in history.stopped_because


# Other losses, dtypes, and last layers.


@pytest.mark.parametrize("seed", [0, 3])
def test_with_outliers_huber_reaches_the_minimum_that_lbfgs_does(seed: int) -> None:
    y = np.tanh(2 * CURVE - 1) + np.tanh(3 * CURVE + 3) / 2
    y += np.random.default_rng(0).normal(0, 0.1, CURVE.shape)
    y[::7] += 5
    ours = mlp(1, 2, 1, hidden=Tanh, output=Identity, seed=seed)
    history = ours.fit(CURVE, y, loss=Huber(0.2), optimizer=LevenbergMarquardt(), epochs=500)
    assert history.stopped_because.startswith("converged")
    theirs = ours.copy()
    theirs.parameters += np.random.default_rng(1).normal(0, 1e-2, theirs.parameters.size)
    optimizer = LBFGS(tolerance=0, gradient_tolerance=1e-10)
    found = theirs.fit(CURVE, y, loss=Huber(0.2), optimizer=optimizer, epochs=5000)
    assert history.history["loss"][-1] == pytest.approx(found.history["loss"][-1], rel=1e-9)
    np.testing.assert_allclose(ours.predict(CURVE), theirs.predict(CURVE), rtol=0, atol=1e-4)
    gradient = ours.value_and_gradient(Huber(0.2), CURVE, y)(ours.parameters)[1]
    assert np.abs(gradient).max() < 1e-6


def test_a_linear_huber_regression_is_the_fixed_point_of_reweighting() -> None:
    y = Y.copy()
    y[::5] += 10
    model = linear()
    model.fit(X, y, loss=Huber(0.5), optimizer=LevenbergMarquardt(), epochs=500)
    a = np.column_stack([X, np.ones(40)])
    for k in range(2):
        b = np.zeros(4)
        for _ in range(3000):
            root = np.sqrt(0.5 / np.maximum(np.abs(a @ b - y[:, k]), 0.5))
            b = np.linalg.lstsq(root[:, None] * a, root * y[:, k], rcond=None)[0]
        np.testing.assert_allclose(as_matrix(model)[:, k], b, rtol=0, atol=1e-5)


class Reweighted(Quartic):
    """¼·r⁴ as r²·r²: ℓ′(r)/r = r²."""

    def residual_weights(self, residual: Any, out: Any) -> None:
        np.square(residual, out)


def test_a_loss_of_ones_own_with_weights_takes_part() -> None:
    model, loss = linear(), Reweighted()
    history = model.fit(X, Y, loss=loss, optimizer=LevenbergMarquardt(), epochs=300)
    assert history.stopped_because.startswith("converged")
    gradient = model.value_and_gradient(loss, X, Y)(model.parameters)[1]
    assert np.abs(gradient).max() < 1e-5


def test_a_float32_model_gets_what_float64_finds() -> None:
    model, exact = small(dtype=np.float32), small()
    exact.parameters = model.parameters.astype(float)
    x, y = X.astype(np.float32), Y.astype(np.float32)
    history = model.fit(x, y, optimizer=LevenbergMarquardt(), epochs=10)
    same = exact.fit(x.astype(float), y.astype(float), optimizer=LevenbergMarquardt(), epochs=10)
    assert model.parameters.dtype == np.float32
    np.testing.assert_allclose(model.parameters, exact.parameters, rtol=1e-6, atol=1e-7)
    for name, values in same.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=1e-9)


def test_a_sigmoid_at_the_end_trains() -> None:
    truth = mlp(3, 2, 1, hidden=Tanh, output=Sigmoid, seed=5)
    model = mlp(3, 2, 1, hidden=Tanh, output=Sigmoid, seed=7)
    history = model.fit(X, truth.predict(X), optimizer=LevenbergMarquardt(), epochs=300)
    assert history.history["loss"][-1] < 1e-20


@pytest.mark.parametrize("scale", [1e3, 1e80, 1e155, 1e300])
@pytest.mark.parametrize("part", ["weights", "inputs", "targets", "all weights"])
@pytest.mark.parametrize("scaling", ["marquardt", "levenberg"])
def test_a_wild_start_neither_raises_nor_warns(scale: float, part: str, scaling: str) -> None:
    model, x, y = small(), X, Y
    if part == "weights":
        model.layers[2].weight[...] *= scale
    elif part == "inputs":
        x = X * scale
    elif part == "targets":
        y = Y * scale
    else:
        model.parameters *= scale
    before = model.parameters.copy()
    history = model.fit(x, y, optimizer=LevenbergMarquardt(scaling=scaling), epochs=20)
    assert np.isfinite(model.parameters).all()
    if history.diverged:
        assert model.parameters.tobytes() == before.tobytes()
    else:
        assert np.isfinite(history.history["loss"]).all()
        assert (np.diff(history.history["loss"]) < 0).all()


@pytest.mark.parametrize("damping", [0.0, 1e-12, 1e12, 1e300])
@pytest.mark.parametrize("scaling", ["marquardt", "levenberg"])
def test_no_damping_is_too_small_or_too_large(damping: float, scaling: str) -> None:
    history = curve().fit(CURVE, SINE, optimizer=LevenbergMarquardt(damping, scaling), epochs=100)
    assert not history.diverged
    losses = history.history.get("loss", [])
    assert (np.diff(losses) < 0).all()


# Frozen parameters, callbacks, and who may stop it.


def test_frozen_parameters_stay_bit_for_bit() -> None:
    model = small()
    model.layers[0].weight[0] = -0.0
    model.layers[0].freeze("weight")
    before = model.layers[0].weight.tobytes()
    rest = model.layers[0].bias.copy()
    history = model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=30, penalty=L2(1e-4))
    assert model.layers[0].weight.tobytes() == before
    assert (model.layers[0].bias != rest).all()
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_where_a_callback_moves_parameters_it_begins_anew_from_there() -> None:
    def move(spy: Spy) -> None:
        spy.model.parameters[:] = other.parameters

    other, model = small(seed=9), small()
    model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=6, callbacks=[Spy(2, move)])
    other.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=3)
    assert model.parameters.tobytes() == other.parameters.tobytes()


def test_where_a_callback_freezes_the_rest_goes_on() -> None:
    kept: list[bytes] = []

    def freeze(spy: Spy) -> None:
        spy.model.layers[0].freeze()
        kept.append(spy.model.layers[0].weight.tobytes())

    model, optimizer = small(), LevenbergMarquardt()
    history = model.fit(X, Y, optimizer=optimizer, epochs=8, callbacks=[Spy(2, freeze)])
    assert [model.layers[0].weight.tobytes()] == kept
    assert len(history.epoch) > 3
    assert (np.diff(history.history["loss"]) < 0).all()
    assert optimizer.rank == 12


def test_early_stopping_restores_the_best() -> None:
    spy, model = Spy(), small()
    stop = EarlyStopping("val_loss", patience=3)
    history = model.fit(
        X[:25], Y[:25], optimizer=LevenbergMarquardt(), epochs=200,
        validation_data=(X[25:], Y[25:]), callbacks=[spy, stop],
    )  # fmt: skip
    best = int(np.argmin(history.history["val_loss"]))
    assert best + 3 == len(history.epoch) - 1 < 199
    assert model.parameters.tobytes() == spy.vectors[best].tobytes()


def test_ctrl_c_ends_it_after_the_iteration() -> None:
    spy, model, whole = Spy(2, interrupt), small(), small()
    history = model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=50, callbacks=[spy])
    assert (history.epoch, history.stopped_because) == ([0, 1, 2], "interrupted after epoch 3")
    whole.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=3)
    assert model.parameters.tobytes() == whole.parameters.tobytes()


def test_one_object_serves_several_models_and_calls() -> None:
    optimizer, first, second, again = LevenbergMarquardt(), small(), curve(), small()
    first.fit(X, Y, optimizer=optimizer, epochs=3)
    second.fit(CURVE, SINE, optimizer=optimizer, epochs=3)
    again.fit(X, Y, optimizer=optimizer, epochs=3)
    assert again.parameters.tobytes() == first.parameters.tobytes()


# Checkpoints.


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("scaling", ["marquardt", "levenberg"])
@pytest.mark.parametrize("at", [0, 3, 7])
@pytest.mark.parametrize("frozen", [False, True])
def test_it_goes_on_from_a_checkpoint_with_the_same_bits(
    dtype: Any, scaling: str, at: int, frozen: bool, tmp_path: Path
) -> None:
    def fit(*, stopping: bool, **more: Any) -> tuple[Sequential, Any]:
        model = small(dtype=dtype)
        if frozen:
            model.layers[0].freeze("weight")
        callback = Spy(at, interrupt if stopping else lambda spy: None)
        return model, model.fit(
            X, Y, optimizer=LevenbergMarquardt(1e-5, scaling), epochs=15, callbacks=[callback],
            sample_weight=WEIGHTS, penalty=L2(1e-4), **more,
        )  # fmt: skip

    whole, undisturbed = fit(stopping=False)
    _, first = fit(stopping=True, checkpoint=tmp_path / "run.npz")
    assert first.epoch == list(range(at + 1))
    model, second = fit(stopping=False, checkpoint=tmp_path / "run.npz")
    assert second.history == undisturbed.history
    assert second.stopped_because == undisturbed.stopped_because
    assert model.parameters.tobytes() == whole.parameters.tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_it_goes_on_where_it_is_interrupted_again_and_again(dtype: Any, tmp_path: Path) -> None:
    class Often(Spy):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            interrupt(self)

    whole, model = curve(dtype=dtype), curve(dtype=dtype)
    undisturbed = whole.fit(CURVE, SINE, optimizer=LevenbergMarquardt(), epochs=10)
    for _ in range(10):
        model = curve(dtype=dtype)
        history = model.fit(
            CURVE, SINE, optimizer=LevenbergMarquardt(), epochs=10, callbacks=[Often()],
            checkpoint=tmp_path / "run.npz",
        )  # fmt: skip
    assert history.history == undisturbed.history
    assert model.parameters.tobytes() == whole.parameters.tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("what", ["moves", "freezes"])
def test_it_goes_on_where_a_callback_acted_in_the_iteration_that_was_interrupted(
    dtype: Any, what: str, tmp_path: Path
) -> None:
    def act(spy: Spy) -> None:
        if what == "moves":
            spy.model.parameters *= 0.5
        else:
            spy.model.layers[0].freeze()

    def both(spy: Spy) -> None:
        act(spy)
        interrupt(spy)

    def fit(action: Any, **more: Any) -> tuple[Sequential, Any]:
        model = small(dtype=dtype)
        return model, model.fit(
            X, Y, optimizer=LevenbergMarquardt(), epochs=10, callbacks=[Spy(3, action)], **more
        )

    whole, undisturbed = fit(act)
    _, first = fit(both, checkpoint=tmp_path / "run.npz")
    assert first.epoch == [0, 1, 2, 3]
    model, second = fit(both, checkpoint=tmp_path / "run.npz")
    assert second.history == undisturbed.history
    assert model.parameters.tobytes() == whole.parameters.tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("option", ["loss_tolerance", "step_tolerance", "goal"])
def test_interrupted_in_the_iteration_that_converges_it_does_no_more(
    dtype: Any, option: str, tmp_path: Path
) -> None:
    tolerances = {"loss_tolerance": 0.0, "step_tolerance": 0.0, option: 0.02}

    def fit(at: int, action: Any, **more: Any) -> tuple[bytes, Any, str]:
        model = curve(dtype=dtype)
        history = model.fit(
            CURVE, SINE, optimizer=LevenbergMarquardt(**tolerances), epochs=300,
            callbacks=[Spy(at, action)], **more,
        )  # fmt: skip
        return model.parameters.tobytes(), history.history, history.stopped_because

    whole = fit(-1, None)
    last = len(whole[1]["loss"]) - 1
    assert 0 < last < 299
    fit(last, interrupt, checkpoint=tmp_path / "run.npz")
    assert fit(last, interrupt, checkpoint=tmp_path / "run.npz") == whole


def test_after_a_crash_it_goes_on_from_the_last_iteration_that_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(spy: Spy) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(checkpoint_module, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint_module, "SHARE", 1e9)
    options: dict[str, Any] = {"optimizer": LevenbergMarquardt(), "epochs": 12}
    whole, model, again = small(), small(), small()
    undisturbed = whole.fit(X, Y, **options)
    with pytest.raises(ZeroDivisionError):
        model.fit(X, Y, callbacks=[Spy(6, crash)], checkpoint=tmp_path / "run.npz", **options)
    spy = Spy(-1)
    history = again.fit(X, Y, callbacks=[spy], checkpoint=tmp_path / "run.npz", **options)
    assert len(spy.vectors) == 6
    assert history.history == undisturbed.history
    assert again.parameters.tobytes() == whole.parameters.tobytes()


def test_a_finished_one_gives_its_history(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "optimizer": LevenbergMarquardt(), "epochs": 100, "checkpoint": tmp_path / "run.npz",
    }  # fmt: skip
    model, again = linear(), linear()
    first = model.fit(X, Y, **options)
    second = again.fit(X, Y, **options)
    assert (second.history, second.stopped_because) == (first.history, first.stopped_because)
    assert again.parameters.tobytes() == model.parameters.tobytes()


@pytest.mark.parametrize("kind", [LevenbergMarquardt, BayesianRegularization])
@pytest.mark.parametrize("epochs", [3, 300])
def test_what_a_finished_checkpoint_remembers_is_not_the_next_fits(
    kind: Any, epochs: int, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"epochs": epochs, "checkpoint": tmp_path / "run.npz"}
    curve().fit(CURVE, SINE, optimizer=kind(goal=0.02), **options)
    optimizer = kind(goal=0.02)
    for twin in (curve(), small()):
        expected = twin.copy()
        curve().fit(CURVE, SINE, optimizer=optimizer, **options)  # finished: nothing is done
        data = (CURVE, SINE) if twin.input_width == 1 else (X, Y)
        expected.fit(*data, optimizer=kind(goal=0.02), epochs=4)
        twin.fit(*data, optimizer=optimizer, epochs=4)
        assert twin.parameters.tobytes() == expected.parameters.tobytes()


def test_another_solver_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    small().fit(X, Y, optimizer=LevenbergMarquardt(), epochs=2, checkpoint=path)
    for other in (LevenbergMarquardt(0.5), LBFGS()):
        with pytest.raises(ValueError, match=r"optimizer was LevenbergMarquardt"):
            small().fit(X, Y, optimizer=other, epochs=2, checkpoint=path)


# What it refuses, and the piece.


class OwnGradient(MSE):
    def gradient(
        self, prediction: Any, target: Any, sample_weight: Any = None, out: Any = None
    ) -> Any:
        return -super().gradient(prediction, target, sample_weight)


class OwnValue(MSE):
    def value(self, prediction: Any, target: Any, sample_weight: Any = None) -> Any:
        return 2 * super().value(prediction, target, sample_weight)


class OwnElements(Huber):
    def elements(self, prediction: Any, target: Any, values: Any, slopes: Any) -> None:
        super().elements(prediction, target, values, slopes)
        values *= 2
        slopes *= 2


@pytest.mark.parametrize(
    "loss", [MAE(), Quantile(0.3), Quartic(), OwnGradient(), OwnValue(), OwnElements()], ids=repr
)
def test_a_loss_that_is_no_sum_of_squares_is_refused(loss: Loss) -> None:
    model = small()
    before = model.parameters.tobytes()
    with pytest.raises(ValueError, match=r"LevenbergMarquardt needs a loss.*Huber.*MSE.*got"):
        model.fit(X, Y, loss=loss, optimizer=LevenbergMarquardt())
    assert model.parameters.tobytes() == before


def test_a_cross_entropy_is_refused() -> None:
    model = mlp(3, 5, 2, hidden=Tanh, output=Softmax, seed=0)
    before = model.parameters.tobytes()
    with pytest.raises(ValueError, match=r"Huber.*MSE.*got CategoricalCrossEntropy"):
        model.fit(
            X, (X[:, 0] > 0).astype(int), loss=CategoricalCrossEntropy(),
            optimizer=LevenbergMarquardt(),
        )  # fmt: skip
    assert model.parameters.tobytes() == before


@pytest.mark.parametrize("penalty", [L1(0.1), ElasticNet(0.1, 0.1)], ids=repr)
def test_another_penalty_is_refused(penalty: Any) -> None:
    model = small()
    before = model.parameters.tobytes()
    with pytest.raises(ValueError, match="needs a penalty that is a sum of squares, L2; got"):
        model.fit(X, Y, optimizer=LevenbergMarquardt(), penalty=penalty)
    assert model.parameters.tobytes() == before


@pytest.mark.parametrize("batch_size", [1, 32, 39])
def test_a_batch_that_is_not_all_rows_is_refused(batch_size: int) -> None:
    model = small()
    before = model.parameters.tobytes()
    with pytest.raises(ValueError, match="all 40 rows at once"):
        model.fit(X, Y, optimizer=LevenbergMarquardt(), batch_size=batch_size)
    assert model.parameters.tobytes() == before


@pytest.mark.parametrize("batch_size", [40, 41, 1000])
def test_a_batch_of_all_rows_changes_nothing(batch_size: int) -> None:
    model, plain = small(), small()
    model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=3, batch_size=batch_size, seed=7)
    plain.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=3)
    assert model.parameters.tobytes() == plain.parameters.tobytes()


def test_rows_set_aside_for_validation_do_not_count() -> None:
    options = {"optimizer": LevenbergMarquardt(), "epochs": 2, "validation_split": 0.25}
    history = small().fit(X, Y, batch_size=30, **options)
    assert len(history.history["val_loss"]) == 2
    with pytest.raises(ValueError, match="all 30 rows at once"):
        small().fit(X, Y, batch_size=29, **options)


def test_a_network_that_memory_has_no_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minimlp.derivatives.memory.memory", lambda: 10_000)
    model = small()  # of 32 parameters
    before = model.parameters.tobytes()
    with pytest.raises(
        ValueError, match=r"for the 32 parameters that train: .* bytes.* 10,000; LBFGS\(\) or"
    ):
        model.fit(X, Y, optimizer=LevenbergMarquardt())
    assert model.parameters.tobytes() == before
    model.layers[0].freeze()
    model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=1)


def test_scipy_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "scipy"] + ["scipy"]:
        monkeypatch.setitem(sys.modules, name, None)
    small().fit(X, Y, optimizer=LevenbergMarquardt(), epochs=2)


def test_its_arguments_are_shown_and_described() -> None:
    assert repr(LevenbergMarquardt()) == "LevenbergMarquardt()"
    shown = repr(LevenbergMarquardt(0, "marquardt", goal=1e-3))
    assert shown == "LevenbergMarquardt(damping=0.0, scaling='marquardt', goal=0.001)"
    assert registered(Solver)["LevenbergMarquardt"] is LevenbergMarquardt
    assert describe(LevenbergMarquardt(2.0))["arguments"]["damping"] == 2.0


@pytest.mark.parametrize(
    "option", ["damping", "goal", "loss_tolerance", "step_tolerance", "gradient_tolerance"]
)
@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-1e-3, ValueError),
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        ("small", TypeError),
        (None, TypeError),
        (True, TypeError),
    ],
)
def test_an_option_outside_its_range_is_named(option: str, value: Any, error: Any) -> None:
    with pytest.raises(error, match=f"{option} must be"):
        LevenbergMarquardt(**{option: value})


@pytest.mark.parametrize("scaling", ["Marquardt", "", None, 1, ["marquardt"], np.ones(2)], ids=repr)
def test_another_scaling_is_refused(scaling: Any) -> None:
    with pytest.raises(
        (TypeError, ValueError), match="scaling must be one of levenberg, marquardt"
    ):
        LevenbergMarquardt(scaling=scaling)
