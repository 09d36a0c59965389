"""Is every gradient right? Compare what backward passes compute with what values alone tell.

A wrong gradient rarely stops training; it only makes it worse. So each derivative by each parameter
and each input is compared with a numeric one, by complex step to 1e-12, or by central differences
to 1e-5; `numeric.py` explains the two.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..losses import Loss
from ..objective import Model, check_real
from ..parameters import layout
from ..penalties import Penalty
from ..validation import as_number
from .analytic import analytic_gradients
from .complex_safety import complex_obstacle
from .gradient_check import ArrayCheck, GradientCheck, compare
from .loss_function import LossFunction
from .numeric import central_differences, complex_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .analytic import Sources

TOLERANCES = {"complex-step": 1e-12, "central": 1e-5}
BY_FAR = TOLERANCES["central"]  # what central differences can tell from agreement
MOST = 4000  # entries that are all checked; of more, a sample
SAMPLE = 300


def check_gradients(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    method: str = "complex-step",
    sample_weight: Any = None,
    tolerance: float | None = None,
    penalty: Penalty | None = None,
) -> GradientCheck:
    """Compare a model's gradients with numeric derivatives of its loss.

    Everything runs in float64, or complex128, on copies: model and data stay as they are, bit for
    bit. Three sources of gradients are compared, each with the numeric derivatives: the pass that
    `fit` runs; `backward` from ``loss.gradient``, which also gives the derivatives by the inputs;
    and the sums of what layers with `per_sample_gradients` of their own give.

    Parameters
    ----------
    model : Sequential
        float32 or float64, with the package's layers or your own.
    loss : Loss or None
        `MSE` if None.
    x, y, sample_weight
        As for `fit`. A few rows will do.
    method : {"complex-step", "central"}
        How numeric derivatives are found.
    penalty : Penalty, optional
        As for `fit`.
    tolerance : float, optional
        The error that still counts as agreement; 1e-12 by complex step, 1e-5 by central
        differences. The error of an array is max|analytic − numeric| / max|numeric| over its
        entries, and max|analytic| only where all numeric ones are 0.

    Returns
    -------
    GradientCheck
        True when all agree; `print` shows a table.

    Raises
    ------
    TypeError, ValueError
        Samples that do not fit the model, an empty batch, an unknown method, a complex model, or a
        loss that chance changes from pass to pass.

    Notes
    -----
    *Complex step* sees all errors down to rounding. It needs every layer and the loss to carry
    imaginary parts along: branch on ``x.real``, use no ``np.abs`` and no ``float()``. A piece that
    does not is found first, by running it alone beside differences; then central differences are
    used, and a note names it. They are used as well where they agree with the gradients and complex
    step is far from both.

    *Central differences* need nothing of the code, but see five digits: an error of 1e-6 passes.
    Where derivatives are tiny beside the loss, as in saturated units or with targets of 1e5 and
    more, rounding hides them.

    *Kinks.* Where the function bends (ReLU at 0, losses of absolute differences at a residual of 0,
    Huber's at its threshold) there is no derivative. Complex step takes the side that the code's
    branch takes, and a `backward` that takes the other disagrees; NumPy compares complex numbers by
    their imaginary parts where the real ones are equal, so write ``x * (x.real > 0)`` rather than
    ``np.maximum(x, 0)``. Differences straddle a kink that is nearer than their step and show an
    error that is none. Check at points away from kinks, such as random ones.

    *Saturation.* The derivative of a sigmoid from its output y, y·(1 − y), is right to rounding
    beside 1, not beside itself: where all units that an array feeds are saturated, complex step
    shows the digits that are lost, an error of 4e-8 at an input of 20, and all of it at 40.

    *Minima.* Near one the samples' gradients cancel, and what is left has lost digits too. Check
    before training, or with other targets.

    *Neither* sees an error in a place the data do not reach: a unit that is never active, a branch
    never taken.

    *Natural pairs.* A loss with its natural last layer, as cross-entropy and Softmax, is checked as
    training runs it, in one formula of that layer's input.

    *Chance.* Layers do what they do in training; all generators are rewound before each pass, so
    that units dropped at random stay the same ones.

    *Frozen* parameters are listed as skipped. Each entry costs a pass, or two; of
    more than 4,000 parameters 300 are drawn at random, and of more than 4,000 inputs: the same at
    each call, small arrays whole, and the table says how many of how many.

    References
    ----------
    Squire & Trapp (1998), "Using complex variables to estimate derivatives of real functions", SIAM
    Review 40, 110-112. Martins, Sturdza & Alonso (2003), "The complex-step derivative
    approximation", ACM Transactions on Mathematical Software 29, 245-262.

    Examples
    --------
    >>> from minimlp import MSE, Dense, Sequential, Sigmoid, check_gradients
    >>> model = Sequential(Dense(2, 3), Sigmoid(), Dense(3, 1), seed=0)
    >>> check = check_gradients(model, MSE(), [[0.5, -1.0], [1.0, 2.0]], [[0.0], [1.0]])
    >>> bool(check), check.max_error < 1e-12
    (True, True)
    """
    check_real("check_gradients", model)
    if not isinstance(method, str) or method not in TOLERANCES:
        raise ValueError(f"method must be one of {', '.join(TOLERANCES)}, got {method!r:.80}")
    if tolerance is not None:
        tolerance = as_number("tolerance", tolerance, low=0)
    function = LossFunction(model, loss, x, y, sample_weight, penalty, training=True)
    sources = analytic_gradients(function)
    if not np.array_equal(function.value(), function.value(), equal_nan=True):
        raise ValueError(
            "the loss is not the same twice: layers must draw from an np.random.Generator they keep"
        )
    note = ""
    if method == "complex-step":
        note = "central differences instead of complex step: "
        obstacle = complex_obstacle(function, backward=False)
        if obstacle is None:
            stepped = LossFunction(
                model, loss, x, y, sample_weight, penalty, dtype=np.complex128, training=True
            )
            check = _check(stepped, sources, method, tolerance)
            far = [i for i, array in enumerate(check.arrays) if _far(array, check.tolerance)]
            if not far:
                return check
            note += "they agree with the gradients, and complex step does not"
            central = _check(function, sources, "central", tolerance, note)
            # Differences that are all 0 are no evidence: rounding may have hidden the derivatives.
            told = all(central.arrays[i].largest for i in far)
            return central if central and told else check
        note += obstacle
    return _check(function, sources, "central", tolerance, note)


def _far(array: ArrayCheck, tolerance: float) -> bool:
    """Tell whether complex step is off by what central differences can see."""
    # Where all numeric derivatives are 0 the error is absolute, and being small says nothing.
    return not array.error <= (max(BY_FAR, tolerance) if array.largest else 0)


def _check(
    function: LossFunction,
    sources: dict[str, Sources],
    method: str,
    tolerance: float | None,
    note: str = "",
) -> GradientCheck:
    differentiate = complex_step if method == "complex-step" else central_differences
    parts, x = layout(function.model.layers), function.workspace.outputs[0]
    arrays = [(str(part), part.shape, function.model.parameters[part.slice]) for part in parts]
    sizes = [0 if part.name in part.layer.frozen else math.prod(part.shape) for part in parts]
    chosen = [*_sample(sizes), *_sample([x.size])]
    checks = [
        compare(name, shape, sources[name], entries, differentiate(function.value, array, entries))
        if len(entries)
        else ArrayCheck(name, shape, checked=0)
        for (name, shape, array), entries in zip(
            [*arrays, ("x", x.shape, x.reshape(-1))], chosen, strict=True
        )
    ]
    tolerance = TOLERANCES[method] if tolerance is None else tolerance
    sampled = sum(map(len, chosen)) < sum(sizes) + x.size
    notes = [note] * bool(note) + ["a random sample of the entries was checked"] * sampled
    return GradientCheck(method, tolerance, tuple(checks), "; ".join(notes))


def _sample(sizes: list[int]) -> list[NDArray[np.intp]]:
    """Choose entries of arrays of these sizes: all, or a sample that has the small arrays whole."""
    rng, left = np.random.default_rng(0), sum(sizes) if sum(sizes) <= MOST else SAMPLE
    chosen: dict[int, NDArray[np.intp]] = {}
    for done, i in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
        count = min(sizes[i], max(1, left // (len(sizes) - done)))
        chosen[i] = np.sort(rng.choice(sizes[i], count, replace=False))
        left -= count
    return [chosen[i] for i in range(len(sizes))]
