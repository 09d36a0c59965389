"""What every format has in common: formulas with letters or with numbers, and where brackets go.

A format says how it writes a symbol, a figure, a sum, a product, a fraction, a power and a
function; the order of operations is decided here, once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .expression import Expression, holds
from .symbols import Derivative, Symbol

_STRENGTH = {"if": 0, "+": 1, "-": 1, "neg": 1, "*": 2, "/": 2, "^": 4}
_ATOM = 5


class Writer:
    """Writes trees; one subclass a format.

    Parameters
    ----------
    symbols : mapping
        Name -> Symbol.
    values : mapping
        Name -> number.
    figures : Figures
    """

    fraction_groups = False  # whether a fraction's line does what brackets do

    def __init__(
        self, symbols: Mapping[str, Symbol], values: Mapping[str, float], figures: Figures
    ) -> None:
        self.symbols, self.values, self.figures = symbols, values, figures

    def formula(self, tree: Expression) -> str:
        """Write a formula with its letters."""
        return self._write(tree, numbers=False)

    def with_numbers(self, tree: Expression) -> str:
        """Write a formula with the numbers in it; of cases, the one that holds."""
        return self._write(tree, numbers=True)

    def leaf(self, name: str, brackets: bool = False) -> str:
        """Write the number that a quantity is; `brackets` are for a negative one."""
        value = self.values[name]
        written = self.figure(value)
        return self.group(written) if brackets and value < 0 else written

    def figure(self, value: float) -> str:
        """Write a number."""
        raise NotImplementedError

    def symbol(self, symbol: Symbol) -> str:
        raise NotImplementedError

    def _write(self, tree: Expression, numbers: bool) -> str:
        if isinstance(tree, str):
            return self.leaf(tree) if numbers else self.symbol(self.symbols[tree])
        if not isinstance(tree, tuple):
            return self.constant(float(tree))
        operator, *parts = tree
        if operator == "if":
            return self._cases(parts, numbers)
        if operator == "+":
            return self._sum(parts, numbers)
        if operator == "norm":
            return self.root(self.words("Σ (∂Loss/∂w)²"))
        if operator in ("-", "neg"):
            first = [] if operator == "neg" else [self._inside(parts[0], 1, numbers)]
            return self.difference(*first, self._inside(parts[-1], 2, numbers))
        if operator == "*":
            factors = [self._inside(part, 2, numbers, i > 0) for i, part in enumerate(parts)]
            return self.product(factors, numbers)
        if operator == "/":
            if self.fraction_groups:
                return self.fraction(*(self._write(part, numbers) for part in parts))
            return self.fraction(
                self._inside(parts[0], 2, numbers), self._inside(parts[1], 3, numbers, True)
            )
        if operator == "^":
            base = self._inside(parts[0], 5, numbers, True)
            return self.power(base, self._write(parts[1], numbers))
        if operator == "exp":
            return self.power(self.words("e"), self._write(parts[0], numbers))
        inner = [self._write(part, numbers) for part in parts]
        if operator == "sqrt":
            return self.root(inner[0])
        if operator == "abs":
            return self.absolute(inner[0])
        return self.function(operator, inner)

    def _inside(self, tree: Expression, least: int, numbers: bool, strict: bool = False) -> str:
        """Write a part, in brackets where it binds less than `least` or begins with a minus."""
        if isinstance(tree, str) and numbers:
            return self.leaf(tree, brackets=strict or least > 2)
        if isinstance(tree, str) and least > 4 and isinstance(self.symbols[tree], Derivative):
            return self.group(self._write(tree, numbers))
        written = self._write(tree, numbers)
        operator = tree[0] if isinstance(tree, tuple) else ""
        strength = _STRENGTH.get(operator, _ATOM)
        if operator == "/" and self.fraction_groups:
            strength = 3
        negative = self._begins_negative(tree, numbers) and (strict or least > 2)
        return self.group(written) if strength < least or negative else written

    def _begins_negative(self, tree: Expression, numbers: bool) -> bool:
        if isinstance(tree, str):
            return numbers and self.values[tree] < 0
        if not isinstance(tree, tuple):
            return float(tree) < 0
        if tree[0] == "neg":
            return True
        return tree[0] in ("*", "/") and self._begins_negative(tree[1], numbers)

    def _sum(self, parts: list[Any], numbers: bool) -> str:
        """Write a sum; what is negative is taken off."""
        written = []
        for i, part in enumerate(parts):
            text = self._inside(part, 1, numbers)
            written.append((bool(i) and self._begins_negative(part, numbers), text))
        return self.sum(written)

    def _cases(self, parts: list[Any], numbers: bool) -> str:
        condition, then, otherwise = parts
        if numbers:
            return self._write(then if holds(condition, self.values) else otherwise, numbers)
        operator, left, right = condition
        test = self._write(left, False), operator, self._write(right, False)
        return self.cases(self._write(then, False), test, self._write(otherwise, False))

    def constant(self, value: float) -> str:
        """Write a number that belongs to the formula."""
        raise NotImplementedError

    def words(self, text: str) -> str:
        raise NotImplementedError

    def sum(self, parts: list[tuple[bool, str]]) -> str:
        """Write a sum; of parts that are not the first, the flag says whether they are negative."""
        raise NotImplementedError

    def difference(self, *parts: str) -> str:
        """Write a − b; of one part, −b."""
        raise NotImplementedError

    def product(self, parts: list[str], numbers: bool) -> str:
        raise NotImplementedError

    def fraction(self, above: str, below: str) -> str:
        raise NotImplementedError

    def power(self, base: str, exponent: str) -> str:
        raise NotImplementedError

    def root(self, inner: str) -> str:
        raise NotImplementedError

    def absolute(self, inner: str) -> str:
        raise NotImplementedError

    def function(self, name: str, inner: list[str]) -> str:
        raise NotImplementedError

    def group(self, inner: str) -> str:
        raise NotImplementedError

    def cases(self, then: str, test: tuple[str, str, str], otherwise: str) -> str:
        raise NotImplementedError


class Figures:
    """How numbers are written: to so many significant digits, fewer where that is exact.

    Parameters
    ----------
    digits : int
    eps : float
        The rounding unit of the numbers' dtype, whose own rounding shall not show.
    """

    def __init__(self, digits: int, eps: float) -> None:
        self.digits, self.eps = digits, eps

    def parts(self, value: float) -> tuple[str, int]:
        """Give a number's digits, minus included, and the power of ten that belongs to them."""
        if not math.isfinite(value):
            return str(value).replace("inf", "∞").replace("-", "−"), 0
        value = value or 0.0  # for −0 is no other number
        shortest = f"{value:.{self.digits}g}"
        exact = abs(float(shortest) - value) <= 2 * self.eps * abs(value)
        written = shortest if exact else f"{value:#.{self.digits}g}"
        digits, _, power = written.partition("e")
        if power and len(digits.partition(".")[2]) == 0:
            digits = digits.rstrip(".")
        return digits.rstrip(".").replace("-", "−"), int(power or 0)
