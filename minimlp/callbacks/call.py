"""A callback of the package is shown as the call that makes it, the same in every process."""

from __future__ import annotations

import inspect
from typing import Any

from ..registry import Component
from .callback import Callback


class ShownAsCall(Callback):
    """Keeps its constructor's arguments under their own names, and is shown as the call.

    A function is shown by its name alone: where it lies in memory differs from run to run. A
    subclass that keeps no argument of its own is shown without it.
    """

    def __repr__(self) -> str:
        words = []
        for name, parameter in inspect.signature(type(self)).parameters.items():
            value = vars(self).get(name, parameter.default)
            if value is parameter.empty:
                continue
            if parameter.default is parameter.empty:
                words.append(_shown(value))
            elif _shown(value) != _shown(parameter.default):
                words.append(f"{name}={_shown(value)}")
        return f"{type(self).__name__}({', '.join(words)})"


def _shown(value: Any) -> str:
    if not callable(value) or isinstance(value, Component):
        return repr(value)
    return str(getattr(value, "__qualname__", type(value).__name__))
