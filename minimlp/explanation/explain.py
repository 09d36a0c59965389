"""The door: what may be explained, and with which words it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..formula import Formula
from ..layers import Dense, Layer
from ..losses import MSE, Loss
from ..objective import Objective, check_real
from ..optimizers import SGD, Optimizer
from ..parameters import count_parameters
from ..solvers import Solver
from ..validation import as_count
from .derivation import Derivation
from .entry import an_entry, find_entry
from .graph import graph_of
from .numbers import run
from .single import derive_one
from .whole import derive
from .writer import Figures

if TYPE_CHECKING:
    from ..sequential import Sequential

MOST_PARAMETERS, MOST_ROWS = 200, 8


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
    samples = Objective(model, loss).samples(x, y)
    _check_pieces(model, loss, optimizer)
    optimizer.check(model.parameters)
    Objective(model, loss).check_outputs(samples.x)
    entry = None if parameter is None else find_entry(model, parameter)
    _check_size(model, len(samples.x), parameter)
    numbers = run(model, loss, optimizer, samples)
    if not np.isfinite([numbers.loss, *numbers.gradient, *numbers.parameters]).all():
        raise ValueError(
            f"the loss is {numbers.loss:g}, and not every derivative and new parameter is finite: "
            f"there is no step to derive"
        )
    graph = None
    if entry is not None:
        sheet, letters = derive_one(model, loss, optimizer, samples, numbers, entry)
    else:
        sheet, letters, marks = derive(model, loss, optimizer, samples, numbers)
        trained = [g.name for g in sheet.givens if f"∂Loss/∂{g.name}" in sheet.values]
        graph = graph_of(letters, marks, trained)
    return Derivation(
        title="One step of backpropagation" if entry is None else f"One step of {entry}",
        words=(*_named(model, loss, optimizer), *letters.rule),
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
    told += [
        f"{layer!r} does here what it does in predictions: nothing is left to chance."
        for layer in model.layers
        if type(layer).training_plan is not Layer.training_plan
    ]
    return told


def _check_pieces(model: Sequential, loss: Loss, optimizer: Optimizer) -> None:
    """Refuse pieces whose formula nobody has written."""
    if isinstance(optimizer, Solver) or not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"optimizer must be one that takes steps, such as SGD(0.5), got {optimizer!r:.80}"
        )
    for i, layer in enumerate(model.layers):
        _check_layer(f"layers[{i}], {layer!r},", layer)
    if not any(type(layer) is Dense for layer in model.layers):
        raise ValueError("the model has no Dense layer: there is no step to derive")
    natural = Objective(model, loss).is_natural
    if not isinstance(loss.formula, Formula) or (natural and loss.logit_formula is None):
        names = "formula and logit_formula" if natural else "formula"
        raise ValueError(
            f"the loss {loss!r} has no {names}: write {names} = Formula(value, derivative) in its "
            f"class, as minimlp.formula says"
        )
    if optimizer.rule() is None:
        raise ValueError(
            f"the optimizer {optimizer!r} has no rule: give its class a method rule that returns a "
            f"Rule, as minimlp.formula says"
        )


def _check_layer(name: str, layer: Layer) -> None:
    if vars(layer).keys() & {"forward", "backward", "plan"}:
        raise ValueError(f"{name} had a method replaced: nobody knows its formula")
    if type(layer) is Dense:
        return
    if layer.parameter_shapes():
        raise ValueError(
            f"{name} has parameters that explain has no formulas for: it follows Dense layers, and "
            f"layers without parameters"
        )
    if not isinstance(layer.formula, Formula):
        raise ValueError(
            f"{name} has no formula: write formula = Formula(value, derivative) in its class, as "
            f'in Formula("tanh(h)", "1 - a**2"); minimlp.formula says what may stand in one'
        )
    for letter, attribute in layer.formula.letters.items():
        if not hasattr(layer, attribute):
            raise ValueError(
                f"{name} keeps no attribute {attribute!r}, which its formula has for {letter!r}"
            )


def _check_size(model: Sequential, rows: int, parameter: str | None) -> None:
    size = count_parameters(model.layers)
    if parameter is None and size > MOST_PARAMETERS:
        raise ValueError(
            f"the model has {size:,} parameters, and a whole derivation is for up to "
            f"{MOST_PARAMETERS}: give parameter={str(an_entry(model))!r} to derive that one number"
        )
    if rows > MOST_ROWS:
        raise ValueError(
            f"x has {rows:,} rows, and a derivation shows at most {MOST_ROWS} samples: "
            f"give fewer, such as x[:1] and y[:1]"
        )
