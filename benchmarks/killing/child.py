"""The process that is killed: one training, which says what it is doing in single letters.

Writing is slowed down, so that there is time to kill within it. The letters go to stdout at once:

    b  training begins                      n  the older generation has moved, the newest has not
    w  a checkpoint begins to be written    d  the newest is in its place
    s  its bytes go to the disk             e  training has ended; the result follows as JSON
    m  its name is about to move
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from trainings import TRAININGS

import minimlp.storage.archive as archive
import minimlp.training.checkpoint as checkpoint

PAUSE = 0.002  # between two steps of writing, seconds


def say(letter: str) -> None:
    os.write(1, letter.encode())


def told(
    function: Callable[..., Any], before: Callable[..., str], after: Callable[..., str]
) -> Any:
    """Let a function say a letter, or none, before and after it is called, and take its time."""

    def slow(*given: Any, **named: Any) -> Any:
        say(before(*given))
        time.sleep(PAUSE)
        result = function(*given, **named)
        say(after(*given))
        time.sleep(PAUSE)
        return result

    return slow


class SlowFile:
    """A file whose bytes reach the system piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, content: Any) -> int:
        time.sleep(PAUSE / 10)
        written = self._file.write(content)
        self._file.flush()
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def slow_down(path: Path) -> None:
    """Write a checkpoint thirty times a second, each of them slowly."""
    checkpoint.SECONDS, checkpoint.SHARE = 0.03, 1.0
    newest, older = str(path), f"{path}.previous"
    moves = {newest: "m", older: "m"}
    has_moved = {newest: "d", older: "n"}
    os.replace = told(
        os.replace,
        lambda _, to: moves.get(str(to), ""),
        lambda _, to: has_moved.get(str(to), ""),
    )
    writing = False  # a checkpoint: callbacks write files of their own
    os.fsync = told(os.fsync, lambda _: "s" if writing else "", lambda _: "")
    write_atomic, write_archive = archive.write_atomic, checkpoint.write_archive

    def slow_atomic(path: Any, write: Callable[[Any], None], **named: Any) -> None:
        write_atomic(path, lambda file: write(SlowFile(file)), **named)

    def slow_archive(*given: Any, **named: Any) -> None:
        nonlocal writing
        say("w")
        writing = True
        write_archive(*given, **named)
        writing = False

    archive.write_atomic, checkpoint.write_archive = slow_atomic, slow_archive


def result(model: Any, history: Any, folder: Path) -> dict[str, Any]:
    """Give whatever must be the same to the last bit; numbers as JSON writes them are exact."""
    return {
        "parameters": hashlib.sha256(model.parameters.tobytes()).hexdigest(),
        "history": history.history,
        "epochs": history.epoch,
        "stopped_because": history.stopped_because,
        "diverged": history.diverged,
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (folder / "log.csv", folder / "best.npz")
            if path.exists()
        },
    }


def main(name: str, seed: str, folder: str, kept: str) -> None:
    """Run a training by name and seed in a folder, with a checkpoint where `kept` says so."""
    np.seterr(over="ignore", invalid="ignore")  # one of them is to diverge
    path = Path(folder) / "checkpoint"
    model, given = TRAININGS[name](int(seed), Path(folder))
    if kept == "kept":
        slow_down(path)
        given["checkpoint"] = path
    say("b")
    history = model.fit(**given)
    print("e" + json.dumps(result(model, history, Path(folder))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
