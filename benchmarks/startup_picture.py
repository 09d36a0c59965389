"""The picture of startup.py: to import, to install and for one job, a panel of bars each."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from measuring.pictures import FLOOR, INK, OURS, bare, figure, save
from measuring.sizes import MEGABYTE

if TYPE_CHECKING:
    from startup_report import Measured

OTHER = "#cfcfcf"
COLOURS = {"minimlp": OURS, "NumPy": FLOOR, "import numpy": FLOOR}


def draw(measured: Measured, path: Path) -> None:
    """Draw three panels, the shortest bar on top of each."""
    imports = {name: median(times) for name, times in measured.imports.items()}
    sizes = {name: sum(each.values()) / MEGABYTE for name, each in measured.sizes.items()}
    jobs = {name: median(times) for name, times in measured.jobs.items()}
    picture = figure(11, 3.4)
    panels = picture.subplots(1, 3)
    bars(panels[0], "import: seconds", imports, "{:.2f}")
    bars(panels[1], "installed with what it requires: MB", sizes, "{:,.0f}")
    bars(
        panels[2],
        "whole job, digits at 97 %: seconds",
        {"import numpy": imports["NumPy"], **jobs},
        "{:.2f}",
    )
    save(picture, path)


def bars(panel: Any, title: str, values: dict[str, float], label: str) -> None:
    """Draw bars from zero, each with its value."""
    bare(panel)
    panel.grid(visible=False, axis="y")
    panel.tick_params(axis="y", length=0)
    names = sorted(values, key=values.__getitem__, reverse=True)
    lengths = [values[name] for name in names]
    panel.barh(names, lengths, color=[COLOURS.get(name, OTHER) for name in names])
    for row, (name, tick) in enumerate(zip(names, panel.get_yticklabels(), strict=True)):
        words: Any = {"fontsize": 9, "color": INK, "va": "center"}
        weight = "bold" if name == "minimlp" else "normal"
        tick.set_weight(weight)
        panel.annotate(
            label.format(values[name]),
            (values[name], row),
            (4, 0),
            textcoords="offset points",
            weight=weight,
            **words,
        )
    panel.set_xlim(0, max(lengths) * 1.18)
    panel.set_title(title, loc="left", fontsize=10, color=INK)
