import numpy as np
import pytest
from own_pieces import Dropped

from minimlp import Activation, Dense, Sequential
from minimlp.derivatives.repeated import Repeated

X = np.ones((4, 50))


def drawn(model):
    return model.predict(X)


def test_rewound_generators_draw_what_they_drew():
    model = Sequential(Dropped(np.random.default_rng(0)), Dropped(np.random.default_rng(1)))
    repeated = Repeated(model.layers)
    first = drawn(model)
    assert not np.array_equal(drawn(model), first)
    for _ in range(3):
        repeated.rewind()
        assert np.array_equal(drawn(model), first)


def test_it_starts_from_where_the_generators_are_when_it_is_made():
    model = Sequential(Dropped(np.random.default_rng(0)))
    drawn(model)
    repeated = Repeated(model.layers)
    second = drawn(model)
    repeated.rewind()
    assert np.array_equal(drawn(model), second)


def test_a_generator_that_two_layers_share_goes_on_from_one_to_the_other():
    rng = np.random.default_rng(0)
    model = Sequential(Dropped(rng), Dropped(rng))
    repeated = Repeated(model.layers)
    first = drawn(model)
    assert 0.15 < first.mean() < 0.35  # two masks that are not the same
    repeated.rewind()
    assert np.array_equal(drawn(model), first)


def test_any_bit_generator_and_layers_without_one():
    rng = np.random.Generator(np.random.MT19937(3))
    model = Sequential(Dense(50, 50, bias=False), Dropped(rng), seed=0)
    repeated = Repeated(model.layers)
    first = drawn(model)
    repeated.rewind()
    assert np.array_equal(drawn(model), first)
    Repeated(Sequential(Dense(1, 1)).layers).rewind()


class Around(Activation):
    """Keeps what it is given, and refers to itself."""

    def __init__(self, kept):
        self.kept, self.itself = kept, self

    def forward(self, x, out):
        out[...] = x

    def draw(self):
        return next(found(self.kept)).rng.random()


def found(kept):
    for value in kept.values() if isinstance(kept, dict) else kept:
        if isinstance(value, Dropped):
            yield value
        elif isinstance(value, dict | list | tuple):
            yield from found(value)


@pytest.mark.parametrize("wrap", [list, tuple, lambda kept: {"a": kept[0]}, lambda kept: [[kept]]])
def test_generators_of_layers_within_are_found_and_cycles_end(wrap):
    layer = Around(wrap([Dropped(np.random.default_rng(0))]))
    repeated = Repeated([layer])
    first = layer.draw()
    assert layer.draw() != first
    repeated.rewind()
    assert layer.draw() == first
