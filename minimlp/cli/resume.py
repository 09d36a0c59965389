"""``minimlp train --resume DIR``: the options of a run, read back from its record.

What comes back from it goes through the same parser as what is typed on the command line, so that a
file can say nothing that a user could not.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .parser import CommandError, Parser
from .record import RECORD, fingerprint, read_files, training_options
from .words import words

_LARGEST = 1 << 20  # bytes


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
    recorded, finished, files = _read(folder, parser)
    if recorded.data == "-":
        raise CommandError(
            f"{folder}: its table came from standard input and cannot be read again: train anew"
        )
    if finished and options.epochs is None:
        return None
    _check_files(files, recorded)
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


def _read(folder: Path, parser: Parser) -> tuple[argparse.Namespace, bool, dict[str, Any]]:
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
        given, begun_in, files = record["options"], record["folder"], record["files"]
        argv = _typed(given, parser)
        if not isinstance(begun_in, str) or "\0" in begun_in:
            raise ValueError(f"folder is {begun_in!r:.40}")
        if not isinstance(files, dict):
            raise ValueError(f"files is {files!r:.40}")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CommandError(f"{path} is damaged: {words(str(error), 100)}") from error
    try:
        options, unknown = parser.parse_known_args(argv)
    except CommandError as error:
        raise CommandError(f"{path}: {error}") from error
    if unknown:
        raise CommandError(f"{path}: unrecognized options: {' '.join(unknown)}")
    options.folder = begun_in
    return options, record.get("finished") is True, files


def _typed(given: dict[str, Any], parser: Parser) -> list[str]:
    """Give options as they would be typed.

    Raises
    ------
    ValueError
        It is no option of training, or no value of one.
    """
    known = training_options(parser.parse_args([]))
    argv, last = [], []
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"no option {name!r:.40}")
        values = value if isinstance(value, list) else [value]
        kinds = int if name == "hidden" else str | int | float
        if not values or not all(isinstance(each, kinds) for each in values):
            raise ValueError(f"{name} is {value!r:.40}")
        if any("\0" in str(each) for each in values):
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


def _check_files(saved: Any, options: argparse.Namespace) -> None:
    """Refuse a run whose files are not what they were."""
    for role, name in read_files(options).items():
        before = saved.get(role)
        if before is not None and os.path.exists(name) and fingerprint(name) != before:
            raise CommandError(f"{name} has changed since the run was begun: train anew")
