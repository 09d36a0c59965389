"""Half the squared distance between target and output: the page's loss.

One sample's loss is summed over its outputs, and the batch's loss is the mean over its B samples:

    Loss = (1/B) Σ_samples Σ_k ½·(target_k − out_k)²

The ½ is there for its derivative: ∂Loss/∂out_k = (target_k − out_k)·(−1) / B = (out_k − target_k)
/ B.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import multiply, subtract

from ..activations import Identity
from ..constants import constant
from ..formula import Formula
from ..registry import register
from .elementwise import Elementwise
from .loss import Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class MSE(Elementwise):
    """Loss = (1/B) Σ_samples Σ_k ½·(target_k − out_k)².

    PyTorch's ``MSELoss`` and Keras's ``MeanSquaredError`` take the plain mean over all entries,
    which is 2/n_out times this value.

    Examples
    --------
    The page's two outputs:

    >>> from minimlp import MSE
    >>> MSE().value([[0.751365069552, 0.772928465321]], [[0.01, 0.99]])
    0.298371108...
    >>> MSE().gradient([[0.751365069552, 0.772928465321]], [[0.01, 0.99]])
    array([[ 0.74136507, -0.21707153]])
    """

    natural_output = Identity
    formula = Formula("0.5 * (t - a)**2", "(t - a) * (-1)")
    logit_formula = Formula("0.5 * (t - a)**2", "a - t")

    def plan(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        out: NDArray[Any],
    ) -> Measure:
        rows = len(prediction)
        half_mean, share = 0.5 / rows, constant(1 / rows, out.dtype)
        number = complex if out.dtype.kind == "c" else float  # ten times as fast as .item()
        difference = out.reshape(-1)

        def value_and_gradient() -> Any:
            subtract(prediction, target, out)
            squares = difference.dot(difference)
            if rows > 1:
                multiply(out, share, out)
            return half_mean * number(squares)

        if sample_weight is None:
            return value_and_gradient
        column = sample_weight[:, None]

        def weighted() -> Any:
            subtract(prediction, target, out)
            squares = np.einsum("bk,bk->b", out, out).dot(sample_weight)
            multiply(out, column, out)
            multiply(out, share, out)
            return half_mean * number(squares)

        return weighted

    def residual_weights(self, residual: NDArray[Any], out: NDArray[Any]) -> None:
        out.fill(1)

    def plan_from_logits(
        self,
        logits: NDArray[Any],
        target: NDArray[Any],
        sample_weight: NDArray[Any] | None,
        out: NDArray[Any],
    ) -> tuple[NDArray[Any], Measure]:
        return logits, self.plan(logits, target, sample_weight, out)
