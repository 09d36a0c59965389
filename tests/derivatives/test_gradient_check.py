import math

import pytest

from minimlp.derivatives import ArrayCheck, GradientCheck

RIGHT = ArrayCheck("layers[0].weight", (2, 3), 6, 2e-16, (1, 2), 0.5, 0.5, "fit")
FROZEN = ArrayCheck("layers[0].bias", (3,), 0)
WRONG = ArrayCheck("layers[2].weight", (30, 100), 12, 0.25, (3, 1), -1.25, -1.0, "backward")
SCALAR = ArrayCheck("layers[3].gain", (), 1, 3e-16, (), 2.0, 2.0, "per_sample_gradients")
NAN = ArrayCheck("x", (4, 2), 8, math.nan, (0, 1), math.nan, 1.0, "backward")


def test_it_is_true_when_every_array_agrees_and_prints_a_table():
    check = GradientCheck("complex-step", 1e-12, (RIGHT, FROZEN, SCALAR))
    assert check
    assert (check.max_error, check.worst) == (3e-16, "layers[3].gain")
    assert (
        str(check)
        == """\
all derivatives agree: complex-step, largest error 3.0e-16, tolerance 1e-12
  array             shape   checked  error
  layers[0].weight  (2, 3)  6 of 6   2.0e-16
  layers[0].bias    (3,)    0 of 3            frozen, skipped
  layers[3].gain    ()      1 of 1   3.0e-16
worst at layers[3].gain: 2 by per_sample_gradients, 2 by complex-step"""
    )


def test_it_is_false_when_one_disagrees_names_the_entry_and_ends_with_the_note():
    check = GradientCheck("central", 1e-5, (RIGHT, WRONG), note="a sample was checked")
    assert not check
    assert (check.max_error, check.worst) == (0.25, "layers[2].weight[3, 1]")
    lines = repr(check).split("\n")
    assert lines[0] == "DERIVATIVES DISAGREE: central, largest error 2.5e-01, tolerance 1e-05"
    assert lines[3].split("  ")[1:] == [
        "layers[2].weight",
        "(30, 100)",
        "12 of 3000",
        "2.5e-01",
        "differs, most at layers[2].weight[3, 1]",
    ]
    assert lines[4:] == [
        "worst at layers[2].weight[3, 1]: -1.25 by backward, -1 by central",
        "a sample was checked",
    ]


@pytest.mark.parametrize("arrays", [(NAN, WRONG), (WRONG, NAN), (RIGHT, NAN)])
def test_nan_is_the_worst_of_all_errors(arrays):
    check = GradientCheck("complex-step", 1e-12, arrays)
    assert not check
    assert math.isnan(check.max_error)
    assert check.worst == "x[0, 1]"
    assert "differs, most at x[0, 1]" in str(check)


@pytest.mark.parametrize(("tolerance", "verdict"), [(0.25, True), (0.2499, False), (0.0, False)])
def test_an_error_as_large_as_the_tolerance_still_agrees(tolerance, verdict):
    assert bool(GradientCheck("central", tolerance, (RIGHT, WRONG))) is verdict


def test_a_frozen_array_never_disagrees_and_is_never_the_worst():
    frozen = ArrayCheck("layers[0].bias", (3,), 0, error=9.0)
    check = GradientCheck("complex-step", 1e-12, (frozen, RIGHT))
    assert check
    assert check.worst == "layers[0].weight[1, 2]"


def test_arrays_know_their_size():
    assert [array.size for array in (RIGHT, FROZEN, WRONG, SCALAR)] == [6, 3, 3000, 1]
