"""The optimizer's step, parameter by parameter, from its own rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..schedules import Schedule
from .expression import Expression, compute, read
from .sheet import Sheet
from .symbols import Applied, Derivative, Letter, Symbol, lettered, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formula import Rule
    from ..optimizers import Optimizer
    from .numbers import Numbers

_WORDS = {
    "η": "the learning rate",
    "t": "the number of steps",
    "N": "the momentum of this step",
    "M": "the momentum of the next step",
    "P": "the product of all momenta so far",
    "B": "what v is divided by, for it began at 0",
    "g": "the gradient, no longer than c",
    "d": "the gradient, with the decay of the weight",
}


def describe_update(
    sheet: Sheet,
    parameters: Sequence[tuple[int, Letter]],
    optimizer: Optimizer,
    numbers: Numbers,
) -> None:
    """Add each parameter's update.

    Parameters
    ----------
    parameters : sequence of (index in the flat vector, symbol)
    """
    rule = optimizer.rule()
    assert rule is not None
    letters = _settings(sheet, rule, optimizer, numbers)
    trains = numbers.trains
    gradients = [text(Derivative(Letter("Loss"), symbol)) for i, symbol in parameters if trains[i]]
    clip = getattr(optimizer, "clip_norm", None)
    if clip is not None and gradients:
        letters["norm"] = _norm(sheet, gradients, numbers)
        letters["clip"] = sheet.setting("optimizer", Letter("c"), clip, "clip_norm")
    if gradients:
        _shared(sheet, rule, letters, numbers)
    frozen = []
    for index, symbol in parameters:
        if trains[index]:
            _update(sheet, rule, letters, index, symbol, numbers)
        elif symbol not in frozen:
            frozen.append(symbol)
    words = [f"Frozen, and so left as they are: {', '.join(map(text, frozen))}."] if frozen else []
    sheet.close("update", "Update", *words)


def _settings(
    sheet: Sheet, rule: Rule, optimizer: Optimizer, numbers: Numbers
) -> dict[str, Expression]:
    """Note the optimizer's numbers that its rule speaks of."""
    letters: dict[str, Expression] = {}
    written = " ".join(formula for _, formula in (*rule.steps, *rule.shared))
    for letter in ("η", *rule.letters):
        if letter not in written:
            continue
        value = numbers.rate if letter == "η" else getattr(optimizer, rule.letters[letter])
        words = _WORDS.get(letter) or rule.letters[letter]
        if letter == "η" and isinstance(getattr(optimizer, "learning_rate", None), Schedule):
            words += " of this step, which a page in the browser keeps"
        letters[letter] = sheet.setting("optimizer", lettered(letter), value, words)
    for letter, attribute in rule.shared_memory.items():
        words = _WORDS.get(letter, attribute)
        value = numbers.before[attribute]
        letters[letter] = sheet.setting("optimizer", lettered(letter), value, words, "memory")
    return letters


def _norm(sheet: Sheet, gradients: Sequence[str], numbers: Numbers) -> str:
    """Add the length of the whole gradient, of which one parameter may be all that is derived."""
    whole = len(gradients) == np.count_nonzero(numbers.trains)
    forms = [("norm", *gradients)] if whole else []
    value = float(np.linalg.norm(numbers.gradient))
    return sheet.step(
        "update", Letter("‖g‖"), "the length of the gradient", forms, value, tell=not whole
    )


def _shared(sheet: Sheet, rule: Rule, letters: dict[str, Expression], numbers: Numbers) -> None:
    for letter, formula in rule.shared:
        form = read(formula, letters)
        attribute = rule.shared_memory.get(letter)
        remembered = attribute is not None
        value = numbers.after[attribute] if attribute else compute(form, sheet.values)
        symbol = lettered(letter)
        if remembered:
            symbol = symbol._replace(after=True)
        words = _WORDS.get(letter, "for all parameters")
        name = sheet.step("update", symbol, words, (form,), value, tell=True)
        if remembered:
            sheet.carried[str(letters[letter])] = name
        letters[letter] = name


def _update(
    sheet: Sheet,
    rule: Rule,
    shared: dict[str, Expression],
    index: int,
    parameter: Letter,
    numbers: Numbers,
) -> None:
    def remembered(letter: str, vectors: dict[str, Any]) -> float:
        attribute, factor = rule.memory[letter]
        return float(vectors[attribute][index]) * factor

    letters = {**shared, "w": text(parameter), "g": text(Derivative(Letter("Loss"), parameter))}
    for letter in rule.memory:
        symbol = Applied(letter, parameter)
        words = f"remembered for {text(parameter)}"
        value = remembered(letter, numbers.before)
        letters[letter] = sheet.given(symbol, value, "memory", words)
    steps = list(rule.steps)
    if "norm" in shared:
        steps.insert(0, ("g", "g * clip / norm if norm > clip else g"))
    for letter, formula in steps:
        form = read(formula, letters)
        new: Symbol
        if letter == "w":
            new, value = parameter._replace(after=True), float(numbers.parameters[index])
            words = f"{text(parameter)} after the step"
        elif letter in rule.memory:
            new = Applied(letter, parameter, after=True)
            value, words = remembered(letter, numbers.after), "remembered for the next step"
        else:
            new = Applied(letter, parameter)
            value, words = compute(form, sheet.values), _WORDS.get(letter, "on the way to the step")
        name = sheet.step("update", new, words, (form,), value)
        if letter == "w" or letter in rule.memory:
            sheet.carried[str(letters[letter])] = name
        letters[letter] = name
