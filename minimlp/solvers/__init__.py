"""Solvers: whole-data methods, one file each."""

from .bayesian_regularization import BayesianRegularization
from .lbfgs import LBFGS
from .levenberg_marquardt import LevenbergMarquardt
from .solver import Listener, NotFiniteError, Solver

__all__ = [
    "LBFGS",
    "BayesianRegularization",
    "LevenbergMarquardt",
    "Listener",
    "NotFiniteError",
    "Solver",
]
