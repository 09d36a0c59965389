"""Which machine, which versions, how many threads: without them a figure says nothing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any


def use_threads(threads: int) -> None:
    """Keep this process to `threads` processors; call it before any library is imported.

    The libraries make as many threads as they may use processors. Where the system cannot pin a
    process, the variables that OpenMP and OpenBLAS read must do.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)
    if sys.platform == "linux":
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[:threads])


def processors() -> int:
    """Count the processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def machine(packages: Iterable[str], threads: int | None = None) -> dict[str, Any]:
    """Describe the machine and the versions of those of `packages` that are installed."""
    versions = {}
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    return {
        "processor": processor(),
        "processors": processors(),
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions,
        "blas": blas(),
    }


def heading(about: dict[str, Any]) -> str:
    """Write the description as lines for a person."""
    threads = "" if about["threads"] is None else f", {about['threads']} threads"
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    return (
        f"{about['processor']}, {about['processors']} processors{threads}, {about['system']}\n"
        f"Python {about['python']}, {versions}\n"
        f"NumPy's BLAS: {about['blas']}"
    )


def processor() -> str:
    """Name the processor as the system does."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def blas() -> str:
    """Name NumPy's matrix product library, and its kernel and threads where that can be told."""
    import numpy as np

    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[index,call-overload]
    with suppress(ImportError):
        from threadpoolctl import threadpool_info

        for pool in threadpool_info():
            if "numpy" in pool["filepath"]:
                kernel = pool.get("architecture", "")
                return (
                    f"{pool['internal_api']} {pool['version']} {kernel}, "
                    f"{pool['num_threads']} threads"
                )
    return f"{built['name']} {built['version']}"
