"""What a callback takes back from a checkpoint, of the kind that it gave."""

from __future__ import annotations

from typing import Any


def taken(state: dict[str, Any], name: str, *kinds: type | None) -> Any:
    """Give a part of a state.

    Raises
    ------
    ValueError
        It is of none of the `kinds`, of which None stands for itself; a float may be whole.
    """
    value = state[name]
    allowed: list[type] = [type(None) if kind is None else kind for kind in kinds]
    allowed += [int] if float in allowed else []
    if isinstance(value, bool) or not isinstance(value, tuple(allowed)):
        raise ValueError(f"the state of a callback has {name} {value!r:.80}")
    return value
