"""What a derivation is made of: quantities that are given, and steps that each find one more.

A sheet is filled from top to bottom. Each step may use what stands above it, so the steps are also
a small program: from the given numbers, computed one after the other, they give all the others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .expression import Expression, compute, magnitude
from .symbols import Letter, Symbol, text

STAGES = ("forward", "loss", "deltas", "gradients", "update", "after")
KEEPS_DIGITS = "written as what keeps its digits: the usual factors lose them at these numbers"


class Given(NamedTuple):
    """A quantity that the derivation starts from.

    Attributes
    ----------
    symbol : Symbol
    value : float
    role : str
        ``"input"``, ``"target"``, ``"parameter"``, ``"setting"`` or ``"memory"``.
    words : str
        What it is: where a weight leads, or what the framework calls it.
    """

    symbol: Symbol
    value: float
    role: str
    words: str

    @property
    def name(self) -> str:
        return text(self.symbol)


class Step(NamedTuple):
    """One quantity: words, symbol, formulas that all give its value, and the value.

    Attributes
    ----------
    stage : str
        One of STAGES.
    symbol : Symbol
    words : str
    forms : tuple of Expression
        The formula, and what it can be shortened to. Empty for what only the framework computes.
    shown : tuple of Expression
        Those that give the value: not where a factor is rounded to 0, say. Then `safe` does.
    value : float
        The framework's own number.
    safe : Expression
        A formula for every range of numbers; one of `forms` where they are that.
    tell : bool
        Whether the words belong in every format.
    note : str
        What is said beside the figure.
    """

    stage: str
    symbol: Symbol
    words: str
    forms: tuple[Expression, ...]
    shown: tuple[Expression, ...]
    value: float
    safe: Expression
    tell: bool = False
    note: str = ""

    @property
    def name(self) -> str:
        return text(self.symbol)

    @property
    def all_forms(self) -> tuple[Expression, ...]:
        """All formulas, with the safe one at the end."""
        spare = self.forms and self.safe not in self.forms
        return (*self.forms, self.safe) if spare else self.forms

    @property
    def told(self) -> str:
        """What formats without room for all words say beside the figure."""
        if self.tell:
            return self.words
        return "" if all(form in self.shown for form in self.forms) else KEEPS_DIGITS


class Section(NamedTuple):
    """Steps under one title, with words before them; `stage` is what it ends with."""

    stage: str
    title: str
    words: tuple[str, ...]
    steps: tuple[Step, ...]


class Sheet:
    """The quantities of one derivation, by name, and its sections in the page's order.

    Parameters
    ----------
    dtype : dtype
        Of the model: how exactly a formula must give the framework's number.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.eps = float(np.finfo(dtype).eps)
        self.givens: list[Given] = []
        self.sections: list[Section] = []
        self.values: dict[str, float] = {}
        self.symbols: dict[str, Symbol] = {}
        self.carried: dict[str, str] = {}  # what a given becomes for the next step
        self._open: list[Step] = []
        self._settings: dict[tuple[object, Letter], str] = {}

    def given(self, symbol: Symbol, value: float, role: str, words: str) -> str:
        """Note a quantity to start from; a second of the same name is the same one."""
        name = text(symbol)
        if name not in self.values:
            self.givens.append(Given(symbol, float(value), role, words))
            self.know(symbol, value)
        return name

    def setting(
        self, owner: object, symbol: Letter, value: float, words: str, role: str = "setting"
    ) -> str:
        """Note a number of a piece, its `owner`; another's of that letter has a number below."""
        key = owner, symbol
        if key not in self._settings:
            free, number = symbol, 1
            while text(free) in self.values:
                number += 1
                below = f"{number},{symbol.below}" if symbol.below else str(number)
                free = symbol._replace(below=below)
            self._settings[key] = self.given(free, value, role, words)
        return self._settings[key]

    def step(
        self,
        stage: str,
        symbol: Symbol,
        words: str,
        forms: Sequence[Expression],
        value: float,
        safe: Expression | None = None,
        *,
        source: str = "",
        tell: bool = False,
    ) -> str:
        """Add a step, and look whether its formulas give the framework's value.

        Forms that do not, as where a factor is rounded to 0, are left out for the safe one.

        Raises
        ------
        ValueError
            None gives it; the message names `source`, whose formula it is.
        """
        right = [form for form in forms if self._gives(form, value)]
        if not right and safe is not None and self._gives(safe, value):
            right = [safe]
        if not right:  # as 1 / (1 + e^800) does, though e^800 is infinite
            right = [form for form in forms if self._gives(form, value, strict=False)]
        if forms and not right:
            found = compute(forms[0], self.values)
            raise ValueError(
                f"the formula of {source or text(symbol)} gives {text(symbol)} = {found:.9g}, but "
                f"the layer, loss or optimizer itself gives {value:.9g}: they must be one function"
            )
        surest = safe if safe is not None else forms[-1] if forms else text(symbol)
        step = Step(stage, symbol, words, tuple(forms), tuple(right), float(value), surest, tell)
        self._open.append(step)
        self.know(symbol, value)
        return step.name

    def close(self, stage: str, title: str, *words: str) -> None:
        """End a section with the steps since the last one."""
        self.sections.append(Section(stage, title, words, tuple(self._open)))
        self._open = []

    def know(self, symbol: Symbol, value: float) -> str:
        """Note a quantity that has no step of its own."""
        name = text(symbol)
        self.values[name] = float(value)
        self.symbols[name] = symbol
        return name

    def _gives(self, form: Expression, value: float, strict: bool = True) -> bool:
        found = compute(form, self.values, strict=strict)
        if found == value:
            return True
        # A thousand roundings are, in float64, 2e-13 of what is added up. The framework's own way
        # to a number may add up more, and be less exact.
        rounding = 1000 * self.eps if strict else max(1000 * self.eps, math.sqrt(self.eps))
        size = max(1.0, abs(value), magnitude(form, self.values))
        return abs(found - value) <= rounding * size
