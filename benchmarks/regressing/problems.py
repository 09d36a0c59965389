"""The regression problems: one tanh layer, a linear output, inputs and targets standardised.

A problem is of one seed: the seed draws its samples, noise and split, and the weights that all
trainers start from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minimlp import Identity, Sequential, Tanh, mlp

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator], tuple[Array, Array, Array, Array]]
"""Gives x and y to train with, x and y to test with."""


class Problem(NamedTuple):
    """What to learn.

    `error` is the training loss, ½ of the squared error of a sample, that share of seeds is counted
    at: for noisy ones a little above what a good minimum has, for the others small, yet above the
    floor that the network's size sets.
    """

    name: str
    widths: tuple[int, ...]
    noisy: bool
    error: float
    draw: Draw

    def data(self, seed: int) -> Data:
        """Draw and standardise, all by mean and deviation of the training samples."""
        x, y, test_x, test_y = self.draw(np.random.default_rng(seed))
        x_mean, x_scale = x.mean(axis=0), x.std(axis=0)
        y_mean, y_scale = y.mean(axis=0), y.std(axis=0)
        return Data(
            (x - x_mean) / x_scale,
            (y - y_mean) / y_scale,
            (test_x - x_mean) / x_scale,
            (test_y - y_mean) / y_scale,
        )

    def model(self, seed: int) -> Sequential:
        """Make the network that the seed begins with."""
        return mlp(*self.widths, hidden=Tanh, output=Identity, seed=seed)

    @property
    def net(self) -> str:
        return "-".join(map(str, self.widths))


class Data(NamedTuple):
    """Samples in float64, two-dimensional."""

    x: Array
    y: Array
    test_x: Array
    test_y: Array


def clean_sine(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """sin(2πx)·e^(−x) on 200 points of [0, 1]; tested between them."""
    x = np.linspace(0, 1, 200)[:, None]
    test = (x[:-1] + x[1:]) / 2
    return x, _damped(x), test, _damped(test)


def noisy_sine(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """The same at 200 random points, with normal noise of 0.1; tested on 1,000 with noise, too."""
    x = rng.uniform(0, 1, (1200, 1))
    y = _damped(x) + rng.normal(0, 0.1, (1200, 1))
    return x[:200], y[:200], x[200:], y[200:]


def friedman(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Friedman's first: 10·sin(πx₁x₂) + 20(x₃ − ½)² + 10x₄ + 5x₅ + noise of 1, 200 samples."""
    x = rng.uniform(0, 1, (1200, 5))
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    y = (y + 10 * x[:, 3] + 5 * x[:, 4] + rng.normal(0, 1, 1200))[:, None]
    return x[:200], y[:200], x[200:], y[200:]


def mackey_glass(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """The series six steps on, from now and 6, 12 and 18 steps ago; 500 samples, then 500 more."""
    series = _mackey_glass()
    at = np.arange(118, 1118)
    x = np.stack([series[at - back] for back in (18, 12, 6, 0)], axis=1)
    y = series[at + 6][:, None]
    return x[:500], y[:500], x[500:], y[500:]


def diabetes(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """scikit-learn's diabetes, a fifth of it to test with."""
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True)
    rows = rng.permutation(len(x))
    train, test = rows[len(x) // 5 :], rows[: len(x) // 5]
    return x[train], y[train, None], x[test], y[test, None]


def robot_arm(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """Where an arm of two links ends, by its two angles; 400 samples, 1,000 to test with."""
    angles = rng.uniform((0.3, 0.3), (1.2, 2.8), (1400, 2))
    first, second = angles[:, 0], angles.sum(axis=1)
    ends = np.stack(
        [2 * np.cos(first) + 1.3 * np.cos(second), 2 * np.sin(first) + 1.3 * np.sin(second)], axis=1
    )
    return angles[:400], ends[:400], angles[400:], ends[400:]


def _damped(x: Array) -> Array:
    found: Array = np.sin(2 * np.pi * x) * np.exp(-x)
    return found


@cache
def _mackey_glass() -> Array:
    """dx/dt = 0.2·x(t − 17)/(1 + x(t − 17)¹⁰) − 0.1·x, from 1.2, by steps of Runge and Kutta."""
    step, delay = 0.1, 170
    values = np.zeros(delay + 1 + 11300)
    values[delay] = 1.2
    for i in range(delay, len(values) - 1):
        before, after = values[i - delay], values[i - delay + 1]
        pulls = [0.2 * d / (1 + d**10) for d in (before, (before + after) / 2, after)]
        now = values[i]
        a = pulls[0] - 0.1 * now
        b = pulls[1] - 0.1 * (now + step / 2 * a)
        c = pulls[1] - 0.1 * (now + step / 2 * b)
        d = pulls[2] - 0.1 * (now + step * c)
        values[i + 1] = now + step / 6 * (a + 2 * b + 2 * c + d)
    return values[delay::10]


PROBLEMS = (
    Problem("sine", (1, 10, 1), False, 1e-7, clean_sine),
    Problem("noisy sine", (1, 10, 1), True, 0.025, noisy_sine),
    Problem("Friedman 1", (5, 10, 1), True, 0.0145, friedman),
    Problem("Mackey-Glass", (4, 8, 1), False, 1e-4, mackey_glass),
    Problem("diabetes", (10, 4, 1), True, 0.18, diabetes),
    Problem("robot arm", (2, 10, 2), False, 1e-5, robot_arm),
)


def loss(difference: Any) -> float:
    """Give ½ of the mean squared length of the rows, the loss that all errors here are."""
    return 0.5 * float(np.vdot(difference, difference)) / len(difference)
