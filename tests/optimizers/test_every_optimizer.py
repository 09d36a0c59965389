"""What holds for every registered optimizer, its settings off and on."""

import copy
import io
import pickle
import tracemalloc

import numpy as np
import pytest

from minimlp import Dense, Sequential, Tanh
from minimlp.optimizers import Optimizer
from minimlp.registry import build, describe

RNG = np.random.default_rng(0)
TARGET = RNG.normal(size=11)


def gradient_at(w, step):
    """A slope towards TARGET, and noise that depends on the step alone."""
    noise = np.random.default_rng(step).normal(size=w.size) / 2
    return (w - TARGET + noise).astype(w.dtype)


def walk(optimizer, w, steps):
    for step in steps:
        optimizer.step(w, gradient_at(w, step))
    return w


def through_a_file(state):
    file = io.BytesIO()
    np.savez(file, **state)
    file.seek(0)
    return dict(np.load(file))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("stop", [0, 1, 7])
@pytest.mark.parametrize("way", [dict, through_a_file])
def test_restored_it_goes_on_to_the_same_bits(make, dtype, stop, way):
    first, w = make(), np.zeros(11, dtype)
    first.attach(w)
    walk(first, w, range(stop))
    state, stopped = way(first.state()), w.copy()
    assert set(state) == set(first.memory)
    walk(first, w, range(stop, 30))  # what was given are copies: this leaves them alone

    second, copied = make(), np.zeros(11, dtype)
    walk(second, copied, range(100, 103))
    copied[...] = stopped
    second.restore(state)
    walk(second, copied, range(stop, 30))
    assert copied.tobytes() == w.tobytes()
    ours, theirs = first.state(), second.state()
    for name, value in ours.items():
        assert type(theirs[name]) is type(value)
        assert np.asarray(theirs[name]).tobytes() == np.asarray(value).tobytes()


def test_what_it_remembers_has_the_vectors_shape_and_dtype_or_is_a_number(make):
    optimizer = make()
    assert optimizer.state() == {}
    optimizer.attach(np.zeros(11, np.float32))
    for value in optimizer.state().values():
        if isinstance(value, np.ndarray):
            assert (value.shape, value.dtype) == ((11,), np.float32)
        else:
            assert type(value) in (int, float)


def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(make):
    optimizer, w = make(), np.zeros(11)
    with pytest.raises(ValueError, match="attach it before"):
        optimizer.restore({})
    walk(optimizer, w, range(3))
    state = optimizer.state()
    if not state:
        return
    for name, value in state.items():
        rest = {key: kept for key, kept in state.items() if key != name}
        wrong = [np.ones(3), np.ones(11, np.float32), "many", None, True, [1, 2]]
        for bad in [rest, *({**rest, name: given} for given in wrong)]:
            # Other entries that do fit are not taken either.
            shifted = {k: v + 1 if k != name else v for k, v in bad.items()}
            with pytest.raises(ValueError, match=f"{name}|remembers"):
                optimizer.restore(shifted)
        assert np.array_equal(getattr(optimizer, name), value)
    with pytest.raises(ValueError, match="remembers"):
        optimizer.restore({**state, "other": 1})
    with pytest.raises(TypeError, match="state must be a dict"):
        optimizer.restore([*state])
    for name, value in optimizer.state().items():
        assert np.array_equal(value, state[name])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_copied_together_with_its_vector_it_goes_on(make, copied):
    optimizer, w = make(), np.zeros(11, np.float32)
    walk(optimizer, w, range(5))
    twin, twins_w = copied((optimizer, w))
    walk(optimizer, w, range(5, 15))
    walk(twin, twins_w, range(5, 15))
    assert w.tobytes() == twins_w.tobytes()


def test_restarted_it_is_as_new(make):
    used, new = make(), make()
    w, twin = np.zeros(11), np.zeros(11)
    walk(used, w, range(9))
    used.restart()
    w[...] = 0
    walk(used, w, range(9))
    walk(new, twin, range(9))
    assert w.tobytes() == twin.tobytes()


def test_what_has_faded_becomes_zero_before_processors_take_long_over_it(make):
    optimizer, w = make(), np.ones(2, np.float32)
    for step in range(128 * 20):
        optimizer.step(w, np.array([step < 9, 1e-3], np.float32))
        for vector in filter(np.ndim, optimizer.state().values()):
            assert ((vector == 0) | (np.abs(vector) > np.finfo(np.float32).tiny)).all()


def test_it_comes_nearer(make):
    w = walk(make(), TARGET + 0.5, range(300))
    assert np.abs(w - TARGET).mean() < 0.5


def test_gradients_are_only_read(make):
    optimizer, w = make(), np.ones(11)
    for step in range(3):
        gradients = gradient_at(w, step)
        gradients.flags.writeable = False
        optimizer.step(w, gradients)


@pytest.mark.parametrize("size", [1, 2, 9000, 70_000])
def test_float32_stays_float32_and_follows_float64(make, size):
    narrow, wide = np.ones(size, np.float32), np.ones(size)
    ours, theirs = make(), make()
    for step in range(5):
        gradients = np.random.default_rng(step).normal(size=size).astype(np.float32)
        ours.step(narrow, gradients)
        theirs.step(wide, gradients.astype(float))
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow, wide, rtol=0, atol=2e-4)
    arrays = [v for v in vars(ours).values() if isinstance(v, np.ndarray)]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_a_long_vector_moves_as_its_parts_alone(make):
    """Blocks change nothing: no entry depends on another, unless the norm is clipped."""
    size, parts = 150_000, [slice(0, 5000), slice(65_000, 66_000), slice(140_000, None)]
    whole, long = make(), np.ones(size)
    alone = [(make(), np.ones(long[part].size), part) for part in parts]
    for optimizer in [whole, *(optimizer for optimizer, _, _ in alone)]:
        if hasattr(optimizer, "clip_norm"):
            optimizer.clip_norm = None
    for step in range(4):
        gradients = np.random.default_rng(step).normal(size=size)
        whole.step(long, gradients)
        for optimizer, w, part in alone:
            optimizer.step(w, gradients[part])
    for _, w, part in alone:
        np.testing.assert_allclose(long[part], w, rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_of_zero_and_of_any_size_do_no_harm(make, dtype):
    # Squares of the small ones are 0 in float32: a mean over the root of 0 must not be 0/0.
    w, optimizer = np.zeros(8, dtype), make()
    gradients = np.array([0, 0, 1e-42, -1e-30, 1e-20, 1e-8, 1, 1e15], dtype)
    for step in range(50):
        optimizer.step(w, gradients * (step % 3 > 0))
        optimizer.step(w, np.zeros(8, dtype))
    assert np.isfinite(w).all()
    assert w[:2].tolist() == [0, 0]


def test_a_gradient_of_nan_is_seen_in_the_parameters(make):
    w, gradients = np.ones(3), np.array([1.0, np.nan, 1.0])
    make().step(w, gradients)
    assert np.isnan(w[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_step_allocates_no_vector(make, dtype):
    size = 200_000
    w, gradients = np.ones(size, dtype), RNG.normal(size=size).astype(dtype)
    optimizer = make()
    optimizer.step(w, gradients)
    tracemalloc.start()
    try:
        optimizer.step(w, gradients)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(5):
            optimizer.step(w, gradients)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - held < 16 * 1024


def test_fit_leaves_frozen_parameters_alone(make):
    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 2), seed=0)
    model.layers[0].freeze("weight")
    before = [model.layers[0].weight.copy(), model.layers[0].bias.copy()]
    x = RNG.normal(size=(10, 3))
    history = model.fit(x, x[:, :2], optimizer=make(), epochs=5, batch_size=3)
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert np.array_equal(model.layers[0].weight, before[0])
    assert not np.array_equal(model.layers[0].bias, before[1])


def test_it_is_made_again_from_its_description_and_knows_its_model(make):
    optimizer = make()
    again = build(describe(optimizer), Optimizer)
    assert repr(again) == repr(optimizer)
    optimizer.step(np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="already trains another model"):
        optimizer.step(np.ones(2), np.ones(2))
