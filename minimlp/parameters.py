"""One flat vector of parameters; the arrays of the layers are named views of it.

The slices lie one after the other, layer by layer, in the order in which each layer names its
parameters. The gradients are a second vector of the same layout.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .layers import Layer
from .validation import check_range

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Part(NamedTuple):
    """One array of parameters: ``layers[position].name``, a slice of the flat vector."""

    layer: Layer
    position: int
    name: str
    slice: slice
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"layers[{self.position}].{self.name}"


def layout(layers: Sequence[Layer]) -> list[Part]:
    """List all arrays of parameters in the order of the flat vector."""
    parts, start = [], 0
    for position, layer in enumerate(layers):
        for name, shape in layer.parameter_shapes().items():
            stop = start + math.prod(shape)
            parts.append(Part(layer, position, name, slice(start, stop), shape))
            start = stop
    return parts


def count_parameters(layers: Sequence[Layer]) -> int:
    """Count the numbers that `layers` train; the length of their flat vector."""
    return max((part.slice.stop for part in layout(layers)), default=0)


def which_train(layers: Sequence[Layer]) -> NDArray[np.bool_]:
    """Tell which entries of the flat vector are not frozen (P,)."""
    trained = np.ones(count_parameters(layers), bool)
    for part in layout(layers):
        trained[part.slice] = part.name not in part.layer.frozen
    return trained


def bind(layers: Sequence[Layer], parameters: NDArray[Any], gradients: NDArray[Any]) -> None:
    """Make every layer's parameters and gradients views of the two flat vectors."""
    views: list[dict[str, NDArray[Any]]] = [{} for _ in layers]
    for part in layout(layers):
        views[part.position][part.name] = parameters[part.slice].reshape(part.shape)
        views[part.position][f"{part.name}_gradient"] = gradients[part.slice].reshape(part.shape)
    start = 0
    for layer, named in zip(layers, views, strict=True):
        own = slice(start, start + count_parameters([layer]))
        named.update(_own_parameters=parameters[own], _own_gradients=gradients[own])
        layer.bind(named, parameters.dtype)
        start = own.stop


def cast(parameters: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Copy the flat vector in another dtype.

    Raises
    ------
    TypeError
        A complex vector would lose its imaginary part.
    ValueError
        A number is too large for `dtype`.
    """
    check_range("parameters", parameters, dtype)
    return parameters.astype(dtype, casting="same_kind")


class FrozenParts:
    """Room to keep frozen parameters in while an optimizer steps that knows nothing of them.

    Momentum and weight decay move an entry even where its gradient is 0, so what is frozen is set
    aside before the step and put back after it.

    Attributes
    ----------
    parts : list of (view, kept)
        For each frozen parameter its view and an array of the same shape.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.parts: list[tuple[NDArray[Any], NDArray[Any]]] = []
        self._layers = layers
        self._names: list[frozenset[str]] = []

    def refresh(self) -> None:
        """Look again at what is frozen: callbacks may have changed it."""
        names = [layer.frozen for layer in self._layers]
        if names != self._names:
            self._names = names
            views = [
                getattr(layer, name) for layer in self._layers for name in sorted(layer.frozen)
            ]
            self.parts = [(view, np.empty_like(view)) for view in views]


def check_chain(layers: Sequence[Any]) -> None:
    """Check that `layers` are layers, each new and free, that fit one behind the other.

    Raises
    ------
    TypeError
        Something is not a layer.
    ValueError
        No layers, one of them twice or in another model already, or neighbours of different widths.
    """
    if not layers:
        raise ValueError("Sequential needs at least one layer, got none")
    before: set[int] = set()
    for i, layer in enumerate(layers):
        if isinstance(layer, list | tuple):
            raise TypeError("Sequential takes its layers one by one: Sequential(*layers)")
        if isinstance(layer, type):
            raise TypeError(f"layer {i} is the class {layer.__name__}: write {layer.__name__}(…)")
        if not isinstance(layer, Layer):
            raise TypeError(f"layer {i} must be a Layer, got {layer!r}")
        if id(layer) in before:
            raise ValueError(f"layer {i}, {layer!r}, is used twice: make a second one")
        if layer.bound:
            raise ValueError(f"layer {i}, {layer!r}, belongs to another model: make a new one")
        before.add(id(layer))
    width = input_width(layers)
    for i, layer in enumerate(layers):
        if width is None:
            return
        try:
            width = layer.output_width(width)
        except ValueError as error:
            source = f"layer {i - 1}, {layers[i - 1]!r}, gives {width}" if i else f"{width} come in"
            raise ValueError(f"layer {i} does not fit: {source}; {error}") from None


def input_width(layers: Sequence[Layer]) -> int | None:
    """Number of features the chain takes; None where any number will do or only data can tell."""
    for layer in layers:
        if layer.width is not None:
            return layer.width
        if type(layer).output_width is not Layer.output_width:
            return None
    return None


def output_width(layers: Sequence[Layer], width: int) -> int:
    """Follow a width through the chain."""
    for layer in layers:
        width = layer.output_width(width)
    return width
