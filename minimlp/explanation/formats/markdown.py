"""A derivation as Markdown, with formulas between dollars."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .latex import LatexWriter, aligned

if TYPE_CHECKING:
    from ..derivation import Derivation


def to_markdown(derivation: Derivation) -> str:
    """Write a derivation as Markdown."""
    writer = derivation.writer(LatexWriter)
    blocks = [f"# {derivation.title}", *map(_prose, derivation.words)]
    rows = [
        f"| ${writer.symbol(given.symbol)}$ | ${writer.figure(given.value)}$ | "
        f"{_prose(given.words)} |"
        for given in derivation.listed
    ]
    blocks.append("\n".join(["| quantity | value | what it is |", "|---|---|---|", *rows]))
    for section in derivation.sections:
        blocks += [f"## {section.title}", *map(_prose, section.words)]
        for step in section.steps:
            lines = aligned(step, writer)
            blocks.append(f"$$\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n$$")
            blocks += [f"> {_prose(words)}" for words in (step.told, step.note) if words]
    return "\n\n".join(blocks) + "\n"


def _prose(words: str) -> str:
    return re.sub(r"([\\`*_{}<>#|$\[\]~])", r"\\\1", words)
