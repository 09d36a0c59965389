"""The regression benchmark compares trainers that begin alike, and judges them as it says.

Nothing here asks how long anything takes. Peers whose library is missing are skipped.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
small_regression = import_module("small_regression")
bare, entries, growth, iterations, problems, reaching, report, scale, shares, trace = (
    import_module(f"regressing.{name}")
    for name in (
        "bare", "entries", "growth", "iterations", "problems", "reaching", "report", "scale",
        "shares", "trace",
    )
)  # fmt: skip

LIBRARIES = {
    entries.OURS: [],
    entries.ADAM: [],
    entries.LBFGS: ["scipy"],
    entries.SCIPY: ["scipy"],
    entries.SCIPY_BARE: ["scipy"],
    entries.TORCH: ["torch_levenberg_marquardt"],
    entries.PYRENN: ["pyrenn"],
    entries.SCIKIT_LEARN: ["sklearn"],
}
ARM, SINE = problems.PROBLEMS[-1], problems.PROBLEMS[0]
TINY = scale.QUICK._replace(
    seeds=1,
    adam_epochs=20,
    iterations=3,
    most=5,
    share_seeds=1,
    hidden=(2, 3, 4),
    rows=(20, 30, 40),
)


# Problems


@pytest.mark.parametrize("problem", problems.PROBLEMS, ids=lambda problem: problem.name)
def test_training_samples_are_standardised(problem):
    if problem.name == "diabetes":
        pytest.importorskip("sklearn")
    data = problem.data(3)
    assert (data.x.shape[1], data.y.shape[1]) == (problem.widths[0], problem.widths[-1])
    assert len(data.test_x) == len(data.test_y) > 50
    for array in (data.x, data.y):
        np.testing.assert_allclose(array.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(array.std(axis=0), 1)
    np.testing.assert_array_equal(problem.data(3).y, data.y)


def test_mackey_glass_wanders_within_its_bounds():
    series = problems._mackey_glass()
    assert 0.2 < series[100:].min() < 0.6 < 1.1 < series[100:].max() < 1.5


# Trainers


@pytest.mark.parametrize("problem", [SINE, ARM], ids=lambda problem: problem.name)
def test_bare_network_is_the_model(problem):
    data, model = problem.data(0), problem.model(0)
    network = bare.BareNetwork(model, data)
    point = model.parameters.copy()
    found = network.jacobian_at(point)
    expected = model.jacobian(data.x).reshape(found.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    residuals = (model.predict(data.x) - data.y).reshape(-1)
    np.testing.assert_allclose(network.residuals(point), residuals, rtol=1e-12, atol=1e-14)
    bare.Floor(model, data)(2)


@pytest.mark.parametrize("name", entries.ENTRIES)
def test_trainers_lower_the_loss_and_keep_to_their_limit(name):
    if not all(map(find_spec, LIBRARIES[name])):
        pytest.skip(f"no {LIBRARIES[name][0]}")
    train, data = entries.load([name])[name], ARM.data(0)
    found = train(ARM.model(0), data, trace.Limit(6))
    start = problems.loss(ARM.model(0).predict(data.x) - data.y)
    assert found.losses[-1] < start
    assert len(found.times) == len(found.losses)
    assert 1 <= found.iterations <= 6
    assert found.times == sorted(found.times)
    assert found.times[-1] <= found.spent


@pytest.mark.parametrize("name", [entries.SCIPY, entries.SCIPY_BARE, entries.PYRENN, entries.TORCH])
def test_peers_measure_the_loss_that_minimlp_does(name):
    if not all(map(find_spec, LIBRARIES[name])):
        pytest.skip(f"no {LIBRARIES[name][0]}")
    data = ARM.data(0)
    traces = [
        entries.load([each])[each](ARM.model(0), data, trace.Limit(300, 1e-3))
        for each in (entries.OURS, name)
    ]
    for found in traces:
        assert found.losses[-1] <= 1e-3 < found.losses[-2]


def test_missing_library_is_named_with_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyrenn", None)
    monkeypatch.delitem(sys.modules, "regressing.pyrenn_lm", raising=False)
    assert list(entries.load([entries.OURS, entries.PYRENN])) == [entries.OURS]
    line = capsys.readouterr().out
    assert line.startswith("left out: pyrenn: ")
    assert line.endswith("; pip install pyrenn\n")


# Traces, ratios, targets


def test_time_to_an_error_is_that_of_the_first_iteration_below():
    found = trace.Trace(trace.Limit(9), times=[1.0, 2.0, 4.0], losses=[3.0, 1.0, 0.5])
    assert found.time_to(1.0) == 2.0
    assert found.time_to(0.1) is None
    assert found.per_iteration == 1.5


def race(ours, adam, *, there=True):
    return {entries.OURS: (ours, there), entries.ADAM: (adam, True)}


def test_race_that_minimlp_does_not_finish_counts_as_lost(capsys):
    races = [race(1.0, 60.0), race(1.0, 70.0), race(1.0, 80.0, there=False)]
    (verdict,) = reaching.table(SINE, races)
    assert verdict.met
    assert verdict.measured == "60× ≥ 50×"
    (verdict,) = reaching.table(SINE, [race(1.0, 60.0, there=False), *races[1:]])
    assert not verdict.met


def test_peer_that_does_not_get_there_is_written_as_more():
    races = [{**race(1.0, 60.0), entries.PYRENN: (150.0, False)}]
    assert reaching.table(SINE, races)[1].measured == ">150× ≥ 100×"


def test_share_is_behind_by_two_standard_errors():
    assert shares.not_behind("", (40, 50), (45, 50)).met
    assert not shares.not_behind("", (30, 50), (45, 50)).met
    assert shares.not_behind("", (50, 50), (50, 50)).met


@pytest.mark.parametrize(
    ("value", "text"), [(1.5, "1.5 s"), (2.5e-3, "2.5 ms"), (3e-5, "30 µs"), (np.inf, "never")]
)
def test_seconds(value, text):
    assert report.seconds(value) == text


def test_slopes_of_a_power_law():
    curve = growth.Curve("rows", "", [1, 2, 4, 8], {"a": [1.0, 2.0, 4.0, 16.0]})
    assert curve.slopes("a") == pytest.approx((1.0, 1.5))


# Parts


def test_parts_run(capsys):
    assert len(iterations.run(TINY, [SINE])) >= 1
    assert len(shares.run(TINY, [SINE])) >= 1
    assert len(reaching.run(TINY, [SINE])) >= 1
    assert SINE.name in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore")
def test_testing_runs(monkeypatch):
    testing = import_module("regressing.testing")
    monkeypatch.setattr(testing, "EPOCHS", 3)
    monkeypatch.setattr(testing, "ITERATIONS", 3)
    assert len(testing.run(TINY, problems.PROBLEMS[:2])) == 1


@pytest.mark.filterwarnings("ignore")
def test_growth_draws(monkeypatch, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(growth, "ROWS", 30)
    small_scale = import_module("regressing.scale")
    monkeypatch.setattr(small_scale, "QUICK", TINY)
    path = tmp_path / "new" / "cost.png"
    assert small_regression.main(["--quick", "--only", "growth", "--picture", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    assert "slope of minimlp" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--threads", "0"], "expected a whole number of at least 1, got '0'"),
        (["--threads", "100000"], "there are"),
        (["--only", "sleep"], "invalid choice: 'sleep'"),
    ],
)
def test_wrong_option_is_one_line_and_status_2(arguments, said, capsys):
    with pytest.raises(SystemExit) as ending:
        small_regression.main(arguments)
    assert ending.value.code == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
