"""A short soak finds memory flat, and would find a leak."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
RUN = """
import sys
sys.path.insert(0, {path!r})
import soak
{leak}
sys.exit(soak.main(["--steps", "20000", "--fits", "1000"]))
"""
LEAKS = {
    "steps": "soak.Watch.on_batch_end = lambda self, batch, logs: kept.append([batch] * 25)",
    "calls of fit": "soak.EarlyStopping.on_train_end = lambda self: kept.append([self] * 250)",
}


def soak(leak: str = "") -> tuple[int, str]:
    run = RUN.format(path=str(BENCHMARKS), leak=f"kept = []\n{leak}")
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


@pytest.fixture(autouse=True)
def _memory(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from measuring.memory import memory_now

    if not memory_now():
        pytest.skip("this system does not tell how much memory a process holds")


def test_memory_is_flat():
    code, said = soak()
    assert (code, said.splitlines()[-1]) == (0, "memory is flat")


@pytest.mark.parametrize("what", LEAKS)
def test_a_leak_is_found(what):
    code, said = soak(LEAKS[what])
    assert code == 1
    [line] = [line for line in said.splitlines() if f" {what} " in line]
    assert float(line.split()[-2]) > 1
