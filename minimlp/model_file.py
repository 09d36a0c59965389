"""A model as one file: what it is made of as JSON, its numbers as arrays, and no code."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .layers import Layer
from .parameters import check_chain, count_parameters
from .registry import build, describe, registered
from .storage import outline, read_archive, write_archive
from .validation import REAL_DTYPES, check_range

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from numpy.typing import NDArray

    from .objective import Model

_MOST_LAYERS = 10_000
_LONGEST = 500  # letters of a message: what it quotes comes from the file


def save_model(model: Model, path: str | PathLike[str]) -> None:
    """Write the model to one ``.npz`` file, atomically: an older file is replaced or kept whole.

    It holds architecture, parameters, frozen parts, normalisation, dtype and ``model.metadata``.

    Raises
    ------
    ValueError
        A layer is not registered, or a parameter is NaN or infinite; nothing is written.
    TypeError
        The model is complex, or an argument or the metadata is nothing JSON can hold.
    OSError
        The file cannot be written; one that was there is untouched.
    """
    write_archive(path, *model_contents(model))


def model_contents(model: Model) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Give what a model's file holds, header and arrays; errors as of `save_model`."""
    import json

    if model.dtype not in REAL_DTYPES:
        raise TypeError(f"only a float32 or float64 model can be saved, this one is {model.dtype}")
    try:
        json.dumps({**model.metadata})
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"metadata must be a dict of what JSON can hold: {error}") from None
    if len(model.layers) > _MOST_LAYERS:
        raise ValueError(
            f"a model of {len(model.layers):,} layers cannot be saved, only {_MOST_LAYERS:,}"
        )
    header = {
        "layers": [describe(layer) for layer in model.layers],
        "frozen": [sorted(layer.frozen) for layer in model.layers],
        "metadata": model.metadata,
    }
    arrays = {"parameters": model.parameters}
    for i, layer in enumerate(model.layers):
        arrays.update({f"layers[{i}].{name}": getattr(layer, name) for name in layer.state_names})
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(
                f"{name} holds NaN or infinity: a model that lost its numbers is not saved"
            )
    return header, arrays


def load_model(path: str | PathLike[str]) -> dict[str, Any]:
    """Read what `save_model` wrote, as the state of a `Sequential`.

    No code is run or imported: layers are looked up by name among the registered classes.

    Raises
    ------
    ValueError
        The file is truncated, of another kind or of a future version, names an unknown layer, or
        holds arrays of a wrong shape or with NaN; the message says which.
    OSError
        The file cannot be opened.
    """
    return model_state(path, *read_archive(path))


def model_state(
    path: str | PathLike[str], header: dict[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> dict[str, Any]:
    """Make the state of a `Sequential` of what a file held; errors as of `load_model`.

    The arrays are those of the model and no others. None is read before all have the shapes that
    the layers need, and no layer is made that could take more memory than its arrays in the file.
    """
    try:
        layers = _layers(header, arrays)
        dtype = _check_outlines(layers, arrays)
        parameters = _read(arrays, "parameters")
        for i, layer in enumerate(layers):
            for name in layer.state_names:
                member = f"layers[{i}].{name}"
                state = _read(arrays, member)
                check_range(member, state, dtype)
                setattr(layer, name, state)
        for layer, names in zip(layers, header["frozen"], strict=True):
            if names:
                layer.freeze(*names)
        metadata = header["metadata"]
        if not isinstance(metadata, dict):
            raise ValueError(f"metadata is {metadata!r:.80}, expected a dict")
    except KeyError as error:
        what = f"{path}: not a complete minimlp model, {error!s:.80} is missing"
        raise ValueError(what) from None
    except (TypeError, ValueError) as error:
        # A message of one line, however long the values are that it quotes.
        words = " ".join(str(error).split()).removeprefix(f"{path} ").removeprefix(f"{path}: ")
        raise ValueError(f"{path}: {words:.{_LONGEST}}") from None
    return {"layers": layers, "parameters": parameters, "rng": None, "metadata": metadata}


def _layers(header: dict[str, Any], arrays: Mapping[str, Any]) -> tuple[Layer, ...]:
    described = header["layers"]
    if not isinstance(described, list):
        raise ValueError(f"layers: expected the description of a Layer each, got {described!r:.80}")
    if len(described) > _MOST_LAYERS:
        raise ValueError(f"there are {len(described):,} layers, expected at most {_MOST_LAYERS:,}")
    for i, description in enumerate(described):
        _check_counts(i, description, arrays)
    layers = tuple(build(description, Layer) for description in described)
    check_chain(layers)
    return layers


def _check_counts(i: int, description: Any, arrays: Mapping[str, Any]) -> None:
    """Refuse a layer with state whose arguments are larger than its arrays in the file.

    Such a layer makes its arrays in ``__init__``, before anyone can compare their shapes. So no
    whole number among its arguments, or those of the pieces it is given, may exceed their entries.
    """
    classes, largest = [], 0
    todo = [description]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            classes.append(registered(Layer).get(str(each.get("class"))))
            todo += each.values()
        elif isinstance(each, list):
            todo += each
        elif isinstance(each, int):
            largest = max(largest, each)
    # A layer of one's own may count other things, and is trusted with what it makes.
    if not any(
        cls and cls.state_names and cls.__module__.startswith("minimlp.") for cls in classes
    ):
        return
    entries = 0
    for name in classes[0].state_names if classes[0] else ():
        shape, dtype = outline(arrays, f"layers[{i}].{name}")
        if dtype in REAL_DTYPES:
            entries = max(entries, math.prod(shape))
    if largest > entries:
        raise ValueError(
            f"layer {i} is {description!r:.80}, but its arrays in the file have {entries} entries"
        )


def _check_outlines(layers: tuple[Layer, ...], arrays: Mapping[str, Any]) -> np.dtype[Any]:
    """Compare the arrays with what the layers need, and give the parameters' dtype."""
    needed = {"parameters": (count_parameters(layers),)}
    for i, layer in enumerate(layers):
        for name in layer.state_names:
            needed[f"layers[{i}].{name}"] = getattr(layer, name).shape
    dtype = outline(arrays, "parameters").dtype
    if dtype not in REAL_DTYPES:
        raise ValueError(f"parameters are {dtype}, expected float32 or float64")
    for name, shape in needed.items():
        found = outline(arrays, name)
        if found.shape != shape:
            raise ValueError(f"{name} has shape {found.shape}, the layers need {shape}")
        if found.dtype.kind != "f":
            raise ValueError(f"{name} holds {found.dtype}, expected numbers with a fraction")
    if others := [name for name in arrays if name not in needed and not is_tables(name)]:
        raise ValueError(f"it holds {others!s:.80}, which no layer has")
    return dtype


def is_tables(name: str) -> bool:
    """Tell whether an array belongs to a table's model, beside its network."""
    return name.startswith("table.")


def _read(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    array = arrays[name]
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity")
    return array
