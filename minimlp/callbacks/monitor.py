"""Whether a figure that is watched has got better: one rule for every callback that asks.

    lower is better:   value + min_delta < best
    higher is better:  value − min_delta > best

The first figure is compared with ±∞. NaN is smaller and greater than nothing: it never is better.
"""

from __future__ import annotations

import math
from typing import Any

_HIGHER = ("accuracy", "precision", "recall", "f1", "auc", "r2")
_LOWER = ("loss", "error", "mse", "rmse", "mae", "mape")


def as_monitor(value: Any) -> str:
    """Check the name of a figure."""
    if isinstance(value, str):
        return value
    raise TypeError(f"monitor must be the name of a figure such as 'val_loss', got {value!r:.80}")


def as_mode(value: Any) -> str:
    """Check which direction is better: ``"min"``, ``"max"``, or ``"auto"`` for by name."""
    if value in ("auto", "min", "max"):
        return str(value)
    raise ValueError(f"mode must be 'auto', 'min' or 'max', got {value!r:.80}")


def check_measured(owner: str, monitor: str, mode: str, names: tuple[str, ...]) -> None:
    """Refuse to watch what training does not measure, or what may be better either way.

    Raises
    ------
    ValueError
        Says what there is.
    """
    if monitor in names:
        if mode == "auto" and not monitor.endswith(_HIGHER + _LOWER):
            raise ValueError(
                f"{owner} has monitor={monitor!r}, and it is not known whether more of it is "
                f"better: say so by mode='max' or mode='min'"
            )
        return
    hint = ""
    if monitor.removeprefix("val_") in names:
        hint = "; val_… needs validation_data or validation_split"
    raise ValueError(
        f"{owner} has monitor={monitor!r}, which this training does not measure: "
        f"expected one of {', '.join(names)}{hint}"
    )


def improves(
    value: float, best: float | None, monitor: str, mode: str, min_delta: float = 0.0
) -> bool:
    """Tell whether `value` is better than `best` by more than `min_delta`.

    Parameters
    ----------
    value : float
        Now.
    best : float or None
        So far; None where there has been none.
    monitor : str
        Its name. In mode ``"auto"`` more is better where it ends in accuracy, precision, recall,
        f1, auc or r2, and less where it ends in loss, error, mse, rmse, mae or mape.
    mode : str
        ``"auto"``, ``"min"`` or ``"max"``.
    min_delta : float
        At least 0.
    """
    if mode == "max" or (mode == "auto" and monitor.endswith(_HIGHER)):
        return value - min_delta > (-math.inf if best is None else best)
    return value + min_delta < (math.inf if best is None else best)
