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
    from ..objective import Model, Objective, Samples
    from ..optimizers import Optimizer
    from ..solvers import Solver


_UNKNOWN = "unknown"  # and so no difference: a model without a seed starts elsewhere each time


def settings(
    objective: Objective,
    optimizer: Optimizer | Solver,
    train: Samples,
    validation: Samples | None,
    callbacks: Sequence[Callback],
    **plain: Any,
) -> dict[str, str]:
    """Write down everything that decides what training does, a text for each part.

    Arrays are named by a hash of what they hold. `epochs` is not among them, since training may go
    on for longer.
    """
    model = objective.model
    found = {
        "model": repr(model),
        "model's generator": _named(model.rng),
        "model's seed": _UNKNOWN if model.seed is None else str(model.seed),
        "loss": repr(objective.loss),
        "penalty": repr(objective.penalty),
        "optimizer": _without_rate(optimizer),
        "callbacks": repr(list(callbacks)),
        **{name: _named(value) for name, value in plain.items()},
        **moving(model, optimizer),
    }
    for name, samples in (("", train), ("validation ", validation)):
        for part, array in zip(("x", "y", "weights"), samples or (None,) * 3, strict=True):
            found[name + part] = "none" if array is None else _fingerprint(array)
    return found


def moving(model: Model, optimizer: Optimizer | Solver) -> dict[str, str]:
    """Write down those settings that training itself may change, as they now are."""
    found = {
        "learning_rate": repr(getattr(optimizer, "learning_rate", None)),
        "frozen parameters": str([sorted(layer.frozen) for layer in model.layers]),
    }
    for i, layer in enumerate(model.layers):
        for name in layer.state_names:
            found[f"layers[{i}].{name}"] = _fingerprint(getattr(layer, name))
    return found


def differences(saved: Any, given: dict[str, str], reached: Any) -> list[str]:
    """Say what differs, one line each; none where training may go on.

    A callback may have lowered the learning rate since, say, so that the same optimizer object has
    the one that training had reached: `reached` is what `moving` gave then.
    """
    if not isinstance(saved, dict):
        return ["the settings are missing"]
    reached = reached if isinstance(reached, dict) else {}
    lines = []
    for name in [*given, *(name for name in saved if name not in given)]:
        before, now = saved.get(name), given.get(name)
        if before == now or (name in reached and now == reached[name]):
            continue
        if _UNKNOWN in (before, now):
            continue
        if str(before).startswith("hash ") or str(now).startswith("hash "):
            lines.append(f"{_short(name)} is not the same")
        else:
            lines.append(f"{_short(name)} was {_short(before)}, now {_short(now)}")
    return lines


def _without_rate(optimizer: Optimizer | Solver) -> str:
    try:
        given = optimizer.arguments()
    except TypeError:  # one of the caller's own, which need not keep its arguments
        return type(optimizer).__name__
    given.pop("learning_rate", None)
    return f"{type(optimizer).__name__}({', '.join(f'{k}={v!r}' for k, v in given.items())})"


def _named(value: Any) -> str:
    """Give a value as text; a generator by its kind, since the checkpoint has its state."""
    if isinstance(value, np.ndarray):
        return _fingerprint(value)
    if isinstance(value, np.random.Generator):
        value = value.bit_generator
    if isinstance(value, np.random.SeedSequence):
        return f"SeedSequence({value.entropy}, spawn_key={value.spawn_key})"
    value = value.item() if isinstance(value, np.generic) else value
    plain = value is None or isinstance(value, bool | int | float | str | list | tuple)
    return repr(value) if plain else type(value).__name__


def _fingerprint(array: Any) -> str:
    array = np.ascontiguousarray(array)
    digest = hashlib.blake2b(f"{array.dtype} {array.shape} ".encode(), digest_size=16)
    digest.update(array.data.cast("B") if array.size else b"")
    return f"hash {digest.hexdigest()}"


def _short(text: Any) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= 200 else f"{text:.200} …"
