"""A derivation as plain text of 80 columns, for a terminal."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from ..symbols import Symbol, text
from .writer import Writer

if TYPE_CHECKING:
    from ..derivation import Derivation
    from ..sheet import Given, Section, Step

COLUMNS = 80
_ABOVE = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_CONSTANTS = {0.5: "½", math.pi: "π"}


class PlainWriter(Writer):
    """Formulas in one line of Unicode."""

    def figure(self, value: float) -> str:
        digits, power = self.figures.parts(value)
        return f"{digits}·10{str(power).replace('-', '−').translate(_ABOVE)}" if power else digits

    def constant(self, value: float) -> str:
        return _CONSTANTS.get(value) or self.figure(value)

    def symbol(self, symbol: Symbol) -> str:
        return text(symbol)

    def sum_of_squares(self) -> str:
        return "Σ (∂Loss/∂w)²"

    def difference(self, *parts: str) -> str:
        return " − ".join(parts) if len(parts) == 2 else f"−{parts[0]}"

    def product(self, parts: list[str], numbers: bool) -> str:
        return (" × " if numbers else " · ").join(parts)

    def fraction(self, above: str, below: str) -> str:
        return f"{above} / {below}"

    def power(self, base: str, exponent: str) -> str:
        if exponent.isdecimal():
            return base + exponent.translate(_ABOVE)
        return f"{base}^{exponent if exponent.isalnum() else self.group(exponent)}"

    def root(self, inner: str) -> str:
        return f"√({inner})"

    def absolute(self, inner: str) -> str:
        return f"|{inner}|"

    def function(self, name: str, inner: list[str]) -> str:
        return f"{'Φ' if name == 'Phi' else name}({', '.join(inner)})"

    def group(self, inner: str) -> str:
        return f"({inner})"

    def cases(self, then: str, test: tuple[str, str, str], otherwise: str) -> str:
        return f"{{{then} if {' '.join(test)}, else {otherwise}}}"


def to_text(derivation: Derivation) -> str:
    """Write a derivation as text."""
    writer = derivation.writer(PlainWriter)
    blocks = [_title(derivation.title, "=")]
    blocks += [_paragraph(words) for words in derivation.words]
    blocks.append(_givens(derivation.listed, writer))
    for section in derivation.sections:
        blocks.append(_title(section.title, "-"))
        blocks += _section(section, writer)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _title(title: str, line: str) -> str:
    return f"{title}\n{line * min(_width(title), COLUMNS)}"


def _paragraph(words: str) -> str:
    return _filled(words.split(" "), COLUMNS)


def _givens(givens: list[Given], writer: PlainWriter) -> str:
    rows = [(given.name, writer.figure(given.value), given.words) for given in givens]
    wide = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:2]]
    lines = []
    for name, value, words in rows:
        start = f"  {name:<{wide[0]}} = {value:<{wide[1]}}  "
        margin = len(start)
        lines.append(start + _filled(words.split(" "), COLUMNS - margin, margin))
    return "\n".join(lines)


def _section(section: Section, writer: PlainWriter) -> list[str]:
    return [*map(_paragraph, section.words), *(_step(step, writer) for step in section.steps)]


def _step(step: Step, writer: PlainWriter) -> str:
    name, value = step.name, writer.figure(step.value)
    pieces = [writer.formula(form) for form in step.shown]
    if step.shown:
        numbers = writer.with_numbers(step.shown[0])
        pieces += [numbers] * (numbers not in (value, *pieces))
    pieces += [value] * (value not in pieces[-1:])
    line = f"  {name} = {' = '.join(pieces)}"
    if _width(line) > COLUMNS:
        margin = len(name) + 5
        wrapped = [_filled(_operands(piece), COLUMNS - margin, margin) for piece in pieces]
        line = f"  {name} = " + f"\n{' ' * (margin - 2)}= ".join(wrapped)
    for words in (step.told, step.note):
        if words:
            line += "\n      " + _filled(words.split(" "), COLUMNS - 6, 6)
    return line


def _operands(formula: str) -> list[str]:
    """Cut a formula before each operator that has spaces around it, and after commas."""
    return re.split(r" (?=[+−×·/=] |if |else )|(?<=,) ", formula)


def _filled(words: list[str], width: int, margin: int = 0) -> str:
    """Put words, a space between them, on lines of this width, with a margin from the second on."""
    lines, line = [], words[0]
    for word in words[1:]:
        if _width(line) + 1 + _width(word) > width:
            lines.append(line)
            line = word
        else:
            line += f" {word}"
    return f"\n{' ' * margin}".join([*lines, line])


def _width(line: str) -> int:
    """Count columns: those of East Asia take two, accents none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in line
    )
