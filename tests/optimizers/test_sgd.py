import numpy as np
import pytest

from minimlp import SGD, Callback, Dense, Sequential

# Every test by hand starts at w = 1 and takes three steps with gradients 1, 2 and −1, η = 0.5.
GRADIENTS = [1.0, 2.0, -1.0]


def three_steps(**settings):
    w, sgd, path = np.array([1.0]), SGD(0.5, **settings), []
    for g in GRADIENTS:
        sgd.step(w, np.array([g]))
        path.append(w.item())
    return path


def test_plain():
    # 1 − 0.5·1 = 0.5;  0.5 − 0.5·2 = −0.5;  −0.5 + 0.5·1 = 0
    assert three_steps() == [0.5, -0.5, 0.0]


def test_momentum():
    # v = 1;                w = 1 − 0.5·1 = 0.5
    # v = 0.5·1 + 2 = 2.5;  w = 0.5 − 1.25 = −0.75
    # v = 1.25 − 1 = 0.25;  w = −0.75 − 0.125 = −0.875
    assert three_steps(momentum=0.5) == [0.5, -0.75, -0.875]


def test_nesterov():
    # v = 1;     g + 0.5·v = 1.5;     w = 1 − 0.75 = 0.25
    # v = 2.5;   2 + 1.25 = 3.25;     w = 0.25 − 1.625 = −1.375
    # v = 0.25;  −1 + 0.125 = −0.875; w = −1.375 + 0.4375 = −0.9375
    assert three_steps(momentum=0.5, nesterov=True) == [0.25, -1.375, -0.9375]


def test_weight_decay():
    # g = 1 + 0.5·1 = 1.5;         w = 1 − 0.75 = 0.25
    # g = 2 + 0.125 = 2.125;       w = 0.25 − 1.0625 = −0.8125
    # g = −1 − 0.40625 = −1.40625; w = −0.8125 + 0.703125 = −0.109375
    assert three_steps(weight_decay=0.5) == [0.25, -0.8125, -0.109375]


def test_momentum_with_weight_decay():
    # g = 1.5;  v = 1.5;                       w = 1 − 0.75 = 0.25
    # g = 2.125;  v = 0.75 + 2.125 = 2.875;    w = 0.25 − 1.4375 = −1.1875
    # g = −1 − 0.59375 = −1.59375;  v = 1.4375 − 1.59375 = −0.15625;  w = −1.1875 + 0.078125
    assert three_steps(momentum=0.5, weight_decay=0.5) == [0.25, -1.1875, -1.109375]


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize(("momentum", "decay"), [(0.0, 0.0), (0.9, 0.0), (0.0, 0.03), (0.9, 0.03)])
def test_pytorchs_formulas_in_a_plain_loop(momentum, decay, nesterov):
    nesterov = nesterov and momentum > 0
    rng = np.random.default_rng(0)
    w = rng.normal(size=7)
    plain, velocity = w.tolist(), [None] * 7
    sgd = SGD(0.1, momentum, nesterov, decay)
    for step in range(20):
        gradients = rng.normal(size=7)
        given = gradients.copy()
        sgd.learning_rate = rate = 0.1 / (1 + step)
        sgd.step(w, gradients)
        assert np.array_equal(gradients, given)
        for k in range(7):
            g = given[k] + decay * plain[k]
            if momentum:
                velocity[k] = g if velocity[k] is None else momentum * velocity[k] + g
                g = g + momentum * velocity[k] if nesterov else velocity[k]
            plain[k] -= rate * g
    assert w == pytest.approx(plain, rel=1e-13, abs=1e-15)


class NumPyRate(Callback):
    """A schedule as people write it: its learning rate is a np.float64."""

    def __init__(self, sgd):
        self.sgd = sgd

    def on_batch_end(self, batch, logs):
        self.sgd.learning_rate = np.float64(0.1)


@pytest.mark.parametrize("given", [0.1, np.float64(0.1)])
@pytest.mark.parametrize("nesterov", [False, True])
def test_float32_stays_float32_to_the_bit_whatever_the_learning_rates_type(given, nesterov):
    settings = {"momentum": 0.9, "nesterov": nesterov, "weight_decay": 0.01}
    x = np.random.default_rng(0).normal(size=(12, 3))
    plain, scheduled = (Sequential(Dense(3, 3), dtype=np.float32, seed=0) for _ in range(2))
    plain.fit(x, x, optimizer=SGD(0.1, **settings), epochs=3, batch_size=5)
    sgd = SGD(given, **settings)
    scheduled.fit(x, x, optimizer=sgd, epochs=3, batch_size=5, callbacks=[NumPyRate(sgd)])
    assert scheduled.parameters.dtype == np.float32
    arrays = [value for value in vars(sgd).values() if isinstance(value, np.ndarray)]
    assert len(arrays) == 6  # the vector, its velocity, two for what is between, two rates
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert scheduled.parameters.tobytes() == plain.parameters.tobytes()


def test_it_knows_nothing_of_layers_and_updates_in_place():
    model = Sequential(Dense(2, 2), seed=0)
    vector = model.parameters
    before = vector.copy()
    model.gradients[:] = np.arange(6)
    SGD(0.5).step(model.parameters, model.gradients)
    assert model.parameters is vector
    assert vector.tolist() == (before - 0.5 * np.arange(6)).tolist()


@pytest.mark.parametrize(
    ("settings", "error", "name"),
    [
        ({"learning_rate": -0.1}, ValueError, "learning_rate"),
        ({"learning_rate": np.inf}, ValueError, "learning_rate"),
        ({"learning_rate": np.nan}, ValueError, "learning_rate"),
        ({"learning_rate": "fast"}, TypeError, "learning_rate"),
        ({"learning_rate": True}, TypeError, "learning_rate"),
        ({"learning_rate": None}, TypeError, "learning_rate"),
        ({"momentum": 1.0}, ValueError, "momentum"),
        ({"momentum": -0.1}, ValueError, "momentum"),
        ({"momentum": np.nan}, ValueError, "momentum"),
        ({"weight_decay": -1e-9}, ValueError, "weight_decay"),
        ({"weight_decay": np.inf}, ValueError, "weight_decay"),
        ({"nesterov": 1}, TypeError, "nesterov"),
        ({"nesterov": True}, ValueError, "nesterov"),
    ],
)
def test_settings_outside_their_range_are_named(settings, error, name):
    with pytest.raises(error, match=f"^{name}"):
        SGD(**{"learning_rate": 0.1, **settings})


def test_learning_rate_has_no_default_and_zero_moves_nothing():
    with pytest.raises(TypeError, match="learning_rate"):
        SGD()
    w = np.ones(2)
    SGD(0).step(w, np.ones(2))
    assert w.tolist() == [1, 1]


@pytest.mark.parametrize(
    "text", ["SGD(0.5)", "SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01)"]
)
def test_repr_round_trips(text):
    assert repr(eval(text)) == text
