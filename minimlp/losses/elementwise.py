"""Losses that are a sum over the outputs of one function of one output and its target.

    Loss = (1/B) Σ_samples w · Σ_k ℓ(out_k, target_k)
    ∂Loss/∂out_k = w · ℓ′(out_k, target_k) / B

Such a loss only says what ℓ and ℓ′ are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..constants import constant, ones
from ..registry import is_newer
from .loss import Loss, Measure, as_pair

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Elementwise(Loss):
    """Base of the losses that define `elements`."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if is_newer(cls, ["elements"], "plan"):  # as that of MSE, which does without them
            cls.plan = Elementwise.plan  # type: ignore[method-assign]

    def elements(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        values: NDArray[Any],
        slopes: NDArray[Any],
    ) -> None:
        """Write ℓ into `values` and ℓ′ into `slopes`; all arrays (rows, n_out)."""
        raise NotImplementedError(f"{type(self).__name__} does not define elements")

    def value(self, prediction: Any, target: Any, sample_weight: Any = None) -> Any:
        """Give the loss of a batch; see `Loss.value`."""
        prediction, target, sample_weight = as_pair(prediction, target, sample_weight)
        scratch = np.empty_like(prediction, order="C")
        return self._own_plan(prediction, target, sample_weight, scratch)()

    def gradient(
        self, prediction: Any, target: Any, sample_weight: Any = None, out: Any = None
    ) -> NDArray[Any]:
        """Give the derivative by each output; see `Loss.gradient`."""
        prediction, target, sample_weight = as_pair(prediction, target, sample_weight)
        if out is not None and out.shape != prediction.shape:
            raise ValueError(f"out has shape {out.shape}: expected {prediction.shape}")
        gradient: NDArray[Any] = np.empty_like(prediction, order="C")
        self._own_plan(prediction, target, sample_weight, gradient)()
        if out is None:
            return gradient
        np.copyto(out, gradient)
        return out  # type: ignore[no-any-return]

    @property
    def _own_plan(self) -> Callable[..., Measure]:
        """The nearest `plan` that is not that of `Loss`, which would come back to here."""
        plans = (vars(kind).get("plan", Loss.plan) for kind in type(self).__mro__)
        own = next(plan for plan in plans if plan is not Loss.plan)
        return partial(own, self)

    def plan(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        out: NDArray[Any],
    ) -> Measure:
        values, rows = np.empty_like(out), len(out)
        total, scale = summed(values, sample_weight), scaled(out, sample_weight)

        def value_and_gradient() -> Any:
            self.elements(prediction, target, values, out)
            scale()
            return total() / rows

        return value_and_gradient


def summed(values: NDArray[Any], sample_weight: NDArray[Any] | None) -> Measure:
    """Prepare a call that gives the sum of all `values` (rows, n), each times its row's weight."""
    number = complex if values.dtype.kind == "c" else float  # ten times as fast as .item()
    rows, width = values.shape
    if sample_weight is None:
        flat, every = values.reshape(-1), ones(rows * width, values.dtype)
        return lambda: number(every.dot(flat))
    by_row, across = np.empty_like(values[:, 0]), ones(width, values.dtype)
    return lambda: number(values.dot(across, by_row).dot(sample_weight))


def scaled(slopes: NDArray[Any], sample_weight: NDArray[Any] | None) -> Measure:
    """Prepare a call that multiplies `slopes` by their rows' weights and divides by the rows."""
    rows = len(slopes)
    share = constant(1 / rows, slopes.dtype)
    column = None if sample_weight is None else sample_weight[:, None]

    def call() -> None:
        if column is not None:
            np.multiply(slopes, column, slopes)
        if rows > 1:
            np.multiply(slopes, share, slopes)

    return call


def clip(array: NDArray[Any], low: float, high: float, out: NDArray[Any]) -> None:
    """Write `array` into `out`, its real parts kept within two bounds; what lies beyond is real."""
    if array.dtype.kind != "c":
        np.minimum(array, constant(high, array.dtype), out=out)
        np.maximum(out, constant(low, array.dtype), out=out)
        return
    real = array.real.copy()
    np.copyto(out, array)
    out[real < low] = low
    out[real > high] = high
