"""How much memory there is, asked before a matrix of P × P numbers is made."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ..objective import Model
from ..parameters import which_train

# Of P × P numbers that are held at once: of two places, damped, and what LAPACK copies.
_MATRICES = 6
_GROUP = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def check_memory(work: str, model: Model, instead: str) -> None:
    """Refuse a network whose normal equations have no room.

    Raises
    ------
    ValueError
        With the number of parameters, what they need, and the alternative.
    """
    parameters = int(which_train(model.layers).sum())
    needed, there = _MATRICES * 8 * parameters**2, memory()
    if there is not None and needed > there:
        raise ValueError(
            f"{work} works with matrices of {parameters:,} x {parameters:,} numbers, for the "
            f"{parameters:,} parameters that train: they need {needed:,} bytes, and there are "
            f"{there:,}; {instead}"
        )


def memory() -> int | None:
    """Give the bytes that are free, or else all that there are; None where nothing says."""
    found = []
    with suppress(OSError, ValueError, IndexError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(line for line in lines if line.startswith("MemAvailable"))
        found.append(int(free.split()[1]) * 1024)
    for limit in _GROUP:
        with suppress(OSError, ValueError):  # "max" is no limit
            found.append(int(Path(limit).read_text()))
    if not found and hasattr(os, "sysconf"):
        with suppress(OSError, ValueError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(found, default=None)
