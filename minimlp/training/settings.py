"""What a call of `fit` is given, in a form that tells one call from another.

Training goes on from a checkpoint only where data, architecture and settings are the same: with
others the result would be that of no call at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..callbacks import Callback
    from ..objective import Objective, Samples
    from ..optimizers import Optimizer


def settings(
    objective: Objective,
    optimizer: Optimizer,
    train: Samples,
    validation: Samples | None,
    callbacks: Sequence[Callback],
    **plain: Any,
) -> dict[str, str]:
    """Write down everything that decides what training does, a text for each part.

    Arrays are named by a hash of what they hold. `epochs` is not among them, since training may go
    on for longer, and of a learning rate see `differences`.
    """
    model = objective.model
    found = {
        "model": repr(model),
        "frozen parameters": str([sorted(layer.frozen) for layer in model.layers]),
        "loss": repr(objective.loss),
        "penalty": repr(objective.penalty),
        "optimizer": _without_rate(optimizer),
        "learning_rate": repr(getattr(optimizer, "learning_rate", None)),
        "callbacks": repr(list(callbacks)),
        **{name: _named(value) for name, value in plain.items()},
    }
    for name, samples in (("", train), ("validation ", validation)):
        for part, array in zip(("x", "y", "weights"), samples or (None,) * 3, strict=True):
            found[name + part] = "none" if array is None else _fingerprint(array)
    for i, layer in enumerate(model.layers):
        for name in layer.state_names:
            found[f"layers[{i}].{name}"] = _fingerprint(getattr(layer, name))
    return found


def differences(saved: Any, given: dict[str, str], rate: str) -> list[str]:
    """Say what differs, one line each; none where training may go on.

    A callback may have lowered the learning rate since, so that the same optimizer object has the
    one it had reached, `rate`.
    """
    if not isinstance(saved, dict):
        return ["the settings are missing"]
    lines = []
    for name in [*given, *(name for name in saved if name not in given)]:
        before, now = saved.get(name), given.get(name)
        if before == now or (name == "learning_rate" and now == rate):
            continue
        if str(before).startswith("hash ") or str(now).startswith("hash "):
            lines.append(f"{name} is not the same")
        else:
            lines.append(f"{name} was {_short(before)}, now {_short(now)}")
    return lines


def _without_rate(optimizer: Optimizer) -> str:
    try:
        given = optimizer.arguments()
    except TypeError:  # one of the caller's own, which need not keep its arguments
        return type(optimizer).__name__
    given.pop("learning_rate", None)
    return f"{type(optimizer).__name__}({', '.join(f'{k}={v!r}' for k, v in given.items())})"


def _named(value: Any) -> str:
    """Give a value as text; a generator by its kind, since its state is what training goes on."""
    plain = value is None or isinstance(value, bool | int | float | str | list | tuple)
    return repr(value) if plain else type(value).__name__


def _fingerprint(array: Any) -> str:
    array = np.ascontiguousarray(array)
    digest = hashlib.blake2b(f"{array.dtype} {array.shape} ".encode(), digest_size=16)
    digest.update(array.data.cast("B") if array.size else b"")
    return f"hash {digest.hexdigest()}"


def _short(text: Any) -> str:
    return text if isinstance(text, str) and len(text) <= 200 else f"{text!s:.200} …"
