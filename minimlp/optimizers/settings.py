"""Settings of an optimizer: declared once in its class, checked whenever they are set.

    class Own(FirstOrder):
        momentum = Number(below=1)          # self.momentum = 2 raises ValueError

A setting has `__set__` and, for Python itself, no `__get__`: it is read from the instance like any
attribute, at no cost within a step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..schedules import Schedule
from ..validation import as_flag, as_number, as_positive

T = TypeVar("T")


class Setting(Generic[T]):
    """What all settings do; a `fixed` one may not change once training has begun."""

    def __init__(self, *, fixed: bool = False) -> None:
        self.fixed = fixed

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, instance: Any, given: Any) -> None:
        value = self.check(given)
        if self.fixed and instance._vector is not None and value != vars(instance)[self.name]:
            raise ValueError(
                f"{self.name} cannot change once training has begun, got {value!r}: what "
                f"{type(instance).__name__} remembers depends on it; make a new optimizer"
            )
        vars(instance)[self.name] = value

    def check(self, value: Any) -> T:
        """Give the value as it is kept, or raise with its name."""
        raise NotImplementedError

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: Any = None) -> T: ...


class Number(Setting[float]):
    """A finite number: at least 0 and below `below`, or above 0 where it is `positive`."""

    def __init__(
        self, *, below: float = math.inf, positive: bool = False, fixed: bool = False
    ) -> None:
        super().__init__(fixed=fixed)
        self.below, self.positive = below, positive

    def check(self, value: Any) -> float:
        if self.positive:
            return as_positive(self.name, value)
        return as_number(self.name, value, low=0, below=self.below)


class PositiveOrNone(Setting["float | None"]):
    """A finite number above 0, or None where the optimizer is to do without."""

    def check(self, value: Any) -> float | None:
        return None if value is None else as_positive(self.name, value)


class Flag(Setting[bool]):
    """True or False."""

    def check(self, value: Any) -> bool:
        return as_flag(self.name, value)


class Rate(Setting["float | Schedule"]):
    """A schedule, or a finite number of at least 0."""

    def check(self, value: Any) -> float | Schedule:
        return value if isinstance(value, Schedule) else as_number(self.name, value, low=0)
