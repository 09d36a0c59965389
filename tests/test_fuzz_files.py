"""Hostile files and arguments, as benchmarks/fuzz.py makes them: each works or is refused."""

import sys
from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not find_spec("polars"), reason="reads table files")
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
MORE = 150 * 10**6  # bytes of memory beside what the tests before these hold; pictures take 50


@pytest.mark.parametrize(
    ("only", "count"),
    [("archives", 1100), ("checkpoints", 400), ("tables", 400), ("commands", 100)],
)
def test_two_thousand_cases(tmp_path, only, count):
    fuzz, memory = import_module("fuzz"), import_module("measuring.memory")
    cases = import_module("fuzzing.cases").Cases(tmp_path, only)
    memory.forget_most()
    before = memory.most_memory()
    ends = Counter(cases.one_case(data) for data in fuzz.case_bytes(count, seed=2026))
    assert memory.most_memory() - before < MORE
    assert ends.total() == count
    assert len({kind for kind, _ in ends}) >= 4
    for end in ("taken", "refused"):
        assert sum(number for (_, how), number in ends.items() if how == end) > count // 50


def test_most_archives_are_valid_but_for_one_field():
    from fuzzing.archives import archive
    from fuzzing.choices import Choices

    fuzz = import_module("fuzz")
    kinds = [archive(Choices(data))[0] for data in fuzz.case_bytes(300, seed=1)]
    assert sum(kind.startswith("valid zip") for kind in kinds) > 150


def test_the_same_bytes_are_the_same_case():
    from fuzzing.archives import archive
    from fuzzing.choices import Choices
    from fuzzing.commands import arguments
    from fuzzing.tables import table

    fuzz = import_module("fuzz")
    for data in fuzz.case_bytes(50, seed=3):
        for make in (archive, table, arguments):
            assert make(Choices(data)) == make(Choices(data))


def test_what_is_not_documented_is_found(tmp_path, monkeypatch, capsys):
    fuzz, made = import_module("fuzz"), import_module("fuzzing.cases")

    def load(path):
        raise KeyError(path)

    monkeypatch.setattr(made.Sequential, "load", load)
    monkeypatch.setattr(made.TableModel, "load", load)
    ends, failures = fuzz.run(made.Cases(tmp_path, "archives"), iter([b"a", b"b"]))
    assert (ends.total(), failures) == (0, 2)
    said = capsys.readouterr().out
    assert f"--case {b'a'.hex()}  " in said
    assert "KeyError" in said


def test_a_case_that_takes_much_memory_is_found(tmp_path, monkeypatch, capsys):
    fuzz, made = import_module("fuzz"), import_module("fuzzing.cases")
    if not import_module("measuring.memory").most_memory():
        pytest.skip("the system does not tell")

    def load(path):
        assert b"x" * (2 * fuzz.LIMIT)
        raise ValueError(path)

    monkeypatch.setattr(made.Sequential, "load", load)
    monkeypatch.setattr(made.TableModel, "load", load)
    _, failures = fuzz.run(made.Cases(tmp_path, "archives"), iter([b"a"]))
    assert failures == 1
    assert "MB more memory" in capsys.readouterr().out


def test_it_prints_what_came_of_each_kind(capsys):
    fuzz = import_module("fuzz")
    fuzz.main(["20", "--seed", "4", "--only", "archives"])
    said = capsys.readouterr().out
    assert said.startswith("kind ")
    assert "20 as documented, 0 not" in said
    fuzz.main(["--case", "00ff"])
    assert "1 as documented, 0 not" in capsys.readouterr().out
