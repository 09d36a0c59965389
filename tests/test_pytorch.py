"""PyTorch computed and trained 20 networks (fixtures/make.py); minimlp gives the same numbers.

Each array has to agree to 1e-10 of its largest entry, every weight matrix and bias by itself.
"""

import json
import math
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import minimlp
from minimlp import MSE, SGD, Callback, Dense, Normalization, Sequential

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.npz"))
WORDS = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU", "identity": "Identity"}


def read(path):
    with np.load(path) as file:  # without pickle
        return dict(file)


def assert_close(ours, theirs, tolerance=1e-10):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


def assert_all_close(ours, theirs):
    for own, array in zip(ours, theirs, strict=True):
        assert_close(own, array)


class Case:
    """What PyTorch found, and the same network before training."""

    def __init__(self, name):
        self.file = read(FIXTURES / f"{name}.npz")
        self.network = json.loads(self.file["network"].item())
        self.x, self.y, self.weight = (self.file.get(key) for key in ("x", "y", "weight"))
        self.model = Sequential(*map(self.layer, self.network["layers"].split()))
        for word in self.network["frozen"].split():
            position, parameter = word.split(".")
            self.model.layers[int(position)].freeze(parameter)
        self.arrays = [
            (layer, name) for layer in self.model.layers for name in layer.parameter_shapes()
        ]
        for (layer, name), value in zip(self.arrays, self.split("parameters", 0), strict=True):
            setattr(layer, name, value)
        self.sgd = SGD(
            *map(self.network.get, ("learning_rate", "momentum", "nesterov", "weight_decay"))
        )

    def layer(self, word):
        if word == "normalization":
            layer = Normalization(self.x.shape[1])
            layer.mean, layer.scale = self.file["mean"], self.file["scale"]
            return layer
        if word in WORDS:
            return getattr(minimlp, WORDS[word])()
        n_in, n_out, *no_bias = word.split("-")
        return Dense(int(n_in), int(n_out), bias=not no_bias)

    def split(self, key, row=...):
        """Cut a vector of PyTorch's into arrays of our shapes: its weights are transposed."""
        vector, start, arrays = self.file[key][row], 0, []
        for layer in self.model.layers:
            for shape in layer.parameter_shapes().values():
                stop = start + math.prod(shape)
                arrays.append(vector[start:stop].reshape(shape[::-1]).T)
                start = stop
        assert start == len(vector)
        return arrays

    def current(self, ending=""):
        return [getattr(layer, name + ending).copy() for layer, name in self.arrays]


@pytest.fixture(params=NAMES)
def case(request):
    return Case(request.param)


def test_outputs_loss_and_the_gradients_of_parameters_and_inputs(case):
    outputs = case.model.forward(case.x)
    assert_close(outputs, case.file["outputs"])
    assert_close(case.model.predict(case.x, batch_size=3), case.file["outputs"])
    # The loss itself takes weights as they are; `fit` and `evaluate` scale them to mean 1.
    weight = None if case.weight is None else case.weight / case.weight.mean()
    assert_close(MSE().value(outputs, case.y, weight), case.file["loss"][0])
    dx = case.model.backward(MSE().gradient(outputs, case.y, weight))
    assert_close(dx, case.file["input_gradient"])
    assert_all_close(case.current("_gradient"), case.split("gradient"))


def test_value_and_gradient_of_the_vector(case):
    model = case.model
    function = model.value_and_gradient(MSE(), case.x, case.y, case.weight)
    value, model.gradients = function(model.parameters)
    assert_close(value, case.file["loss"][0])
    assert_all_close(case.current("_gradient"), case.split("gradient"))


class Recorder(Callback):
    def __init__(self, case):
        self.case, self.after = case, [case.current()]

    def on_epoch_end(self, epoch, logs):
        self.after.append(self.case.current())


def test_fifty_steps_of_fit(case):
    recorder = Recorder(case)
    history = case.model.fit(
        case.x,
        case.y,
        loss=MSE(),
        optimizer=case.sgd,
        epochs=50,
        batch_size=len(case.x),
        shuffle=False,
        sample_weight=case.weight,
        callbacks=[recorder],
    )
    assert_close(history.history["loss"], case.file["loss"][:-1])
    evaluated = case.model.evaluate(case.x, case.y, loss=MSE(), sample_weight=case.weight)
    assert_close(evaluated["loss"], case.file["loss"][-1])
    for row, step in enumerate(case.file["steps"]):
        assert_all_close(recorder.after[step], case.split("parameters", row))
    # PyTorch leaves what has no gradient alone, momentum and weight decay included; all else moves.
    ends = zip(case.arrays, recorder.after[0], recorder.after[-1], strict=True)
    for (layer, name), first, last in ends:
        assert np.array_equal(first, last) == (name in layer.frozen)


def test_adapt_finds_pytorchs_mean_and_standard_deviation():
    files = [file for file in map(read, FIXTURES.glob("*.npz")) if "mean" in file]
    assert len(files) == 3
    for file in files:
        layer = Normalization(file["x"].shape[1])
        layer.adapt(file["x"])
        assert_close(layer.mean, file["mean"])
        assert_close(layer.scale, file["scale"])


@pytest.mark.parametrize("ours", [[1.0, -2 + 1e-9], [1.0], [np.nan, np.nan]])
def test_a_difference_of_a_billionth_is_noticed(ours):
    assert_close([1.0, -2 + 1e-11], [1.0, -2.0])
    with pytest.raises(AssertionError):
        assert_close(ours, [1.0, -2.0])


def test_the_files_are_twenty_and_show_what_they_are_there_for():
    cases = [Case(name) for name in NAMES]
    networks = [case.network for case in cases]
    assert len(networks) == 20
    text = " ".join(n["layers"] for n in networks)
    assert all(text.count(word) > 1 for word in [*WORDS, "normalization", "nobias"])
    linear = [sum("-" in word for word in n["layers"].split()) for n in networks]
    assert set(linear) == {1, 2, 3, 4, 5, 6}
    # No momentum, momentum, Nesterov's: each without weight decay and with it.
    kinds = {(n["momentum"] > 0, n["nesterov"], n["weight_decay"] > 0) for n in networks}
    assert len(kinds) == 6
    frozen = {(n["momentum"] > 0, n["weight_decay"] > 0) for n in networks if n["frozen"]}
    assert frozen == {(True, False), (True, True)}
    assert sum(n["weighted"] for n in networks) > 3
    for case in cases:
        assert case.network["weighted"] == (case.weight is not None)
        assert case.file["steps"].tolist() == [0, 1, 2, 3, 10, 25, 50]
        assert case.file["loss"].shape == (51,)
        assert case.file["loss"][-1] < case.file["loss"][0]
    assert {len(case.x) == 1 for case in cases} == {True, False}
    assert {case.y.shape[1] == 1 for case in cases} == {True, False}


@pytest.mark.skipif(find_spec("torch") is None, reason="needs PyTorch")
def test_made_afresh_the_files_hold_the_same(tmp_path):
    # In a process of its own: importing torch changes this one for all tests that follow.
    subprocess.run([sys.executable, FIXTURES / "make.py", tmp_path], check=True)
    assert sorted(path.stem for path in tmp_path.iterdir()) == NAMES
    for name in NAMES:
        fresh, kept = (read(folder / f"{name}.npz") for folder in (tmp_path, FIXTURES))
        assert list(fresh) == list(kept)
        for key, array in kept.items():
            if key in ("network", "steps"):
                assert fresh[key].tolist() == array.tolist()
            else:
                assert_close(fresh[key], array, tolerance=1e-12)
