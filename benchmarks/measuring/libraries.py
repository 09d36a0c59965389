"""The libraries that are compared, how each is imported, and what each is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple


class Library(NamedTuple):
    """What to import, what was installed for it, and its job by what the job is called."""

    name: str
    module: str
    distributions: tuple[str, ...]
    jobs: dict[str, str]

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]


LIBRARIES = [
    Library("NumPy", "numpy", ("numpy",), {}),
    Library("minimlp", "minimlp", ("minimlp",), {"minimlp": "minimlp"}),
    Library(
        "scikit-learn",
        "sklearn.neural_network",
        ("scikit-learn",),
        {"scikit-learn": "scikit_learn"},
    ),
    Library(
        "PyTorch",
        "torch",
        ("torch",),
        {"PyTorch": "pytorch", "PyTorch, own step": "pytorch_own_step"},
    ),
    Library("Keras on JAX", "keras", ("keras", "jax"), {"Keras on JAX": "keras"}),
    Library("Thinc", "thinc.api", ("thinc",), {}),
]


def installed(libraries: Sequence[Library]) -> list[Library]:
    """Leave out the libraries that are missing, by name."""
    found = [library for library in libraries if find_spec(library.package)]
    missing = [library.name for library in libraries if library not in found]
    if missing:
        print(f"left out, not installed: {', '.join(missing)}")
    return found
