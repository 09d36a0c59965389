"""Checkpoints of a small training, of which one thing is not as it should be."""

from __future__ import annotations

import functools
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from minimlp import (
    Adam,
    CategoricalCrossEntropy,
    CosineDecay,
    Dense,
    Dropout,
    EarlyStopping,
    Normalization,
    ReduceLROnPlateau,
    Sequential,
    Softmax,
)
from minimlp.storage import read_archive

from .archives import DAMAGES, Base, change_array, change_members, packed, parts_of
from .choices import Choices
from .values import as_text, changed

EPOCHS = 2  # that are trained when a checkpoint is written


@functools.cache
def bases() -> tuple[Base, ...]:
    """Write the checkpoints that are right."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in range(2):
            path = Path(folder) / f"{kind}.npz"
            train(kind, path, EPOCHS)
            header, arrays = read_archive(path)
            header = {**header, "format": "minimlp", "version": 1, "arrays": [*arrays]}
            made.append(Base(header, dict(arrays), path.read_bytes()))
    return tuple(made)


def train(kind: int, path: Path, epochs: int) -> None:
    """Train, or go on from a file."""
    x, y = np.linspace(-1, 1, 12).reshape(6, 2), [0, 1, 0, 1, 1, 0]
    first: list[Any] = [Normalization(2)] if kind else [Dense(2, 3), Dropout(0.2)]
    model = Sequential(*first, Dense(3 - bool(kind), 2), Softmax(), seed=0)
    callbacks: list[Any] = [EarlyStopping("loss", patience=9)]
    rate = Adam(CosineDecay(0.1, 9)) if kind else Adam(0.1, amsgrad=True)
    if not kind:
        callbacks.append(ReduceLROnPlateau("loss"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of another machine, or numbers that run away
        model.fit(
            x, y, loss=CategoricalCrossEntropy(), optimizer=rate, epochs=epochs, batch_size=4,
            callbacks=callbacks, metrics="accuracy", checkpoint=path, progress=False,
        )  # fmt: skip


def checkpoint(choices: Choices) -> tuple[str, int, bytes]:
    """Make a case; say what it is, and which training it is given to."""
    number = choices.below(2)
    base = bases()[number]
    if not choices.below(4):
        kind = choices.pick([*DAMAGES])
        return f"checkpoint, damaged: {kind}", number, DAMAGES[kind](choices, base)
    kind = choices.pick(("header", "header", "state", "array", "members"))
    if kind == "array":
        parts = change_array(choices, base)
    elif kind == "members":
        parts = change_members(choices, base)
    else:
        header = base.header
        if kind == "state":
            name = choices.pick(("callbacks", "optimizer", "position", "order", "generators"))
            header = {**header, name: changed(choices, header[name])}
        else:
            header = changed(choices, header)
        parts = parts_of(base, as_text(choices, header))
    return f"checkpoint, {kind}", number, packed(parts)
