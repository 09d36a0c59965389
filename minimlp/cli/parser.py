"""How the command line is read: the kinds of values, and errors of one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from ..validation import as_count, as_number

FAILED = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count


class CommandError(Exception):
    """What the user should know, in one line; ends the command with status 2."""


class Parser(argparse.ArgumentParser):
    """An argparse parser that says in one line what is wrong, and leaves the usage to --help."""

    def error(self, message: str) -> NoReturn:
        raise CommandError(message)


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


def _unfit(wanted: str, text: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"expected {wanted}, got {text!r:.80}")
