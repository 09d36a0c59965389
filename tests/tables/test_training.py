"""Training by the recipe learns what can be learnt, repeats itself, and stops when told."""

import _thread
import threading

import numpy as np
import pytest

from minimlp import Dense, TableModel
from minimlp.tables.preparation import prepare
from minimlp.tables.recipe import Recipe
from minimlp.tables.training import train

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
ROWS = {
    "a": X[:, 0] * 1e4 + 1e6,
    "b": X[:, 1],
    "c": np.where(X[:, 2] > 0, "yes", "no").tolist(),
    "plane": 2e5 * X[:, 0] - 3e5 * X[:, 1] + 1e7,
    "side": np.where(X[:, 0] + X[:, 1] > 0, "up", "down").tolist(),
}


def test_a_plane_is_learnt_in_its_own_units():
    model = TableModel.fit(ROWS, "plane", drop="side", seed=0)
    figures = model.evaluate(ROWS)
    assert figures["r2"] > 0.999
    assert figures["rmse"] < 0.03 * np.std(ROWS["plane"])


def test_sides_are_learnt():
    model = TableModel.fit(ROWS, "side", drop="plane", seed=0)
    assert model.evaluate(ROWS)["accuracy"] > 0.97


def test_noise_is_not_learnt():
    rows = {"x": X[:, 0], "y": RNG.normal(size=200)}
    model = TableModel.fit(rows, "y", seed=0)
    fresh = {"x": RNG.normal(size=500)}
    assert np.std(model.predict(fresh)) < 0.35


def test_the_same_seed_gives_the_same_bits():
    one, two = (TableModel.fit(ROWS, "side", epochs=2, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.model.parameters, two.model.parameters)
    other = TableModel.fit(ROWS, "side", epochs=2, seed=4)
    assert not np.array_equal(one.model.parameters, other.model.parameters)


@pytest.mark.parametrize("validation", [0.0, 0.25])
@pytest.mark.parametrize("networks", [1, 3])
def test_every_way_to_judge(networks, validation):
    options = {"hidden": (4, 3), "activation": "relu", "epochs": 2, "l2": 0.01, "dropout": 0.2}
    prepared = prepare(ROWS, "side", validation=validation, seed=0)
    model, history = train(prepared, Recipe(networks=networks, **options), 0, False)
    dense = [layer for layer in model.layers if isinstance(layer, Dense)]
    assert [layer.n_out for layer in dense] == [4 * networks, 3 * networks, 2]
    judged = bool(validation) or networks > 1
    assert sorted(history.history) == (["loss", "val_loss"] if judged else ["loss"])
    assert len(history.epoch) == 2


def test_numbers_are_standardised_within_the_model_and_words_are_not():
    prepared = prepare(ROWS, "side", seed=0)
    model, _ = train(prepared, Recipe(epochs=1), 0, False)
    first = model.layers[0]
    np.testing.assert_allclose(first.mean, [np.mean(ROWS["a"]), np.mean(ROWS["b"]), 0, 0, 1e7], 0.1)
    np.testing.assert_array_equal(first.mean[2:4], 0)
    np.testing.assert_array_equal(first.scale[2:4], 1)


def test_strengths_that_do_well_are_told():
    model = TableModel.fit(ROWS, "plane", seed=0)
    assert set(model.metadata["l2"]) <= set(Recipe().strengths("regression"))
    assert TableModel.fit(ROWS, "plane", l2=0.2, epochs=1, seed=0).metadata == {"l2": [0.2]}


def test_a_network_stops_when_the_rows_it_has_not_seen_say_so():
    rows = {"x": X[:, 0], "y": RNG.normal(size=200)}
    model = TableModel.fit(rows, "y", seed=0, patience=2)
    assert len(model.history.epoch) < Recipe().epochs_for(200) / 4


def test_scores_of_classes_are_probabilities():
    model = TableModel.fit(ROWS, "side", drop="plane", epochs=3, seed=0)
    scores = model.predict_scores(ROWS)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert scores.min() >= 0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_numbers_that_run_away_are_an_error():
    with pytest.raises(FloatingPointError, match="finite"):
        TableModel.fit(ROWS, "plane", learning_rate=1e200, seed=0)


def test_ctrl_c_keeps_what_was_learnt():
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    model = TableModel.fit(ROWS, "side", epochs=1_000_000, seed=0)
    assert model.history.stopped_because == "interrupted in network 1 of 15"
    assert model.evaluate(ROWS)["accuracy"] > 0.6  # however little time it had


def test_a_network_learns_from_what_it_will_be_given():
    t = 1.7e9 + 50 * RNG.normal(size=200)  # float32 tells no two of these times apart
    rows = {"t": t, "y": t - 1.7e9}
    model = TableModel.fit(rows, "y", dtype="float32", seed=0)
    believed = 2 * min(model.history.history["val_loss"])  # of y in units of its deviation
    assert believed > 0.9 * (model.evaluate(rows)["rmse"] / np.std(rows["y"])) ** 2


def test_two_rows_are_enough():
    model = TableModel.fit({"x": [0.0, 1.0], "y": [10.0, 30.0]}, "y", epochs=5, seed=0)
    assert np.isfinite(model.predict({"x": [0.0, 1.0]})).all()
