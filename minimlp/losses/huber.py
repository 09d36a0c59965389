"""Squared near the target, straight far from it: outliers pull with a force that is bounded.

    ℓ = ½·d² where |d| ≤ δ, else δ·(|d| − ½·δ)        ℓ′ = d, kept within −δ and δ

with d = out − target. With c for d kept within −δ and δ, both are one formula: ℓ = c·(d − ½·c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..constants import constant
from ..formula import Formula
from ..registry import register
from ..validation import as_positive
from .elementwise import Elementwise, clip

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class Huber(Elementwise):
    """Loss = (1/B) Σ_samples Σ_k c·(d − ½·c), with d = out − target and c = d within ±δ.

    PyTorch's ``HuberLoss`` and Keras's ``Huber`` take the mean over all entries, 1/n_out of it.

    Source: Huber (1964), "Robust estimation of a location parameter".

    Parameters
    ----------
    delta : float
        δ above 0, in the unit of the targets: residuals beyond it count as outliers.

    Raises
    ------
    TypeError, ValueError
        `delta` is no finite number above 0.

    Examples
    --------
    >>> from minimlp.losses import Huber
    >>> Huber(1.0).value([[0.5], [3.0]], [[0.0], [0.0]])
    1.3125
    """

    formula = Formula(
        "0.5 * (t - a)**2 if abs(t - a) <= κ else κ * (abs(t - a) - 0.5 * κ)",
        "a - t if abs(t - a) <= κ else κ * sign(a - t)",
        letters={"κ": "delta"},  # δ is the derivative by what a unit sums
    )

    def __init__(self, delta: float = 1.0) -> None:
        self.delta = as_positive("delta", delta)

    def elements(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        values: NDArray[Any],
        slopes: NDArray[Any],
    ) -> None:
        np.subtract(prediction, target, values)
        clip(values, -self.delta, self.delta, slopes)
        np.multiply(slopes, constant(-0.5, slopes.dtype), slopes)  # −½·c, and back: both are exact
        np.add(values, slopes, values)
        np.multiply(slopes, constant(-2, slopes.dtype), slopes)
        np.multiply(values, slopes, values)

    def residual_weights(self, residual: NDArray[Any], out: NDArray[Any]) -> None:
        np.abs(residual, out)
        np.maximum(out, constant(self.delta, out.dtype), out=out)
        np.divide(constant(self.delta, out.dtype), out, out)
