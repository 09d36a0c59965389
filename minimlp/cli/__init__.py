"""The command line: ``minimlp train``, ``predict``, ``evaluate``, ``info`` and ``explain``.

Each command is a file with two functions: `add_command` says which options there are, `run` does
the work and gives the exit status. Whatever goes wrong is told in one line on standard error.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys

from . import evaluate, explain, info, predict, train
from .parser import FAILED, INTERRUPTED, CommandError, Parser, Version
from .words import words

_LONGEST = 2000  # of what is told on standard error


def main(argv: list[str] | None = None) -> int:
    """Run the command ``minimlp``.

    Parameters
    ----------
    argv : list of str, optional
        What follows the command's name; ``sys.argv[1:]`` unless given.

    Returns
    -------
    int
        The exit status: 0, 1 where training diverged, 2 for any error, 130 after Ctrl-C.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a character gets its code, not a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = _run(argv)
        if sys.stdout is not None:
            sys.stdout.flush()
    except CommandError as error:
        return _fail(str(error), error.status)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        return FAILED
    except OSError as error:
        where = "" if error.filename is None else f"{os.fsdecode(error.filename) or repr('')}: "
        return _fail(f"{where}{error.strerror or error}")
    except MemoryError as error:
        return _fail(f"not enough memory: {error}")
    return status


def _run(argv: list[str] | None) -> int:
    parser = _make_parser()
    try:
        options, unknown = parser.parse_known_args(argv)
    except SystemExit as stop:  # argparse's way to end --help and --version
        return int(stop.code or 0)
    if unknown:
        raise CommandError(f"unrecognized arguments: {' '.join(unknown)}{options.unknown_hint}")
    if options.run is None:
        parser.print_help()
        return 0
    return int(options.run(options))


def _make_parser() -> Parser:
    """Make the parser of ``minimlp`` with all its commands."""
    parser = Parser(
        prog="minimlp",
        description="Train small multi-layer perceptrons on tables, and predict with them.",
        epilog="minimlp COMMAND --help shows a command's options and examples.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=Version, nargs=0, help="print the version")
    parser.set_defaults(run=None, unknown_hint="")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands", parser_class=Parser)
    for command in (train, predict, evaluate, info, explain):
        command.add_command(commands)
    return parser


def _fail(message: str, status: int = FAILED) -> int:
    _drop_output()
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print("minimlp: error:", words(" ".join(message.split()), _LONGEST), file=sys.stderr)
    return status


def _drop_output() -> None:
    """Forget what a closed pipe or a full disk cannot take: Python would try again at its end."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
