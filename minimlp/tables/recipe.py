"""How a table's network is built and trained where the user says nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..activations import ReLU, Sigmoid, Tanh
from ..layers import Dense, Layer, Normalization
from ..optimizers import SGD
from ..sequential import Sequential
from .features import Feature
from .target import Classes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..training import History
    from .preparation import Preparation

ACTIVATIONS = {"relu": ReLU, "sigmoid": Sigmoid, "tanh": Tanh}


@dataclass(frozen=True)
class Recipe:
    """Network and training.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer.
    activation : {"relu", "sigmoid", "tanh"}
        Of the hidden layers.
    epochs : int, optional
        By default as many as make about 4,000 steps.
    batch_size : int
    learning_rate : float
        At its highest; it falls to zero along a half cosine.
    momentum, weight_decay : float
    """

    hidden: Sequence[int] = (64,)
    activation: str = "tanh"
    epochs: int | None = None
    batch_size: int = 16
    learning_rate: float = 0.02
    momentum: float = 0.9
    weight_decay: float = 1e-3

    dtype: str = "float64"

    def words(self, rows: int) -> str:
        """Say how training goes."""
        return (
            f"MSE, SGD with Nesterov momentum {self.momentum:g}, learning rate "
            f"{self.learning_rate:g}, weight decay {self.weight_decay:g}, "
            f"{self.epochs_for(rows):,} epochs, batches of {self.batch_size:,}"
        )

    def settings(self, rows: int) -> dict[str, Any]:
        """Give all settings by name."""
        return {
            "loss": "MSE",
            "optimizer": "SGD",
            "hidden": [*self.hidden],
            "activation": self.activation,
            "dtype": self.dtype,
            "learning rate": self.learning_rate,
            "momentum": self.momentum,
            "weight decay": self.weight_decay,
            "epochs": self.epochs_for(rows),
            "batch size": self.batch_size,
        }

    def epochs_for(self, rows: int) -> int:
        """Give the number of epochs for as many rows."""
        if self.epochs is not None:
            return self.epochs
        steps_an_epoch = math.ceil(rows / self.batch_size)
        return min(300, max(10, 4000 // steps_an_epoch))


def train(
    prepared: Preparation, recipe: Recipe, seed: Any, progress: bool | None
) -> tuple[Sequential, History]:
    """Build a network and train it.

    Raises
    ------
    ArithmeticError
        The numbers ran away.
    """
    part, target = prepared.training, prepared.target
    layers: list[Layer] = [_normalization(prepared.features, part.x)]
    width = part.x.shape[1]
    for units in recipe.hidden:
        layers += [Dense(width, units), ACTIVATIONS[recipe.activation]()]
        width = units
    model = Sequential(*layers, Dense(width, target.outputs), seed=seed)
    history = model.fit(
        part.x,
        part.y,
        epochs=recipe.epochs_for(len(part)),
        batch_size=recipe.batch_size,
        optimizer=SGD(
            recipe.learning_rate,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=True,
        ),
        validation_data=None
        if prepared.validation is None
        else (prepared.validation.x, prepared.validation.y),
        metrics=("accuracy",) if isinstance(target, Classes) else (),
        progress=progress,
    )
    return model, history


def _normalization(features: Sequence[Feature], x: Any) -> Normalization:
    """Standardise numbers, and leave one-hot inputs as they are."""
    layer = Normalization(x.shape[1])
    layer.adapt(x)
    start = 0
    for feature in features:
        if feature.values:
            layer.mean[start : start + feature.width] = 0
            layer.scale[start : start + feature.width] = 1
        start += feature.width
    return layer
