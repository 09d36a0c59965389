"""Training: the loop over epochs and batches, what it reports, and who may listen."""

from ..callbacks import Callback
from .evaluation import evaluate
from .fit import fit
from .history import History

__all__ = ["Callback", "History", "evaluate", "fit"]
