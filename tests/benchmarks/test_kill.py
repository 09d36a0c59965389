"""Twenty-five processes are killed, and a difference would be noticed."""

from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def kill(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import kill

    monkeypatch.setattr(kill, "SEEDS", 1)
    return kill


def test_killed_trainings_end_with_the_same_bits(kill, capsys):
    assert kill.main(["25", "--seed", "3"]) == 0
    said = capsys.readouterr().out
    assert "no differences" in said
    assert "while writing" in said


@pytest.mark.parametrize("key", ["parameters", "history", "stopped_because", "files"])
def test_a_difference_is_reported_by_name(kill, capsys, monkeypatch, key):
    results = iter([dict.fromkeys(("parameters", "history", "stopped_because", "files"), 1)] * 2)

    class Known:
        def __init__(self, name, seed, folder, kept):
            self.kept = kept

        def wait_for(self, letter, times): ...

        def kill(self): ...

        def end(self):
            return "e", {**next(results), **({key: 2} if self.kept else {})}

    monkeypatch.setattr(kill, "Process", Known)
    killer = kill.Killer(1, 0)
    killer._training(1, "sgd", 0)
    assert killer.faults == [f"sgd, seed 0, training 1: {key} differ"]
    assert f"{key} differ" in capsys.readouterr().out


def test_a_process_that_fails_is_a_fault(kill, monkeypatch):
    monkeypatch.setattr(kill, "_kill_some_time", lambda *given, **named: None)
    killer = kill.Killer(1, 0)
    killer._training(0, "no such training", 0)
    assert killer.faults == ["no such training, seed 0, training 0: KeyError: 'no such training'"]


def test_every_training_is_in_turn(kill):
    from killing.trainings import TRAININGS

    assert set(kill.NAMES) == set(TRAININGS)
