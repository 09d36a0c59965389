"""How much room a library takes with all it requires, as the installed files themselves tell."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution
from pathlib import Path

from measuring.processes import run

MEGABYTE = 1e6


def closure(names: Iterable[str], path: list[str] | None = None) -> dict[str, Distribution]:
    """Find installed distributions and, without extras, all that they require and is installed."""
    path = sys.path if path is None else path
    found: dict[str, Distribution] = {}
    wanted = list(names)
    while wanted:
        name = wanted.pop(0)
        distribution = next(iter(importlib.metadata.distributions(name=name, path=path)), None)
        if distribution is None or distribution.metadata["Name"] in found:
            continue
        found[distribution.metadata["Name"]] = distribution
        wanted += required(distribution)
    return found


def required(distribution: Distribution) -> Iterator[str]:
    """Name what a distribution requires on this Python and system."""
    try:
        from packaging.requirements import Requirement
    except ImportError:  # an environment without it has pip, which brings its own
        from pip._vendor.packaging.requirements import Requirement  # type: ignore[assignment]

    for line in distribution.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def size(distribution: Distribution) -> int:
    """Sum the bytes of a distribution's files, compiled ones too where pip has made them."""
    files = (Path(str(file.locate())) for file in distribution.files or ())
    return sum(file.stat().st_size for file in files if file.is_file())


def build(project: Path, folder: Path) -> Path:
    """Build the wheel of a project with pip, and unpack it into `folder` / installed."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run([*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(project)])
    wheel = next(folder.glob("*.whl"))
    run([*pip, "install", "--no-deps", "--target", str(folder / "installed"), str(wheel)])
    return wheel
