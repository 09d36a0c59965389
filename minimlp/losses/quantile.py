"""Too low costs τ a unit, too high 1 − τ: the best prediction is the τ-quantile.

    ℓ = τ·(target − out) where out < target, else (1 − τ)·(out − target)

Trained with τ = 0.05 and τ = 0.95, two networks give an interval that holds 90 % of the targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..constants import constant
from ..formula import Formula
from ..registry import register
from ..validation import as_positive
from .elementwise import Elementwise

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class Quantile(Elementwise):
    """Loss = (1/B) Σ_samples Σ_k max(τ·(t_k − out_k), (τ − 1)·(t_k − out_k)), the pinball loss.

    At the kink, out = target, the derivative is −τ.

    Source: Koenker & Bassett (1978), "Regression quantiles", Econometrica 46.

    Parameters
    ----------
    tau : float
        τ, above 0 and below 1; 0.5 gives half the absolute error.

    Raises
    ------
    TypeError, ValueError
        `tau` is not between 0 and 1.

    Examples
    --------
    >>> from minimlp.losses import Quantile
    >>> Quantile(0.9).value([[0.0], [2.0]], [[1.0], [1.0]])
    0.5
    """

    formula = Formula(
        "τ * (t - a) if a <= t else (1 - τ) * (a - t)",
        "-τ if a <= t else 1 - τ",
        letters={"τ": "tau"},
    )

    def __init__(self, tau: float) -> None:
        self.tau = as_positive("tau", tau, below=1)

    def elements(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        values: NDArray[Any],
        slopes: NDArray[Any],
    ) -> None:
        np.subtract(prediction, target, values)
        np.greater(values.real, 0, slopes)
        np.subtract(slopes, constant(self.tau, slopes.dtype), slopes)
        np.multiply(values, slopes, values)
