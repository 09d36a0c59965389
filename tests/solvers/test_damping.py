"""The rule for μ, step by step."""

from typing import Any

import numpy as np
import pytest

from minimlp.solvers.damping import Damping

H = np.array([[4.0, 1.0], [1.0, 0.25 + 1e-3]])
G = np.array([1.0, -2.0])


def looking(initial: float = 0.5, scaling: str = "marquardt") -> Damping:
    damping = Damping(initial, scaling, H.diagonal())
    damping.look(H.diagonal().copy())
    return damping


@pytest.mark.parametrize(("scaling", "d"), [("marquardt", H.diagonal()), ("levenberg", np.ones(2))])
def test_a_step_solves_the_damped_system(scaling: str, d: Any) -> None:
    damping = looking(0.5, scaling)
    assert damping.value == (0.5 if scaling == "marquardt" else 2.0)
    step, predicted = damping.step(H, G)
    np.testing.assert_allclose(step, np.linalg.solve(H + damping.value * np.diag(d), -G))
    assert predicted == pytest.approx(-(G @ step) - step @ H @ step / 2)


def test_h_and_g_are_only_read() -> None:
    h, g = H.copy(), G.copy()
    looking().step(h, g)
    assert (h.tolist(), g.tolist()) == (H.tolist(), G.tolist())


@pytest.mark.parametrize(
    ("gained", "factor"),
    [(1.0, 1 / 3), (5.0, 1 / 3), (0.75, 0.875), (0.5, 1.0), (0.25, 1.125), (1e-9, 2.0)],
)
def test_a_good_step_lowers_it_and_a_middling_one_does_not(gained: float, factor: float) -> None:
    damping = looking()
    damping.rise()
    damping.value = 0.5
    damping.fall(gained, 1.0)
    assert damping.value == pytest.approx(0.5 * factor)
    damping.rise()  # twofold again
    assert damping.value == pytest.approx(factor)


def test_a_bad_step_raises_it_more_each_time() -> None:
    damping = looking(1.0)
    values = []
    for _ in range(4):
        damping.rise()
        values.append(damping.value)
    assert values == [2.0, 8.0, 64.0, 1024.0]


def test_from_0_it_rises_to_something() -> None:
    damping = looking(0.0)
    damping.rise()
    assert damping.value > 0


@pytest.mark.parametrize("scaling", ["marquardt", "levenberg"])
def test_what_is_not_positive_definite_raises_it_until_it_is(scaling: str) -> None:
    damping, singular = looking(0.0, scaling), np.ones((2, 2))
    step, predicted = damping.step(singular, np.ones(2))
    assert damping.value > 0
    np.testing.assert_allclose(singular @ step, -np.ones(2), atol=1e-3)
    assert predicted == pytest.approx(0.5, rel=1e-3)


def test_where_nothing_helps_there_is_no_step() -> None:
    damping = Damping(1.0, "marquardt", np.full(2, 1e-300))
    damping.look(np.full(2, 1e-300))
    step, predicted = damping.step(np.array([[0.0, 1e100], [1e100, 0.0]]), G)
    assert (step.tolist(), predicted) == ([0, 0], 0)


def test_marquardts_scale_is_the_largest_so_far() -> None:
    damping = looking()
    damping.look(np.array([1.0, 9.0]))
    assert damping.scale.tolist() == [4.0, 9.0]
    assert damping.value == 0.5
    assert damping.length(np.array([2.0, 1.0])) == 5.0


def test_a_parameter_without_influence_gets_no_step() -> None:
    damping = Damping(0.1, "marquardt", np.array([2.0, 0.0]))
    damping.look(np.array([2.0, 0.0]))
    step, _ = damping.step(np.diag([2.0, 0.0]), np.array([1.0, 0.0]))
    assert step[0] < 0
    assert step[1] == 0


@pytest.mark.parametrize("scaling", ["marquardt", "levenberg"])
def test_it_goes_on_from_what_was_kept(scaling: str) -> None:
    first = looking(0.5, scaling)
    first.rise()
    other = Damping(7.0, scaling, np.ones(2))
    other.restore(first.state())
    for damping in (first, other):
        damping.look(np.array([1.0, 9.0]))
        damping.rise()
    assert other.value == first.value
    assert other.scale.tolist() == first.scale.tolist()
    assert other.step(H, G)[0].tobytes() == first.step(H, G)[0].tobytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scale", np.ones(3)),
        ("scale", [1.0, 2.0]),
        ("scale", np.array([1.0, -1.0])),
        ("scale", np.array([1.0, np.nan])),
        ("damping", -1.0),
        ("damping", "much"),
        ("growth", 0.0),
    ],
)
def test_a_state_that_does_not_fit_is_refused(name: str, value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=name):
        Damping(1.0, "marquardt", np.ones(2)).restore({**looking().state(), name: value})


def test_without_damping_more_is_expected() -> None:
    damping = looking()
    whole = damping.undamped(H, G)
    assert whole == pytest.approx(0.5 * G @ np.linalg.solve(H, G), rel=1e-6)
    assert whole > damping.step(H, G)[1]


def test_without_damping_a_singular_system_is_no_error() -> None:
    found = looking().undamped(np.ones((2, 2)), np.ones(2))
    assert found == pytest.approx(0.5, rel=1e-6)
    assert looking().undamped(np.diag([2.0, 0.0]), np.array([1.0, 0.0])) == pytest.approx(0.25)
