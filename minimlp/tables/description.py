"""A table model's columns and target as JSON-able data, and back, trusting nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .features import Feature
from .target import Classes, Quantities

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from ..sequential import Sequential


def describe_table(features: Sequence[Feature], target: Classes | Quantities) -> dict[str, Any]:
    """Write columns and target as a dict of what JSON can hold."""
    described: dict[str, Any] = {"features": [feature._asdict() for feature in features]}
    if isinstance(target, Classes):
        described["target"] = {"name": target.name, "labels": [*target.labels]}
    else:
        described["target"] = {
            "names": [*target.names],
            "mean": [*target.mean],
            "scale": [*target.scale],
        }
    return described


def read_description(
    path: str | PathLike[str], described: Any, model: Sequential
) -> tuple[tuple[Feature, ...], Classes | Quantities]:
    """Read what `describe_table` wrote, for a model that has to fit it.

    Raises
    ------
    ValueError
        Something is missing, of a wrong kind, or does not fit the model.
    """
    try:
        features = tuple(_feature(each) for each in _list(described["features"], dict))
        target = _target(described["target"])
        _check_unique([*(feature.name for feature in features), *target.names], "column")
        _check_fit(features, target, model)
    except KeyError as error:
        raise ValueError(f"{path}: not a complete table model, {error} is missing") from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: the description of its table is damaged: {error}") from None
    return features, target


def _feature(given: dict[str, Any]) -> Feature:
    name, kind, values = given["name"], given["kind"], tuple(_list(given["values"], str))
    if not isinstance(name, str) or kind not in ("number", "text", "boolean"):
        raise ValueError(f"a column is {given!r:.80}")
    if bool(values) == (kind == "number"):
        raise ValueError(f"column {name!r:.40} of kind {kind} has {len(values)} values")
    _check_unique(values, "value")
    if not name.strip() or (kind == "boolean" and set(values) - {"false", "true"}):
        raise ValueError(f"a column is {given!r:.80}")
    return Feature(name, kind, values)


def _target(given: Any) -> Classes | Quantities:
    if "labels" in given:
        labels = _list(given["labels"], str, bool, int, float)
        if not isinstance(given["name"], str) or len({type(label) for label in labels}) != 1:
            raise ValueError(f"the target is {given!r:.80}")
        if any(isinstance(label, int | float) and not abs(label) < 2**53 for label in labels):
            raise ValueError(f"the target is {given!r:.80}")
        _check_unique(labels, "label")
        return Classes(given["name"], tuple(labels))
    names = _list(given["names"], str)
    mean, scale = _list(given["mean"], float), _list(given["scale"], float)
    if not names or not len(names) == len(mean) == len(scale):
        raise ValueError(f"the targets are {given!r:.80}")
    if not all(map(math.isfinite, (*mean, *scale))) or min(scale) <= 0:
        raise ValueError("mean or scale of a target is not finite, or a scale is not positive")
    return Quantities(tuple(names), tuple(mean), tuple(scale))


def _list(given: Any, *kinds: type) -> list[Any]:
    if not isinstance(given, list) or not all(type(each) in kinds for each in given):
        raise ValueError(f"expected a list of {kinds[0].__name__}, got {given!r:.80}")
    return given


def _check_unique(names: Sequence[Any], what: str) -> None:
    if len(set(names)) < len(names):
        raise ValueError(f"a {what} is there twice")


def _check_fit(
    features: Sequence[Feature], target: Classes | Quantities, model: Sequential
) -> None:
    inputs = sum(feature.width for feature in features)
    outputs = inputs
    for layer in model.layers:
        outputs = layer.output_width(outputs)
    if outputs != target.outputs:
        raise ValueError(
            f"columns and target need a network of {inputs} inputs and {target.outputs} outputs"
        )
