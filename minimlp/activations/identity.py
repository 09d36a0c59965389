"""Nothing happens here: the output layer of a regression, written down.

a(h) = h        a′(h) = 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..registry import register
from .activation import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class Identity(Activation):
    """a(h) = h.

    Examples
    --------
    >>> from minimlp import Identity, Sequential
    >>> Sequential(Identity()).predict([[-2.0, 3.0]])
    array([[-2.,  3.]])
    """

    reads_input = False
    reads_output = False

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        if out is not x:
            np.copyto(out, x)

    def backward(self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: Any) -> None:
        np.copyto(dx, dy)
