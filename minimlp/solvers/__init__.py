"""Solvers: whole-data methods, one file each."""

from .lbfgs import LBFGS
from .solver import Listener, NotFinite, Solver

__all__ = ["LBFGS", "Listener", "NotFinite", "Solver"]
