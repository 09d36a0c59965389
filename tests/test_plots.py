"""The pictures: what is drawn, how it is told apart, and that nothing global is touched."""

import io
import itertools
import subprocess
import sys

import numpy as np
import pytest

from minimlp.plots import plot_confusion_matrix, plot_history, plot_predictions

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


# A formula, one that is none, letters the font lacks, controls, nothing, and no text at all.
ODD_NAMES = ["$x^2$", "$\\frac$", "$", "中文", "a\nb", "\x00\ud800", "", "_x", "Größe", 3]


def texts(labels):
    return [label.get_text() for label in labels]


def test_odd_names_are_drawn_as_they_are_or_with_question_marks():
    figure = plot_confusion_matrix(np.eye(10, dtype=int), ODD_NAMES, title="中 $\\frac$")
    assert png(figure)
    (axes,) = figure.axes
    expected = ["$x^2$", "$\\frac$", "$", "??", "a b", "??", "", "_x", "Größe", "3"]
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        assert texts(labels) == expected
        assert not any(label.get_parse_math() for label in labels)
    assert texts(figure.texts) == ["? $\\frac$"]

    figure = plot_predictions(np.eye(10), np.eye(10), ODD_NAMES, title="中 $\\frac$")
    assert png(figure)
    assert [axes.get_title() for axes in figure.axes] == expected
    assert png(plot_history({"loss": [1.0], "中 $\\frac$": [1.0]}))


@pytest.mark.parametrize("family", ["DejaVu Serif", ["monospace", "sans-serif"], "no such font"])
def test_other_fonts(family):
    import matplotlib

    names = ["文", "Ж", *map(chr, range(0x100, 0x3000, 977))]
    with matplotlib.rc_context({"font.family": family}):
        figure = plot_confusion_matrix(np.eye(len(names)), names)
        assert png(figure)
    assert texts(figure.axes[0].get_xticklabels())[:2] == ["?", "Ж"]


def test_true_classes_down_predicted_across_with_counts_and_shares():
    figure = plot_confusion_matrix([[7, 1, 0], [0, 2, 2], [0, 0, 0]], ["a", "b", "c"], title="t")
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert texts(axes.get_xticklabels()) == texts(axes.get_yticklabels()) == ["a", "b", "c"]
    assert texts(axes.texts) == list("710022000")
    assert axes.texts[1].get_position() == (1, 0)
    np.testing.assert_array_equal(
        axes.images[0].get_array(), [[7 / 8, 1 / 8, 0], [0, 0.5, 0.5], [0, 0, 0]]
    )
    assert axes.yaxis_inverted()
    assert texts(figure.texts) == ["t"]


def luminance(colour):
    channels = np.array(colour[:3])
    linear = np.where(channels > 0.04045, ((channels + 0.055) / 1.055) ** 2.4, channels / 12.92)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_counts_stand_out_from_every_cell():
    from matplotlib.colors import to_rgb

    for count in (1, 20, 40, *range(55, 85, 2), 100):
        (axes,) = plot_confusion_matrix([[count, 100 - count], [0, 1]], "ab").axes
        cell = luminance(axes.images[0].to_rgba(count / 100))
        text = luminance(to_rgb(axes.texts[0].get_color()))
        assert (max(cell, text) + 0.05) / (min(cell, text) + 0.05) > 4, count


@pytest.mark.parametrize("classes", [1, 2, 3, 10, 40, 100, 150])
@pytest.mark.parametrize("length", [1, 100])
def test_labels_and_counts_fit(classes, length):
    matrix = np.full((classes, classes), 12)
    figure = plot_confusion_matrix(matrix, [str(k).ljust(length, "m") for k in range(classes)])
    assert png(figure)
    (axes,) = figure.axes
    height, width = figure.bbox.height, figure.bbox.width
    for axis, labels in (("x", axes.get_xticklabels()), ("y", axes.get_yticklabels())):
        boxes = [label.get_window_extent() for label in labels]
        spans = sorted((getattr(box, f"{axis}0"), getattr(box, f"{axis}1")) for box in boxes)
        assert all(a[1] < b[0] for a, b in itertools.pairwise(spans))
        assert all(box.x0 >= 0 and box.y0 >= 0 for box in boxes)
        assert all(box.x1 <= width and box.y1 <= height for box in boxes)
        assert all(len(label.get_text()) <= 24 for label in labels)
    cell = axes.get_window_extent().width / classes
    assert all(text.get_window_extent().width < cell for text in axes.texts)
    assert len(axes.texts) == (classes**2 if classes <= 40 else 0)
    assert axes.yaxis.label.get_window_extent().x0 >= 0
    assert axes.child_axes[0].yaxis.label.get_window_extent().x1 <= width


def test_a_long_title_fits():
    for figure in (
        plot_confusion_matrix([[1]], "a", title="some $ letters " * 1000),
        plot_predictions([1], [1], "a", title="many $ letters " * 1000),
    ):
        assert png(figure)
        (title,) = (text for text in figure.texts if "letters" in text.get_text())
        box = title.get_window_extent()
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
        assert box.y1 <= figure.bbox.height
        assert box.y0 > figure.axes[0].get_tightbbox().y1
        assert figure.axes[0].get_window_extent().height > 0.4 * figure.bbox.height


def test_of_many_classes_zeros_are_not_written():
    (axes,) = plot_confusion_matrix(np.eye(21, dtype=int), range(21)).axes
    assert texts(axes.texts) == ["1"] * 21


@pytest.mark.parametrize(
    ("matrix", "classes", "message"),
    [
        ([[1, 2]], ["a", "b"], r"matrix has shape \(1, 2\): .* classes has 2 names"),
        ([[1, 0], [0, 1]], ["a"], r"matrix has shape \(2, 2\): .* classes has 1 names"),
        (np.ones((0, 0)), [], r"matrix has shape \(0, 0\)"),
        ([[-1]], ["a"], "matrix must hold counts"),
        ([[0.5]], ["a"], "matrix must hold counts"),
        ([[np.nan]], ["a"], "matrix holds nan at row 0, column 0"),
    ],
)
def test_what_is_no_confusion_matrix(matrix, classes, message):
    with pytest.raises(ValueError, match=message):
        plot_confusion_matrix(matrix, classes)


@pytest.mark.parametrize(
    ("panels", "grid"), [(1, (1, 1)), (2, (1, 2)), (4, (1, 4)), (5, (2, 3)), (9, (3, 3))]
)
def test_a_panel_for_each_target(panels, grid):
    target, prediction = np.random.default_rng(0).normal(size=(2, 20, panels))
    figure = plot_predictions(target, prediction, range(panels), title="t")
    assert png(figure)
    assert [axes.get_title() for axes in figure.axes] == [str(k) for k in range(panels)]
    for k, axes in enumerate(figure.axes):
        assert axes.get_subplotspec().get_gridspec().get_geometry() == grid
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("true", "predicted")
        (points,), (diagonal,) = axes.collections, axes.lines
        np.testing.assert_array_equal(points.get_offsets(), np.c_[target[:, k], prediction[:, k]])
        np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
        assert axes.get_xlim() == axes.get_ylim() == tuple(diagonal.get_xdata())
        assert axes.get_xlim()[0] < points.get_offsets().min()
        assert axes.get_xlim()[1] > points.get_offsets().max()
        assert axes.get_aspect() == 1
        assert points.get_alpha() < 1
        assert points.get_rasterized()


def test_of_many_rows_some_are_drawn_always_the_same():
    target = np.arange(12_345.0)
    first, second = (plot_predictions(target, target + 1, ["a"]) for _ in range(2))
    points = first.axes[0].collections[0].get_offsets()
    np.testing.assert_array_equal(points, second.axes[0].collections[0].get_offsets())
    assert len(np.unique(points[:, 0])) == 10_000
    np.testing.assert_array_equal(points[:, 1], points[:, 0] + 1)
    assert texts(first.texts) == ["10,000 of 12,345 rows"]
    assert not plot_predictions(target[:10_000], target[:10_000], ["a"]).texts


@pytest.mark.parametrize("value", [0.0, 7.0, -1e17, 1e-5, 5e-324, 1e299, np.nan, np.inf, 1e305])
@pytest.mark.parametrize("rows", [1, 3])
def test_one_value_or_none_to_be_drawn(value, rows):
    prediction = np.full(rows, value)
    target = prediction if abs(value) < 1e300 else np.zeros(rows)
    figure = plot_predictions(target, prediction, ["a"])
    assert png(figure)
    drawn = figure.axes[0].collections[0].get_offsets()
    assert len(drawn) == (rows if abs(value) < 1e300 else 0)


def test_predictions_of_other_kinds():
    for prediction in (np.float32([1, 2]), [1, 2], [True, False]):
        assert png(plot_predictions([0, 1], prediction, ["a"]))


def test_names_and_targets_must_match():
    with pytest.raises(ValueError, match="names has 1 names: target has 2 columns"):
        plot_predictions(np.ones((3, 2)), np.ones((3, 2)), ["a"])
    with pytest.raises(ValueError, match="target has shape"):
        plot_predictions(np.ones((3, 2)), np.ones((2, 2)), ["a", "b"])
