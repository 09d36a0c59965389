"""The way back: from the derivative by each output to that by each weight, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..layers import Dense
from .expression import Expression, product_of, read, sum_of
from .symbols import Applied, Derivative, Letter, Symbol, text
from .walk import Walk

if TYPE_CHECKING:
    from ..layers import Layer
    from .numbers import Pass


def backward(walk: Walk) -> None:
    """Add the derivatives, from the outputs back to the first layer that trains."""
    trained = [
        i for i, each in enumerate(walk.model.layers) if {*each.parameter_shapes()} - each.frozen
    ]
    if not trained:
        walk.sheet.close("gradients", "Backward", "All parameters are frozen: none has a gradient.")
        return
    passes = list(zip(walk.marks, walk.numbers.passes, strict=True))
    known = {mark: _by_outputs(walk, mark, through) for mark, through in passes}
    for i in reversed(range(trained[0], walk.last)):
        layer = walk.model.layers[i]
        if isinstance(layer, Dense):
            _gradients(walk, i, layer, known)
        if i == trained[0]:
            return
        for mark, through in passes:
            if isinstance(layer, Dense):
                known[mark] = _through_dense(walk, i, layer, mark, through, known[mark])
            else:
                known[mark] = _through(walk, i, layer, mark, through, known[mark])


def _words(symbol: Symbol) -> str:
    return f"∂Loss/∂{text(symbol)}, how the loss answers to {text(symbol)}"


def _by_outputs(walk: Walk, mark: int, through: Pass) -> list[str]:
    """Add the derivatives of the loss by the outputs."""
    formula, names = walk.loss.formula, []
    assert formula is not None
    for k, symbol in enumerate(walk.letters.level(walk.last, mark)):
        letters = walk.loss_letters(k, mark)
        form, safe = read(formula.derivative, letters), None
        if formula.safe_derivative is not None:
            safe = read(formula.safe_derivative, letters)
        name = walk.sheet.step(
            "deltas",
            walk.derivative(symbol, mark),
            _words(symbol),
            (form,),
            float(through.deltas[walk.last][k]),
            safe,
            source=repr(walk.loss),
        )
        names.append(name)
    return names


def _through(
    walk: Walk, i: int, layer: Layer, mark: int, through: Pass, above: list[str]
) -> list[str]:
    """Go back through an activation: each derivative times the activation's own."""
    assert layer.formula is not None
    mixed = layer.formula.across is not None
    names = []
    for k, symbol in enumerate(walk.letters.level(i, mark)):
        behind = range(walk.letters.widths[i + 1]) if mixed else (k,)
        slopes = [_slope(walk, i, layer, j, k, mark, through) for j in behind]
        paths = [("*", above[j], slope) for j, slope in zip(behind, slopes, strict=True)]
        forms = [sum_of(paths)]
        if walk.natural and i == walk.last - 1:
            assert walk.loss.logit_formula is not None
            forms.append(read(walk.loss.logit_formula.derivative, walk.loss_letters(k, mark)))
        value = float(through.deltas[i][k])
        derivative = walk.derivative(symbol, mark)
        names.append(walk.sheet.step("deltas", derivative, _words(symbol), forms, value))
    return names


def _slope(walk: Walk, i: int, layer: Layer, j: int, k: int, mark: int, through: Pass) -> str:
    """Add ∂(output j)/∂(input k) of an activation."""
    formula, slopes = layer.formula, through.slopes[i]
    assert formula is not None
    assert slopes is not None
    x, y = walk.letters.level(i, mark), walk.letters.level(i + 1, mark)
    letters: dict[str, Expression] = {
        **walk.settings_of(layer, k),
        "h": text(x[k]),
        "a": text(y[j]),
        "b": text(y[k]),
    }
    own, safe = (formula.derivative, formula.safe_derivative) if j == k else (formula.across, None)
    assert own is not None
    row = walk.names(i, mark)
    return walk.sheet.step(
        "deltas",
        Derivative(y[j], x[k]),
        f"the derivative of {text(y[j])} by {text(x[k])}",
        (read(own, letters, row),),
        float(slopes[k] if slopes.ndim == 1 else slopes[j, k]),
        None if safe is None else read(safe, letters, row),
        source=repr(layer),
    )


def _through_dense(
    walk: Walk, i: int, layer: Dense, mark: int, through: Pass, above: list[str]
) -> list[str]:
    """Go back to what a layer reads: the sum over the paths through all its units."""
    units, names = walk.letters.level(i + 1, mark), []
    for k, symbol in enumerate(walk.letters.level(i, mark)):
        weights = [text(walk.letters.weight(i, k, j)) for j in range(layer.n_out)]
        paths: list[Expression] = [("*", d, w) for d, w in zip(above, weights, strict=True)]
        if _outputs_apart(walk, i) and len(units) > 1:
            for j, unit in enumerate(units):
                share = Derivative(Applied("loss", unit), symbol)
                factor = text(Derivative(unit, symbol))
                words = f"the path through {text(unit)}: {factor} is {weights[j]}"
                value = float(through.deltas[i + 1][j] * layer.weight[k, j])
                paths[j] = walk.sheet.step("deltas", share, words, (paths[j],), value)
        derivative, value = walk.derivative(symbol, mark), float(through.deltas[i][k])
        forms = (sum_of(paths),)
        names.append(walk.sheet.step("deltas", derivative, _words(symbol), forms, value))
    return names


def _outputs_apart(walk: Walk, i: int) -> bool:
    """Whether each unit of a layer has one output of its own, and so a loss of its own."""
    behind = walk.model.layers[i + 1 :]
    return walk.letters.counted and all(
        not isinstance(layer, Dense) and layer.formula is not None and not layer.formula.across
        for layer in behind
    )


def _gradients(walk: Walk, i: int, layer: Dense, known: Mapping[int, list[str]]) -> None:
    """Add the derivatives by a layer's weights and biases, factor by factor."""
    for j in range(layer.n_out if "weight" not in layer.frozen else 0):
        for k in range(layer.n_in):
            index = walk.starts[i, "weight"] + k * layer.n_out + j
            _gradient(walk, walk.letters.weight(i, k, j), index, i, j, k, known)
    for j in range(layer.n_out if layer.has_bias and "bias" not in layer.frozen else 0):
        _gradient(walk, walk.letters.bias(i, j), walk.starts[i, "bias"] + j, i, j, None, known)
    frozen = sorted(layer.frozen & {*layer.parameter_shapes()})
    words = [f"The {name} of layers[{i}] is frozen: it has no gradient." for name in frozen]
    walk.sheet.close("gradients", walk.letters.title_back(i), *words)


def _gradient(
    walk: Walk,
    symbol: Letter,
    index: int,
    i: int,
    j: int,
    k: int | None,
    known: Mapping[int, list[str]],
) -> None:
    """Add the derivative by one parameter: of weight k into unit j, or of the unit's bias."""
    each = []
    for mark, through in zip(walk.marks, walk.numbers.passes, strict=True):
        unit, delta = walk.letters.level(i + 1, mark)[j], known[mark][j]
        by, value = Derivative(walk.loss_of(mark), symbol), float(through.gradient[index])
        forms: tuple[Expression, ...] = (delta,)
        words = f"∂{text(unit)}/∂{text(symbol)} is 1"
        if k is not None:
            source, factor = walk.names(i, mark)[k], Derivative(unit, symbol)
            answers = f"how {text(unit)} answers to {text(symbol)}"
            held = float(through.values[i][k])
            name = walk.sheet.step("gradients", factor, answers, (source,), held)
            forms = (product_of([*_factors(walk, i, j, mark, delta), name]), ("*", delta, source))
            words = f"the factors from {text(symbol)} to the loss"
        each.append(walk.sheet.step("gradients", by, words, forms, value))
    if len(each) > 1:
        mean, by = ("/", sum_of(each), float(len(each))), Derivative(walk.loss_of(0), symbol)
        value = float(walk.numbers.gradient[index])
        walk.sheet.step("gradients", by, "the average over the samples", (mean,), value)


def _factors(walk: Walk, i: int, j: int, mark: int, delta: str) -> list[str]:
    """∂Loss/∂a(o) and ∂a(o)/∂o where those are the factors of δ, else δ."""
    if i + 1 == walk.last:
        return [delta]
    formula = walk.model.layers[i + 1].formula
    if formula is None or formula.across is not None:
        return [delta]
    unit, out = walk.letters.level(i + 1, mark)[j], walk.letters.level(i + 2, mark)[j]
    return [text(walk.derivative(out, mark)), text(Derivative(out, unit))]
