"""The picture of growth: a panel a curve, time against size, with the slopes in the legend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from measuring.pictures import FLOOR, OURS, WORDS, against_size, figure, save

if TYPE_CHECKING:
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
        for name, times in curve.times.items():
            first, last = curve.slopes(name)
            panel.plot(
                curve.sizes,
                [1e3 * time for time in times],
                label=f"{name}  {first:.2f} … {last:.2f}".replace("-", "−"),
                markersize=4.5,
                **STYLES[name],
            )
        against_size(panel, curve.axis, curve.title, "slope, first … last three points")
    panels[0].set_ylabel("ms an iteration", **WORDS)
    save(picture, path)
