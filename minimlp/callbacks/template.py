"""File names with figures in them, such as ``model-{epoch:02d}-{val_loss:.2f}.npz``.

`str.format` reaches into whatever it is given (``{epoch.__class__}``). So a path is filled only
after it was found to hold nothing but names, each with the width and precision of a number.
"""

from __future__ import annotations

import os
import re
from typing import Any

_NUMERIC = re.compile(r"[-+]?\d{0,2}(\.\d{1,2})?[dfFeEgG]?")


def as_template(value: Any) -> str:
    """Check a path with placeholders and make it a str.

    Raises
    ------
    TypeError
        It is no path.
    ValueError
        A placeholder is more than a name and a number's format, or a brace stands alone.
    """
    try:
        path = os.fsdecode(value)
    except TypeError:
        raise TypeError(f"filepath must be a str or os.PathLike, got {value!r:.80}") from None
    _fields(path)
    return path


def check_filled(template: str, names: tuple[str, ...]) -> None:
    """Refuse a placeholder that training will not fill, before the first step."""
    known = ("epoch", *names)
    unknown = [field for field in _fields(template) if field not in known]
    if unknown:
        raise ValueError(
            f"filepath has {{{unknown[0]}}}, which this training does not measure: "
            f"expected one of {', '.join(known)}"
        )
    try:
        fill(template, 0, dict.fromkeys(names, 0.5))
    except ValueError as error:
        raise ValueError(f"filepath {template!r} cannot be filled: {error}") from None


def fill(template: str, epoch: int, logs: dict[str, float]) -> str:
    """Fill a checked template; ``{epoch}`` counts from 1, as in Keras."""
    return template.format(**{**logs, "epoch": epoch + 1})


def _fields(template: str) -> list[str]:
    from string import Formatter

    fields = []
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(
            f"filepath {template!r} has a brace that stands alone ({error}): "
            f"write {{{{ and }}}} for braces that are meant"
        ) from None
    for _, field, spec, conversion in parts:
        if field is None:
            continue
        if not field.isidentifier() or conversion or not _NUMERIC.fullmatch(spec or ""):
            ending = (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            raise ValueError(
                f"filepath has the placeholder {{{field}{ending}}}: expected a name and a "
                f"number's format, such as {{epoch:02d}} or {{val_loss:.2f}}"
            )
        fields.append(field)
    return fields
