"""Slopes of known powers are found, scaling and profile benchmarks run; no time is judged."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _path(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


def run(script, *options):
    command = [sys.executable, BENCHMARKS / script, *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("power", [0, 0.5, 1, 2])
def test_slope_of_a_power_law(power):
    from scaling import slope

    sizes = [1, 2, 4, 8]
    assert slope(sizes, [3e-6 * size**power for size in sizes]) == pytest.approx(power, abs=1e-12)


def test_slopes_of_both_ends():
    from scaling import curve

    sizes = [2**i for i in range(12)]
    found = curve(sizes, [[4.0, 5.0, 9.0] if size < 64 else [size**2.0] for size in sizes])
    assert found.times[:2] == [5, 5]
    assert (found.small, found.large) == pytest.approx((0, 2))


def test_scaling_writes_what_it_measured(tmp_path):
    paths = [tmp_path / "new" / "scaling.json", tmp_path / "scaling.png"]
    said = run(
        "scaling.py", "--largest", 4, "--rounds", 1, "--json", paths[0], "--picture", paths[1]
    )
    assert ("left out: PyTorch" in said) == (find_spec("torch") is None)
    sweeps = json.loads(paths[0].read_text())["sweeps"]
    assert [sweep["sizes"] for sweep in sweeps] == [[1, 2, 4], [2, 4], [1, 2, 4]]
    for sweep in sweeps:
        assert {"minimlp", "floor"} <= sweep["seconds"].keys()
        for curve in sweep["seconds"].values():
            assert np.shape(curve["rounds"]) == (len(sweep["sizes"]), 1)
    assert paths[1].exists() == (find_spec("matplotlib") is not None)


def test_profile_of_a_step():
    said = run("profile_step.py", "--net", "4-3-2", "--batch", 8, "--rounds", 1)
    for call in ("Dense(4, 3) forward", "MSE()", "Sigmoid() backward", "    tanh 8×3", "SGD(0.1)"):
        assert call in said


@pytest.mark.parametrize("form", ["closure", "partial"])
def test_numpy_calls_are_seen_and_can_be_repeated(form):
    from functools import partial

    from measuring.watching import describe, numpy_calls

    x, w, y = np.ones((2, 3)), np.ones((3, 4)), np.empty((2, 4))

    def work(x, w, y):
        x.dot(w, y)
        np.tanh(y, y)
        np.copyto(y[:, :3], x)
        y[...] = 1

    calls = numpy_calls(partial(work, x, w, y) if form == "partial" else lambda: work(x, w, y))
    assert [describe(call) for call in calls] == [
        "dot 2×3, 3×4, 2×4",
        "tanh 2×4, 2×4",
        "copyto 2×3, 2×3",
        "setitem 2×4",
    ]
    y[...] = 0
    calls[0]()
    assert np.array_equal(y, np.full((2, 4), 3))
    assert calls[1].args[0] is calls[1].args[1]
    assert all(type(array) is np.ndarray for call in calls[:3] for array in call.args)
