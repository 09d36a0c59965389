"""An optimizer moves the flat vector of parameters a little, against its gradient.

It sees one vector whatever the network, and keeps whatever it remembers (a velocity, say) as
vectors of the same length. It belongs to one vector: that of the first model it trains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..registry import Component

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Optimizer(Component):
    """Base of every optimizer; one of one's own defines `step`, and `allocate` if it remembers."""

    _vector: NDArray[Any] | None = None

    def step(self, parameters: NDArray[Any], gradients: NDArray[Any]) -> None:
        """Update `parameters` in place from `gradients`, both (P,) and of one dtype."""
        raise NotImplementedError(f"{type(self).__name__} does not define step")

    def allocate(self, parameters: NDArray[Any]) -> None:
        """Make the vectors that `step` writes to; called once, by `attach`."""

    def attach(self, parameters: NDArray[Any]) -> None:
        """Belong to `parameters` from now on.

        Raises
        ------
        ValueError
            The optimizer already belongs to another model: what it remembers is of no use here.
        """
        if self._vector is None:
            self.allocate(parameters)
            self._vector = parameters
        elif self._vector is not parameters:
            raise ValueError(
                f"optimizer {self!r} already trains another model: make a new one for this model"
            )
