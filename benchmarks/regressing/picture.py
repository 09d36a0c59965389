"""The picture of growth: a panel a curve, time against size, with the slopes in the legend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.ticker import FuncFormatter
from measuring.pictures import FLOOR, INK, OURS, WORDS, bare, figure, save

from .growth import Curve

STYLES = {
    "minimlp": {"color": OURS, "linewidth": 2.4, "marker": "o"},
    "floor": {"color": FLOOR, "linewidth": 1.4, "marker": "^", "linestyle": ":"},
}


def draw(curves: Sequence[Curve], path: Path) -> None:
    """Draw a panel for each curve; all have one scale of time."""
    picture = figure(9.6, 4.4)
    panels = picture.subplots(1, len(curves), sharey=True)
    for panel, curve in zip(panels, curves, strict=True):
        bare(panel)
        for name, times in curve.times.items():
            first, last = curve.slopes(name)
            panel.plot(
                curve.sizes,
                [1e3 * time for time in times],
                label=f"{name}  {first:.2f} … {last:.2f}".replace("-", "−"),
                markersize=4.5,
                **STYLES[name],
            )
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
        panel.yaxis.set_major_formatter(FuncFormatter(lambda time, _: f"{time:,g}"))
        panel.set_xlabel(curve.axis, **WORDS)
        panel.set_title(curve.title, loc="left", fontsize=10, color=INK)
        panel.legend(
            title="slope, first … last three points",
            title_fontsize=8,
            fontsize=8,
            loc="upper left",
            labelcolor=INK,
            handlelength=3,
            framealpha=0.9,
            edgecolor="none",
        )
    panels[0].set_ylabel("ms an iteration", **WORDS)
    save(picture, path)
