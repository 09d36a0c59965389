"""What a checkpoint costs: the same training with and without, in turns.

A 64-32-10 network is trained by Adam for some seconds at a time. The ratio of the two times is
printed, and the share of its time that the one with a checkpoint spends writing.

    python benchmarks/checkpoint.py
    python benchmarks/checkpoint.py --rounds 20 --seconds 30
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from measuring.machine import heading, machine, use_threads
from measuring.options import Parser, at_least
from measuring.rounds import ratio

use_threads(1)

import numpy as np  # noqa: E402

from minimlp import Adam, Sequential, Sigmoid, mlp  # noqa: E402
from minimlp.training.checkpoint import Checkpoint  # noqa: E402

ROWS, BATCH = 3200, 32


class Stopwatch:
    """Measures what `Checkpoint.save` takes."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.writes = 0
        self._save = Checkpoint.save
        watch = self

        def save(self: Checkpoint, capture: Any) -> bool:
            start = time.perf_counter()
            try:
                return watch._save(self, capture)
            finally:
                watch.seconds += time.perf_counter() - start
                watch.writes += 1

        Checkpoint.save = save  # type: ignore[method-assign]


def train(epochs: int, checkpoint: Path | None) -> float:
    """Train a new network; give the seconds that takes."""
    rng = np.random.default_rng(0)
    model: Sequential = mlp(64, 32, 10, hidden=Sigmoid, output=Sigmoid, dtype="float32", seed=0)
    x, y = rng.random((ROWS, 64), np.float32), rng.random((ROWS, 10), np.float32)
    start = time.perf_counter()
    model.fit(
        x, y, optimizer=Adam(1e-3), epochs=epochs, batch_size=BATCH, checkpoint=checkpoint,
        progress=False,
    )  # fmt: skip
    return time.perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the ratio, and the share of writing."""
    parser = Parser(prog="checkpoint.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=at_least(1), default=9)
    parser.add_argument("--seconds", type=at_least(1), default=10, help="of each training")
    options = parser.parse_args(arguments)
    print(heading(machine(["minimlp", "numpy"], threads=1)), "\n")
    epochs = max(1, round(20 * options.seconds / train(20, None)))
    watch = Stopwatch()
    times: dict[bool, list[float]] = {False: [], True: []}
    shares = []
    for turn in range(options.rounds):
        for kept in (False, True) if turn % 2 else (True, False):
            with tempfile.TemporaryDirectory() as folder:
                watch.seconds = 0.0
                times[kept].append(train(epochs, Path(folder) / "run.npz" if kept else None))
            if kept:
                shares.append(watch.seconds / times[kept][-1])
    with_it = ratio(times[True], times[False])
    print(f"64-32-10, batch {BATCH}, {epochs:,} epochs of {ROWS // BATCH} steps, Adam, float32")
    print(f"  a training     {median(times[False]):.1f} s, {watch.writes} checkpoints in all")
    print(f"  with / without {with_it}")
    print(f"  in writing     {median(shares):.2%} of the time ({max(shares):.2%} at most)")


if __name__ == "__main__":
    sys.exit(main())
