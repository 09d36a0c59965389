"""Whole processes, timed in turns from their start to their end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from time import perf_counter

Command = Sequence[str]


class ProcessError(Exception):
    """A process failed; the message is the last line it wrote to stderr."""


def run(command: Command) -> str:
    """Give what a process prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.split("\n")
        raise ProcessError(next(filter(None, reversed(lines)), f"exit code {done.returncode}"))
    return done.stdout


def attempt(name: str, command: Command) -> str | None:
    """Give what a process prints; report one that fails by name, in one line."""
    try:
        return run(command)
    except ProcessError as error:
        print(f"{name} fails: {error}", file=sys.stderr)
        return None


def in_turns(commands: Mapping[str, Command], rounds: int) -> dict[str, list[float]]:
    """Give each process's seconds, round by round, without those that fail.

    Each runs once before: that compiles to bytecode and reads the files from the disk.
    """
    names = [name for name, command in commands.items() if attempt(name, command) is not None]
    times: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % max(1, len(names))
        for name in names[first:] + names[:first]:
            start = perf_counter()
            run(commands[name])
            times[name].append(perf_counter() - start)
    return times
