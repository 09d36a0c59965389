"""Sizes are sums of files, what is missing or fails is named, our job runs; no time is judged."""

import importlib.metadata
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FAILS = [sys.executable, "-c", "import sys; sys.exit('first line\\nlast line\\n')"]


@pytest.fixture(autouse=True)
def _path(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture
def site(tmp_path):
    """Two distributions and one module each: `one` requires `two`, and three that it does not."""
    requires = ["two>=1", "three; extra == 'more'", "four; python_version < '3'", "missing"]
    for name, lines in {"one": requires, "two": ["one"], "three": [], "four": []}.items():
        (tmp_path / f"{name}.py").write_bytes(b"#" * 100 * len(name))
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        body = "".join(f"Requires-Dist: {line}\n" for line in lines)
        (info / "METADATA").write_text(head + body)
        (info / "RECORD").write_text(f"{name}.py,,\n{name}/deleted.py,,\n")
    return tmp_path


def test_what_a_distribution_requires_counts_once(site):
    from measuring.sizes import closure, size

    found = closure(["one"], [str(site)])
    assert {name: size(distribution) for name, distribution in found.items()} == {
        "one": 300,
        "two": 300,
    }


def test_size_of_an_installed_distribution():
    from measuring.sizes import closure, size

    (numpy,) = closure(["numpy"]).values()
    files = [file.locate() for file in importlib.metadata.files("numpy")]
    assert size(numpy) == sum(file.stat().st_size for file in files if file.exists()) > 1e6


def test_an_environment_holds_one_library_and_what_it_requires(site, tmp_path, monkeypatch):
    from measuring.environments import python_with
    from measuring.processes import run

    monkeypatch.syspath_prepend(site)
    python = python_with(["one"], "one", tmp_path / "environment")
    seen = "from importlib.util import find_spec as f; print(*[n for n in {} if f(n)])"
    said = run([python, "-E", "-c", seen.format(("one", "two", "three", "four", "numpy"))])
    assert said.split() == ["one", "two"]


def test_a_missing_library_is_left_out_by_name(capsys):
    from measuring.libraries import Library, installed

    there, missing = Library("There", "json.tool", (), {}), Library("Not there", "nnn.m", (), {})
    assert installed([there, missing]) == [there]
    assert capsys.readouterr().out == "left out, not installed: Not there\n"


def test_a_failing_job_is_reported_by_one_line(capsys):
    from measuring.processes import in_turns

    works = [sys.executable, "-c", "pass"]
    times = in_turns({"broken": FAILS, "works": works}, rounds=2)
    assert [*times] == ["works"]
    assert len(times["works"]) == 2
    assert capsys.readouterr().err == "broken fails: last line\n"


def test_our_job_reads_the_digits():
    from measuring.processes import run

    assert float(run([sys.executable, str(BENCHMARKS / "jobs" / "digits_minimlp.py"), "3"])) > 0.9


def test_jobs_of_all_libraries_are_there():
    from measuring.libraries import LIBRARIES

    jobs = {f"digits_{job}.py" for library in LIBRARIES for job in library.jobs.values()}
    assert jobs == {path.name for path in (BENCHMARKS / "jobs").glob("*.py")}


def test_startup_writes_what_it_measured(tmp_path, monkeypatch, capsys):
    import startup

    def no_wheel(project, folder):
        raise startup.ProcessError("no network")

    monkeypatch.setattr(startup, "LIBRARIES", startup.LIBRARIES[:2])
    monkeypatch.setattr(startup, "use_threads", lambda threads: None)
    monkeypatch.setattr(startup, "build", no_wheel)
    paths = [tmp_path / "new" / "startup.json", tmp_path / "startup.png"]
    startup.main(["--rounds", "1", "--json", str(paths[0]), "--picture", str(paths[1])])

    found = json.loads(paths[0].read_text())
    assert {name: len(times) for name, times in found["imports"].items()} == {
        "NumPy": 1,
        "minimlp": 1,
    }
    assert len(found["jobs"]["minimlp"]) == 1
    assert [*found["sizes"]] == ["NumPy"]
    assert paths[1].exists() == (find_spec("matplotlib") is not None)
    said = capsys.readouterr()
    assert "whole job" in said.out
    assert said.err == "the wheel cannot be built: no network\n"
