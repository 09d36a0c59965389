"""Error bars against closed forms of linear regression, and against how often they are right."""

from typing import Any

import numpy as np
import pytest
from own_pieces import Quartic
from scipy.stats import t as student

from minimlp import (
    MAE,
    MSE,
    Dense,
    Dropout,
    Huber,
    Identity,
    LevenbergMarquardt,
    Sequential,
    Sigmoid,
    Tanh,
    mlp,
)
from minimlp.derivatives.interval import student_quantile
from minimlp.derivatives.laplace import LaplacePosterior
from minimlp.losses import Loss

RNG = np.random.default_rng(7)
X = RNG.normal(size=(20, 2))
Y = X @ [[1.0], [-2.0]] + 0.5 + RNG.normal(0, 0.3, (20, 1))
NEW = np.array([[0.0, 0.0], [1.0, -1.0], [4.0, 3.0]])
WEIGHTS = RNG.uniform(0.2, 3, 20)


def ones(x: Any) -> Any:
    """Add the bias's column, in the order of a layer's parameters: weights, then bias."""
    return np.column_stack([x, np.ones(len(x))])


def least_squares(outputs: int = 1, **given: Any) -> Sequential:
    model = Sequential(Dense(2, outputs), seed=0, **given)
    model.fit(X, Y if outputs == 1 else PAIR, optimizer=LevenbergMarquardt(0), epochs=50)
    return model


PAIR = np.hstack([Y, 2 * Y[::-1]])


def curve(**given: Any) -> Sequential:
    return mlp(2, 3, 1, hidden=Tanh, output=Identity, **{"seed": 0, **given})


# Linear regression has closed forms.


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_without_a_prior_it_is_the_covariance_of_least_squares(weights: Any) -> None:
    model = Sequential(Dense(2, 1), seed=0)
    model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=50, sample_weight=weights)
    posterior = model.laplace(MSE(), X, Y, sample_weight=weights, prior_precision=0)
    w = np.ones(20) if weights is None else weights / weights.mean()
    a = ones(X)
    squares = (
        w[:, None] * (a @ np.linalg.solve(a.T @ (w[:, None] * a), a.T @ (w[:, None] * Y)) - Y) ** 2
    ).sum()
    variance = squares / (20 - 3)
    expected = variance * np.linalg.inv(a.T @ (w[:, None] * a))
    np.testing.assert_allclose(posterior.covariance, expected, rtol=1e-9)
    assert posterior.noise == pytest.approx(np.sqrt(variance), rel=1e-10)
    assert posterior.effective_parameters == pytest.approx(3, rel=1e-10)
    assert posterior.degrees_of_freedom == pytest.approx(17, rel=1e-10)
    assert posterior.prior_precision == 0


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_intervals_are_the_textbooks(level: float) -> None:
    """ŷ ± t·s·√(1 + xᵀ(XᵀX)⁻¹x) for an observation, without the 1 for the mean."""
    found = least_squares().laplace(MSE(), X, Y, prior_precision=0).predict(NEW, level)
    a = ones(X)
    b = np.linalg.lstsq(a, Y, rcond=None)[0]
    s = np.sqrt(((a @ b - Y) ** 2).sum() / 17)
    lever = np.einsum("bi,ij,bj->b", ones(NEW), np.linalg.inv(a.T @ a), ones(NEW))[:, None]
    quantile, mean = student.ppf(0.5 + level / 2, 17), ones(NEW) @ b
    reach, short = quantile * s * np.sqrt(1 + lever), quantile * s * np.sqrt(lever)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.lower, mean - reach, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.upper, mean + reach, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.mean_lower, mean - short, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.mean_upper, mean + short, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.parameter_deviation, s * np.sqrt(lever), rtol=1e-9)
    np.testing.assert_allclose(found.noise_deviation, np.full((3, 1), s), rtol=1e-9)


@pytest.mark.parametrize(("alpha", "noise"), [(2.0, 0.3), (1e-3, 5.0), (100.0, 0.1)])
def test_with_a_prior_it_is_ridge_regressions_posterior(alpha: float, noise: float) -> None:
    model = least_squares()
    posterior = model.laplace(MSE(), X, Y, prior_precision=alpha, noise=noise)
    a, beta = ones(X), noise**-2
    expected = np.linalg.inv(beta * a.T @ a + alpha * np.eye(3))
    np.testing.assert_allclose(posterior.covariance, expected, rtol=1e-11)
    variance = np.einsum("bi,ij,bj->b", ones(NEW), expected, ones(NEW))[:, None]
    np.testing.assert_allclose(posterior.variance(NEW), variance, rtol=1e-11)
    found = posterior.predict(NEW)
    assert found.noise_deviation.tolist() == [[noise]] * 3
    np.testing.assert_allclose(found.parameter_deviation, np.sqrt(variance), rtol=1e-11)
    reach = 1.959963984540054 * np.sqrt(variance + noise**2)  # the normal distribution's
    np.testing.assert_allclose(found.upper - found.mean, reach, rtol=1e-11)
    eigenvalues = np.linalg.eigvalsh(a.T @ a)
    gamma = (beta * eigenvalues / (beta * eigenvalues + alpha)).sum()
    assert posterior.effective_parameters == pytest.approx(gamma, rel=1e-11)
    assert posterior.degrees_of_freedom == np.inf


def test_by_default_the_evidence_chooses() -> None:
    """At the largest evidence α·w² = γ and β·Σr² = n − γ (MacKay 1992)."""
    model = curve()
    y = np.sin(X[:, :1]) + RNG.normal(0, 0.1, (20, 1))
    model.fit(X, y, optimizer=LevenbergMarquardt(), epochs=30)
    posterior = model.laplace(None, X, y)
    jacobian = model.jacobian(X)[:, 0]
    alpha, beta = posterior.prior_precision, posterior.noise**-2
    eigenvalues = np.linalg.eigvalsh(jacobian.T @ jacobian)
    gamma = (beta * eigenvalues / (beta * eigenvalues + alpha)).sum()
    squares = ((model.predict(X) - y) ** 2).sum()
    assert posterior.effective_parameters == pytest.approx(gamma, rel=1e-6)
    assert alpha * (model.parameters**2).sum() == pytest.approx(gamma, rel=1e-6)
    assert beta * squares == pytest.approx(20 - gamma, rel=1e-6)
    assert posterior.degrees_of_freedom == pytest.approx(20 - gamma, rel=1e-6)
    assert 0 < gamma < 13
    expected = np.linalg.inv(beta * jacobian.T @ jacobian + alpha * np.eye(13))
    np.testing.assert_allclose(posterior.covariance, expected, rtol=1e-6, atol=1e-9)


def test_two_outputs_have_one_noise_and_variances_of_their_own() -> None:
    posterior = least_squares(2).laplace(MSE(), X, PAIR, prior_precision=0)
    a = ones(X)
    squares = ((a @ np.linalg.lstsq(a, PAIR, rcond=None)[0] - PAIR) ** 2).sum()
    assert posterior.noise == pytest.approx(np.sqrt(squares / (40 - 6)), rel=1e-10)
    assert posterior.degrees_of_freedom == pytest.approx(34)
    found = posterior.predict(NEW)
    lever = np.einsum("bi,ij,bj->b", ones(NEW), np.linalg.inv(a.T @ a), ones(NEW))
    deviation = posterior.noise * np.sqrt(np.column_stack([lever, lever]))
    np.testing.assert_allclose(found.parameter_deviation, deviation, rtol=1e-9)
    assert found.lower.shape == found.noise_deviation.shape == (3, 2)


@pytest.mark.parametrize("units", [1e3, 1e-3, 1e9, 1e-9])
def test_units_of_inputs_make_no_difference_without_a_prior(units: float) -> None:
    model = least_squares()
    plain = model.laplace(MSE(), X, Y, prior_precision=0).predict(NEW)
    model.layers[0].weight[0] /= units
    scale = [units, 1]
    other = model.laplace(MSE(), X * scale, Y, prior_precision=0).predict(NEW * scale)
    np.testing.assert_allclose(other.parameter_deviation, plain.parameter_deviation, rtol=1e-6)


# The distribution.


def trained() -> tuple[Sequential, LaplacePosterior]:
    model = curve()
    model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=20)
    return model, model.laplace(MSE(), X, Y)


def test_the_covariance_is_symmetric_and_positive() -> None:
    _, posterior = trained()
    covariance = posterior.covariance
    assert covariance.shape == (13, 13)
    np.testing.assert_array_equal(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > 0


@pytest.mark.parametrize("names", [("weight",), ("bias",), ("weight", "bias")])
def test_frozen_parameters_do_not_vary(names: tuple[str, ...]) -> None:
    model = curve()
    model.layers[0].freeze(*names)
    model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=20)
    posterior = model.laplace(MSE(), X, Y, prior_precision=0.5, noise=0.3)
    frozen = np.zeros(13, bool)
    frozen[:6], frozen[6:9] = "weight" in names, "bias" in names
    covariance = posterior.covariance
    assert not covariance[frozen].any()
    assert not covariance[:, frozen].any()
    drawn = posterior.sample(5, seed=0)
    assert (drawn[:, frozen] == model.parameters[frozen]).all()
    jacobian = model.jacobian(X)[:, 0][:, ~frozen]
    expected = np.linalg.inv(jacobian.T @ jacobian / 0.09 + 0.5 * np.eye((~frozen).sum()))
    np.testing.assert_allclose(covariance[np.ix_(~frozen, ~frozen)], expected, rtol=1e-9)


def test_draws_have_its_mean_and_covariance() -> None:
    posterior = least_squares().laplace(MSE(), X, Y, prior_precision=1.0)
    drawn = posterior.sample(200_000, seed=1)
    assert drawn.shape == (200_000, 3)
    deviations = np.sqrt(posterior.covariance.diagonal())
    assert (np.abs(drawn.mean(axis=0) - posterior.model.parameters) < 0.01 * deviations).all()
    found = np.cov(drawn.T) / np.outer(deviations, deviations)
    expected = posterior.covariance / np.outer(deviations, deviations)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.01)


def test_draws_are_reproducible_and_fit_a_model() -> None:
    model, posterior = trained()
    first = posterior.sample(3, seed=4)
    assert first.tobytes() == posterior.sample(3, seed=np.random.default_rng(4)).tobytes()
    assert first.tobytes() != posterior.sample(3, seed=5).tobytes()
    assert posterior.sample().shape == (1, 13)
    model.parameters = first[2]
    assert np.isfinite(model.predict(NEW)).all()


def test_an_interval_is_three_arrays() -> None:
    _, posterior = trained()
    found = posterior.predict(NEW)
    mean, lower, upper = found
    assert mean.shape == lower.shape == upper.shape == (3, 1)
    assert (lower < found.mean_lower).all()
    assert (found.mean_lower < mean).all()
    assert (mean < found.mean_upper).all()
    assert (found.mean_upper < upper).all()
    np.testing.assert_allclose(mean - lower, upper - mean, rtol=1e-12)


def test_the_squares_of_both_parts_add_up() -> None:
    _, posterior = trained()
    found = posterior.predict(NEW)
    quantile = (found.mean_upper - found.mean) / found.parameter_deviation
    whole = np.sqrt(found.parameter_deviation**2 + found.noise_deviation**2)
    np.testing.assert_allclose(found.upper - found.mean, quantile * whole, rtol=1e-12)


def test_a_higher_level_is_wider() -> None:
    _, posterior = trained()
    widths = [
        np.ptp(np.stack(posterior.predict(NEW, level)[1:]), axis=0)
        for level in (0.01, 0.5, 0.8, 0.95, 0.999)
    ]
    assert (np.diff(widths, axis=0) > 0).all()


def test_it_grows_where_there_are_no_data() -> None:
    _, posterior = trained()
    deviation = posterior.predict([[0.0, 0.0], [5.0, 5.0]]).parameter_deviation
    assert deviation[1] > 2 * deviation[0]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 1000])
def test_rows_are_worked_on_a_few_at_a_time(batch_size: int) -> None:
    _, posterior = trained()
    parts, wholes = posterior.predict(NEW, 0.9, batch_size), posterior.predict(NEW, 0.9)
    for found, whole in zip(parts, wholes, strict=True):
        np.testing.assert_allclose(found, whole, rtol=1e-12)


def test_no_rows_give_no_intervals_or_are_refused_as_predict_does() -> None:
    model, posterior = trained()
    try:
        expected = model.predict(NEW[:0])
    except ValueError:
        with pytest.raises(ValueError, match="at least one row"):
            posterior.predict(NEW[:0])
    else:
        assert posterior.predict(NEW[:0]).lower.shape == expected.shape


def test_a_posterior_is_of_the_model_as_it_was() -> None:
    model, posterior = trained()
    before = [part.tobytes() for part in posterior.predict(NEW)]
    covariance = posterior.covariance.tobytes()
    model.fit(X, 3 * Y, optimizer=LevenbergMarquardt(), epochs=5)
    model.layers[0].freeze()
    assert [part.tobytes() for part in posterior.predict(NEW)] == before
    assert posterior.covariance.tobytes() == covariance


def test_the_model_is_only_read() -> None:
    model = curve()
    model.gradients.fill(3)
    before = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    model.laplace(MSE(), X, Y).predict(NEW)
    after = model.parameters.tobytes(), model.gradients.tobytes(), model.rng.bit_generator.state
    assert after == before


def test_a_float32_model_has_intervals_of_float64() -> None:
    model = curve(dtype=np.float32)
    model.fit(X, Y, optimizer=LevenbergMarquardt(), epochs=5)
    ours = model.laplace(MSE(), X, Y, prior_precision=1.0, noise=0.3).predict(NEW)
    double = model.copy(np.float64)
    theirs = double.laplace(MSE(), X, Y, prior_precision=1.0, noise=0.3).predict(NEW)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.dtype == np.float64
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)


def test_dropout_is_off_and_a_sigmoid_may_be_last() -> None:
    model = Sequential(Dense(2, 3), Tanh(), Dropout(0.5), Dense(3, 1), Sigmoid(), seed=0)
    posterior = model.laplace(MSE(), X, Y, prior_precision=1.0, noise=0.3)
    jacobian = model.jacobian(X)[:, 0]
    expected = np.linalg.inv(jacobian.T @ jacobian / 0.09 + np.eye(13))
    np.testing.assert_allclose(posterior.covariance, expected, rtol=1e-9, atol=1e-12)


def test_it_shows_itself_in_a_line() -> None:
    posterior = least_squares().laplace(MSE(), X, Y, prior_precision=0)
    assert repr(posterior).startswith("<LaplacePosterior: 3.0 of 3 parameters determined, noise ")


@pytest.mark.parametrize("degrees", [3, 4, 5, 10, 17, 30, 100, 1000.5, 1e9, 1e308, np.inf])
@pytest.mark.parametrize("probability", [0.55, 0.75, 0.9, 0.95, 0.975, 0.995])
def test_quantiles_are_students(degrees: float, probability: float) -> None:
    expected = student.ppf(probability, degrees)
    limit = 0.01 if degrees < 10 else 5e-4
    assert student_quantile(probability, degrees) == pytest.approx(expected, rel=limit)
    assert student_quantile(1 - probability, degrees) == pytest.approx(-expected, rel=limit)


# How often it is right.


def test_ninety_five_of_a_hundred_lie_within() -> None:
    """A network is the truth; over many data sets the intervals cover what they say."""
    truth = mlp(1, 5, 1, hidden=Tanh, output=Identity, seed=0)
    truth.parameters = np.random.default_rng(0).normal(0, 1, 16)
    grid = np.linspace(-2, 2, 50).reshape(-1, 1)
    f = truth.predict(grid)
    noise = 0.2 * f.std()
    new, mean = [], []
    for seed in range(200):
        rng = np.random.default_rng(1000 + seed)
        x = rng.uniform(-2, 2, (100, 1))
        y = truth.predict(x) + rng.normal(0, noise, x.shape)
        model = mlp(1, 5, 1, hidden=Tanh, output=Identity, seed=seed)
        model.fit(x, y, optimizer=LevenbergMarquardt(), epochs=100)
        found = model.laplace(MSE(), x, y).predict(grid)
        observed = f + rng.normal(0, noise, f.shape)
        new.append(((found.lower <= observed) & (observed <= found.upper)).mean())
        mean.append(((found.mean_lower <= f) & (f <= found.mean_upper)).mean())
    assert 0.92 <= np.mean(new) <= 0.98
    assert 0.88 <= np.mean(mean) <= 0.98


# What it refuses.


def refused(error: Any, words: str, model: Sequential | None = None, **given: Any) -> None:
    model = curve() if model is None else model
    before = model.parameters.tobytes()
    options = {"loss": MSE(), "x": X, "y": Y, **given}
    with pytest.raises(error, match=words):
        model.laplace(**options)
    assert model.parameters.tobytes() == before


class OwnMSE(MSE):
    """Nothing new, but who knows."""

    def value(self, prediction: Any, target: Any, sample_weight: Any = None) -> Any:
        return 2 * super().value(prediction, target, sample_weight)


@pytest.mark.parametrize("loss", [MAE(), Huber(), Quartic(), OwnMSE()], ids=repr)
def test_another_loss_is_refused(loss: Loss) -> None:
    refused(ValueError, r"needs MSE\(\), the loss of normal noise, got", loss=loss)


def test_directions_that_are_open_need_a_prior() -> None:
    x = X[:, [0, 0]]
    model = Sequential(Dense(2, 1), seed=0)
    refused(ValueError, "give a prior_precision above 0", model, x=x, prior_precision=0)
    refused(ValueError, "give a prior_precision above 0", model, x=x, prior_precision=0, noise=0.3)
    found = model.laplace(MSE(), x, Y, prior_precision=1e-3).predict(x)
    assert np.isfinite(found.upper).all()


def test_noise_needs_more_residuals_than_parameters() -> None:
    model = Sequential(Dense(2, 1), seed=0)
    words = "3 residuals do not tell .* 3 parameters can follow: give noise or prior_precision"
    refused(ValueError, words, model, x=X[:3], y=Y[:3], prior_precision=0)
    assert model.laplace(MSE(), X[:3], Y[:3], prior_precision=0, noise=0.1).noise == 0.1
    assert np.isfinite(model.laplace(MSE(), X[:3], Y[:3]).predict(NEW).upper).all()


def test_residuals_of_0_are_no_error() -> None:
    model = Sequential(Dense(2, 1), seed=0)
    found = model.laplace(MSE(), X, model.predict(X)).predict(NEW)
    assert np.isfinite(found.upper).all()
    assert (found.upper - found.lower).max() < 1e-6


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("prior_precision", -1.0, ValueError),
        ("prior_precision", float("nan"), ValueError),
        ("prior_precision", "weak", TypeError),
        ("noise", 0.0, ValueError),
        ("noise", -0.1, ValueError),
        ("noise", float("inf"), ValueError),
        ("noise", "loud", TypeError),
    ],
)
def test_an_argument_outside_its_range_is_named(name: str, value: Any, error: Any) -> None:
    refused(error, f"{name} must be", **{name: value})


@pytest.mark.parametrize("noise", [1e-200, 1e200])
def test_a_noise_out_of_range_is_an_error(noise: float) -> None:
    refused(ValueError, "out of float64's range, .* a noise of 1e", noise=noise)


@pytest.mark.parametrize("scale", [1e160, 1e300])
def test_targets_out_of_range_are_an_error(scale: float) -> None:
    refused(ValueError, "out of float64's range: scale x and y", y=Y * scale)


@pytest.mark.parametrize(
    ("level", "error"),
    [(0, ValueError), (1, ValueError), (95, ValueError), (-0.5, ValueError), ("95%", TypeError)],
)
def test_a_level_outside_its_range_is_named(level: Any, error: Any) -> None:
    _, posterior = trained()
    with pytest.raises(error, match="level must be"):
        posterior.predict(NEW, level)


def test_samples_that_do_not_fit_are_refused() -> None:
    refused(ValueError, "x has shape", x=X[:, :1])
    refused(ValueError, "shape", y=Y[:5])
    refused(ValueError, "sample_weight", sample_weight=np.ones(3))
    _, posterior = trained()
    with pytest.raises(ValueError, match="x has shape"):
        posterior.predict(NEW[:, :1])
    with pytest.raises(ValueError, match="n must be"):
        posterior.sample(0)
    with pytest.raises((TypeError, ValueError), match="batch_size"):
        posterior.predict(NEW, batch_size=0)


def test_where_most_is_frozen_the_rest_costs_little() -> None:
    """All of it would take matrices of 90,902 x 90,902 numbers."""
    model = mlp(300, 300, 2, hidden=Tanh, output=Identity, seed=0)
    model.layers[0].freeze("weight")
    x = RNG.normal(size=(400, 300))
    posterior = model.laplace(MSE(), x, x[:, :2], prior_precision=1.0, noise=1.0)
    assert posterior.effective_parameters < 902
    found = posterior.predict(x[:3])
    jacobian = model.jacobian(x[:3])[:, :, 90_000:]
    j = model.jacobian(x)[:, :, 90_000:].reshape(800, 902)
    covariance = np.linalg.inv(j.T @ j + np.eye(902))
    variance = np.einsum("bki,ij,bkj->bk", jacobian, covariance, jacobian)
    np.testing.assert_allclose(found.parameter_deviation**2, variance, rtol=1e-9)


def test_a_model_without_parameters_that_train_is_refused() -> None:
    model = curve()
    for layer in model.layers:
        layer.freeze()
    refused(ValueError, "no parameters that train", model)


def test_a_complex_model_is_refused() -> None:
    refused(TypeError, "laplace", Sequential(Dense(2, 1), dtype=np.complex128, seed=0))


def test_a_network_that_memory_has_no_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minimlp.derivatives.memory.memory", lambda: 1000)
    refused(ValueError, r"laplace .* 13 parameters that train: .* bytes.* freeze all layers but")
