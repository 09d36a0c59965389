"""A derivation as plain text of 80 columns, for a terminal."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from .symbols import Symbol, text
from .writer import Writer

if TYPE_CHECKING:
    from .derivation import Derivation
    from .sheet import Given, Section, Step

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

    def words(self, text: str) -> str:
        return text

    def sum(self, parts: list[tuple[bool, str]]) -> str:
        written = parts[0][1]
        for negative, part in parts[1:]:
            written += f" − {part.removeprefix('−')}" if negative else f" + {part}"
        return written

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
        return f"{then} if {' '.join(test)}, else {otherwise}"


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
    return f"{title}\n{line * len(title)}"


def _paragraph(words: str) -> str:
    return textwrap.fill(words, COLUMNS, break_long_words=False, break_on_hyphens=False)


def _givens(givens: list[Given], writer: PlainWriter) -> str:
    rows = [(given.name, writer.figure(given.value), given.words) for given in givens]
    wide = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:2]]
    lines = []
    for name, value, words in rows:
        start = f"  {name:<{wide[0]}} = {value:<{wide[1]}}  "
        lines.append(
            textwrap.fill(
                start + words,
                COLUMNS,
                subsequent_indent=" " * len(start),
                drop_whitespace=True,
                break_long_words=False,
                break_on_hyphens=False,
            )
            if len(start + words) > COLUMNS
            else start + words
        )
    return "\n".join(lines)


def _section(section: Section, writer: PlainWriter) -> list[str]:
    return [*map(_paragraph, section.words), *(_step(step, writer) for step in section.steps)]


def _step(step: Step, writer: PlainWriter) -> str:
    name, value = step.name, writer.figure(step.value)
    pieces = [writer.formula(form) for form in step.shown]
    if step.shown:
        numbers = writer.with_numbers(step.shown[0])
        pieces += [numbers] * (numbers not in (value, *pieces))
    pieces.append(value)
    line = f"  {name} = {' = '.join(pieces)}"
    if len(line) > COLUMNS:
        margin = " " * (len(name) + 3)
        wrapped = [_wrapped(piece, len(margin) + 2) for piece in pieces]
        line = f"  {name} = " + f"\n{margin}= ".join(wrapped)
    if step.note:
        note = textwrap.fill(step.note, COLUMNS - 6)
        line += "\n" + textwrap.indent(note, "      ")
    return line


def _wrapped(piece: str, margin: int) -> str:
    """Break a long formula before an operator."""
    width, lines, line = COLUMNS - margin, [], ""
    for word in _words_of(piece):
        if line and len(line) + len(word) > width:
            lines.append(line.rstrip())
            line = word.lstrip()
        else:
            line += word
    return f"\n{' ' * margin}".join([*lines, line])


def _words_of(piece: str) -> list[str]:
    """Cut a formula before each operator that has spaces around it, and after commas."""
    words = [""]
    for part in piece.split(" "):
        if part in ("+", "−", "×", "·", "/", "if", "else"):
            words.append(f" {part}" if len(words) > 1 or words[0] else part)
        else:
            words[-1] += (" " if words[-1] else "") + part
    return words
