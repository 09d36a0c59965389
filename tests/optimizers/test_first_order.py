"""The template: rates and schedules, clipping, the count of steps, settings that are checked."""

import numpy as np
import pytest

from minimlp import Dense, Sequential
from minimlp.optimizers import SGD, Adam, AdamW, FirstOrder, Nadam, RMSprop
from minimlp.schedules import CosineDecay, Schedule, StepDecay


class Plain(FirstOrder):
    """w ← w − η·g, as a user would write it; it notes what it was given."""

    def update(self, parameters, gradients, rate):
        self.given = gradients.copy(), rate.copy(), self.steps
        parameters -= rate * gradients


class Listed(Schedule):
    def __init__(self, rates):
        self.rates = rates

    def __call__(self, step):
        return self.rates[step]


def test_a_rule_of_ones_own_needs_update_alone():
    model = Sequential(Dense(1, 1))
    x, y = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0])
    model.fit(x, y, optimizer=Plain(0.3), epochs=300, batch_size=3)
    assert model.predict([[3.0]]).item() == pytest.approx(7)
    with pytest.raises(NotImplementedError, match="FirstOrder does not define update"):
        FirstOrder(0.1).step(np.ones(1), np.ones(1))


def test_update_sees_the_rate_in_the_vectors_dtype_and_the_step_under_way():
    plain, w = Plain(0.1), np.ones(2, np.float32)
    for step in (1, 2, 3):
        plain.step(w, np.ones(2, np.float32))
        _, rate, steps = plain.given
        assert (rate.shape, rate.dtype, steps) == ((), np.float32, step)
        assert rate == np.float32(0.1)
    assert plain.steps == 3
    assert w.dtype == np.float32


def test_a_schedule_is_asked_for_the_steps_taken_before():
    plain, w = Plain(Listed([0.5, 0.25, np.float64(1.0), 0])), np.zeros(1)
    moved = []
    for step in range(4):
        assert plain.steps == step
        assert type(plain.rate) is float
        before = w.copy()
        plain.step(w, np.ones(1))
        moved.append((before - w).item())
    assert moved == [0.5, 0.25, 1.0, 0.0]


def test_the_learning_rate_may_change_kind_between_steps():
    plain, w = Plain(0.5), np.zeros(1)
    schedule = StepDecay(0.25, step_size=2, gamma=0.5)
    plain.step(w, np.ones(1))
    plain.learning_rate = schedule
    assert plain.learning_rate is schedule
    for expected in (-0.75, -0.875, -1.0):  # at steps 1, 2 and 3
        plain.step(w, np.ones(1))
        assert w.item() == expected
    plain.learning_rate = np.float32(2)
    assert type(plain.learning_rate) is float
    plain.step(w, np.ones(1))
    assert w.item() == -3


@pytest.mark.parametrize("given", [-1.0, np.nan, np.inf, None, "fast", 1j])
def test_a_schedule_of_ones_own_that_gives_no_rate_is_refused_with_its_step(given):
    plain, w = Plain(Listed([0.1, 0.1, given])), np.zeros(1)
    for _ in range(2):
        plain.step(w, np.ones(1))
    before = w.copy()
    with pytest.raises(ValueError, match=r"schedule Listed\(.*gives .* at step 2: expected"):
        plain.step(w, np.ones(1))
    assert w == before
    assert plain.steps == 2


def test_fit_counts_steps_over_its_epochs_and_calls():
    model, plain = Sequential(Dense(2, 1), seed=0), Plain(CosineDecay(0.1, 8))
    x = np.random.default_rng(0).normal(size=(10, 2))
    for _ in range(2):
        model.fit(x, x[:, 0], optimizer=plain, epochs=1, batch_size=3)  # ⌈10 / 3⌉ = 4 steps
    assert plain.steps == 8
    assert plain.rate == 0


def test_the_repr_shows_the_schedule():
    optimizer = AdamW(StepDecay(0.5, 3), weight_decay=0.1, clip_norm=2)
    text = "AdamW(learning_rate=StepDecay(0.5, 3), weight_decay=0.1, clip_norm=2.0)"
    assert repr(optimizer) == text
    assert repr(eval(text)) == text


# Clipping.


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_long_gradient_is_shortened_to_the_norm_and_a_short_one_is_not(dtype):
    plain, w = Plain(1.0, clip_norm=2.0), np.zeros(2, dtype)
    plain.step(w, np.array([6.0, -8.0], dtype))  # of norm 10
    np.testing.assert_allclose(plain.given[0], [1.2, -1.6], rtol=1e-6)
    assert plain.given[0].dtype == dtype
    plain.step(w, np.array([1.2, -1.5], dtype))
    assert plain.given[0].tolist() == np.array([1.2, -1.5], dtype).tolist()
    plain.clip_norm = None
    plain.step(w, np.array([6.0, -8.0], dtype))
    assert plain.given[0].tolist() == [6, -8]


@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        *((np.float32, size) for size in (1e30, 3e38, 1e-30, 1e-44)),
        *((np.float64, size) for size in (1e200, 1.7e308, 1e-200, 1e-322)),
    ],
)
def test_squares_outside_the_dtypes_range_do_no_harm(dtype, size):
    gradients = np.array([size, -size, size, size], dtype)
    norm = float(np.abs(gradients[0]))  # half of ‖g‖ = 2·|g|
    plain = Plain(1.0, clip_norm=norm)
    plain.step(np.zeros(4, dtype), gradients)
    np.testing.assert_allclose(plain.given[0], gradients / 2, rtol=1e-6, atol=np.finfo(dtype).tiny)
    long = Plain(1.0, clip_norm=1.0)
    long.step(np.zeros(4, dtype), gradients)
    expected = gradients if size < 1 else [0.5, -0.5, 0.5, 0.5]
    np.testing.assert_allclose(long.given[0], expected, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_gradients_that_are_not_finite_pass_as_they_are(bad):
    plain, gradients = Plain(1.0, clip_norm=1.0), np.array([bad, 100.0, 0.0])
    plain.step(np.zeros(3), gradients)
    np.testing.assert_array_equal(plain.given[0], gradients)


def test_gradients_of_zero_pass():
    plain = Plain(1.0, clip_norm=1.0)
    plain.step(np.zeros(3), np.zeros(3))
    assert plain.given[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("make", [SGD, Adam, AdamW, Nadam, RMSprop])
def test_clipping_is_a_step_with_the_shortened_gradient(make):
    clipped, plain = make(0.1, clip_norm=0.5), make(0.1)
    ours, theirs = np.ones(5), np.ones(5)
    for step in range(5):
        gradients = np.random.default_rng(step).normal(size=5)
        clipped.step(ours, gradients)
        plain.step(theirs, gradients * min(1, 0.5 / np.linalg.norm(gradients)))
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)


# Settings.

WRONG = [
    ({"learning_rate": -0.1}, ValueError),
    ({"learning_rate": True}, TypeError),
    ({"learning_rate": None}, TypeError),
    ({"learning_rate": Schedule}, TypeError),
    ({"clip_norm": 0}, ValueError),
    ({"clip_norm": -1.0}, ValueError),
    ({"clip_norm": np.nan}, ValueError),
    ({"clip_norm": np.inf}, ValueError),
    ({"clip_norm": "1"}, TypeError),
    ({"momentum": 1.0}, ValueError),
    ({"rho": 1}, ValueError),
    ({"rho": -0.1}, ValueError),
    ({"beta_1": 1.0}, ValueError),
    ({"beta_2": 1.0}, ValueError),
    ({"beta_2": "0.9"}, TypeError),
    ({"epsilon": 0}, ValueError),
    ({"epsilon": 0.0}, ValueError),
    ({"epsilon": -1e-8}, ValueError),
    ({"epsilon": np.inf}, ValueError),
    ({"epsilon": None}, TypeError),
    ({"weight_decay": -1}, ValueError),
    ({"weight_decay": np.inf}, ValueError),
    ({"momentum_decay": -1}, ValueError),
    ({"amsgrad": 1}, TypeError),
    ({"centered": None}, TypeError),
    ({"nesterov": "no"}, TypeError),
]


@pytest.mark.parametrize("piece", [SGD, Adam, AdamW, Nadam, RMSprop])
@pytest.mark.parametrize(("given", "error"), WRONG, ids=str)
def test_a_wrong_setting_is_named_at_construction_and_when_set_later(piece, given, error):
    ((name, value),) = given.items()
    optimizer = piece(0.1)
    if not hasattr(optimizer, name):
        return
    with pytest.raises(error, match=f"^{name}") as caught:
        piece(**{"learning_rate": 0.1, **given})
    assert repr(value) in str(caught.value)
    before = repr(optimizer)
    with pytest.raises(error, match=f"^{name}"):
        setattr(optimizer, name, value)
    assert repr(optimizer) == before


@pytest.mark.parametrize(
    ("piece", "name", "value"),
    [
        (Adam, "beta_1", 0.5),
        (AdamW, "beta_2", 0.5),
        (Nadam, "beta_1", 0.5),
        (RMSprop, "rho", 0.5),
        (Adam, "amsgrad", True),
        (RMSprop, "centered", True),
    ],
)
def test_what_the_memory_depends_on_is_fixed_once_training_has_begun(piece, name, value):
    optimizer = piece()
    setattr(optimizer, name, value)
    assert getattr(optimizer, name) == value
    optimizer.step(np.ones(2), np.ones(2))
    setattr(optimizer, name, value)
    with pytest.raises(ValueError, match=f"{name} cannot change once training has begun"):
        setattr(optimizer, name, 0.25 if type(value) is float else False)


def test_settings_set_between_steps_count_from_the_next_one():
    changed, w = SGD(0.5), np.array([1.0])
    changed.step(w, np.ones(1))  # w = 0.5
    changed.weight_decay, changed.momentum = 1, np.float32(0.5)
    assert (type(changed.weight_decay), type(changed.momentum)) == (float, float)
    changed.step(w, np.ones(1))  # g = 1.5, v = 1.5, w = 0.5 − 0.75
    changed.nesterov = True
    changed.step(w, np.ones(1))  # g = 0.75, v = 1.5, w = −0.25 − 0.5·(0.75 + 0.75)
    assert w.item() == -1.0
