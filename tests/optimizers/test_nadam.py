import numpy as np
import pytest

from minimlp.optimizers import Nadam


def by_the_page(w, gradients, rate, beta_1, beta_2, epsilon, decay):
    """The formulas at the top of nadam.py, m and v themselves, for one number."""
    m = v = 0.0
    product = 1.0
    for t, g in enumerate(gradients, 1):
        now, after = (beta_1 * (1 - 0.5 * 0.96 ** (i * decay)) for i in (t, t + 1))
        product *= now
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        ahead = (1 - now) / (1 - product) * g + after / (1 - product * after) * m
        w -= rate * ahead / ((v / (1 - beta_2**t)) ** 0.5 + epsilon)
    return w


@pytest.mark.parametrize(
    "settings",
    [(0.1, 0.9, 0.999, 1e-8, 0.004), (0.01, 0.0, 0.5, 1e-3, 0.0), (0.2, 0.5, 0.0, 1.0, 2.0)],
)
def test_the_pages_formulas(settings):
    gradients = np.random.default_rng(0).normal(size=(1000, 3))
    w, nadam = np.ones(3), Nadam(*settings)
    for row in gradients:
        nadam.step(w, row)
    expected = [by_the_page(1.0, column, *settings) for column in gradients.T]
    np.testing.assert_allclose(w, expected, rtol=1e-12)


def test_one_step_by_hand():
    # ψ = 0: μ = β₁/2 = 0.25 throughout. g = 2, m = 1, v̂ = 4:
    # (0.75/0.75)·2 + 0.25/(1 − 0.0625)·1 = 2 + 4/15, divided by √4 + 1
    w = np.zeros(1)
    Nadam(1, beta_1=0.5, epsilon=1, momentum_decay=0).step(w, np.array([2.0]))
    assert w.item() == pytest.approx(-(2 + 4 / 15) / 3, rel=1e-14)
