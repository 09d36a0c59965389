"""The memory that this process holds, and the most that it has held."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def most_memory() -> int:
    """Give bytes of resident memory at its highest; 0 where the system does not tell."""
    with contextlib.suppress(OSError):
        _, _, rest = _STATUS.read_text().partition("VmHWM:")
        if rest:
            return 1024 * int(rest.split()[0])
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def memory_now() -> int:
    """Give bytes of resident memory; 0 where the system does not tell."""
    with contextlib.suppress(OSError):
        _, _, rest = _STATUS.read_text().partition("VmRSS:")
        if rest:
            return 1024 * int(rest.split()[0])
    return most_memory()


def forget_most() -> None:
    """Begin anew with what is held now, where the system allows it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
