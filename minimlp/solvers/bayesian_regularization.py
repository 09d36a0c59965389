"""How strong should the penalty be? The data say, by the evidence for each strength.

With noise of precision β in the targets and a prior of precision α on every parameter, training
lowers M = ½·β·Σ r² + ½·α·Σ w². After each step of Levenberg and Marquardt α and β are estimated
anew, as in `derivatives/evidence.py`, but α by no more than fivefold. With A = β·JᵀJ + α·I, P
parameters and N residuals,

    ln evidence = −M − ½·ln det A + ½·P·ln α + ½·N·ln β − ½·N·ln 2π
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..derivatives.evidence import (
    LEAST,
    degrees_of_freedom,
    effective_parameters,
    prior_precision,
)
from ..derivatives.normal_equations import eigenvalues_of
from ..losses import MSE
from ..registry import register
from ..validation import as_flag, as_positive
from .levenberg_marquardt import LevenbergMarquardt, Place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..derivatives.loss_function import LossFunction
    from ..derivatives.normal_equations import SquaredResiduals
    from ..objective import Objective
    from .solver import Listener

_FIRST = 1e-3  # of JᵀJ's largest entry: at first the data shall lead, however small weights are
_GROWTH = 5.0  # of α in an iteration, for weights that begin near 0 must be let grow
_SETTLED = 1e-3  # change of α/β, relative
_NONE = 0.5  # of γ: less than one parameter


@register
class BayesianRegularization(LevenbergMarquardt):
    """Levenberg-Marquardt with a penalty whose strength the data choose: MATLAB's ``trainbr``.

    For `MSE` and noise that is normally distributed; no rows need be set aside for validation. The
    prior is over all parameters that train, biases too. On noisy data γ, the number of parameters
    that the data determine, settles below P and stays there when units are added. The history has,
    beside the figures of `LevenbergMarquardt`, ``"alpha"``, ``"beta"``,
    ``"effective_parameters"``, γ, and ``"log_evidence"``, with which networks trained on the same
    data may be compared: larger is better. ``"loss"`` is the plain one, without the penalty.

    Targets should have a deviation near 1 and inputs too: one α is for all weights.

    Sources: MacKay (1992), "A practical Bayesian framework for backpropagation networks", Neural
    Computation 4, 448-472; Foresee & Hagan (1997), "Gauss-Newton approximation to Bayesian
    learning", International Conference on Neural Networks 3, 1930-1935.

    Parameters
    ----------
    damping, scaling, goal, loss_tolerance, step_tolerance, gradient_tolerance
        As for `LevenbergMarquardt`. The tolerances count once α/β has settled, to a thousandth.

    Attributes
    ----------
    alpha, beta : float
        α and β where the last `fit` ended; 1 before the first.
    rank : int or None
        As for `LevenbergMarquardt`; of the Jacobian with the penalty's rows.

    Raises
    ------
    TypeError, ValueError
        As for `LevenbergMarquardt`; a loss other than `MSE`, or a `penalty`.

    Examples
    --------
    >>> import numpy as np
    >>> from minimlp import BayesianRegularization, Identity, Tanh, mlp
    >>> rng = np.random.default_rng(0)
    >>> x = np.linspace(-1, 1, 50).reshape(-1, 1)
    >>> y = np.sin(3 * x) + rng.normal(0, 0.1, x.shape)
    >>> for width in (10, 40):
    ...     model = mlp(1, width, 1, hidden=Tanh, output=Identity, seed=0)
    ...     history = model.fit(x, y, optimizer=BayesianRegularization(), epochs=200)
    ...     print(model.parameters.size, round(history.history["effective_parameters"][-1]))
    31 8
    121 8
    """

    figures: ClassVar[tuple[str, ...]] = (
        *LevenbergMarquardt.figures,
        "alpha",
        "beta",
        "effective_parameters",
        "log_evidence",
    )

    alpha = beta = 1.0

    def check(self, objective: Objective) -> None:
        if type(objective.loss) is not MSE:
            raise ValueError(
                f"BayesianRegularization needs MSE(), the loss of noise that is normally "
                f"distributed, got {objective.loss!r:.80}"
            )
        if objective.penalty is not None:
            raise ValueError(
                f"BayesianRegularization finds its own penalty, got penalty={objective.penalty!r}"
            )
        super().check(objective)

    def run(self, function: LossFunction, iterations: int, listener: Listener) -> str | None:
        self._gamma = math.inf
        reason = super().run(function, iterations, listener)
        if reason is not None and self._gamma < _NONE:
            reason += "; the data determine none of the parameters"
        return reason

    def begin(self, problem: SquaredResiduals, *, anew: bool) -> Place:
        if anew:
            self.settled = False
            value, equations = self.look(problem)[1:]
            self.beta = problem.count / max(2 * problem.counted * value, LEAST)
            ridge = _FIRST * (float(equations.diagonal.max()) or 1.0)
            self.alpha = ridge * self.beta * problem.counted
        self._set_ridge(problem)
        return self.look(problem)

    def arrive(self, problem: SquaredResiduals, place: Place) -> tuple[Place, dict[str, float]]:
        eigenvalues = problem.counted * eigenvalues_of(problem.bare_hessian, problem.count)
        squares = max(2 * problem.counted * problem.bare_value, LEAST)
        weights, ridge = _squares(place.point), self._ridge
        gamma = effective_parameters(eigenvalues, self.alpha, self.beta)
        self._gamma = gamma
        self.alpha = min(prior_precision(gamma, weights, self.alpha), _GROWTH * self.alpha)
        self.beta = degrees_of_freedom(problem.count, gamma) / squares
        evidence = 0.5 * (
            -self.beta * squares
            - self.alpha * weights
            - float(np.log(self.beta * eigenvalues + self.alpha).sum())
            + len(eigenvalues) * math.log(self.alpha)
            + problem.count * math.log(self.beta / (2 * math.pi))
        )
        self._set_ridge(problem)
        self.settled = abs(self._ridge - ridge) <= _SETTLED * ridge
        place = Place(place.point, problem.ridged_value(), problem.ridged_equations())
        return place, {
            "alpha": self.alpha,
            "beta": self.beta,
            "effective_parameters": gamma,
            "log_evidence": evidence,
        }

    def _set_ridge(self, problem: SquaredResiduals) -> None:
        self._ridge = self.alpha / (self.beta * problem.counted)
        problem.ridge, problem.has_ridge = np.full(len(problem.ridge), self._ridge), True

    def loss(self, problem: SquaredResiduals) -> float:
        return problem.bare_value

    def state(self) -> dict[str, Any]:
        if not self._memory:
            return {}
        settled = {"alpha": self.alpha, "beta": self.beta, "settled": self.settled}
        return {**super().state(), **settled}

    def restore(self, state: dict[str, Any]) -> None:
        alpha, beta = (as_positive(name, state[name]) for name in ("alpha", "beta"))
        settled = as_flag("settled", state["settled"])
        super().restore(state)
        self.alpha, self.beta, self.settled = alpha, beta, settled


def _squares(point: NDArray[np.float64]) -> float:
    return max(float(point.dot(point)), LEAST)
