"""What every picture begins with: a figure of its own, and names as plain text.

They need matplotlib. Names may be of any kind: they are drawn as they are, never as formulas.
"""

from __future__ import annotations

import textwrap
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DARK, LIGHT = "#1f4e79", "#d9730d"


def figure_class() -> type[Figure]:
    """Give matplotlib's Figure, which needs no window and no global state.

    Raises
    ------
    ImportError
        matplotlib is not installed; the message says how to get it.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(f'plots need matplotlib ({error}): pip install "minimlp[cli]"') from error
    return Figure


def square_figure(extent: tuple[float, float], title: str) -> Figure:
    """Give a figure for square panels; "constrained" would cut off what stands beside them."""
    figure = figure_class()(figsize=extent, dpi=150, layout="compressed")
    if title:
        # matplotlib's own wrapping reads formulas, whatever parse_math says.
        lines = textwrap.fill(plain(title, longest=120), int(10 * extent[0]))
        figure.suptitle(lines, fontsize=11, parse_math=False)
    return figure


def plain(name: Any, longest: int | None = None) -> str:
    """Give the name on one line, cut where too long, with "?" for what the font cannot draw."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    text = " ".join(str(name).split())
    if longest is not None and len(text) > longest:
        text = text[: longest - 1] + "…"
    fonts = []
    for family in FontProperties().get_family():
        with suppress(ValueError):  # not installed: matplotlib takes the others
            fonts.append(findfont(FontProperties(family=[family]), fallback_to_default=False))
    drawable: set[int] = set()
    for font in fonts or [findfont(FontProperties())]:
        drawable.update(get_font(font).get_charmap())
    return "".join(character if ord(character) in drawable else "?" for character in text)
