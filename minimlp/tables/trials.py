"""What each network of a table learns from, and what judges it.

All see inputs on one scale. Where no rows are set apart for validation the rows are dealt into
folds, and each network is judged by the one it has not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..layers import Normalization
from .target import Classes

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from .preparation import Preparation
    from .recipe import Recipe

    Rows = tuple[NDArray[Any], NDArray[Any]]  # inputs and targets


class Trial(NamedTuple):
    """What one network learns from, what it is judged by, and where it starts."""

    train: Rows
    judge: Rows | None
    seed: int


def networks_for(prepared: Preparation, recipe: Recipe) -> int:
    """Count the networks of each strength: no more than there are rows to be left out."""
    networks = recipe.networks or 1
    if prepared.validation is not None or recipe.finds_penalty:
        return networks
    return min(networks, len(prepared.training))


def judged(prepared: Preparation, recipe: Recipe) -> bool:
    """Tell whether there are rows that a network has not seen."""
    if prepared.validation is not None:
        return True
    return not recipe.finds_penalty and networks_for(prepared, recipe) > 1


def normalization(prepared: Preparation) -> Normalization:
    """Standardise numbers, by the training rows, and leave one-hot inputs as they are."""
    layer = Normalization(prepared.training.x.shape[1])
    layer.adapt(prepared.training.x)
    start = 0
    for feature in prepared.features:
        if feature.values:
            layer.mean[start : start + feature.width] = 0
            layer.scale[start : start + feature.width] = 1
        start += feature.width
    return layer


def make_trials(
    prepared: Preparation, first: Normalization, recipe: Recipe, rng: Generator
) -> list[Trial]:
    """Give each network its rows: all of them if others validate, else all but its fold."""

    def normalized(x: NDArray[Any]) -> NDArray[Any]:
        # As the joined network will: in its dtype, and so with its rounding, from raw values on.
        dtype = np.dtype(recipe.dtype)
        mean, scale = first.mean.astype(dtype), first.scale.astype(dtype)
        normal: NDArray[Any] = (x.astype(dtype) - mean) / scale
        return normal

    x, y = normalized(prepared.training.x), prepared.training.y
    seeds = rng.integers(1 << 32, size=recipe.networks).tolist()
    if prepared.validation is not None:
        judge = normalized(prepared.validation.x), prepared.validation.y
        return [Trial((x, y), judge, seed) for seed in seeds]
    count = networks_for(prepared, recipe)
    if not judged(prepared, recipe):
        return [Trial((x, y), None, seed) for seed in seeds]
    fold = _folds(prepared, count, rng)
    return [
        Trial((x[fold != k], y[fold != k]), (x[fold == k], y[fold == k]), seed)
        for k, seed in zip(range(fold.max() + 1), seeds, strict=False)
    ]


def _folds(prepared: Preparation, folds: int, rng: Generator) -> NDArray[np.intp]:
    """Deal the training rows into folds, each class in turn."""
    y = prepared.training.y
    order = rng.permutation(len(y))
    if isinstance(prepared.target, Classes):
        order = order[np.argsort(y[order].argmax(axis=1), kind="stable")]
    fold = np.empty(len(y), np.intp)
    fold[order] = np.arange(len(y)) % folds
    return fold
