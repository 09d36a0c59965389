"""The states of random generators, as JSON can hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator


def generator_state(rng: Generator) -> dict[str, Any]:
    """Give the state of a generator, to be set by `set_generator`."""
    state: dict[str, Any] = _plain(rng.bit_generator.state)
    return state


def set_generator(rng: Generator, state: Any) -> None:
    """Let a generator go on from where another of its kind was.

    Raises
    ------
    ValueError
        It is of another kind, or the state is none.
    """
    try:
        rng.bit_generator.state = _restored(state)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, AttributeError) as error:
        kind = type(rng.bit_generator).__name__
        raise ValueError(f"the random generator is a {kind}, whose state this is not") from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": str(value.dtype)}
    return value.item() if isinstance(value, np.generic) else value


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"array", "dtype"}:
            return np.array(value["array"], np.dtype(value["dtype"]).newbyteorder("="))
        return {key: _restored(item) for key, item in value.items()}
    return value
