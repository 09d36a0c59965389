"""Activations: one file each, the function beside its derivative."""

from .activation import Activation
from .identity import Identity
from .relu import ReLU
from .sigmoid import Sigmoid
from .tanh import Tanh

__all__ = ["Activation", "Identity", "ReLU", "Sigmoid", "Tanh"]
