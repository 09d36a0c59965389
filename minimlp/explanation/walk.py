"""What every part of a derivation goes by: the model, its letters, its numbers, and the sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..objective import Objective
from ..parameters import layout
from .expression import Expression
from .letters import Letters
from .sheet import Sheet
from .symbols import Applied, Derivative, Letter, Symbol, lettered, text

if TYPE_CHECKING:
    from ..losses import Loss
    from ..objective import Samples
    from ..sequential import Sequential
    from .numbers import Numbers


class Walk:
    """One way through a model, forward and back, whose steps fill a sheet.

    Attributes
    ----------
    marks : list of int
        How samples are marked in their symbols: from 1, or 0 for a single one.
    natural : bool
        Whether the loss takes the place of the last layer.
    starts : dict
        (position of a layer, name) -> where that array begins in the flat vector.
    """

    def __init__(self, model: Sequential, loss: Loss, samples: Samples, numbers: Numbers) -> None:
        self.model, self.loss, self.samples, self.numbers = model, loss, samples, numbers
        self.letters = Letters(model.layers, samples.x.shape[1])
        self.sheet = Sheet(model.dtype)
        self.natural = Objective(model, loss).is_natural
        self.last = len(model.layers)
        rows = len(samples.x)
        self.marks = [0] if rows == 1 else list(range(1, rows + 1))
        parts = layout(model.layers)
        self.starts = {(part.position, part.name): part.slice.start for part in parts}

    def names(self, position: int, mark: int) -> list[str]:
        """The quantities that go into a layer; the outputs at the end."""
        return [text(symbol) for symbol in self.letters.level(position, mark)]

    def loss_of(self, mark: int) -> Letter:
        """The loss of a sample; of the batch for 0."""
        return Letter("Loss", sample=mark)

    def derivative(self, symbol: Symbol, mark: int) -> Symbol:
        """∂Loss/∂symbol; of what a unit sums, δ."""
        if isinstance(symbol, Letter) and symbol.letter in "ho":
            return Letter("δ", symbol, mark)
        return Derivative(self.loss_of(mark), symbol)

    def settings_of(self, piece: Any, unit: int = 0) -> dict[str, Expression]:
        """Note the numbers that a piece's formula has letters for."""
        found: dict[str, Expression] = {
            "eps": self.sheet.eps,
            "n": float(self.samples.target.shape[1]),
        }
        for letter, attribute in piece.formula.letters.items():
            held = np.asarray(getattr(piece, attribute))
            value = float(held.reshape(-1)[unit if held.size > 1 else 0])
            symbol, words = lettered(letter), f"{attribute} of {piece!r}"
            if held.ndim:
                symbol = symbol._replace(below=f"{symbol.below}{unit + 1}")
                words += f", unit {unit + 1}"
            found[letter] = self.sheet.setting(id(piece), symbol, value, words)
        return found

    def loss_letters(self, k: int, mark: int) -> dict[str, Expression]:
        """What the letters of the loss's formula are for output k."""
        symbol = self.letters.level(self.last, mark)[k]
        return {
            **self.settings_of(self.loss),
            "a": text(symbol),
            "t": text(Applied("target", innermost(symbol))),
            "h": self.names(self.last - self.natural, mark)[k],
        }


def innermost(symbol: Symbol) -> Letter:
    """Give the unit that functions are applied to."""
    while isinstance(symbol, Applied):
        symbol = symbol.inner
    assert isinstance(symbol, Letter)
    return symbol


def titled(title: str, mark: int) -> str:
    """Write a title, with its sample where there are several."""
    return f"{title}, sample {mark}" if mark else title
