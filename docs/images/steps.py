"""Draw docs/images/steps.png: how wrong a numeric derivative is, against the step it is taken with.

pip install ".[cli]" && python docs/images/steps.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image  # comes with matplotlib

from minimlp import MSE
from minimlp.datasets import worked_example

INK, CENTRAL, COMPLEX = "#222222", "#d9730d", "#1f4e79"
WORDS: Any = {"fontsize": 9, "color": INK}
EPS = np.finfo(np.float64).eps


def main() -> None:
    """Differentiate the worked page's loss with steps of every size, and draw."""
    figure = Figure(figsize=(9.6, 3.9), dpi=100, layout="constrained")
    near, far = figure.subplots(1, 2, sharey=True, width_ratios=[2.4, 1])
    frame(near, (0, -20), range(0, -21, -2))
    frame(far, (-20, -300), (-20, -100, -200, -300))
    for axes, exponents in [(near, np.arange(0, -20.1, -0.25)), (far, np.arange(-20, -301, -5.0))]:
        for label, error, color, style, width in [
            ("complex step", complex_error, COMPLEX, "-", 2.6),
            ("central differences", central_error, CENTRAL, "--", 1.6),
        ]:
            errors = [error(10.0**exponent) for exponent in exponents]
            axes.plot(exponents, errors, style, color=color, label=label, linewidth=width)

    mark(near, float(np.log10(np.cbrt(EPS))), "h = ∛eps = 6e−6")
    mark(far, -200, "h = 1e−200")
    near.text(-0.3, 5e-12, "both: the error of\nthe formula is ∝ h²", **WORDS, va="top")
    near.text(-8.9, 3e-9, "differences: rounding grows with 1/h", **WORDS)
    near.text(-8.9, 3e-15, "complex: nothing is subtracted, all digits stay", **WORDS)
    near.set_ylabel("largest relative error", color=INK)
    far.legend(loc="center", fontsize=9, framealpha=1, edgecolor="white")
    far.tick_params(axis="y", left=False)
    far.spines["left"].set_visible(False)
    figure.supxlabel("step h, down to 1e−20, then on to 1e−300 in larger strides", **WORDS)
    title = "derivatives of the worked page’s loss by its 12 parameters, in float64"
    figure.suptitle(title, fontsize=10, color=INK)
    path = Path(__file__).with_name("steps.png")
    figure.savefig(path)
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)  # a third of the bytes


def frame(axes: Axes, limits: tuple[float, float], ticks: Any) -> None:
    """Draw a logarithmic axis of steps that get smaller to the right."""
    axes.set(xlim=limits, yscale="log", ylim=(2e-17, 30))
    axes.set_xticks(ticks, [f"1e{tick}".replace("-", "−") if tick else "1" for tick in ticks])
    axes.set_yticks([1, 1e-4, 1e-8, 1e-12, 1e-16], ["1", "1e−4", "1e−8", "1e−12", "1e−16"])
    axes.minorticks_off()
    axes.grid(color="0.92")
    axes.spines[["top", "right"]].set_visible(False)


def mark(axes: Axes, place: float, text: str) -> None:
    """Mark the step that the package takes."""
    axes.axvline(place, color="0.5", linewidth=1, linestyle=":")
    axes.annotate(text, (place, 8), (4, 0), textcoords="offset points", va="center", **WORDS)


def central_error(step: float) -> float:
    """Give the error of (f(x + h) − f(x − h)) / 2h."""
    return error_of(lambda loss: (loss(step) - loss(-step)) / (2 * step))


def complex_error(step: float) -> float:
    """Give the error of Im f(x + ih) / h."""
    return error_of(lambda loss: loss(1j * step).imag / step)


def error_of(differentiate: Any) -> float:
    """Compare with backpropagation, all parameters, as `check_gradients` does."""
    model, x, y = worked_example()
    model.backward(MSE().gradient(model.forward(x), y))
    exact = model.gradients
    moved = model.copy(np.complex128)

    def loss_along(k: int) -> Any:
        def loss(step: complex) -> Any:
            kept = moved.parameters[k]
            moved.parameters[k] += step
            value = MSE().value(moved.forward(x), y)
            moved.parameters[k] = kept
            return value

        return loss

    numeric = np.array([differentiate(loss_along(k)) for k in range(len(exact))]).real
    return max(float(np.abs(numeric - exact).max() / np.abs(exact).max()), EPS / 4)


if __name__ == "__main__":
    main()
