"""Backpropagation written out: every number of a step, in the letters of the worked page."""

from .derivation import Derivation
from .explain import explain

__all__ = ["Derivation", "explain"]
