"""`LBFGS` against SciPy called by hand, against closed forms, and where it ends."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from minimlp import (
    L2,
    LBFGS,
    MSE,
    Callback,
    Dense,
    Identity,
    LearningRateScheduler,
    ReduceLROnPlateau,
    Sequential,
    Sigmoid,
    Tanh,
    mlp,
)
from minimlp.registry import describe, registered
from minimlp.solvers import Solver

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(40, 3)), RNG.normal(size=(40, 2))
WEIGHTS = RNG.uniform(0.1, 3, size=40)


def small(**given: Any) -> Sequential:
    return mlp(3, 5, 2, hidden=Tanh, output=Identity, **{"seed": 0, **given})


class Path(Callback):
    """Keeps the parameters after each epoch."""

    def __init__(self) -> None:
        self.vectors: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.vectors.append(self.model.parameters.copy())


def by_hand(f: Any, start: Any, epochs: int, **options: Any) -> tuple[list[Any], Any]:
    vectors: list[Any] = []
    given = {"maxcor": 10, "maxls": 20, "ftol": 1e-12, "gtol": 1e-8, "maxiter": epochs}
    found = minimize(
        f, start, jac=True, method="L-BFGS-B",
        callback=lambda vector: vectors.append(np.array(vector)), options={**given, **options},
    )  # fmt: skip
    return vectors, found


@pytest.mark.parametrize(
    ("ours", "scipys"),
    [
        ({}, {}),
        ({"memory": 2}, {"maxcor": 2}),
        ({"max_line_search": 1}, {"maxls": 1}),
        ({"tolerance": 1e-2}, {"ftol": 1e-2}),
        ({"gradient_tolerance": 0.02}, {"gtol": 0.02}),
    ],
)
def test_it_goes_scipys_way(ours: dict[str, Any], scipys: dict[str, Any]) -> None:
    model, path = small(), Path()
    f = model.value_and_gradient(MSE(), X, Y, sample_weight=WEIGHTS, penalty=L2(1e-3))
    vectors, _ = by_hand(f, model.parameters.copy(), 25, **scipys)
    history = model.fit(
        X, Y, optimizer=LBFGS(**ours), epochs=25, sample_weight=WEIGHTS, penalty=L2(1e-3),
        callbacks=[path],
    )  # fmt: skip
    assert len(path.vectors) == len(vectors) == len(history.epoch) > 2
    np.testing.assert_allclose(path.vectors, vectors, rtol=0, atol=1e-6)
    losses = [f(vector)[0] for vector in path.vectors]
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-12)


def test_the_options_lead_to_different_ways() -> None:
    """Else the test above would not see one that is left out."""
    model = small()
    f = model.value_and_gradient(MSE(), X, Y, sample_weight=WEIGHTS, penalty=L2(1e-3))
    start = model.parameters.copy()
    plain, _ = by_hand(f, start, 25)
    for options in ({"maxcor": 2}, {"maxls": 1}, {"ftol": 1e-2}, {"gtol": 0.02}):
        other, _ = by_hand(f, start, 25, **options)
        assert len(other) != len(plain) or np.abs(other[-1] - plain[-1]).max() > 1e-3, options


def least_squares(weights: Any, strength: float) -> Any:
    """Solve (AᵀWA/n + 2λR)·θ = AᵀWY/n, where R leaves the bias alone."""
    a = np.column_stack([X, np.ones(len(X))])
    w = (weights / weights.mean())[:, None]
    ridge = 2 * strength * np.diag([1.0, 1.0, 1.0, 0.0])
    return np.linalg.solve(a.T @ (w * a) / len(X) + ridge, a.T @ (w * Y) / len(X))


@pytest.mark.parametrize("weights", [np.ones(40), WEIGHTS])
@pytest.mark.parametrize("strength", [0.0, 0.1])
def test_linear_regression_reaches_the_normal_equations(weights: Any, strength: float) -> None:
    model = Sequential(Dense(3, 2), seed=0)
    history = model.fit(
        X, Y, optimizer=LBFGS(tolerance=0, gradient_tolerance=1e-10), epochs=200,
        sample_weight=weights, penalty=L2(strength),
    )  # fmt: skip
    solution = least_squares(weights, strength)
    found = np.vstack([model.layers[0].weight, model.layers[0].bias])
    np.testing.assert_allclose(found, solution, rtol=0, atol=1e-8)
    assert len(history.epoch) < 50
    assert history.stopped_because.startswith("converged")


def test_it_goes_on_where_scipys_own_tolerance_ends() -> None:
    x = np.linspace(-1, 1, 50).reshape(-1, 1)
    losses = []
    for optimizer in (LBFGS(tolerance=2.22e-9), LBFGS()):
        model = mlp(1, 8, 1, hidden=Tanh, output=Identity, seed=2)
        history = model.fit(x, np.sin(3 * x), optimizer=optimizer, epochs=1000)
        losses.append(history.history["loss"][-1])
    assert losses[1] < losses[0] / 4


# Where it ends.


def test_it_says_that_the_gradient_is_small() -> None:
    model = Sequential(Dense(3, 2), seed=0)
    history = model.fit(X, Y, optimizer=LBFGS(tolerance=0, gradient_tolerance=0.01), epochs=100)
    assert history.stopped_because == "converged: no entry of the gradient is above 0.01"
    assert 0 < len(history.epoch) < 100
    assert np.abs(model.value_and_gradient(MSE(), X, Y)(model.parameters)[1]).max() <= 0.01


def test_it_says_that_the_loss_falls_no_more() -> None:
    history = small().fit(X, Y, optimizer=LBFGS(tolerance=0.01), epochs=100)
    words = "converged: an iteration lowers the loss by no more than 0.01"
    assert history.stopped_because == words
    *_, before, last = history.history["loss"]
    assert before - last <= 0.01


def test_where_it_has_converged_before_it_begins_nothing_is_recorded() -> None:
    model = Sequential(Dense(3, 2), seed=0)
    optimizer = LBFGS(gradient_tolerance=1e-6, tolerance=0)
    model.fit(X, Y, optimizer=optimizer, epochs=100)
    before = model.parameters.tobytes()
    history = model.fit(X, Y, optimizer=optimizer, epochs=100)
    assert history.stopped_because == "converged: no entry of the gradient is above 1e-06"
    assert (history.epoch, history.history) == ([], {})
    assert model.parameters.tobytes() == before


class Uphill(MSE):
    """Its gradient points the wrong way."""

    def gradient(
        self, prediction: Any, target: Any, sample_weight: Any = None, out: Any = None
    ) -> Any:
        return -super().gradient(prediction, target, sample_weight)


def test_where_no_step_is_downhill_it_says_so_and_the_model_stays() -> None:
    model = small()
    before = model.parameters.tobytes()
    history = model.fit(X, Y, loss=Uphill(), optimizer=LBFGS(), epochs=10)
    words = "converged as far as it can: the line search finds no lower loss"
    assert history.stopped_because == words
    assert (history.epoch, history.diverged) == ([], False)
    assert model.parameters.tobytes() == before


def test_all_iterations_are_run_where_it_does_not_converge() -> None:
    history = small().fit(X, Y, optimizer=LBFGS(), epochs=7)
    assert (history.epoch, history.stopped_because) == (list(range(7)), None)


@pytest.mark.parametrize("model", [Sequential(Identity()), Sequential(Dense(3, 3), seed=0)])
def test_a_model_without_anything_to_train_is_no_error(model: Sequential) -> None:
    model.layers[0].freeze() if model.parameters.size else None
    history = model.fit(X, X, optimizer=LBFGS(), epochs=5)
    assert (history.epoch, history.stopped_because[:9]) == ([], "converged")


# The piece.


def test_its_arguments_are_shown_and_described() -> None:
    assert repr(LBFGS()) == "LBFGS()"
    assert repr(LBFGS(memory=5, tolerance=0)) == "LBFGS(memory=5, tolerance=0.0)"
    assert registered(Solver)["LBFGS"] is LBFGS
    assert describe(LBFGS(max_line_search=3))["arguments"]["max_line_search"] == 3


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("memory", 0, ValueError),
        ("memory", 2.5, TypeError),
        ("max_line_search", 0, ValueError),
        ("max_line_search", True, TypeError),
        ("tolerance", -1e-3, ValueError),
        ("tolerance", float("nan"), ValueError),
        ("gradient_tolerance", -1, ValueError),
        ("gradient_tolerance", "small", TypeError),
    ],
)
def test_an_option_outside_its_range_is_named(option: str, value: Any, error: Any) -> None:
    with pytest.raises(error, match=f"{option} must be"):
        LBFGS(**{option: value})


@pytest.mark.parametrize(
    "callback",
    [ReduceLROnPlateau("loss"), LearningRateScheduler(lambda epoch, rate: rate)],
)
def test_it_has_no_learning_rate_to_set(callback: Callback) -> None:
    model = small()
    before = model.parameters.tobytes()
    with pytest.raises(TypeError, match="sets the learning rate, and LBFGS has none"):
        model.fit(X, Y, optimizer=LBFGS(), callbacks=[callback])
    assert model.parameters.tobytes() == before


def test_without_scipy_it_asks_for_it_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    model, path, optimizer = small(), Path(), LBFGS()
    before = model.parameters.tobytes()
    with pytest.raises(ImportError, match=r'LBFGS needs SciPy: pip install "minimlp\[scipy\]"'):
        model.fit(X, Y, optimizer=optimizer, callbacks=[path])
    assert (path.model, model.parameters.tobytes()) == (None, before)


def test_scipy_is_not_imported_before_it_is_used() -> None:
    program = "import sys, minimlp; minimlp.LBFGS(); print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_one_object_serves_several_models_and_calls() -> None:
    optimizer, first, second = LBFGS(), small(), small(seed=1)
    first.fit(X, Y, optimizer=optimizer, epochs=3)
    second.fit(X, Y, optimizer=optimizer, epochs=3)
    again = small()
    again.fit(X, Y, optimizer=optimizer, epochs=3)
    assert again.parameters.tobytes() == first.parameters.tobytes()


def test_natural_pairs_and_classes_train() -> None:
    labels = (X[:, 0] + X[:, 1] > 0).astype(int)
    model = mlp(3, 6, 1, hidden=Tanh, output=Sigmoid, seed=0)
    history = model.fit(X, labels, optimizer=LBFGS(), epochs=100, metrics="accuracy")
    assert history.history["accuracy"][-1] == 1.0
