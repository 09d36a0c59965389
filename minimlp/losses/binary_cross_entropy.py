"""How surprising the true answers of yes-or-no questions are, to one who believes the outputs.

    ℓ(p, t) = −t·ln p − (1 − t)·ln(1 − p)        ℓ′ = (p − t) / (p·(1 − p))

behind a Sigmoid, p = σ(z), as a formula of z (see `canonical`):

    ℓ = ln(1 + eᶻ) − t·z = z·([z > 0] − t) + ln(1 + e^−|z|)        ∂ℓ/∂z = p − t
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import add, copysign, copyto, divide, exp, greater, less_equal, log1p, multiply, subtract

from ..activations import Sigmoid
from ..constants import constant
from ..formula import Formula
from ..registry import register
from .canonical import Canonical
from .elementwise import clip, summed
from .loss import Measure
from .targets import check_within

if TYPE_CHECKING:
    from numpy.typing import NDArray


_BOUNDED = "min(max(a, eps), 1 - eps)"


@register
class BinaryCrossEntropy(Canonical):
    """Loss = (1/B) Σ_samples Σ_k −t_k·ln p_k − (1 − t_k)·ln(1 − p_k), for targets in [0, 1].

    Behind a last layer `Sigmoid`, training, evaluation and derivatives use the formula of its
    input, which is right for every logit. On bare probabilities, `value` and `gradient` keep p
    within eps and 1 − eps, eps being the dtype's rounding unit (2.2e-16 in float64, 1.2e-7 in
    float32): a sure prediction that is wrong costs 36 (16) at most. PyTorch's ``BCELoss`` and
    Keras's ``BinaryCrossentropy`` take the mean over all entries, 1/n_out times this value.

    Examples
    --------
    >>> from minimlp.losses import BinaryCrossEntropy
    >>> BinaryCrossEntropy().value([[0.5], [0.25]], [[1.0], [0.0]])
    0.490414...
    """

    formula = Formula(
        "-t * ln(a) - (1 - t) * ln(1 - a)",
        "(a - t) / (a * (1 - a))",
        safe_value=f"-t * ln({_BOUNDED}) - (1 - t) * ln(1 - {_BOUNDED})",
        safe_derivative=f"({_BOUNDED} - t) / ({_BOUNDED} * (1 - {_BOUNDED}))",
    )
    logit_formula = Formula("max(h, 0) + ln(1 + exp(-abs(h))) - t * h", "a - t")
    natural_output = Sigmoid
    prediction_range = (0, 1)

    def check_targets(self, name: str, target: NDArray[Any]) -> None:
        check_within(name, target, 0, 1, "BinaryCrossEntropy takes targets from 0 to 1")

    def elements(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        values: NDArray[Any],
        slopes: NDArray[Any],
    ) -> None:
        eps = float(np.finfo(prediction.dtype).eps)
        p = np.empty_like(prediction)
        clip(prediction, eps, 1 - eps, p)
        values[...] = -target * np.log(p) - (1 - target) * np.log(1 - p)
        slopes[...] = (p - target) / (p * (1 - p))

    def link(
        self,
        logits: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        prediction: NDArray[Any],
        slopes: NDArray[Any],
    ) -> Measure:
        zero, one, minus = (constant(number, logits.real.dtype) for number in (0, 1, -1))
        real, is_real = logits.real, logits.dtype.kind != "c"
        values, tail, share = (np.empty_like(logits) for _ in range(3))
        low = np.empty(logits.shape, bool)
        total = summed(values, sample_weight)

        def call() -> Any:
            less_equal(real, zero, low)
            greater(real, zero, values)
            subtract(values, target, values)
            multiply(values, logits, values)
            if is_real:
                copysign(logits, minus, tail)  # −|z|
            else:
                tail[...] = np.where(low, logits, -logits)
            exp(tail, tail)
            # σ(|z|) = 1 / (1 + e^−|z|) and σ(−|z|) = e^−|z| / (1 + e^−|z|), and not 1 − σ(|z|), of
            # whose digits few are left.
            add(tail, one, slopes)
            divide(one, slopes, slopes)
            multiply(slopes, tail, share)
            copyto(prediction, slopes)
            copyto(prediction, share, where=low)
            # p − t = (1 − t)·p − t·(1 − p)
            copyto(share, slopes, where=low)
            multiply(share, target, share)
            subtract(one, target, slopes)
            multiply(slopes, prediction, slopes)
            subtract(slopes, share, slopes)
            log1p(tail, tail)
            add(values, tail, values)
            return total()

        return call
