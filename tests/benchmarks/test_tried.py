"""Every idea computes what it would replace, each has its line; no time is judged."""

import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
tried = import_module("tried")
IDEAS = [idea for name in ("tried_calls", "tried_steps") for idea in import_module(name).IDEAS]

TRIALS = [trial for idea in IDEAS for trial in idea()]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.idea}: {trial.where}")
def test_an_idea_computes_the_same(trial):
    # Not what an earlier run has left, nor what the memory held.
    start = [np.clip(np.nan_to_num(array), -1, 1) / 3 for array in trial.results]
    found = []
    for run in (trial.as_is, trial.with_idea):
        for array, first in zip(trial.results, start, strict=True):
            array[...] = first
        run(1)
        found.append([array.copy() for array in trial.results])
    moved = [np.abs(one - first).max() for one, first in zip(found[0], start, strict=True)]
    assert max(moved) > 0
    for one, other in zip(*found, strict=True):
        tolerance = 2e-6 if one.dtype == np.float32 else 1e-14
        assert np.abs(one - other).max() <= tolerance * np.abs(one).max()


def test_a_line_for_each(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tried, "SECONDS", 0)
    monkeypatch.setattr(tried, "use_threads", lambda threads: None)
    path = tmp_path / "new" / "tried.json"
    tried.main(["--rounds", "1", "--json", str(path)])
    said = capsys.readouterr().out
    found = json.loads(path.read_text())["results"]
    assert len(found) == len(TRIALS)
    for result in found:
        assert f"{result['idea']}: {result['where']}" in said
        assert len(result["as_is"]) == len(result["with_idea"]) == 1
        assert result["ratio"]["median"] == result["with_idea"][0] / result["as_is"][0]


def test_wrong_rounds(capsys):
    with pytest.raises(SystemExit, match="2"):
        tried.main(["--rounds", "0"])
    assert "--rounds: expected a whole number of at least 1" in capsys.readouterr().err
