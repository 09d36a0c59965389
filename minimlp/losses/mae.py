"""The distance between target and output: one that is far off pulls no harder than one near by.

    ℓ(out, target) = |out − target|        ℓ′ = sign(out − target)

The best constant prediction is the median, where that of the squared error is the mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Formula
from ..registry import register
from .elementwise import Elementwise

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class MAE(Elementwise):
    """Loss = (1/B) Σ_samples Σ_k |target_k − out_k|.

    PyTorch's ``L1Loss`` and Keras's ``MeanAbsoluteError`` take the plain mean over all entries,
    which is 1/n_out times this value. At the kink, out = target, the derivative is 0.

    Examples
    --------
    >>> from minimlp.losses import MAE
    >>> MAE().value([[1.0], [4.0]], [[2.0], [2.0]])
    1.5
    """

    formula = Formula("abs(t - a)", "sign(a - t)")

    def elements(
        self,
        prediction: NDArray[Any],
        target: NDArray[Any],
        values: NDArray[Any],
        slopes: NDArray[Any],
    ) -> None:
        np.subtract(prediction, target, values)
        np.sign(values.real, slopes)
        np.multiply(values, slopes, values)
