"""``run.json``: the options of a run, from which it can be taken up again.

It is written before training. What comes back from it goes through the same parser as what is typed
on the command line, so that a file can say nothing that a user could not.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .output import output_folder
from .parser import CommandError

RECORD = "run.json"
CHECKPOINT = "checkpoint.npz"  # of a run that trains one network
CHECKPOINTS = "checkpoint"  # a folder with one for each network

_APART = ("resume", "output", "overwrite", "quiet")  # of the command, not of the training


@contextlib.contextmanager
def run_folder(options: argparse.Namespace) -> Iterator[Path]:
    """Make a run's folder with the record in it; where the work fails at once, leave nothing.

    Raises
    ------
    CommandError, OSError
        As for `output_folder`.
    """
    with output_folder(options.output, options.overwrite) as folder:
        record = folder / RECORD
        before = record.read_bytes() if record.is_file() else None
        if options.resume is None and before is not None:
            remove_checkpoints(folder)
        write_record(folder, options)
        try:
            yield folder
        except BaseException as error:
            _remove_if_empty(folder / CHECKPOINTS)
            kept = [each for each in (CHECKPOINT, CHECKPOINTS) if (folder / each).exists()]
            refused = isinstance(error, CommandError) and options.resume is not None
            if before is not None and (refused or not kept):
                _write(record, before)
            elif options.resume is None and not kept:
                record.unlink(missing_ok=True)
            raise


def remove_checkpoints(folder: Path) -> None:
    """Remove what a run would go on from."""
    inner = folder / CHECKPOINTS
    found = [folder / name for name in _generations(CHECKPOINT)]
    if inner.is_dir() and not inner.is_symlink():
        for number in itertools.count(1):
            files = [inner / name for name in _generations(f"network-{number}.npz")]
            if not any(map(os.path.lexists, files)):
                break
            found += files
    for file in found:
        file.unlink(missing_ok=True)
    _remove_if_empty(inner)


def _generations(name: str) -> list[str]:
    return [name + ending for ending in ("", ".previous", ".next", ".writing")]


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # there is none, or it holds files
        folder.rmdir()


def write_record(folder: Path, options: argparse.Namespace) -> None:
    """Write down what was asked for, before it is done."""
    from .. import __version__

    record = {
        "minimlp": __version__,
        "folder": options.folder,
        "options": {
            name: value for name, value in training_options(options).items() if value is not None
        },
        "files": {role: fingerprint(name) for role, name in read_files(options).items()},
        "finished": False,
    }
    _write(folder / RECORD, (json.dumps(record, indent=1) + "\n").encode())


def mark_finished(folder: Path) -> None:
    """Write down that all is done."""
    record = json.loads((folder / RECORD).read_bytes())
    _write(folder / RECORD, (json.dumps({**record, "finished": True}, indent=1) + "\n").encode())


def _write(path: Path, content: bytes) -> None:
    from ..storage import write_atomic

    def write(file: BinaryIO) -> None:
        file.write(content)

    write_atomic(path, write, temporary=f"{path.name}.writing")


def read_files(options: argparse.Namespace) -> dict[str, str]:
    """Name the files that a run learns from and is tested on, by their role."""
    named = {role: getattr(options, role) for role in ("data", "validation", "test")}
    return {
        role: located(name, options)
        for role, name in named.items()
        if isinstance(name, str) and name != "-"
    }


def fingerprint(name: str) -> str | None:
    """Give a hash of a file; None of a pipe, which can be read only once."""
    import hashlib

    if not os.path.isfile(name):
        return None

    digest = hashlib.blake2b(digest_size=16)
    with open(name, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def training_options(options: argparse.Namespace) -> dict[str, Any]:
    apart = (*_APART, "run", "unknown_hint", "folder")
    return {
        name: None if value is False else value
        for name, value in vars(options).items()
        if name not in apart
    }


def located(name: Any, options: argparse.Namespace) -> Any:
    """Give a file's name as it is to be opened here, where the run was begun in another folder."""
    if not isinstance(name, str) or name == "-" or options.folder == os.getcwd():
        return name
    return os.path.join(options.folder, name)
