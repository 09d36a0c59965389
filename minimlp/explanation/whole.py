"""A whole step, in the page's order: forward, loss, backward layer by layer, update, and after.

Every value that is written down is the framework's (`Numbers`); every formula is the piece's own
(`minimlp.formula`), or that of a Dense layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .backward import backward
from .forward import forward, givens, losses
from .symbols import Derivative, text
from .update import describe_update
from .walk import Walk

if TYPE_CHECKING:
    from ..losses import Loss
    from ..objective import Samples
    from ..optimizers import Optimizer
    from ..sequential import Sequential
    from .numbers import Numbers


def derive(
    model: Sequential, loss: Loss, optimizer: Optimizer, samples: Samples, numbers: Numbers
) -> Walk:
    """Write down a step with all its numbers."""
    walk = Walk(model, loss, samples, numbers)
    parameters = givens(walk)
    forward(walk)
    losses(walk)
    backward(walk)
    describe_update(walk.sheet, parameters, optimizer, numbers)
    _after(walk)
    return walk


def _after(walk: Walk) -> None:
    """Add what the network gives after the step."""
    sheet, numbers = walk.sheet, walk.numbers
    for b, mark in enumerate(walk.marks):
        for k, symbol in enumerate(walk.letters.level(walk.last, mark)):
            assert not isinstance(symbol, Derivative)
            words = f"{text(symbol)} with the new weights"
            value = float(numbers.outputs[b, k])
            sheet.step("after", symbol._replace(after=True), words, (), value)
    new = walk.loss_of(0)._replace(after=True)
    sheet.step("after", new, "the loss after the step", (), numbers.loss_after)
    sheet.close("after", "After the step", _outcome(walk))


def _outcome(walk: Walk) -> str:
    """Say whether the loss has fallen, and if not, why."""
    numbers = walk.numbers
    told = "The forward pass once more, with the new numbers: the loss "
    if numbers.loss_after == numbers.loss:
        return f"{told}is the same."
    if numbers.loss_after < numbers.loss:
        return f"{told}has fallen."
    along = numbers.gradient @ (numbers.parameters - walk.model.parameters)
    why = (
        "The step was too long: a smaller learning rate makes it fall."
        if along < 0
        else "The step does not follow the gradient alone: what the optimizer remembers, or "
        "weight decay, has led it elsewhere."
    )
    return f"{told}has risen. {why}"
