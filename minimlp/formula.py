"""What a piece says of itself in writing: its formula, beside the code that computes it.

A formula is a Python expression in the letters of the piece's own docstring. Nothing runs it as
code: `minimlp.explanation` reads it, prints it with letters and with numbers, and checks that it
gives what the code gives.

    numbers   +  -  *  /  **  abs(x)  sign(x)  sqrt(x)  exp(x)  ln(x)  tanh(x)  max(x, y)  min(x, y)
    cases     x if h > 0 else y
    rows      total(x) and largest(x), over all outputs of a row
    also      pi, eps (the dtype's rounding unit), n (outputs), Phi(x) (the normal distribution)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

_NONE: Mapping[str, str] = MappingProxyType({})


class Formula(NamedTuple):
    """A function of one number and its derivative.

    Of an activation, in h (what it is given) and a (what it makes of it); of a loss, in a (the
    output) and t (its target), or in h, the input of the natural last layer.

    Attributes
    ----------
    value, derivative : str
    across : str, optional
        For an activation whose outputs depend on the whole row: the derivative of output a by the
        input of another one, whose output is b.
    safe_value, safe_derivative : str, optional
        The same where the formula as it is usually written overflows or divides by 0.
    letters : mapping
        Other letters, none of those above, and the attributes of the piece that hold their numbers;
        an array holds one number for each unit.
    name : str
        The letter of the function itself, as in a(h).

    Examples
    --------
    >>> from minimlp import Activation
    >>> class Bent(Activation):
    ...     formula = Formula("h / sqrt(1 + h**2)", "(1 + h**2) ** (-1.5)")
    """

    value: str
    derivative: str
    across: str | None = None
    safe_value: str | None = None
    safe_derivative: str | None = None
    letters: Mapping[str, str] = _NONE
    name: str = "a"


class Rule(NamedTuple):
    """An optimizer's step for one parameter.

    Attributes
    ----------
    steps : tuple of (letter, expression)
        One after the other; the last one is w, the parameter. Letters: w, g (its gradient), η (the
        learning rate), t (the number of the step), and those of `memory` and `letters`. What a
        letter of the memory is before its line is what was remembered.
    memory : mapping
        Letter -> (attribute that holds the vector, factor that makes the letter of it).
    shared : tuple of (letter, expression)
        What is computed once, before: one number for all parameters, not remembered.
    shared_memory : mapping
        Letter -> attribute: one number for all parameters, remembered; a line of `shared` sets it.
    letters : mapping
        As of a `Formula`.
    """

    steps: tuple[tuple[str, str], ...]
    memory: Mapping[str, tuple[str, float]] = MappingProxyType({})
    shared: tuple[tuple[str, str], ...] = ()
    shared_memory: Mapping[str, str] = _NONE
    letters: Mapping[str, str] = _NONE
