"""``run.json``: the options of a run, from which it can be taken up again.

It is written before training. What comes back from it goes through the same parser as what is typed
on the command line, so that a file can say nothing that a user could not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .output import output_folder
from .parser import CommandError, Parser
from .words import words

RECORD = "run.json"
CHECKPOINT = "checkpoint.npz"  # of a run that trains one network
CHECKPOINTS = "checkpoint"  # a folder with one for each network

_APART = ("resume", "output", "overwrite", "quiet")  # of the command, not of the training
_LARGEST = 1 << 20  # bytes


@contextlib.contextmanager
def run_folder(options: argparse.Namespace) -> Iterator[Path]:
    """Make a run's folder with the record in it; where the work fails at once, leave nothing.

    Raises
    ------
    CommandError, OSError
        As for `output_folder`.
    """
    with output_folder(options.output, options.overwrite) as folder:
        if options.resume is None:
            remove_checkpoints(folder)
        write_record(folder, options)
        try:
            yield folder
        except BaseException:
            kept = [each for each in (CHECKPOINT, CHECKPOINTS) if (folder / each).exists()]
            if options.resume is None and not kept:
                (folder / RECORD).unlink(missing_ok=True)
            raise


def remove_checkpoints(folder: Path) -> None:
    """Remove what a run would go on from."""
    found = [folder / CHECKPOINT, folder / f"{CHECKPOINT}.previous"]
    inner = folder / CHECKPOINTS
    if inner.is_dir() and not inner.is_symlink():
        found += [each for pattern in ("*.npz", "*.npz.*") for each in inner.glob(pattern)]
    for file in found:
        file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # there is none, or it holds somebody's files
        inner.rmdir()


def write_record(folder: Path, options: argparse.Namespace, *, finished: bool = False) -> None:
    """Write down what was asked for, and whether it is done."""
    from .. import __version__
    from ..storage import write_atomic

    record = {
        "minimlp": __version__,
        "folder": options.folder,
        "options": {name: value for name, value in _training(options).items() if value is not None},
        "finished": finished,
    }
    content = (json.dumps(record, indent=1) + "\n").encode()

    def write(file: BinaryIO) -> None:
        file.write(content)

    write_atomic(folder / RECORD, write, temporary=f"{RECORD}.writing")


def _training(options: argparse.Namespace) -> dict[str, Any]:
    apart = (*_APART, "run", "unknown_hint", "folder")
    return {
        name: None if value is False else value
        for name, value in vars(options).items()
        if name not in apart
    }


def resumed(options: argparse.Namespace, add_options: Callable[[Parser], None]) -> Any:
    """Give the options that a run was begun with; None where it is finished.

    Parameters
    ----------
    options : Namespace
        Those given now: ``--resume``, and perhaps ``--epochs`` and ``-q``.
    add_options : function
        Adds the options of ``minimlp train`` to a parser.

    Raises
    ------
    CommandError
        Others are given as well, or the record cannot be used.
    """
    parser = Parser(add_help=False, allow_abbrev=False)
    add_options(parser)
    for name, value in vars(options).items():
        known = name in ("resume", "quiet", "epochs", "run", "unknown_hint", "folder")
        if not known and value != parser.get_default(name):
            what = name if name == "data" else "--" + name.replace("_", "-")
            raise CommandError(
                f"--resume goes on with the options of the run: {what} cannot be given as well, "
                f"only -q and --epochs"
            )
    folder = Path(options.resume)
    recorded, finished = _read(folder, parser)
    if recorded.data == "-":
        raise CommandError(
            f"{folder}: its table came from standard input and cannot be read again: train anew"
        )
    if finished and options.epochs is None:
        return None
    if options.epochs is not None:
        _check_epochs(recorded, options.epochs)
        recorded.epochs = options.epochs
    recorded.output, recorded.overwrite, recorded.resume = str(folder), True, options.resume
    recorded.quiet = options.quiet
    return recorded


def _check_epochs(recorded: argparse.Namespace, epochs: int) -> None:
    if recorded.data is not None:
        raise CommandError(
            "--epochs cannot change what a table's networks are trained by: leave it out, or train "
            "anew"
        )
    if recorded.schedule not in (None, "constant"):
        raise CommandError(
            f"--epochs cannot change with --schedule {recorded.schedule}, which is laid out over "
            f"them: train anew"
        )
    if recorded.epochs is not None and epochs < recorded.epochs:
        raise CommandError(f"--epochs {epochs} is less than the run's {recorded.epochs}")


def _read(folder: Path, parser: Parser) -> tuple[argparse.Namespace, bool]:
    path = folder / RECORD
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        if folder.is_dir():
            raise CommandError(f"{folder} has no {RECORD}: it is no run to go on with") from None
        raise
    try:
        if len(content) > _LARGEST:
            raise ValueError("too large")
        record = json.loads(content)
        given, begun_in = record["options"], record["folder"]
        argv = _typed(given, parser)
        if not isinstance(begun_in, str):
            raise ValueError(f"folder is {begun_in!r:.40}")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CommandError(f"{path} is damaged: {words(str(error), 100)}") from error
    try:
        options, unknown = parser.parse_known_args(argv)
    except CommandError as error:
        raise CommandError(f"{path}: {error}") from error
    if unknown:
        raise CommandError(f"{path}: unrecognized options: {' '.join(unknown)}")
    options.folder = begun_in
    return options, record.get("finished") is True


def _typed(given: dict[str, Any], parser: Parser) -> list[str]:
    """Give options as they would be typed.

    Raises
    ------
    ValueError
        It is no option of training, or no value of one.
    """
    known = _training(parser.parse_args([]))
    argv, last = [], []
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"no option {name!r:.40}")
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, str | int | float) for each in values):
            raise ValueError(f"{name} is {value!r:.40}")
        option = "--" + name.replace("_", "-")
        if name == "data":
            last = ["--", *map(str, values)]
        elif value is True:
            argv.append(option)
        elif name == "hidden":
            argv += [option, *map(str, values)]
        else:
            argv += [f"{option}={each}" for each in values]
    return argv + last


def located(name: Any, options: argparse.Namespace) -> Any:
    """Give a file's name as it is to be opened here, where the run was begun in another folder."""
    if not isinstance(name, str) or name == "-" or options.folder == os.getcwd():
        return name
    return os.path.join(options.folder, name)
