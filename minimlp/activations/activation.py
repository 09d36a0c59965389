"""An activation bends what a layer sums; without one, a chain of layers would be one layer.

It has no parameters, so its backward pass is one factor of the chain rule: dx = dy · f′(x).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..layers import Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Activation(Layer):
    """A function of its input alone, of the same width: ``forward(x, out)`` and
    ``backward(x, y, dy, dx)``, where dx is never None, since there are no parameters.

    One whose derivative needs only its output sets ``reads_input = False``; where the layer before
    it allows, it is then run in place: `x` and `y` (`out`) are the same memory.
    """

    in_place = True

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        if type(self).plan is Layer.plan:
            super().forward(x, out)
        self.plan(x, out, None, None)[0]()

    def backward(self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: Any) -> None:
        if type(self).plan is Layer.plan:
            super().backward(x, y, dy, dx)
        self.plan(x, y, dy, dx)[1]()
