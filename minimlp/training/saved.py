"""What a checkpoint says, checked before any of it is believed.

It may be damaged in ways that no checksum shows: somebody may have written it.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from .history import History
from .position import Position

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..layers import Layer


def check_like(name: str, array: NDArray[Any], like: NDArray[Any]) -> None:
    """Refuse an array that is not like the one it is to replace."""
    if (array.shape, array.dtype) != (like.shape, like.dtype):
        raise ValueError(
            f"the checkpoint's {name} have shape {array.shape} and dtype {array.dtype}: "
            f"expected {like.shape} and {like.dtype}"
        )


def frozen_names(layer: Layer, names: Any) -> frozenset[str]:
    """Give the names of a layer's parameters that did not train."""
    if not isinstance(names, list) or not layer.parameter_shapes().keys() >= set(names):
        raise ValueError(f"the checkpoint freezes {names!r:.80} of {layer!r:.80}")
    return frozenset(names)


def check_ending(header: dict[str, Any]) -> None:
    """Check how training went on: its rate, and whether and why it ended."""
    reason, rate = header["stopped_because"], header["learning_rate"]
    fits = isinstance(reason, str | None) and isinstance(header["diverged"], bool)
    if not fits or not (rate is None or (isinstance(rate, float) and 0 <= rate < math.inf)):
        raise ValueError("the checkpoint does not say how training went on, and whether it ended")


def position_of(header: dict[str, Any], batches: int, epochs: int) -> Position:
    """Give where training was; `batches` is how many an epoch has."""
    position = Position(**header["position"])
    counts = (position.epoch, position.batch)
    fits = header["position"].keys() == asdict(position).keys()
    fits = fits and all(type(count) is int and count >= 0 for count in counts)
    if not fits or position.batch > batches or type(position.begun) is not bool:
        raise ValueError(f"the checkpoint's position is {header['position']!r:.200}")
    if not math.isfinite(position.total):
        raise ValueError(f"the checkpoint's position is {header['position']!r:.200}")
    if position.epoch + position.begun > epochs:
        more = f" and {position.batch} batches" if position.begun else ""
        raise ValueError(
            f"epochs is {epochs}, but the checkpoint has trained {position.epoch} epochs{more}"
        )
    return position


def history_of(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> History:
    """Give the figures of the epochs that were done."""
    history = History()
    epochs = arrays["epochs"]
    if epochs.dtype != np.int64 or epochs.ndim != 1:
        raise ValueError("the checkpoint's epochs are no list of whole numbers")
    history.epoch, history.diverged = epochs.tolist(), header["diverged"]
    names = header["history"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"the checkpoint's history has the names {names!r:.80}")
    for i, name in enumerate(names):
        figures = arrays[f"history[{i}]"]
        # A callback may add a figure in some epochs alone.
        if figures.dtype != np.float64 or figures.ndim != 1 or len(figures) > len(epochs):
            raise ValueError(f"the checkpoint's history of {name!r:.80} does not fit its epochs")
        history.history[name] = figures.tolist()
    return history


def check_names(arrays: dict[str, NDArray[Any]], known: list[str]) -> None:
    """Refuse arrays that nothing asks for."""
    owners = ("optimizer.", "callbacks[")
    strange = [name for name in arrays if name not in known and not name.startswith(owners)]
    if strange:
        raise ValueError(f"the checkpoint holds {strange[0]!r:.80}, which nothing asks for")
