"""A million steps and a hundred thousand calls of `fit`: what they take, they give back.

Two works are repeated: many calls of `fit` with little to do, on models that come and go, and one
call of `fit` that makes many steps, with everything that a step can have. Resident memory is looked
at again and again, between calls and at the end of epochs; after a warm-up of a tenth the most that
is seen must stay within a megabyte of what was held then.

    python benchmarks/soak.py
    python benchmarks/soak.py --steps 100000 --fits 10000
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from measuring.machine import heading, machine, use_threads
from measuring.memory import memory_now
from measuring.options import Parser, at_least

use_threads(1)

import numpy as np  # noqa: E402

from minimlp import (  # noqa: E402
    L2,
    Adam,
    Callback,
    CategoricalCrossEntropy,
    CosineDecay,
    CSVLogger,
    Dense,
    Dropout,
    EarlyStopping,
    ReLU,
    Sequential,
    Softmax,
)

LIMIT = 10**6  # bytes
ROWS, BATCH = 512, 32
STEPS_PER_EPOCH = ROWS // BATCH
EPOCHS_SHOWN = 100  # one entry of the history for as many passes over the rows


class Held:
    """The memory held after a warm-up, and the most that was seen since."""

    def __init__(self, warmup: int) -> None:
        self.warmup = warmup
        self.first = self.most = 0

    def look(self, turn: int) -> None:
        """Look at the memory in a turn after the warm-up."""
        if turn >= self.warmup:
            now = memory_now()
            self.first = self.first or now
            self.most = max(self.most, now)

    @property
    def grown(self) -> int:
        """Bytes by which it grew."""
        return self.most - self.first


class Watch(Callback):
    """Looks at the memory at the end of each epoch."""

    def __init__(self, held: Held) -> None:
        self.held = held

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.held.look(epoch)


def many_steps(steps: int) -> int:
    """Make so many steps in one call of `fit`; give the bytes that memory grew by."""
    rng = np.random.default_rng(0)
    # Rows again and again make an epoch long, as the history rightly grows by one entry for each.
    x = np.tile(rng.normal(size=(ROWS, 16)), (EPOCHS_SHOWN, 1))
    y = np.tile(rng.integers(3, size=ROWS), EPOCHS_SHOWN)
    epochs = max(4, steps // (STEPS_PER_EPOCH * EPOCHS_SHOWN))
    held = Held(epochs // 10)
    model = Sequential(Dense(16, 32), ReLU(), Dropout(0.1), Dense(32, 3), Softmax(), seed=0)
    with tempfile.TemporaryDirectory() as folder:
        model.fit(
            x,
            y,
            loss=CategoricalCrossEntropy(label_smoothing=0.1),
            optimizer=Adam(CosineDecay(1e-3, steps), clip_norm=1.0),
            penalty=L2(1e-4),
            epochs=epochs,
            batch_size=BATCH,
            validation_data=(x[:ROWS], y[:ROWS]),
            class_weight="balanced",
            metrics=["accuracy", "f1"],
            callbacks=[
                EarlyStopping(patience=epochs),
                CSVLogger(Path(folder) / "log.csv"),
                Watch(held),
            ],
            checkpoint=Path(folder) / "training.npz",
            progress=False,
        )
    return held.grown


def many_fits(fits: int) -> int:
    """Call `fit` so often; give the bytes that memory grew by."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 4)), rng.integers(3, size=40)
    held = Held(fits // 10)
    for call in range(fits):
        if call % 10 == 0:
            model = Sequential(Dense(4, 8), ReLU(), Dense(8, 3), Softmax(), seed=call)
            optimizer = Adam(1e-3)
        model.fit(
            x,
            y,
            loss=CategoricalCrossEntropy(),
            optimizer=optimizer,
            epochs=2,
            batch_size=16,
            validation_split=0.2,
            metrics="accuracy",
            callbacks=[EarlyStopping()],
            progress=False,
        )
        model.predict(x)
        if call % 100 == 0:
            held.look(call)
    return held.grown


def report(count: int, what: str, work: Callable[[int], int]) -> bool:
    """Do the work, print a line, and say whether memory stayed flat."""
    start = time.perf_counter()
    grown = work(count)
    seconds = time.perf_counter() - start
    print(f"{count:>9,} {what:<14}{seconds:8.0f} s {grown / 1e6:+9.2f} MB", flush=True)
    return grown <= LIMIT


def main(arguments: Sequence[str] | None = None) -> int:
    """Do both; 1 if memory grew by more than a megabyte."""
    parser = Parser(prog="soak.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=at_least(10_000), default=1_000_000)
    parser.add_argument("--fits", type=at_least(100), default=100_000)
    options = parser.parse_args(arguments)
    if not memory_now():
        print("this system does not tell how much memory a process holds")
        return 1
    print(heading(machine(["minimlp", "numpy"])), "\n")
    flat = [  # in this order: what the steps free, a leak of the calls could hide in
        report(options.fits, "calls of fit", many_fits),
        report(options.steps, "steps", many_steps),
    ]
    print("memory is flat" if all(flat) else f"memory grew by more than {LIMIT / 1e6:g} MB")
    return 0 if all(flat) else 1


if __name__ == "__main__":
    sys.exit(main())
