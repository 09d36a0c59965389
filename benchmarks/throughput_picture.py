"""The ratios as a picture: a panel for each kind of work and dtype, a row for each net.

A shape belongs to a library, so that nothing is lost in greyscale; hollow is its compiled or
whole-epoch form. A thin line leads from the smallest to the largest ratio of the rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from measuring.pictures import FLOOR, INK, MARKERS, OTHERS, OURS, WORDS, bare, figure, save
from peers.entries import TRAINING
from peers.field import Result
from throughput_report import WORDS as WORK

CIRCLE, SQUARE, DIAMOND, UP, DOWN, PLUS, _, CROSS = list(MARKERS)
# Name, marker, colour, hollow; from top to bottom within a net's row.
STYLES: dict[str, tuple[str, str, str, bool]] = {
    "floor": ("floor: bare products", "|", FLOOR, False),
    "plain-step": ("minimlp: plain step", "|", OURS, False),
    "numpy-loop": ("NumPy loop", CROSS, OTHERS[5], False),
    "jax-epoch": ("JAX, compiled epoch", SQUARE, OTHERS[1], True),
    "jax-step": ("JAX, compiled step", SQUARE, OTHERS[1], False),
    "onnxruntime": ("ONNX Runtime", PLUS, OTHERS[7], False),
    "thinc": ("thinc", DOWN, OTHERS[4], False),
    "pytorch-compiled": ("PyTorch, compiled", CIRCLE, OTHERS[0], True),
    "pytorch": ("PyTorch", CIRCLE, OTHERS[0], False),
    "scikit-learn": ("scikit-learn (linear output)", UP, OTHERS[2], False),
    "keras": ("Keras on JAX", DIAMOND, OTHERS[6], False),
}
BAND = 0.8
"""The part of a net's row that its markers may fill."""


def draw(results: Sequence[Result], path: Path) -> None:
    """Draw all panels and write the PNG."""
    works = list(dict.fromkeys(result.work for result in results))
    dtypes = list(dict.fromkeys(result.task.dtype for result in results))
    panels = [[_of(results, work, dtype) for dtype in dtypes] for work in works]
    heights = [0.9 + 0.65 * max(map(len, row)) for row in panels]
    picture = figure(4.4 + 4.6 * len(dtypes), 0.5 + sum(heights))
    grid = picture.subplots(
        len(works), len(dtypes), sharex="row", squeeze=False, height_ratios=heights
    )
    drawn: dict[str, Any] = {}
    for row, panel_row in zip(grid, panels, strict=True):
        for axes, panel in zip(row, panel_row, strict=True):
            _panel(axes, panel, drawn)
    for axes in grid.flat:
        _ticks(axes)
    for axes in grid[:, 1:].flat:
        axes.tick_params(labelleft=False)
    for axes in grid[-1]:
        axes.set_xlabel("time ÷ minimlp's time (log scale), right of the line: slower", **WORDS)
    keys = [key for key in STYLES if key in drawn]
    picture.legend(
        [drawn[key] for key in keys],
        [STYLES[key][0] for key in keys],
        loc="outside right upper",
        fontsize=9,
        frameon=False,
    )
    save(picture, path)


def _of(results: Sequence[Result], work: str, dtype: str) -> list[Result]:
    return [result for result in results if (result.work, result.task.dtype) == (work, dtype)]


def _panel(axes: Any, panel: Sequence[Result], drawn: dict[str, Any]) -> None:
    keys = [key for key in STYLES if any(key in result.bases for result in panel)]
    for y, result in enumerate(panel):
        if y % 2:
            axes.axhspan(y - 0.5, y + 0.5, color="#f3f3f3", zorder=0)
        for place, key in enumerate(keys):
            if key in result.bases:
                at = y + BAND * ((place + 0.5) / len(keys) - 0.5)
                drawn[key] = _mark(axes, key, result.ratio(key), at)
    axes.axvline(1, color=OURS, linewidth=2.5, zorder=1)
    axes.text(
        1, 1, "minimlp", transform=axes.get_xaxis_transform(), ha="center", va="bottom",
        fontsize=9, fontweight="bold", color=OURS,
    )  # fmt: skip
    bare(axes)
    axes.set_xscale("log")
    axes.grid(visible=False, axis="y")
    names = [r.task.name if r.work in TRAINING else r.task.net for r in panel]
    axes.set_yticks(range(len(panel)), names)
    axes.set_ylim(len(panel) - 0.5, -0.5)
    if panel:
        axes.set_title(
            f"{WORK[panel[0].work]}, {panel[0].task.dtype}".capitalize(),
            loc="left",
            pad=18,
            **WORDS,
        )


def _ticks(axes: Any) -> None:
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1500 * low else (1,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}×"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _mark(axes: Any, key: str, ratio: Any, y: float) -> Any:
    _, marker, color, hollow = STYLES[key]
    axes.plot([ratio.low, ratio.high], [y, y], color=color, linewidth=1, zorder=2)
    (mark,) = axes.plot(
        [ratio.median],
        [y],
        linestyle="none",
        marker=marker,
        markersize=9 if marker == "|" else 6.5,
        color=color,
        markerfacecolor="white" if hollow else color,
        markeredgecolor=color if hollow or marker == "|" else INK,
        markeredgewidth=2 if marker == "|" else 1.4 if hollow else 0.5,
        zorder=3,
    )
    return mark
