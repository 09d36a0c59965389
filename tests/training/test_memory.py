"""In its steady state `fit` allocates no array: the peak of an epoch hardly leaves what is held."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from minimlp import SGD, Callback, Dense, ReLU, Sequential, Sigmoid, Tanh

RNG = np.random.default_rng(0)
X, Y = RNG.random((1024 + 300, 784)), RNG.random((1024 + 300, 10))
LIMIT = 32 * 1024
FULL = {"momentum": 0.9, "nesterov": True, "weight_decay": 1e-4}


class EpochPeak(Callback):
    """At the end of an epoch resets the peak, and one epoch later reads it."""

    def on_train_begin(self) -> None:
        self.held: int | None = None
        self.above: list[int] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        held, peak = tracemalloc.get_traced_memory()
        if self.held is not None:
            self.above.append(peak - self.held)
        self.held = held
        tracemalloc.reset_peak()


class CopyingDense(Dense):
    """What the test must catch: one copy in a layer."""

    def forward(self, x: Any, out: Any) -> None:
        super().forward(x.copy(), out)


def peaks(
    dtype: Any, dense: Any = Dense, activation: Any = Sigmoid, freeze: bool = False, **given: Any
) -> list[int]:
    """Bytes above what was held, for each epoch after the first."""
    model = Sequential(
        dense(784, 128), activation(), dense(128, 10), activation(), dtype=dtype, seed=0
    )
    if freeze:
        model.layers[0].freeze("bias")
        model.layers[2].freeze()
    watch = EpochPeak()
    optimizer = SGD(0.01, **given.pop("sgd", {}))
    tracemalloc.start()
    try:
        model.fit(X, Y, optimizer=optimizer, epochs=3, batch_size=1024, callbacks=[watch], **given)
    finally:
        tracemalloc.stop()
    assert len(watch.above) == 2
    return watch.above


CASES: dict[str, dict[str, Any]] = {
    "sigmoid": {},
    "relu": {"activation": ReLU},
    "tanh": {"activation": Tanh},
    "optimizer": {"sgd": FULL},
    "frozen": {"freeze": True, "sgd": FULL},
    "weights": {"sample_weight": np.linspace(0.0, 1.0, len(X))},
    "validation": {"validation_data": (X[:300], Y[:300])},
    "large validation": {"validation_data": (X, Y, np.linspace(0.0, 1.0, len(X)))},
    "split": {"validation_split": 0.2},
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES)
def test_an_epoch_allocates_no_array(case: str, dtype: Any) -> None:
    assert max(peaks(dtype, **CASES[case])) < LIMIT


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_bound_notices_a_single_copy_in_a_layer(dtype: Any) -> None:
    assert min(peaks(dtype, dense=CopyingDense)) > LIMIT
