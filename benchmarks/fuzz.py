"""Hostile files and arguments by the ten thousand: each works, or is refused in one line.

Model files and checkpoints (most of them valid zip archives with one field changed), table files
and arguments of the command line are made at random and tried in this one process: nothing but a
documented error may come of them, in bounded time, and no case may take 100 MB of memory more than
is held before.

    python benchmarks/fuzz.py
    python benchmarks/fuzz.py 1000000 --seed 1
    python benchmarks/fuzz.py --only commands 500
    python benchmarks/fuzz.py --case 00ff10      # one case again, as a failure has named it
    python benchmarks/fuzz.py --atheris          # led by coverage, without end; needs atheris
"""

from __future__ import annotations

import random
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fuzzing import Unexpected
from measuring.memory import forget_most, most_memory
from measuring.options import Parser, at_least

if TYPE_CHECKING:
    from fuzzing.cases import Cases

LIMIT = 100 * 10**6  # NumPy alone holds 30 MB, what reads tables and draws 120 more
_TOGETHER = 500  # cases; between them the readers of tables keep some memory for later


def case_bytes(count: int, seed: int) -> Iterator[bytes]:
    """Give the bytes that cases are made of."""
    source = random.Random(seed)
    for _ in range(count):
        yield source.randbytes(12)


def run(cases: Cases, datas: Iterator[bytes]) -> tuple[Counter[tuple[str, str]], int]:
    """Try cases, print those that end in another way than documented, and count all.

    Ctrl-C ends it early.
    """
    ends: Counter[tuple[str, str]] = Counter()
    failures = held = 0
    for number, data in enumerate(datas):
        if number % _TOGETHER == 0:
            forget_most()
            held = most_memory()
        try:
            ends[cases.one_case(data)] += 1
        except Unexpected as found:
            failures += 1
            print(f"--case {data.hex()}  {found}", flush=True)
            traceback.print_exception(found.__cause__, limit=-3, file=sys.stdout)
        except KeyboardInterrupt:
            break
        if (more := most_memory() - held) > LIMIT:
            failures += 1
            print(f"--case {data.hex()}  {more / 1e6:.0f} MB more memory", flush=True)
            forget_most()
            held = most_memory()
    return ends, failures


def table(ends: Counter[tuple[str, str]]) -> str:
    """Lay out how many cases of each kind were taken, and refused."""
    kinds = sorted({kind for kind, _ in ends})
    lines = [f"{'kind':<28}{'taken':>10}{'refused':>10}"]
    lines += [f"{kind:<28}{ends[kind, 'taken']:>10,}{ends[kind, 'refused']:>10,}" for kind in kinds]
    return "\n".join(lines)


def led_by_coverage(folder: str, only: str | None) -> None:
    """Hand the cases to atheris, which ends with the first failure."""
    try:
        import atheris
    except ImportError as error:
        message = f'--atheris needs atheris ({error}): pip install "minimlp[fuzz]"'
        raise ImportError(message) from error
    with atheris.instrument_imports(include=["minimlp"]):  # it counts what it sees imported
        from fuzzing.cases import Cases
    cases = Cases(folder, only)

    def one(data: bytes) -> None:
        cases.one_case(data)

    atheris.Setup(sys.argv[:1], one)
    atheris.Fuzz()


def main(arguments: Sequence[str] | None = None) -> int:
    """Try cases and print what came of them; 1 if anything did that should not."""
    parser = Parser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", nargs="?", type=at_least(1), default=10_000, metavar="N")
    parser.add_argument("--seed", type=at_least(0), default=0)
    parser.add_argument("--only", choices=("archives", "checkpoints", "tables", "commands"))
    parser.add_argument("--case", metavar="HEX", help="one case again")
    parser.add_argument("--atheris", action="store_true", help="led by coverage, without end")
    options = parser.parse_args(arguments)

    with tempfile.TemporaryDirectory() as folder:
        if options.atheris:
            led_by_coverage(folder, options.only)
        from fuzzing.cases import Cases

        cases = Cases(folder, options.only)
        one: Any = options.case and iter([bytes.fromhex(options.case)])
        ends, failures = run(cases, one or case_bytes(options.count, options.seed))
    print(table(ends))
    print(f"{ends.total():,} as documented, {failures} not")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
