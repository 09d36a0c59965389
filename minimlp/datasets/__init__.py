"""Data that comes with the package: real handwritten digits, and the worked page's two numbers."""

from .digits import load_digits
from .page import worked_example

__all__ = ["load_digits", "worked_example"]
