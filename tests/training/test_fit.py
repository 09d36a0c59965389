"""`fit` against loops written out here, and what it promises about seeds, callbacks, freezing."""

import copy
import signal
import subprocess
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from minimlp import MSE, SGD, Callback, Dense, Sequential, Sigmoid, Tanh, Zeros, mlp

RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(11, 3)), RNG.normal(size=(11, 2))


def small(**given: Any) -> Sequential:
    return mlp(3, 4, 2, output=Sigmoid, **{"seed": 0, **given})


class Hook(Callback):
    """Calls one function at one hook."""

    def __init__(self, name: str, function: Any) -> None:
        setattr(self, f"_{name}", function)

    def on_train_begin(self) -> None:
        getattr(self, "_train_begin", lambda model: None)(self.model)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        getattr(self, "_epoch_begin", lambda model, epoch: None)(self.model, epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        getattr(self, "_epoch_end", lambda model, epoch: None)(self.model, epoch)

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        getattr(self, "_batch_end", lambda model, batch: None)(self.model, batch)


def plain_loop(model: Sequential, rate: float, epochs: int, size: int, rng: Any) -> Any:
    """The page's formulas, batch after batch, on arrays of its own."""
    (w1, b1), (w2, b2) = (
        (model.layers[i].weight.copy(), model.layers[i].bias.copy()) for i in (0, 2)
    )
    order, losses = np.arange(len(X)), []
    for _ in range(epochs):
        if rng is not None:
            order = rng.permutation(len(X))
        total = 0.0
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            x, target = X[rows], Y[rows]
            a = 1 / (1 + np.exp(-(x @ w1 + b1)))
            out = 1 / (1 + np.exp(-(a @ w2 + b2)))
            total += 0.5 * ((target - out) ** 2).sum()
            d2 = (out - target) * out * (1 - out) / len(rows)
            d1 = d2 @ w2.T * a * (1 - a)
            w2, b2 = w2 - rate * a.T @ d2, b2 - rate * d2.sum(axis=0)
            w1, b1 = w1 - rate * x.T @ d1, b1 - rate * d1.sum(axis=0)
        losses.append(total / len(X))
    return np.concatenate([part.ravel() for part in (w1, b1, w2, b2)]), losses


@pytest.mark.parametrize("size", [1, 4, 11, 100])
@pytest.mark.parametrize("shuffle", [True, False])
def test_fit_is_the_plain_loop(size: int, shuffle: bool) -> None:
    model = small()
    rng = np.random.default_rng(5) if shuffle else None
    parameters, losses = plain_loop(model, 0.7, 20, size, rng)
    history = model.fit(
        X, Y, optimizer=SGD(0.7), epochs=20, batch_size=size, shuffle=shuffle, seed=5
    )
    np.testing.assert_allclose(model.parameters, parameters, rtol=0, atol=1e-12)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=0, atol=1e-12)
    assert history.epoch == list(range(20))
    assert history.stopped_because is None


def test_the_loss_is_the_mean_over_samples_when_the_last_batch_is_short() -> None:
    model = Sequential(Dense(1, 1, weight_initializer=Zeros()))
    history = model.fit(np.ones((3, 1)), [1.0, 2.0, 3.0], optimizer=SGD(0.0), batch_size=2)
    assert history.history["loss"] == [pytest.approx(0.5 * (1 + 4 + 9) / 3, abs=1e-15)]


def test_defaults_are_the_pages_loss_and_sgd() -> None:
    given, default = small(), small()
    given.fit(X, Y, loss=MSE(), optimizer=SGD(0.1), epochs=1, batch_size=32, shuffle=True)
    default.fit(X, Y)
    assert given.parameters.tobytes() == default.parameters.tobytes()


def test_no_epochs_change_nothing() -> None:
    model = small()
    before = model.parameters.tobytes()
    history = model.fit(X, Y, epochs=0)
    assert (history.history, history.epoch) == ({}, [])
    assert model.parameters.tobytes() == before


# Seeds.


def trained(model_seed: Any, *fits: dict[str, Any]) -> bytes:
    model = small(seed=model_seed)
    for given in fits:
        model.fit(X, Y, epochs=2, batch_size=2, **given)
    return model.parameters.tobytes()


def test_the_models_seed_alone_repeats_a_run_to_the_bit() -> None:
    assert trained(0, {}, {}) == trained(0, {}, {})
    assert trained(0) != trained(1)


def test_the_models_generator_goes_on_from_fit_to_fit() -> None:
    model = Sequential(Dense(3, 2, weight_initializer=Zeros()), seed=3)
    model.fit(X, Y, batch_size=2)
    model.fit(X, Y, batch_size=2)
    generator = np.random.default_rng(3)
    other = Sequential(Dense(3, 2, weight_initializer=Zeros()))
    other.fit(X, Y, batch_size=2, seed=generator)
    other.fit(X, Y, batch_size=2, seed=generator)
    assert model.parameters.tobytes() == other.parameters.tobytes()


def test_the_seed_of_fit_sets_the_order_and_leaves_the_models_generator_alone() -> None:
    assert trained(0, {"seed": 5}) == trained(0, {"seed": 5})
    assert trained(0, {"seed": 5}) != trained(0, {"seed": 6})
    model = small()
    state = model.rng.bit_generator.state
    model.fit(X, Y, seed=5)
    model.fit(X, Y, shuffle=False)
    assert model.rng.bit_generator.state == state


# Calling fit again.


def test_fit_again_continues_and_the_optimizer_keeps_its_state() -> None:
    once, twice, forgetful = small(), small(), small()
    options: dict[str, Any] = {"batch_size": 4, "shuffle": False}
    once.fit(X, Y, optimizer=SGD(0.5, momentum=0.9), epochs=4, **options)
    optimizer = SGD(0.5, momentum=0.9)
    for _ in range(2):
        twice.fit(X, Y, optimizer=optimizer, epochs=2, **options)
        forgetful.fit(X, Y, optimizer=SGD(0.5, momentum=0.9), epochs=2, **options)
    assert once.parameters.tobytes() == twice.parameters.tobytes()
    assert once.parameters.tobytes() != forgetful.parameters.tobytes()


def test_an_optimizer_of_another_model_is_refused_before_anything_changes() -> None:
    optimizer, other = SGD(0.5, momentum=0.9), small()
    first = small()
    first.fit(X, Y, optimizer=optimizer, shuffle=False)
    before, state = other.parameters.tobytes(), other.rng.bit_generator.state
    with pytest.raises(ValueError, match=r"optimizer SGD.*another model"):
        other.fit(X, Y, optimizer=optimizer)
    assert (other.parameters.tobytes(), other.rng.bit_generator.state) == (before, state)
    alone, fresh = small(), SGD(0.5, momentum=0.9)
    for _ in range(2):
        alone.fit(X, Y, optimizer=fresh, shuffle=False)
    first.fit(X, Y, optimizer=optimizer, shuffle=False)
    assert first.parameters.tobytes() == alone.parameters.tobytes()


# Callbacks.


def test_hooks_are_called_in_order_for_each_callback() -> None:
    calls: list[Any] = []

    class Log(Callback):
        def __init__(self, name: str) -> None:
            self.name = name

        def on_train_begin(self) -> None:
            calls.append((self.name, "train_begin", self.model))

        def on_train_end(self) -> None:
            calls.append((self.name, "train_end"))

        def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
            calls.append((self.name, "epoch_begin", epoch, dict(logs)))

        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            calls.append((self.name, "epoch_end", epoch, sorted(logs)))

        def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
            calls.append((self.name, "batch_end", batch, logs["size"]))

    model = small()
    model.fit(
        X,
        Y,
        epochs=2,
        batch_size=8,
        metrics="mse",
        validation_data=(X, Y),
        callbacks=[Log("a"), Log("b")],
    )
    expected: list[Any] = [("train_begin", model)]
    for epoch in range(2):
        expected += [("epoch_begin", epoch, {}), ("batch_end", 0, 8), ("batch_end", 1, 3)]
        expected += [("epoch_end", epoch, ["loss", "mse", "val_loss", "val_mse"])]
    expected += [("train_end",)]
    assert calls == [(name, *call) for call in expected for name in "ab"]


def test_hooks_are_told_what_the_history_records() -> None:
    told: list[dict[str, float]] = []
    batches: list[dict[str, float]] = []

    class Listen(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            told.append(dict(logs))

        def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
            batches.append(dict(logs))

    history = small().fit(X, Y, batch_size=8, metrics=["rmse"], callbacks=Listen())
    assert told == [{name: values[0] for name, values in history.history.items()}]
    total = sum(logs["loss"] * logs["size"] for logs in batches)
    assert history.history["loss"] == [pytest.approx(total / 11, abs=1e-15)]


def stop(model: Sequential, number: int) -> None:
    if number == 1:
        model.stop_training = True


def test_stopping_after_an_epoch_keeps_it_in_the_history() -> None:
    model, two = small(), small()
    history = model.fit(X, Y, epochs=9, callbacks=[Hook("epoch_end", stop)])
    two.fit(X, Y, epochs=2)
    assert history.epoch == [0, 1]
    assert len(history.history["loss"]) == 2
    assert "callback" in str(history.stopped_because)
    assert model.parameters.tobytes() == two.parameters.tobytes()


def test_stopping_in_a_batch_ends_at_once() -> None:
    model, two_batches = small(), small()
    history = model.fit(
        X, Y, epochs=9, batch_size=4, shuffle=False, callbacks=[Hook("batch_end", stop)]
    )
    two_batches.fit(X[:8], Y[:8], batch_size=4, shuffle=False)
    assert history.epoch == []
    assert "callback" in str(history.stopped_because)
    assert model.parameters.tobytes() == two_batches.parameters.tobytes()


def test_a_stopped_model_can_be_trained_again() -> None:
    model = small()
    model.fit(X, Y, epochs=3, callbacks=[Hook("epoch_end", stop)])
    history = model.fit(X, Y, epochs=3)
    assert history.epoch == [0, 1, 2]
    assert history.stopped_because is None


@pytest.mark.parametrize("hook", ["train_begin", "epoch_begin", "batch_end", "epoch_end"])
def test_an_error_in_a_callback_leaves_things_as_they_were(hook: str) -> None:
    def fail(*given: Any) -> None:
        raise ZeroDivisionError

    handler, buffer = signal.getsignal(signal.SIGINT), np.setbufsize(16384)
    try:
        with pytest.raises(ZeroDivisionError):
            small().fit(X, Y, callbacks=[Hook(hook, fail)])
        assert np.getbufsize() == 16384
    finally:
        np.setbufsize(buffer)
    assert signal.getsignal(signal.SIGINT) is handler


# Ctrl-C.


def test_ctrl_c_ends_at_the_next_step() -> None:
    model, one_batch = small(), small()

    def press(model: Sequential, batch: int) -> None:
        signal.raise_signal(signal.SIGINT)

    history = model.fit(
        X, Y, epochs=9, batch_size=4, shuffle=False, callbacks=[Hook("batch_end", press)]
    )
    one_batch.fit(X[:4], Y[:4], batch_size=4, shuffle=False)
    assert "interrupted" in str(history.stopped_because)
    assert model.parameters.tobytes() == one_batch.parameters.tobytes()


def test_a_second_ctrl_c_interrupts_at_once() -> None:
    def press_twice(model: Sequential, batch: int) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        small().fit(X, Y, callbacks=[Hook("batch_end", press_twice)])
    assert signal.getsignal(signal.SIGINT) is handler


LONG_FIT = """
import signal
import numpy as np
from minimlp import Callback, Sigmoid, mlp

signal.signal(signal.SIGINT, signal.default_int_handler)

class Ready(Callback):
    def on_epoch_end(self, epoch, logs):
        if epoch == 1:
            print("ready", flush=True)

model = mlp(3, 4, 2, output=Sigmoid, seed=0)
before = model.parameters.copy()
history = model.fit(np.ones((8, 3)), np.ones((8, 2)), epochs=10**9, callbacks=[Ready()])
print(history.stopped_because)
print(len(history.history["loss"]) == len(history.epoch) >= 2)
print(bool(np.isfinite(model.parameters).all() and (model.parameters != before).any()))
"""


def test_ctrl_c_from_outside_keeps_model_and_history() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LONG_FIT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert err == ""
    reason, history, parameters = out.splitlines()
    assert reason.startswith("interrupted")
    assert (history, parameters) == ("True", "True")


# Freezing.

OPTIMIZERS = {
    "plain": lambda: SGD(0.5),
    "momentum": lambda: SGD(0.5, momentum=0.9),
    "nesterov": lambda: SGD(0.5, momentum=0.9, nesterov=True),
    "decay": lambda: SGD(0.5, weight_decay=0.1),
    "all": lambda: SGD(0.5, momentum=0.9, nesterov=True, weight_decay=0.1),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_frozen_parts_keep_their_bits_after_every_step(kind: str) -> None:
    model = Sequential(Dense(3, 4), Tanh(), Dense(4, 4), Tanh(), Dense(4, 2), seed=0)
    first, second, last = model.layers[0], model.layers[2], model.layers[4]
    first.bias = [0.1, -0.2, 0.3, -0.0]
    second.bias = [0.4, 0.5, 0.6, 0.7]
    first.freeze("bias")
    second.freeze()
    frozen = [first.bias, second.weight, second.bias]
    trained = [first.weight, last.weight, last.bias]
    before = [part.tobytes() for part in frozen]
    steps: list[int] = []

    def check(model: Sequential, batch: int) -> None:
        steps.append(batch)
        assert [part.tobytes() for part in frozen] == before
        assert not first.bias_gradient.any()
        assert not second.weight_gradient.any()
        assert not second.bias_gradient.any()

    start = [part.copy() for part in trained]
    model.fit(
        X,
        Y,
        optimizer=OPTIMIZERS[kind](),
        epochs=3,
        batch_size=4,
        callbacks=[Hook("batch_end", check)],
    )
    assert steps == [0, 1, 2] * 3
    assert all((now != then).any() for now, then in zip(trained, start, strict=True))


def test_what_is_not_frozen_trains_as_the_plain_gradient_says() -> None:
    model, free = small(), small()
    model.layers[0].freeze("weight")
    model.fit(X, Y, optimizer=SGD(0.5), batch_size=11, shuffle=False)
    free.fit(X, Y, optimizer=SGD(0.5), batch_size=11, shuffle=False)
    free.layers[0].weight = small().layers[0].weight
    assert model.parameters.tobytes() == free.parameters.tobytes()


@pytest.mark.parametrize("hook", ["batch_end", "epoch_begin"])
def test_freezing_and_unfreezing_in_a_callback_works_at_once(hook: str) -> None:
    model = small()
    weight = model.layers[0].weight
    seen: list[Any] = []

    def switch(model: Sequential, number: int) -> None:
        seen.append(weight.copy())
        if number == 1:
            model.layers[0].freeze("weight")
        if number == 3:
            model.layers[0].unfreeze("weight")

    model.fit(
        X,
        Y,
        optimizer=SGD(0.5, momentum=0.9, weight_decay=0.1),
        epochs=1 if hook == "batch_end" else 5,
        batch_size=2,
        shuffle=False,
        callbacks=[Hook(hook, switch)],
    )
    moved = [(a != b).any() for a, b in pairwise(seen)]
    assert moved[:4] == [True, False, False, True]


# Inputs.

INPUTS = {
    "lists": (X.tolist(), Y.tolist()),
    "frames": (pd.DataFrame(X, columns=list("abc")), pd.DataFrame(Y)),
    "Fortran order": (np.asfortranarray(X), np.asfortranarray(Y)),
    "strided": (np.repeat(X, 2, axis=0)[::2], np.repeat(Y, 2, axis=1)[:, ::2]),
    "big endian": (X.astype(">f8"), Y.astype(">f8")),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_anything_that_holds_the_numbers_trains_alike(kind: str) -> None:
    model, other = small(), small()
    model.fit(X, Y, epochs=2, batch_size=4, validation_data=(X, Y))
    x, y = INPUTS[kind]
    other.fit(x, y, epochs=2, batch_size=4, validation_data=(x, y))
    assert model.parameters.tobytes() == other.parameters.tobytes()
    assert model.predict(X).tobytes() == other.predict(x).tobytes()


def test_series_as_targets_and_weights() -> None:
    labels, weight = np.arange(11) % 2, np.arange(1.0, 12.0)
    model, other = small(), small()
    model.fit(X, labels, sample_weight=weight)
    index = [f"row {i}" for i in range(11)]
    other.fit(
        pd.DataFrame(X, index=index),
        pd.Series(labels, index=index),
        sample_weight=pd.Series(weight, index=index[::-1]),
    )
    assert model.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_callers_arrays_are_read_and_never_written(dtype: Any) -> None:
    x, y, weight = X.astype(dtype), Y.astype(dtype), np.arange(1.0, 12.0)
    given = (x, y, weight)
    copies = copy.deepcopy(given)
    for array in given:
        array.flags.writeable = False
    model = small(dtype=dtype)
    model.fit(x, y, epochs=2, batch_size=4, sample_weight=weight, validation_data=given)
    for array, kept in zip(given, copies, strict=True):
        assert array.tobytes() == kept.tobytes()
