"""A solver looks at all samples at once, and finds its own way to a minimum.

An optimizer is told a gradient and takes one step. A solver is told the function, asks for values
and derivatives where it likes, and chooses directions and lengths by itself: there is no learning
rate, and no mini-batch. After each of its iterations it says where it now is.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ..registry import Component

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..derivatives.loss_function import LossFunction
    from ..objective import Objective


class Listener(Protocol):
    """Who is told of a solver's iterations."""

    def began(self) -> None:
        """An iteration is under way; to say so again until it is over means nothing."""

    def reached(
        self,
        vector: NDArray[np.float64],
        value: float,
        figures: Mapping[str, float] = MappingProxyType({}),
    ) -> bool:
        """An iteration is over, at `vector` with the loss `value`; `figures` are for the history.

        True asks the solver to end.
        """
        ...


class NotFiniteError(Exception):
    """The loss is NaN or infinite where a solver cannot do without it.

    Parameters
    ----------
    value : float
        The loss.
    """

    def __init__(self, value: float) -> None:
        super().__init__(f"the loss is {value}")
        self.value = value


class Solver(Component):
    """Base of every solver; one of one's own defines `run`.

    Given to `fit` as `optimizer=`. It works in float64 on copies of model and data; `fit` writes
    each iteration's parameters into the model.

    Attributes
    ----------
    forgets : bool
        Whether it begins anew, with nothing learnt, where training goes on from a checkpoint.
    refuses_batches : bool
        Whether a `batch_size` below the number of rows is an error; else it makes no difference.
    figures : tuple of str
        Names of the figures that it gives of each iteration, beside the loss.
    """

    forgets: ClassVar[bool] = False
    refuses_batches: ClassVar[bool] = False
    figures: ClassVar[tuple[str, ...]] = ()

    def run(self, function: LossFunction, iterations: int, listener: Listener) -> str | None:
        """Minimise from ``function.model.parameters``.

        Parameters
        ----------
        function : LossFunction
            The loss of all samples, penalty included. A point is asked for by writing it into
            ``function.model.parameters``; entries of ``function.model.gradients`` that are frozen
            are 0, and a solver leaves these parameters as they are.
        iterations : int
            The most to do, at least 1.
        listener : Listener
            Told of each iteration.

        Returns
        -------
        str or None
            Why no iteration is to follow, in words; None where all were done or `listener` said so.

        Raises
        ------
        NotFiniteError
            There is no way on from a loss that is NaN or infinite.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define run")

    def check(self, objective: Objective) -> None:
        """Refuse, before training begins, what it cannot train, or cannot train with."""

    def state(self) -> dict[str, Any]:
        """Give what a run that goes on from a checkpoint needs; as `Callback.state`."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave."""
