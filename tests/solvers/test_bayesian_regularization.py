"""`BayesianRegularization` against MacKay's formulas of linear regression, and on noisy data."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from solvers.spying import Spy, interrupt

from minimlp import (
    L2,
    MAE,
    MSE,
    BayesianRegularization,
    Dense,
    Huber,
    Identity,
    LevenbergMarquardt,
    Normal,
    Sequential,
    Tanh,
    mlp,
)
from minimlp.losses import Loss
from minimlp.registry import registered
from minimlp.solvers import Solver

RNG = np.random.default_rng(8)
X = RNG.normal(size=(30, 4))
Y = X @ [[1.0], [-0.5], [0.1], [0.0]] + 0.3 + RNG.normal(0, 0.5, (30, 1))
PAIR = np.hstack([Y, RNG.normal(size=(30, 1))])
FIGURES = ["loss", "damping", "gradient_norm", "alpha", "beta", "effective_parameters"]
WEIGHTS = RNG.uniform(0.2, 2, 30)


def design(x: Any) -> Any:
    return np.column_stack([x, np.ones(len(x))])


def linear(outputs: int = 1, **given: Any) -> Sequential:
    return Sequential(Dense(4, outputs), seed=0, **given)


def curve(width: int = 6, **given: Any) -> Sequential:
    return mlp(1, width, 1, hidden=Tanh, output=Identity, **{"seed": 0, **given})


def noisy(rows: int = 80) -> tuple[Any, Any]:
    x = np.linspace(-1, 1, rows).reshape(-1, 1)
    return x, np.sin(3 * x) + np.random.default_rng(1).normal(0, 0.2, x.shape)


# Linear regression.


def mackay(a: Any, y: Any) -> tuple[Any, float, float, float]:
    """Iterate MacKay's formulas to their fixed point: weights (n, k), α, β and γ."""
    eigenvalues = np.tile(np.linalg.eigvalsh(a.T @ a), y.shape[1])
    alpha = beta = 1.0
    for _ in range(10_000):
        w = np.linalg.solve(a.T @ a + alpha / beta * np.eye(a.shape[1]), a.T @ y)
        gamma = (beta * eigenvalues / (beta * eigenvalues + alpha)).sum()
        alpha = gamma / (w**2).sum()
        beta = (y.size - gamma) / ((a @ w - y) ** 2).sum()
    return w, alpha, beta, gamma


@pytest.mark.parametrize("y", [Y, PAIR], ids=["one output", "two outputs"])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_a_linear_model_reaches_mackays_fixed_point(y: Any, weights: Any) -> None:
    model, optimizer = linear(y.shape[1]), BayesianRegularization()
    history = model.fit(X, y, optimizer=optimizer, epochs=300, sample_weight=weights)
    assert history.stopped_because.startswith("converged")
    root = np.ones((30, 1)) if weights is None else np.sqrt(weights / weights.mean())[:, None]
    w, alpha, beta, gamma = mackay(root * design(X), root * y)
    found = np.vstack([model.layers[0].weight, model.layers[0].bias])
    np.testing.assert_allclose(found, w, rtol=0, atol=1e-3)
    last = {name: values[-1] for name, values in history.history.items()}
    assert last["alpha"] == optimizer.alpha == pytest.approx(alpha, rel=2e-3)
    assert last["beta"] == optimizer.beta == pytest.approx(beta, rel=2e-3)
    assert last["effective_parameters"] == pytest.approx(gamma, rel=2e-3)


@pytest.mark.parametrize("y", [Y, PAIR], ids=["one output", "two outputs"])
def test_the_evidence_is_the_density_of_the_targets(y: Any) -> None:
    """Targets are normal with the covariance I/β + ΦΦᵀ/α, output by output."""
    history = linear(y.shape[1]).fit(X, y, optimizer=BayesianRegularization(), epochs=300).history
    phi = design(X)
    alpha, beta = history["alpha"][-1], history["beta"][-1]
    covariance = np.eye(30) / beta + phi @ phi.T / alpha
    expected = sum(multivariate_normal(np.zeros(30), covariance).logpdf(column) for column in y.T)
    assert history["log_evidence"][-1] == pytest.approx(expected, abs=1e-3)


def test_a_frozen_bias_takes_no_part() -> None:
    model = linear()
    model.layers[0].bias[...] = 0.25
    model.layers[0].freeze("bias")
    history = model.fit(X, Y, optimizer=BayesianRegularization(), epochs=300)
    w, alpha, _, gamma = mackay(X, Y - 0.25)
    np.testing.assert_allclose(model.layers[0].weight, w, rtol=0, atol=1e-3)
    assert history.history["alpha"][-1] == pytest.approx(alpha, rel=2e-3)
    assert history.history["effective_parameters"][-1] == pytest.approx(gamma, rel=2e-3)
    assert model.layers[0].bias.tolist() == [0.25]


# Networks.


def test_the_figures_are_those_of_the_model_after_the_iteration() -> None:
    """γ of the α and β before, from which those after come; the loss is the plain one."""
    x, y = noisy()
    model, spy = curve(), Spy()
    history = model.fit(
        x, y, optimizer=BayesianRegularization(), epochs=12, callbacks=[spy],
        validation_data=(x[:9], y[:9]),
    ).history  # fmt: skip
    assert list(history) == [*FIGURES, "log_evidence", "val_loss"]
    for epoch, vector in enumerate(spy.vectors):
        model.parameters = vector
        squares, weights = ((model.predict(x) - y) ** 2).sum(), (vector**2).sum()
        jacobian = model.jacobian(x)[:, 0]
        hessian = jacobian.T @ jacobian
        alpha, beta = history["alpha"][epoch], history["beta"][epoch]
        gamma = history["effective_parameters"][epoch]
        assert history["loss"][epoch] == pytest.approx(squares / 160, rel=1e-12)
        assert history["val_loss"][epoch] == pytest.approx(
            model.evaluate(x[:9], y[:9])["loss"], rel=1e-12
        )
        before = history["alpha"][epoch - 1] if epoch else alpha / 5
        assert alpha == pytest.approx(min(gamma / weights, 5 * before), rel=1e-10)
        assert beta == pytest.approx((80 - gamma) / squares, rel=1e-10)
        if epoch:
            ridge = history["alpha"][epoch - 1] / history["beta"][epoch - 1]
            eigenvalues = np.maximum(np.linalg.eigvalsh(hessian), 0)
            assert gamma == pytest.approx((eigenvalues / (eigenvalues + ridge)).sum(), rel=1e-6)
        precision = beta * hessian + alpha * np.eye(19)
        evidence = (
            -(beta * squares + alpha * weights) / 2
            - np.linalg.slogdet(precision)[1] / 2
            + 19 / 2 * np.log(alpha)
            + 80 / 2 * np.log(beta / (2 * np.pi))
        )
        assert history["log_evidence"][epoch] == pytest.approx(evidence, rel=1e-6)
        gradient = (jacobian.T @ (model.predict(x) - y)[:, 0]) / 80 + alpha / beta / 80 * vector
        assert history["gradient_norm"][epoch] == pytest.approx(np.abs(gradient).max(), abs=1e-10)


def test_error_bars_agree_with_it() -> None:
    """Their own estimate of α, β and γ is that which training has settled at."""
    x, y = noisy()
    model, optimizer = curve(), BayesianRegularization()
    history = model.fit(x, y, optimizer=optimizer, epochs=500)
    posterior = model.laplace(MSE(), x, y)
    assert posterior.prior_precision == pytest.approx(optimizer.alpha, rel=1e-2)
    assert posterior.noise == pytest.approx(optimizer.beta**-0.5, rel=1e-3)
    gamma = history.history["effective_parameters"][-1]
    assert posterior.effective_parameters == pytest.approx(gamma, rel=1e-2)


def test_neurons_beyond_need_are_not_used() -> None:
    x, y = noisy()
    counts = []
    for width in (10, 20, 40):
        history = curve(width).fit(x, y, optimizer=BayesianRegularization(), epochs=150)
        counts.append(history.history["effective_parameters"][-1])
        assert np.ptp(history.history["effective_parameters"][-10:]) < 0.05 * counts[-1]
        assert counts[-1] < 3 * width + 1
    assert max(counts) <= 1.1 * min(counts)
    assert 3 < min(counts) < 15


def test_it_predicts_new_data_better_than_without_a_penalty() -> None:
    x, y = noisy(40)
    new = np.linspace(-1, 1, 500).reshape(-1, 1)
    errors = []
    for optimizer in (LevenbergMarquardt(), BayesianRegularization()):
        model = curve(20)
        model.fit(x, y, optimizer=optimizer, epochs=300)
        errors.append(np.sqrt(((model.predict(new) - np.sin(3 * new)) ** 2).mean()))
    assert errors[1] < 0.8 * errors[0]
    assert errors[1] < 0.1


def test_the_noise_is_found() -> None:
    x, y = noisy(400)
    optimizer = BayesianRegularization()
    curve().fit(x, y, optimizer=optimizer, epochs=200)
    assert optimizer.beta**-0.5 == pytest.approx(0.2, rel=0.1)


def test_where_nothing_is_to_be_learnt_weights_go_to_0() -> None:
    x = np.linspace(-1, 1, 200).reshape(-1, 1)
    y = np.random.default_rng(0).normal(size=(200, 1))
    model = curve(10)
    history = model.fit(x, y, optimizer=BayesianRegularization(), epochs=300)
    assert not history.diverged
    assert history.history["effective_parameters"][-1] < 4
    for values in history.history.values():
        assert np.isfinite(values).all()


@pytest.mark.parametrize("constant", [0.0, 3.0])
def test_constant_targets_are_no_error(constant: float) -> None:
    x = np.linspace(-1, 1, 50).reshape(-1, 1)
    model = curve()
    history = model.fit(x, np.full_like(x, constant), optimizer=BayesianRegularization(), epochs=50)
    assert np.isfinite(model.parameters).all()
    for values in history.history.values():
        assert np.isfinite(values).all()


def test_targets_without_noise_are_no_error() -> None:
    x = np.linspace(-1, 1, 50).reshape(-1, 1)
    model = curve()
    history = model.fit(
        x, curve(2, seed=3).predict(x), optimizer=BayesianRegularization(), epochs=200
    )
    assert history.history["loss"][-1] < 1e-7
    for values in history.history.values():
        assert np.isfinite(values).all()


def test_fewer_samples_than_parameters_are_no_error() -> None:
    x, y = noisy(8)
    history = curve(20).fit(x, y, optimizer=BayesianRegularization(), epochs=200)
    assert history.history["effective_parameters"][-1] < 8
    for values in history.history.values():
        assert np.isfinite(values).all()


def test_weights_that_begin_at_0_are_no_error() -> None:
    x, y = noisy()
    model = curve()
    model.parameters = np.zeros(19)
    history = model.fit(x, y, optimizer=BayesianRegularization(), epochs=20)
    assert np.isfinite(model.parameters).all()
    for values in history.history.values():
        assert np.isfinite(values).all()


@pytest.mark.parametrize("scale", [1e100, 1e160, 1e300])
@pytest.mark.parametrize("part", ["weights", "inputs", "targets"])
def test_a_wild_start_neither_raises_nor_warns(scale: float, part: str) -> None:
    model, x, y = linear(), X, Y
    if part == "weights":
        model.parameters *= scale
    elif part == "inputs":
        x = X * scale
    else:
        y = Y * scale
    history = model.fit(x, y, optimizer=BayesianRegularization(), epochs=20)
    assert np.isfinite(model.parameters).all()
    if not history.diverged:
        assert np.isfinite(history.history.get("loss", [0.0])).all()


# Where it ends, and where it goes on.


def test_the_goal_is_of_the_plain_loss() -> None:
    x, y = noisy()
    history = curve().fit(x, y, optimizer=BayesianRegularization(goal=0.03), epochs=100)
    assert history.stopped_because == "converged: the loss is no more than the goal"
    *before, last = history.history["loss"]
    assert last <= 0.03 < min(before)


def test_it_converges_where_the_evidence_has_settled() -> None:
    x, y = noisy()
    history = curve(3).fit(x, y, optimizer=BayesianRegularization(), epochs=1000)
    assert history.stopped_because.startswith("converged")
    ratio = np.array(history.history["alpha"]) / history.history["beta"]
    assert abs(ratio[-1] / ratio[-2] - 1) < 2e-3


def test_a_second_call_begins_anew() -> None:
    x, y = noisy()
    optimizer, first, again = BayesianRegularization(), curve(), curve()
    first.fit(x, y, optimizer=optimizer, epochs=5)
    curve(3).fit(x, y, optimizer=optimizer, epochs=5)
    again.fit(x, y, optimizer=optimizer, epochs=5)
    assert again.parameters.tobytes() == first.parameters.tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("at", [0, 4, 17])
def test_it_goes_on_from_a_checkpoint_with_the_same_bits(
    dtype: Any, at: int, tmp_path: Path
) -> None:
    def fit(*, stopping: bool, **more: Any) -> tuple[Any, ...]:
        model, optimizer = curve(dtype=dtype), BayesianRegularization()
        history = model.fit(
            *noisy(), optimizer=optimizer, epochs=30,
            callbacks=[Spy(at, interrupt if stopping else lambda spy: None)], **more,
        )  # fmt: skip
        return model.parameters.tobytes(), history.history, optimizer.alpha, optimizer.beta

    whole = fit(stopping=False)
    stopped = fit(stopping=True, checkpoint=tmp_path / "run.npz")
    assert len(stopped[1]["loss"]) == at + 1
    assert fit(stopping=False, checkpoint=tmp_path / "run.npz") == whole


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_interrupted_in_the_iteration_that_converges_it_does_no_more(
    dtype: Any, tmp_path: Path
) -> None:
    def fit(at: int, **more: Any) -> tuple[Any, ...]:
        model = linear(dtype=dtype)
        history = model.fit(
            X, Y, optimizer=BayesianRegularization(), epochs=300, callbacks=[Spy(at, interrupt)],
            **more,
        )  # fmt: skip
        return model.parameters.tobytes(), history.history, history.stopped_because

    whole = fit(-1)
    last = len(whole[1]["loss"]) - 1
    assert 0 < last < 299
    fit(last, checkpoint=tmp_path / "run.npz")
    assert fit(last, checkpoint=tmp_path / "run.npz") == whole


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_it_goes_on_where_it_is_interrupted_again_and_again(dtype: Any, tmp_path: Path) -> None:
    class Often(Spy):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            interrupt(self)

    whole = curve(dtype=dtype)
    undisturbed = whole.fit(*noisy(), optimizer=BayesianRegularization(), epochs=10)
    for _ in range(10):
        model = curve(dtype=dtype)
        history = model.fit(
            *noisy(), optimizer=BayesianRegularization(), epochs=10, callbacks=[Often()],
            checkpoint=tmp_path / "run.npz",
        )  # fmt: skip
    assert history.history == undisturbed.history
    assert model.parameters.tobytes() == whole.parameters.tobytes()


def test_where_a_callback_moves_parameters_it_begins_anew_from_there() -> None:
    def move(spy: Spy) -> None:
        spy.model.parameters[:] = other.parameters

    x, y = noisy()
    other, model = curve(seed=9), curve()
    model.fit(x, y, optimizer=BayesianRegularization(), epochs=6, callbacks=[Spy(2, move)])
    other.fit(x, y, optimizer=BayesianRegularization(), epochs=3)
    assert model.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-3, 1e3])
def test_the_first_weights_have_no_say_in_a_line(scale: float) -> None:
    models = [linear(), linear()]
    models[1].parameters *= scale
    for model in models:
        model.fit(X, Y, optimizer=BayesianRegularization(), epochs=100)
    np.testing.assert_allclose(models[1].parameters, models[0].parameters, rtol=1e-3)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("deviation", [1.0, 0.1, 0.01])
def test_small_first_weights_of_a_network_do_not_stay_small(deviation: float, seed: int) -> None:
    first = Normal(deviation)
    model = Sequential(
        Dense(1, 10, weight_initializer=first), Tanh(), Dense(10, 1, weight_initializer=first),
        seed=seed,
    )  # fmt: skip
    history = model.fit(*noisy(), optimizer=BayesianRegularization(), epochs=300)
    assert history.history["loss"][-1] < 0.025
    assert history.history["effective_parameters"][-1] > 4


def test_where_there_is_nothing_to_learn_it_says_so() -> None:
    x, y = noisy()
    y = np.random.default_rng(3).normal(size=y.shape)
    history = curve().fit(x, y - y.mean(), optimizer=BayesianRegularization(), epochs=300)
    assert history.stopped_because.endswith("the data determine none of the parameters")


# What it refuses, and the piece.


class OwnWeights(MSE):
    def residual_weights(self, residual: Any, out: Any) -> None:
        out.fill(2)


@pytest.mark.parametrize("loss", [Huber(), MAE(), OwnWeights()], ids=repr)
def test_another_loss_is_refused(loss: Loss) -> None:
    model = linear()
    before = model.parameters.tobytes()
    with pytest.raises(ValueError, match="BayesianRegularization needs"):
        model.fit(X, Y, loss=loss, optimizer=BayesianRegularization())
    assert model.parameters.tobytes() == before


def test_a_penalty_is_refused() -> None:
    model = linear()
    before = model.parameters.tobytes()
    with pytest.raises(ValueError, match=r"finds its own penalty, got penalty=L2"):
        model.fit(X, Y, optimizer=BayesianRegularization(), penalty=L2(0.1))
    assert model.parameters.tobytes() == before


def test_batches_are_refused() -> None:
    with pytest.raises(ValueError, match="all 30 rows at once"):
        linear().fit(X, Y, optimizer=BayesianRegularization(), batch_size=10)


def test_its_arguments_are_those_of_levenberg_marquardt() -> None:
    assert repr(BayesianRegularization(goal=1e-3)) == "BayesianRegularization(goal=0.001)"
    assert registered(Solver)["BayesianRegularization"] is BayesianRegularization
    with pytest.raises(ValueError, match="damping must be"):
        BayesianRegularization(damping=-1)


def test_all_frozen_is_no_error() -> None:
    model = linear()
    model.layers[0].freeze()
    history = model.fit(X, Y, optimizer=BayesianRegularization(), epochs=5)
    assert (history.epoch, history.stopped_because[:9]) == ([], "converged")
