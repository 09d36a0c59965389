"""Gauss-Newton steps, damped: least squares for networks of some ten to a thousand parameters.

    (JᵀJ + μ·D)·h = −Jᵀr        w ← w + h, if the loss is then lower; if not, μ rises

J is the Jacobian of the residuals r by the parameters. `damping.py` says how μ is chosen.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from ..derivatives.memory import check_memory
from ..derivatives.normal_equations import NormalEquations, SquaredResiduals, rank
from ..penalties import L2
from ..registry import register
from ..validation import as_number
from .damping import Damping, check_state
from .reweighted import check_loss
from .solver import Listener, NotFiniteError, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..derivatives.loss_function import LossFunction
    from ..objective import Objective

SCALINGS = ("levenberg", "marquardt")
_GOOD = 0.9  # share of the predicted decrease: μ then falls by half at least
GOAL = "converged: the loss is no more than the goal"


class Place(NamedTuple):
    """Where a solver is: the parameters that train, the loss there, and its derivatives."""

    point: NDArray[np.float64]
    value: float
    equations: NormalEquations


@register
class LevenbergMarquardt(Solver):
    """Levenberg-Marquardt: MATLAB's ``trainlm``, for regression with small networks.

    For `MSE` and `Huber`, one output or several, with sample weights, an `L2` penalty and frozen
    parameters, which are left out of the system. `fit` gives it all samples at once, in float64
    whatever the model's dtype; its `epochs` are the most iterations, each of them a step to a lower
    loss. Dropout is off. It takes up to 6 · P² numbers, P being the number of parameters, and
    the time of an iteration grows as rows · outputs · P² + P³: beyond some thousand parameters
    `LBFGS` or `Adam` is the better choice.

    The history has the loss, ``"damping"``, μ after the iteration, and ``"gradient_norm"``, the
    gradient's maximum norm.

    Sources: Levenberg (1944) and Marquardt (1963), the method; Moré (1978), "The Levenberg-
    Marquardt algorithm: implementation and theory", the scaling and the tolerances; Nielsen (1999),
    "Damping parameter in Marquardt's method", the rule for μ; Holland & Welsch (1977), "Robust
    regression using iteratively reweighted least-squares", the weights of `Huber`.

    Parameters
    ----------
    damping : float
        μ at first, at least 0; with 0 the first step is that of Gauss and Newton.
    scaling : {"levenberg", "marquardt"}
        D. ``"levenberg"``: the identity, and `damping` is times the largest entry of the first
        JᵀJ's diagonal; networks whose inputs are of one size find better minima with it.
        ``"marquardt"``: the largest that the diagonal of JᵀJ has been, entry by entry, which makes
        no difference in which units inputs are; begin with a `damping` of about 1.
    goal : float
        Ends when the loss is no larger, at least 0; MATLAB's ``goal``.
    loss_tolerance : float
        Ends when a step lowers the loss, and was expected to lower it, by no more than this times
        the loss; a good step that is short because of its damping does not count.
    step_tolerance : float
        The same of steps that are no longer than this times the parameters' length, in the units of
        D.
    gradient_tolerance : float
        Ends when the cosine of the angle between r and each column of J is no larger: they stand
        at right angles at a minimum.

    Attributes
    ----------
    rank : int or None
        Of J where the last training ended, to rounding: fewer than the parameters that train where
        data or network leave some directions open. Such a model trains all the same. None where
        none has been, as when a checkpoint is loaded that was finished.

    Raises
    ------
    TypeError, ValueError
        An argument outside its range. From `fit`, before training: a loss that is no sum of squares
        and has no weights for them, another penalty than `L2`, a `batch_size` below the number of
        rows, or more parameters than memory has room for.

    Notes
    -----
    *Cholesky* fails where JᵀJ + μ·D is not positive definite to rounding, as with dependent columns
    and a small μ. Then μ is raised, twofold, fourfold and so on, until it is.

    *Checkpoints* hold μ and D: training goes on with the same bits.

    *A loss of one's own* takes part if it defines `Loss.residual_weights`.

    Examples
    --------
    >>> import numpy as np
    >>> from minimlp import Identity, LevenbergMarquardt, Tanh, mlp
    >>> x = np.linspace(-1, 1, 50).reshape(-1, 1)
    >>> model = mlp(1, 5, 1, hidden=Tanh, output=Identity, seed=0)
    >>> history = model.fit(x, np.sin(3 * x), optimizer=LevenbergMarquardt(goal=1e-5), epochs=100)
    >>> history.stopped_because
    'converged: the loss is no more than the goal'
    """

    refuses_batches = True
    figures: ClassVar[tuple[str, ...]] = ("damping", "gradient_norm")
    settled = True  # whether the loss is the same function from one iteration to the next

    def __init__(
        self,
        damping: float = 0.01,
        scaling: str = "levenberg",
        goal: float = 0.0,
        loss_tolerance: float = 1e-12,
        step_tolerance: float = 1e-10,
        gradient_tolerance: float = 1e-10,
    ) -> None:
        if not isinstance(scaling, str) or scaling not in SCALINGS:
            raise ValueError(f"scaling must be one of {', '.join(SCALINGS)}, got {scaling!r:.80}")
        self.damping = as_number("damping", damping, low=0)
        self.scaling = scaling
        self.goal = as_number("goal", goal, low=0)
        self.loss_tolerance = as_number("loss_tolerance", loss_tolerance, low=0)
        self.step_tolerance = as_number("step_tolerance", step_tolerance, low=0)
        self.gradient_tolerance = as_number("gradient_tolerance", gradient_tolerance, low=0)
        self.rank: int | None = None
        self._memory: dict[str, Any] = {}  # of the last iteration, for a checkpoint
        self._restored: dict[str, Any] = {}  # from a checkpoint, for the next run

    def check(self, objective: Objective) -> None:
        self._memory, self._restored = {}, {}
        name, penalty = type(self).__name__, objective.penalty
        check_loss(name, objective.loss)
        if penalty is not None and type(penalty) is not L2:
            raise ValueError(
                f"{name} needs a penalty that is a sum of squares, L2; got {penalty!r}"
            )
        check_memory(name, objective.model, "LBFGS() or Adam() train such a network")

    def run(self, function: LossFunction, iterations: int, listener: Listener) -> str | None:
        self.rank = None
        problem = SquaredResiduals(function)
        if not problem.ridge.size:
            return "converged: the model has no parameters that train"
        restored, self._restored, self._memory = self._restored, {}, {}
        place = self.begin(problem, anew=not restored)
        damping, reason = Damping(self.damping, self.scaling, place.equations.diagonal), None
        if restored:
            damping.restore(restored)
            reason = restored["ending"]  # of an iteration that was interrupted, and the last
        while iterations and reason is None:
            damping.look(place.equations.diagonal)
            if reason := self.converged(problem, place):
                break
            listener.began()
            found, reason = self.descend(problem, place, damping)
            if not self.settled:  # where one loss ends, the next one may go on
                found, reason = found or self.look(problem), None
            if found is None:
                break
            place, more = self.arrive(problem, found)
            self._memory = {**damping.state(), "ending": reason}
            figures = {
                "damping": damping.value,
                "gradient_norm": float(np.abs(place.equations.gradient).max()),
                **more,
            }
            iterations -= 1
            if listener.reached(function.model.parameters, self.loss(problem), figures):
                reason = None
                break
        self.rank = rank(place.equations.hessian)
        if reason not in (None, GOAL) and self.rank < len(place.point):
            reason += f"; the Jacobian has rank {self.rank} of {len(place.point)}"
        return reason

    def begin(self, problem: SquaredResiduals, *, anew: bool) -> Place:
        """Give the place to start from, or to go on from."""
        return self.look(problem)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def look(self, problem: SquaredResiduals) -> Place:
        """Give the place where the model is."""
        place = Place(problem.point, problem.value(), problem.normal_equations())
        if not (math.isfinite(place.value) and place.equations.is_finite):
            raise NotFiniteError(place.value if not math.isfinite(place.value) else math.inf)
        return place

    def converged(self, problem: SquaredResiduals, place: Place) -> str | None:
        """Say why no step is to follow; None where one is."""
        if self.loss(problem) <= self.goal:
            return GOAL
        if not self.settled:
            return None
        equations = place.equations
        lengths = math.sqrt(equations.squares) * np.sqrt(equations.diagonal)
        if (np.abs(equations.gradient) <= self.gradient_tolerance * lengths).all():
            return (
                f"converged: the gradient is 0, to a cosine of {self.gradient_tolerance:g} between "
                f"residuals and Jacobian"
            )
        return None

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")  # steps may be far too long
    def descend(
        self, problem: SquaredResiduals, place: Place, damping: Damping
    ) -> tuple[Place | None, str | None]:
        """Find a lower place, if there is one, and say why it is to be the last, if it is."""
        point, value, equations = place
        reason, refused = None, False
        while True:
            step, predicted = damping.step(equations.hessian, equations.gradient)
            problem.point = candidate = point + step
            lower = problem.value()
            gained, little = value - lower, self.loss_tolerance * value
            if abs(gained) <= little and predicted <= little:
                reason = (
                    f"converged: a step lowers the loss by no more than {self.loss_tolerance:g} "
                    f"of it"
                )
            elif damping.length(step) <= self.step_tolerance * damping.length(point):
                short = f"longer than {self.step_tolerance:g} of all"
                reason = f"converged: a step is no {short}"
                if gained <= 0:  # to rounding, or at a kink
                    reason = f"no step {short} lowers the loss"
            if gained > 0:
                found = problem.normal_equations()
                if found.is_finite:
                    if reason and gained > _GOOD * predicted and not refused:
                        further = damping.undamped(equations.hessian, equations.gradient)
                        if further > max(little, 2 * predicted):  # μ falls now: the next is longer
                            reason = None
                    damping.fall(gained, predicted)
                    return Place(candidate, lower, found), reason
            if reason is not None:
                problem.point = point
                return None, reason
            refused = True
            damping.rise()

    def arrive(self, problem: SquaredResiduals, place: Place) -> tuple[Place, dict[str, float]]:
        """Do what is to be done between two steps, and give figures of it."""
        return place, {}

    def loss(self, problem: SquaredResiduals) -> float:
        """Give the loss that the history shows, where the last equations were formed."""
        return problem.ridged_value()

    def state(self) -> dict[str, Any]:
        return self._memory

    def restore(self, state: dict[str, Any]) -> None:
        if not isinstance(state["ending"], str | None):
            raise ValueError(f"the solver ends because of {state['ending']!r:.80}")
        check_state(state)
        self._memory = self._restored = state
