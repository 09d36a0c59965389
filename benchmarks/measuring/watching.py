"""Which NumPy calls a function makes: found by giving it arrays that note what is done with them.

Seen are ufuncs, products, assignments and NumPy's functions in which an array of the call's own
takes part: one of its arguments, or of the variables it closes over. Not seen are arrays that it
finds elsewhere, and methods other than `dot`.
"""

from __future__ import annotations

from functools import partial
from operator import setitem
from types import CellType, FunctionType
from typing import Any, ClassVar

import numpy as np


class Watched(np.ndarray):
    """An array that notes the NumPy calls it takes part in, each with the plain arrays given."""

    calls: ClassVar[list[Any]] = []
    original: Any = None

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, out: tuple[Any, ...] = (), **keywords: Any
    ) -> Any:
        # A ufunc's own `__call__` takes longer than calling the ufunc does.
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        result = self._note(function, *inputs, *out, **keywords)
        return out[0] if out else result

    def __array_function__(self, function: Any, types: Any, given: Any, keywords: Any) -> Any:
        return self._note(function, *given, **keywords)

    def dot(self, *given: Any) -> Any:
        """Note a product."""
        return self._note(plain(self).dot, *given)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._note(setitem, self, key, value)

    def _note(self, function: Any, *given: Any, **keywords: Any) -> Any:
        call = partial(function, *map(plain, given), **keywords)
        self.calls.append(call)
        return call()


def numpy_calls(call: Any) -> list[Any]:
    """Make a call, a closure or a partial, and list the NumPy calls within, to be repeated."""
    Watched.calls.clear()
    if isinstance(call, partial):
        call.func(*map(watched, call.args))
    else:
        cells = (CellType(watched(cell.cell_contents)) for cell in call.__closure__ or ())
        FunctionType(call.__code__, call.__globals__, closure=tuple(cells))()
    return Watched.calls.copy()


def describe(call: Any) -> str:
    """Name a NumPy call by its function and the shapes it is given."""
    given = [getattr(call.func, "__self__", None), *call.args]
    shapes = ["×".join(map(str, x.shape)) for x in given if isinstance(x, np.ndarray) and x.ndim]
    return f"{call.func.__name__} {', '.join(shapes)}"


def plain(value: Any) -> Any:
    """Give a watched array as it was.

    The same each time: NumPy is slower where input and output are two objects in one memory.
    """
    if not isinstance(value, Watched):
        return value
    if value.original is None:
        value.original = value.view(np.ndarray)
    return value.original


def watched(value: Any) -> Any:
    """Give an array to watch, in the same memory; one that is watched already as it is."""
    if type(value) is not np.ndarray:
        return value
    view = value.view(Watched)
    view.original = value
    return view
