import numpy as np
import pytest

from minimlp.optimizers import Adam


def by_the_paper(w, gradients, rate, beta_1, beta_2, epsilon):
    """Algorithm 1, for one number."""
    m = v = 0.0
    for t, g in enumerate(gradients, 1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        w -= rate * (m / (1 - beta_1**t)) / ((v / (1 - beta_2**t)) ** 0.5 + epsilon)
    return w


def test_two_steps_by_hand():
    # β₁ = β₂ = 0.5, η = 1, ε = 1, g = 3 and −1:
    # m̂ = 3, v̂ = 9: w = 0 − 3 / (3 + 1) = −0.75
    # m = 0.75 − 0.5 = 0.25, m̂ = 0.25/0.75 = 1/3; v = 2.25 + 0.5 = 2.75, v̂ = 11/3
    w, adam = np.zeros(1), Adam(1, beta_1=0.5, beta_2=0.5, epsilon=1)
    adam.step(w, np.array([3.0]))
    assert w.item() == pytest.approx(-0.75, rel=1e-15)
    adam.step(w, np.array([-1.0]))
    assert w.item() == pytest.approx(-0.75 - (1 / 3) / ((11 / 3) ** 0.5 + 1), rel=1e-15)


@pytest.mark.parametrize(
    "settings", [(0.1, 0.9, 0.999, 1e-8), (0.01, 0.0, 0.5, 1e-3), (0.2, 0.5, 0.0, 1.0)]
)
def test_the_papers_algorithm(settings):
    gradients = np.random.default_rng(0).normal(size=(1000, 3))
    w, adam = np.ones(3), Adam(*settings)
    for row in gradients:
        adam.step(w, row)
    expected = [by_the_paper(1.0, column, *settings) for column in gradients.T]
    np.testing.assert_allclose(w, expected, rtol=1e-12)


def test_amsgrad_steps_do_not_grow_again():
    # One gradient of 100, then 1 for ever: without AMSGrad the 100 is forgotten.
    moved = {}
    for amsgrad in (False, True):
        w, adam = np.zeros(1), Adam(0.1, 0.0, 0.5, amsgrad=amsgrad)
        for step in range(40):
            before = w.item()
            adam.step(w, np.array([100.0 if step == 0 else 1.0]))
            moved[amsgrad] = before - w.item()
    assert moved[False] == pytest.approx(0.1)
    # v stays at ½·100², which the correction 1 − ½ᵗ no longer enlarges: 0.1 / √5000
    assert moved[True] == pytest.approx(0.1 / 5000**0.5)


@pytest.mark.parametrize("epsilon", [1e-8, 1e-30, 1e-300])
def test_an_epsilon_that_float32_does_not_hold_divides_no_zero_by_zero(epsilon):
    w, adam = np.zeros(3, np.float32), Adam(0.1, epsilon=epsilon)
    for _ in range(3):
        adam.step(w, np.array([0, 1, -1], np.float32))
    assert w.tolist() == pytest.approx([0, -0.3, 0.3])


def test_memory_has_a_third_vector_only_for_amsgrad():
    for amsgrad in (False, True):
        adam = Adam(amsgrad=amsgrad)
        adam.attach(np.zeros(2))
        assert ("largest_second_moment" in adam.state()) is amsgrad
    assert Adam.memory == ("steps", "first_moment", "second_moment")


def test_defaults_are_keras():
    assert repr(Adam()) == "Adam()"
    assert repr(Adam(0.001, 0.9, 0.999, amsgrad=True)) == "Adam(amsgrad=True)"
