"""Features in one unit of measure: y = (x − mean) / scale, feature by feature.

Mean and scale are learnt from data once, by `adapt`, and are then constants: they are saved with
the model, but no gradient reaches them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Formula
from ..registry import register
from ..validation import as_batch, as_count
from .layer import Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray


@register
class Normalization(Layer):
    """y = (x − mean) / scale with a fixed mean and scale per feature.

    Parameters
    ----------
    width : int
        Number of features.

    Attributes
    ----------
    mean, scale : array (width,)
        0 and 1 until `adapt` is called. Of the model's dtype once part of a model.

    Examples
    --------
    >>> from minimlp import Normalization
    >>> layer = Normalization(2)
    >>> layer.adapt([[1.0, 5.0], [3.0, 5.0]])
    >>> layer.mean, layer.scale
    (array([2., 5.]), array([1., 1.]))
    """

    state_names = ("mean", "scale")
    reads_input = False
    reads_output = False
    formula = Formula("(h - m) / s", "1 / s", letters={"m": "mean", "s": "scale"}, name="z")

    def __init__(self, width: int) -> None:
        self.width: int = as_count("width", width)
        self.mean: NDArray[Any] = np.zeros(width)
        self.scale: NDArray[Any] = np.ones(width)

    def adapt(self, x: Any) -> None:
        """Set mean and scale to the mean and standard deviation (divisor n) of `x`, column by
        column.

        A constant column gets scale 1, so that it becomes 0.

        Parameters
        ----------
        x : array-like (rows, width)

        Raises
        ------
        TypeError, ValueError
            `x` is not a batch of `width` finite features; mean and scale stay as they were.
        """
        real = self.mean.real.dtype
        x = as_batch("x", x, self.width, real).astype(np.float64)
        # In units of the largest entry, squares of very large or small numbers stay in range.
        unit = np.abs(x).max(axis=0)
        unit[unit == 0] = 1
        relative = x / unit
        deviation = relative.std(axis=0)
        varies = deviation > 0
        scale = (unit * np.where(varies, deviation, 1)).astype(real)
        varies &= scale > 0
        self.mean = np.where(varies, unit * relative.mean(axis=0), x[0])
        self.scale = np.where(varies, scale, 1)

    def bind(self, views: dict[str, NDArray[Any]], dtype: np.dtype[Any]) -> None:
        super().bind(views, dtype)
        self.scale[self.scale == 0] = 1  # a deviation that the model's dtype cannot tell from none

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        np.subtract(x, self.mean, out=out)
        np.divide(out, self.scale, out=out)

    def backward(
        self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: NDArray[Any] | None
    ) -> None:
        if dx is not None:
            np.divide(dy, self.scale, out=dx)
