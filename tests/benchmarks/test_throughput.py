"""The throughput benchmark compares only those that do the same work, and loses no round.

Nothing here asks how long anything takes. Peers whose library is missing are skipped.
"""

import json
import sys
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from minimlp.callbacks import Callback

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
throughput = import_module("throughput")
report = import_module("throughput_report")
entries = import_module("peers.entries")
field = import_module("peers.field")
rounds = import_module("measuring.rounds")
Task = import_module("peers.task").Task
PracticeTask = import_module("peers.practice").PracticeTask
Ours = import_module("peers.practice_minimlp").Practice
NumpyLoop = import_module("peers.numpy_loop").NumpyLoop

LIBRARIES = {
    "pytorch": ["torch"],
    "pytorch-compiled": ["torch"],
    "jax-step": ["jax"],
    "jax-epoch": ["jax"],
    "keras": ["keras", "jax"],
    "scikit-learn": ["sklearn"],
    "thinc": ["thinc"],
    "onnxruntime": ["onnxruntime", "onnx"],
    "numpy-loop": [],
    "floor": [],
    "keras-large": ["keras", "jax"],
    "plain-step": [],
}
TINY = Task((3, 4, 2), batch=4, rows=32)
TINY_IN_PRACTICE = PracticeTask((3, 4, 2), batch=4, rows=32)


def measure(work, task, *keys):
    return field.measure(work, task, keys, rounds=2, seconds=0)


# Same work


def cases():
    for work in entries.WORK:
        for key in entries.participants(work):
            # Compiling takes half a minute each time.
            for dtype in ["float32"] if key == "pytorch-compiled" else ["float32", "float64"]:
                yield pytest.param(work, key, dtype, id=f"{work}-{key}-{dtype}")


@pytest.mark.filterwarnings("ignore")  # the libraries' own, at import
@pytest.mark.parametrize(("work", "key", "dtype"), list(cases()))
def test_every_peer_does_the_same_work(work, key, dtype):
    for library in LIBRARIES[key]:
        if find_spec(library) is None:  # Keras may be imported by its peer only
            pytest.skip(f"no {library}")
    task = replace(TINY_IN_PRACTICE if work == "practice" else TINY, dtype=dtype)
    if work == "momentum":
        task = replace(task, momentum=0.9)
    result = measure(work, task, key)
    reason = result.left_out.get(key, "")
    if reason.startswith(("its SGD has no momentum", "torch.compile does not work here")):
        pytest.skip(reason)
    assert not reason
    assert len(result.times[key]) == 2
    if key not in entries.BELOW:
        assert result.checks[key].difference <= (1e-4 if dtype == "float32" else 1e-10)


def test_every_peer_is_known_to_these_tests():
    assert list(LIBRARIES) == list(entries.PEERS)


class DoubleRate(NumpyLoop):
    def __init__(self, task):
        super().__init__(replace(task, learning_rate=2 * task.learning_rate))


class NoBias(NumpyLoop):
    def step(self, x, y):
        biases = [layer["b"].copy() for layer in self.layers]
        super().step(x, y)
        for layer, bias in zip(self.layers, biases, strict=True):
            layer["b"][...] = bias


class FirstLayerOnly(NumpyLoop):
    def step(self, x, y):
        last = {name: array.copy() for name, array in self.layers[-1].items()}
        super().step(x, y)
        self.layers[-1] = last


class NoMomentum(NumpyLoop):
    def __init__(self, task):
        super().__init__(replace(task, momentum=0.0))


class Idle(NumpyLoop):
    def train_on(self, batches):
        pass


class MeanOverOutputs(NumpyLoop):
    def step(self, x, y):
        scale = 1 / y.shape[1]
        before = self.parameters()
        super().step(x, y)
        for i, layer in enumerate(self.layers):
            for j, name in enumerate("wb"):
                old = before[2 * i + j]
                layer[name] = old + scale * (layer[name] - old)


class NotANumber(NumpyLoop):
    def predict(self, x):
        return np.full_like(super().predict(x), np.nan)

    def parameters(self):
        return [np.full_like(array, np.nan) for array in super().parameters()]


class OneRowShort(NumpyLoop):
    def predict(self, x):
        return super().predict(x)[1:]


LIARS = [DoubleRate, NoBias, FirstLayerOnly, NoMomentum, Idle, MeanOverOutputs, NotANumber]


@pytest.mark.parametrize("dtype", throughput.DTYPES)
@pytest.mark.parametrize("liar", LIARS)
@pytest.mark.parametrize(("widths", "batch", "rows"), [throughput.NETS[0], throughput.NETS[2]])
def test_peer_that_trains_otherwise_is_caught(monkeypatch, liar, widths, batch, rows, dtype):
    task = Task(widths, batch, 64 * batch, dtype, momentum=0.9)
    monkeypatch.setattr(field, "load", lambda work, key: liar)
    monkeypatch.setattr(field, "in_turns", lambda runs, *_: {key: [1.0] for key in runs})
    result = measure("momentum", task, "numpy-loop")
    assert result.left_out["numpy-loop"].startswith("other work: after 20 steps weights that moved")
    assert list(result.times) == ["minimlp"]


@pytest.mark.parametrize("liar", [NotANumber, OneRowShort])
def test_peer_that_predicts_otherwise_is_caught(monkeypatch, liar):
    monkeypatch.setattr(field, "load", lambda work, key: liar)
    result = measure("one-row", TINY, "numpy-loop")
    assert result.left_out["numpy-loop"].startswith("other work: predictions differ by")
    assert list(result.times) == ["minimlp"]


class OtherRate(Ours):
    def __init__(self, task):
        super().__init__(replace(task, learning_rate=2 * task.learning_rate))


class ValidatesOnTraining(Ours):
    def __init__(self, task):
        super().__init__(task)
        self.how["validation_data"] = task.data


class MeasuresNothing(Ours):
    def train_on(self, batches):
        super().train_on(batches)
        self.figures = []


@pytest.mark.parametrize(
    ("liar", "said"),
    [
        (OtherRate, "after 20 steps weights that moved"),
        (ValidatesOnTraining, "figures of an epoch differ by"),
        (MeasuresNothing, "figures of an epoch differ by inf"),
    ],
)
def test_peer_that_practises_otherwise_is_caught(monkeypatch, liar, said):
    own = field.load
    monkeypatch.setattr(
        field, "load", lambda work, key: own(work, key) if key == entries.OURS else liar
    )
    result = measure("practice", TINY_IN_PRACTICE, "keras")
    assert result.left_out["keras"].startswith(f"other work: {said}")
    assert list(result.times) == ["minimlp"]


def test_practice_neither_stops_early_nor_forgets_to_measure():
    told = []

    class Epochs(Callback):
        def on_epoch_end(self, epoch, logs):
            told.append(set(logs))

    ours = Ours(TINY_IN_PRACTICE)
    ours.model.fit = partial(fit_with, ours.model.fit, Epochs())
    ours.train(30)
    assert told == [{"loss", "accuracy", "val_loss", "val_accuracy"}] * 30


def fit_with(fit, callback, *data, callbacks, **how):
    return fit(*data, callbacks=[*callbacks, callback], **how)


def test_validation_rows_are_rows_of_their_own():
    x, labels = TINY_IN_PRACTICE.data
    others, other_labels = TINY_IN_PRACTICE.validation
    assert (len(x), len(labels), len(others), len(other_labels)) == (32, 32, 8, 8)
    assert not np.isin(others, x).any()


def test_linear_peer_is_compared_with_linear_minimlp():
    pytest.importorskip("sklearn")
    result = measure("training", TINY, "scikit-learn", "numpy-loop")
    assert result.bases == {"scikit-learn": entries.LINEAR, "numpy-loop": entries.OURS}
    assert list(result.times) == [entries.OURS, entries.LINEAR, "scikit-learn", "numpy-loop"]


def test_linear_minimlp_is_not_timed_for_nobody(monkeypatch):
    class Linear(Idle):
        output = "linear"

    monkeypatch.setattr(field, "load", lambda work, key: Linear)
    assert list(measure("training", TINY, "scikit-learn").times) == [entries.OURS]


# Rounds and ratios


def test_rounds_are_as_many_for_all_and_start_with_another(monkeypatch):
    clock, told = 0.0, []

    def run(name, cost):
        def work(units):
            nonlocal clock
            clock += cost * units
            told.append((name, units))

        return work

    monkeypatch.setattr(rounds, "perf_counter", lambda: clock)
    costs = {"a": 1.0, "b": 0.5, "c": 20.0}
    times = rounds.in_turns({name: run(name, cost) for name, cost in costs.items()}, 4, 8.0)
    assert times == {name: [cost] * 4 for name, cost in costs.items()}
    units = {"a": 8, "b": 16, "c": 1}  # as many as take 8 seconds
    assert told[-12:] == [(name, units[name]) for name in "abcbcacababc"]


def test_ratio_is_the_median_of_the_rounds_own_ratios():
    ratio = rounds.ratio([2.0, 30.0, 4.0], [1.0, 10.0, 4.0])
    assert ratio == (2.0, 1.0, 3.0)  # the medians' own ratio is 1
    with pytest.raises(ValueError, match="zip"):
        rounds.ratio([1.0], [1.0, 2.0])


def given(**times):
    task = Task((64, 32, 10), 32)
    times = {key.replace("_", "-"): [time] * 7 for key, time in times.items()}
    bases = {key: "minimlp" for key in times if key != "minimlp"}
    return field.Result("training", task, times, bases)


def test_required_ratios_are_marked():
    result = given(minimlp=1e-5, pytorch=1e-4, scikit_learn=4e-5, jax_step=1.31e-5, floor=2e-6)
    text = report.requirements([result], threads=2)
    row = next(line for line in text.splitlines() if "64-32-10, batch 32" in line)
    assert row.split("  ")[1] == "64-32-10, batch 32"
    assert [" ".join(cell.split()) for cell in row.split("  ") if "≥" in cell or "≤" in cell] == [
        "10.0 ≥ 10 ok",
        "4.00 ≥ 5 FAIL",
        "1.31 ≥ 1.3 ok",
        "5.00 ≤ 3.4 FAIL",
    ]


def test_required_ratios_in_practice_are_marked():
    task = PracticeTask((30, 64, 64, 3), 32)
    times = {"minimlp": 2e-5, "pytorch": 1e-4, "keras": 9e-5, "plain-step": 1e-5}
    bases = {key: "minimlp" for key in times if key != "minimlp"}
    result = field.Result("practice", task, {key: [t] * 7 for key, t in times.items()}, bases)
    lines = report.requirements([result], threads=2).splitlines()
    row = next(line for line in lines if line.startswith("  30-64-64-3, batch 32"))
    assert " ".join(row.split()[3:]) == "5.00 ≥ 5 ok 4.50 ≥ 5 FAIL 2.00 ≤ 1.6 FAIL"
    last = report.table(result).splitlines()[-1]
    assert last.endswith("minimlp takes 2.00 (2.00 to 2.00) times as long")


def test_what_was_not_measured_is_required_of_nobody():
    text = report.requirements([given(minimlp=1e-5, pytorch=1e-4)], threads=2)
    assert "10.0 ≥ 10 ok" in text
    assert "FAIL" not in text


def test_table_names_all():
    result = given(minimlp=1e-5, pytorch=1.5e-4, floor=4e-6)
    result.left_out["keras"] = "not installed: No module named 'keras'"
    lines = report.table(result).splitlines()
    assert lines[0] == "training step, 64-32-10, batch 32, float32"
    assert [line.split() for line in lines[2:4]] == [
        ["minimlp", "10.0"],
        ["pytorch", "150", "15.0", "(15.0", "to", "15.0)"],
    ]
    assert lines[4].endswith("minimlp takes 2.50 (2.50 to 2.50) times as long")
    assert lines[5] == "  left out: keras: not installed: No module named 'keras'"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.01234, "0.0123"), (0.1234, "0.123"), (1.234, "1.23"), (12.34, "12.3"), (1234, "1,234")],
)
def test_three_digits(number, text):
    assert report.short(number) == text


# The command


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Run the benchmark on tiny tasks, in this process's own threads."""
    monkeypatch.setattr(throughput, "NETS", (((3, 4, 2), 4, 32), ((3, 4, 2), 8, 32)))
    monkeypatch.setattr(throughput, "NETS_IN_PRACTICE", (((3, 4, 2), 4, 32),))
    monkeypatch.setattr(throughput, "SECONDS", 0)
    monkeypatch.setattr(throughput, "use_threads", lambda threads: None)
    paths = ["--json", str(tmp_path / "new/out.json"), "--picture", str(tmp_path / "new/out.png")]
    return lambda *arguments: throughput.main([*arguments, *paths])


def without_all_but(*kept):
    return [word for key in entries.PEERS if key not in kept for word in ("--without", key)]


@pytest.mark.filterwarnings("ignore")
def test_missing_library_is_left_out_by_name(command, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "thinc.api", None)
    monkeypatch.delitem(sys.modules, "peers.thinc_layers", raising=False)
    assert (
        command(
            *without_all_but("thinc", "numpy-loop", "floor", "plain-step"), "--dtype", "float32"
        )
        == 0
    )
    assert "left out: thinc: not installed: " in capsys.readouterr().out

    written = json.loads((tmp_path / "new/out.json").read_text(encoding="utf-8"))
    assert written["options"]["rounds"] == 7
    assert written["machine"]["processor"]
    tables = [(result["work"], result["batch"]) for result in written["results"]]
    trained = [(work, batch) for work in ("training", "momentum") for batch in (4, 8)]
    assert tables == [*trained, ("practice", 4), ("one-row", None), ("10000-rows", None)]
    practice = next(r for r in written["results"] if r["work"] == "practice")
    assert set(practice["seconds"]) == {"minimlp", "plain-step"}
    assert not practice["left_out"]
    for result in (r for r in written["results"] if r["work"] != "practice"):
        floor = {"floor"} if result["batch"] else set()
        assert set(result["seconds"]) == {"minimlp", "numpy-loop"} | floor
        assert {len(times) for times in result["seconds"].values()} == {7}
        assert list(result["left_out"]) == ["thinc"]
        assert result["checks"]["numpy-loop"]["difference"] <= 1e-4
        assert result["ratios"]["numpy-loop"]["median"] > 0


@pytest.mark.filterwarnings("ignore")
def test_picture_is_drawn(command, tmp_path):
    pytest.importorskip("matplotlib")
    assert command(*without_all_but("numpy-loop", "floor", "plain-step"), "--only", "3-4-2") == 0
    assert (tmp_path / "new/out.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rounds", "6"], "expected a whole number of at least 7, got '6'"),
        (["--rounds", "x"], "expected a whole number of at least 7, got 'x'"),
        (["--threads", "0"], "expected a whole number of at least 1, got '0'"),
        (["--threads", "100000"], "this process may use"),
        (["--only", "1-2-3"], "invalid choice: '1-2-3'"),
        (["--dtype", "float16"], "invalid choice: 'float16'"),
        (["--work", "sleep"], "invalid choice: 'sleep'"),
        (["--without", "minimlp"], "invalid choice: 'minimlp'"),
        (["--fast"], "unrecognized arguments: --fast"),
        (["--json", "."], ". is a folder"),
    ],
)
def test_wrong_option_is_one_line_and_status_2(arguments, said, capsys):
    with pytest.raises(SystemExit) as ending:
        throughput.main(arguments)
    assert ending.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
