"""The picture of scaling.py: a panel a sweep, time against size, with the slopes in the legend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter
from measuring.pictures import FLOOR, OTHERS, OURS, WORDS, against_size, figure, save

if TYPE_CHECKING:
    from scaling_sweeps import Curve, Sweep

STYLES = {
    "minimlp": {"color": OURS, "linewidth": 2.4, "marker": "o"},
    "PyTorch": {"color": OTHERS[0], "linewidth": 1.4, "marker": "s", "linestyle": "--"},
    "floor": {"color": FLOOR, "linewidth": 1.4, "marker": "^", "linestyle": ":"},
}


def draw(results: Sequence[tuple[Sweep, dict[str, Curve]]], path: Path) -> None:
    """Draw a panel for each sweep; all have one scale of time."""
    picture = figure(11, 4.4)
    panels = picture.subplots(1, len(results), sharey=True)
    for panel, (sweep, curves) in zip(panels, results, strict=True):
        for name, curve in curves.items():
            panel.plot(
                sweep.sizes,
                [time * 1e6 for time in curve.times],
                label=f"{name}  {curve.small:.2f} … {curve.large:.2f}".replace("-", "−"),
                markersize=4.5,
                **STYLES[name],
            )
        against_size(panel, sweep.axis, sweep.net, "slope, first … last four points")
        panel.set_xscale("log", base=2)
        panel.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    panels[0].set_ylabel("µs a training step", **WORDS)
    low, high = panels[0].get_ylim()
    panels[0].set_ylim(low, high * 4)  # room for the legends
    save(picture, path)
