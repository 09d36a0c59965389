"""Numbers that run away: `fit` returns, with the parameters of the last epoch that was sound."""

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training.resuming import X, Y, net

from minimlp import (
    LBFGS,
    SGD,
    Adam,
    Callback,
    Dense,
    Dropout,
    LevenbergMarquardt,
    Sequential,
)
from minimlp.optimizers import Optimizer

pytestmark = pytest.mark.filterwarnings("ignore:(overflow|invalid value):RuntimeWarning")


class Spoil(Callback):
    """Makes one parameter something else after a step, counted from 1."""

    def __init__(self, epoch: int, batch: int, value: float) -> None:
        self.at, self.value, self.epoch = (epoch, batch), value, 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float]) -> None:
        self.epoch = epoch + 1

    def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        if (self.epoch, batch + 1) == self.at:
            self.model.parameters[-1] = self.value


def trained(epochs: int, optimizer: Optimizer | None = None, **given: Any) -> Any:
    model = net(Dropout(0.2))
    optimizer = Adam(0.01) if optimizer is None else optimizer
    return model, model.fit(X, Y, optimizer=optimizer, epochs=epochs, batch_size=4, **given)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    ("at", "words"),
    [
        ((1, 1), "the loss became {} in epoch 1, batch 2: the learning rate, 0.01, is probably"),
        ((3, 2), "the loss became {} in epoch 3, batch 3: the learning rate"),
        ((3, 3), "a parameter became inf in epoch 3, batch 3: the learning rate"),
    ],
)
def test_the_last_sound_epoch_comes_back(at: tuple[int, int], words: str, value: float) -> None:
    model, history = trained(6, callbacks=[Spoil(*at, value)])
    sound, expected = trained(at[0] - 1)
    assert model.parameters.tobytes() == sound.parameters.tobytes()
    assert history.history == expected.history
    assert history.epoch == expected.epoch
    assert history.diverged
    assert not expected.diverged
    became = "NaN" if math.isnan(value) else "inf"
    assert history.stopped_because.startswith(words.format(became))
    assert "clip_norm=1.0" in history.stopped_because


def test_the_steps_are_too_large() -> None:
    """y = 3·w with rate 1: the error is multiplied by 1 − 3·3 at each step, its square by 64."""
    model = Sequential(Dense(1, 1, bias=False), seed=0)
    error = abs(3.0 * model.parameters[0] - 6.0)
    done = 1 + math.floor((math.log(sys.float_info.max) - 2 * math.log(error)) / math.log(64.0))
    history = model.fit([[3.0]], [6.0], optimizer=SGD(1.0), epochs=1000)
    assert len(history.epoch) == done
    assert f"inf in epoch {done + 1}, batch 1: the learning rate, 1," in history.stopped_because
    again = Sequential(Dense(1, 1, bias=False), seed=0)
    again.fit([[3.0]], [6.0], optimizer=SGD(1.0), epochs=done)
    assert again.parameters.tobytes() == model.parameters.tobytes()


def test_before_any_step_the_data_are_to_blame() -> None:
    model, before = net(), net().parameters
    history = model.fit(X * 1e200, Y * 1e200, epochs=3)
    assert history.stopped_because == (
        "the loss became inf in epoch 1, batch 1: before any step: inputs, targets or first "
        "weights are too large"
    )
    assert model.parameters.tobytes() == before.tobytes()
    assert history.epoch == []


@pytest.mark.parametrize("early", [False, True])
def test_the_validation_loss_is_watched_too(early: bool) -> None:
    """Targets of 1e160 have squares beyond float64, from the first epoch on or from the third."""
    y = Y.copy()
    y[0] = 1e160
    data = [Y.copy(), y]

    class Swap(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            if epoch == 1:
                data[0][...] = data[1]

    given = {"validation_data": (X, data[early])}
    model, history = trained(5, callbacks=[Swap()], **given)
    epoch = 1 if early else 3
    assert history.stopped_because.startswith(f"the validation loss became inf in epoch {epoch}: ")
    assert history.diverged
    assert model.parameters.tobytes() == trained(epoch - 1)[0].parameters.tobytes()
    assert all(map(math.isfinite, history.history.get("val_loss", [])))


@pytest.mark.parametrize("optimizer", [Adam(0.01), LBFGS(), LevenbergMarquardt()], ids=repr)
def test_what_a_callback_spoils_after_an_epoch_comes_back_too(optimizer: Any) -> None:
    class Break(Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            vectors.append(self.model.parameters.copy())
            if epoch == 2:
                self.model.parameters[0] = math.nan

    vectors: list[Any] = []
    model = net()
    history = model.fit(X, Y, optimizer=optimizer, epochs=6, callbacks=[Break()])
    assert history.diverged
    assert history.epoch == [0, 1, 2]
    np.testing.assert_array_equal(model.parameters, vectors[2])


def test_the_optimizer_begins_anew_and_can_be_used_again() -> None:
    optimizer = Adam(0.01)
    model, _ = trained(6, optimizer, callbacks=[Spoil(3, 2, math.nan)])
    fresh = model.copy()
    optimizer.learning_rate = 0.001
    histories = [
        one.fit(X, Y, optimizer=used, epochs=4, seed=1)
        for one, used in ((model, optimizer), (fresh, Adam(0.001)))
    ]
    assert model.parameters.tobytes() == fresh.parameters.tobytes()
    assert histories[0].history == histories[1].history
    assert not histories[0].diverged
    assert histories[0].stopped_because is None


def test_a_checkpoint_of_it_is_finished(tmp_path: Path) -> None:
    expected, history = trained(6, callbacks=[Spoil(3, 2, math.nan)])
    for epochs in (6, 6, 9):
        callbacks = [Spoil(3, 2, math.nan)]
        model, again = trained(epochs, callbacks=callbacks, checkpoint=tmp_path / "checkpoint")
        assert model.parameters.tobytes() == expected.parameters.tobytes()
        assert again.diverged
        assert again.stopped_because == history.stopped_because
        assert again.history == history.history


def test_large_parameters_whose_squares_overflow_are_sound() -> None:
    model = Sequential(Dense(1, 1, bias=False), seed=0)
    model.parameters[:] = 1e200
    history = model.fit([[0.0]], [1.0], epochs=2)
    assert not history.diverged
    assert model.parameters.tolist() == [1e200]
