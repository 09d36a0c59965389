"""Whether a peer does minimlp's work: the same weights after the same steps, the same predictions.

A peer that does other work, or less of it, may be as fast as it likes; its time would say nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .task import Array, Task

STEPS = 20
TOLERANCE = {"float32": 1e-4, "float64": 1e-10}


class OtherWorkError(Exception):
    """A peer does not do the task; the message says by how much."""


class Check(NamedTuple):
    """Largest difference, relative to max(1, |w|); and the least distance any weights moved."""

    difference: float
    moved: float | None = None


def batches(task: Task) -> Array:
    """Give the batches of the steps that are compared; a short epoch is gone through again."""
    return np.resize(task.shuffled, (STEPS, task.batch))


def same_weights(task: Task, ours: list[Array], theirs: list[Array]) -> Check:
    """Compare weights and biases after the same steps; fail by `OtherWorkError`.

    Each weight matrix and bias may be off by a hundredth of the distance it moved at most, however
    small that is: a peer that forgets one of them fails though the steps move it by very little.
    """
    worst, least = 0.0, float("inf")
    for first, own, its in zip(task.weights, ours, theirs, strict=True):
        moved, off = difference(own, first), difference(own, its)
        if not off <= min(TOLERANCE[task.dtype], moved / 100):  # so that nan fails too
            raise OtherWorkError(
                f"other work: after {STEPS} steps weights that moved by {moved:.1e} differ "
                f"by {off:.1e}"
            )
        worst, least = max(worst, off), min(least, moved)
    return Check(worst, least)


def same_figures(task: Task, ours: list[float], theirs: list[float]) -> Check:
    """Compare what was measured after the same epoch; fail by `OtherWorkError`."""
    off = difference(np.array(ours), np.array(theirs))
    if not off <= TOLERANCE[task.dtype]:
        raise OtherWorkError(f"other work: figures of an epoch differ by {off:.1e}")
    return Check(off)


def same_predictions(task: Task, ours: Array, theirs: Array) -> Check:
    """Compare predictions of the same rows; fail by `OtherWorkError`."""
    off = difference(ours, theirs)
    if not off <= TOLERANCE[task.dtype]:
        raise OtherWorkError(f"other work: predictions differ by {off:.1e}")
    return Check(off)


def difference(own: Array, its: Array) -> float:
    """Give the largest difference relative to max(1, |own|); infinite where shapes differ."""
    if own.shape != its.shape:
        return float("inf")
    return float((np.abs(its - own) / np.maximum(1, np.abs(own))).max())
