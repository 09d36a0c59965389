"""Which losses a solver of least squares can lower."""

from __future__ import annotations

from ..losses import Loss
from ..registry import registered


def check_loss(solver: str, loss: Loss) -> None:
    """Refuse a loss that is no sum of squares, and has no weights that make it one.

    Raises
    ------
    ValueError
        With the names of those that work.
    """
    if not loss.is_reweighted:
        known = sorted(name for name, kind in registered(Loss).items() if kind.is_reweighted)
        raise ValueError(
            f"{solver} needs a loss that is a sum of squares, or gives each square a weight: "
            f"{', '.join(known)}; got {loss!r:.80}"
        )
