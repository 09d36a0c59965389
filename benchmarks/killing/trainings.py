"""Trainings that take about half a second each and between them use whatever remembers something.

Each is made anew from a seed alone, as a script would that is started again after it was killed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from minimlp import (
    MSE,
    SGD,
    Adam,
    AdamW,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    Identity,
    Nadam,
    Normalization,
    ReLU,
    RMSprop,
    Sequential,
    Softmax,
    Tanh,
)
from minimlp.callbacks import (
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from minimlp.penalties import L2
from minimlp.schedules import CosineDecay, OneCycle

Training = tuple[Sequential, dict[str, Any]]
"""A model, and what its `fit` is given."""

ROWS = 203  # no multiple of a batch


def table(seed: int) -> tuple[Any, Any, Any]:
    """Give inputs, classes and numbers that some noise hides."""
    rng = np.random.default_rng(seed + 1000)
    x = rng.normal(size=(ROWS, 6))
    score = x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(size=ROWS) / 2
    classes = np.digitize(score, [-0.5, 1.0])
    return x, classes, np.stack([score, np.tanh(x[:, 3])], axis=1)


def adam(seed: int, folder: Path) -> Training:
    """Adam, cosine, dropout, class weights, part held out, early stopping, metrics."""
    x, classes, _ = table(seed)
    layers = [Dense(6, 16), ReLU(), Dropout(0.3), Dense(16, 3), Softmax()]
    return Sequential(*layers, seed=seed), {
        "x": x,
        "y": classes,
        "loss": CategoricalCrossEntropy(),
        "optimizer": Adam(CosineDecay(0.01, decay_steps=4000)),
        "epochs": 400,
        "batch_size": 16,
        "validation_split": 0.2,
        "class_weight": "balanced",
        "metrics": ["accuracy", "f1"],
        "callbacks": [EarlyStopping(patience=120)],
    }


def sgd(seed: int, folder: Path) -> Training:
    """Momentum, sample weights, a rate that falls where nothing improves, a log."""
    x, _, numbers = table(seed)
    return Sequential(Dense(6, 12), Tanh(), Dense(12, 2), seed=seed), {
        "x": x,
        "y": numbers,
        "sample_weight": np.random.default_rng(seed).uniform(size=ROWS),
        "optimizer": SGD(0.02, momentum=0.9, nesterov=True),
        "epochs": 300,
        "batch_size": 16,
        "validation_data": table(seed + 1)[::2],
        "metrics": "rmse",
        "callbacks": [ReduceLROnPlateau(factor=0.7, patience=15), CSVLogger(folder / "log.csv")],
    }


def float32(seed: int, folder: Path) -> Training:
    """Single precision, centred RMSprop on one cycle, fixed normalisation, few large batches."""
    x, classes, _ = table(seed)
    normalization = Normalization(6)
    normalization.adapt(x)
    layers = [normalization, Dense(6, 32), ReLU(), Dense(32, 3), Softmax()]
    return Sequential(*layers, dtype=np.float32, seed=seed), {
        "x": x,
        "y": classes,
        "loss": CategoricalCrossEntropy(),
        "optimizer": RMSprop(OneCycle(0.005, total_steps=4000), centered=True, momentum=0.5),
        "epochs": 800,
        "batch_size": 50,
        "metrics": ["accuracy", "log_loss"],
        "seed": seed,
    }


def adamw(seed: int, folder: Path) -> Training:
    """AdamW, L2, clipping, a frozen layer, the best model in a file, early stopping by r2."""
    x, _, numbers = table(seed)
    model = Sequential(Dense(6, 16), Tanh(), Dense(16, 8), Tanh(), Dense(8, 2), seed=seed)
    model.layers[2].freeze("weight")
    return model, {
        "x": x,
        "y": numbers,
        "loss": MSE(),
        "optimizer": AdamW(0.003, weight_decay=0.01, amsgrad=True, clip_norm=0.5),
        "epochs": 100,
        "batch_size": 16,
        "penalty": L2(1e-3),
        "validation_split": 0.25,
        "metrics": "r2",
        "callbacks": [
            ModelCheckpoint(folder / "best.npz", "val_r2", save_best_only=True),
            EarlyStopping("val_r2", patience=12),
        ],
    }


def nadam(seed: int, folder: Path) -> Training:
    """Nadam, a rate by epoch, dropout, a generator of the caller's own."""
    x, _, numbers = table(seed)
    return Sequential(Dense(6, 16), Tanh(), Dropout(0.1), Dense(16, 2), seed=seed), {
        "x": x,
        "y": numbers,
        "optimizer": Nadam(0.01),
        "epochs": 250,
        "batch_size": 16,
        "callbacks": [LearningRateScheduler(slower)],
        "seed": np.random.Generator(np.random.MT19937(seed)),
    }


def slower(epoch: int, lr: float) -> float:
    return lr * 0.99


def diverging(seed: int, folder: Path) -> Training:
    """Steps a little too large: the loss becomes infinite after some thousand of them."""
    x, _, numbers = table(seed)
    return Sequential(Dense(6, 2), Identity(), seed=seed), {
        "x": x,
        "y": numbers,
        "optimizer": SGD(2.0 / np.linalg.eigvalsh(x.T @ x / ROWS).max() * 1.1),
        "epochs": 20_000,
        "batch_size": ROWS,
        "metrics": "rmse",
    }


TRAININGS: dict[str, Callable[[int, Path], Training]] = {
    "adam": adam,
    "sgd": sgd,
    "float32": float32,
    "adamw": adamw,
    "nadam": nadam,
    "diverging": diverging,
}
