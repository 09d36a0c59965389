"""How fast small networks train and predict: minimlp beside what people would use instead.

Each peer first shows that it does the same work: the same weights after the same 20 steps, the
same predictions. One that does other work is named and not timed. All are then timed in turns, and
each round gives a ratio, the peer's time over minimlp's: above 1, minimlp is faster. The floor is
the bare products of a step, the least that it could cost; a library that is missing is left out.
`practice` is the work of who trains a classifier: Adam, accuracy, validation, early stopping.

    python benchmarks/throughput.py
    python benchmarks/throughput.py --only 64-32-10 --dtype float32 --work training --without keras
    python benchmarks/throughput.py --work practice --dtype float32
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from measuring.machine import heading, machine, processors, use_threads
from measuring.options import Parser, at_least
from peers.entries import PEERS, PRACTICE, TRAINING, WORK, participants

if TYPE_CHECKING:
    from peers.field import Result

# NumPy and all that import it are imported when the threads are set, which is too late after.

SECONDS = 0.1
"""A competitor's turn in each round; longer where one epoch takes longer."""

NETS = (  # widths, batch, rows
    ((2, 2, 2), 1, 4096),
    ((16, 16, 1), 16, 4096),
    ((64, 32, 10), 32, 4096),
    ((784, 128, 10), 64, 4096),
    ((784, 128, 10), 1024, 8192),
    ((784, 512, 512, 10), 256, 4096),
)
NETS_IN_PRACTICE = (((30, 64, 64, 3), 32, 4096),)
BUSY = 0.5
"""Load average of the last minute from which on others are at work."""

DTYPES = ("float32", "float64")
PACKAGES = ("numpy", "torch", "jax", "keras", "scikit-learn", "thinc", "onnxruntime")
RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table a task, and write the rounds as JSON and the ratios as a picture."""
    available = processors()
    options = read(arguments, available)
    use_threads(options.threads)
    import throughput_report as report

    about = {**machine(PACKAGES, options.threads), "processors": available, "load": load()}
    print(heading(about))
    if about["load"] is not None and about["load"] > BUSY:
        # The threads of OpenMP and OpenBLAS wait for each other, for milliseconds where one must
        # wait for its processor.
        print(
            f"the machine has been busy (load {about['load']:.1f}): trust no figure if it still is"
        )
    print(f"medians of {options.rounds} rounds (smallest to largest)", flush=True)
    settings = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in vars(options).items()
    }
    results: list[Result] = []
    for result in measure_all(options):
        results.append(result)
        print("\n" + report.table(result), flush=True)
        measured = [report.as_dict(result) for result in results]
        written = {"machine": about, "options": settings, "results": measured}
        options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    print("\n" + report.summary(results))
    print("\n" + report.requirements(results, options.threads))
    print(f"\nrounds: {options.json}")
    draw(results, options.picture)
    return 0


def measure_all(options: argparse.Namespace) -> Iterator[Result]:
    """Give the results one by one."""
    from peers.field import measure
    from peers.practice import PracticeTask
    from peers.task import Task

    for work in options.work:
        seen = set()
        for widths, batch, rows in NETS_IN_PRACTICE if work == PRACTICE else NETS:
            # To a prediction the batch that it was trained with means nothing.
            if name(widths) not in options.only or (work not in TRAINING and widths in seen):
                continue
            seen.add(widths)
            for dtype in options.dtype:
                momentum = 0.9 if work == "momentum" else 0.0
                task = Task(
                    widths,
                    batch,
                    rows if work in TRAINING else 10_000,
                    dtype,
                    momentum,
                    # As long steps as without: longer ones saturate, and tiny numbers are slow.
                    learning_rate=0.1 * (1 - momentum),
                )
                if work == PRACTICE:
                    task = PracticeTask(widths, batch, rows, dtype)
                keys = [key for key in participants(work) if key not in options.without]
                yield measure(work, task, keys, options.rounds, SECONDS)


def draw(results: Sequence[Result], path: Path) -> None:
    """Draw the ratios, where there is Matplotlib to do it."""
    try:
        from throughput_picture import draw
    except ImportError as error:
        print(f"picture: left out, {error}")
    else:
        draw(results, path)


def read(arguments: Sequence[str] | None, available: int) -> argparse.Namespace:
    """Read the options; a wrong one ends the program with status 2."""
    parser = Parser(description="Time training and prediction beside what others would take.")
    nets = list(dict.fromkeys(name(widths) for widths, *_ in NETS + NETS_IN_PRACTICE))

    def choice(option: str, choices: Sequence[str], help: str) -> None:
        parser.add_argument(option, choices=choices, action="append", help=f"{help}; repeatable")

    parser.add_argument("--rounds", type=at_least(7), default=7, help="at least 7 (default 7)")
    parser.add_argument(
        "--threads", type=at_least(1), default=min(2, available), help="default 2, if there are two"
    )
    choice("--only", nets, "measure this net")
    choice("--dtype", DTYPES, "measure this dtype")
    choice("--work", WORK, "measure this work")
    choice("--without", list(PEERS), "leave this peer out")
    for option, file in (("--json", "throughput.json"), ("--picture", "throughput.png")):
        parser.add_argument(
            option,
            type=Path,
            default=RESULTS / file,
            metavar="PATH",
            help=f"default results/{file}",
        )
    options = parser.parse_args(arguments)
    if options.threads > available:
        parser.error(f"--threads {options.threads}: this process may use {available} processors")
    options.only = options.only or nets
    options.dtype = options.dtype or list(DTYPES)
    options.work = options.work or list(WORK)
    options.without = options.without or []
    try:  # now, and not after all has been measured
        for path in (options.json, options.picture):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                parser.error(f"{path} is a folder")
    except OSError as error:
        parser.error(f"cannot write to {path.parent}: {error.strerror}")
    return options


def load() -> float | None:
    """Give the load average of the last minute, where the system counts it."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def name(widths: Sequence[int]) -> str:
    """Name a net by its widths."""
    return "-".join(map(str, widths))


if __name__ == "__main__":
    sys.exit(main())
