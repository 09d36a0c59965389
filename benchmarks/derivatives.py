"""What derivatives cost, beside the least they could cost on the same machine in the same run.

A Jacobian is measured against the bare outer products that fill it, a Hessian product against one
gradient. The two sides take turns, so that a machine that slows down slows both; each turn gives a
ratio, and their median is printed.

    python benchmarks/derivatives.py
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from minimlp import MSE, Dense, Identity, Sequential, Tanh, mlp

TURNS = 101


def main() -> None:
    """Print one line a measurement."""
    rng = np.random.default_rng(0)
    print(f"{'':52}{'time':>11}{'bare':>11}{'ratio':>8}")
    for dtype in ("float32", "float64"):
        model = Sequential(Dense(64, 32), Tanh(), Dense(32, 10), dtype=dtype, seed=0)
        x = rng.normal(size=(100, 64)).astype(dtype)
        hidden = np.tanh(x @ model.layers[0].weight)
        delta = rng.normal(size=(100, 10, 32)).astype(dtype)
        unit = np.broadcast_to(np.eye(10, dtype=dtype), (100, 10, 10))

        def outer_products(x: Any = x, h: Any = hidden, d: Any = delta, e: Any = unit) -> Any:
            return np.einsum("bi,bko->bkio", x, d), np.einsum("bi,bko->bkio", h, e)

        show(
            f"Jacobian 64-32-10, 100 rows, {dtype}",
            lambda m=model, x=x: m.jacobian(x),
            outer_products,
        )

    for widths, rows in [((2, 8, 1), 50), ((64, 32, 10), 100), ((64, 128, 128, 10), 256)]:
        model = mlp(*widths, hidden=Tanh, output=Identity, seed=0)
        x, y = rng.normal(size=(rows, widths[0])), rng.normal(size=(rows, widths[-1]))
        gradient = model.value_and_gradient(MSE(), x, y)
        product = model.hessian_product(MSE(), x, y)
        at, direction = model.parameters.copy(), rng.normal(size=model.parameters.size)
        show(
            f"Hessian product {'-'.join(map(str, widths))}, {rows} rows, by a gradient",
            lambda p=product, v=at, d=direction: p(v, d),
            lambda g=gradient, v=at: g(v),
        )


def show(name: str, function: Callable[[], Any], bare: Callable[[], Any]) -> None:
    """Print the medians of both times, and of the ratios of each turn."""
    turns = [(seconds(function), seconds(bare)) for _ in range(TURNS)]
    ratio = median(one / other for one, other in turns)
    own, floor = (median(column) * 1e6 for column in zip(*turns, strict=True))
    print(f"{name:52}{own:8.0f} µs{floor:8.0f} µs{ratio:8.2f}")


def seconds(function: Callable[[], Any]) -> float:
    """Time one call."""
    start = perf_counter()
    function()
    return perf_counter() - start


if __name__ == "__main__":
    main()
