"""The way forward: what is given, what each unit sums, what activations make of it, the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..layers import Dense
from .expression import Expression, compute, read, sum_of
from .symbols import Applied, Letter, Symbol, text
from .walk import Walk, innermost, titled

if TYPE_CHECKING:
    from ..layers import Layer


def givens(walk: Walk) -> list[tuple[int, Letter]]:
    """Note inputs, targets and parameters.

    Returns
    -------
    list of (index in the flat vector, symbol)
        All parameters.
    """
    sheet, samples, letters = walk.sheet, walk.samples, walk.letters
    for b, mark in enumerate(walk.marks):
        of = f" of sample {mark}" if mark else ""
        for k, symbol in enumerate(letters.level(0, mark)):
            sheet.given(symbol, samples.x[b, k], "input", f"input {k + 1}{of}")
    for b, mark in enumerate(walk.marks):
        of = f" of sample {mark}" if mark else ""
        for k, symbol in enumerate(letters.level(walk.last, mark)):
            target = Applied("target", innermost(symbol))
            sheet.given(target, samples.target[b, k], "target", f"target {k + 1}{of}")
    parameters = []
    for i, layer in enumerate(walk.model.layers):
        if not isinstance(layer, Dense):
            continue
        into, units = walk.names(i, 0), walk.names(i + 1, 0)
        frozen = {name: ", frozen" * (name in layer.frozen) for name in ("weight", "bias")}
        for j, unit in enumerate(units):
            for k, source in enumerate(into):
                symbol = letters.weight(i, k, j)
                words = f"layers[{i}].weight[{k}, {j}], from {source} into {unit}"
                index = walk.starts[i, "weight"] + k * layer.n_out + j
                value = walk.model.parameters[index]
                sheet.given(symbol, value, "parameter", words + frozen["weight"])
                parameters.append((index, symbol))
        for j, unit in enumerate(units if layer.has_bias else ()):
            words = f"layers[{i}].bias[{j}], of {unit}"
            if letters.shares_bias(i):
                words = f"layers[{i}].bias, of all units of the layer"
            symbol, index = letters.bias(i, j), walk.starts[i, "bias"] + j
            value = walk.model.parameters[index]
            sheet.given(symbol, value, "parameter", words + frozen["bias"])
            parameters.append((index, symbol))
    return parameters


def forward(walk: Walk) -> None:
    """Add each unit's sum and what the activation makes of it."""
    for mark, through in zip(walk.marks, walk.numbers.passes, strict=True):
        for i, layer in enumerate(walk.model.layers):
            x = walk.names(i, mark)
            for j, symbol in enumerate(walk.letters.level(i + 1, mark)):
                value = float(through.values[i + 1][j])
                if isinstance(layer, Dense):
                    _unit(walk, i, layer, j, symbol, x, value)
                else:
                    _activation(walk, layer, j, symbol, x, value)
        walk.sheet.close("forward", titled("Forward", mark))


def _unit(
    walk: Walk, i: int, layer: Dense, j: int, symbol: Symbol, x: Sequence[str], value: float
) -> None:
    terms: list[Expression] = [
        ("*", x[k], text(walk.letters.weight(i, k, j))) for k in range(len(x))
    ]
    if layer.has_bias:
        terms.append(text(walk.letters.bias(i, j)))
    words = f"what unit {text(symbol)} sums"
    walk.sheet.step("forward", symbol, words, (sum_of(terms),), value)


def _activation(
    walk: Walk, layer: Layer, j: int, symbol: Symbol, x: Sequence[str], value: float
) -> None:
    formula = layer.formula
    assert formula is not None
    letters = {**walk.settings_of(layer, j), "h": x[j]}
    form = read(formula.value, letters, x)
    safe = None if formula.safe_value is None else read(formula.safe_value, letters, x)
    words = f"what {layer!r} makes of {x[j]}"
    walk.sheet.step("forward", symbol, words, (form,), value, safe, source=repr(layer))


def losses(walk: Walk) -> None:
    """Add each output's part of the loss, each sample's sum, and their average."""
    for mark, through in zip(walk.marks, walk.numbers.passes, strict=True):
        parts = []
        for k, symbol in enumerate(walk.letters.level(walk.last, mark)):
            parts.append(_part(walk, k, mark, symbol, float(through.losses[k])))
        words = f"the loss of sample {mark}" if mark else "the loss"
        total = walk.loss_of(mark)
        walk.sheet.step("loss", total, words, (sum_of(parts),), through.loss)
        walk.sheet.close("loss", titled("Loss", mark))
    if len(walk.marks) > 1:
        each = [text(walk.loss_of(mark)) for mark in walk.marks]
        words = f"the average over the {len(each)} samples"
        mean = ("/", sum_of(each), float(len(each)))
        walk.sheet.step("loss", walk.loss_of(0), words, (mean,), walk.numbers.loss)
        walk.sheet.close("loss", "Loss of the batch")


def _part(walk: Walk, k: int, mark: int, symbol: Symbol, value: float) -> str:
    """Add what one output adds to the loss."""
    formula, by_logits = walk.loss.formula, walk.loss.logit_formula
    assert formula is not None
    letters = walk.loss_letters(k, mark)
    form = read(formula.value, letters)
    safe = None if formula.safe_value is None else read(formula.safe_value, letters)
    if walk.natural and by_logits is not None:
        safe = read(by_logits.value, letters, walk.names(walk.last - 1, mark))
        exact = compute(safe, walk.sheet.values)
        if not np.isclose(value, exact, rtol=1e-12, atol=1e-12):  # it was kept from infinity
            value = exact
    part = Applied("loss", innermost(symbol))
    words = f"how wrong {text(symbol)} is"
    return walk.sheet.step("loss", part, words, (form,), value, safe, source=repr(walk.loss))
