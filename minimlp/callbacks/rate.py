"""The learning rate that a callback may set: a number, and nobody else's business."""

from __future__ import annotations

from typing import Any

from ..validation import as_number


def check_rate(owner: str, optimizer: Any) -> None:
    """Refuse an optimizer whose learning rate cannot be set, before the first step.

    Raises
    ------
    TypeError
        It has none, or one that changes by itself.
    """
    if not hasattr(optimizer, "learning_rate"):
        raise TypeError(
            f"{owner} sets the learning rate, and {type(optimizer).__name__} has none: "
            f"leave the callback out"
        )
    rate = optimizer.learning_rate
    try:
        as_number("learning_rate", rate)
    except TypeError:
        raise TypeError(
            f"{owner} sets the learning rate, and that of {type(optimizer).__name__} is {rate!r}, "
            f"which changes by itself: give the optimizer a number, or leave the callback out"
        ) from None
