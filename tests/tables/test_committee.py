"""Networks side by side give the mean of what they give alone."""

from itertools import pairwise

import numpy as np
import pytest

from minimlp import Dense, Normalization, ReLU, Sequential, Sigmoid, Tanh
from minimlp.tables.committee import side_by_side


@pytest.mark.parametrize("activation", [Tanh, ReLU, Sigmoid])
@pytest.mark.parametrize("widths", [(3, 2), (3, 5, 2), (3, 5, 4, 2)])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_mean_of_the_networks(count, widths, activation):
    networks = []
    for seed in range(count):
        layers = []
        for n_in, n_out in pairwise(widths):
            layers += [Dense(n_in, n_out), activation()]
        networks.append(Sequential(*layers[:-1], seed=seed))
        networks[-1].parameters = np.random.default_rng(seed).normal(
            size=networks[-1].parameters.size
        )
    first = Normalization(3)
    first.adapt([[0.0, 1.0, 2.0], [4.0, 9.0, 2.0]])
    x = np.random.default_rng(9).normal(size=(7, 3))

    whole = side_by_side(first, networks, activation)
    z = (x - [2.0, 5.0, 2.0]) / [2.0, 4.0, 1.0]
    expected = np.mean([network.predict(z) for network in networks], axis=0)
    np.testing.assert_allclose(whole.predict(x), expected, rtol=0, atol=1e-13)


def test_the_dtype_is_theirs():
    networks = [Sequential(Dense(2, 1), dtype=np.float32, seed=seed) for seed in (0, 1)]
    assert side_by_side(Normalization(2), networks, Tanh).dtype == np.float32
