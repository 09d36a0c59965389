"""Who takes part, and what must be installed for it; imports no library."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import NamedTuple

from .trace import Train

OURS = "minimlp"
ADAM = "Adam"
LBFGS = "L-BFGS"
SCIPY = "SciPy lm"
SCIPY_BARE = "SciPy lm, bare Jacobian"
TORCH = "torch-levenberg-marquardt"
PYRENN = "pyrenn"
SCIKIT_LEARN = "scikit-learn lbfgs"


class Entry(NamedTuple):
    """A trainer's file and function, and the packages to install."""

    file: str
    function: str
    packages: str


ENTRIES = {
    OURS: Entry("ours", "levenberg_marquardt", ""),
    ADAM: Entry("ours", "adam", ""),
    LBFGS: Entry("ours", "lbfgs", "scipy"),
    SCIPY: Entry("scipy_lm", "train", "scipy"),
    SCIPY_BARE: Entry("scipy_lm", "train_bare", "scipy"),
    TORCH: Entry("torch_lm", "train", "torch torch-levenberg-marquardt"),
    PYRENN: Entry("pyrenn_lm", "train", "pyrenn"),
    SCIKIT_LEARN: Entry("scikit_learn", "train", "scikit-learn"),
}


def load(names: Iterable[str]) -> dict[str, Train]:
    """Import trainers; leave out, with a line that says so, those that are not installed."""
    found: dict[str, Train] = {}
    for name in names:
        file, function, packages = ENTRIES[name]
        try:
            if "scipy" in packages:
                import_module("scipy.optimize")
            found[name] = getattr(import_module(f"{__package__}.{file}"), function)
        except ImportError as error:
            print(f"left out: {name}: {error}; pip install {packages}")
    return found
