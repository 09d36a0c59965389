"""Activations: one file each, the function beside its derivative."""

from .activation import Activation
from .elu import ELU
from .exp import Exp
from .gelu import GELU
from .identity import Identity
from .leaky_relu import LeakyReLU
from .relu import ReLU
from .sigmoid import Sigmoid
from .silu import SiLU
from .softmax import Softmax
from .softplus import Softplus
from .tanh import Tanh

__all__ = [
    "ELU",
    "GELU",
    "Activation",
    "Exp",
    "Identity",
    "LeakyReLU",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
]
