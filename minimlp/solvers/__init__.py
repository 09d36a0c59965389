"""Solvers: whole-data methods, one file each."""

from .lbfgs import LBFGS
from .solver import Listener, NotFiniteError, Solver

__all__ = ["LBFGS", "Listener", "NotFiniteError", "Solver"]
