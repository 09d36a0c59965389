"""A model as one file: what it is made of as JSON, its numbers as arrays, and no code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .layers import Layer
from .parameters import check_chain, count_parameters
from .registry import build, describe
from .storage import read_archive, write_archive
from .validation import REAL_DTYPES

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    from .objective import Model


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
    except (TypeError, ValueError) as error:
        raise TypeError(f"metadata must be a dict of what JSON can hold: {error}") from None
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
    path: str | PathLike[str], header: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> dict[str, Any]:
    """Make the state of a `Sequential` of what a file held; errors as of `load_model`."""
    try:
        layers = _layers(header)
        parameters = arrays["parameters"]
        if parameters.dtype not in REAL_DTYPES:
            raise ValueError(f"parameters are {parameters.dtype}, expected float32 or float64")
        _check(arrays, "parameters", (count_parameters(layers),))
        for i, layer in enumerate(layers):
            for name in layer.state_names:
                member = f"layers[{i}].{name}"
                _check(arrays, member, getattr(layer, name).shape)
                setattr(layer, name, arrays[member])
        for layer, names in zip(layers, header["frozen"], strict=True):
            if names:
                layer.freeze(*names)
        metadata = header["metadata"]
        if not isinstance(metadata, dict):
            raise ValueError(f"metadata is {metadata!r:.80}, expected a dict")
    except KeyError as error:
        raise ValueError(f"{path}: not a complete minimlp model, {error} is missing") from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
    return {"layers": layers, "parameters": parameters, "rng": None, "metadata": metadata}


def _layers(header: dict[str, Any]) -> tuple[Layer, ...]:
    layers = tuple(build(description, Layer) for description in header["layers"])
    check_chain(layers)
    return layers


def _check(arrays: dict[str, Any], name: str, shape: tuple[int, ...]) -> None:
    array = arrays[name]
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, the layers need {shape}")
    if array.dtype.kind != "f" or not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN, infinity or something that is no number")
