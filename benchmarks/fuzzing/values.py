"""Values that a reader may not expect, and a change somewhere within JSON data."""

from __future__ import annotations

import copy
import json
from typing import Any

from .choices import Choices

NUMBERS = (
    -1, 0, 1, 2, 3, 7, 10**4, 10**6, 10**9, 10**12, 2**31, 2**53, 2**63, 10**18, 10**30, 10**400,
    0.0, -0.0, 0.5, 1e-300, 1e300, 1e999, -1e999, float("nan"), 3.0, True, False, None,
)  # fmt: skip
TEXTS = (
    "", " ", "a", "x" * 3000, "\ud800", "\0", "a\nb", "\x1b[31m", "../x", "σ", "header",
    "parameters", "weight", "bias", "text", "number", "boolean", "true", "Dense", "Normalization",
    "MSE", "os.system", "__class__", "class", "arguments", "layers", "labels", "values",
)  # fmt: skip


def _piece(name: str, **arguments: Any) -> dict[str, Any]:
    return {"class": name, "arguments": arguments}


def nested(depth: int, inside: Any = 1) -> Any:
    """Put a value into so many lists and dicts."""
    for level in range(depth):
        inside = {"a": inside} if level % 2 else [inside]
    return inside


def value(choices: Choices) -> Any:
    """Choose a value that JSON can hold."""
    kind = choices.below(6)
    if kind < 2:
        return choices.pick(NUMBERS)
    if kind == 2:
        return choices.pick(TEXTS)
    size = choices.pick(NUMBERS)
    if kind == 3:
        return choices.pick(
            (
                _piece("Normalization", width=size),
                _piece("Dense", n_in=size, n_out=choices.pick(NUMBERS)),
                _piece("Dense", n_in=2, n_out=3, weight_initializer=_piece("Normal", scale=size)),
                _piece(
                    "Dense", n_in=3, n_out=3, weight_initializer=_piece("Normalization", width=size)
                ),
                _piece("Tanh"),
                _piece("Tanh", x=size),
                _piece("SGD", learning_rate=size),
                _piece(choices.pick(TEXTS)),
                {"class": size, "arguments": size},
                _piece("Dense", n_in=[size], n_out={"a": size}),
            )
        )
    if kind == 4:
        return choices.pick(([], {}, [size], [[size]], {"a": size}, [size] * 5, ["a", "a"], [""]))
    return nested(choices.pick((3, 50, 99, 100, 101, 150, 400)), size)


def changed(choices: Choices, data: Any) -> Any:
    """Copy JSON data and change one place in it: replace, delete, rename, add or repeat."""
    data = copy.deepcopy(data)
    holder: Any = data
    while True:
        places = [*holder] if isinstance(holder, dict) else [*range(len(holder))]
        if not places:
            return data
        place = choices.pick(places)
        inner = holder[place]
        if not isinstance(inner, dict | list) or not inner or choices.one_in(4):
            break
        holder = inner
    kind = choices.below(8)
    if kind < 4:
        holder[place] = value(choices)
    elif kind == 4:
        del holder[place]
    elif kind == 5 and isinstance(holder, dict):
        holder[choices.pick(TEXTS)] = holder.pop(place)
    elif kind == 6:
        count = choices.pick((1, 2, 30, 300))
        if isinstance(holder, dict):
            holder.update({f"{place}{i}": inner for i in range(count)})
        else:
            holder[place:place] = [inner] * count
    else:
        other = choices.pick(places)
        holder[place], holder[other] = holder[other], inner
    return data


def as_text(choices: Choices, data: Any) -> bytes:
    """Write JSON; one time in thirty not quite."""
    text = json.dumps(data).encode()
    if not choices.one_in(30):
        return text
    return choices.pick(
        (
            text[: choices.below(len(text) + 1)],
            text + b"}",
            b"\xef\xbb\xbf" + text,
            b"[" * choices.pick((10, 1000, 100_000)),
            text.replace(b"1", b"1" * 5000, 1),
            text.replace(b"a", b"\xff", 1),
            text.decode().encode("utf-16"),
            text.replace(b"{", b'{"format": "other", "format": "minimlp", ', 1),
            b"",
        )
    )
