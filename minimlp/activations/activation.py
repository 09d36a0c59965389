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

    It may define `plan` instead of both; backward then takes all it needs from x and y.
    """

    in_place = True

    def forward(self, x: NDArray[Any], out: NDArray[Any]) -> None:
        if type(self).plan is Layer.plan:  # which comes back to here
            raise NotImplementedError(f"{type(self).__name__} does not define forward")
        self.plan(x, out, None, None)[0]()

    def backward(self, x: NDArray[Any], y: NDArray[Any], dy: NDArray[Any], dx: Any) -> None:
        if type(self).plan is Layer.plan:
            raise NotImplementedError(f"{type(self).__name__} does not define backward")
        self.plan(x, y, dy, dx)[1]()
