"""The tables of startup.py."""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

from measuring.rounds import ratio
from measuring.sizes import MEGABYTE


class Measured(NamedTuple):
    """Seconds round by round, and bytes by distribution."""

    imports: dict[str, list[float]]
    sizes: dict[str, dict[str, int]]
    wheel: int | None
    jobs: dict[str, list[float]]


def table(title: str, times: dict[str, list[float]], bases: dict[str, list[float]]) -> str:
    """Write medians, and the ratios to what `bases` holds."""
    lines = [f"{title:<20}{'ms':>9}" + "".join(f"{'× ' + base:>27}" for base in bases)]
    for name, seconds in times.items():
        ratios = "".join(f"{ratio(seconds, base)!s:>27}" for base in bases.values())
        lines.append(f"{name:<20}{median(seconds) * 1e3:>9,.0f}{ratios}")
    return "\n".join(lines)


def tables(measured: Measured) -> str:
    """Write all that was measured for a person."""
    numpy = {"import numpy": measured.imports["NumPy"]}
    ours = {"minimlp": measured.jobs["minimlp"]} if "minimlp" in measured.jobs else {}
    lines = [f"{'installed':<20}{'MB':>9}{'of its own':>14}   with"]
    for name, sizes in measured.sizes.items():
        own, *others = sizes
        lines.append(
            f"{name:<20}{sum(sizes.values()) / MEGABYTE:>9.1f}{sizes[own] / MEGABYTE:>14.2f}"
            f"   {len(others)} others"
        )
    if measured.wheel is not None:
        lines.append(f"minimlp's wheel, by pip wheel: {measured.wheel / 1e3:.0f} KB")
    return "\n\n".join(
        [
            table("import", measured.imports, numpy),
            "\n".join(lines),
            table("whole job", measured.jobs, {**numpy, **ours}),
        ]
    )
