"""The worked page, right: `explain` for its network, with the page's slips beside its figures.

Nearly all of the handwritten page is right. Where it is not, a reader who holds it should see which
figure differs and how that came about.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ..datasets import worked_example
from ..optimizers import SGD
from .derivation import Derivation
from .explain import explain


class Slip(NamedTuple):
    """A place where the page is not right.

    Attributes
    ----------
    where : str
        Its section on the page.
    quantity : str
        The figure of the derivation that it stands beside.
    printed, right, reason : str
    """

    where: str
    quantity: str
    printed: str
    right: str
    reason: str


SLIPS = (
    Slip(
        "forward, h₁",
        "h₁",
        "0.15 × 0.01 + 0.1 × 0.12 + 0.35",
        "0.05 × 0.15 + 0.10 × 0.20 + 0.35",
        "numbers miscopied: the printed line gives 0.3635, its result 0.3775 is right",
    ),
    Slip(
        "forward, a(h₂)",
        "a(h₂)",
        "0.596",
        "0.597",
        "0.596884… was cut, not rounded",
    ),
    Slip(
        "1, loss(o₁)",
        "loss(o₁)",
        "½·(0.01 − 0.75)² = 0.275",
        "½·(0.01 − 0.7514)² = 0.275",
        "the result is right, from the unrounded output; the printed 0.75 gives 0.274",
    ),
    Slip(
        "1, loss(o₂)",
        "loss(o₂)",
        "0.236",
        "0.0236",
        "ten times too large: a decimal place lost",
    ),
    Slip(
        "1, Loss",
        "Loss",
        "0.275 + 0.236 = 0.298",
        "0.2748 + 0.0236 = 0.2984",
        "the sum is right, made with the right loss(o₂); the printed terms add up to 0.511",
    ),
    Slip(
        "2.2, formulas",
        "∂a(o₁)/∂o₁",
        "a₀₁",
        "a(o₁)",
        "a zero for the letter o",
    ),
    Slip(
        "2.5, w₂₁′",
        "w₂₁′",
        "0.4 × 0.5 − 0.082",
        "0.4 − 0.5 × 0.082",
        "η stands beside the wrong number: the printed line gives 0.118, its result 0.359 is right",
    ),
    Slip(
        "2.5, w₂₂′",
        "w₂₂′",
        "0.410",
        "0.409",
        "0.408666…; 0.410 is what the gradient gives when rounded to 0.08",
    ),
    Slip(
        "3.1, chain of Loss₁",
        "∂loss(o₁)/∂a(h₁)",
        "∂Loss₁/∂o₁ × ∂o₁/∂a(h₁) × ∂o₁/∂a(h₁)",
        "∂Loss₁/∂o₁ × ∂o₁/∂a(h₁)",
        "one factor written twice",
    ),
    Slip(
        "3.1, ∂Loss₁/∂a(h₁)",
        "∂loss(o₁)/∂a(h₁)",
        "0.554",
        "0.0554",
        "ten times too large: a decimal place lost",
    ),
    Slip(
        "3.1, o₁",
        "o₁",
        "… + b₁",
        "… + b₂",
        "wrong symbol: the outputs have the bias b₂",
    ),
    Slip(
        "3.1, ∂Loss/∂a(h₁)",
        "∂Loss/∂a(h₁)",
        "0.535",
        "0.0364",
        "carried on from 0.554",
    ),
    Slip(
        "3.3, h₁",
        "h₁",
        "i₁·w₁₁ + i₂·w₂₁ + b₁",
        "i₁·w₁₁ + i₂·w₁₂ + b₁",
        "wrong symbol: w₂₁ belongs to the output layer",
    ),
    Slip(
        "3.3, ∂Loss/∂w₁₁",
        "∂Loss/∂w₁₁",
        "0.00643",
        "0.000439",
        "carried on from 0.535 (and 0.535 × 0.241 × 0.05 is 0.00645)",
    ),
    Slip(
        "3.4, last line",
        "∂Loss/∂w₁₁",
        "x₁₁",
        "i₁",
        "one input, written xᵢ, x₁₁ and i₁",
    ),
    Slip(
        "3.5, w₁₁′",
        "w₁₁′",
        "0.1468",
        "0.1498",
        "carried on from 0.00643",
    ),
    Slip(
        "3.5, w₁₂′",
        "w₁₂′",
        "0.1995",
        "0.1996",
        "0.199561… was cut, not rounded; it comes from the right ∂Loss/∂a(h₁), not from 0.535",
    ),
)


def worked_page(digits: int = 6) -> Derivation:
    """Derive the worked page's step: learning rate 0.5, and biases that stay as they are.

    Parameters
    ----------
    digits : int
        As for `explain`.

    Examples
    --------
    >>> page = worked_page()
    >>> round(page.values["w₁₁′"], 12)
    0.149780716133
    """
    model, x, y = worked_example()
    for layer in model.layers[::2]:
        layer.freeze("bias")
    derivation = explain(model, x, y, optimizer=SGD(0.5), digits=digits)
    notes: dict[str, list[str]] = {}
    for slip in SLIPS:
        told = (
            f"{slip.where}: the page prints {slip.printed}; right is {slip.right} ({slip.reason})."
        )
        notes.setdefault(slip.quantity, []).append(told[0].upper() + told[1:])
    sections = [
        section._replace(
            steps=tuple(
                step._replace(note=" ".join(notes.get(step.name, []))) for step in section.steps
            )
        )
        for section in derivation.sections
    ]
    return replace(derivation, title="The worked page", sections=sections)
