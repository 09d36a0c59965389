"""How much memory there is, and what is refused for want of it."""

import re
from pathlib import Path
from typing import Any

import pytest

from minimlp import Dense, Sequential
from minimlp.derivatives import memory as module
from minimlp.derivatives.memory import check_memory, memory


def files(monkeypatch: pytest.MonkeyPatch, found: dict[str, str]) -> None:
    def read_text(self: Path, *given: Any, **more: Any) -> str:
        if str(self) not in found:
            raise FileNotFoundError(self)
        return found[str(self)]

    monkeypatch.setattr(module.Path, "read_text", read_text)


MEMINFO = "MemTotal:       8000 kB\nMemFree:  10 kB\nMemAvailable:   3000 kB\n"
NEW, OLD = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"/proc/meminfo": MEMINFO}, 3000 * 1024),
        ({"/proc/meminfo": MEMINFO, NEW: "1000\n"}, 1000),
        ({"/proc/meminfo": MEMINFO, OLD: "2000\n"}, 2000),
        ({"/proc/meminfo": MEMINFO, NEW: "max\n"}, 3000 * 1024),
        ({"/proc/meminfo": MEMINFO, OLD: "9223372036854771712\n"}, 3000 * 1024),
        ({NEW: "1000\n"}, 1000),
    ],
)
def test_the_least_that_anything_says_counts(
    found: dict[str, str], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(monkeypatch, found)
    assert memory() == expected


@pytest.mark.parametrize(
    "broken", ["", "MemTotal: 8000 kB\n", "MemAvailable:\n", "MemAvailable: much kB\n"]
)
def test_what_cannot_be_read_is_passed_over(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files(monkeypatch, {"/proc/meminfo": broken, NEW: "1000\n"})
    assert memory() == 1000


def test_without_files_the_system_says_how_much_there_is_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files(monkeypatch, {})
    pages = {"SC_PHYS_PAGES": 10, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(module.os, "sysconf", pages.__getitem__, raising=False)
    assert memory() == 40960


def test_where_nothing_says_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    files(monkeypatch, {})
    monkeypatch.delattr(module.os, "sysconf", raising=False)
    assert memory() is None
    check_memory("a solver", Sequential(Dense(100, 10)), "do something else")


def test_the_parameters_that_train_need_room(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Sequential(Dense(5, 2))
    monkeypatch.setattr(module, "memory", lambda: 100)
    words = (
        r"a solver works with matrices of 12 x 12 numbers, for the 12 parameters that train: they "
        r"need ([\d,]+) bytes, and there are 100; do something else"
    )
    with pytest.raises(ValueError, match=words) as caught:
        check_memory("a solver", model, "do something else")
    needed = int(re.search(r"need ([\d,]+) bytes", str(caught.value))[1].replace(",", ""))
    assert needed >= 2 * 8 * 12**2  # two such matrices at least, of float64
    monkeypatch.setattr(module, "memory", lambda: needed)
    check_memory("a solver", model, "do something else")
    monkeypatch.setattr(module, "memory", lambda: needed - 1)
    with pytest.raises(ValueError, match="do something else"):
        check_memory("a solver", model, "do something else")
    model.layers[0].freeze("bias")
    check_memory("a solver", model, "do something else")
