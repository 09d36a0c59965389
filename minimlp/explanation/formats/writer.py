"""What every format has in common: formulas with letters or with numbers, and where brackets go.

A format says how it writes a symbol, a figure, a sum, a product, a fraction, a power and a
function; the order of operations is decided here, once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..expression import Expression, holds
from ..symbols import Derivative, Symbol

_STRENGTH = {"if": 0, "+": 1, "-": 1, "neg": 1, "*": 2, "/": 2, "^": 4, "exp": 4}
_ATOM = 5
_MANY = 4  # numbers of which the largest is taken, beyond which not all are written


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
    minus = "−"

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

    def leaf(self, name: str, brackets: int = 0) -> str:
        """Write the number that a quantity is.

        `brackets` are put around a negative one where they are 1, and around one with a power of
        ten as well where they are 2.
        """
        written = self.figure(self.values[name])
        return self.group(written) if self.needs(self.values[name], brackets) else written

    def needs(self, value: float, brackets: int) -> bool:
        """Whether a number needs its brackets."""
        return bool(brackets) and (
            value < 0 or (brackets > 1 and bool(self.figures.parts(value)[1]))
        )

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
            return self.root(self.sum_of_squares())
        if operator in ("-", "neg"):
            first = [] if operator == "neg" else [self._inside(parts[0], 1, numbers)]
            return self.difference(*first, self._inside(parts[-1], 2, numbers, True))
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
            return self.power(self.e(), self._write(parts[0], numbers))
        inner = [self._write(part, numbers) for part in parts]
        if operator == "sqrt":
            return self.root(inner[0])
        if operator == "abs":
            return self.absolute(inner[0])
        if operator == "max" and len(inner) > _MANY:
            inner = [inner[0], "…", inner[-1]]
        return self.function(operator, inner)

    def _inside(self, tree: Expression, least: int, numbers: bool, strict: bool = False) -> str:
        """Write a part, in brackets where it binds less than `least` or begins with a minus."""
        if isinstance(tree, str) and numbers:
            return self.leaf(tree, 2 if least > 2 else 1 if strict else 0)
        if isinstance(tree, float) and least > 2 and self.figures.parts(tree)[1]:
            return self.group(self.constant(tree))
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
        return "".join(self.signed(parts, numbers))

    def signed(self, parts: Sequence[Any], numbers: bool) -> list[str]:
        """Write the parts of a sum with the signs before them; what is negative is taken off."""
        written = []
        for i, part in enumerate(parts):
            text = self._inside(part, 1, numbers)
            negative = i > 0 and text.startswith(self.minus)
            sign = "" if i == 0 else f" {self.minus} " if negative else " + "
            written.append(sign + (text.removeprefix(self.minus) if negative else text))
        return written

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

    def e(self) -> str:
        """Write Euler's number."""
        return "e"

    def sum_of_squares(self) -> str:
        """Write the sum of (∂Loss/∂w)² over all parameters."""
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
