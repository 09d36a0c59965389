"""Tables: columns of numbers and text in, labels or quantities out."""

from .features import Feature
from .model import TableModel
from .recipe import Recipe
from .target import Classes, Quantities

__all__ = ["Classes", "Feature", "Quantities", "Recipe", "TableModel"]
