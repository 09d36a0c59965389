"""Standard input and output as streams of bytes; a closed one is told, not met."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

from .parser import CommandError


def table_source(name: str) -> str | BinaryIO:
    """Give the file that DATA means: standard input for ``-``."""
    return _bytes_of(sys.stdin, "input") if name == "-" else name


def check_new_file(name: str, overwrite: bool) -> None:
    """Refuse an ``--output`` that is a folder, or a file that may not be replaced.

    Raises
    ------
    CommandError
    """
    if os.path.isdir(name):
        raise CommandError(f"--output {name} is a folder: expected a file")
    if os.path.lexists(name) and not overwrite:
        raise CommandError(f"{name} already exists: give --overwrite to replace it")


def output_bytes() -> BinaryIO:
    """Give standard output."""
    return _bytes_of(sys.stdout, "output")


def _bytes_of(stream: object, which: str) -> BinaryIO:
    found: BinaryIO | None = getattr(stream, "buffer", None)
    if found is None:
        raise CommandError(f"standard {which} is closed, or no stream of bytes: give a file")
    return found
