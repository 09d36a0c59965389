"""Solvers: whole-data methods, one file each."""

from .lbfgs import LBFGS
from .levenberg_marquardt import LevenbergMarquardt
from .solver import Listener, NotFiniteError, Solver

__all__ = ["LBFGS", "LevenbergMarquardt", "Listener", "NotFiniteError", "Solver"]
