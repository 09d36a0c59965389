"""Trainings killed by the thousand: each goes on from its checkpoint and ends with the same bits.

A training runs as a process that is killed (SIGKILL) at a random moment, before its first
checkpoint, between two or in the middle of writing one, and is started again until it comes to its
end. Its parameters, history, files and reason to stop must be those of the same training that was
never interrupted.

    python benchmarks/kill.py            # 1,000 kills
    python benchmarks/kill.py 25 --seed 1 --workers 1
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from measuring.machine import heading, machine, processors
from measuring.options import Parser, at_least

CHILD = Path(__file__).parent / "killing" / "child.py"
NAMES = ("adam", "sgd", "float32", "adamw", "nadam", "diverging")
SEEDS = 4  # of each training, so that the uninterrupted one runs as often
PHASES = {
    "": "before training",
    "b": "in training",
    "d": "in training",
    "w": "while writing: bytes",
    "s": "while writing: to the disk",
    "m": "while writing: before a move",
    "n": "while writing: between the moves",
    "e": "after the end",
}
LONGEST = 0.5  # seconds that a process lives after training began; shorter than a training
WRITING, PAUSE = 0.05, 0.002  # seconds that writing takes, about, and a pause within it
STARTING = 0.5  # seconds from the start of a process to its first checkpoint, about
FIRST_WRITTEN = 0.1  # seconds from the beginning of training to that, about
# Shares of the processes that are killed then: FIRST where there is no checkpoint yet.
IN_WRITING, EARLY, FIRST = 0.35, 0.1, 0.7


class FaultError(Exception):
    """A training did not end as it should."""


class Process:
    """One life of a training, of which it says what it does."""

    def __init__(self, name: str, seed: int, folder: Path, kept: bool) -> None:
        words = [name, str(seed), str(folder), "kept" if kept else "-"]
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", str(CHILD), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        self._said = b""

    def wait_for(self, letter: bytes, times: int) -> None:
        """Read until it has said a letter so many times, or has ended."""
        while self._said.count(letter) < times and (said := self._process.stdout.read(1)):
            self._said += said

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> tuple[str, dict[str, Any] | None]:
        """Wait for its end: give the last thing it said, and its result unless it was killed."""
        said, failure = self._process.communicate()
        letters, ended, text = (self._said + said).decode().partition("e")
        if self._process.returncode not in (0, -9):
            raise FaultError(failure.decode().strip().rpartition("\n")[2])
        if self._process.returncode == 0 or text.endswith("\n"):
            return "e", json.loads(text)
        return ended or letters[-1:], None


class Killer:
    """Runs trainings until so many processes were killed, several at once.

    Attributes
    ----------
    kills : Counter
        By whether there was a checkpoint, and by phase.
    trainings : Counter
        By name, those that came to their end.
    faults : list of str
    """

    def __init__(self, count: int, seed: int) -> None:
        self.kills: Counter[tuple[bool, str]] = Counter()
        self.trainings: Counter[str] = Counter()
        self.faults: list[str] = []
        self._count, self._seed = count, seed
        self._expected: dict[tuple[str, int], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def run(self, workers: int) -> None:
        tasks = zip(itertools.count(), self._trainings(), strict=False)

        def work(_: int) -> None:
            while self.kills.total() < self._count:
                with self._lock:
                    number, (name, seed) = next(tasks)
                self._training(number, name, seed)

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(workers)))

    def _trainings(self) -> Iterator[tuple[str, int]]:
        for seed in itertools.cycle(range(self._seed, self._seed + SEEDS)):
            for name in NAMES:
                yield name, seed

    def _training(self, number: int, name: str, seed: int) -> None:
        rng = random.Random(self._seed * 1_000_003 + number)
        try:
            with tempfile.TemporaryDirectory() as folder:
                found = self._to_its_end(rng, name, seed, Path(folder))
                again = found
                if rng.random() < 0.2:  # a finished one gives its result once more
                    _, again = Process(name, seed, Path(folder), kept=True).end()
            expected = self._uninterrupted(name, seed)
            differ = [key for key in expected if not expected[key] == found[key] == again[key]]
            fault = f"{', '.join(differ)} differ" if differ else ""
        except FaultError as error:
            fault = f"{error}"
        with self._lock:
            self.trainings[name] += 1
            if fault:
                self.faults.append(f"{name}, seed {seed}, training {number}: {fault}")
                print(self.faults[-1], flush=True)

    def _to_its_end(self, rng: random.Random, name: str, seed: int, folder: Path) -> dict[str, Any]:
        while True:
            process = Process(name, seed, folder, kept=True)
            if self.kills.total() < self._count:
                _kill_some_time(rng, process, begun=_is_begun(folder))
            phase, result = process.end()
            if result is not None:
                return result
            with self._lock:
                self.kills[_is_begun(folder), PHASES[phase]] += 1

    def _uninterrupted(self, name: str, seed: int) -> dict[str, Any]:
        if (name, seed) not in self._expected:
            with tempfile.TemporaryDirectory() as folder:
                _, result = Process(name, seed, Path(folder), kept=False).end()
            assert result is not None
            self._expected[name, seed] = result
        return self._expected[name, seed]


def _is_begun(folder: Path) -> bool:
    return any((folder / f"checkpoint{end}").exists() for end in ("", ".previous"))


def _kill_some_time(rng: random.Random, process: Process, begun: bool) -> None:
    """Kill it in some phase of writing, early, or at any moment of training."""
    chance = rng.random()
    if not begun and chance < FIRST:
        process.wait_for(b"b", 1)
        time.sleep(rng.uniform(0, FIRST_WRITTEN))
    elif chance < IN_WRITING:
        letter = rng.choice("wwsmn")
        process.wait_for(letter.encode(), rng.randint(1, 3))
        time.sleep(rng.uniform(0, WRITING if letter == "w" else PAUSE))
    elif chance < IN_WRITING + EARLY:
        time.sleep(rng.uniform(0, STARTING))
    else:
        process.wait_for(b"b", 1)
        time.sleep(rng.uniform(0, LONGEST))
    process.kill()


def table(killer: Killer) -> str:
    """Lay out the kills by phase, and the trainings."""
    lines = [f"{'killed':<36}{'no checkpoint yet':>19}{'a checkpoint there':>20}"]
    for phase in dict.fromkeys(PHASES.values()):
        before, after = killer.kills[False, phase], killer.kills[True, phase]
        lines.append(f"{phase:<36}{before:>19,}{after:>20,}")
    ends = ", ".join(f"{name} {count}" for name, count in killer.trainings.items())
    return "\n".join([*lines, f"trainings that came to their end: {ends}"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, print the counts and any difference; 1 if there is one."""
    parser = Parser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", nargs="?", type=at_least(1), default=1000, metavar="N")
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument("--workers", type=at_least(1), default=processors())
    options = parser.parse_args(arguments)

    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    print(heading(machine(["numpy"], 1)))
    killer = Killer(options.count, options.seed)
    killer.run(options.workers)
    print(table(killer))
    after = sum(count for (there, _), count in killer.kills.items() if there)
    writing = sum(count for (_, phase), count in killer.kills.items() if "writing" in phase)
    print(
        f"{killer.kills.total():,} kills, {after:,} of them after a first checkpoint, {writing:,} "
        f"while one was written; {len(killer.faults) or 'no'} differences"
    )
    return min(len(killer.faults), 1)


if __name__ == "__main__":
    sys.exit(main())
