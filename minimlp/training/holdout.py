"""What trains and what is held out: data checked, parted and weighted before training begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..objective import Objective, Samples, mean_one
from ..validation import as_number, as_weights
from .weights import row_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def hold_out(
    objective: Objective,
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: Any,
    validation_data: Any,
    validation_split: Any,
) -> tuple[Samples, Samples | None]:
    """Give the samples that train and those that validate, if any; arguments as `fit` takes them.

    Weights are scaled to mean 1 over each part. The class weight is for training alone, as in
    Keras, and ``"balanced"`` counts the rows that train.

    Raises
    ------
    TypeError, ValueError
        An argument that does not fit, by name.
    """
    share = as_number("validation_split", validation_split, low=0, below=1)
    whole = objective.samples(x, y)
    rows = len(whole.x)
    stop = int(rows * (1 - share))
    if share and stop in (0, rows):
        left_out = "train on" if stop == 0 else "hold out"
        raise ValueError(f"validation_split={share} of {rows} rows leaves none to {left_out}")
    weight = None if sample_weight is None else as_weights("sample_weight", sample_weight, rows)
    train = _part(whole, slice(0, stop), weight, class_weight)
    if validation_data is None:
        return train, _part(whole, slice(stop, rows), weight, None) if share else None
    if share:
        raise ValueError("validation_data and validation_split are both given: give one")
    if not isinstance(validation_data, tuple | list) or len(validation_data) not in (2, 3):
        given = type(validation_data).__name__
        if isinstance(validation_data, tuple | list):
            given += f" of length {len(validation_data)}"
        raise TypeError(
            f"validation_data must be a tuple (x, y) or (x, y, sample_weight), got a {given}"
        )
    return train, objective.samples(*validation_data, names="validation_data {}")


def _part(
    whole: Samples, rows: slice, weight: NDArray[np.float64] | None, class_weight: Any
) -> Samples:
    x, target = whole.x[rows], whole.target[rows]
    weight = row_weights(None if weight is None else weight[rows], class_weight, target)
    if weight is None:
        return Samples(x, target, None)
    if not weight.any():
        zero = "sample_weight is" if class_weight is None else "sample_weight × class_weight are"
        raise ValueError(f"{zero} zero for all rows {rows.start} to {rows.stop - 1}")
    return Samples(x, target, mean_one(weight).astype(x.dtype))
