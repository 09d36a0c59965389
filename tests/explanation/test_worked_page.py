"""The worked page: the figures of the hand-worked step, in its order, slips beside them."""

import re
from pathlib import Path

import pytest

from minimlp.explanation.worked_page import SLIPS, worked_page

DOCS = Path(__file__).parents[2] / "docs"

# What the page's lines come to, to 12 digits.
FIGURES = {
    "h₁": 0.3775,
    "h₂": 0.3925,
    "a(h₁)": 0.593269992107,
    "a(h₂)": 0.596884378260,
    "o₁": 1.105905967060,
    "o₂": 1.224921404096,
    "a(o₁)": 0.751365069552,
    "a(o₂)": 0.772928465321,
    "loss(o₁)": 0.274811083176,
    "loss(o₂)": 0.023560025584,
    "Loss": 0.298371108760,
    "∂Loss/∂a(o₁)": 0.741365069552,
    "∂a(o₁)/∂o₁": 0.186815601809,
    "δ_o₁": 0.138498561629,
    "δ_o₂": -0.038098236517,
    "∂o₁/∂w₂₁": 0.593269992107,
    "∂Loss/∂w₂₁": 0.082167040564,
    "∂loss(o₁)/∂a(h₁)": 0.055399424651,
    "∂loss(o₂)/∂a(h₁)": -0.019049118258,
    "∂Loss/∂a(h₁)": 0.036350306393,
    "∂a(h₁)/∂h₁": 0.241300708572,
    "∂h₁/∂w₁₁": 0.05,
    "∂Loss/∂w₁₁": 0.000438567734,
    "w₁₁′": 0.149780716133,
    "w₁₂′": 0.199561432266,
    "w₁₃′": 0.249751143632,
    "w₁₄′": 0.299502287265,
    "w₂₁′": 0.358916479718,
    "w₂₂′": 0.408666186076,
    "w₂₃′": 0.511301270239,
    "w₂₄′": 0.561370121108,
    "Loss′": 0.291027773694,
}


def test_its_figures():
    values = worked_page().values
    for name, value in FIGURES.items():
        assert values[name] == pytest.approx(value, rel=0, abs=5.01e-13), name
    assert [values["b₁"], values["b₂"], values["η"]] == [0.35, 0.6, 0.5]


def test_its_order():
    names = [step.name for step in worked_page().steps]
    order = [
        "h₁", "a(h₁)", "o₁", "a(o₁)", "loss(o₁)", "Loss", "∂Loss/∂a(o₁)", "∂a(o₁)/∂o₁", "δ_o₁",
        "∂o₁/∂w₂₁", "∂Loss/∂w₂₁", "∂loss(o₁)/∂a(h₁)", "∂loss(o₂)/∂a(h₁)", "∂Loss/∂a(h₁)",
        "∂a(h₁)/∂h₁", "∂h₁/∂w₁₁", "∂Loss/∂w₁₁", "w₁₁′", "Loss′",
    ]  # fmt: skip
    places = [names.index(name) for name in order]
    assert places == sorted(places)
    titles = [section.title for section in worked_page().sections]
    assert titles == [
        "Forward",
        "Loss",
        "Backward: hidden → output",
        "Backward: input → hidden",
        "Update",
        "After the step",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "  h₁ = i₁ · w₁₁ + i₂ · w₁₂ + b₁ = 0.05 × 0.15 + 0.1 × 0.2 + 0.35 = 0.3775",
        "  a(h₁) = 1 / (1 + e^(−h₁)) = 1 / (1 + e^(−0.3775)) = 0.593270",
        "  loss(o₁) = ½ · (target(o₁) − a(o₁))² = ½ × (0.01 − 0.751365)² = 0.274811",
        "  Loss = loss(o₁) + loss(o₂) = 0.274811 + 0.0235600 = 0.298371",
        "             = 0.741365 × 0.186816 × 0.593270",
        "  w₂₁′ = w₂₁ − η · ∂Loss/∂w₂₁ = 0.4 − 0.5 × 0.0821670 = 0.358916",
        "               = 0.0553994 − 0.0190491",
        "The forward pass once more, with the new numbers: the loss has fallen.",
    ],
)
def test_its_lines(line):
    assert line in worked_page().to_text().splitlines()


def test_every_slip_stands_beside_a_figure():
    derivation = worked_page()
    notes = {step.name: step.note for step in derivation.steps}
    for slip in SLIPS:
        assert slip.printed in notes[slip.quantity]
        assert slip.reason in notes[slip.quantity]
    for written in (derivation.to_html(), derivation.to_markdown()):
        assert written.count("the page prints") == len(SLIPS)
    plain = " ".join(derivation.to_text().split())
    assert all(slip.reason in plain for slip in SLIPS)


def test_the_docs_tell_the_same_slips():
    page = (DOCS / "worked-page.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*) \| (.*) \| (.*) \| (.*) \|$", page, re.MULTILINE)
    told = {(row[1], row[2], row[3]) for row in rows}
    for slip in SLIPS:
        assert (slip.printed, slip.right, slip.reason) in told
