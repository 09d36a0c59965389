import math

import pytest

from minimlp.callbacks.monitor import as_mode, as_monitor, check_measured, improves


@pytest.mark.parametrize(
    "monitor",
    [
        "accuracy",
        "val_accuracy",
        "top_k_accuracy",
        "precision",
        "val_recall",
        "f1",
        "roc_auc",
        "r2",
    ],
)
def test_more_is_better_by_name(monitor: str) -> None:
    assert improves(0.6, 0.5, monitor, "auto")
    assert not improves(0.4, 0.5, monitor, "auto")


@pytest.mark.parametrize("monitor", ["loss", "val_loss", "mse", "val_mae", "val_error"])
def test_less_is_better_otherwise(monitor: str) -> None:
    assert improves(0.4, 0.5, monitor, "auto")
    assert not improves(0.6, 0.5, monitor, "auto")


def test_the_mode_overrules_the_name() -> None:
    assert improves(0.6, 0.5, "loss", "max")
    assert improves(0.4, 0.5, "accuracy", "min")


@pytest.mark.parametrize("mode", ["min", "max"])
def test_equal_is_not_better(mode: str) -> None:
    assert not improves(0.5, 0.5, "loss", mode)


def test_it_must_be_better_by_more_than_min_delta() -> None:
    # 0.75 + 0.25 < 1 is false, 0.625 + 0.25 < 1 is true: all exact in binary.
    assert not improves(0.75, 1.0, "loss", "min", 0.25)
    assert improves(0.625, 1.0, "loss", "min", 0.25)
    assert not improves(1.25, 1.0, "r2", "max", 0.25)
    assert improves(1.375, 1.0, "r2", "max", 0.25)


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("best", [None, 0.5, math.inf, -math.inf])
def test_nan_never_is_better(mode: str, best: float | None) -> None:
    assert not improves(math.nan, best, "loss", mode)


def test_any_finite_figure_beats_none() -> None:
    assert improves(1e300, None, "loss", "min", 1.0)
    assert improves(-1e300, None, "loss", "max", 1.0)
    assert not improves(math.inf, None, "loss", "min")
    assert not improves(-math.inf, None, "loss", "max")


def test_bad_arguments_are_named() -> None:
    with pytest.raises(ValueError, match=r"mode .*'least'"):
        as_mode("least")
    with pytest.raises(ValueError, match=r"mode .*None"):
        as_mode(None)
    with pytest.raises(TypeError, match=r"monitor .*3"):
        as_monitor(3)


def test_what_is_not_measured_is_refused_with_what_is() -> None:
    check_measured("Own", "loss", "auto", ("loss", "accuracy"))
    with pytest.raises(ValueError, match=r"Own .*'val_loss'.* loss, accuracy; .*validation_data"):
        check_measured("Own", "val_loss", "auto", ("loss", "accuracy"))
    with pytest.raises(ValueError, match=r"Own .*'auc'.*one of loss$"):
        check_measured("Own", "auc", "auto", ("loss",))


def test_what_may_be_better_either_way_needs_a_mode() -> None:
    names = ("loss", "kappa", "f1_score")
    for name in ("kappa", "f1_score"):
        with pytest.raises(ValueError, match=rf"Own .*'{name}'.*mode='max' or mode='min'"):
            check_measured("Own", name, "auto", names)
        check_measured("Own", name, "max", names)
