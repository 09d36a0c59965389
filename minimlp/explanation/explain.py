"""The door: what may be explained, and with which words it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers import Layer
from ..losses import MSE, Loss
from ..objective import Objective, check_real
from ..optimizers import SGD, Optimizer
from ..validation import as_count
from .checks import check_pieces, check_size
from .derivation import Derivation
from .entry import find_entry
from .formats.writer import Figures
from .graph import graph_of
from .numbers import run
from .single import derive_one
from .walk import Walk
from .whole import derive

if TYPE_CHECKING:
    from ..sequential import Sequential


def explain(
    model: Sequential,
    x: Any,
    y: Any,
    *,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    digits: int = 6,
    parameter: str | None = None,
) -> Derivation:
    """Derive one step of training, number by number, as it is done by hand.

    Forward, the loss, the derivatives factor by factor, the update, and the loss after it. Every
    number is read from the model's own layers, the loss and the optimizer, and every formula is
    checked against it. Nothing is changed: the step is taken by copies.

    Parameters
    ----------
    model : Sequential
        `Dense` layers, and others without parameters that have a formula: all of the package.
    x : array-like (rows, n_in)
        One sample, or a few; then their average is shown as such.
    y : array-like (rows, n_out)
        Targets, or labels (rows,), as for `Sequential.fit`.
    loss : Loss, optional
        `MSE` unless given.
    optimizer : Optimizer, optional
        ``SGD(0.1)`` unless given, as for `Sequential.fit`. One that has trained this model goes on
        from what it remembers.
    digits : int
        Significant digits of the figures, 2 to 17.
    parameter : str, optional
        One number alone, such as ``"layers[0].weight[3, 1]"``: every path from it to the loss, and
        then the same as matrices. For networks of any size.

    Returns
    -------
    Derivation
        With `to_text`, `to_markdown`, `to_latex` and `to_html`.

    Raises
    ------
    TypeError, ValueError
        Data that do not fit, as in `fit`; a layer, loss or optimizer without a formula; more than
        200 parameters or 8 rows without `parameter`; an unknown parameter.

    Examples
    --------
    >>> from minimlp import SGD, Dense, Sequential, explain
    >>> model = Sequential(Dense(1, 1))
    >>> model.parameters = [2.0, 0.5]
    >>> derivation = explain(model, [[3.0]], [[6.0]], optimizer=SGD(0.1), digits=4)
    >>> derivation.values["∂Loss/∂w₁₁"], derivation.values["w₁₁′"]
    (1.5, 1.85)
    >>> print(derivation.to_text().partition("Update")[2].split("After")[0])
    ------
    <BLANKLINE>
      w₁₁′ = w₁₁ − η · ∂Loss/∂w₁₁ = 2 − 0.1 × 1.5 = 1.85
    <BLANKLINE>
      b₁₁′ = b₁₁ − η · ∂Loss/∂b₁₁ = 0.5 − 0.1 × 0.5 = 0.45
    """
    check_real("explain", model)
    loss = MSE() if loss is None else loss
    optimizer = SGD(0.1) if optimizer is None else optimizer
    digits = as_count("digits", digits, low=2)
    if digits > 17:
        raise ValueError(f"digits must be at most 17, got {digits}: float64 holds no more")
    objective = Objective(model, loss)
    check_pieces(model, loss, optimizer)
    entry = None if parameter is None else find_entry(model, parameter)
    samples = objective.samples(x, y)
    check_size(model, len(samples.x), whole=entry is None)
    with np.errstate(all="ignore"):
        objective.check_outputs(samples.x)
    numbers = run(model, loss, optimizer, samples)
    if not np.isfinite([numbers.loss, *numbers.gradient, *numbers.parameters]).all():
        raise ValueError(
            f"the loss is {numbers.loss:g}, and not every derivative and new parameter is finite: "
            f"there is no step to derive"
        )
    graph = None
    if entry is not None:
        walk: Walk = derive_one(model, loss, optimizer, samples, numbers, entry)
    else:
        walk = derive(model, loss, optimizer, samples, numbers)
        graph = graph_of(walk)
    sheet = walk.sheet
    return Derivation(
        title="One step of backpropagation" if entry is None else f"One step of {entry}",
        words=(*_named(model, loss, optimizer), *walk.letters.rule),
        givens=sheet.givens,
        sections=sheet.sections,
        values=sheet.values,
        symbols=sheet.symbols,
        figures=Figures(digits, sheet.eps),
        carried=sheet.carried,
        graph=graph,
    )


def _named(model: Sequential, loss: Loss, optimizer: Optimizer) -> list[str]:
    layers = ", ".join(map(repr, model.layers))
    told = [f"The network is {layers}; the loss is {loss!r}, the optimizer {optimizer!r}."]
    if model.dtype.itemsize == 4:
        told.append("Its numbers are float32; a page in the browser computes with float64.")
    told += [
        f"{layer!r} does here what it does in predictions: nothing is left to chance."
        for layer in model.layers
        if type(layer).training_plan is not Layer.training_plan
    ]
    return told
