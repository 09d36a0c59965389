"""How fast `fit` trains, beside the least that the same steps could cost on the same machine.

The floor of a step gathers the rows of x and y and does the bare matrix products, nothing else:
the forward products, those for the weight gradients, and those for the input gradients of all
layers but the first. It runs in arrays of the model's own shapes, on the model's own weights.
Rounds of `fit` and floor take turns, so that a machine that slows down slows both; each round gives
a ratio, and their median is what counts.

    python benchmarks/throughput.py
    python benchmarks/throughput.py --only 64-32-10 --rounds 15 --json throughput.json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from math import ceil
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from minimlp import MSE, SGD, Dense, Sequential, Sigmoid, mlp

ROUND_SECONDS = 0.25


@dataclass(frozen=True)
class Net:
    """A network and how it is trained; `limit` is how many floors a step of it may cost."""

    widths: tuple[int, ...]
    batch: int
    rows: int
    limit: float | None

    @property
    def name(self) -> str:
        return "-".join(map(str, self.widths))


NETS = [
    Net((2, 2, 2), 1, 4096, None),
    Net((64, 32, 10), 32, 4096, 3.5),
    Net((784, 128, 10), 64, 4096, None),
    Net((784, 128, 10), 1024, 8192, 1.25),
    Net((784, 512, 512, 10), 256, 4096, 1.25),
]


@dataclass
class Result:
    """Seconds a step, round by round."""

    net: Net
    fit: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [fit / floor for fit, floor in zip(self.fit, self.floor, strict=True)]

    def row(self) -> str:
        fit, floor, ratios = median(self.fit), median(self.floor), self.ratios
        limit = "" if self.net.limit is None else f"{self.net.limit:.2f}"
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        return (
            f"{self.net.name:<15}{self.net.batch:>6}{self.net.batch / fit:>14,.0f}"
            f"{fit * 1e6:>12,.1f}{floor * 1e6:>12,.1f}{median(ratios):>9.2f}{spread:>15}{limit:>7}"
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "samples_per_second": self.net.batch / median(self.fit),
            "ratio": median(self.ratios),
        }


HEADING = (
    f"{'net':<15}{'batch':>6}{'samples/s':>14}{'fit µs/step':>12}{'floor':>12}"
    f"{'ratio':>9}{'min to max':>15}{'limit':>7}"
)


def floor_step(model: Sequential, x: Any, y: Any, batch: int) -> Callable[[Any], None]:
    """Make the bare step: gather the given rows, do the products, in arrays made once."""
    dtype = model.dtype
    dense = [layer for layer in model.layers if isinstance(layer, Dense)]
    widths = [dense[0].n_in, *(layer.n_out for layer in dense)]
    outputs = [np.empty((batch, width), dtype) for width in widths]
    rng = np.random.default_rng(1)
    deltas = [rng.normal(0, 1e-2, (batch, width)).astype(dtype) for width in widths]
    target = np.empty((batch, y.shape[1]), dtype)

    products = [
        (inputs, layer.weight, out)
        for layer, (inputs, out) in zip(dense, pairwise(outputs), strict=True)
    ]
    for i in reversed(range(len(dense))):
        layer, delta = dense[i], deltas[i + 1]
        products.append((outputs[i].T, delta, layer.weight_gradient))
        if i > 0:
            products.append((delta, layer.weight.T, deltas[i]))

    def step(rows: Any) -> None:
        x.take(rows, 0, outputs[0], "clip")
        y.take(rows, 0, target, "clip")
        for left, right, out in products:
            np.dot(left, right, out=out)

    return step


def measure(net: Net, rounds: int) -> Result:
    """Time rounds of `fit` and floor in turn."""
    rng = np.random.default_rng(0)
    x = rng.random((net.rows, net.widths[0]), dtype=np.float32)
    # Targets within the sigmoid's reach, so that nothing saturates however long it trains.
    y = rng.uniform(0.2, 0.8, (net.rows, net.widths[-1])).astype(np.float32)
    model = mlp(*net.widths, hidden=Sigmoid, output=Sigmoid, dtype=np.float32, seed=0)
    loss, optimizer = MSE(), SGD(0.1)
    step = floor_step(model, x, y, net.batch)
    batches = rng.permutation(net.rows).reshape(-1, net.batch)

    def fit(epochs: int) -> float:
        start = perf_counter()
        model.fit(
            x,
            y,
            loss=loss,
            optimizer=optimizer,
            epochs=epochs,
            batch_size=net.batch,
            progress=False,
        )
        return (perf_counter() - start) / (epochs * len(batches))

    def floor(epochs: int) -> float:
        start = perf_counter()
        for _ in range(epochs):
            for rows in batches:
                step(rows)
        return (perf_counter() - start) / (epochs * len(batches))

    def epochs_for_a_round(run: Callable[[int], float]) -> int:
        run(1)
        return ceil(ROUND_SECONDS / (run(2) * len(batches)))

    fit_epochs, floor_epochs = epochs_for_a_round(fit), epochs_for_a_round(floor)
    result = Result(net)
    for turn in range(rounds):
        # Whoever goes second in one round goes first in the next.
        if turn % 2:
            result.floor.append(floor(floor_epochs))
            result.fit.append(fit(fit_epochs))
        else:
            result.fit.append(fit(fit_epochs))
            result.floor.append(floor(floor_epochs))
    return result


def machine() -> dict[str, Any]:
    """Say what the figures were measured on."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[index,call-overload]
    library, threads = f"{blas['name']} {blas['version']}", None
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        pass
    else:
        for pool in threadpool_info():
            if pool["user_api"] == "blas":
                threads = pool["num_threads"]
                library = f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}"
    return {
        "processor": processor(),
        "cpus": os.cpu_count(),
        "blas_threads": threads,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": library.strip(),
    }


def processor() -> str:
    """Name the processor as the system does."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def main() -> int:
    """Measure, print a line a net, and write JSON where asked."""
    parser = argparse.ArgumentParser(
        description="Time a step of fit beside its floor: gathering the rows and bare products.",
    )
    names = list(dict.fromkeys(net.name for net in NETS))
    parser.add_argument(
        "--rounds", type=int, default=9, help="rounds a net, at least 7 (default 9)"
    )
    parser.add_argument("--only", choices=names, action="append", help="this net; may be repeated")
    parser.add_argument("--json", type=Path, metavar="PATH", help="also write all rounds to PATH")
    options = parser.parse_args()
    if options.rounds < 7:
        parser.error(f"--rounds must be at least 7, got {options.rounds}")

    about = machine()
    threads = about["blas_threads"] or "unknown (threadpoolctl tells)"
    print(f"{about['processor']}, {about['cpus']} CPUs, BLAS threads {threads}")
    print(f"Python {about['python']}, NumPy {about['numpy']}, {about['blas']}")
    print(f"float32, sigmoid, MSE, SGD; medians of {options.rounds} rounds\n")
    print(HEADING)
    results = []
    for net in NETS:
        if options.only is None or net.name in options.only:
            results.append(measure(net, options.rounds))
            print(results[-1].row(), flush=True)
    if options.json is not None:
        report = {"machine": about, "results": [result.as_dict() for result in results]}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
