"""What can be explained: pieces with formulas, and not too many numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..formula import Formula
from ..layers import Dense
from ..objective import Objective
from ..optimizers import Optimizer
from ..parameters import count_parameters
from ..solvers import Solver
from .entry import an_entry
from .expression import Expression, compute, read

if TYPE_CHECKING:
    from ..layers import Layer
    from ..losses import Loss
    from ..sequential import Sequential

MOST_PARAMETERS, MOST_ROWS = 200, 8
_PROBES = (-1.7, 0.6, 1.3, -0.4, 0.9)  # where a written formula is compared with the code


def check_pieces(model: Sequential, loss: Loss, optimizer: Optimizer) -> None:
    """Refuse pieces whose formula nobody has written, and formulas that are another function.

    Raises
    ------
    TypeError, ValueError
        With the name of the piece, and what to write.
    """
    if isinstance(optimizer, Solver) or not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"optimizer must be one that takes steps, such as SGD(0.5), got {optimizer!r:.80}"
        )
    optimizer.check(model.parameters)
    for i, layer in enumerate(model.layers):
        _check_layer(f"layers[{i}], {layer!r},", layer, model.dtype)
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


def _check_layer(name: str, layer: Layer, dtype: np.dtype[np.floating]) -> None:
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
    taken = {"h", "a", "b", "t", "n", "eps", "pi"} & layer.formula.letters.keys()
    if taken or layer.formula.name in ("loss", "target"):
        word = min(taken, default=layer.formula.name)
        raise ValueError(f"{name} has {word!r} in its formula for something else: it is taken")
    try:
        _probe(layer, layer.formula, dtype)
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError(f"{name} has a formula that does not hold: {error}") from error


def _probe(layer: Layer, formula: Formula, dtype: np.dtype[np.floating]) -> None:
    """Compare a formula with its layer where numbers are of ordinary size."""
    width = layer.width or len(_PROBES)
    x = np.resize(np.array(_PROBES, dtype), (1, width))
    y, slopes = np.empty_like(x), np.empty_like(x)
    layer.forward(x, y)
    one = np.zeros_like(x)
    one[0, 0] = 1
    layer.backward(x, y, one, slopes)
    row: list[Expression] = [f"x{k}" for k in range(width)]
    values = {f"x{k}": float(x[0, k]) for k in range(width)} | {"y": float(y[0, 0])}
    letters: dict[str, Expression] = {"h": "x0", "a": "y", "b": "y"}
    others = {f"z{k}": float(y[0, k]) for k in range(width)}
    for letter, attribute in formula.letters.items():
        held = np.asarray(getattr(layer, attribute))
        if held.ndim and held.shape != (width,):
            raise ValueError(f"{attribute} has shape {held.shape}: expected a number or ({width},)")
        letters[letter] = float(held.reshape(-1)[0])
    checked = [("value", formula.value, y[0, 0]), ("derivative", formula.derivative, slopes[0, 0])]
    if width > 1 and formula.across is not None:
        letters["b"] = "z1"
        checked.append(("across", formula.across, slopes[0, 1]))
    elif slopes[0, 1:].any():
        raise ValueError("an output depends on several inputs, and the formula has no across")
    for what, text, found in checked:
        if not isinstance(text, str):
            raise TypeError(f"its {what} must be text, got {text!r:.80}")
        written, computed = compute(read(text, letters, row), values | others), float(found)
        if not np.isclose(written, computed, rtol=1e4 * np.finfo(dtype).eps, atol=1e-12):
            raise ValueError(
                f"its {what} {text!r:.80} is {written:.9g} at h = {x[0, 0]:g}, and the layer's own "
                f"is {computed:.9g}"
            )


def check_size(model: Sequential, rows: int, *, whole: bool) -> None:
    """Refuse what would fill a book."""
    size = count_parameters(model.layers)
    if whole and size > MOST_PARAMETERS:
        raise ValueError(
            f"the model has {size:,} parameters, and a whole derivation is for up to "
            f"{MOST_PARAMETERS}: give parameter={str(an_entry(model))!r} to derive that one number"
        )
    if rows > MOST_ROWS:
        raise ValueError(
            f"x has {rows:,} rows, and a derivation shows at most {MOST_ROWS} samples: "
            f"give fewer, such as x[:1] and y[:1]"
        )
