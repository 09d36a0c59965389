"""What was tried to make a training step faster: each idea beside what it would replace.

Both do the same work on the same arrays and take turns. Each round gives a ratio, the idea's time
over that of minimlp as it is: above 1, the idea is slower.

    python benchmarks/tried.py
    python benchmarks/tried.py --rounds 5
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from measuring.machine import heading, machine, processors, use_threads
from measuring.options import Parser, at_least
from measuring.rounds import Ratio, in_turns, ratio

if TYPE_CHECKING:
    from tried_calls import Trial

# NumPy and all that import it are imported when the threads are set, which is too late after.

SECONDS = 0.05
"""A turn of each in each round; longer where one epoch takes longer."""

RESULTS = Path(__file__).parent / "results"
WIDTH = 72


class Result(NamedTuple):
    """Seconds a step, round by round."""

    idea: str
    where: str
    as_is: list[float]
    with_idea: list[float]

    @property
    def ratio(self) -> Ratio:
        return ratio(self.with_idea, self.as_is)

    def __str__(self) -> str:
        as_is, with_idea = (median(each) * 1e6 for each in (self.as_is, self.with_idea))
        name = f"{self.idea}: {self.where}"
        return f"{name:<{WIDTH}}{as_is:>10,.2f}{with_idea:>10,.2f}  {self.ratio}"

    def as_dict(self) -> dict[str, Any]:
        """Give what is written as JSON."""
        return {**self._asdict(), "ratio": self.ratio._asdict()}


def measure(trial: Trial, rounds: int) -> Result:
    """Time both in turns."""
    times = in_turns({"as is": trial.as_is, "idea": trial.with_idea}, rounds, SECONDS)
    as_is, with_idea = ([each / trial.steps for each in times[key]] for key in ("as is", "idea"))
    return Result(trial.idea, trial.where, as_is, with_idea)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line an idea, and write the rounds as JSON."""
    parser = Parser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=at_least(1), default=15, help="default 15")
    parser.add_argument("--json", type=Path, default=RESULTS / "tried.json", metavar="PATH")
    options = parser.parse_args(arguments)
    threads = min(2, processors())
    use_threads(threads)
    import tried_calls
    import tried_steps

    about = machine(("numpy",), threads)
    print(heading(about))
    print(f"float32 unless it says otherwise; medians of {options.rounds} rounds (low to high)\n")
    head = "the idea, and what it would replace: where"
    print(f"{head:<{WIDTH}}{'as is, µs':>10}{'idea, µs':>10}  idea / as is", flush=True)
    results = []
    for idea in (*tried_calls.IDEAS, *tried_steps.IDEAS):
        for trial in idea():  # made one after the other, so that no other's arrays fill the caches
            results.append(measure(trial, options.rounds))
            print(results[-1], flush=True)
    written = {"machine": about, "results": [result.as_dict() for result in results]}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
