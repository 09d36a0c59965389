"""The folder of a run: a new one each time, and never one that holds somebody's files."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .parser import CommandError

DEFAULT = "minimlp-run"


@contextlib.contextmanager
def output_folder(name: str | None, overwrite: bool) -> Iterator[Path]:
    """Make the folder before the work; where the work fails, take it away again if it is empty.

    Parameters
    ----------
    name : str or None
        The folder the user named, which must not exist unless `overwrite`; None takes the first of
        ``minimlp-run``, ``minimlp-run-2``, ``minimlp-run-3``, … that does not.
    overwrite : bool
        Whether files in the named folder may be replaced.

    Raises
    ------
    CommandError
        The folder exists.
    OSError
        It cannot be made, or not be written to.
    """
    if name is None:
        folder, made = _next_default()
    else:
        folder, made = _named(Path(name), overwrite)
    try:
        with tempfile.TemporaryFile(dir=folder):  # a place that cannot be written to shows here
            pass
        yield folder
    except BaseException:
        _take_away(made)
        raise


def _take_away(made: list[Path]) -> None:
    for each in made:
        with contextlib.suppress(OSError):  # not empty: what was written stays
            each.rmdir()


def _next_default() -> tuple[Path, list[Path]]:
    number, folder = 1, Path(DEFAULT)
    while not _made(folder):
        number += 1
        folder = Path(f"{DEFAULT}-{number}")
    return folder, [folder]


def _made(folder: Path) -> bool:
    """Make the folder, unless something of that name exists; two runs at once never share one."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def _named(folder: Path, overwrite: bool) -> tuple[Path, list[Path]]:
    """Make the folder and what is missing above it; give what was made, innermost first."""
    if overwrite and folder.is_dir():
        return folder, []
    missing = [each for each in folder.parents if not each.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if _made(folder):
            return folder, [folder, *missing]
    except OSError:
        _take_away(missing)
        raise
    if folder.is_dir():
        hint = "give --overwrite to replace the files of a run in it, or another --output"
        raise CommandError(f"{folder} already exists: {hint}")
    raise CommandError(f"{folder} already exists and is no folder")
