"""A name for every piece, so that loading a file never imports code.

A piece (layer, loss, optimizer, initializer) is known by the name of its class and by the arguments
it was made with, which it keeps under their own names. That is all that `repr` and a model file
need.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

_PIECES: dict[str, type[Component]] = {}

C = TypeVar("C", bound="Component")


class Component:
    """A piece that keeps its constructor's arguments under their own names.

    Its ``repr`` is the call that makes it again. An argument whose name is taken by something else
    is kept under the name that `kept_as` gives.
    """

    kept_as: Mapping[str, str] = MappingProxyType({})

    def arguments(self) -> dict[str, Any]:
        """Give the constructor's arguments by name.

        Raises
        ------
        TypeError
            An argument was not kept under its own name.
        """
        found = {}
        for name, parameter in inspect.signature(type(self)).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise TypeError(f"{type(self).__name__}.__init__ takes *{name}: name each argument")
            attribute = self.kept_as.get(name, name)
            if not hasattr(self, attribute):
                raise TypeError(
                    f"{type(self).__name__} keeps no attribute {attribute!r}: "
                    f"store each argument of __init__ under its own name"
                )
            found[name] = getattr(self, attribute)
        return found

    def __repr__(self) -> str:
        given = self.arguments()
        words = []
        for name, parameter in inspect.signature(type(self)).parameters.items():
            if parameter.default is parameter.empty and parameter.kind != parameter.KEYWORD_ONLY:
                words.append(repr(given[name]))
            elif repr(given[name]) != repr(parameter.default):
                words.append(f"{name}={given[name]!r}")
        return f"{type(self).__name__}({', '.join(words)})"


def is_newer(cls: type, others: Iterable[str], name: str) -> bool:
    """Tell whether a class defines one of `others` anew since `name` was defined for the last time.

    Then what its ancestor says in `name` need not hold for it.
    """
    return any(_definer(cls, other) < _definer(cls, name) for other in others)


def _definer(cls: type, name: str) -> int:
    """Tell how far up its ancestors a class finds an attribute; 0 is the class itself."""
    return next(i for i, ancestor in enumerate(cls.__mro__) if name in vars(ancestor))


def register(piece: type[C]) -> type[C]:
    """Make a class known by its name, so that files may name it. A class decorator.

    Parameters
    ----------
    piece : type
        A `Layer`, `Activation`, `Loss`, `Optimizer` or `Initializer`. Defining the same class again
        (a notebook cell run twice) replaces it.

    Raises
    ------
    TypeError
        `piece` is not such a class.
    ValueError
        Another class has that name.

    Examples
    --------
    >>> from minimlp import Activation, register
    >>> @register
    ... class Square(Activation):
    ...     def forward(self, x, out):
    ...         out[:] = x * x
    ...
    ...     def backward(self, x, y, dy, dx):
    ...         dx[:] = 2 * x * dy
    >>> Square()
    Square()
    """
    if not (isinstance(piece, type) and issubclass(piece, Component)):
        raise TypeError(
            f"register takes a Layer, Loss, Optimizer or Initializer class, got {piece!r}"
        )
    known = _PIECES.get(piece.__name__, piece)
    if (known.__module__, known.__qualname__) != (piece.__module__, piece.__qualname__):
        raise ValueError(
            f"the name {piece.__name__!r} is taken by {known.__module__}.{known.__qualname__}: "
            f"choose another class name"
        )
    _PIECES[piece.__name__] = piece
    return piece


def registered(kind: type[C]) -> dict[str, type[C]]:
    """Give all registered classes of one kind by name, such as ``registered(Layer)``."""
    return {name: piece for name, piece in _PIECES.items() if issubclass(piece, kind)}


def describe(piece: Component) -> dict[str, Any]:
    """Write a piece as JSON-able data: ``{"class": name, "arguments": {...}}``.

    A tuple comes back as a list.

    Raises
    ------
    ValueError
        The class is not registered, so that no file could be read again.
    TypeError
        An argument is not a number, text, boolean, None, list or piece.
    """
    name = type(piece).__name__
    if _PIECES.get(name) is not type(piece):
        raise ValueError(f"{name} is not registered: put @register above its class to save it")
    plain = {key: _plain(name, key, value) for key, value in piece.arguments().items()}
    return {"class": name, "arguments": plain}


def _plain(owner: str, key: str, value: Any) -> Any:
    if isinstance(value, Component):
        return describe(value)
    if isinstance(value, list | tuple):
        return [_plain(owner, key, item) for item in value]
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(
        f"{owner}.{key} is a {type(value).__name__}, which a model file cannot hold: "
        f"expected a number, text, boolean, None, list or registered piece"
    )


def build(description: Any, kind: type[C]) -> C:
    """Make the piece again that `describe` wrote.

    Raises
    ------
    ValueError
        The name is unknown or of another kind, or the class refuses the arguments.
    """
    if not (isinstance(description, dict) and description.keys() == {"class", "arguments"}):
        raise ValueError(f"expected the description of a {kind.__name__}, got {description!r:.80}")
    name, given = description["class"], description["arguments"]
    if not (isinstance(name, str) and isinstance(given, dict)):
        raise ValueError(f"expected the description of a {kind.__name__}, got {description!r:.80}")
    if name not in registered(kind):
        raise ValueError(
            f"unknown {kind.__name__.lower()} {name!r:.80}: define it with @register before loading"
        )
    made = {key: _made(value) for key, value in given.items()}
    try:
        return registered(kind)[name](**made)
    except Exception as error:
        raise ValueError(f"{name} cannot be made from {given!r:.80}: {error!s:.200}") from error


def _made(value: Any) -> Any:
    if isinstance(value, dict):
        return build(value, Component)
    return [_made(item) for item in value] if isinstance(value, list) else value
