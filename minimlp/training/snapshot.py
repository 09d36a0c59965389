"""Everything that training needs to go on from a step with the same bits, and back again.

Parameters, what the optimizer and the callbacks remember, random generators, history, the last
sound parameters, and the position with what the epoch has summed up and collected so far.
"""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ..derivatives.repeated import bit_generators
from .generators import generator_state, set_generator
from .progress import ProgressBar
from .saved import (
    check_ending,
    check_like,
    check_names,
    frozen_names,
    history_of,
    position_of,
)

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ..callbacks import Callback
    from .checkpoint import Content
    from .loop import Loop


def capture(run: Loop) -> Content:
    """Write a run down, as a header for JSON and arrays by name."""
    header: dict[str, Any] = {
        "position": asdict(run.position),
        "history": [*run.history.history],
        "stopped_because": run.stopped_because,
        "diverged": run.history.diverged,
        "order": None if run.batches is None else run.batches.state,
        "generators": [generator_state(rng) for rng in _generators(run)],
        "frozen": [sorted(layer.frozen) for layer in run.model.layers],
        "optimizer": {},
        "callbacks": [],
    }
    arrays = {"parameters": run.model.parameters, "last finite": run.last_finite.parameters}
    arrays.update(_layer_states(run))
    if run.exact is not None:
        arrays["exact"] = run.exact
    arrays["epochs"] = np.array(run.history.epoch, np.int64)
    for i, figures in enumerate(run.history.history.values()):
        arrays[f"history[{i}]"] = np.array(figures, np.float64)
    collected = None if run.predictions is None else run.predictions.collected
    if run.position.batch and collected is not None:
        arrays["predictions"] = collected
    rate = getattr(run.optimizer, "learning_rate", None)
    header["learning_rate"] = rate if isinstance(rate, float) else None
    header["optimizer"] = _split("optimizer", run.optimizer_state(), arrays)
    for i, callback in enumerate(_callbacks(run)):
        header["callbacks"].append(_split(f"callbacks[{i}]", callback.state(), arrays))
    return header, arrays


def restore(
    run: Loop, header: dict[str, Any], arrays: dict[str, NDArray[Any]], *, epochs: int
) -> None:
    """Put a run where `capture` wrote it down: first whatever may fail, the model last of all.

    Raises
    ------
    ValueError
        The checkpoint is not complete, something in it does not fit, or it has trained for more
        than `epochs` epochs.
    """
    try:
        batches = 0 if run.batches is None else run.batches.count
        position, history = position_of(header, batches, epochs), history_of(header, arrays)
        model = run.model
        kept = {name: model.parameters for name in ("parameters", "last finite")}
        kept.update(_layer_states(run))
        if run.exact is not None:
            kept["exact"] = run.exact
        collected = None if run.predictions is None else run.predictions.collected
        if position.batch and collected is not None:
            kept["predictions"] = collected
        for name, array in kept.items():
            check_like(name, arrays[name], array)
        figures = [f"history[{i}]" for i in range(len(header["history"]))]
        check_names(arrays, [*kept, "epochs", *figures])
        generators = list(zip(_generators(run), header["generators"], strict=True))
        for rng, saved in [*generators, *([(run.rng, header["order"])] if header["order"] else [])]:
            set_generator(copy.deepcopy(rng), saved)
        frozen = [
            (layer, frozen_names(layer, names))
            for layer, names in zip(model.layers, header["frozen"], strict=True)
        ]
        check_ending(header)
        states = [
            _joined(f"callbacks[{i}]", state, arrays) for i, state in enumerate(header["callbacks"])
        ]
        for callback, state in zip(_callbacks(run), states, strict=True):
            callback.restore(state)
        state = _joined("optimizer", header["optimizer"], arrays)
        if state:
            run.optimizer.restore(state)
        if header["learning_rate"] is not None:
            run.optimizer.learning_rate = header["learning_rate"]  # type: ignore[union-attr]
        if position.begun and run.batches is not None:
            run.batches.go_back(header["order"])
        for rng, saved in generators:
            set_generator(rng, saved)
        for layer, names in frozen:
            layer.frozen = names
        run.history, run.position, run.stopped_because = (
            history,
            position,
            header["stopped_because"],
        )
        kept["last finite"] = run.last_finite.parameters
        for name, array in kept.items():
            array[...] = arrays[name]
    except (KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"the checkpoint is not complete: {error!r:.200}") from error


def _generators(run: Loop) -> list[Generator]:
    """List what draws in training: the order, the model, and layers that keep a generator."""
    kept = [np.random.Generator(source) for source in bit_generators(list(run.model.layers))]
    return [run.rng, run.model.rng, *kept]


def _callbacks(run: Loop) -> list[Callback]:
    """List those that remember; whether there is a bar to watch may differ from call to call."""
    return [callback for callback in run.callbacks if not isinstance(callback, ProgressBar)]


def _layer_states(run: Loop) -> dict[str, NDArray[Any]]:
    return {
        f"layers[{i}].{name}": getattr(layer, name)
        for i, layer in enumerate(run.model.layers)
        for name in layer.state_names
    }


def _split(owner: str, state: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Move the arrays of a state among `arrays`; what is left JSON can hold."""
    plain = {}
    for name, value in state.items():
        if isinstance(value, np.ndarray) and value.ndim:
            arrays[f"{owner}.{name}"] = value
        else:
            plain[name] = value.item() if isinstance(value, np.ndarray | np.generic) else value
            try:
                json.dumps(plain[name])
            except (TypeError, ValueError, RecursionError):
                raise TypeError(
                    f"the state of {owner} has {name!r}, which a checkpoint cannot hold: "
                    f"{value!r:.80}"
                ) from None
    return plain


def _joined(owner: str, plain: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    start = f"{owner}."
    own = {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}
    return {**plain, **own}
