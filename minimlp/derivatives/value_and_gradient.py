"""Value and gradient in the form that every outside optimiser asks for: a function of a vector."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import Loss
from ..objective import Model, check_real
from ..penalties import Penalty
from ..validation import as_vector
from .loss_function import LossFunction

if TYPE_CHECKING:
    from numpy.typing import NDArray


def value_and_gradient(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    penalty: Penalty | None = None,
) -> Callable[[Any], tuple[float, NDArray[np.float64]]]:
    """Make the loss on fixed samples a function of the flat vector, with its gradient.

    Parameters
    ----------
    loss : Loss or None
        `MSE` if None.
    x : array-like (rows, n_in)
    y : array-like (rows, n_out), or what else `fit` takes as targets
    sample_weight : array-like (rows,), optional
        Scaled to mean 1, as in `fit`.
    penalty : Penalty, optional
        Added to the loss, as in `fit`.

    Returns
    -------
    callable
        ``f(vector) -> (value, gradient)``: a float and a float64 array (P,), the caller's own, for
        a vector (P,) in the layout of ``model.parameters``. Entries of the gradient that are frozen
        when this is called are 0. It works in float64 on copies of model and data, whatever the
        model's dtype: SciPy's line searches stop early on functions as coarse as float32. (SciPy
        gives its vectors the dtype of the first: start from ``model.parameters.astype(float)``.)
        One function serves one thread at a time.

    Raises
    ------
    TypeError, ValueError
        The samples do not fit the model, or are empty or not finite; from the returned function,
        the vector has another length than (P,), or is complex or not finite. The model never
        changes.

    Examples
    --------
    >>> from minimlp import Dense, Sequential
    >>> model = Sequential(Dense(1, 1), seed=0)
    >>> f = model.value_and_gradient(None, [[0.0], [1.0]], [[1.0], [3.0]])
    >>> f([2.0, 1.0])
    (0.0, array([0., 0.]))

    Any optimiser can train the network with it, such as SciPy's:

    >>> from scipy.optimize import minimize
    >>> found = minimize(f, model.parameters, jac=True, method="L-BFGS-B")
    >>> model.parameters = found.x
    >>> model.predict([[2.0]]).round(4)
    array([[5.]])
    """
    check_real("value_and_gradient", model)
    function = LossFunction(model, loss, x, y, sample_weight, penalty)

    def at(vector: Any) -> tuple[float, NDArray[np.float64]]:
        own = function.model
        own.parameters[:] = as_vector("vector", vector, own.parameters.size)
        value = function.value_and_gradient()
        return float(value), own.gradients.copy()

    return at
