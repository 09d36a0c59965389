"""The pieces that training usually needs, by the names that people type."""

from __future__ import annotations

from .activations import ELU, GELU, Activation, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from .optimizers import SGD, Adam, AdamW, FirstOrder, Nadam, RMSprop

ACTIVATIONS: dict[str, type[Activation]] = {  # of hidden layers
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "gelu": GELU,
    "silu": SiLU,
    "softplus": Softplus,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
}
FIRST_ORDER: dict[str, type[FirstOrder]] = {
    "sgd": SGD,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": Nadam,
}
