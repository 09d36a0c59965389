"""Newton's method with a Hessian guessed from the last few steps.

s_k = w_{k+1} − w_k,   y_k = ∇L(w_{k+1}) − ∇L(w_k)     remembered for the last `memory` steps
H   with H·y_k = s_k   for these pairs                 the guess of the inverse Hessian
w_{k+1} = w_k − η·H·∇L(w_k)                            η from a line search, most often 1
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from ..registry import register
from ..validation import as_count, as_number
from .solver import Listener, NotFiniteError, Solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..derivatives.loss_function import LossFunction
    from ..objective import Objective


class _End(Exception):  # noqa: N818
    """The listener has had enough. SciPy before 1.11 knows no other way to be told."""


@register
class LBFGS(Solver):
    """Limited-memory BFGS: SciPy's L-BFGS-B, for data that can be looked at whole.

    Needs SciPy: ``pip install "minimlp[scipy]"``. Every iteration passes all samples at once,
    forward and backward, once or a few times, in float64 whatever the model's dtype. `fit` then
    ignores `batch_size` and `shuffle`; its `epochs` are the most iterations, and the history's loss
    is that of the parameters an iteration has reached. Dropout is off: the loss must be the same
    function at each look. Best where samples are some thousands and gradients exact: a smooth loss
    that is to be brought to its minimum.

    Source: Byrd, Lu, Nocedal & Zhu (1995), "A limited memory algorithm for bound constrained
    optimization", SIAM Journal on Scientific Computing 16, 1190-1208.

    Parameters
    ----------
    memory : int
        Steps that the Hessian is guessed from, at least 1; SciPy's ``maxcor``.
    max_line_search : int
        The most looks at the loss in one iteration, at least 1; SciPy's ``maxls``.
    tolerance : float
        Ends when an iteration lowers the loss L by no more than this times max(L, 1), at least 0;
        SciPy's ``ftol``. The losses of networks are small: SciPy's own 2e-9 ends many fits early.
    gradient_tolerance : float
        Ends when no entry of the gradient is larger, at least 0; SciPy's ``gtol``, there 1e-5.

    Raises
    ------
    TypeError, ValueError
        An argument outside its range, named.
    ImportError
        From `fit`, before training: SciPy is not installed.

    Notes
    -----
    *Checkpoints.* What it remembers of steps stays within SciPy: training that goes on from a
    checkpoint starts from the saved parameters with an empty memory, and warns of it. So it does
    where a callback moves or freezes parameters.

    *Frozen* parameters stay as they are, bit for bit.

    Examples
    --------
    >>> from minimlp import LBFGS, Dense, Sequential
    >>> model = Sequential(Dense(1, 1), seed=0)
    >>> history = model.fit([[0.0], [1.0]], [1.0, 3.0], optimizer=LBFGS(), epochs=100)
    >>> model.predict([[2.0]]).round(6), len(history.epoch) < 20
    (array([[5.]]), True)
    >>> history.stopped_because
    'converged: no entry of the gradient is above 1e-08'
    """

    forgets = True

    def __init__(
        self,
        memory: int = 10,
        max_line_search: int = 20,
        tolerance: float = 1e-12,
        gradient_tolerance: float = 1e-8,
    ) -> None:
        self.memory = as_count("memory", memory)
        self.max_line_search = as_count("max_line_search", max_line_search)
        self.tolerance = as_number("tolerance", tolerance, low=0)
        self.gradient_tolerance = as_number("gradient_tolerance", gradient_tolerance, low=0)

    def check(self, objective: Objective) -> None:
        _minimize()

    def run(self, function: LossFunction, iterations: int, listener: Listener) -> str | None:
        minimize, model = _minimize(), function.model
        start, value, looks = model.parameters.copy(), math.nan, 0
        if not start.size:
            return "converged: the model has no parameters"

        def look(vector: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            nonlocal value, looks
            if looks:  # the first, at the start, is part of no iteration
                listener.began()
            looks += 1
            model.parameters[...] = vector
            value = float(function.value_and_gradient())
            if not math.isfinite(value):
                raise NotFiniteError(value)
            return value, model.gradients.copy()

        def iterated(vector: NDArray[np.float64]) -> None:
            if listener.reached(vector, value):  # the value of its last look, which is there
                raise _End

        try:
            result = minimize(
                look,
                start,
                jac=True,
                method="L-BFGS-B",
                callback=iterated,
                options={
                    "maxcor": self.memory,
                    "maxls": self.max_line_search,
                    "ftol": self.tolerance,
                    "gtol": self.gradient_tolerance,
                    "maxiter": iterations,
                    "maxfun": sys.maxsize,
                },
            )
        except _End:
            return None
        return self._in_words(result.status, str(result.message))

    def _in_words(self, status: int, message: str) -> str | None:
        """Say plainly why SciPy ended; it has other words for it in each version."""
        if status == 1:  # all iterations are done
            return None
        if "PGTOL" in message:
            return f"converged: no entry of the gradient is above {self.gradient_tolerance:g}"
        if status == 0:
            return f"converged: an iteration lowers the loss by no more than {self.tolerance:g}"
        if "ABNORMAL" in message:
            return "converged as far as it can: the line search finds no lower loss"
        return f"L-BFGS-B ended: {message}"


def _minimize() -> Any:
    try:
        from scipy.optimize import minimize  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError('LBFGS needs SciPy: pip install "minimlp[scipy]"') from error
    return minimize
