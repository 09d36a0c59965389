"""Why prediction − target appears again and again.

Some losses and last layers belong together: squared error and Identity, binary cross-entropy and
Sigmoid, categorical cross-entropy and Softmax, the Poisson loss and Exp. Written as a function of
the last layer's input z, the logits, each pair is

    ℓ(z, t) = A(z) − t·z        (plus what does not depend on z)

with a different A, and the last layer is its derivative: prediction = A′(z). So, for all of them,

    ∂ℓ/∂z = A′(z) − t = prediction − target

    loss                        A(z)            A′(z), the last layer
    squared error               ½·z²            z               Identity
    binary cross-entropy        ln(1 + eᶻ)      1 / (1 + e⁻ᶻ)   Sigmoid
    categorical cross-entropy   ln Σₖ e^(zₖ)    e^(zᵢ) / Σₖ …   Softmax
    Poisson                     eᶻ              eᶻ              Exp

By the chain rule the factor of the loss, 1/prediction and the like, cancels that of the last layer.
Computing both and multiplying them divides by 0 where a unit is saturated; the formula of z never
does. (McCullagh & Nelder, 1989, "Generalized linear models", 2.2: each is the log-likelihood of an
exponential family with its canonical link. Bishop, 2006, "Pattern recognition and machine
learning", 4.3.6.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .elementwise import Elementwise, scaled
from .loss import Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Canonical(Elementwise):
    """Base of the losses that have, besides `elements`, a formula of the logits, `link`."""

    def link(
        self,
        logits: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        prediction: NDArray[Any],
        slopes: NDArray[Any],
    ) -> Measure:
        """Prepare a call that writes A′(z) into `prediction` and A′(z) − t into `slopes`, and gives
        the sum of w·ℓ over the rows.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define link")

    def plan_from_logits(
        self,
        logits: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        out: NDArray[Any],
    ) -> tuple[NDArray[Any], Measure]:
        prediction, rows = np.empty_like(logits), len(logits)
        link = self.link(logits, target, sample_weight, prediction, out)
        scale = scaled(out, sample_weight)

        def value_and_gradient() -> Any:
            total = link()
            scale()
            return total / rows

        return prediction, value_and_gradient
