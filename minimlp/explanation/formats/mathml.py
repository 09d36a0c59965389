"""Formulas as MathML, in which every number knows whose value it is.

A number is ``<mn data-q="12">``: quantity 12 of the page, whose script writes the present value
there. What stands in brackets only where it is negative is marked ``data-b``. Of cases both are
there, and the one that does not hold is hidden.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any

from ..expression import Expression, holds
from ..symbols import Applied, Derivative, Letter, Symbol
from .plain import PlainWriter
from .writer import Figures, Writer


class MathmlWriter(Writer):
    """Formulas as the inside of ``<math>``.

    Attributes
    ----------
    places : dict
        Name -> number of the quantity in the page.
    conditions : list of tuple
        The comparisons of all cases written so far.
    """

    fraction_groups = True
    live = True  # whether a script will keep the numbers up to date

    def __init__(
        self, symbols: Mapping[str, Symbol], values: Mapping[str, float], figures: Figures
    ) -> None:
        super().__init__(symbols, values, figures)
        self.places = {name: i for i, name in enumerate(values)}
        self.conditions: list[tuple[Any, ...]] = []
        self._plain = PlainWriter(symbols, values, figures)

    def leaf(self, name: str, brackets: int = 0) -> str:
        written = self._plain.leaf(name, brackets)
        mark = f' data-b="{brackets}"' * bool(brackets)
        return f'<mn data-q="{self.places[name]}"{mark}>{written}</mn>'

    def figure(self, value: float) -> str:
        return f"<mn>{self._plain.figure(value)}</mn>"

    def constant(self, value: float) -> str:
        if value == math.pi:
            return "<mi>π</mi>"
        return f"<mn>{self._plain.constant(value)}</mn>"

    def symbol(self, symbol: Symbol) -> str:
        if isinstance(symbol, Derivative):
            above, below = self.symbol(symbol.top), self.symbol(symbol.bottom)
            return f"<mfrac><mrow><mo>∂</mo>{above}</mrow><mrow><mo>∂</mo>{below}</mrow></mfrac>"
        if isinstance(symbol, Applied):
            inner = self.symbol(symbol.inner)
            inner = _row(f"{_identifier(symbol.letter)}<mo>(</mo>{inner}<mo>)</mo>")
            return f"<msup>{inner}<mo>′</mo></msup>" if symbol.after else inner
        if isinstance(symbol.below, Letter):
            lower = self.symbol(symbol.below._replace(sample=0))
        else:
            lower = f"<mn>{symbol.below}</mn>" if symbol.below else ""
        sample = f"<mo>(</mo><mn>{symbol.sample}</mn><mo>)</mo>" if symbol.sample else ""
        upper = sample + "<mo>′</mo>" * symbol.after
        letter = _identifier(symbol.letter)
        if lower and upper:
            return f"<msubsup>{letter}{lower}<mrow>{upper}</mrow></msubsup>"
        if lower:
            return f"<msub>{letter}{lower}</msub>"
        return f"<msup>{letter}<mrow>{upper}</mrow></msup>" if upper else letter

    def e(self) -> str:
        return "<mi>e</mi>"

    def sum_of_squares(self) -> str:
        return "<mtext>Σ (∂Loss/∂w)²</mtext>"

    def _begins_negative(self, tree: Expression, numbers: bool) -> bool:
        # Of a quantity that can change, `leaf` and the page's script see to the brackets.
        return not isinstance(tree, str) and super()._begins_negative(tree, numbers)

    def _sum(self, parts: list[Any], numbers: bool) -> str:
        return _row("<mo>+</mo>".join(self.terms(("+", *parts), numbers)))

    def terms(self, tree: tuple[Any, ...], numbers: bool) -> list[str]:
        """Write the parts of a sum one by one."""
        first, *others = tree[1:]
        return [self._inside(first, 1, numbers), *(self._term(each, numbers) for each in others)]

    def _term(self, part: Any, numbers: bool) -> str:
        """Write a part of a sum that is not the first; its first number may need brackets."""
        if isinstance(part, tuple) and part[0] == "*":
            factors = [self._inside(factor, 2, numbers, True) for factor in part[1:]]
            return self.product(factors, numbers)
        return self._inside(part, 1, numbers, True)

    def difference(self, *parts: str) -> str:
        return _row(
            f"{parts[0]}<mo>−</mo>{parts[1]}" if len(parts) == 2 else f"<mo>−</mo>{parts[0]}"
        )

    def product(self, parts: list[str], numbers: bool) -> str:
        return _row(f"<mo>{'×' if numbers else '·'}</mo>".join(parts))

    def fraction(self, above: str, below: str) -> str:
        return f"<mfrac>{_row(above)}{_row(below)}</mfrac>"

    def power(self, base: str, exponent: str) -> str:
        return f"<msup>{_row(base)}{_row(exponent)}</msup>"

    def root(self, inner: str) -> str:
        return f"<msqrt>{inner}</msqrt>"

    def absolute(self, inner: str) -> str:
        return _row(f"<mo>|</mo>{inner}<mo>|</mo>")

    def function(self, name: str, inner: list[str]) -> str:
        name = "Φ" if name == "Phi" else name
        return _row(f"<mi>{name}</mi><mo>(</mo>{'<mo>,</mo>'.join(inner)}<mo>)</mo>")

    def group(self, inner: str) -> str:
        return _row(f"<mo>(</mo>{inner}<mo>)</mo>")

    def _cases(self, parts: list[Any], numbers: bool) -> str:
        condition, then, otherwise = parts
        first, second = self._write(then, numbers), self._write(otherwise, numbers)
        if numbers and not self.live:
            return first if holds(condition, self.values) else second
        if not numbers:
            operator, left, right = condition
            test = (
                f"{self._write(left, False)}<mo>{escape(operator)}</mo>{self._write(right, False)}"
            )
            return _row(
                f"{first}<mtext>\u00a0if\u00a0</mtext>{test}<mtext>, else\u00a0</mtext>{second}"
            )
        place = len(self.conditions)
        self.conditions.append(condition)
        true = holds(condition, self.values)
        hidden = ' class="hidden"'
        return _row(
            f'<mrow data-when="{place}"{"" if true else hidden}>{first}</mrow>'
            f'<mrow data-unless="{place}"{hidden if true else ""}>{second}</mrow>'
        )


def _row(inner: str) -> str:
    return f"<mrow>{inner}</mrow>"


def _identifier(letter: str) -> str:
    return f"<mi>{escape(letter)}</mi>"
