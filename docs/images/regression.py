"""Draw the pictures of docs/small-regression.md: an error band, convergence, effective parameters.

python docs/images/regression.py
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from minimlp import (
    LBFGS,
    MSE,
    Adam,
    BayesianRegularization,
    Callback,
    Identity,
    LevenbergMarquardt,
    Sequential,
    Tanh,
    mlp,
)

FOLDER = Path(__file__).parent
WIDTHS = (2, 4, 6, 8, 10, 15, 20, 30, 40)


def main() -> None:
    """Draw all three."""
    band()
    convergence()
    effective_parameters()


def wave(x: Any) -> Any:
    """sin(2πx)·e⁻ˣ, the curve that all three learn."""
    return np.sin(2 * np.pi * x) * np.exp(-x)


def noisy() -> tuple[Any, Any]:
    """80 points of it with noise, and a gap without any."""
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(-1, 1, 80))
    x = np.where((x > 0.1) & (x < 0.4), x - 0.4, x).reshape(-1, 1)
    return x, wave(x) + rng.normal(0, 0.15, x.shape)


def network(width: int, seed: int = 0) -> Sequential:
    """1-width-1 with tanh."""
    return mlp(1, width, 1, hidden=Tanh, output=Identity, seed=seed)


def band() -> None:
    """A fit with its error band, wider where there are no data."""
    x, y = noisy()
    model = network(10)
    model.fit(x, y, optimizer=BayesianRegularization(), epochs=200)
    grid = np.linspace(-1.2, 1.2, 400).reshape(-1, 1)
    found = model.laplace(MSE(), x, y).predict(grid)
    at = grid[:, 0]
    figure, axes = plt.subplots(figsize=(7, 4), dpi=150, layout="constrained")
    axes.fill_between(
        at, found.lower[:, 0], found.upper[:, 0], color="#c6dbef", label="95 % of new observations"
    )
    axes.fill_between(
        at,
        found.mean_lower[:, 0],
        found.mean_upper[:, 0],
        color="#6baed6",
        label="95 % of the mean",
    )
    axes.plot(at, found.mean[:, 0], color="#08306b", label="prediction")
    axes.plot(at, wave(at), color="0.2", linestyle=":", label="truth")
    axes.plot(x, y, ".", color="0.2", markersize=4)
    axes.set_ylim(-3.5, 2.8)
    finish(figure, axes, "x", "y", "regression-band.png")


class Clock(Callback):
    """Notes when each epoch ended."""

    def on_train_begin(self) -> None:
        self.times: list[float] = []
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.times.append(time.perf_counter() - self.start)


def convergence() -> None:
    """The loss over the seconds, for three ways to lower it."""
    x = np.linspace(0, 2, 200).reshape(-1, 1)
    figure, axes = plt.subplots(figsize=(7, 4), dpi=150, layout="constrained")
    for optimizer, epochs, batch_size, color in (
        (LevenbergMarquardt(), 1000, None, "#08306b"),
        (LBFGS(), 5000, None, "#2171b5"),
        (Adam(0.01), 20_000, len(x), "#e6550d"),
    ):
        clock, name = Clock(), type(optimizer).__name__
        history = network(10).fit(
            x, wave(x), optimizer=optimizer, epochs=epochs, batch_size=batch_size, callbacks=[clock]
        )
        axes.loglog(clock.times, history.history["loss"], color=color, label=name)
    finish(figure, axes, "seconds", "loss", "regression-convergence.png")


def effective_parameters() -> None:
    """γ beside the number of parameters: it stays where it is."""
    x, y = noisy()
    counts, gammas = [], []
    for width in WIDTHS:
        model = network(width)
        history = model.fit(x, y, optimizer=BayesianRegularization(), epochs=300)
        counts.append(model.parameters.size)
        gammas.append(history.history["effective_parameters"][-1])
    figure, axes = plt.subplots(figsize=(7, 4), dpi=150, layout="constrained")
    axes.plot(counts, counts, color="0.6", linestyle="--", label="all parameters, P")
    axes.plot(counts, gammas, "o-", color="#08306b", label="effective parameters, γ")
    axes.set_ylim(0, 60)
    finish(figure, axes, "parameters P of a 1-n-1 network", "number", "regression-gamma.png")


def finish(figure: Any, axes: Any, x: str, y: str, name: str) -> None:
    """Label and write."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(FOLDER / name)
    plt.close(figure)


if __name__ == "__main__":
    main()
