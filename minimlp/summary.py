"""A model at a glance: one line a layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .objective import Model


def summary(model: Model) -> str:
    """Describe the model as a table: layers, widths, parameters, what is frozen.

    Examples
    --------
    >>> from minimlp import Sigmoid, mlp
    >>> print(mlp(64, 32, 10, output=Sigmoid, seed=0).summary())
        layer          outputs  parameters  frozen
    ──────────────────────────────────────────────
    0   Dense(64, 32)       32       2,080
    1   Sigmoid()           32           0
    2   Dense(32, 10)       10         330
    3   Sigmoid()           10           0
    ──────────────────────────────────────────────
    64 inputs, 10 outputs, 2,410 parameters, float64 (18.8 KB)
    """
    rows = [("", "layer", "outputs", "parameters", "frozen")]
    width = model.input_width
    trained = 0
    for i, layer in enumerate(model.layers):
        width = None if width is None else layer.output_width(width)
        sizes = {name: math.prod(shape) for name, shape in layer.parameter_shapes().items()}
        trained += sum(size for name, size in sizes.items() if name not in layer.frozen)
        number = f"{sum(sizes.values()):,}"
        outputs = "any" if width is None else f"{width:,}"
        rows.append((str(i), repr(layer), outputs, number, ", ".join(sorted(layer.frozen))))
    wide = [max(len(row[column]) for row in rows) for column in range(5)]
    first = max(2, wide[0])
    lines = [
        f"{i:<{first}}  {layer:<{wide[1]}}  {outputs:>{wide[2]}}  {number:>{wide[3]}}  {frozen}"
        for i, layer, outputs, number, frozen in rows
    ]
    rule = "─" * max(len(line) for line in lines)
    size = model.parameters.size
    total = f"{size:,} parameters"
    if trained < size:
        total += f" ({size - trained:,} frozen)"
    ends = f"{model.input_width or 'any'} inputs, {'any' if width is None else width} outputs"
    memory = f"{model.dtype} ({model.parameters.nbytes / 1024:,.1f} KB)"
    body = [line.rstrip() for line in lines]
    return "\n".join([body[0], rule, *body[1:], rule, f"{ends}, {total}, {memory}"])
