"""Reading the command line: one line says what is wrong."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and leaves the usage to --help."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def at_least(low: int) -> Callable[[str], int]:
    """Make the reader of a whole number of at least `low`."""

    def whole(text: str) -> int:
        if not text.isdecimal() or int(text) < low:
            raise argparse.ArgumentTypeError(
                f"expected a whole number of at least {low}, got {text!r:.80}"
            )
        return int(text)

    return whole
