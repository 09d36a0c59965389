"""The curves: what is drawn, how it is told apart, and that nothing global is touched."""

import io
import subprocess
import sys

import pytest

from minimlp.plots import plot_history

HISTORY = {
    "loss": [0.5, 0.2, 0.1],
    "accuracy": [0.3, 0.8, 0.9],
    "val_loss": [0.6, 0.3, 0.2],
    "val_accuracy": [0.2, 0.7, 0.8],
}


def lines(axes):
    return {line.get_label(): line for line in axes.lines}


def png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def test_loss_left_metric_right():
    left, right = plot_history(HISTORY).axes
    assert [axes.get_xlabel() for axes in (left, right)] == ["epoch", "epoch"]
    assert [axes.get_ylabel() for axes in (left, right)] == ["loss", "accuracy"]
    assert left.get_position().x0 < right.get_position().x0
    assert list(lines(left)) == list(lines(right)) == ["training", "validation"]
    assert list(lines(left)["training"].get_xdata()) == [1, 2, 3]
    assert list(lines(left)["training"].get_ydata()) == HISTORY["loss"]
    assert list(lines(right)["validation"].get_ydata()) == HISTORY["val_accuracy"]


def test_the_curves_differ_without_colour():
    for axes in plot_history(HISTORY).axes:
        assert [line.get_linestyle() for line in axes.lines] == ["-", "--"]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == list(lines(axes))


def test_the_validation_curve_can_be_named():
    axes, _ = plot_history(HISTORY, validation_label="test").axes
    assert list(lines(axes)) == ["training", "test"]


def test_without_validation_or_metric():
    (axes,) = plot_history({"loss": [2.0, 1.0]}).axes
    assert list(lines(axes)) == ["training"]


@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_few_epochs(epochs):
    figure = plot_history({name: values[:epochs] for name, values in HISTORY.items()})
    assert png(figure).startswith(b"\x89PNG")
    for axes in figure.axes:
        assert all(tick == round(tick) for tick in axes.get_xticks())
        assert axes.get_xlim()[0] <= 0 < epochs <= axes.get_xlim()[1] or epochs == 0
        assert {line.get_marker() for line in axes.lines} <= {"o" if epochs == 1 else ""}
        assert len(axes.lines) == (2 if epochs else 0)


def test_an_empty_history():
    figure = plot_history({})
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss"]
    assert png(figure)


def test_no_pyplot_is_loaded():
    code = (
        "import sys; from minimlp.plots import plot_history\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plot_history({'loss': [1.0]})\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "minimlp\[cli\]"'):
        plot_history(HISTORY)


def test_a_loss_below_zero_is_shown_whole():
    (axes,) = plot_history({"loss": [1.0, -1.0]}).axes
    assert axes.get_ylim()[0] < -1


def test_a_loss_above_zero_starts_at_zero_and_fits():
    (axes,) = plot_history({"loss": [0.5], "val_loss": [0.4]}).axes
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] > 0.5


def test_a_loss_that_ran_away():
    assert png(plot_history({"loss": [1.0, float("inf"), float("nan")]}))
