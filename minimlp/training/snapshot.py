"""Everything that training needs to go on from a step with the same bits, and back again.

Parameters, what the optimizer and the callbacks remember, random generators, history, the last
sound parameters, and the position with what the epoch has summed up and collected so far.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ..derivatives.repeated import bit_generators
from .generators import generator_state, set_generator
from .history import History
from .position import Position

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from .checkpoint import Content
    from .run import Run


def capture(run: Run) -> Content:
    """Write a run down, as a header for JSON and arrays by name."""
    header: dict[str, Any] = {
        "position": asdict(run.position),
        "history": run.history.history,
        "epochs": run.history.epoch,
        "stopped_because": run.stopped_because,
        "diverged": run.history.diverged,
        "order": run.batches.state,
        "generators": [generator_state(rng) for rng in _generators(run)],
        "optimizer": {},
        "callbacks": [],
    }
    arrays = {"parameters": run.model.parameters, "last finite": run.last_finite.parameters}
    if run.position.batch and run.predictions.collected is not None:
        arrays["predictions"] = run.predictions.collected
    rate = getattr(run.optimizer, "learning_rate", None)
    header["learning_rate"] = rate if isinstance(rate, float) else None
    header["optimizer"] = _split("optimizer", run.optimizer.state(), arrays)
    for i, callback in enumerate(run.callbacks):
        header["callbacks"].append(_split(f"callbacks[{i}]", callback.state(), arrays))
    return header, arrays


def restore(run: Run, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    """Put a run where `capture` wrote it down; the model's parameters last of all.

    Raises
    ------
    ValueError
        The checkpoint is not complete, or something in it does not fit.
    """
    try:
        position, history = _position(run, header), _history(header)
        model = run.model
        for name in ("parameters", "last finite"):
            _check(name, arrays[name], model.parameters)
        if position.batch and run.predictions.collected is not None:
            _check("predictions", arrays["predictions"], run.predictions.collected)
            run.predictions.collected[...] = arrays["predictions"]
        states = [
            _joined(f"callbacks[{i}]", state, arrays) for i, state in enumerate(header["callbacks"])
        ]
        for callback, state in zip(run.callbacks, states, strict=True):
            callback.restore(state)
        state = _joined("optimizer", header["optimizer"], arrays)
        if state:
            run.optimizer.restore(state)
        if header["learning_rate"] is not None:
            run.optimizer.learning_rate = header["learning_rate"]  # type: ignore[attr-defined]
        if position.begun:
            run.batches.go_back(header["order"])
        for rng, saved in zip(_generators(run), header["generators"], strict=True):
            set_generator(rng, saved)
        run.history, run.position, run.stopped_because = (
            history,
            position,
            header["stopped_because"],
        )
        run.last_finite.parameters[...] = arrays["last finite"]
        model.parameters[...] = arrays["parameters"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the checkpoint is not complete: {error!r}") from error


def _generators(run: Run) -> list[Generator]:
    """List what draws in training: the order, the model, and layers that keep a generator."""
    kept = [np.random.Generator(source) for source in bit_generators(list(run.model.layers))]
    return [run.rng, run.model.rng, *kept]


def _split(owner: str, state: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Move the arrays of a state among `arrays`; what is left JSON can hold."""
    plain = {}
    for name, value in state.items():
        if isinstance(value, np.ndarray) and value.ndim:
            arrays[f"{owner}.{name}"] = value
        else:
            plain[name] = value.item() if isinstance(value, np.ndarray | np.generic) else value
    return plain


def _joined(owner: str, plain: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    start = f"{owner}."
    own = {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
    return {**plain, **own}


def _check(name: str, array: NDArray[Any], like: NDArray[Any]) -> None:
    if (array.shape, array.dtype) != (like.shape, like.dtype):
        raise ValueError(
            f"the checkpoint's {name} have shape {array.shape} and dtype {array.dtype}: "
            f"expected {like.shape} and {like.dtype}"
        )


def _position(run: Run, header: dict[str, Any]) -> Position:
    position = Position(**header["position"])
    counts = (position.epoch, position.batch)
    fits = all(type(count) is int and count >= 0 for count in counts)
    if not fits or position.batch > run.batches.count or type(position.begun) is not bool:
        raise ValueError(f"the checkpoint's position is {header['position']!r:.200}")
    if not math.isfinite(position.total):
        raise ValueError(f"the checkpoint's position is {header['position']!r:.200}")
    return position


def _history(header: dict[str, Any]) -> History:
    history = History()
    history.epoch, history.history = header["epochs"], header["history"]
    history.diverged = header["diverged"]
    count = len(history.epoch)
    if any(len(values) != count for values in _lists(history.history)):
        raise ValueError("the checkpoint's history has columns of different lengths")
    return history


def _lists(history: dict[str, list[float]]) -> Iterator[list[float]]:
    for values in history.values():
        if not all(isinstance(value, float) for value in values):
            raise ValueError("the checkpoint's history holds something that is no number")
        yield values
