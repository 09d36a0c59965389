"""Gauss-Newton steps, damped: the method of choice for a least-squares problem of some hundreds of
parameters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..derivatives.normal_equations import NormalEquations, SquaredResiduals
from ..registry import register
from ..validation import as_number
from .damping import Damping
from .solver import Listener, NotFiniteError, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..derivatives.loss_function import LossFunction
    from ..objective import Objective

    Vector = NDArray[np.float64]

SCALINGS = ("marquardt", "levenberg")


@register
class LevenbergMarquardt(Solver):
    figures = ("damping", "gradient_norm")

    def __init__(
        self,
        damping: float = 1e-3,
        scaling: str = "marquardt",
        goal: float = 0.0,
        loss_tolerance: float = 1e-12,
        step_tolerance: float = 1e-10,
        gradient_tolerance: float = 1e-10,
    ) -> None:
        if scaling not in SCALINGS:
            raise ValueError(f"scaling must be one of {', '.join(SCALINGS)}, got {scaling!r:.80}")
        self.damping = as_number("damping", damping, low=0)
        self.scaling = scaling
        self.goal = as_number("goal", goal, low=0)
        self.loss_tolerance = as_number("loss_tolerance", loss_tolerance, low=0)
        self.step_tolerance = as_number("step_tolerance", step_tolerance, low=0)
        self.gradient_tolerance = as_number("gradient_tolerance", gradient_tolerance, low=0)
        self.rank = None
        self._state = None

    def run(self, function: LossFunction, iterations: int, listener: Listener) -> str | None:
        problem = SquaredResiduals(function)
        damping = Damping(self.damping, self.scaling)
        self._damping = damping
        point = problem.point
        loss = problem.value()
        equations = problem.normal_equations()
        if not math.isfinite(loss) or not equations.is_finite:
            raise NotFiniteError(loss)
        while iterations:
            iterations -= 1
            damping.look(equations.hessian.diagonal())
            ridge = problem.ridge
            value = loss + 0.5 * float(ridge.dot(point * point))
            gradient = equations.gradient + ridge * point
            hessian = equations.hessian + np.diag(ridge)
            if loss <= self.goal:
                return f"goal"
            squares = equations.squares + float(ridge.dot(point*point))
            if (gradient**2 <= self.gradient_tolerance**2 * hessian.diagonal() * squares).all():
                return "gradient"
            listener.began()
            reason = None
            while True:
                step, predicted = damping.step(hessian, gradient)
                problem.point = candidate = point + step
                new_loss = problem.value()
                new_value = new_loss + 0.5 * float(ridge.dot(candidate * candidate))
                gained = value - new_value
                if damping.length(step) <= self.step_tolerance * damping.length(point):
                    reason = "step"
                elif abs(gained) <= self.loss_tolerance * value and predicted <= self.loss_tolerance * value:
                    reason = "loss"
                if gained > 0:
                    new = problem.normal_equations()
                    if new.is_finite:
                        break
                if reason:
                    problem.point = point
                    return reason
                damping.rise()
            damping.fall(gained / predicted)
            point, loss, equations = candidate, new_loss, new
            figures = {"damping": damping.value, "gradient_norm": float(np.abs(equations.gradient+ridge*point).max())}
            if listener.reached(function.model.parameters, new_value, figures):
                return None
            if reason:
                return reason
        return None
