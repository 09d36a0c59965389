"""Trainings to interrupt, and what must be the same to the last bit when they go on."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from minimlp import (
    SGD,
    Adam,
    AdamW,
    Callback,
    CategoricalCrossEntropy,
    Dense,
    Dropout,
    Layer,
    Normalization,
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
from minimlp.optimizers import Optimizer
from minimlp.penalties import L2
from minimlp.registry import registered
from minimlp.schedules import CosineDecay, ExponentialDecay, OneCycle, StepDecay

RNG = np.random.default_rng(5)
X, Y, LABELS = RNG.normal(size=(11, 3)), RNG.normal(size=(11, 2)), RNG.integers(0, 2, 11)
EPOCHS, STEPS = 4, 12  # of 3 batches


class KilledError(Exception):
    """Raised where a process would have ended."""


class Kill(Callback):
    """Ends training within a step: what came after the last checkpoint is lost."""

    def __init__(self, step: int | None) -> None:
        self.step, self.steps = step, 0

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        if self.steps == self.step:
            raise KilledError
        self.steps += 1


class Mean(Callback):
    """Remembers arrays and numbers of several kinds, and adds to the history now and then."""

    def on_train_begin(self) -> None:
        self.sum, self.count, self.last = np.zeros(len(self.model.parameters)), 0, None

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        self.sum += self.model.parameters
        self.count += 1
        self.last = logs["loss"]

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if epoch % 2:
            logs["mean"] = float(np.abs(self.sum).mean() / self.count + self.last)

    def state(self) -> dict[str, Any]:
        return {"sum": self.sum, "count": np.int64(self.count), "last": self.last}

    def restore(self, state: dict[str, Any]) -> None:
        self.sum[...] = state["sum"]
        self.count, self.last = state["count"], state["last"]


class Thaw(Callback):
    """Lets a frozen layer train from the third epoch on."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        if epoch == 2:
            self.model.layers[0].unfreeze()


class StopAt(Callback):
    """Ends training within an epoch."""

    def __init__(self) -> None:
        self.steps = 0

    def on_train_begin(self) -> None:
        self.steps = 0

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        self.steps += 1
        self.model.stop_training = self.steps == 8

    def state(self) -> dict[str, Any]:
        return {"steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        self.steps = state["steps"]


class Counting(Layer):
    """y = x, scaled by how often it has run: a state that moves in training."""

    state_names = ("runs",)

    def __init__(self, width: int) -> None:
        self.width = width
        self.runs = np.zeros(1)

    def forward(self, x: Any, out: Any) -> None:
        self.runs[0] += 1
        np.multiply(x, 1 + 0.01 * self.runs[0], out)

    def backward(self, x: Any, y: Any, dy: Any, dx: Any) -> None:
        if dx is not None:
            np.multiply(dy, 1 + 0.01 * self.runs[0], dx)


class Noise(Layer):
    """y = x plus noise from a generator that the layer keeps."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng(seed)

    def forward(self, x: Any, out: Any) -> None:
        np.add(x, self.rng.normal(size=x.shape) / 10, out)

    def backward(self, x: Any, y: Any, dy: Any, dx: Any) -> None:
        if dx is not None:
            dx[...] = dy


Case = tuple[Sequential, dict[str, Any]]


def net(*more: Layer, **given: Any) -> Sequential:
    return Sequential(Dense(3, 4), Tanh(), *more, Dense(4, 2), **{"seed": 3, **given})


def regression(folder: Path, model: Sequential | None = None, **given: Any) -> Case:
    callbacks = [make(folder) for make in given.pop("callbacks", ())]
    fixed = {"x": X, "y": Y, "epochs": EPOCHS, "batch_size": 4, "callbacks": callbacks}
    return net() if model is None else model, {**fixed, **given}


def classes(folder: Path) -> Case:
    model = Sequential(Dense(3, 4), Tanh(), Dropout(0.3), Dense(4, 2), Softmax(), seed=1)
    return model, {
        "x": X,
        "y": LABELS,
        "loss": CategoricalCrossEntropy(),
        "optimizer": Adam(CosineDecay(0.05, 10)),
        "class_weight": {0: 2.0, 1: 0.5},
        "validation_split": 0.2,
        "metrics": ["accuracy", "f1"],
        "epochs": EPOCHS,
        "batch_size": 3,
        "callbacks": [EarlyStopping(patience=2), Mean()],
    }


def everything(piece: type[Optimizer]) -> dict[str, Any]:
    """Switch on what is off by default, as far as it is a number, a flag or nothing."""
    on = {False: True, None: 0.5}
    return {
        name: 0.3 if type(parameter.default) is float else on[parameter.default]
        for name, parameter in inspect.signature(piece).parameters.items()
        if not parameter.default
    }


CASES: dict[str, Callable[[Path], Case]] = {
    **{
        f"{name} {words}": lambda folder, piece=piece, make=make: regression(
            folder, optimizer=piece(**{"learning_rate": 0.05, **make(piece)})
        )
        for name, piece in registered(Optimizer).items()
        if piece.__module__.startswith("minimlp.")
        for words, make in (("plain", lambda piece: {}), ("with all", everything))
    },
    **{
        type(schedule).__name__: lambda folder, schedule=schedule: regression(
            folder, optimizer=SGD(schedule, momentum=0.9)
        )
        for schedule in (
            CosineDecay(0.1, 9, warmup_target=0.3, warmup_steps=2),
            ExponentialDecay(0.1, 2, 0.8),
            OneCycle(0.2, 12),
            StepDecay(0.1, 5, 0.5),
        )
    },
    **{
        kind: lambda folder, kind=kind: regression(
            folder, net(Dropout(0.2)), seed=np.random.Generator(getattr(np.random, kind)(4))
        )
        for kind in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
    },
    "the model's own MT19937": lambda folder: regression(
        folder, net(Dropout(0.2), seed=np.random.Generator(np.random.MT19937(4)))
    ),
    "classes": classes,
    "float32": lambda folder: regression(
        folder, net(dtype=np.float32), metrics=["r2", "mae"], optimizer=RMSprop(0.01)
    ),
    "in order": lambda folder: regression(folder, shuffle=False, metrics="rmse"),
    "one batch": lambda folder: regression(folder, batch_size=100, epochs=STEPS),
    "many small batches": lambda folder: regression(folder, batch_size=1, epochs=2),
    "penalty": lambda folder: regression(folder, penalty=L2(0.01), optimizer=AdamW(0.01)),
    "weights": lambda folder: regression(
        folder, sample_weight=np.arange(11.0), validation_data=(X[:4], Y[:4], [1, 2, 3, 4])
    ),
    "plateau": lambda folder: regression(
        folder, callbacks=[lambda _: ReduceLROnPlateau("loss", 0.5, 1, min_delta=1.0)]
    ),
    "rate by epoch": lambda folder: regression(
        folder, optimizer=SGD(0.1), callbacks=[lambda _: LearningRateScheduler(halved)]
    ),
    "files": lambda folder: regression(
        folder,
        metrics="rmse",
        callbacks=[
            lambda folder: CSVLogger(folder / "log.csv"),
            lambda folder: ModelCheckpoint(folder / "best.npz", "rmse", save_best_only=True),
        ],
    ),
    "early stopping": lambda folder: regression(
        folder, optimizer=SGD(0.4), callbacks=[lambda _: EarlyStopping("loss", 1e-2, 1)]
    ),
    "frozen": lambda folder: regression(folder, frozen(), optimizer=SGD(0.1, momentum=0.9)),
    "thawed on the way": lambda folder: regression(folder, frozen(), callbacks=[lambda _: Thaw()]),
    "stopped in an epoch": lambda folder: regression(folder, callbacks=[lambda _: StopAt()]),
    "a layer's moving state": lambda folder: regression(folder, net(Counting(4))),
    "a layer's generator": lambda folder: regression(folder, net(Noise(3))),
    "normalization": lambda folder: regression(folder, Sequential(adapted(), Dense(3, 2), seed=0)),
}


def halved(epoch: int, lr: float) -> float:
    return lr / 2 if epoch else lr


def frozen() -> Sequential:
    model = net()
    model.layers[0].freeze("weight")
    return model


def adapted() -> Normalization:
    layer = Normalization(3)
    layer.adapt(X)
    return layer


def outcome(model: Sequential, given: dict[str, Any], history: Any, folder: Path) -> dict[str, Any]:
    """Give whatever must be the same."""
    optimizer = given.get("optimizer")
    state = optimizer.state() if optimizer is not None else {}
    return {
        "parameters": model.parameters.tobytes(),
        "layers": [getattr(layer, name).tobytes() for layer in model.layers
                   for name in layer.state_names],
        "frozen": [layer.frozen for layer in model.layers],
        "history": repr(history.history),  # NaN is not equal to itself
        "epochs": history.epoch,
        "stopped_because": history.stopped_because,
        "diverged": history.diverged,
        "optimizer": {name: np.asarray(value).tobytes() for name, value in state.items()},
        "rate": repr(getattr(optimizer, "learning_rate", None)),
        "generator": repr(model.rng.bit_generator.state),
        "files": {
            path.name: path.read_bytes()
            for path in folder.iterdir()
            if not path.name.startswith("checkpoint")
        },
    }  # fmt: skip


def train(
    case: Case, folder: Path, *, kill: int | None = None, kept: bool = True, **given: Any
) -> dict[str, Any]:
    """Run a case, up to a step, from the checkpoint in the folder and into it."""
    model, fixed = case
    given = {**fixed, **given}
    if kept:
        given["checkpoint"] = folder / "checkpoint"
    given["callbacks"] = [*given["callbacks"], Kill(kill)]
    return outcome(model, given, model.fit(**given), folder)
