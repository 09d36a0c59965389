import math

import numpy as np
import pytest

from minimlp import (
    Dense,
    GlorotUniform,
    HeNormal,
    Initializer,
    LeCunNormal,
    Normal,
    Sequential,
    Zeros,
)

N_IN, N_OUT = 300, 200
DRAWS = N_IN * N_OUT


def draw(initializer, seed=0):
    return initializer(np.random.default_rng(seed), (N_IN, N_OUT))


def test_glorot_fills_its_interval_evenly():
    weights, limit = draw(GlorotUniform()), math.sqrt(6 / 500)
    assert np.abs(weights).max() < limit
    counts, _ = np.histogram(weights, bins=20, range=(-limit, limit))
    # Each bin's count is binomial: mean 3000, deviation 53.
    assert np.abs(counts - DRAWS / 20).max() < 6 * math.sqrt(DRAWS / 20 * 0.95)


@pytest.mark.parametrize(
    ("initializer", "deviation"),
    [
        (HeNormal(), math.sqrt(2 / N_IN)),
        (LeCunNormal(), math.sqrt(1 / N_IN)),
        (Normal(), 0.01),
        (Normal(2.5), 2.5),
    ],
    ids=repr,
)
def test_normal_ones_have_their_papers_moments(initializer, deviation):
    standard = draw(initializer) / deviation
    root = math.sqrt(DRAWS)
    # Six standard errors of the first four moments, 0, 1, 0 and 3, of a standard normal.
    for power, moment, error in [(1, 0, 1), (2, 1, math.sqrt(2)), (3, 0, 3.9), (4, 3, 9.8)]:
        assert abs((standard**power).mean() - moment) < 6 * error / root


def test_zeros():
    assert not draw(Zeros()).any()


@pytest.mark.parametrize(
    "initializer", [GlorotUniform(), HeNormal(), LeCunNormal(), Normal(0.3), Zeros()], ids=repr
)
def test_each_draws_from_the_generator_it_is_given(initializer):
    assert draw(initializer).shape == (N_IN, N_OUT)
    assert np.array_equal(draw(initializer, 1), draw(initializer, 1))
    assert np.array_equal(draw(initializer, 1), draw(initializer, 2)) == isinstance(
        initializer, Zeros
    )
    assert repr(eval(repr(initializer))) == repr(initializer)


def test_glorot_is_the_default_and_a_models_seed_decides():
    first, again, other = (Sequential(Dense(N_IN, N_OUT), seed=s).parameters for s in (0, 0, 1))
    assert np.array_equal(first[:DRAWS].reshape(N_IN, N_OUT), draw(GlorotUniform()))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_one_of_ones_own():
    class Ramp(Initializer):
        def __call__(self, rng, shape):
            return np.arange(shape[0] * shape[1]).reshape(shape)

    layer = Dense(2, 2, weight_initializer=Ramp())
    Sequential(layer)
    assert layer.weight.tolist() == [[0, 1], [2, 3]]
    with pytest.raises(NotImplementedError, match="Initializer does not define __call__"):
        Initializer()(None, (1, 1))


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
def test_a_standard_deviation_is_finite_and_not_negative(value):
    with pytest.raises(ValueError, match="standard_deviation"):
        Normal(value)
