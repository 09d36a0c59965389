"""A derivation as a LaTeX document, and the formulas that Markdown shares with it."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from ..expression import Expression
from ..symbols import Applied, Derivative, Letter, Symbol
from .writer import Writer

if TYPE_CHECKING:
    from ..derivation import Derivation
    from ..sheet import Section, Step

_CAPITALS = "ΓΔΘΛΞΠΣΥΦΨΩ"  # those that do not look like Latin ones
_FUNCTIONS = {"ln": r"\ln", "tanh": r"\tanh", "max": r"\max", "min": r"\min", "Phi": r"\Phi"}
_COMPARISONS = {"≤": r"\le", "≥": r"\ge"}
_LONG = 66  # signs of a formula that fit in a line

_PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,graphicx}
\usepackage[margin=2cm]{geometry}
\setlength{\parindent}{0pt}
\allowdisplaybreaks
"""


class LatexWriter(Writer):
    """Formulas as LaTeX takes them between dollars."""

    fraction_groups = True
    minus = "-"

    def figure(self, value: float) -> str:
        digits, power = self.figures.parts(value)
        digits = digits.replace("−", "-").replace("∞", r"\infty")
        return rf"{digits} \times 10^{{{power}}}" if power else digits

    def constant(self, value: float) -> str:
        known = {0.5: r"\tfrac12", math.pi: r"\pi"}
        return known.get(value) or self.figure(value)

    def symbol(self, symbol: Symbol) -> str:
        if isinstance(symbol, Derivative):
            above, below = self.symbol(symbol.top), self.symbol(symbol.bottom)
            return rf"\frac{{\partial {above}}}{{\partial {below}}}"
        if isinstance(symbol, Applied):
            prime = "'" * symbol.after
            return f"{_letter(symbol.letter)}({self.symbol(symbol.inner)}){prime}"
        return self._letter(symbol)

    def _letter(self, symbol: Letter) -> str:
        below = symbol.below
        if isinstance(below, Letter):
            below = self._letter(below._replace(sample=0))
        above = f"({symbol.sample})" * bool(symbol.sample) + r"\prime" * symbol.after
        lower = f"_{{{below}}}" if below else ""
        return _letter(symbol.letter) + lower + (f"^{{{above}}}" if above else "")

    def sum_of_squares(self) -> str:
        return r"\sum \left(\frac{\partial \mathrm{Loss}}{\partial w}\right)^2"

    def difference(self, *parts: str) -> str:
        return " - ".join(parts) if len(parts) == 2 else f"-{parts[0]}"

    def product(self, parts: list[str], numbers: bool) -> str:
        return (r" \times " if numbers else r" \cdot ").join(parts)

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{{{base}}}^{{{exponent}}}" if "^" in base else f"{base}^{{{exponent}}}"

    def root(self, inner: str) -> str:
        return rf"\sqrt{{{inner}}}"

    def absolute(self, inner: str) -> str:
        return rf"\left|{inner}\right|"

    def function(self, name: str, inner: list[str]) -> str:
        written = _FUNCTIONS.get(name) or rf"\operatorname{{{name}}}"
        return rf"{written}\left({', '.join(inner)}\right)"

    def group(self, inner: str) -> str:
        return rf"\left({inner}\right)"

    def cases(self, then: str, test: tuple[str, str, str], otherwise: str) -> str:
        left, sign, right = test
        condition = f"{left} {_COMPARISONS.get(sign, sign)} {right}"
        return (
            rf"\begin{{cases}} {then} & \text{{if }} {condition} \\ "
            rf"{otherwise} & \text{{else}} \end{{cases}}"
        )

    def lines(self, tree: Expression, numbers: bool) -> str:
        """Write a formula for an alignment: a long sum over several lines, else made to fit."""
        whole = self.with_numbers(tree) if numbers else self.formula(tree)
        if _length(whole) <= _LONG:
            return whole
        if not (isinstance(tree, tuple) and tree[0] == "+"):
            return _narrowed(whole)
        lines, line = [], ""
        for part in self.signed(tree[1:], numbers):
            if line and _length(line + part) > _LONG:
                lines.append(_narrowed(line))
                line = ""
            line += part
        return "\\\\\n  &\\qquad {}".join([*lines, _narrowed(line)])


def _narrowed(formula: str) -> str:
    """Shrink a formula that is wider than the page."""
    if _length(formula) <= _LONG:
        return formula
    return rf"\resizebox{{0.8\linewidth}}{{!}}{{$\displaystyle {formula}$}}"


def _letter(letter: str) -> str:
    if letter == "‖g‖":
        return r"\lVert g \rVert"
    if len(letter) == 1:
        return _greek(letter)
    return rf"\mathrm{{{''.join(_SIGNS.get(s) or (s if s.isascii() else '?') for s in letter)}}}"


def _greek(letter: str) -> str:
    """Write a Greek letter by its name; a Latin one is itself."""
    if letter.isascii():
        return letter
    kind, _, name = unicodedata.name(letter, "").partition(" LETTER ")
    if kind == "GREEK SMALL" and name.isalpha() and name != "OMICRON":
        name = {"EPSILON": "varepsilon", "LAMDA": "lambda"}.get(name, name.lower())
        return f"\\{name}"
    if letter in _CAPITALS:
        return f"\\{name.replace('LAMDA', 'lambda').capitalize()}"
    return "?"


def _length(formula: str) -> int:
    """Estimate how many signs wide a formula is."""
    return len(re.sub(r"\\[a-zA-Z]+|[{}^_ ]", "", formula.replace(r"\times", "x")))


def aligned(step: Step, writer: LatexWriter) -> str:
    """Write a step as the lines of an alignment at its equals signs."""
    value = writer.figure(step.value)
    pieces = [writer.lines(form, numbers=False) for form in step.shown]
    if step.shown:
        numbers = writer.lines(step.shown[0], numbers=True)
        pieces += [numbers] * (numbers not in (value, *pieces))
    pieces += [value] * (value not in pieces[-1:])
    name = writer.symbol(step.symbol)
    if _length(f"{name} = {' = '.join(pieces)}") <= _LONG and not any("\\\\" in p for p in pieces):
        return f"{name} &= {' = '.join(pieces)}"
    return f"{name} &= " + "\\\\\n  &= ".join(pieces)


def to_latex(derivation: Derivation) -> str:
    """Write a derivation as a document."""
    writer = derivation.writer(LatexWriter)
    parts = [_PREAMBLE, r"\begin{document}", rf"\section*{{{_prose(derivation.title)}}}"]
    parts += [f"{_prose(words)}\n" for words in derivation.words]
    rows = [
        f"${writer.symbol(given.symbol)}$ & ${writer.figure(given.value)}$ & "
        rf"{_prose(given.words)} \\"
        for given in derivation.listed
    ]
    half = 40  # rows of a table that fit on a page
    for start in range(0, len(rows), half):
        parts += [r"\begin{tabular}{lrl}", *rows[start : start + half], "\\end{tabular}\n"]
    for section in derivation.sections:
        parts += _section(section, writer)
    parts.append("\\end{document}\n")
    return "\n".join(parts)


def _section(section: Section, writer: LatexWriter) -> list[str]:
    parts = [rf"\subsection*{{{_prose(section.title)}}}"]
    parts += [f"{_prose(words)}\n" for words in section.words]
    for step in section.steps:
        parts += [r"\begin{align*}", aligned(step, writer), r"\end{align*}"]
        parts += [f"{_prose(words)}\n" for words in (step.told, step.note) if words]
    return parts


_BELOW = {**{s: str(i) for i, s in enumerate("₀₁₂₃₄₅₆₇₈₉")}, "ₖ": "k", "ⱼ": "j", "ₗ": "l"}
_ABOVE = {**{s: str(i) for i, s in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}, "⁽": "(", "⁾": ")", "⁻": "-"}
_SIGNS = {
    "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "½": r"$\frac12$", "∂": r"$\partial$",
    "′": "$'$", "→": r"$\to$", "…": r"\ldots{}", "≤": r"$\le$", "≥": r"$\ge$",
    "√": r"$\surd$", "∞": r"$\infty$", "—": "---", "–": "--", "’": "'",
    **{letter: f"${_greek(letter)}$" for letter in f"αβγδεζηθικλμνξπρσςτυφχψω{_CAPITALS}"},
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}",
    "<": "$<$", ">": "$>$", "|": "$|$",
}  # fmt: skip


_ACCENTS = "\u0300\u0301\u0302\u0303\u0308\u030a\u030b\u030c\u0327\u0328"
_LATIN_END = 0x180


def _prose(words: str) -> str:
    """Write words; what no font of pdflatex has becomes a question mark."""
    written = []
    for run in re.findall("[₀-₉ₖⱼₗ]+|[⁰¹²³⁴-⁹⁽⁾⁻]+|.", words, re.DOTALL):
        if run[0] in _BELOW:
            written.append(f"$_{{{''.join(_BELOW[s] for s in run)}}}$")
        elif run[0] in _ABOVE:
            written.append(f"$^{{{''.join(_ABOVE[s] for s in run)}}}$")
        else:
            written.append(_SIGNS.get(run) or (run if _is_plain(run) else "?"))
    return "".join(written)


def _is_plain(sign: str) -> bool:
    """Whether pdflatex has a letter: ASCII, or one of Europe's with an accent."""
    bare = unicodedata.normalize("NFD", sign)
    accented = len(bare) == 2 and bare[1] in _ACCENTS and ord(sign) < _LATIN_END
    return sign.isascii() or (accented and bare[0].isascii()) or sign in "ßæœøÆŒØ"
