"""PyTorch took 200 steps with each optimizer (fixtures/make_optimizers.py); ours are the same."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from minimlp import Callback, Dense, Sequential, Tanh, optimizers

FIXTURES = Path(__file__).parent.parent / "fixtures"
NAMES = sorted(path.stem for path in (FIXTURES / "optimizers").glob("*.npz"))
WORDS = {"lr": "learning_rate", "alpha": "rho", "eps": "epsilon"}


def read(path):
    with np.load(path) as file:
        return dict(file)


def ours(file):
    """Make our optimizer from PyTorch's name and arguments."""
    given = json.loads(file["optimizer"].item())
    name = {"NAdam": "Nadam"}.get(given["name"], given.pop("name"))
    given.pop("name", None)
    if "betas" in given:
        given["beta_1"], given["beta_2"] = given.pop("betas")
    return getattr(optimizers, name)(**{WORDS.get(k, k): v for k, v in given.items()})


def assert_close(path, theirs):
    path = np.asarray(path)
    assert path.shape == theirs.shape
    assert np.abs(path - theirs).max() <= 1e-10 * np.abs(theirs).max()


def valley_gradient(w):
    """The gradient of Σ_k 10·(w_{k+1} − w_k²)² + (1 − w_k)²."""
    above = w[1:] - w[:-1] ** 2
    gradient = np.zeros_like(w)
    gradient[:-1] = -40 * above * w[:-1] - 2 * (1 - w[:-1])
    gradient[1:] += 20 * above
    return gradient


@pytest.mark.parametrize("name", NAMES)
def test_through_a_valley(name):
    file = read(FIXTURES / "optimizers" / f"{name}.npz")
    optimizer, w = ours(file), file["valley"][0].copy()
    path = []
    for step in range(file["steps"][-1] + 1):
        if step in file["steps"]:
            path.append(w.copy())
        optimizer.step(w, valley_gradient(w))
    assert_close(path, file["valley"])


class Recorder(Callback):
    """Keeps the parameters after each epoch, in PyTorch's order."""

    def __init__(self, model):
        self.model = model
        self.path = [self.vector()]

    def vector(self):
        layers = [self.model.layers[0], self.model.layers[2]]
        return np.concatenate([part for la in layers for part in (la.weight.T.ravel(), la.bias)])

    def on_epoch_end(self, epoch, logs):
        self.path.append(self.vector())


@pytest.mark.parametrize("name", NAMES)
def test_a_network(name):
    file = read(FIXTURES / "optimizers" / f"{name}.npz")
    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 2))
    start = file["network"][0]
    model.layers[0].weight, model.layers[0].bias = start[:12].reshape(4, 3).T, start[12:16]
    model.layers[2].weight, model.layers[2].bias = start[16:24].reshape(2, 4).T, start[24:]
    kept = Recorder(model)
    model.fit(
        file["x"], file["y"], optimizer=ours(file), epochs=200, batch_size=12, callbacks=[kept]
    )
    assert_close([kept.path[step] for step in file["steps"]], file["network"])


def test_the_files_hold_every_optimizer_and_each_moved_far():
    files = [read(FIXTURES / "optimizers" / f"{name}.npz") for name in NAMES]
    kinds = {type(ours(file)).__name__ for file in files}
    assert kinds == {"RMSprop", "Adam", "AdamW", "Nadam"}
    for file in files:
        assert file["steps"].tolist() == [*range(0, 201, 20)]
        for path in (file["valley"], file["network"]):
            assert np.abs(path[-1] - path[0]).max() > 0.1


@pytest.mark.skipif(find_spec("torch") is None, reason="needs PyTorch")
def test_made_afresh_the_files_hold_the_same(tmp_path):
    subprocess.run([sys.executable, FIXTURES / "make_optimizers.py", tmp_path], check=True)
    assert sorted(path.stem for path in tmp_path.iterdir()) == NAMES
    for name in NAMES:
        fresh, kept = (
            read(folder / f"{name}.npz") for folder in (tmp_path, FIXTURES / "optimizers")
        )
        assert fresh["optimizer"].item() == kept["optimizer"].item()
        for key in ("valley", "network", "x", "y"):
            assert_close(fresh[key], kept[key])
