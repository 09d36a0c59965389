"""What first-order optimizers share: a learning rate, a bound on gradients, a count of steps.

A step is always

    η = learning_rate, or schedule(steps)
    g ← g · min(1, clip_norm / ‖g‖)          where clip_norm is given; ‖g‖ over all parameters
    steps ← steps + 1
    update(w, g, η)                          the rule itself
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..schedules import Schedule
from .optimizer import Optimizer
from .settings import PositiveOrNone, Rate

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAFE = 1e-30  # a sum of squares above it has lost nothing to underflow, in float32 either

# A weight whose gradient stays 0, as behind a unit that is dead, has means that fade for ever; and
# below the smallest normal number a processor takes 30 times as long. So what has faded to 1e-32 in
# float32, 1e-302 in float64, becomes 0 every so many steps.
_FADED = 2.0**20
_BETWEEN = 128


class FirstOrder(Optimizer):
    """Base of the optimizers that need the gradient alone; one of one's own defines `update`.

    Clipping by the norm: Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent
    neural networks".

    Parameters
    ----------
    learning_rate : float or Schedule
        η, finite, at least 0. May be set between steps.
    clip_norm : float, optional
        c > 0: a gradient (P,) longer than c is shortened to length c, in its direction, before
        anything else (Keras's ``global_clipnorm``). `gradients` itself is only read. Gradients that
        are not finite pass as they are.

    Attributes
    ----------
    steps : int
        Steps taken so far. During `update` the step under way counts: t in the formulas.
    memory : tuple of str
        ``("steps",)``; an own rule that remembers more adds its names.

    Raises
    ------
    TypeError, ValueError
        A value outside its range, named; also where it is set later.

    Examples
    --------
    >>> import numpy as np
    >>> class Signs(FirstOrder):
    ...     def update(self, parameters, gradients, rate):
    ...         parameters -= rate * np.sign(gradients)
    >>> w, signs = np.zeros(2), Signs(0.5)
    >>> signs.step(w, np.array([3.0, -1.0]))
    >>> w, signs.steps
    (array([-0.5,  0.5]), 1)
    """

    memory: tuple[str, ...] = ("steps",)
    learning_rate = Rate()
    clip_norm = PositiveOrNone()
    steps: int = 0

    _rate_is: float | None = None  # what _rate holds
    _clip: NDArray[Any] | None = None

    def __init__(self, learning_rate: float | Schedule, clip_norm: float | None = None) -> None:
        self.learning_rate = learning_rate
        self.clip_norm = clip_norm

    @property
    def rate(self) -> float:
        """The learning rate that the next step uses."""
        given = self.learning_rate
        return given.rate(self.steps) if isinstance(given, Schedule) else float(given)

    def update(self, parameters: NDArray[Any], gradients: NDArray[Any], rate: NDArray[Any]) -> None:
        """Move `parameters` (P,) in place; `gradients` (P,) and `rate` () are only read.

        All three are of one dtype. `rate` is an array without axes, as a Python float takes a small
        vector twice the time.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define update")

    def step(self, parameters: NDArray[Any], gradients: NDArray[Any]) -> None:
        """Update `parameters` in place; `gradients` is only read.

        The optimizer belongs to the vector of its first step; another raises `ValueError`.
        """
        if self._vector is not parameters:
            self.attach(parameters)
        if self.learning_rate is not self._rate_is:  # a schedule never is
            self._fill_rate(parameters)
        if self.clip_norm is not None:
            gradients = self._clipped(gradients, self.clip_norm)
        self.steps = steps = self.steps + 1
        self.update(parameters, gradients, self._rate)
        if not steps % _BETWEEN:
            self._drop_faded(parameters.dtype)

    def restart(self) -> None:
        """Forget all that it remembers, the count of steps too."""
        super().restart()
        self.steps = 0

    def _fill_rate(self, parameters: NDArray[Any]) -> None:
        rate = self.rate
        if self._rate_is is None:
            self._rate = np.empty((), parameters.dtype)
        if rate != self._rate_is:
            self._rate.fill(rate)
        self._rate_is = rate

    def _drop_faded(self, dtype: np.dtype[Any]) -> None:
        """Make 0 of what is within _FADED of the smallest number, by adding and taking off."""
        limits = np.finfo(dtype)
        faded = np.array(_FADED * float(limits.tiny) / float(limits.eps), dtype)
        for name in self.memory:
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and value.dtype == dtype:
                np.add(value, faded, value)
                np.subtract(value, faded, value)

    def _clipped(self, gradients: NDArray[Any], limit: float) -> NDArray[Any]:
        """Give the gradients, shortened to length `limit` where they are longer."""
        if self._clip is None:
            self._clip = np.empty_like(gradients)
        clipped, unit = self._clip, 1.0
        square = _square(gradients)
        if not _SAFE < square < math.inf:  # then of ‖g‖ / unit
            unit = float(np.abs(gradients, out=clipped).max())
            if not 0 < unit < math.inf:
                return gradients
            square = _square(np.divide(gradients, unit, out=clipped))
        factor = limit / unit / math.sqrt(square)
        return np.multiply(gradients, factor, out=clipped) if factor < 1 else gradients


def _square(vector: NDArray[Any]) -> float:
    """Give ‖vector‖², infinite where its dtype cannot hold it."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(vector.dot(vector))
