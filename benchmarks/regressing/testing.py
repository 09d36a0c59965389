"""Test error where there is noise: BayesianRegularization beside what stops or decays by itself.

Each seed draws samples, split and weights. BayesianRegularization trains the problem's net and is
told nothing else. Adam trains the same net and stops early by a fifth of the training samples,
which are shuffled. scikit-learn's `MLPRegressor` is as it comes: 100 rectified units, 200 epochs.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from math import sqrt
from statistics import median

from minimlp import Adam, BayesianRegularization, EarlyStopping

from .problems import PROBLEMS, Array, Data, Problem, loss
from .report import Verdict
from .scale import Scale

BAYESIAN, STOPPED, SCIKIT_LEARN = "BayesianRegularization", "Adam, stopped early", "scikit-learn"
EPOCHS, PATIENCE = 5000, 100
ITERATIONS = 300


def bayesian(problem: Problem, data: Data, seed: int) -> Array:
    """Predict the test samples."""
    model = problem.model(seed)
    model.fit(data.x, data.y, optimizer=BayesianRegularization(), epochs=ITERATIONS, progress=False)
    return model.predict(data.test_x)


def stopped(problem: Problem, data: Data, seed: int) -> Array:
    """Predict the test samples; batches of 32."""
    model = problem.model(seed)
    model.fit(
        data.x,
        data.y,
        optimizer=Adam(0.01),
        epochs=EPOCHS,
        validation_split=0.2,
        callbacks=[EarlyStopping("val_loss", patience=PATIENCE)],
        progress=False,
        seed=seed,
    )
    return model.predict(data.test_x)


def scikit_learn(problem: Problem, data: Data, seed: int) -> Array:
    """Predict the test samples."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # its 200 epochs are its own default
        peer = MLPRegressor(random_state=seed).fit(data.x, data.y.ravel())
    found: Array = peer.predict(data.test_x).reshape(data.test_y.shape)
    return found


PREDICT: dict[str, Callable[[Problem, Data, int], Array]] = {
    BAYESIAN: bayesian,
    STOPPED: stopped,
    SCIKIT_LEARN: scikit_learn,
}


def run(scale: Scale, problems: Sequence[Problem] = PROBLEMS) -> list[Verdict]:
    """Test on the noisy problems; print the medians."""
    predict = dict(PREDICT)
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        print(f"left out: {SCIKIT_LEARN}: {error}; pip install scikit-learn")
        del predict[SCIKIT_LEARN]
    print(f"test error, RMSE in deviations of the target, medians of {scale.seeds} seeds")
    print(f"\n  {'':<24}" + "".join(f"{name:>24}" for name in predict))
    verdicts = []
    for problem in (problem for problem in problems if problem.noisy):
        errors: dict[str, list[float]] = {name: [] for name in predict}
        for seed in range(scale.seeds):
            data = problem.data(seed)
            for name, train in predict.items():
                error = train(problem, data, seed) - data.test_y
                errors[name].append(sqrt(2 * loss(error)))
        medians = {name: median(found) for name, found in errors.items()}
        cells = "".join(f"{value:>24.4f}" for value in medians.values())
        print(f"  {problem.name + ', ' + problem.net:<24}{cells}", flush=True)
        own, best = medians.pop(BAYESIAN), min(medians, key=lambda name: medians[name])
        measured = f"{own:.4f} against {medians[best]:.4f} of {best}"
        verdicts.append(Verdict(f"test error, {problem.name}", measured, own <= medians[best]))
    return verdicts
