"""Is every gradient right? Compare what backward passes compute with what values alone tell.

A wrong gradient rarely stops training; it only makes it worse. So each derivative by each parameter
and each input is compared with a numeric one, by complex step to 1e-12, or by central differences
to 1e-5; `numeric.py` explains the two.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers import Layer
from ..losses import Loss
from ..objective import Model, check_real
from ..parameters import layout
from ..validation import as_number
from .complex_safety import complex_obstacle
from .gradient_check import ArrayCheck, GradientCheck
from .loss_function import LossFunction
from .numeric import central_differences, complex_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sources = list[tuple[str, NDArray[np.float64]]]  # who gave a gradient, and the flat gradient

TOLERANCES = {"complex-step": 1e-12, "central": 1e-5}
MOST = 4000  # entries that are all checked; of more, a sample
SAMPLE = 1000


def check_gradients(
    model: Model,
    loss: Loss | None,
    x: Any,
    y: Any,
    method: str = "complex-step",
    sample_weight: Any = None,
    tolerance: float | None = None,
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
        Samples that do not fit the model, an empty batch, an unknown method, a complex model.

    Notes
    -----
    *Complex step* sees all errors down to rounding. It needs every layer and the loss to carry
    imaginary parts along: branch on ``x.real``, use no ``np.abs`` and no ``float()``. A piece that
    does not is found first, by running it alone beside differences; then central differences are
    used, and a note names it.

    *Central differences* need nothing of the code, but see five digits: an error of 1e-6 passes.
    Where derivatives are tiny beside the loss, as in saturated units, rounding hides them.

    *Kinks.* Where the function bends (ReLU at 0, losses of absolute differences at a residual of 0,
    Huber's at its threshold) there is no derivative. Complex step takes the side that the code's
    branch takes, so it agrees with a `backward` that takes the other side only off the kink;
    differences straddle a kink that is nearer than their step and show an error that is none. Check
    at points away from kinks, such as random ones.

    *Saturation.* The derivative of a sigmoid from its output y, y·(1 − y), is right to rounding
    beside 1, not beside itself: where all units that an array feeds are saturated, complex step
    shows the digits that are lost, an error of 4e-8 at an input of 20, and all of it at 40.

    *Neither* sees an error in a place the data do not reach: a unit that is never active, a branch
    never taken.

    *Frozen* parameters are listed as skipped. Generators that layers keep are rewound before each
    pass, so that units dropped at random stay the same ones. Each entry costs a pass, or two; of
    more than 4,000 parameters, or as many inputs, 1,000 are drawn at random, the same at each call,
    small arrays whole, and the table says how many of how many.

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
    if method not in TOLERANCES:
        raise ValueError(f"method must be one of {', '.join(TOLERANCES)}, got {method!r}")
    if tolerance is not None:
        tolerance = as_number("tolerance", tolerance, low=0)
    function = LossFunction(model, loss, x, y, sample_weight)
    sources = _analytic(function)
    notes = []
    if method == "complex-step" and (obstacle := complex_obstacle(function, backward=False)):
        notes.append(f"central differences instead of complex step: {obstacle}")
        method = "central"
    if method == "complex-step":
        function = LossFunction(model, loss, x, y, sample_weight, dtype=np.complex128)
    differentiate = complex_step if method == "complex-step" else central_differences

    parts, inputs = layout(function.model.layers), function.workspace.outputs[0]
    arrays = [(str(part), part.shape, function.model.parameters[part.slice]) for part in parts]
    sizes = [0 if part.name in part.layer.frozen else math.prod(part.shape) for part in parts]
    chosen = [*_sample(sizes), *_sample([inputs.size])]
    if sum(map(len, chosen)) < sum(sizes) + inputs.size:
        notes.append("too many entries to check all: a random sample was checked")
    checks = [
        _compare(name, shape, sources[name], entries, differentiate(function.value, array, entries))
        if len(entries)
        else ArrayCheck(name, shape, checked=0)
        for (name, shape, array), entries in zip(
            [*arrays, ("x", inputs.shape, inputs.reshape(-1))], chosen, strict=True
        )
    ]
    tolerance = TOLERANCES[method] if tolerance is None else tolerance
    return GradientCheck(method, tolerance, tuple(checks), "; ".join(notes))


def _analytic(function: LossFunction) -> dict[str, Sources]:
    """Collect every gradient that the code gives, flat, by the name of its array."""
    model, parts = function.model, layout(function.model.layers)
    function.value_and_gradient()
    found = {str(part): [("fit", model.gradients[part.slice].copy())] for part in parts}

    workspace = function.backward()
    whole = {str(part): model.gradients[part.slice].copy() for part in parts}
    for name, gradient in whole.items():
        found[name].append(("backward", gradient))
    for layer, x, y, dy, _ in workspace.backward_steps:
        if type(layer).per_sample_gradients is not Layer.per_sample_gradients:
            excess = _excess_of_rows(layer, x, y, dy)
            for part in parts:
                if part.layer is layer:
                    by_rows = whole[str(part)] + excess[part.name].reshape(-1)
                    found[str(part)].append(("per_sample_gradients", by_rows))
    found["x"] = [("backward", workspace.deltas[0].reshape(-1))]
    return found


def _excess_of_rows(layer: Layer, x: Any, y: Any, dy: Any) -> dict[str, NDArray[Any]]:
    """Add up a layer's per-sample gradients, less what `backward` gives; 0 where they are right.

    Each row counts by a factor of its own, lest rows that are mixed up go unseen in the sum.
    """
    factors = np.random.default_rng(0).uniform(0.5, 1.5, len(dy))
    layer.backward(x, y, factors[:, None] * dy, None)
    shapes = layer.parameter_shapes()
    excess = {name: -getattr(layer, f"{name}_gradient") for name in shapes}
    few = 16  # at a time: rows of large layers are large
    for start in range(0, len(dy), few):
        rows = slice(start, start + few)
        out = {name: np.full((len(dy[rows]), *shape), np.nan) for name, shape in shapes.items()}
        layer.per_sample_gradients(x[rows], y[rows], dy[rows], out)
        for name, gradients in out.items():
            excess[name] += np.tensordot(factors[rows], gradients, axes=1)
    return excess


def _sample(sizes: list[int]) -> list[NDArray[np.intp]]:
    """Choose entries of arrays of these sizes: all, or a sample that has the small arrays whole."""
    rng, left = np.random.default_rng(0), sum(sizes) if sum(sizes) <= MOST else SAMPLE
    chosen: dict[int, NDArray[np.intp]] = {}
    for done, i in enumerate(sorted(range(len(sizes)), key=sizes.__getitem__)):
        count = min(sizes[i], max(1, left // (len(sizes) - done)))
        chosen[i] = np.sort(rng.choice(sizes[i], count, replace=False))
        left -= count
    return [chosen[i] for i in range(len(sizes))]


def _compare(
    name: str,
    shape: tuple[int, ...],
    sources: Sources,
    entries: NDArray[np.intp],
    numeric: NDArray[np.float64],
) -> ArrayCheck:
    gradients = np.array([gradient[entries] for _, gradient in sources])
    differences = np.abs(gradients - numeric)
    ranked = np.nan_to_num(differences, nan=np.inf)
    peaks = ranked.max(axis=1)
    source = int(np.argmax(peaks >= peaks.max() * (1 - 1e-6)))  # the first of those as far off
    entry = int(np.argmax(ranked[source]))
    return ArrayCheck(
        name,
        shape,
        checked=len(entries),
        error=float(differences[source, entry] / (np.abs(numeric).max() or 1)),
        worst=tuple(int(i) for i in np.unravel_index(entries[entry], shape)),
        analytic=float(gradients[source, entry]),
        numeric=float(numeric[entry]),
        source=sources[source][0],
    )
