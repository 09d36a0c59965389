"""States of random generators go through JSON and come back to the bit."""

import json
from typing import Any

import numpy as np
import pytest

from minimlp.training.generators import generator_state, set_generator

KINDS = ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]


def made(kind: str, seed: int) -> Any:
    return np.random.Generator(getattr(np.random, kind)(seed))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("draws", [0, 1, 1000])
def test_it_goes_on_where_the_other_was(kind: str, draws: int) -> None:
    first, second = made(kind, 1), made(kind, 2)
    first.random(draws, np.float32)  # an odd number keeps half of a word
    state = json.loads(json.dumps(generator_state(first)))
    set_generator(second, state)
    assert second.random(5, np.float32).tobytes() == first.random(5, np.float32).tobytes()
    assert second.permutation(9).tolist() == first.permutation(9).tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", [None, 3, {}, [], {"bit_generator": "PCG64"}, "another"])
def test_another_kind_or_no_state_is_refused_and_changes_nothing(kind: str, state: Any) -> None:
    rng = made(kind, 1)
    if state == "another":
        state = generator_state(made(next(other for other in KINDS if other != kind), 1))
    with pytest.raises(ValueError, match=f"the random generator is a {kind}, whose state"):
        set_generator(rng, state)
    assert rng.random() == made(kind, 1).random()
