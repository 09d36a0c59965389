"""Settings of an optimizer: declared once in its class, checked whenever they are set.

    class Own(FirstOrder):
        momentum = Number(below=1)          # self.momentum = 2 raises ValueError

A setting has `__set__` and, for Python itself, no `__get__`: it is read from the instance like any
attribute, at no cost within a step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..validation import as_flag, as_number


class _Setting:
    """What all settings do; `fixed` ones may not change once training has begun."""

    def __init__(self, *, fixed: bool = False) -> None:
        self.fixed = fixed

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, instance: Any, value: Any) -> None:
        value = self.check(value)
        if self.fixed and instance._vector is not None and value != vars(instance)[self.name]:
            raise ValueError(
                f"{self.name} cannot change once training has begun, got {value!r}: what "
                f"{type(instance).__name__} remembers depends on it; make a new optimizer"
            )
        vars(instance)[self.name] = value

    def check(self, value: Any) -> Any:
        """Give the value as it is kept, or raise with its name."""
        raise NotImplementedError


class Number(_Setting):
    """A finite number: at least `low` and below `below`, or above 0 where it is `positive`."""

    def __init__(
        self,
        *,
        low: float = 0.0,
        below: float = math.inf,
        positive: bool = False,
        fixed: bool = False,
    ) -> None:
        super().__init__(fixed=fixed)
        self.low, self.below, self.positive = low, below, positive

    def check(self, value: Any) -> float:
        if not self.positive:
            return as_number(self.name, value, low=self.low, below=self.below)
        number = as_number(self.name, value)
        if number <= 0:
            raise ValueError(f"{self.name} must be finite and above 0, got {value!r}")
        return number

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: Any = None) -> float: ...


class NumberOrNone(Number):
    """A number, or None where the optimizer is to do without."""

    def check(self, value: Any) -> Any:
        return None if value is None else super().check(value)

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: Any = None) -> Any: ...


class Flag(_Setting):
    """True or False."""

    def check(self, value: Any) -> bool:
        return as_flag(self.name, value)

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: Any = None) -> bool: ...
