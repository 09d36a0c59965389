"""The tables of the throughput benchmark, what is required of them, and the figures behind them."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any

from measuring.rounds import Ratio
from peers.entries import BELOW, FLOOR, LINEAR, OURS, PEERS, PLAIN, PRACTICE, TRAINING
from peers.field import Result

WORDS = {
    "training": "training step",
    "momentum": "training step with momentum",
    PRACTICE: "step of a classifier in practice",
    "one-row": "prediction of one row",
    "10000-rows": "prediction of 10,000 rows",
}

# Net and batch: at least so many times faster than each, at most so many times the floor.
COLUMNS = ("pytorch", "scikit-learn", "jax-step", FLOOR)
REQUIRED = {
    "2-2-2, batch 1": (12, 5, 0.85, 5.5),
    "16-16-1, batch 16": (10, 5, 1.4, 5.5),
    "64-32-10, batch 32": (10, 5, 1.3, 3.4),
    "784-128-10, batch 64": (2, 1.8, 1.3, 1.4),
    "784-128-10, batch 1024": (1.2, 1.2, 1, 1.15),
    "784-512-512-10, batch 256": (1.05, 1.2, 1, 1.2),
}
REQUIRED_OF_ONE_ROW = {
    "pytorch": 1,
    "thinc": 1,
    "scikit-learn": 1,
    "keras": 1,
    "onnxruntime": 1 / 1.2,
}
REQUIRED_IN_PRACTICE = {"pytorch": 5, "keras": 5, PLAIN: 1.6}
REQUIRED_THREADS = 2


def title(result: Result) -> str:
    """Say what was measured."""
    task = result.task
    net = task.name if result.work in TRAINING else task.net
    return f"{WORDS[result.work]}, {net}, {task.dtype}"


def table(result: Result) -> str:
    """Write one measurement: a line a participant, a line for each that was left out."""
    lines = [title(result), f"  {'':<24}{'µs':>12}   times minimlp's"]
    for key, times in result.times.items():
        note = ""
        if key in BELOW:
            note = f"minimlp takes {spread(result.times_as_long(key))} times as long"
        elif key in result.bases:
            note = spread(result.ratio(key))
            if result.bases[key] == LINEAR:
                note += ", linear output"
        lines.append(f"  {key:<24}{short(median(times) * 1e6):>12}   {note}".rstrip())
    lines += [f"  left out: {key}: {reason}" for key, reason in result.left_out.items()]
    return "\n".join(lines)


def summary(results: Iterable[Result]) -> str:
    """Write the medians of all ratios, a table for each kind of work and dtype."""
    tables: dict[str, list[Result]] = {}
    for result in results:
        name = f"{WORDS[result.work]}, {result.task.dtype}"
        tables.setdefault(name, []).append(result)
    return "\n\n".join(_summary(name, rows) for name, rows in tables.items())


def _summary(name: str, rows: list[Result]) -> str:
    keys = [key for key in PEERS if any(key in row.bases for row in rows)]
    head = "".join(f"{key:>{max(8, len(key) + 2)}}" for key in keys)
    lines = [f"{name}: times minimlp's", f"  {'':<26}{'µs':>9}{head}"]
    for row in rows:
        net = row.task.name if row.work in TRAINING else row.task.net
        cells = [
            f"{short(row.ratio(key).median) if key in row.bases else '-':>{max(8, len(key) + 2)}}"
            for key in keys
        ]
        lines.append(f"  {net:<26}{short(median(row.times[OURS]) * 1e6):>9}{''.join(cells)}")
    return "\n".join(lines)


def requirements(results: Iterable[Result], threads: int) -> str:
    """Set the measured ratios beside the required ones, those of float32 only."""
    results = [result for result in results if result.task.dtype == "float32"]
    lines = [f"required of float32 on {REQUIRED_THREADS} threads, measured on {threads}"]
    head = "".join(f"{key:>24}" for key in COLUMNS)
    lines.append(f"  {'training':<26}{head}")
    for result in results:
        limits = REQUIRED.get(result.task.name)
        if result.work == "training" and limits is not None:
            columns = zip(COLUMNS, limits, strict=True)
            cells = [_cell(result, key, limit) for key, limit in columns]
            lines.append(f"  {result.task.name:<26}{''.join(cells)}")
    lines.append(f"  {'in practice':<26}" + "".join(f"{key:>24}" for key in REQUIRED_IN_PRACTICE))
    for result in results:
        if result.work == PRACTICE and result.task.net == "30-64-64-3":
            cells = [_cell(result, key, limit) for key, limit in REQUIRED_IN_PRACTICE.items()]
            lines.append(f"  {result.task.name:<26}{''.join(cells)}")
    lines.append(f"  {'one row':<26}" + "".join(f"{key:>24}" for key in REQUIRED_OF_ONE_ROW))
    for result in results:
        if result.work == "one-row" and result.task.net == "64-32-10":
            cells = [_cell(result, key, limit) for key, limit in REQUIRED_OF_ONE_ROW.items()]
            lines.append(f"  {result.task.net:<26}{''.join(cells)}")
    return "\n".join(lines)


def as_dict(result: Result) -> dict[str, Any]:
    """Give everything that was measured, round by round."""
    task = result.task
    ratios = {key: result.ratio(key)._asdict() for key in result.bases}
    return {
        "work": result.work,
        "net": task.net,
        "batch": task.batch if result.work in TRAINING else None,
        "rows": task.rows,
        "dtype": task.dtype,
        "momentum": task.momentum,
        "seconds": result.times,
        "compared_with": result.bases,
        "ratios": ratios,
        "checks": {key: check._asdict() for key, check in result.checks.items()},
        "left_out": result.left_out,
    }


def spread(ratio: Ratio) -> str:
    """Write a ratio with its smallest and largest."""
    return f"{short(ratio.median)} ({short(ratio.low)} to {short(ratio.high)})"


def short(number: float) -> str:
    """Write three digits of it, and no exponent."""
    for limit, digits in ((0.1, 4), (1, 3), (10, 2), (100, 1)):
        if number < limit:
            return f"{number:.{digits}f}"
    return f"{number:,.0f}"


def met(result: Result, key: str, limit: float) -> tuple[float, bool]:
    """Give the ratio that a limit is set for, and whether it is met."""
    if key in BELOW:
        ours = result.times_as_long(key).median
        return ours, ours <= limit
    ratio = result.ratio(key).median
    return ratio, ratio >= limit


def _cell(result: Result, key: str, limit: float) -> str:
    if key not in result.times:
        return f"{'-':>24}"
    ratio, good = met(result, key, limit)
    sign = "≤" if key in BELOW else "≥"
    return f"{f'{short(ratio)} {sign} {limit:.3g} ' + ('ok' if good else 'FAIL'):>24}"
