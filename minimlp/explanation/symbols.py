"""How quantities are written: h₁, a(h₁), ∂Loss/∂w₁₁.

`text` is also the name by which a quantity is known, so each is written in one way alone.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_ABOVE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Letter(NamedTuple):
    """A letter with what stands below it: w₁₁, δ_o₁; `sample` is the row of a batch, from 1."""

    letter: str
    below: str | Letter = ""
    sample: int = 0
    after: bool = False  # the step: w₁₁′


class Applied(NamedTuple):
    """A function of a quantity: a(h₁)."""

    letter: str
    inner: Symbol
    after: bool = False


class Derivative(NamedTuple):
    """∂top/∂bottom."""

    top: Symbol
    bottom: Symbol


Symbol: TypeAlias = "Letter | Applied | Derivative"


def text(symbol: Symbol) -> str:
    """Write a symbol in Unicode."""
    if isinstance(symbol, Derivative):
        return f"∂{text(symbol.top)}/∂{text(symbol.bottom)}"
    prime = "′" * symbol.after
    if isinstance(symbol, Applied):
        return f"{symbol.letter}({text(symbol.inner)}){prime}"
    if isinstance(symbol.below, Letter):
        written = f"{symbol.letter}_{text(symbol.below._replace(sample=0))}"
    else:
        written = symbol.letter + symbol.below.translate(_BELOW)
    sample = f"⁽{str(symbol.sample).translate(_ABOVE)}⁾" if symbol.sample else ""
    return written + sample + prime


def lettered(written: str) -> Letter:
    """Read a letter of a formula: what follows it in figures stands below, β1 as β₁."""
    letter = written.rstrip("0123456789")
    return Letter(letter, written[len(letter) :])


def updated(symbol: Symbol) -> Symbol:
    """Give what a quantity is after the step."""
    assert not isinstance(symbol, Derivative)
    return symbol._replace(after=True)
