"""Regression with small networks: Levenberg-Marquardt here beside what people would use instead.

Six problems, each a net of one tanh layer. The parts, and what is asked of each:

    reaching    time to the error that Adam gets to in 20,000 epochs, where there is no noise: 50
                times ahead of Adam, 100 times of pyrenn
    iterations  time of an iteration: at 1-10-1 15 times ahead of torch-levenberg-marquardt and 1.5
                times of SciPy's MINPACK, nowhere behind; within twice the floor, bare NumPy
    shares      seeds that reach a fixed error: behind no peer by more than two standard errors
    testing     test error of BayesianRegularization, where there is noise: not worse than the
                better of early-stopped Adam and scikit-learn's defaults
    growth      time of an iteration against parameters and rows, drawn

Times are taken in turns and given as medians of ratios. Libraries that are missing are left out.

    python benchmarks/small_regression.py
    python benchmarks/small_regression.py --only iterations --threads 1
    python benchmarks/small_regression.py --quick
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from time import perf_counter

from measuring.machine import heading, machine, processors, use_threads
from measuring.options import Parser, at_least

# NumPy and all that import it are imported when the threads are set, which is too late after.

PARTS = ("reaching", "iterations", "shares", "testing", "growth")
PACKAGES = ("numpy", "scipy", "torch", "torch-levenberg-marquardt", "pyrenn", "scikit-learn")
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "small-regression-cost.png"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts, then print all targets with what was measured."""
    options = read(arguments)
    if options.threads is not None:
        use_threads(options.threads)
    from regressing.scale import FULL, QUICK

    scale = QUICK if options.quick else FULL
    print(heading(machine(PACKAGES, options.threads)))
    start, verdicts = perf_counter(), []
    for part in options.only:
        print()
        run = import_module(f"regressing.{part}").run
        verdicts += run(scale, picture=options.picture) if part == "growth" else run(scale)
    print("\ntargets")
    for verdict in verdicts:
        print(f"  {verdict}")
    met = sum(verdict.met for verdict in verdicts)
    print(f"{met} of {len(verdicts)} met, in {perf_counter() - start:.0f} s")
    if options.quick:
        print("a short run, which judges nothing")
    return 0


def read(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the options; a wrong one ends the program with status 2."""
    parser = Parser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; repeatable")
    parser.add_argument("--quick", action="store_true", help="few seeds, few epochs: some seconds")
    parser.add_argument(
        "--threads", type=at_least(1), help="keep to so many; else what libraries choose"
    )
    parser.add_argument(
        "--picture", type=Path, default=PICTURE, metavar="PATH", help=f"default {PICTURE.name}"
    )
    options = parser.parse_args(arguments)
    if options.threads is not None and options.threads > processors():
        parser.error(f"--threads {options.threads}: there are {processors()} processors")
    options.only = options.only or list(PARTS)
    return options


if __name__ == "__main__":
    sys.exit(main())
