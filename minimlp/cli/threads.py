"""How many threads the matrix products take."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from typing import Any


def one_blas_thread() -> AbstractContextManager[Any]:
    """Keep small products to one processor: BLAS's other threads would spin, waiting for work.

    Beside other programs they wait for a processor instead, at each of many thousand products.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:  # slower, and as right
        return contextlib.nullcontext()
    return threadpool_limits(1, "blas")  # type: ignore[no-any-return]
