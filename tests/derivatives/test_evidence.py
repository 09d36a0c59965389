"""γ, α and β where they can be said by hand."""

import numpy as np
import pytest

from minimlp.derivatives.evidence import (
    degrees_of_freedom,
    effective_parameters,
    prior_precision,
)


def test_each_eigenvalue_counts_by_what_the_data_say_beside_the_prior() -> None:
    assert effective_parameters(np.array([0.0, 1.0, 3.0]), 2.0, 2.0) == 0 + 1 / 2 + 3 / 4


def test_without_a_prior_it_is_the_rank() -> None:
    assert effective_parameters(np.array([0.0, 0.0, 1e-9, 5.0]), 0.0, 7.0) == 2


def test_the_prior_fits_the_weights() -> None:
    assert prior_precision(3.0, 12.0, before=9.0) == 0.25


def test_where_nothing_is_determined_it_stays() -> None:
    assert prior_precision(1e-9, 1e-300, before=9.0) == 9


@pytest.mark.parametrize(("gamma", "expected"), [(4.0, 6.0), (9.9999, 1e-3), (10.0, 1e-3)])
def test_there_is_always_a_little_freedom(gamma: float, expected: float) -> None:
    assert degrees_of_freedom(10, gamma) == expected
