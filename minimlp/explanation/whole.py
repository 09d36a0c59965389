"""A whole step, in the page's order: forward, loss, backward layer by layer, update, and after.

One `Whole` goes through a model once. Every value it writes down is the framework's (`Numbers`);
every formula is the piece's own (`minimlp.formula`), or that of a Dense layer, which is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers import Dense
from ..objective import Objective
from .expression import Expression, product_of, read, sum_of
from .letters import Letters
from .sheet import Sheet
from .symbols import Applied, Derivative, Letter, Symbol, text
from .update import describe_update

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..formula import Formula
    from ..layers import Layer
    from ..losses import Loss
    from ..objective import Samples
    from ..optimizers import Optimizer
    from ..sequential import Sequential
    from .numbers import Numbers, Pass

LOSS = Letter("Loss")


def derive(
    model: Sequential, loss: Loss, optimizer: Optimizer, samples: Samples, numbers: Numbers
) -> tuple[Sheet, Letters, list[int]]:
    """Write down a step with all its numbers."""
    whole = Whole(model, loss, samples, numbers)
    whole.givens()
    whole.forward()
    whole.losses()
    whole.backward()
    describe_update(whole.sheet, whole.parameters, model, optimizer, numbers)
    whole.after()
    return whole.sheet, whole.letters, whole.marks


class Whole:
    """The state of going through a model: its letters, and the sheet that fills."""

    def __init__(self, model: Sequential, loss: Loss, samples: Samples, numbers: Numbers) -> None:
        self.model, self.loss, self.samples, self.numbers = model, loss, samples, numbers
        self.letters = Letters(model.layers, samples.x.shape[1])
        self.sheet = Sheet(model.dtype)
        self.natural = Objective(model, loss).is_natural
        rows = len(samples.x)
        self.marks = [0] if rows == 1 else list(range(1, rows + 1))
        self.parameters: list[tuple[int, Letter]] = []  # index in the flat vector, symbol
        self._trained = [i for i, layer in enumerate(model.layers) if isinstance(layer, Dense)]

    def names(self, position: int, mark: int) -> list[str]:
        """The quantities that go into a layer."""
        return [text(symbol) for symbol in self.letters.level(position, mark)]

    def givens(self) -> None:
        """Note inputs, targets and parameters."""
        sheet, samples = self.sheet, self.samples
        for b, mark in enumerate(self.marks):
            of = f" of sample {mark}" if mark else ""
            for k, symbol in enumerate(self.letters.level(0, mark)):
                sheet.given(symbol, samples.x[b, k], "input", f"input {k + 1}{of}")
        for b, mark in enumerate(self.marks):
            of = f" of sample {mark}" if mark else ""
            for k, symbol in enumerate(self.letters.level(len(self.model.layers), mark)):
                target = Applied("target", innermost(symbol))
                sheet.given(target, samples.target[b, k], "target", f"target {k + 1}{of}")
        start = 0
        for i, layer in enumerate(self.model.layers):
            if not isinstance(layer, Dense):
                continue
            units = [text(self.letters.unit(i, j, 0)) for j in range(layer.n_out)]
            into = [text(symbol) for symbol in self.letters.level(i, 0)]
            for j in range(layer.n_out):
                for k in range(layer.n_in):
                    words = f"layers[{i}].weight[{k}, {j}], from {into[k]} into {units[j]}"
                    index = start + k * layer.n_out + j
                    self._parameter(self.letters.weight(i, k, j), index, "weight", layer, words)
            start += layer.weight.size
            for j in range(layer.n_out * layer.has_bias):
                words = f"layers[{i}].bias[{j}], of {units[j]}"
                if self.letters.shares_bias(i):
                    words = f"layers[{i}].bias, of all units of the layer"
                self._parameter(self.letters.bias(i, j), start + j, "bias", layer, words)
            start += layer.n_out * layer.has_bias

    def _parameter(self, symbol: Letter, index: int, kind: str, layer: Layer, words: str) -> None:
        frozen = ", frozen" * (kind in layer.frozen)
        self.sheet.given(symbol, self.model.parameters[index], "parameter", words + frozen)
        self.parameters.append((index, symbol))

    def forward(self) -> None:
        """Add each unit's sum and what the activation makes of it."""
        for mark, through in zip(self.marks, self.numbers.passes, strict=True):
            for i, layer in enumerate(self.model.layers):
                x, y = self.names(i, mark), self.letters.level(i + 1, mark)
                for j, symbol in enumerate(y):
                    value = float(through.values[i + 1][j])
                    if isinstance(layer, Dense):
                        self._unit(i, layer, j, symbol, x, value)
                    else:
                        self._activation(layer, j, symbol, x, value)
            self.sheet.close(_titled("Forward", mark))

    def _unit(
        self, i: int, layer: Dense, j: int, symbol: Symbol, x: Sequence[str], value: float
    ) -> None:
        weights = [text(self.letters.weight(i, k, j)) for k in range(layer.n_in)]
        terms: list[Expression] = [("*", x[k], w) for k, w in enumerate(weights)]
        if layer.has_bias:
            terms.append(text(self.letters.bias(i, j)))
        words = f"what unit {text(symbol)} sums"
        self.sheet.step("forward", symbol, words, (sum_of(terms),), value)

    def _activation(
        self, layer: Layer, j: int, symbol: Symbol, x: Sequence[str], value: float
    ) -> None:
        assert layer.formula is not None
        letters = {**self._letters_of(layer, j), "h": x[j]}
        form, safe = (
            None if each is None else read(each, letters, x)
            for each in (layer.formula.value, layer.formula.safe_value)
        )
        assert form is not None
        words = f"what {layer!r} makes of {x[j]}"
        self.sheet.step("forward", symbol, words, (form,), value, safe, repr(layer))

    def _letters_of(self, piece: Any, j: int = 0) -> dict[str, Expression]:
        """The numbers that a piece's formula has letters for."""
        found: dict[str, Expression] = {
            "eps": self.sheet.eps,
            "n": float(self.samples.target.shape[1]),
        }
        for letter, attribute in piece.formula.letters.items():
            held = np.asarray(getattr(piece, attribute))
            found[letter] = float(held[j] if held.ndim else held)
        return found

    def losses(self) -> None:
        """Add each output's part of the loss, each sample's sum, and their average."""
        loss, last = self.loss, len(self.model.layers)
        formula = loss.formula
        assert formula is not None
        for mark, through in zip(self.marks, self.numbers.passes, strict=True):
            parts = []
            for k, symbol in enumerate(self.letters.level(last, mark)):
                letters = self._loss_letters(k, mark)
                form = read(formula.value, letters)
                safe = None if formula.safe_value is None else read(formula.safe_value, letters)
                value = float(through.losses[k])
                if self.natural and loss.logit_formula is not None:
                    row = self.names(last - 1, mark)
                    safe = read(loss.logit_formula.value, letters, row)
                    value = self._of_logits(form, safe, value)
                part = Applied("loss", innermost(symbol))
                words = f"how wrong {text(symbol)} is"
                parts.append(self.sheet.step("loss", part, words, (form,), value, safe, repr(loss)))
            total = LOSS._replace(sample=mark)
            words = f"the loss of sample {mark}" if mark else "the loss"
            self.sheet.step("loss", total, words, (sum_of(parts),), through.loss)
            self.sheet.close(_titled("Loss", mark))
        if len(self.marks) > 1:
            each = [text(LOSS._replace(sample=mark)) for mark in self.marks]
            words = f"the average over the {len(each)} samples"
            mean = ("/", sum_of(each), float(len(each)))
            self.sheet.step("loss", LOSS, words, (mean,), self.numbers.loss)
            self.sheet.close("Loss of the batch")

    def _of_logits(self, form: Expression, safe: Expression, value: float) -> float:
        """Take the value by the logits where that by the outputs was kept from infinity."""
        from .expression import compute

        exact = compute(safe, self.sheet.values)
        return value if np.isclose(value, exact, rtol=1e-12, atol=1e-12) else exact

    def _loss_letters(self, k: int, mark: int) -> dict[str, Expression]:
        last = len(self.model.layers)
        symbol = self.letters.level(last, mark)[k]
        return {
            **self._letters_of(self.loss),
            "a": text(symbol),
            "t": text(Applied("target", innermost(symbol))),
            "h": self.names(last - self.natural, mark)[k],
        }

    def backward(self) -> None:
        """Add the derivatives, from the outputs back to the first layer that trains."""
        last, first = len(self.model.layers), min(self._trained)
        known: dict[int, list[str]] = {}  # by sample: derivatives by what the layer gives
        for mark, through in zip(self.marks, self.numbers.passes, strict=True):
            known[mark] = self._by_outputs(mark, through)
        for i in reversed(range(first, last)):
            layer = self.model.layers[i]
            if isinstance(layer, Dense):
                self._gradients(i, layer, known)
                if i == first:
                    return
            for mark, through in zip(self.marks, self.numbers.passes, strict=True):
                pass_on = self._through_dense if isinstance(layer, Dense) else self._through
                known[mark] = pass_on(i, layer, mark, through, known[mark])  # type: ignore[arg-type]

    def _derivative(self, symbol: Symbol, mark: int) -> Symbol:
        """∂Loss/∂symbol; of a unit's sum, δ."""
        if isinstance(symbol, Letter) and symbol.letter in "ho":
            return Letter("δ", symbol, mark)
        return Derivative(LOSS._replace(sample=mark), symbol)

    def _words(self, symbol: Symbol) -> str:
        return f"∂Loss/∂{text(symbol)}, how the loss answers to {text(symbol)}"

    def _by_outputs(self, mark: int, through: Pass) -> list[str]:
        formula, last = self.loss.formula, len(self.model.layers)
        assert formula is not None
        names = []
        for k, symbol in enumerate(self.letters.level(last, mark)):
            letters = self._loss_letters(k, mark)
            form = read(formula.derivative, letters)
            safe = (
                None if formula.safe_derivative is None else read(formula.safe_derivative, letters)
            )
            names.append(
                self.sheet.step(
                    "deltas",
                    self._derivative(symbol, mark),
                    self._words(symbol),
                    (form,),
                    float(through.deltas[last][k]),
                    safe,
                    repr(self.loss),
                )
            )
        return names

    def _through(
        self, i: int, layer: Layer, mark: int, through: Pass, above: list[str]
    ) -> list[str]:
        """Go back through an activation: each derivative times the activation's own."""
        formula, slopes = layer.formula, through.slopes[i]
        assert formula is not None
        assert slopes is not None
        x, y = self.letters.level(i, mark), self.letters.level(i + 1, mark)
        mixed = formula.across is not None
        names = []
        for k, symbol in enumerate(x):
            paths: list[Expression] = []
            for j in range(len(y)) if mixed else (k,):
                letters = {
                    **self._letters_of(layer, k),
                    "h": text(x[k]),
                    "a": text(y[j]),
                    "b": text(y[k]),
                }
                own = formula.across if j != k else formula.derivative
                assert own is not None
                slope = Derivative(y[j], symbol)
                words = f"the derivative of {text(y[j])} by {text(symbol)}"
                safe = formula.safe_derivative if j == k else None
                self.sheet.step(
                    "deltas",
                    slope,
                    words,
                    (read(own, letters, self.names(i, mark)),),
                    float(slopes[j, k] if mixed else slopes[k]),
                    None if safe is None else read(safe, letters, self.names(i, mark)),
                    repr(layer),
                )
                paths.append(("*", above[j], text(slope)))
            forms = [sum_of(paths)]
            if self.natural and i == len(self.model.layers) - 1:
                assert self.loss.logit_formula is not None
                short = self.loss.logit_formula.derivative
                forms.append(read(short, self._loss_letters(k, mark)))
            value = float(through.deltas[i][k])
            derivative = self._derivative(symbol, mark)
            names.append(self.sheet.step("deltas", derivative, self._words(symbol), forms, value))
        return names

    def _through_dense(
        self, i: int, layer: Dense, mark: int, through: Pass, above: list[str]
    ) -> list[str]:
        """Go back to what a layer reads: the sum over the paths through all its units."""
        x, y = self.letters.level(i, mark), self.letters.level(i + 1, mark)
        names = []
        for k, symbol in enumerate(x):
            weights = [text(self.letters.weight(i, k, j)) for j in range(layer.n_out)]
            paths: list[Expression] = [("*", d, w) for d, w in zip(above, weights, strict=True)]
            forms = [sum_of(paths)]
            if self._outputs_apart(i) and len(y) > 1:
                shares = []
                for j, unit in enumerate(y):
                    share = Derivative(Applied("loss", unit), symbol)
                    factor = text(Derivative(unit, symbol))
                    words = f"the path through {text(unit)}: {factor} is {weights[j]}"
                    value = float(through.deltas[i + 1][j] * layer.weight[k, j])
                    shares.append(self.sheet.step("deltas", share, words, (paths[j],), value))
                forms = [sum_of(shares)]
            derivative = self._derivative(symbol, mark)
            value = float(through.deltas[i][k])
            names.append(self.sheet.step("deltas", derivative, self._words(symbol), forms, value))
        return names

    def _outputs_apart(self, i: int) -> bool:
        """Whether each unit of a layer has one output of its own, and so a loss of its own."""
        behind = self.model.layers[i + 1 :]
        return self.letters.counted and all(
            not isinstance(layer, Dense) and layer.formula is not None and not layer.formula.across
            for layer in behind
        )

    def _gradients(self, i: int, layer: Dense, known: Mapping[int, list[str]]) -> None:
        """Add the derivatives by a layer's weights and biases, factor by factor."""
        start = sum(
            each.weight.size + each.n_out * each.has_bias
            for each in self.model.layers[:i]
            if isinstance(each, Dense)
        )
        for j in range(layer.n_out):
            for k in range(layer.n_in * ("weight" not in layer.frozen)):
                self._gradient(
                    self.letters.weight(i, k, j), start + k * layer.n_out + j, i, j, k, known
                )
        start += layer.weight.size
        for j in range(layer.n_out * (layer.has_bias and "bias" not in layer.frozen)):
            self._gradient(self.letters.bias(i, j), start + j, i, j, None, known)
        number, frozen = self.letters.number_of(i), sorted(layer.frozen)
        words = [f"The {name} of layers[{i}] is frozen: it has no gradient." for name in frozen]
        self.sheet.close(self._title_of(number), *words)

    def _title_of(self, number: int) -> str:
        hidden = self.letters.hidden
        if number == hidden + 1:
            return "Backward: hidden → output" if hidden else "Backward: input → output"
        if hidden == 1:
            return "Backward: input → hidden"
        source = "input" if number == 1 else f"hidden layer {number - 1}"
        return f"Backward: {source} → hidden layer {number}"

    def _gradient(
        self,
        symbol: Letter,
        index: int,
        i: int,
        j: int,
        k: int | None,
        known: Mapping[int, list[str]],
    ) -> None:
        each = []
        for mark, through in zip(self.marks, self.numbers.passes, strict=True):
            unit, delta = self.letters.level(i + 1, mark)[j], known[mark][j]
            by = Derivative(LOSS._replace(sample=mark), symbol)
            value = float(through.gradient[index])
            if k is None:
                words = f"∂{text(unit)}/∂{text(symbol)} is 1"
                each.append(self.sheet.step("gradients", by, words, (delta,), value))
                continue
            source = self.names(i, mark)[k]
            factor = Derivative(unit, symbol)
            words = f"how {text(unit)} answers to {text(symbol)}"
            self.sheet.step("gradients", factor, words, (source,), float(through.values[i][k]))
            chain = [*self._factors(i, j, mark, delta), text(factor)]
            forms = (product_of(chain), product_of([delta, source]))
            words = f"the factors from {text(symbol)} to the loss"
            each.append(self.sheet.step("gradients", by, words, forms, value))
        if len(each) > 1:
            mean = ("/", sum_of(each), float(len(each)))
            by = Derivative(LOSS, symbol)
            words = "the average over the samples"
            self.sheet.step("gradients", by, words, (mean,), float(self.numbers.gradient[index]))

    def _factors(self, i: int, j: int, mark: int, delta: str) -> list[str]:
        """∂Loss/∂a(o) and ∂a(o)/∂o where those are the factors of δ, else δ."""
        behind = self.model.layers[i + 1 : i + 2]
        if not behind or isinstance(behind[0], Dense):
            return [delta]
        formula: Formula | None = behind[0].formula
        if formula is None or formula.across is not None:
            return [delta]
        unit, out = self.letters.level(i + 1, mark)[j], self.letters.level(i + 2, mark)[j]
        return [text(self._derivative(out, mark)), text(Derivative(out, unit))]

    def after(self) -> None:
        """Add what the network gives after the step."""
        for b, mark in enumerate(self.marks):
            for k, symbol in enumerate(self.letters.level(len(self.model.layers), mark)):
                assert not isinstance(symbol, Derivative)
                value = float(self.numbers.outputs[b, k])
                new = symbol._replace(after=True)
                words = f"{text(symbol)} with the new weights"
                self.sheet.step("after", new, words, (), value)
        before, now = self.numbers.loss, self.numbers.loss_after
        self.sheet.step("after", LOSS._replace(after=True), "the loss after the step", (), now)
        change = "fallen" if now < before else "risen" if now > before else ""
        words = (
            f"The forward pass once more, with the new numbers: the loss has {change}."
            if change
            else "The forward pass once more, with the new numbers: the loss is the same."
        )
        if change == "risen":
            words += " The step was too long: a smaller learning rate makes it fall."
        self.sheet.close("After the step", words)


def innermost(symbol: Symbol) -> Letter:
    """Give the unit that functions are applied to."""
    while isinstance(symbol, Applied):
        symbol = symbol.inner
    assert isinstance(symbol, Letter)
    return symbol


def _titled(title: str, mark: int) -> str:
    return f"{title}, sample {mark}" if mark else title
