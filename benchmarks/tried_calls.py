"""Ideas of `tried` for single calls, and what all ideas are made of."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from measuring.rounds import Run
from numpy import add, exp, multiply, negative, reciprocal
from numpy.typing import NDArray

from minimlp import Sigmoid
from minimlp.constants import constant, ones

Array = NDArray[Any]
Call = Callable[[], object]


class Trial(NamedTuple):
    """One idea on arrays of one shape. What both write is `results`, in the same arrays."""

    idea: str
    where: str
    as_is: Run
    with_idea: Run
    results: Sequence[Array]
    steps: int = 1  # in a unit of what runs


def often(call: Call) -> Run:
    """Make the call as often as told."""

    def run(times: int) -> None:
        for _ in repeat(None, times):
            call()

    return run


def in_order(*calls: Call) -> Run:
    """Make all calls, one after the other, as often as told."""

    def step() -> None:
        for call in calls:
            call()

    return often(step)


def normal(*shape: int, dtype: str = "float32") -> Array:
    """Draw numbers of a usual size."""
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def matmul() -> Iterator[Trial]:
    x, weight, h = normal(32, 64), normal(64, 32), normal(32, 32)
    as_is, idea = partial(x.dot, weight, h), partial(np.matmul, x, weight, h)
    yield Trial(
        "np.matmul(x, W, h), for x.dot(W, h)", "32×64·64×32", often(as_is), often(idea), [h]
    )


def np_sum() -> Iterator[Trial]:
    """Sum the rows of δ, as for the gradient of a bias."""
    for rows, width in ((32, 32), (256, 512)):
        delta, out = normal(rows, width), normal(width)
        as_is = often(partial(ones(rows, delta.dtype).dot, delta, out))
        for name, idea in (
            ("np.sum(δ, axis=0, out=b)", partial(np.sum, delta, axis=0, out=out)),
            ("np.add.reduce(δ, 0, None, b)", partial(add.reduce, delta, 0, None, out)),
        ):
            yield Trial(f"{name}, for ones.dot(δ, b)", f"{rows}×{width}", as_is, often(idea), [out])


def python_float() -> Iterator[Trial]:
    for rows, width in ((1, 2), (32, 32)):
        x, y = normal(rows, width), normal(rows, width)
        as_is, idea = partial(multiply, x, constant(0.5, x.dtype), y), partial(multiply, x, 0.5, y)
        name = "a Python float as a factor, for an array without axes"
        yield Trial(name, f"{rows}×{width}", often(as_is), often(idea), [y])


def copyto() -> Iterator[Trial]:
    """Copy x beside a column of ones."""
    for rows, width in ((1, 64), (32, 64)):
        x, part = normal(rows, width), normal(rows, width + 1)[:, :-1]
        as_is, idea = partial(operator.setitem, part, ..., x), partial(np.copyto, part, x)
        name = "np.copyto(part, x), for part[...] = x"
        yield Trial(name, f"{rows}×{width}", often(as_is), often(idea), [part])


def operators() -> Iterator[Trial]:
    for rows, width in ((1, 2), (32, 32)):
        y, sign = normal(rows, width), np.array(-1, "float32")  # any other would end in 0 or inf
        as_is, idea = partial(multiply, y, sign, y), partial(operator.imul, y, sign)
        name = "y *= factor, for multiply(y, factor, y)"
        yield Trial(name, f"{rows}×{width}", often(as_is), often(idea), [y])


def sigmoid_of_exp() -> Iterator[Trial]:
    for dtype in ("float32", "float64"):
        for rows, width in ((32, 32), (256, 512)):
            h, y = normal(rows, width, dtype=dtype), normal(rows, width, dtype=dtype)
            as_is, _ = Sigmoid().plan(h, y, None, None)
            idea = logistic(h, y)
            name = "sigmoid as 1/(1 + exp(-h)), for ½ + ½·tanh(½·h)"
            yield Trial(name, f"{rows}×{width}, {dtype}", often(as_is), often(idea), [y])


def logistic(h: Array, y: Array) -> Call:
    one = constant(1, h.dtype)

    def forward() -> None:
        negative(h, y)
        exp(y, y)
        add(y, one, y)
        reciprocal(y, y)

    return forward


def sigmoid_in_blocks() -> Iterator[Trial]:
    """Let all calls of a block find it in the first cache."""
    rows, width, block = 256, 512, 16  # rows of a block: 8,192 entries
    h, y, dy, dx = (normal(rows, width) for _ in range(4))
    whole = Sigmoid().plan(h, y, dy, dx)
    parts = [slice(start, start + block) for start in range(0, rows, block)]
    blocks = [Sigmoid().plan(*(each[part] for each in (h, y, dy, dx))) for part in parts]
    for i, name in enumerate(("forward", "backward")):
        as_is, idea = often(whole[i]), in_order(*(block[i] for block in blocks))
        name = f"sigmoid {name} in blocks of {block} rows, for all rows at once"
        yield Trial(name, f"{rows}×{width}", as_is, idea, [y, dx])


IDEAS = (matmul, np_sum, python_float, copyto, operators, sigmoid_of_exp, sigmoid_in_blocks)
