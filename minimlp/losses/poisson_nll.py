"""How surprising counts are, to one who believes the outputs are their means.

    ℓ(p, t) = p − t·ln p        ℓ′ = 1 − t/p        (without ln t!, which no output changes)

behind an Exp, p = eᶻ, as a formula of z (see `canonical`): ℓ = eᶻ − t·z, ∂ℓ/∂z = p − t.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..activations import Exp
from ..constants import constant
from ..formula import Formula
from ..registry import register
from .canonical import Canonical
from .elementwise import clip, summed
from .loss import Measure
from .targets import check_within

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _largest_exponent(dtype: np.dtype[Any]) -> float:
    """Give the largest number whose exponential `dtype` can hold, rounding of `exp` included."""
    largest = np.finfo(dtype).max
    return float(np.nextafter(np.log(largest), dtype.type(0)))


@register
class PoissonNLL(Canonical):
    """Loss = (1/B) Σ_samples Σ_k out_k − t_k·ln out_k, for counts or rates, at least 0.

    Behind a last layer `Exp`, training, evaluation and derivatives use the formula of its input; a
    mean beyond the dtype's range, e^88 in float32 and e^709 in float64, is infinity there, and so
    is the loss. On bare means, `value` and `gradient` keep them at least at eps, the dtype's
    rounding unit. PyTorch's ``PoissonNLLLoss`` and Keras's ``Poisson`` take the mean over all
    entries, 1/n_out times this value.

    Examples
    --------
    >>> from minimlp.losses import PoissonNLL
    >>> PoissonNLL().value([[2.0], [1.0]], [[2.0], [0.0]])
    0.806852...
    """

    natural_output = Exp
    formula = Formula(
        "a - t * ln(a)",
        "1 - t / a",
        safe_value="max(a, eps) - t * ln(max(a, eps))",
        safe_derivative="1 - t / max(a, eps)",
    )
    logit_formula = Formula("exp(h) - t * h", "a - t")
    prediction_range = (0, np.inf)

    def check_targets(self, name: str, target: NDArray[Any]) -> None:
        check_within(name, target, 0, np.inf, "PoissonNLL takes counts, at least 0")

    def elements(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        values: NDArray[Any],
        slopes: NDArray[Any],
    ) -> None:
        p = np.empty_like(prediction)
        clip(prediction, float(np.finfo(prediction.dtype).eps), np.inf, p)
        values[...] = p - target * np.log(p)
        slopes[...] = 1 - target / p

    def link(
        self,
        logits: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        prediction: NDArray[Any],
        slopes: NDArray[Any],
    ) -> Measure:
        real, limit = logits.real, _largest_exponent(logits.real.dtype)
        bound = constant(limit, real.dtype)
        values = np.empty_like(logits)
        total = summed(values, sample_weight)
        beyond = np.empty(logits.shape, bool)

        def call() -> Any:
            clip(logits, -np.inf, limit, prediction)  # lest the overflow is warned of
            np.exp(prediction, prediction)
            np.greater(real, bound, beyond)
            np.copyto(prediction, np.inf, where=beyond)
            np.multiply(logits, target, values)
            np.subtract(prediction, values, values)
            np.subtract(prediction, target, slopes)
            return total()

        return call
