"""Arrays of an archive: what they are is known at once, their numbers are read when asked for.

A ``.npy`` member opens with the text of a Python dict. It is matched here, not evaluated, and must
be that of a plain array of numbers whose entries fill the rest of the member:

    product of the shape · size of an entry = size of the member − size of the text
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .members import Member

_MAGIC = b"\x93NUMPY"
_LONGEST = 1 << 10  # bytes of the text; NumPy's own has 118 for all but very many axes
_MOST_AXES = 32
_TEXT = re.compile(
    r"\{'descr': (.+), 'fortran_order': (False|True), 'shape': \(((?:[0-9]+, ?)*[0-9]*)\),? ?\} *\n"
)
_NUMBERS = re.compile(r"'[<>|=]?(?:b1|[iu][1248]|f[248]|c8|c16)'")


class Outline(NamedTuple):
    """What an array is, without its numbers."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class _Place(NamedTuple):
    outline: Outline
    order: Any
    start: int


class Arrays(Mapping[str, "NDArray[Any]"]):
    """Arrays by name, each read anew whenever it is asked for.

    Parameters
    ----------
    file : str
        Name of the file, for messages.
    members : dict of str to Member

    Raises
    ------
    ValueError
        A member is no plain array of numbers, or has not the size that its text says.
    """

    def __init__(self, file: str, members: Mapping[str, Member]) -> None:
        self._file = file
        self._members = members
        self._places = {name: self._find(name) for name in members}

    @property
    def packed(self) -> bool:
        """Whether an array is smaller in the file than in memory."""
        return any(member.deflated for member in self._members.values())

    def outline(self, name: str) -> Outline:
        """Tell shape and dtype of an array; nothing is read."""
        return self._places[name].outline

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Read an array.

        Raises
        ------
        KeyError
            There is none of that name.
        ValueError
            It is damaged.
        """
        (shape, dtype), order, start = self._places[name]
        try:
            content = self._members[name].read()
            return np.ndarray(shape, dtype, content, start, order=order).copy(order="K")
        except (ValueError, MemoryError) as error:
            raise self._unreadable(name, error) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def _find(self, name: str) -> _Place:
        try:
            return _find(self._members[name])
        except _NoArrayError:
            raise ValueError(f"{self._file} holds {name!r:.80}, which is not an array") from None
        except Exception as error:  # of unpacking
            raise self._unreadable(name, error) from error

    def _unreadable(self, name: str, error: Exception) -> ValueError:
        return ValueError(f"{self._file} holds {name!r:.80}, which cannot be read: {error}")


def outline(arrays: Mapping[str, NDArray[Any]], name: str) -> Outline:
    """Tell shape and dtype of one of `arrays`; of an archive's, without reading it."""
    if isinstance(arrays, Arrays):
        return arrays.outline(name)
    return Outline(arrays[name].shape, arrays[name].dtype)


def can_be_read(array: NDArray[Any]) -> bool:
    """Tell whether an array that is written now could be read again."""
    return array.ndim <= _MOST_AXES and bool(_NUMBERS.fullmatch(f"'{array.dtype.str}'"))


class _NoArrayError(ValueError):
    pass


def _find(member: Member) -> _Place:
    opening = member.start(_LONGEST)
    if not opening.startswith(_MAGIC):
        raise _NoArrayError
    length = int.from_bytes(opening[8:10], "little")
    text = _TEXT.fullmatch(opening[10 : 10 + length].decode("latin-1"))
    if opening[6:8] != b"\x01\x00" or not text:
        raise ValueError("it does not open as a plain array of numbers does")
    if re.fullmatch(r"'.?O.*'", text[1]):
        raise ValueError("Object arrays are never loaded: they are pickles")
    if not _NUMBERS.fullmatch(text[1]):
        raise ValueError(f"its dtype {text[1]:.40} is none of numbers")
    dtype = np.dtype(text[1].strip("'"))
    shape = tuple(int(size) for size in re.findall("[0-9]+", text[3]))
    promised = math.prod(shape) * dtype.itemsize
    if len(shape) > _MOST_AXES or promised != member.size - 10 - length:
        raise ValueError(f"its shape {shape!s:.80} is not that of {member.size:,} bytes")
    return _Place(Outline(shape, dtype), "F" if text[2] == "True" else "C", 10 + length)
