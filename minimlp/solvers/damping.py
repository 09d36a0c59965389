"""A step that is short where the model of the loss is not to be trusted, and long where it is.

Gauss and Newton solve H·h = −g with H = JᵀJ. Far from a minimum that overshoots, and where J has
dependent columns there is no one answer. Levenberg adds a damping μ:

    (H + μ·D)·h = −g

With a large μ the step h is short and runs down the gradient, with a small one it is theirs. How
much of the decrease that H and g predict has come true, the gain ratio ρ, says whether μ falls or
rises (Nielsen's rule).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..validation import as_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

_FIRST = 1e-12  # a damping of 0 that has to be raised begins here
_ROUNDING = 1e-12  # of H's entries, beside its diagonal


class Damping:
    """μ, how it changes, and D.

    Parameters
    ----------
    initial : float
        μ at first; times the largest entry of H's diagonal where D is the identity.
    scaling : {"levenberg", "marquardt"}
        D is the identity; or the largest that the diagonal of H has been so far, entry by entry,
        which makes steps independent of the units of parameters.
    diagonal : array (P,)
        Of H at first.
    """

    def __init__(self, initial: float, scaling: str, diagonal: Vector) -> None:
        self._marquardt = scaling == "marquardt"
        self.value, self.growth = initial, 2.0
        self.scale = diagonal.copy()
        if not self._marquardt:
            self.value *= float(diagonal.max()) or 1.0
            self.scale = self._units = np.ones_like(diagonal)

    def look(self, diagonal: Vector) -> None:
        """Take notice of the diagonal of H at a new point."""
        if self._marquardt:
            np.maximum(self.scale, diagonal, out=self.scale)
            # A parameter without influence so far gets a step of 0.
            self._units = np.where(self.scale > 0, self.scale, 1.0)

    def step(self, hessian: NDArray[np.float64], gradient: Vector) -> tuple[Vector, float]:
        """Give h, and the decrease of the loss that H and g predict for it.

        Cholesky's factors exist just where H + μ·D is positive definite. To rounding it may not be,
        where columns of J depend on each other and μ is small: then μ is raised until it is.
        """
        while math.isfinite(self.value):
            damped, more = hessian.copy(), self.value * self._units
            diagonal = damped.reshape(-1)[:: len(damped) + 1]
            np.add(diagonal, more, diagonal)
            try:
                np.linalg.cholesky(damped)
                step: Vector = np.linalg.solve(damped, -gradient)  # type: ignore[assignment]
            except np.linalg.LinAlgError:
                self.rise()
                continue
            return step, 0.5 * float(step.dot(more * step - gradient))
        return np.zeros_like(gradient), 0.0

    def length(self, vector: Vector) -> float:
        """Give the length of a vector of parameters in the units of D."""
        return math.sqrt(self.scale.dot(vector * vector))

    def undamped(self, hessian: NDArray[np.float64], gradient: Vector) -> float:
        """Give the decrease that H and g predict for the step with the least μ there can be."""
        diagonal = hessian.diagonal()
        ridge = _ROUNDING * np.where(diagonal > 0, diagonal, 1)
        try:
            step = np.linalg.solve(hessian + np.diag(ridge), -gradient)
        except np.linalg.LinAlgError:  # of entries too small to be told from 0
            return 0.0
        return -0.5 * float(step.dot(gradient))

    def fall(self, gained: float, predicted: float) -> None:
        """Trust the model more, or not much less: the step was good."""
        ratio = gained / predicted if gained < predicted else 1.0
        self.value *= max(1 / 3, 1 - (2 * ratio - 1) ** 3)
        self.growth = 2.0

    def rise(self) -> None:
        """Trust it less: the step was no good. The second time in a row it counts more."""
        self.value = self.value * self.growth or _FIRST
        self.growth *= 2

    def state(self) -> dict[str, Any]:
        """Give what a run that goes on needs."""
        return {"damping": self.value, "growth": self.growth, "scale": self.scale}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what `state` gave.

        Raises
        ------
        ValueError
            It is none, or that of another number of them.
        """
        check_state(state)
        if len(state["scale"]) != len(self.scale):
            raise ValueError(
                f"the solver's scale does not fit {len(self.scale)} parameters that train"
            )
        self.value, self.growth = float(state["damping"]), float(state["growth"])
        self.scale = state["scale"].astype(float)


def check_state(state: dict[str, Any]) -> None:
    """Refuse what no `Damping.state` gave.

    Raises
    ------
    KeyError, TypeError, ValueError
    """
    as_number("damping", state["damping"], low=0)
    as_number("growth", state["growth"], low=2)
    scale = state["scale"]
    if not isinstance(scale, np.ndarray) or scale.ndim != 1 or scale.dtype.kind != "f":
        raise ValueError(f"the solver's scale is {scale!r:.80}")
    if not (np.isfinite(scale) & (scale >= 0)).all():
        raise ValueError("the solver's scale holds numbers out of range")
