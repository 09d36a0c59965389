"""The schedules give Keras's and PyTorch's rates (fixtures/make_schedules.py)."""

from pathlib import Path

import numpy as np
import pytest

from minimlp import schedules
from minimlp.registry import build, describe, registered
from minimlp.schedules import CosineDecay, ExponentialDecay, OneCycle, Schedule, StepDecay

with np.load(Path(__file__).parent.parent / "fixtures" / "schedules" / "rates.npz") as file:
    RATES = dict(file)
OWN = {name: piece for name, piece in registered(Schedule).items() if hasattr(schedules, name)}


@pytest.mark.parametrize("call", RATES)
def test_rates_as_computed_elsewhere(call):
    schedule = eval(call, dict(OWN))
    keras = isinstance(schedule, ExponentialDecay | CosineDecay)  # which computes in float32
    ours = [schedule(step) for step in range(len(RATES[call]))]
    tolerance = 2e-7 * max(ours) if keras else 0
    np.testing.assert_allclose(ours, RATES[call], rtol=2e-6 if keras else 1e-12, atol=tolerance)
    assert {type(rate) for rate in ours} == {float}


def test_every_schedule_is_compared():
    assert {call.split("(")[0] for call in RATES} == set(OWN)
    assert set(OWN) == {"CosineDecay", "ExponentialDecay", "OneCycle", "StepDecay"}


@pytest.mark.parametrize("call", RATES)
def test_made_again_from_its_repr_and_its_description(call):
    schedule = eval(call, dict(OWN))
    for again in (eval(repr(schedule), dict(OWN)), build(describe(schedule), Schedule)):
        assert repr(again) == repr(schedule)
        assert [again(step) for step in range(70)] == [schedule(step) for step in range(70)]


@pytest.mark.parametrize("call", RATES)
def test_any_step_may_be_asked_for_in_any_order(call):
    schedule = eval(call, dict(OWN))
    steps = [59, 0, 30, 30, 5, 1000]
    assert [schedule(step) for step in steps] == [eval(call, dict(OWN))(step) for step in steps]
    assert 0 <= schedule.rate(500) < np.inf


def test_after_the_end_the_last_rate_stays():
    cosine, cycle = CosineDecay(0.5, 10, alpha=0.1), OneCycle(0.5, 10)
    assert cosine(10) == cosine(11) == cosine(10**9) == pytest.approx(0.05)
    assert cycle(9) == cycle(10) == cycle(10**9) == pytest.approx(0.5 / 25 / 1e4)


def test_a_warm_up_rises_on_a_line_to_its_target():
    schedule = CosineDecay(0.1, 4, warmup_target=0.5, warmup_steps=4)
    rates = [schedule(step) for step in range(9)]
    assert rates[:5] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert rates[6] == pytest.approx(0.25)
    assert rates[8] == 0


@pytest.mark.parametrize("total", [1, 2, 3, 10])
@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.999])
def test_the_shortest_cycles(total, share):
    rates = [OneCycle(1.0, total, share)(step) for step in range(total + 2)]
    assert all(0 < rate <= 1 for rate in rates)
    assert rates[-1] == pytest.approx(1 / 25 / 1e4)


@pytest.mark.parametrize(
    ("make", "error", "name"),
    [
        (lambda: ExponentialDecay(-1, 1, 1), ValueError, "initial_learning_rate"),
        (lambda: ExponentialDecay(1, 0, 1), ValueError, "decay_steps"),
        (lambda: ExponentialDecay(1, 1.5, 1), TypeError, "decay_steps"),
        (lambda: ExponentialDecay(1, 1, -0.1), ValueError, "decay_rate"),
        (lambda: ExponentialDecay(1, 1, 1, 1), TypeError, "staircase"),
        (lambda: CosineDecay("1", 1), TypeError, "initial_learning_rate"),
        (lambda: CosineDecay(1, True), TypeError, "decay_steps"),
        (lambda: CosineDecay(1, 1, -1), ValueError, "alpha"),
        (lambda: CosineDecay(1, 1, 0, np.nan), ValueError, "warmup_target"),
        (lambda: CosineDecay(1, 1, 0, 1, -1), ValueError, "warmup_steps"),
        (lambda: CosineDecay(1, 1, warmup_steps=5), ValueError, "warmup_steps=5 needs a warmup_t"),
        (lambda: StepDecay(np.inf, 1), ValueError, "initial_learning_rate"),
        (lambda: StepDecay(1, 0), ValueError, "step_size"),
        (lambda: StepDecay(1, 1, None), TypeError, "gamma"),
        (lambda: OneCycle(-1, 1), ValueError, "max_learning_rate"),
        (lambda: OneCycle(1, 0), ValueError, "total_steps"),
        (lambda: OneCycle(1, 1, 1.0), ValueError, "pct_start"),
        (lambda: OneCycle(1, 1, 0.3, 0.5), ValueError, "div_factor"),
        (lambda: OneCycle(1, 1, 0.3, 25, 0), ValueError, "final_div_factor"),
    ],
)
def test_a_wrong_argument_is_named(make, error, name):
    with pytest.raises(error, match=f"^{name}"):
        make()


def test_a_rate_that_overflows_is_refused_with_its_step():
    schedule = ExponentialDecay(1.0, 1, 10.0)
    assert schedule.rate(300) == pytest.approx(1e300)
    for step in (309, 100_000):
        with pytest.raises(ValueError, match=f"gives inf at step {step}: expected a finite"):
            schedule.rate(step)


def test_without_a_formula_it_says_so():
    with pytest.raises(NotImplementedError, match="Schedule does not define __call__"):
        Schedule()(0)
