"""One number among a model's parameters, by its name: ``layers[0].weight[3, 1]``."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..parameters import Part, layout

if TYPE_CHECKING:
    from ..sequential import Sequential

_NAME = re.compile(r"\s*(.*?)\s*\[([^\[\]]*)\]\s*")


class Entry(NamedTuple):
    """Where a parameter is: its array, its place in it, and its number in the flat vector."""

    part: Part
    place: tuple[int, ...]
    number: int

    def __str__(self) -> str:
        return f"{self.part}[{', '.join(map(str, self.place))}]"


def find_entry(model: Sequential, name: Any) -> Entry:
    """Find the parameter that is named.

    Raises
    ------
    TypeError, ValueError
        There is none of that name; near names are offered.
    """
    parts = {str(part): part for part in layout(model.layers)}
    example = str(an_entry(model))
    if not isinstance(name, str):
        raise TypeError(f"parameter must be a name such as {example!r}, got {name!r:.80}")
    match = _NAME.fullmatch(name)
    part = None if match is None else parts.get(match[1].replace(" ", ""))
    if match is None or part is None:
        given = name if match is None or name.strip() in parts else match[1]
        near = difflib.get_close_matches(given, parts, 3, 0.6) or [str(an_entry(model).part)]
        indices = "" if match is None else match[2]
        offered = " or ".join(repr(f"{each}[{_fitting(indices, parts[each])}]") for each in near)
        raise ValueError(f"the model has no parameter {name!r:.80}: did you mean {offered}?")
    place = _place(match[2], part)
    if place is None:
        last = ", ".join(str(n - 1) for n in part.shape)
        raise ValueError(
            f"{part} has shape {part.shape}, and {name!r:.80} is no entry of it: "
            f"entries run from {part}[{_first(part.shape)}] to {part}[{last}]"
        )
    return Entry(part, place, part.slice.start + int(np.ravel_multi_index(place, part.shape)))


def _place(indices: str, part: Part) -> tuple[int, ...] | None:
    """Read indices; None where they are none of the part's."""
    try:
        place = tuple(int(number) for number in indices.split(","))
    except ValueError:
        return None
    if len(place) != len(part.shape):
        return None
    inside = all(0 <= i < n for i, n in zip(place, part.shape, strict=True))
    return place if inside else None


def _fitting(indices: str, part: Part) -> str:
    """Give the indices where they are some of the part's, else those of its first entry."""
    place = _place(indices, part)
    return _first(part.shape) if place is None else ", ".join(map(str, place))


def an_entry(model: Sequential) -> Entry:
    """Give one in the middle of the first array, as an example."""
    part = layout(model.layers)[0]
    place = tuple(n // 2 for n in part.shape)
    return Entry(part, place, part.slice.start + int(np.ravel_multi_index(place, part.shape)))


def _first(shape: tuple[int, ...]) -> str:
    return ", ".join("0" for _ in shape)
