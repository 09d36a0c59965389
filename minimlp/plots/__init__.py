"""Pictures for a report: how training went, what was confused, how far off predictions are."""

from .confusion import plot_confusion_matrix
from .figure import figure_class
from .history import plot_history
from .predictions import plot_predictions

__all__ = ["figure_class", "plot_confusion_matrix", "plot_history", "plot_predictions"]
