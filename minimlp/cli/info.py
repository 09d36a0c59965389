"""``minimlp info``: what is in a model file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .parser import CommandError

if TYPE_CHECKING:
    from ..sequential import Sequential

_EXAMPLES = """\
examples:
  minimlp info minimlp-run             a folder that minimlp train made
  minimlp info minimlp-run/model.npz   a model file, from model.save too
"""


def add_command(commands: Any) -> None:
    """Add ``info`` to the commands."""
    parser = commands.add_parser(
        "info",
        help="show architecture, parameters and test figures of a model file",
        description="Show a model's architecture and parameters, and the settings and test\n"
        "figures that were recorded when it was trained.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("model", metavar="MODEL", help="a model file, or the folder of a run")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what the file holds."""
    path = Path(options.model)
    if path.is_dir():
        path /= "model.npz"
    model = _load(path)
    print(f"{path}\n\n{model.summary()}\n")
    if model.metadata:
        print("\n".join(_lines(model.metadata)))
    else:
        print("no settings or test figures were recorded")
    return 0


def _load(path: Path) -> Sequential:
    from ..sequential import Sequential

    try:
        return Sequential.load(path)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _lines(recorded: Any) -> list[str]:
    """Lay out a file's metadata, which may be anything JSON can hold."""
    if not isinstance(recorded, dict):
        return [_words(recorded)]
    lines = []
    for name, value in recorded.items():
        if isinstance(value, dict):
            wide = max((len(_words(key)) for key in value), default=0)
            lines.append(_words(name))
            lines += [f"  {_words(key):<{wide}}  {_words(value[key])}" for key in value]
        else:
            lines.append(f"{_words(name)}: {_words(value)}")
    return lines


def _words(value: Any) -> str:
    """Write a value in one line that no file can use to steer the terminal."""
    if isinstance(value, list):
        return " ".join(_words(item) for item in value)
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return "".join(letter if letter.isprintable() else "?" for letter in text)
