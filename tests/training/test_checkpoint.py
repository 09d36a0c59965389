"""Training that was interrupted at any step ends with the bits of one that never was."""

import os
import signal
from typing import Any

import numpy as np
import pytest
from training.resuming import (
    CASES,
    STEPS,
    Kill,
    KilledError,
    Mean,
    X,
    Y,
    classes,
    net,
    regression,
    train,
)

from minimlp import LBFGS, SGD, Callback, Dense, Sequential
from minimlp.callbacks import EarlyStopping, ReduceLROnPlateau
from minimlp.training import checkpoint


@pytest.fixture
def _at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a checkpoint after each step; that it also is on the disk costs only time here."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", float("inf"))
    monkeypatch.setattr(os, "fsync", lambda file: None)


def folders(tmp_path: Any, *names: Any) -> list[Any]:
    made = [tmp_path / str(name) for name in names]
    for folder in made:
        folder.mkdir()
    return made


def killed(case: Any, folder: Any, step: int, **given: Any) -> None:
    with pytest.raises(KilledError):
        train(case, folder, kill=step, **given)


@pytest.mark.usefixtures("_at_every_step")
@pytest.mark.parametrize("name", CASES)
def test_from_every_step_on_the_bits_are_the_same(name: str, tmp_path: Any) -> None:
    make = CASES[name]
    whole, *rest = folders(tmp_path, "whole", *range(100))
    expected = train(make(whole), whole, kept=False)
    for step, folder in enumerate(rest):
        try:
            found = train(make(folder), folder, kill=step)
        except KilledError:
            found = train(make(folder), folder)
        else:  # there are no more steps to be killed at
            assert step >= 5
            assert found == expected
            break
        found["files"] = {n: found["files"][n] for n in expected["files"]}
        assert found == expected
    else:
        pytest.fail("it never ended")


@pytest.mark.usefixtures("_at_every_step")
@pytest.mark.parametrize("name", CASES)
def test_interrupted_again_and_again_after_each_step(name: str, tmp_path: Any) -> None:
    make = CASES[name]
    whole, folder = folders(tmp_path, "whole", "folder")
    expected = train(make(whole), whole, kept=False)
    killed(make(folder), folder, 0)
    for _ in range(100):
        try:  # one step is taken, the next is lost
            found = train(make(folder), folder, kill=1)
        except KilledError:
            continue
        assert found == expected
        return
    pytest.fail("it never ended")


@pytest.mark.usefixtures("_at_every_step")
@pytest.mark.parametrize("name", CASES)
def test_the_same_objects_may_be_used_again(name: str, tmp_path: Any) -> None:
    make = CASES[name]
    whole, folder = folders(tmp_path, "whole", "folder")
    expected = train(make(whole), whole, kept=False)
    case = make(folder)
    for step in (4, 2):
        killed(case, folder, step)
    for _ in range(2):  # the second time all is done
        assert train(case, folder) == expected
    assert train(make(folder), folder) == expected  # also by a process of its own


@pytest.mark.parametrize("name", CASES)
def test_without_an_interruption_a_checkpoint_changes_nothing(name: str, tmp_path: Any) -> None:
    whole, folder = folders(tmp_path, "whole", "folder")
    expected = train(CASES[name](whole), whole, kept=False)
    for _ in range(2):
        assert train(CASES[name](folder), folder) == expected


@pytest.mark.parametrize("name", ["classes", "plateau", "files", "Adam plain", "one batch"])
@pytest.mark.parametrize("again", [False, True])
def test_more_epochs_go_on(name: str, again: bool, tmp_path: Any) -> None:
    whole, folder = folders(tmp_path, "whole", "folder")
    expected = train(CASES[name](whole), whole, kept=False, epochs=6)
    case = CASES[name](folder)
    for epochs in (0, 1, 4, 6):
        found = train(case if again else CASES[name](folder), folder, epochs=epochs)
        assert len(found["epochs"]) <= epochs
    assert found == expected


def test_a_rate_that_fell_is_no_difference_afterwards(tmp_path: Any) -> None:
    def make(rate: float = 0.1) -> Any:
        plateau = [lambda _: ReduceLROnPlateau("loss", 0.5, 1, min_delta=1.0)]
        return regression(tmp_path, optimizer=SGD(rate), callbacks=plateau)

    expected = train(make(), tmp_path, kept=False, epochs=6)
    same = make()
    for epochs in (2, 4):  # the second time the optimizer has the lower rate
        train(same, tmp_path, epochs=epochs)
    assert same[1]["optimizer"].learning_rate < 0.1
    with pytest.raises(ValueError, match=r"fit: learning_rate was 0\.1, now 0\.2\."):
        train(make(0.2), tmp_path, epochs=6)
    assert train(make(), tmp_path, epochs=6) == expected


def test_a_training_that_stopped_early_has_stopped_for_good(tmp_path: Any) -> None:
    def make() -> Any:
        early = [lambda _: EarlyStopping("loss", min_delta=10.0, patience=2)]
        return regression(tmp_path, optimizer=SGD(0.01), callbacks=early)

    expected = train(make(), tmp_path, epochs=50)
    assert expected["epochs"] == [0, 1, 2]
    assert "has not improved" in expected["stopped_because"]
    assert train(make(), tmp_path, epochs=100) == expected
    assert train(make(), tmp_path, epochs=3) == expected


@pytest.mark.usefixtures("_at_every_step")
@pytest.mark.parametrize(("step", "most"), [(3, 0), (6, 1), (7, 2), (11, 3)])
def test_fewer_epochs_than_were_trained_are_refused(step: int, most: int, tmp_path: Any) -> None:
    killed(regression(tmp_path), tmp_path, step)
    model, given = regression(tmp_path)
    before = model.parameters.tobytes(), repr(model.rng.bit_generator.state)
    with pytest.raises(
        ValueError, match=f"epochs is {most}, but the checkpoint has trained {most}"
    ):
        train((model, given), tmp_path, epochs=most)
    assert (model.parameters.tobytes(), repr(model.rng.bit_generator.state)) == before


@pytest.mark.usefixtures("_at_every_step")
def test_where_a_callback_stops_no_checkpoint_says_otherwise(tmp_path: Any) -> None:
    """A checkpoint that is due in the very step that ends training must not let it go on."""
    seen = []
    save = checkpoint.Checkpoint.save

    def watched(self: Any, capture: Any) -> None:
        seen.append(capture()[0])
        save(self, capture)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "save", watched)
        train(CASES["stopped in an epoch"](tmp_path), tmp_path)
    assert len(seen) == 8
    assert [header["stopped_because"] is None for header in seen] == [True] * 7 + [False]


def test_the_bar_may_be_there_or_not(tmp_path: Any) -> None:
    pytest.importorskip("tqdm")
    expected = train(regression(tmp_path), tmp_path, kept=False)
    train(regression(tmp_path), tmp_path, epochs=1, progress=True)
    train(regression(tmp_path), tmp_path, epochs=2, progress=False)
    assert train(regression(tmp_path), tmp_path, progress=True) == expected


@pytest.mark.usefixtures("_at_every_step")
def test_metrics_count_the_predictions_before_the_interruption(tmp_path: Any) -> None:
    seen: list[Any] = []

    def probe(target: Any, prediction: Any) -> float:
        seen.append(prediction.copy())
        return 0.0

    train(regression(tmp_path), tmp_path, kept=False, metrics=probe)
    killed(regression(tmp_path), tmp_path, STEPS - 1, metrics=probe)
    train(regression(tmp_path), tmp_path, metrics=probe)
    assert len(seen) == 4 + 3 + 1
    assert seen[-1].tobytes() == seen[3].tobytes()


@pytest.mark.usefixtures("_at_every_step")
def test_a_layer_that_draws_from_two_sources_goes_on_with_both(tmp_path: Any) -> None:
    model, given = classes(tmp_path)
    given["seed"] = 9  # the order has a generator of its own, dropout draws from the model's
    expected = train((model, given), tmp_path, kept=False)
    for step in (2, 5):
        model, given = classes(tmp_path)
        killed((model, {**given, "seed": 9}), tmp_path, step)
    model, given = classes(tmp_path)
    found = train((model, {**given, "seed": 9}), tmp_path)
    assert found == expected


def test_the_first_checkpoint_is_no_earlier_than_due(tmp_path: Any) -> None:
    killed(regression(tmp_path), tmp_path, 7)
    assert not any(tmp_path.iterdir())  # three seconds have not passed


def test_no_epochs_are_finished_at_once(tmp_path: Any) -> None:
    expected = train(regression(tmp_path), tmp_path, kept=False, epochs=0)
    assert train(regression(tmp_path), tmp_path, epochs=0) == expected
    assert train(regression(tmp_path), tmp_path, epochs=0) == expected


def test_callbacks_of_ones_own_are_asked_in_every_phase(tmp_path: Any) -> None:
    model, mean = net(), Mean()
    model.fit(
        np.ones((4, 3)), np.ones((4, 2)), checkpoint=tmp_path / "c", callbacks=[mean, Kill(None)]
    )
    assert mean.count == 1


class Signal(Callback):
    """Presses Ctrl-C at the end of an epoch."""

    def __init__(self, epoch: int | None) -> None:
        self.epoch = epoch

    def __repr__(self) -> str:
        return "Signal"

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if epoch == self.epoch:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("optimizer", [lambda: SGD(0.5), lambda: LBFGS()], ids=["SGD", "LBFGS"])
def test_ctrl_c_does_not_undo_an_early_stop(optimizer: Any, tmp_path: Any) -> None:
    def run(kept: bool, epoch: int | None = None) -> tuple[Any, bytes]:
        model = net()
        history = model.fit(
            X, Y, optimizer=optimizer(), epochs=40, batch_size=4, validation_data=(X[:2], -Y[:2]),
            callbacks=[EarlyStopping(patience=1), Signal(epoch)],
            checkpoint=tmp_path / "checkpoint" if kept else None,
        )  # fmt: skip
        return history, model.parameters.tobytes()

    expected, parameters = run(kept=False)
    last = len(expected.epoch) - 1
    assert 0 < last < 39
    interrupted, at_once = run(kept=True, epoch=last)
    assert interrupted.stopped_because == expected.stopped_because
    resumed, later = run(kept=True)
    assert resumed.history == expected.history
    assert resumed.stopped_because == expected.stopped_because
    assert at_once == later == parameters


def test_a_long_history_is_kept(tmp_path: Any) -> None:
    model = Sequential(Dense(1, 1), seed=0)
    given: Any = {"epochs": 30_000, "checkpoint": tmp_path / "checkpoint"}
    history = model.fit([[1.0]], [1.0], metrics=["mse", "mae"], **given)
    again = Sequential(Dense(1, 1), seed=0).fit([[1.0]], [1.0], metrics=["mse", "mae"], **given)
    assert again.history == history.history
    assert (tmp_path / "checkpoint").stat().st_size < 1.1 * 8 * 4 * 30_000


class Growing(Callback):
    """Whose state gets other names and kinds while it trains."""

    def on_train_begin(self) -> None:
        self.found: dict[str, Any] = {"best": 0}

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.found.update({"best": f"at {epoch}", f"epoch {epoch}": [1, 2]})

    def state(self) -> dict[str, Any]:
        return self.found

    def restore(self, state: dict[str, Any]) -> None:
        self.found = state


def test_a_state_may_grow_and_change_its_kind(tmp_path: Any) -> None:
    for epochs in (2, 4):
        growing = Growing()
        net().fit(X, Y, epochs=epochs, callbacks=[growing], checkpoint=tmp_path / "checkpoint")
    assert growing.found["best"] == "at 3"
    assert growing.found.keys() == {"best", *(f"epoch {i}" for i in range(4))}
