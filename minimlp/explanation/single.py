"""One parameter of a network of any size: every path to the loss, and then the same as matrices.

The chain rule for one weight is a sum over all paths from it to the loss, as many as the product of
the widths behind it. Their sum is found layer by layer, from the loss back: that is what a product
with a matrix does, for all units at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..layers import Dense
from .expression import Expression, product_of, sum_of
from .paths import Path, strongest
from .symbols import Derivative, Letter, Symbol, text
from .update import describe_update
from .walk import Walk, titled

if TYPE_CHECKING:
    from ..losses import Loss
    from ..objective import Samples
    from ..optimizers import Optimizer
    from ..sequential import Sequential
    from .entry import Entry
    from .numbers import Numbers, Pass

_SHOWN = 12  # paths, or terms of a sum, that are written out


def derive_one(
    model: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    samples: Samples,
    numbers: Numbers,
    entry: Entry,
) -> Walk:
    """Write down how one parameter reaches the loss, and its step."""
    single = Single(model, loss, samples, numbers, entry)
    if entry.part.name in entry.part.layer.frozen:
        single.sheet.close("gradients", "Backward", f"{entry.part} is frozen: its derivative is 0.")
    else:
        single.paths()
        single.matrices()
    describe_update(single.sheet, [(entry.number, single.symbol)], optimizer, numbers)
    single.after()
    return single


class Single(Walk):
    """The way of one parameter to the loss."""

    def __init__(
        self, model: Sequential, loss: Loss, samples: Samples, numbers: Numbers, entry: Entry
    ) -> None:
        super().__init__(model, loss, samples, numbers)
        self.entry, self.position = entry, entry.part.position
        self.source = entry.place[0] if entry.part.name == "weight" else None
        self.unit = entry.place[-1]
        if self.source is None:
            self.symbol = self.letters.bias(self.position, self.unit)
        else:
            self.symbol = self.letters.weight(self.position, self.source, self.unit)
        # Behind its natural last layer the loss is one factor with it.
        self.end = self.last - self.natural
        value = model.parameters[entry.number]
        self.sheet.given(self.symbol, value, "parameter", str(entry))

    def paths(self) -> None:
        """Add the strongest paths, what the others come to, and their sum."""
        each = []
        for mark, through in zip(self.marks, self.numbers.passes, strict=True):
            factors = []
            for i in range(self.position + 1, self.end):
                layer, slopes = self.model.layers[i], through.slopes[i]
                factors.append(layer.weight.T if isinstance(layer, Dense) else slopes)
            ends = through.deltas[self.end]
            found, count = strongest(factors, ends, self.unit, _SHOWN)  # type: ignore[arg-type]
            value = float(through.gradient[self.entry.number])
            names = [self._path(n + 1, path, mark, through) for n, path in enumerate(found)]
            if count > len(found):
                others = value - sum(self.sheet.values[name] for name in names)
                words = f"the other {count - len(found):,} paths together"
                rest = Letter("others", sample=mark)
                names.append(self.sheet.step("gradients", rest, words, (), others, tell=True))
            by = Derivative(self.loss_of(mark), self.symbol)
            words = f"the sum over {count:,} path{'s' * (count != 1)}"
            each.append(self.sheet.step("gradients", by, words, (sum_of(names),), value))
            told = f"{text(self.symbol)} reaches the loss along {count:,} path{'s' * (count != 1)}"
            if count > len(found):
                told += f"; the {len(found)} that count most are written out"
            if self.source is not None and not through.values[self.position][self.source]:
                told += ". What it is multiplied by is 0 here, and so is every path"
            self.sheet.close("gradients", titled("Every path", mark), f"{told}.")
        if len(each) > 1:
            by = Derivative(self.loss_of(0), self.symbol)
            mean = ("/", sum_of(each), float(len(each)))
            value = float(self.numbers.gradient[self.entry.number])
            words = "the average over the samples"
            self.sheet.step("gradients", by, words, (mean,), value)
            self.sheet.close("gradients", "The average")

    def _path(self, number: int, path: Path, mark: int, through: Pass) -> str:
        """Add one path: the product of its factors."""
        symbol = self.letters.level(self.position + 1, mark)[self.unit]
        names = [self._first_factor(symbol, mark, through)]
        along = [text(self.symbol), text(symbol)]
        for i, unit in zip(range(self.position + 1, self.end), path.units[1:], strict=True):
            layer, before = self.model.layers[i], symbol
            at = path.units[i - self.position - 1]
            symbol = self.letters.level(i + 1, mark)[unit]
            slopes = through.slopes[i]
            if isinstance(layer, Dense):
                value = layer.weight[at, unit]
            else:
                assert slopes is not None
                value = slopes[at] if slopes.ndim == 1 else slopes[unit, at]
            names.append(self.sheet.know(Derivative(symbol, before), value))
            along.append(text(symbol))
        last = through.deltas[self.end][path.units[-1]]
        names.append(self.sheet.know(Derivative(self.loss_of(mark), symbol), last))
        words = " → ".join([*along, text(self.loss_of(mark))])
        product = product_of(names)
        value = path.product * self.sheet.values[names[0]]
        return self.sheet.step(
            "gradients", Letter("path", str(number), mark), words, (product,), value, tell=True
        )

    def _first_factor(self, unit: Symbol, mark: int, through: Pass) -> str:
        value = 1.0 if self.source is None else through.values[self.position][self.source]
        return self.sheet.know(Derivative(unit, self.symbol), value)

    def matrices(self) -> None:
        """Say how matrices find the same, and add the products that end in this parameter."""
        for mark, through in zip(self.marks, self.numbers.passes, strict=True):
            i, unit = self.position, self.letters.level(self.position + 1, mark)[self.unit]
            delta = self._delta(unit, mark, through)
            by = Derivative(self.loss_of(mark), self.symbol)
            value = float(through.gradient[self.entry.number])
            if self.source is None:
                form: Expression = delta
                words = f"∂{text(unit)}/∂{text(self.symbol)} is 1"
            else:
                source = self.letters.level(i, mark)[self.source]
                name = self.sheet.know(source, through.values[i][self.source])
                form = product_of([delta, name])
                words = f"the entry {self.entry} of the product"
            self.sheet.step("gradients", by, words, (form,), value)
            told = self._products() if mark in (0, 1) else []
            self.sheet.close("gradients", titled("As matrices", mark), *told)

    def _delta(self, unit: Symbol, mark: int, through: Pass) -> str:
        """Add δ of the parameter's unit, from the layers behind it."""
        i = self.position + 1
        if i == self.end:
            return self.sheet.step(
                "deltas",
                self.derivative(unit, mark),
                "from the loss",
                (),
                float(through.deltas[i][self.unit]),
            )
        layer, slopes = self.model.layers[i], through.slopes[i]
        if not isinstance(layer, Dense) and slopes is not None and slopes.ndim == 1:
            out = self.letters.level(i + 1, mark)[self.unit]
            above = self._sum(i + 1, self.unit, mark, through)
            slope = self.sheet.know(Derivative(out, unit), slopes[self.unit])
            value = float(through.deltas[i][self.unit])
            words = f"back through {layer!r}"
            form = product_of([above, slope])
            return self.sheet.step("deltas", self.derivative(unit, mark), words, (form,), value)
        return self._sum(i, self.unit, mark, through)

    def _sum(self, i: int, k: int, mark: int, through: Pass) -> str:
        """Add ∂Loss/∂(what goes into layer i), unit k: a row of weights times the deltas behind."""
        symbol, value = self.letters.level(i, mark)[k], float(through.deltas[i][k])
        if i == self.end or not isinstance(self.model.layers[i], Dense):
            return self.sheet.step(
                "deltas", self.derivative(symbol, mark), "from behind", (), value, tell=True
            )
        layer = self.model.layers[i]
        assert isinstance(layer, Dense)
        units = self.letters.level(i + 1, mark)
        forms = []
        if layer.n_out <= _SHOWN:
            terms = []
            for j, unit in enumerate(units):
                delta = self.sheet.know(self.derivative(unit, mark), through.deltas[i + 1][j])
                weight = self.sheet.know(self.letters.weight(i, k, j), layer.weight[k, j])
                terms.append(("*", delta, weight))
            forms = [sum_of(terms)]
        words = f"row {k} of layers[{i}].weight times the {layer.n_out} deltas behind it"
        derivative = self.derivative(symbol, mark)
        return self.sheet.step("deltas", derivative, words, forms, value, tell=not forms)

    def _products(self) -> list[str]:
        """Write the products of matrices, with their shapes, from the loss to this layer."""
        rows, widths = len(self.marks), self.letters.widths
        told = [
            f"D is the derivative of the loss by what is computed there, one row a sample. At the "
            f"end of layers[{self.end - 1}] it is ({rows} × {widths[self.end]})."
        ]
        for i in reversed(range(self.position + 1, self.end)):
            layer = self.model.layers[i]
            if isinstance(layer, Dense):
                told.append(
                    f"Back through layers[{i}], D ← D · Wᵀ: ({rows} × {layer.n_out}) · "
                    f"({layer.n_out} × {layer.n_in})."
                )
            elif layer.formula is not None and layer.formula.across:
                told.append(
                    f"Back through layers[{i}], {layer!r}: each row of D times the matrix of "
                    f"derivatives of its row, ({widths[i + 1]} × {widths[i]})."
                )
            else:
                told.append(
                    f"Back through layers[{i}], {layer!r}: D ← D ∘ a′, entry by entry, "
                    f"({rows} × {widths[i]})."
                )
        n_in, n_out = widths[self.position], widths[self.position + 1]
        if self.source is None:
            told.append(f"∂Loss/∂b is the sum of D over the rows, ({n_out}); entry [{self.unit}]:")
        else:
            told.append(
                f"∂Loss/∂W = xᵀ · D, x being what goes into layers[{self.position}]: "
                f"({n_in} × {rows}) · ({rows} × {n_out}). "
                f"Its entry [{self.source}, {self.unit}]:"
            )
        return told

    def after(self) -> None:
        """Add the loss before and after the step."""
        self.sheet.step("after", self.loss_of(0), "the loss before the step", (), self.numbers.loss)
        new = Letter("Loss", after=True)
        words = "the loss after the step of all parameters"
        self.sheet.step("after", new, words, (), self.numbers.loss_after)
        self.sheet.close("after", "After the step of all parameters")
