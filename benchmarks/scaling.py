"""How the time of a training step grows with batch, width and depth: minimlp, PyTorch, the floor.

Small networks cost what calls cost and large ones what products cost, so one straight line over a
whole curve would describe neither: each has the slope of its small end, where 0 means that size
comes free, and that of its large end. The floor is the bare products of the same step.

    python benchmarks/scaling.py
    python benchmarks/scaling.py --threads 1 --largest 256
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from math import log
from pathlib import Path
from statistics import linear_regression, median
from typing import TYPE_CHECKING, Any

from measuring.machine import heading, machine, processors, use_threads
from measuring.options import Parser, at_least
from measuring.rounds import in_turns
from scaling_sweeps import Curve, Sweep

if TYPE_CHECKING:
    pass

# NumPy and all that import it are imported when the threads are set, which is too late after.

SECONDS = 0.05
END = 4
RESULTS = Path(__file__).parent / "results"


def powers(low: int, high: int) -> list[int]:
    """Give 2^low, …, 2^high."""
    return [2**i for i in range(low, high + 1)]


# Both layers of w-w-w grow, so that its products end as w²; of 64-w-10 they would end as w.
SWEEPS = (
    Sweep("64-32-10", "rows in a batch", powers(0, 13), lambda n: ((64, 32, 10), n)),
    Sweep("w-w-w, batch 32", "width w", powers(1, 12), lambda n: ((n, n, n), 32)),
    Sweep(
        "64-32-…-32-10, batch 32",
        "hidden layers of width 32",
        powers(0, 5),
        lambda n: ((64, *[32] * n, 10), 32),
    ),
)


def slope(sizes: Sequence[int], times: Sequence[float]) -> float:
    """Fit time = c · size^slope by least squares of the logarithms."""
    return linear_regression([*map(log, sizes)], [*map(log, times)]).slope


def measure(sweep: Sweep, rounds: int) -> dict[str, Curve]:
    """Time each competitor at each size, in turns."""
    from peers.floor import Floor
    from peers.ours import Ours

    classes: list[Any] = [Ours, Floor]
    if find_spec("torch"):
        from peers.pytorch import PyTorch

        classes.insert(1, PyTorch)
    taken: dict[str, list[list[float]]] = {one.name: [] for one in classes}
    for size in sweep.sizes:
        task = sweep.task(size)
        runs = {one.name: one(task).train for one in classes}
        for name, times in in_turns(runs, rounds, SECONDS).items():
            taken[name].append([time / len(task.shuffled) for time in times])
    return {name: curve(sweep.sizes, times) for name, times in taken.items()}


def curve(sizes: list[int], rounds: list[list[float]]) -> Curve:
    """Fit both ends, four points each."""
    times = [median(each) for each in rounds]
    small, large = slope(sizes[:END], times[:END]), slope(sizes[-END:], times[-END:])
    return Curve(rounds, small, large)


def table(sweep: Sweep, curves: dict[str, Curve]) -> str:
    """Write µs a step, and the slopes below."""
    lines = [f"{sweep.net}: µs a step", f"{sweep.axis:<26}" + "".join(f"{n:>12}" for n in curves)]
    for size, *times in zip(sweep.sizes, *(each.times for each in curves.values()), strict=True):
        lines.append(f"{size:<26}" + "".join(f"{time * 1e6:>12,.1f}" for time in times))
    for end, sizes in (("small", sweep.sizes[:END]), ("large", sweep.sizes[-END:])):
        row = "".join(f"{getattr(each, end):>12.2f}" for each in curves.values())
        lines.append(f"{f'slope, {sizes[0]} to {sizes[-1]}':<26}" + row)
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table a sweep, write JSON and a picture."""
    parser = Parser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=at_least(1), default=7, help="rounds a size (default 7)")
    parser.add_argument("--threads", type=at_least(1), default=processors(), help="default: all")
    parser.add_argument("--largest", type=at_least(4), default=8192, help="leave out larger sizes")
    parser.add_argument("--json", type=Path, default=RESULTS / "scaling.json", metavar="PATH")
    parser.add_argument("--picture", type=Path, default=RESULTS / "scaling.png", metavar="PATH")
    options = parser.parse_args(arguments)
    use_threads(options.threads)

    about = machine(("numpy", "torch"), options.threads)
    print(heading(about))
    print(f"float32; medians of {options.rounds} rounds")
    if not find_spec("torch"):
        print("left out: PyTorch, which is not installed")
    results = []
    for sweep in SWEEPS:
        sweep = sweep._replace(sizes=[size for size in sweep.sizes if size <= options.largest])
        curves = measure(sweep, options.rounds)
        print("\n" + table(sweep, curves), flush=True)
        results.append((sweep, curves))
    written = [
        {
            "net": sweep.net,
            "axis": sweep.axis,
            "sizes": sweep.sizes,
            "seconds": {name: each._asdict() for name, each in curves.items()},
        }
        for sweep, curves in results
    ]
    for path in (options.json, options.picture):
        path.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": about, "sweeps": written}
    options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    try:
        from scaling_picture import draw
    except ImportError as error:
        print(f"picture: left out, {error}")
    else:
        draw(results, options.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
