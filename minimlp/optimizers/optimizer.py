"""An optimizer moves the flat vector of parameters a little, against its gradient.

It sees one vector whatever the network, and keeps whatever it remembers (a velocity, say) as
vectors of the same length. It belongs to one vector: that of the first model it trains.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Rule
from ..registry import Component, is_newer

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Optimizer(Component):
    """Base of every optimizer; one of one's own defines `step`, and `allocate` if it remembers.

    Attributes
    ----------
    memory : tuple of str
        Names of the attributes that `step` changes: arrays that `allocate` made, or Python numbers.
        With them put back, training goes on to the same bits as if it had never stopped.
    """

    memory: tuple[str, ...] = ()

    _vector: NDArray[Any] | None = None

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if is_newer(cls, [name for name in ("step", "update") if hasattr(cls, name)], "rule"):
            cls.rule = Optimizer.rule  # type: ignore[method-assign]

    def rule(self) -> Rule | None:
        """Give the step as formulas, for `minimlp.explain`; None where nobody has written them.

        A class that defines what it does anew has none unless it says so.
        """
        return None

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
        self.check(parameters)
        if self._vector is None:
            self.allocate(parameters)
            self._vector = parameters

    def restart(self) -> None:
        """Forget all that it remembers, and go on training the same vector."""
        if self._vector is not None:
            self.allocate(self._vector)

    def check(self, parameters: NDArray[Any]) -> None:
        """Refuse, as `attach` does, to train another vector than the first."""
        if self._vector is not None and self._vector is not parameters:
            raise ValueError(
                f"optimizer {self!r} already trains another model: make a new one for this model"
            )

    def state(self) -> dict[str, Any]:
        """Give copies of what it remembers, by the names in `memory`; {} before it trains."""
        if self._vector is None:
            return {}
        kept = {name: getattr(self, name) for name in self.memory}
        return {
            name: value.copy() if isinstance(value, np.ndarray) else value
            for name, value in kept.items()
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Remember what another optimizer's `state` gave, one made with the same arguments.

        Arrays are copied into those that `attach` has made. Numbers may come as arrays without
        axes, as a file gives them.

        Raises
        ------
        TypeError
            `state` is no mapping.
        ValueError
            Not attached yet, or a name, shape or dtype that does not fit; nothing is changed then.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"state must be a dict as state() gives it, got {state!r:.80}")
        if self._vector is None:
            raise ValueError(f"optimizer {self!r} has no model yet: attach it before restore")
        if set(state) != set(self.memory):
            raise ValueError(
                f"state holds {sorted(map(str, state))!s:.200}: "
                f"{type(self).__name__} remembers {sorted(self.memory)}"
            )
        found = {name: _fitting(name, state[name], getattr(self, name)) for name in self.memory}
        for name, value in found.items():
            if isinstance(value, np.ndarray):
                getattr(self, name)[...] = value
            else:
                setattr(self, name, value)


def _fitting(name: str, value: Any, kept: Any) -> Any:
    """Check what is to replace `kept`: an array of its shape and dtype, or a number of its kind."""
    array = np.asarray(value)
    if isinstance(kept, np.ndarray):
        if (array.shape, array.dtype) != (kept.shape, kept.dtype):
            raise ValueError(
                f"{name} in the state has shape {array.shape} and dtype {array.dtype}: "
                f"expected {kept.shape} and {kept.dtype}"
            )
        return array
    whole = isinstance(kept, int)
    if array.shape != () or array.dtype.kind not in ("iu" if whole else "iuf"):
        wanted = "a whole number" if whole else "a number"
        raise ValueError(f"{name} in the state must be {wanted}, got {value!r:.80}")
    if whole and array < 0:
        raise ValueError(f"{name} in the state must be a count, at least 0, got {value!r:.80}")
    return operator.index(array.item()) if whole else float(array)
