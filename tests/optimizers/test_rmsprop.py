import numpy as np
import pytest

from minimlp.optimizers import RMSprop


def test_two_steps_by_hand():
    # ρ = 0.75, η = 1, ε = 1: v = 0.25·16 = 4, w = 0 − 4/(2 + 1)
    # v = 3 + 0.25·1 = 3.25, w = −4/3 + 1/(√3.25 + 1)
    w, rmsprop = np.zeros(1), RMSprop(1, rho=0.75, epsilon=1)
    rmsprop.step(w, np.array([4.0]))
    assert w.item() == pytest.approx(-4 / 3, rel=1e-15)
    rmsprop.step(w, np.array([-1.0]))
    assert w.item() == pytest.approx(-4 / 3 + 1 / (3.25**0.5 + 1), rel=1e-15)


def test_momentum_centred_and_decay_by_hand():
    # w = 2, g = 3 + 0.5·2 = 4; v = 4, ḡ = 1, √(4 − 1) + 1; u = 4/(√3 + 1), w = 2 − u
    w = np.array([2.0])
    rmsprop = RMSprop(1, 0.75, momentum=0.5, epsilon=1, centered=True, weight_decay=0.5)
    rmsprop.step(w, np.array([3.0]))
    u = 4 / (3**0.5 + 1)
    assert w.item() == pytest.approx(2 - u, rel=1e-14)
    # Next g = −w/2 + w/2 = 0: v = 3, ḡ = 0.75, u ← u/2 + 0.
    rmsprop.step(w, -w / 2)
    assert w.item() == pytest.approx(2 - u - u / 2, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_centred_on_gradients_that_never_change_the_root_is_of_nothing_negative(dtype):
    # v − ḡ² is 0 but for rounding, which is as often below.
    gradients = np.random.default_rng(0).normal(size=1000).astype(dtype)
    w, rmsprop = np.zeros(1000, dtype), RMSprop(1e-3, rho=0.5, epsilon=1e-2, centered=True)
    for _ in range(300):
        rmsprop.step(w, gradients)
    assert np.isfinite(w).all()
    assert (np.sign(w) == -np.sign(gradients)).all()


def test_rho_of_zero_is_the_sign():
    w = np.zeros(3)
    RMSprop(0.5, rho=0).step(w, np.array([1e-3, -5.0, 100.0]))
    assert w == pytest.approx([-0.5, 0.5, -0.5], rel=1e-4)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_momentum_taken_up_later_starts_at_rest(momentum):
    first, second = RMSprop(0.1), RMSprop(0.1, momentum=momentum)
    w, twin = np.ones(2), np.ones(2)
    first.step(w, np.ones(2))
    second.step(twin, np.ones(2))
    assert w.tolist() == twin.tolist()
    velocity = first.state()["velocity"]
    assert velocity.tolist() == [0, 0]
