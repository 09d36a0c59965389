"""Values as words in one line that no file can use to steer the terminal."""

from __future__ import annotations

from typing import Any


def words(value: Any, longest: int | None = None) -> str:
    """Write a value; of a list, its items side by side. Longer text than `longest` is cut."""
    if isinstance(value, list):
        text = " ".join(map(words, value))
    else:
        text = _number(value) if isinstance(value, float) else str(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    if longest is not None and len(text) > longest:
        return text[: longest - 1] + "…"
    return text


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e12 else f"{value:.4g}"


def listed(values: Any, most: int = 6) -> str:
    """Write some of the values, and how many more there are."""
    shown = ", ".join(words(value, 24) for value in values[:most])
    more = len(values) - most
    return f"{shown}, ... {more} more" if more > 0 else shown


def columns(rows: list[list[str]], indent: int = 2) -> str:
    """Lay rows out in columns: the first to the left, numbers to the right."""
    wide = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for first, *rest in rows:
        cells = [
            f"{first:<{wide[0]}}",
            *(f"{cell:>{w}}" for cell, w in zip(rest, wide[1:], strict=True)),
        ]
        lines.append(" " * indent + "  ".join(cells).rstrip())
    return "\n".join(lines)
