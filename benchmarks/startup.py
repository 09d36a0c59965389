"""What minimlp costs before it trains, beside others: to import, to install, for one small job.

Each library runs in whole processes, in an environment that holds it and what it requires. The job
is to import the library, load the digits, train on four fifths of them and print the accuracy on
the last; the scripts are in jobs/, each with the shortest training of its own that reads 97 % right
on average over ten seeds.

    python benchmarks/startup.py
    python benchmarks/startup.py --check    # the ten seeds of each job
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import mean
from typing import Any

from measuring.environments import python_with
from measuring.libraries import LIBRARIES, Library, installed
from measuring.machine import heading, machine, processors, use_threads
from measuring.options import Parser, at_least
from measuring.processes import Command, ProcessError, attempt, in_turns
from measuring.sizes import build, closure, size
from startup_report import Measured, tables

HERE = Path(__file__).parent
SEEDS = 10


def pythons(libraries: Sequence[Library], folder: Path) -> dict[str, str]:
    """Make an environment for each library; NumPy is in all, the jobs read the digits with it."""
    return {
        library.name: python_with(
            (*library.distributions, "numpy"), library.package, folder / library.package
        )
        for library in libraries
    }


def job_commands(libraries: Sequence[Library], python: dict[str, str]) -> dict[str, Command]:
    """Give the command line of each job."""
    return {
        name: [python[library.name], "-E", str(HERE / "jobs" / f"digits_{job}.py")]
        for library in libraries
        for name, job in library.jobs.items()
    }


def check(commands: dict[str, Command]) -> None:
    """Print the mean accuracy of each job over the seeds."""
    print(f"{'job':<20}{f'right, mean of {SEEDS} seeds':>27}{'lowest':>10}")
    for name, command in commands.items():
        said = [attempt(name, [*command, str(seed)]) for seed in range(SEEDS)]
        right = [float(line) for line in said if line is not None]
        if len(right) == SEEDS:
            print(f"{name:<20}{mean(right):>27.4f}{min(right):>10.4f}")


def measure_sizes(
    libraries: Sequence[Library], folder: Path
) -> tuple[dict[str, dict[str, int]], int | None]:
    """Give bytes of each library by distribution, and of minimlp's wheel if it can be built."""
    try:
        wheel = build(HERE.parent, folder).stat().st_size
    except ProcessError as failure:
        print(f"the wheel cannot be built: {failure}", file=sys.stderr)
        wheel = None
    path = [str(folder / "installed"), *sys.path]
    sizes = {
        library.name: {
            name: size(found) for name, found in closure(library.distributions, path).items()
        }
        for library in libraries
        if wheel is not None or library.name != "minimlp"
    }
    return sizes, wheel


def measure(libraries: Sequence[Library], rounds: int, folder: Path) -> Measured:
    """Measure everything; imports and jobs run in one round, with one `import numpy` for both."""
    python = pythons(libraries, folder)
    imports: dict[str, Command] = {
        library.name: [python[library.name], "-E", "-c", f"import {library.module}"]
        for library in libraries
    }
    jobs = {f"job {name}": job for name, job in job_commands(libraries, python).items()}
    times = in_turns({**imports, **jobs}, rounds)
    return Measured(
        {name: times[name] for name in imports if name in times},
        *measure_sizes(libraries, folder),
        {name.removeprefix("job "): times[name] for name in jobs if name in times},
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the result and the picture."""
    parser = Parser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=at_least(1), default=7)
    parser.add_argument("--threads", type=at_least(1), default=min(2, processors()))
    parser.add_argument("--json", type=Path, default=HERE / "results" / "startup.json")
    parser.add_argument("--picture", type=Path, default=HERE / "results" / "startup.png")
    parser.add_argument("--check", action="store_true", help="only the accuracies of the jobs")
    options = parser.parse_args(arguments)

    use_threads(options.threads)
    os.environ.setdefault("KERAS_BACKEND", "jax")
    libraries = installed(LIBRARIES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.check:
            check(job_commands(libraries, pythons(libraries, folder)))
            return
        names = [name for library in libraries for name in library.distributions]
        about = machine(names, options.threads)
        print(heading(about), end="\n\n")
        measured = measure(libraries, options.rounds, folder)
    print(tables(measured))

    result: dict[str, Any] = {"machine": about, "rounds": options.rounds, **measured._asdict()}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if find_spec("matplotlib"):
        from startup_picture import draw

        options.picture.parent.mkdir(parents=True, exist_ok=True)
        draw(measured, options.picture)


if __name__ == "__main__":
    main()
