import numpy as np
import pytest

from minimlp.optimizers import Adam, AdamW
from minimlp.schedules import StepDecay


def test_without_gradients_it_is_decay_alone():
    # w ← (1 − 0.5·0.2)·w
    w, adamw = np.array([1.0, -2.0]), AdamW(0.5, weight_decay=0.2)
    for _ in range(3):
        adamw.step(w, np.zeros(2))
    assert w == pytest.approx(np.array([1.0, -2.0]) * 0.9**3, rel=1e-15)


def test_the_decay_follows_the_schedule():
    w, adamw = np.ones(1), AdamW(StepDecay(0.5, 1, 0.5), weight_decay=0.2)
    for _ in range(2):
        adamw.step(w, np.zeros(1))
    assert w.item() == pytest.approx(0.9 * 0.95, rel=1e-15)


@pytest.mark.parametrize("size", [3, 100_000])
def test_it_is_decay_and_then_adam(size):
    rng = np.random.default_rng(0)
    ours, theirs = np.ones(size), np.ones(size)
    adamw, adam = AdamW(0.1, weight_decay=0.3, amsgrad=True), Adam(0.1, amsgrad=True)
    for _ in range(5):
        gradients = rng.normal(size=size)
        adamw.step(ours, gradients)
        theirs *= 1 - 0.1 * 0.3
        adam.step(theirs, gradients)
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)


def test_a_decay_of_zero_is_adam_to_the_bit():
    ours, theirs = np.ones(5), np.ones(5)
    adamw, adam = AdamW(weight_decay=0), Adam()
    for step in range(5):
        for optimizer, w in ((adamw, ours), (adam, theirs)):
            optimizer.step(w, np.random.default_rng(step).normal(size=5))
    assert ours.tobytes() == theirs.tobytes()
