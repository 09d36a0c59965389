"""One style for all pictures: readable in greyscale, ours drawn heavier than the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

INK = "#222222"
OURS = "#1f4e79"
FLOOR = "#9a9a9a"
OTHERS = ("#d9730d", "#2a9d8f", "#a23b72", "#c9a227", "#6a4c93", "#7f5539", "#e56b6f", "#457b9d")
MARKERS = "osD^vP*X"
WORDS: Any = {"fontsize": 9, "color": INK}


def figure(width: float = 9.6, height: float = 4.2) -> Figure:
    """Make an empty picture; 960 points of screen wide unless said otherwise."""
    return Figure(figsize=(width, height), dpi=100, layout="constrained")


def bare(axes: Any) -> None:
    """Take away the lines that carry nothing."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9, colors=INK)
    axes.grid(visible=True, which="major", linewidth=0.4, color="#cccccc")
    axes.set_axisbelow(True)


def against_size(axes: Any, axis: str, title: str, legend: str) -> None:
    """Finish a panel of times against sizes, both logarithmic, whose labels tell slopes."""
    bare(axes)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(_plain))
    axes.set_xlabel(axis, **WORDS)
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.legend(
        title=legend,
        title_fontsize=8,
        fontsize=8,
        loc="upper left",
        labelcolor=INK,
        handlelength=3,
        framealpha=0.9,
        edgecolor="none",
    )


def _plain(value: float, _: Any) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def save(picture: Figure, path: Path) -> None:
    """Write a PNG."""
    picture.savefig(path)
    print(f"picture: {path}")
