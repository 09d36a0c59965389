"""A derivation: every number of one step, and the formats it can be written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from .formats.writer import Figures, Writer
from .sheet import Given, Section, Step
from .symbols import Symbol

if TYPE_CHECKING:
    from .graph import Graph

W = TypeVar("W", bound=Writer)


@dataclass(frozen=True)
class Derivation:
    """One step of backpropagation, number by number; `minimlp.explain` makes it.

    Attributes
    ----------
    title : str
    words : tuple of str
        The network, the loss, the optimizer, and what the letters mean.
    givens : list of Given
        What everything is computed from.
    sections : list of Section
        The steps in the page's order.
    values : mapping
        Every quantity by its name in Unicode, such as ``"∂Loss/∂w₁₁"``: the framework's numbers.
    symbols : mapping
        The same names to their symbols.
    figures : Figures
        How numbers are rounded when they are written.
    carried : mapping
        What each parameter, and what an optimizer remembers, is after the step: name -> name.
    graph : Graph or None
        The network to be drawn; None where one parameter alone is derived.
    """

    title: str
    words: tuple[str, ...]
    givens: list[Given]
    sections: list[Section]
    values: Mapping[str, float]
    symbols: Mapping[str, Symbol]
    figures: Figures
    carried: Mapping[str, str] = field(default_factory=dict)
    graph: Graph | None = None

    @property
    def steps(self) -> list[Step]:
        """All steps, in the page's order."""
        return [step for section in self.sections for step in section.steps]

    @property
    def listed(self) -> list[Given]:
        """What is given, but for the memory of an optimizer that remembers nothing yet."""
        return [each for each in self.givens if each.role != "memory" or each.value]

    def writer(self, kind: type[W]) -> W:
        """Make the writer of a format for these quantities."""
        return kind(self.symbols, self.values, self.figures)

    def to_text(self) -> str:
        """Write it as plain text of 80 columns."""
        from .formats.plain import to_text

        return to_text(self)

    def to_markdown(self) -> str:
        """Write it as Markdown with formulas between ``$``, as notebooks and GitHub show them."""
        from .formats.markdown import to_markdown

        return to_markdown(self)

    def to_latex(self) -> str:
        """Write it as a LaTeX document that pdflatex compiles as it is."""
        from .formats.latex import to_latex

        return to_latex(self)

    def to_html(self) -> str:
        """Write it as one HTML file that needs nothing else, with the network to play with."""
        from .formats.html import to_html

        return to_html(self)

    def _repr_html_(self) -> str:
        from .formats.html import fragment

        return fragment(self)

    def __repr__(self) -> str:
        return f"<Derivation: {len(self.steps)} steps; print its to_text()>"

    def __str__(self) -> str:
        return self.to_text()
