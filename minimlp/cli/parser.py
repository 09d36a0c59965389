"""How the command line is read: the kinds of values, and errors of one line."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from ..validation import as_count, as_number

DIVERGED = 1
FAILED = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count


class CommandError(Exception):
    """What the user should know, in one line; ends the command with `status`."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


class Parser(argparse.ArgumentParser):
    """An argparse parser that says in one line what is wrong, and leaves the usage to --help."""

    def error(self, message: str) -> NoReturn:
        raise CommandError(message)


@contextlib.contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Tell what the library says about the user's data and arguments.

    Raises
    ------
    CommandError
    """
    try:
        yield
    except (ValueError, TypeError, ImportError) as error:
        raise CommandError(str(error)) from error


class Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from .. import __version__

        print("minimlp", __version__)
        parser.exit()


def count(low: int) -> Callable[[str], int]:
    """Make the reader of a whole number of at least `low`."""

    def read(text: str) -> int:
        try:
            return as_count("it", int(text), low=low)
        except ValueError:
            raise _unfit(f"a whole number of at least {low}", text) from None

    return read


def number(low: float, below: float = float("inf")) -> Callable[[str], float]:
    """Make the reader of a finite number in [low, below)."""

    def read(text: str) -> float:
        try:
            return as_number("it", float(text), low=low, below=below)
        except ValueError:
            limit = f" and below {below:g}" if below < float("inf") else ""
            raise _unfit(f"a finite number of at least {low:g}{limit}", text) from None

    return read


def probability(text: str) -> float:
    """Read a number above 0 and below 1."""
    with contextlib.suppress(ValueError):
        value = float(text)
        if 0 < value < 1:
            return value
    raise _unfit("a number above 0 and below 1", text)


def share(text: str) -> float | str:
    """Read a share in [0, 1), or the name of a file."""
    try:
        value = float(text)
    except ValueError:
        return text
    if 0 <= value < 1 or os.path.exists(text):
        return value if 0 <= value < 1 else text
    raise _unfit("a share of at least 0 and below 1, or a file", text)


def separator(text: str) -> str:
    """Read one character; ``tab`` and ``\\t`` are the tabulator."""
    found = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(found.encode()) != 1 or found in '"\r\n':
        raise _unfit("one ASCII character, or tab", text)
    return found


def _unfit(wanted: str, text: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"expected {wanted}, got {text!r:.80}")
