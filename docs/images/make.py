"""Draw docs/images/digits.png: a network learns handwritten digits, and what it then reads.

pip install ".[cli]" && python docs/images/make.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minimlp import MSE, SGD, Dense, Sequential, Sigmoid
from minimlp.datasets import load_digits

INK, TRAIN, TEST, WRONG = "#222222", "#1f4e79", "#d9730d", "#c0212b"
LINES, COLUMNS = 4, 9


def main() -> None:
    """Train as the README does, and draw."""
    x, y = load_digits()
    order = np.random.default_rng(0).permutation(len(x))
    train, test = order[:1440], order[1440:]
    model = Sequential(Dense(64, 64), Sigmoid(), Dense(64, 10), Sigmoid(), seed=0)
    history = model.fit(
        x[train],
        y[train],
        loss=MSE(),
        optimizer=SGD(3.0),
        epochs=100,
        batch_size=16,
        metrics="accuracy",
        validation_data=(x[test], y[test]),
    ).history
    read = model.predict(x[test]).argmax(axis=1)

    figure = Figure(figsize=(9.6, 3.5), dpi=110, layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.45])
    curves(left.add_subplot(), history)
    # All that it misread, as far as they fit in the last line, behind others that it read.
    wrong = np.flatnonzero(read != y[test])[:COLUMNS]
    fine = np.flatnonzero(read == y[test])[: LINES * COLUMNS - len(wrong)]
    right.suptitle(
        f"images it has not seen, and what it reads: {np.mean(read == y[test]):.1%} right",
        fontsize=10,
        color=INK,
    )
    panels = right.subplots(LINES, COLUMNS)
    for axes, i in zip(panels.ravel(), [*fine, *wrong], strict=True):
        axes.imshow(x[test[i]].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("0.85")
        right_answer = read[i] == y[test[i]]
        axes.set_xlabel(
            f"{read[i]}" if right_answer else f"{read[i]}, not {y[test[i]]}",
            fontsize=8.5,
            labelpad=2,
            color=INK if right_answer else WRONG,
        )
    figure.savefig(Path(__file__).with_name("digits.png"))


def curves(axes: Axes, history: dict[str, list[float]]) -> None:
    """Draw the share of images misread, epoch by epoch."""
    epochs = range(1, len(history["loss"]) + 1)
    for name, label, color, style in [
        ("accuracy", "1,440 images to learn from", TRAIN, "-"),
        ("val_accuracy", "357 images never shown", TEST, "--"),
    ]:
        misread = 100 * (1 - np.array(history[name]))
        axes.plot(epochs, misread, style, color=color, label=label, linewidth=1.5)
    axes.set(xlabel="epoch", ylabel="misread, %", ylim=(0, 20))
    axes.grid(color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    axes.set_title("a 64-64-10 network learns digits", fontsize=10, color=INK)


if __name__ == "__main__":
    main()
