"""What one training step of minimlp spends its time on, call by call.

A step is taken apart into the calls that `fit` makes, and these into the NumPy calls that they make
in turn; all are run in a step's own order, over and over, and the median of each one's times taken.
What its NumPy calls leave of a call is Python, and the little of NumPy that `watching` cannot see.
What the calls leave of a step of `fit` is its loop. On a machine that is busy this does not hold: a
median leaves out the times when another process ran, a whole step does not.

    python benchmarks/profile_step.py
    python benchmarks/profile_step.py --net 784-128-10 --batch 64 --dtype float64
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from measuring.machine import heading, machine
from measuring.options import Parser, at_least
from measuring.rounds import in_turns
from measuring.watching import describe, numpy_calls, watched
from peers.floor import Floor
from peers.ours import Ours
from peers.task import Task

from minimlp import MSE, SGD
from minimlp.objective import Objective, Samples
from minimlp.training.batches import Batches

SECONDS = 0.05

Call = Callable[[], object]


class Part(NamedTuple):
    """One call of the step, and the NumPy calls that it makes."""

    name: str
    call: Call
    numpy: list[Any]


def parts(task: Task, objective: Objective, samples: Samples) -> list[Part]:
    """Take the step apart, for one batch."""
    model = objective.model
    x, target = (array[: task.batch].copy() for array in (samples.x, samples.target))
    workspace = objective.workspace(x)
    loss = objective.loss.plan(workspace.outputs[-1], target, None, workspace.deltas[-1])
    planned = [(step, *step.layer.plan(*step[1:])) for step in workspace.forward_steps]
    steps = [
        *((f"{step.layer!r} forward", forward) for step, forward, _ in planned),
        (repr(objective.loss), loss),
        *(
            (f"{step.layer!r} backward", backward)
            for step, _, backward in reversed(planned)
            if step.dy is not None
        ),
    ]
    for _, call in steps:
        call()  # fills every array
    vectors = model.parameters, model.gradients
    update = partial(SGD(task.learning_rate).step, *vectors)
    # An optimizer serves one vector, so the one that is watched has an optimizer of its own.
    seen = partial(SGD(task.learning_rate).step, *map(watched, vectors))
    update(), seen()  # the first step allocates
    return [
        *(Part(name, call, numpy_calls(call)) for name, call in steps),
        Part(f"SGD({task.learning_rate})", update, numpy_calls(seen)),
    ]


def in_order(calls: Sequence[Call], taken: Sequence[list[float]], steps: int) -> None:
    """Run the calls as a step does, over and over, and add to each one's seconds."""
    clock = perf_counter
    for _ in range(steps):
        for call, seconds in zip(calls, taken, strict=True):
            start = clock()
            call()
            seconds.append(clock() - start)


def measure(task: Task, rounds: int) -> tuple[list[Part], list[float], dict[str, float]]:
    """Give the parts, the seconds of all their calls, and those of a step of everything whole."""
    objective = Objective(task.model(), MSE())
    samples = objective.samples(*task.data)
    batches = Batches(objective, samples, task.batch, np.random.default_rng(0))
    found = parts(task, objective, samples)
    inner = [call for part in found for call in part.numpy]
    # What reading the clock and calling costs: the last of several, when the caches are warm.
    idle = [partial(id, None)] * 5
    calls = [*(part.call for part in found), *inner, *idle]
    taken: list[list[float]] = [[] for _ in calls]

    def gather(epochs: int) -> None:
        for _ in range(epochs):
            batches.shuffle()
            for _ in batches.run():
                pass

    times = in_turns(
        {
            "calls": lambda steps: in_order(calls, taken, steps),
            "fit": Ours(task).train,
            "floor": Floor(task).train,
            "gathering": gather,
        },
        rounds,
        SECONDS,
    )
    seconds = [median(each) - median(taken[-1]) for each in taken[: -len(idle)]]
    steps = len(task.shuffled)
    whole = {name: median(times[name]) / steps for name in ("fit", "floor", "gathering")}
    return found, seconds, whole


def table(found: list[Part], seconds: list[float], whole: dict[str, float]) -> str:
    """Write a line a call, and what they come to."""
    fit, floor, gathering = whole["fit"], whole["floor"], whole["gathering"]
    outer, inner = seconds[: len(found)], seconds[len(found) :]

    def row(name: str, each: float) -> str:
        return f"{name:<50}{each * 1e6:>10.2f}{each / fit:>8.0%}"

    rest = iter(inner)
    lines = [f"{'call':<50}{'µs':>10}{'share':>8}", row("gathering", gathering)]
    for part, each in zip(found, outer, strict=True):
        lines.append(row(part.name, each))
        lines += [row(f"    {describe(call)}", next(rest)) for call in part.numpy]
    pieces = gathering + sum(outer)
    lines += [
        "",
        row("gathering: shuffling, x, y", gathering),
        row("NumPy calls", sum(inner)),
        row("Python around them", sum(outer) - sum(inner)),
        row("the loop of fit", fit - pieces),
        f"\nsum of the calls {pieces * 1e6:.1f} µs, step of fit {fit * 1e6:.1f} µs, "
        f"floor {floor * 1e6:.1f} µs; fit / floor {fit / floor:.2f}",
    ]
    return "\n".join(lines)


def widths(text: str) -> tuple[int, ...]:
    """Read a net such as 64-32-10."""
    found = tuple(map(at_least(1), text.split("-")))
    if len(found) < 2:
        raise argparse.ArgumentTypeError(f"expected two widths or more, got {text!r}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what a step consists of."""
    parser = Parser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--net", type=widths, default="64-32-10", help="two widths or more (default 64-32-10)"
    )
    parser.add_argument("--batch", type=at_least(1), default=32, help="rows, default 32")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    parser.add_argument("--rounds", type=at_least(1), default=7, help="default 7")
    options = parser.parse_args(arguments)
    task = Task(options.net, options.batch, max(4096, options.batch), options.dtype)
    print(heading(machine(("numpy",))))
    print(f"{task.name}, {task.dtype}, {options.rounds} rounds\n", flush=True)
    print(table(*measure(task, options.rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
