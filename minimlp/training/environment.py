"""What the bits of a result depend on besides the call: NumPy, its BLAS kernel, the threads."""

from __future__ import annotations

import contextlib
import platform
from pathlib import Path

import numpy as np


def environment() -> dict[str, str | int]:
    """Name the versions, the BLAS kernel and the number of its threads.

    Only the OpenBLAS that NumPy's own packages hold can be asked; of another one, kernel and
    threads are ``"unknown"``.
    """
    kernel, threads = _openblas()
    return {
        "NumPy": np.__version__,
        "processor": platform.machine(),
        "BLAS kernel": kernel,
        "BLAS threads": threads,
    }


def _openblas() -> tuple[str, str | int]:
    import ctypes

    package = Path(np.__file__).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    for file in sorted(file for folder in folders for file in folder.glob("*openblas*")):
        with contextlib.suppress(OSError):  # a library that cannot be opened is not the one in use
            library = ctypes.CDLL(str(file))
            for prefix, suffix in (
                ("scipy_openblas", "64_"),
                ("openblas", "64_"),
                ("openblas", ""),
            ):
                kernel = getattr(library, f"{prefix}_get_corename{suffix}", None)
                threads = getattr(library, f"{prefix}_get_num_threads{suffix}", None)
                if kernel is not None and threads is not None:
                    kernel.restype = ctypes.c_char_p
                    return kernel().decode(), int(threads())
    return "unknown", "unknown"
