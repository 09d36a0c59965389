"""The second derivative in one direction, from the gradient's own code run in complex numbers.

The gradient g is a function of the flat vector, and its derivative in the direction d is H·d. The
complex step gives it without a new formula in any layer, exact to rounding:

    H·d = Im g(vector + ih·d) / h
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import Loss
from ..objective import Model, check_real
from ..parameters import layout
from ..penalties import Penalty
from ..validation import as_vector
from .complex_safety import complex_obstacle
from .loss_function import LossFunction
from .numeric import COMPLEX_STEP

if TYPE_CHECKING:
    from numpy.typing import NDArray


def hessian_product(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    penalty: Penalty | None = None,
) -> Callable[[Any, Any], NDArray[np.float64]]:
    """Make H·d, the loss's second derivative times a direction, a function of the flat vector.

    H (P, P) is never formed. One product costs one gradient in complex numbers: two to four
    real ones where matrix products take the time, more where tanh does, which is slow in complex.

    Parameters
    ----------
    loss, x, y, sample_weight, penalty
        As for `value_and_gradient`.

    Returns
    -------
    callable
        ``f(vector, direction) -> H·direction``: a float64 array (P,), the caller's own, for two
        vectors (P,) in the layout of ``model.parameters``. What is frozen when this is called is a
        constant: its entries are 0 in the product and count as 0 in the direction. It works on
        copies of model and data, whatever the model's dtype. One function serves one thread at a
        time. At a kink, as of ReLU, H is that of one side.

    Raises
    ------
    TypeError
        A layer or the loss is not right in complex numbers; it is named.
    TypeError, ValueError
        The samples do not fit the model, or are empty or not finite; from the returned function, a
        vector has another length than (P,), or is complex or not finite. The model never changes.

    References
    ----------
    Pearlmutter (1994), "Fast exact multiplication by the Hessian", Neural Computation 6, 147-160,
    for the idea of exact products; Squire & Trapp (1998), SIAM Review 40, 110-112, for the complex
    step.

    Examples
    --------
    For one linear unit and MSE, H is the mean of (x, 1)ᵀ·(x, 1):

    >>> from minimlp import Dense, Sequential
    >>> model = Sequential(Dense(1, 1), seed=0)
    >>> product = model.hessian_product(None, [[0.0], [2.0]], [[1.0], [3.0]])
    >>> product(model.parameters, [1.0, 0.0])
    array([2., 1.])
    """
    check_real("hessian_product", model)
    real = LossFunction(model, loss, x, y, sample_weight, penalty)
    real.backward(real.workspace)  # what fails in real numbers, too, fails with its own words
    if obstacle := complex_obstacle(real, backward=True):
        raise TypeError(f"hessian_product needs every piece to run in complex numbers: {obstacle}")
    function = LossFunction(model, loss, x, y, sample_weight, penalty, dtype=np.complex128)
    own = function.model
    size = own.parameters.size
    frozen = [part.slice for part in layout(own.layers) if part.name in part.layer.frozen]

    def product(vector: Any, direction: Any) -> NDArray[np.float64]:
        at = as_vector("vector", vector, size)
        along = as_vector("direction", direction, size).copy()
        for entries in frozen:
            along[entries] = 0
        length = np.abs(along).max(initial=0)
        if length == 0:
            return np.zeros(size)
        step = COMPLEX_STEP * np.abs(at).max(initial=1)
        own.parameters.real = at
        own.parameters.imag = along / length * step
        # Products of imaginary parts vanish, as they should; where e^z is infinite, so is H.
        with np.errstate(under="ignore", invalid="ignore"):
            function.backward(function.workspace)
        derivative: NDArray[np.float64] = own.gradients.imag / step * length
        return derivative

    return product
