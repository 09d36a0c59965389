"""A derivation as one HTML file: the steps as MathML, and the page that computes them anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from ..expression import Expression
from ..sheet import KEEPS_DIGITS, STAGES, Section
from .mathml import MathmlWriter
from .page_data import page_data
from .picture import picture

if TYPE_CHECKING:
    from ..derivation import Derivation
    from ..graph import Graph
    from ..sheet import Given, Step

_TITLES = {
    "forward": "Forward",
    "loss": "Loss",
    "deltas": "Deltas",
    "gradients": "Gradients",
    "update": "Update",
    "after": "After the step",
}
_GROUPS = {
    "input": "Inputs",
    "target": "Targets",
    "setting": "Settings",
    "parameter": "Weights and biases",
}


def to_html(derivation: Derivation) -> str:
    """Write the whole page."""
    page = _Page(derivation)
    derived = page.derivation_section()
    network = "" if derivation.graph is None else page.network(derivation.graph)
    return _template("page.html").substitute(
        title=escape(derivation.title),
        words=_introduction(derivation.words),
        style=_file("page.css"),
        network=network,
        derivation=derived,
        data=_json(page_data(derivation, page.steps, page.writer)),
        script=_file("page.js"),
    )


def fragment(derivation: Derivation) -> str:
    """Write the steps alone, without a script, for a notebook."""
    page = _Page(replace(derivation, graph=None))
    title = escape(derivation.title)
    told = f"<h2>{title}</h2>{_paragraphs(derivation.words)}{page.sections()}"
    return f'<div style="line-height: 2.2">{told}</div>'  # for fractions, without a style sheet


class _Page:
    """The parts of the page, which number quantities and conditions alike."""

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation
        self.writer = derivation.writer(MathmlWriter)
        self._live = self.writer.live = derivation.graph is not None
        self._sections = _by_stage(derivation.sections) if self._live else derivation.sections
        self.steps = [step for section in self._sections for step in section.steps]

    def derivation_section(self) -> str:
        """Give what is given and all steps, stage by stage."""
        return (
            '<section id="derivation" aria-labelledby="derivation-title">'
            f'<h2 id="derivation-title">The whole derivation</h2>{self.sections()}</section>'
        )

    def sections(self) -> str:
        """Give what is given, and then each section under its title."""
        parts, before = [self._given_table()], 0
        for section in self._sections:
            marked = ' id="outcome"' * (self._live and section.stage == "after")
            told = "".join(f"<p{marked}>{escape(line)}</p>" for line in section.words)
            parts.append(f"<h3>{escape(section.title)}</h3>{told}")
            items = []
            for number, step in enumerate(section.steps, before):
                name = f' id="step-{number}"' * self._live
                items.append(f"<li{name}>{self._step(step)}</li>")
            before += len(items)
            if items:
                parts.append(f'<ol class="steps">{"".join(items)}</ol>')
        return "\n".join(parts)

    def _given_table(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{escape(given.name)}</th>'
            f"<td>{_math(self.writer.leaf(given.name))}</td><td>{escape(given.words)}</td></tr>"
            for given in self._derivation.listed
        )
        return f'<div class="tables"><table><tbody>{rows}</tbody></table></div>'

    def _step(self, step: Step) -> str:
        writer = self.writer
        name = writer.symbol(step.symbol)
        parts = [f'<p class="words">{escape(step.words)}</p>']
        for i, form in enumerate(step.all_forms if self._live else step.shown):
            first = bool(step.shown) and form == step.shown[0]
            formula = (
                f'<div class="line">{_math(name + "<mo>=</mo>")}{self._broken(form, False)}</div>'
            )
            numbers = f"{_math('<mo>=</mo>')}{self._broken(form, True)}"
            if self._live:
                hidden = "" if form in step.shown else ' class="hidden"'
                formula = f'<div data-form="{i}"{hidden}>{formula}'
                hidden = "" if first else " hidden"
                numbers = f'<div class="line number{hidden}">{numbers}</div></div>'
            else:
                numbers = f'<div class="line number">{numbers}</div>' * first
            parts.append(formula + numbers)
        lost = step.told == KEEPS_DIGITS
        if lost or (self._live and step.forms):
            hidden = "" if lost else " hidden"
            parts.append(f'<p class="hint told{hidden}">{KEEPS_DIGITS}</p>')
        value = f"{name}<mo>=</mo>{writer.leaf(step.name)}"
        parts.append(f'<div class="line value">{_math(value)}</div>')
        if step.note:
            parts.append(f'<p class="note">{escape(step.note)}</p>')
        return "".join(parts)

    def _broken(self, tree: Expression, numbers: bool) -> str:
        """Write a formula, a sum as several, between which a line may end."""
        writer = self.writer
        if not (isinstance(tree, tuple) and tree[0] == "+"):
            return _math(writer.with_numbers(tree) if numbers else writer.formula(tree))
        first, *others = writer.terms(tree, numbers)
        return _math(first) + "".join(_math(f"<mo>+</mo>{other}") for other in others)

    def network(self, graph: Graph) -> str:
        """Give the picture, the walk, the training and the fields."""
        derivation, places = self._derivation, self.writer.places
        options = "".join(
            f'<option value="{places[name]}">{escape(name)}</option>' for name in graph.parameters
        )
        buttons = "".join(
            f'<button type="button" data-stage="{stage}">{_TITLES[stage]}</button>'
            for stage in STAGES
            if any(step.stage == stage for step in self.steps)
        )
        samples = ""
        if len(graph.links) > 1:
            each = "".join(f'<option value="{i}">{i + 1}</option>' for i in range(len(graph.links)))
            samples = (
                '<p><label for="sample">The picture and the paths are of sample</label> '
                f'<select id="sample">{each}</select></p>'
            )
        return _template("network.html").substitute(
            picture=picture(graph, places),
            samples=samples,
            parameters=options,
            stages=buttons,
            inputs="".join(
                self._fields(title, [each for each in derivation.givens if each.role == role])
                for role, title in _GROUPS.items()
            ),
        )

    def _fields(self, title: str, givens: list[Given]) -> str:
        places = self.writer.places
        fields = "".join(
            f'<label>{escape(given.name)} <input type="number" step="any" '
            f'data-given="{places[given.name]}" value="{given.value!r}" '
            f'title="{escape(given.words)}"></label>'
            for given in givens
        )
        return f"<fieldset><legend>{title}</legend>{fields}</fieldset>" if fields else ""


def _by_stage(sections: Sequence[Section]) -> list[Section]:
    """Arrange the steps of all layers by what is found: all deltas, then all gradients."""
    arranged = []
    for stage in STAGES:
        steps = [step for section in sections for step in section.steps if step.stage == stage]
        words = [line for section in sections if section.stage == stage for line in section.words]
        if steps or words:
            arranged.append(Section(stage, _TITLES[stage], tuple(words), tuple(steps)))
    return arranged


def _math(inner: str) -> str:
    return f"<math>{inner}</math>"


def _paragraphs(lines: Any) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def _introduction(words: Sequence[str]) -> str:
    first, *letters = words
    told = _paragraphs(letters)
    more = f"<details><summary>What the letters mean</summary>{told}</details>" if letters else ""
    return _paragraphs([first]) + more


def _file(name: str) -> str:
    return files(__package__).joinpath("page", name).read_text(encoding="utf-8").strip()


def _template(name: str) -> Template:
    return Template(_file(name))


def _json(data: dict[str, Any]) -> str:
    """Write JSON that ends no element."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return written.replace("<", "\\u003c")
