import numpy as np
import pytest

from minimlp import SGD, Dense, Dropout, Identity, ReLU, Sequential, check_gradients

X = np.random.default_rng(0).normal(size=(6, 4))


def network(rate=0.5, seed=0, dtype=np.float64):
    return Sequential(Dense(4, 8), ReLU(), Dropout(rate), Dense(8, 2), dtype=dtype, seed=seed)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_in_training_a_share_is_zero_and_the_rest_grows(rate, dtype):
    model = Sequential(Dropout(rate), seed=0, dtype=dtype)
    y = model.forward(np.ones((500, 200)), training=True)
    assert y.dtype == dtype
    assert set(np.unique(y)) <= {dtype(0), dtype(1 / (1 - rate))}
    assert (y == 0).mean() == pytest.approx(rate, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.02)


def test_outside_training_nothing_happens():
    model = Sequential(Dropout(0.5), seed=0)
    assert model.forward(X).tolist() == X.tolist()
    assert model.predict(X).tolist() == X.tolist()
    assert model.evaluate(X, X)["loss"] == 0
    assert model.jacobian(X).shape == (6, 4, 0)
    assert (model.input_jacobian(X) == np.eye(4)).all()


def test_backward_lets_through_what_forward_let_through():
    model = Sequential(Dropout(0.5), seed=3)
    y = model.forward(np.ones((5, 4)), training=True)
    assert model.backward(np.full((5, 4), 7.0)).tolist() == (7 * y).tolist()
    assert model.backward(np.ones((5, 4))).tolist() == y.tolist()


def test_each_pass_in_training_draws_anew_and_a_seed_repeats_a_run():
    model = Sequential(Dropout(0.5), seed=3)
    first, second = (model.forward(np.ones((5, 4)), training=True) for _ in range(2))
    assert (first != second).any()
    runs = []
    for _ in range(2):
        model = network()
        model.fit(X, X[:, :2], epochs=3, batch_size=2)
        runs.append(model.parameters.tobytes())
    assert runs[0] == runs[1]


def test_fit_drops_units_and_reports_the_loss_it_trained_on():
    model = network(rate=0.9)
    history = model.fit(X, X[:, :2], optimizer=SGD(0.0), epochs=2, batch_size=6)
    whole = model.evaluate(X, X[:, :2])["loss"]
    assert all(abs(loss - whole) > 1e-3 for loss in history.history["loss"])
    without = network(rate=0.0).fit(X, X[:, :2], optimizer=SGD(0.0), batch_size=6)
    assert without.history["loss"][0] == pytest.approx(whole, rel=1e-12)


def test_fit_takes_the_steps_of_a_loop_by_hand():
    by_hand, model = network(), network()
    optimizer = SGD(0.1)
    order = by_hand.rng.permutation(6)
    y = X[:, :2]
    for start in (0, 3):
        rows = order[start : start + 3]
        prediction = by_hand.forward(X[rows], training=True)
        by_hand.backward((prediction - y[rows]) / 3)
        optimizer.step(by_hand.parameters, by_hand.gradients)
    model.fit(X, y, optimizer=SGD(0.1), batch_size=3)
    assert model.parameters == pytest.approx(by_hand.parameters, rel=1e-12)


def test_check_gradients_sees_the_network_with_units_left_out():
    check = check_gradients(network(), None, X, X[:, :2])
    assert check, check
    assert check.method == "complex-step"


def test_a_first_layer_drops_inputs_and_leaves_the_callers_array_alone():
    x = np.ones((8, 4))
    model = Sequential(Dropout(0.5), Dense(4, 1), Identity(), seed=0)
    model.fit(x, np.ones(8), epochs=3, batch_size=4)
    assert (x == 1).all()


@pytest.mark.parametrize("rate", [1.0, -0.1, np.nan, "half", True, None])
def test_a_rate_outside_zero_to_one_is_refused(rate):
    with pytest.raises((TypeError, ValueError), match="rate"):
        Dropout(rate)


def test_it_is_saved_and_shown(tmp_path):
    model = network(rate=0.25)
    assert "Dropout(0.25)" in repr(model)
    model.save(tmp_path / "model.npz")
    assert repr(Sequential.load(tmp_path / "model.npz")) == repr(model)
