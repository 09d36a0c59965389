"""`fit` with a solver: what is recorded, who is told, who may stop it, where it goes on."""

import io
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from solvers.spying import Spy, interrupt

from minimlp import (
    LBFGS,
    MSE,
    SGD,
    Callback,
    Dense,
    Dropout,
    EarlyStopping,
    Identity,
    Sequential,
    Tanh,
    mlp,
)
from minimlp.solvers import NotFiniteError, Solver
from minimlp.training import checkpoint as checkpoint_module

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(30, 3)), RNG.normal(size=(30, 2))
X2, Y2 = RNG.normal(size=(20, 3)), RNG.normal(size=(20, 2))


def small(**given: Any) -> Sequential:
    return mlp(3, 5, 2, hidden=Tanh, output=Identity, **{"seed": 0, **given})


def trained(epochs: int = 5, **given: Any) -> bytes:
    model = small()
    model.fit(X, Y, optimizer=LBFGS(), epochs=epochs, **given)
    return model.parameters.tobytes()


class Descent(Solver):
    """Gradient descent, as a loop of its own."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.steps = 0

    def run(self, function: Any, iterations: int, listener: Any) -> str | None:
        model = function.model
        for _ in range(iterations):
            listener.began()
            function.value_and_gradient()
            model.parameters -= self.rate * model.gradients
            self.steps += 1
            value = float(function.value())
            if not np.isfinite(value):
                raise NotFiniteError(value)
            if listener.reached(model.parameters, value):
                return None
        return None

    def state(self) -> dict[str, Any]:
        return {"steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        self.steps = state["steps"]


# What is recorded, and who is told.


def test_each_iteration_is_an_epoch_and_callbacks_hear_of_it_in_order() -> None:
    spy, model, optimizer = Spy(), small(), LBFGS()
    history = model.fit(X, Y, optimizer=optimizer, epochs=3, callbacks=[spy])
    epochs = [f"{when} {epoch}" for epoch in range(3) for when in ("begin", "end")]
    assert spy.calls == ["train begin", *epochs, "train end"]
    assert spy.model is model
    assert spy.optimizer is optimizer
    assert history.epoch == [0, 1, 2]
    assert spy.logs == [{"loss": value} for value in history.history["loss"]]


def test_an_epoch_that_convergence_makes_needless_does_not_begin() -> None:
    spy = Spy()
    history = Sequential(Dense(3, 2), seed=0).fit(
        X, Y, optimizer=LBFGS(), epochs=100, callbacks=[spy]
    )
    count = len(history.epoch)
    assert 0 < count < 100
    assert [call.split()[0] for call in spy.calls[1:-1]] == ["begin", "end"] * count


def test_the_figures_are_those_of_the_model_after_the_epoch() -> None:
    spy, model = Spy(), small()
    weights = RNG.uniform(size=30)
    history = model.fit(
        X, Y, optimizer=LBFGS(), epochs=4, callbacks=[spy], metrics=["rmse", "r2"],
        validation_data=(X2, Y2), sample_weight=weights,
    )  # fmt: skip
    assert spy.names == tuple(history.history)
    assert list(history.history) == ["loss", "rmse", "r2", "val_loss", "val_rmse", "val_r2"]
    for epoch, vector in enumerate(spy.vectors):
        model.parameters = vector
        figures = model.evaluate(X, Y, sample_weight=weights, metrics=["rmse", "r2"])
        held_out = model.evaluate(X2, Y2, metrics=["rmse", "r2"])
        figures.update({f"val_{name}": value for name, value in held_out.items()})
        for name, value in figures.items():
            assert history.history[name][epoch] == pytest.approx(value, rel=1e-12), name


def test_no_epochs_change_nothing() -> None:
    model = small()
    before = model.parameters.tobytes()
    history = model.fit(X, Y, optimizer=LBFGS(), epochs=0)
    assert (history.history, history.epoch, history.stopped_because) == ({}, [], None)
    assert model.parameters.tobytes() == before


def test_batch_size_and_shuffle_are_ignored_and_nothing_is_drawn() -> None:
    assert trained() == trained(batch_size=7, shuffle=False) == trained(seed=5)
    model = small()
    model.fit(X, Y, optimizer=LBFGS())
    assert model.rng.random() == small().rng.random()


def test_a_weight_of_two_is_the_sample_twice() -> None:
    twice, weighted = small(), small()
    options = {"optimizer": LBFGS(), "epochs": 5}
    twice.fit(np.vstack([X, X[:10]]), np.vstack([Y, Y[:10]]), **options)
    weighted.fit(X, Y, sample_weight=np.repeat([2.0, 1.0], [10, 20]), **options)
    np.testing.assert_allclose(weighted.parameters, twice.parameters, rtol=0, atol=1e-9)


def test_class_weights_count() -> None:
    labels = (X[:, 0] > 0).astype(int)
    by_class, by_sample = small(), small()
    options = {"optimizer": LBFGS(), "epochs": 5}
    by_class.fit(X, labels, class_weight={0: 3.0}, **options)
    by_sample.fit(X, labels, sample_weight=np.where(labels == 0, 3.0, 1.0), **options)
    assert by_class.parameters.tobytes() == by_sample.parameters.tobytes()


def test_dropout_is_off() -> None:
    plain = Sequential(Dense(3, 5), Tanh(), Dense(5, 2), seed=0)
    dropping = Sequential(Dense(3, 5), Tanh(), Dropout(0.5), Dense(5, 2), seed=0)
    dropping.parameters = plain.parameters
    for model in (plain, dropping):
        model.fit(X, Y, optimizer=LBFGS(), epochs=5)
    np.testing.assert_allclose(dropping.parameters, plain.parameters, rtol=0, atol=1e-12)


def test_a_float32_model_gets_what_float64_finds() -> None:
    model, exact = small(dtype=np.float32), small()
    exact.parameters = model.parameters.astype(float)
    x, y = X.astype(np.float32), Y.astype(np.float32)
    history = model.fit(x, y, optimizer=LBFGS(), epochs=10)
    same = exact.fit(x.astype(float), y.astype(float), optimizer=LBFGS(), epochs=10)
    assert model.parameters.dtype == np.float32
    np.testing.assert_allclose(model.parameters, exact.parameters, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(history.history["loss"], same.history["loss"], rtol=1e-9)


# Frozen parameters, and callbacks that move them.


def test_frozen_parameters_stay_bit_for_bit() -> None:
    model = small()
    model.layers[0].weight[0] = -0.0
    model.layers[0].freeze("weight")
    before = model.layers[0].weight.tobytes()
    rest = model.layers[0].bias.copy()
    history = model.fit(X, Y, optimizer=LBFGS(), epochs=30)
    assert model.layers[0].weight.tobytes() == before
    assert (model.layers[0].bias != rest).all()
    assert history.history["loss"][-1] < history.history["loss"][0]


@pytest.mark.parametrize("hook", ["begin", "end"])
def test_a_callback_may_freeze(hook: str) -> None:
    kept: list[bytes] = []

    def freeze(spy: Spy) -> None:
        spy.model.layers[0].freeze()
        kept.append(spy.model.layers[0].weight.tobytes())

    model, spy = small(), Spy(2, freeze, hook)
    history = model.fit(X, Y, optimizer=LBFGS(), epochs=8, callbacks=[spy])
    assert [model.layers[0].weight.tobytes()] == kept
    assert history.epoch == list(range(8))
    assert spy.calls[1:-1] == [f"{when} {i}" for i in range(8) for when in ("begin", "end")]
    assert history.history["loss"][-1] < history.history["loss"][3]
    assert history.history["loss"][-1] == pytest.approx(model.evaluate(X, Y)["loss"], rel=1e-12)


@pytest.mark.parametrize("hook", ["begin", "end"])
def test_where_a_callback_moves_parameters_the_solver_goes_on_from_there(hook: str) -> None:
    def move(spy: Spy) -> None:
        spy.model.parameters[:] = other.parameters

    other, model, spy = small(seed=9), small(), Spy(2, move, hook)
    model.fit(X, Y, optimizer=LBFGS(), epochs=6, callbacks=[spy])
    other.fit(X, Y, optimizer=LBFGS(), epochs=4 if hook == "begin" else 3)
    np.testing.assert_allclose(model.parameters, other.parameters, rtol=0, atol=1e-10)
    assert spy.calls[1:-1] == [f"{when} {i}" for i in range(6) for when in ("begin", "end")]


def test_what_a_callback_moves_in_the_last_iteration_is_solved_again() -> None:
    model, optimizer = Sequential(Dense(3, 2), seed=0), LBFGS(tolerance=0)
    last = len(model.copy().fit(X, Y, optimizer=optimizer, epochs=100).epoch) - 1
    spy = Spy(last, lambda spy: spy.model.parameters.fill(2.0))
    history = model.fit(X, Y, optimizer=optimizer, epochs=100, callbacks=[spy])
    assert len(history.epoch) > last + 1
    assert np.abs(model.value_and_gradient(MSE(), X, Y)(model.parameters)[1]).max() <= 1e-8


# Who may stop it.


def test_early_stopping_restores_the_best() -> None:
    spy, model = Spy(), small()
    stop = EarlyStopping("val_loss", patience=3)
    history = model.fit(
        X, Y, optimizer=LBFGS(), epochs=500, validation_data=(X2, Y2), callbacks=[spy, stop]
    )
    losses = history.history["val_loss"]
    best = int(np.argmin(losses))
    assert best + 3 == len(losses) - 1 < 499
    assert model.parameters.tobytes() == spy.vectors[best].tobytes()
    assert history.stopped_because == (
        f"stopped after epoch {len(losses)}: val_loss has not improved for 3 epochs "
        f"(best: epoch {best + 1})"
    )


def test_a_callback_stops_it() -> None:
    spy = Spy(3, lambda spy: setattr(spy.model, "stop_training", True))
    model = small()
    history = model.fit(X, Y, optimizer=LBFGS(), epochs=50, callbacks=[spy])
    assert history.epoch == [0, 1, 2, 3]
    assert history.stopped_because == "stopped after epoch 4: a callback said so"
    assert model.parameters.tobytes() == spy.vectors[-1].tobytes() == trained(4)


@pytest.mark.parametrize("hook", ["begin", "end"])
def test_ctrl_c_ends_it_after_the_iteration(hook: str) -> None:
    spy, model = Spy(2, interrupt, hook), small()
    history = model.fit(X, Y, optimizer=LBFGS(), epochs=50, callbacks=[spy])
    assert history.stopped_because == "interrupted after epoch 3"
    assert (history.epoch, spy.calls[-1]) == ([0, 1, 2], "train end")
    assert model.parameters.tobytes() == trained(3)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_does_not_undo_what_a_callback_says() -> None:
    def both(spy: Spy) -> None:
        spy.model.stop_training = True
        interrupt(spy)

    history = small().fit(X, Y, optimizer=LBFGS(), epochs=9, callbacks=[Spy(2, both)])
    assert history.stopped_because == "stopped after epoch 3: a callback said so"


def test_a_second_ctrl_c_interrupts_at_once() -> None:
    def twice(spy: Spy) -> None:
        interrupt(spy)
        interrupt(spy)

    spy, model = Spy(2, twice), small()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, optimizer=LBFGS(), epochs=50, callbacks=[spy])
    assert spy.calls[-1] == "end 2"
    assert model.parameters.tobytes() == trained(3)


# Numbers that run away.


class Cliff(MSE):
    """NaN where any output is beyond a limit."""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def value(self, prediction: Any, target: Any, sample_weight: Any = None) -> Any:
        if np.abs(prediction).max() > self.limit:
            return np.nan
        return super().value(prediction, target, sample_weight)


def test_a_loss_that_becomes_nan_leaves_the_last_sound_parameters() -> None:
    spy, model = Spy(), small()
    limit = 1.05 * float(np.abs(model.predict(X)).max())
    history = model.fit(X, 3 * Y, loss=Cliff(limit), optimizer=LBFGS(), epochs=100, callbacks=[spy])
    count = len(history.epoch)
    assert history.diverged
    assert history.stopped_because.startswith(
        f"the loss became NaN in epoch {count + 1}: a step went too far"
    )
    if count:
        assert model.parameters.tobytes() == spy.vectors[-1].tobytes()
    else:
        assert model.parameters.tobytes() == small().parameters.tobytes()
    assert np.isfinite(history.history.get("loss", [0.0])).all()


def test_a_loss_that_is_no_number_at_the_start_blames_the_data() -> None:
    model = small()
    history = model.fit(X, Y, loss=Cliff(0.0), optimizer=LBFGS(), epochs=10)
    assert history.stopped_because == (
        "the loss became NaN in epoch 1: before any step: "
        "inputs, targets or first weights are too large"
    )
    assert (history.diverged, history.epoch) == (True, [])
    assert model.parameters.tobytes() == small().parameters.tobytes()


def test_a_validation_loss_that_is_infinite_takes_the_epoch_back() -> None:
    model = small()
    with np.errstate(over="ignore"):
        history = model.fit(
            X, Y, optimizer=LBFGS(), epochs=10, validation_data=(X2, np.full((20, 2), 1e200))
        )
    assert (history.diverged, history.epoch) == (True, [])
    assert history.stopped_because.startswith("the validation loss became inf in epoch 1: a step")
    assert model.parameters.tobytes() == small().parameters.tobytes()


def test_a_metric_that_fails_leaves_the_last_sound_parameters() -> None:
    calls: list[int] = []

    def broken(target: Any, prediction: Any) -> float:
        calls.append(1)
        if len(calls) == 3:
            raise ZeroDivisionError
        return 0.0

    model = small()
    with pytest.raises(ZeroDivisionError):
        model.fit(X, Y, optimizer=LBFGS(), epochs=10, metrics=broken)
    assert model.parameters.tobytes() == trained(2)


# Checkpoints.


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint_module, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint_module, "SHARE", 1e9)


EMPTY = "LBFGS goes on from the checkpoint's parameters with an empty memory"


def test_it_goes_on_from_a_checkpoint_with_an_empty_memory(tmp_path: Path) -> None:
    path, model = tmp_path / "run.npz", small()
    options = {"optimizer": LBFGS(), "metrics": "r2", "checkpoint": path}
    first = model.fit(X, Y, epochs=9, callbacks=[Spy(3, interrupt)], **options)
    assert (first.epoch, first.stopped_because) == ([0, 1, 2, 3], "interrupted after epoch 4")
    expected = small()
    expected.parameters = model.parameters
    expected.fit(X, Y, optimizer=LBFGS(), epochs=5)

    resumed, spy = small(), Spy(3, interrupt)
    with pytest.warns(RuntimeWarning, match=EMPTY) as caught:
        second = resumed.fit(X, Y, epochs=9, callbacks=[spy], **options)
    assert caught[0].filename == __file__
    assert second.epoch == list(range(9))
    assert second.stopped_because is None
    for name, values in first.history.items():
        assert second.history[name][:4] == values
    assert spy.calls[1] == "begin 4"
    assert resumed.parameters.tobytes() == expected.parameters.tobytes()


def test_callbacks_go_on_too(tmp_path: Path) -> None:
    def fit(*callbacks: Callback) -> tuple[Any, EarlyStopping]:
        stop = EarlyStopping("loss", min_delta=10.0, patience=6)
        given = [stop, *callbacks]
        return (
            small().fit(
                X, Y, optimizer=LBFGS(), epochs=50, callbacks=given, checkpoint=tmp_path / "c.npz"
            ),
            stop,
        )

    fit(Spy(3, interrupt))
    with pytest.warns(RuntimeWarning, match=EMPTY):
        history, stop = fit(Spy(3, interrupt))
    assert (stop.wait, stop.best_epoch) == (6, 0)
    assert len(history.epoch) == 7


@pytest.mark.parametrize("epochs", [4, 1000])
def test_a_finished_one_gives_its_history(tmp_path: Path, epochs: int) -> None:
    path = tmp_path / "run.npz"
    options = {"optimizer": LBFGS(), "epochs": epochs, "checkpoint": path}
    model, again, spy = Sequential(Dense(3, 2), seed=0), Sequential(Dense(3, 2), seed=0), Spy()
    first = model.fit(X, Y, callbacks=[Spy()], **options)
    before = path.read_bytes()
    second = again.fit(X, Y, callbacks=[spy], batch_size=5, **options)
    assert second.history == first.history
    assert second.stopped_because == first.stopped_because
    assert (second.stopped_because is None) == (epochs == 4)
    assert again.parameters.tobytes() == model.parameters.tobytes()
    assert spy.calls == ["train begin", "train end"]
    assert path.read_bytes() == before


@pytest.mark.usefixtures("often")
def test_it_is_written_between_iterations(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"

    def crash(spy: Spy) -> None:
        raise ZeroDivisionError

    options = {"optimizer": LBFGS(), "epochs": 9, "checkpoint": path}
    model = small()
    with pytest.raises(ZeroDivisionError):
        model.fit(X, Y, callbacks=[Spy(5, crash, "begin")], **options)
    assert path.exists()
    resumed, spy = small(), Spy(5, lambda spy: None, "begin")
    with pytest.warns(RuntimeWarning, match=EMPTY):
        history = resumed.fit(X, Y, callbacks=[spy], **options)
    assert history.epoch == list(range(9))
    assert spy.calls[1] == "begin 5"


def test_another_solver_or_an_optimizer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    small().fit(X, Y, optimizer=LBFGS(), epochs=2, checkpoint=path)
    for other in (LBFGS(memory=3), SGD(0.1)):
        with pytest.raises(ValueError, match=r"another call of fit: .*optimizer was LBFGS"):
            small().fit(X, Y, optimizer=other, epochs=2, checkpoint=path)


# Solvers of one's own.


def test_a_solver_of_ones_own_is_a_loop() -> None:
    own, model = small(), small()
    history = own.fit(X, Y, optimizer=Descent(0.1), epochs=20)
    model.fit(X, Y, optimizer=SGD(0.1), epochs=20, batch_size=30, shuffle=False)
    np.testing.assert_allclose(own.parameters, model.parameters, rtol=0, atol=1e-12)
    assert history.epoch == list(range(20))


def test_what_a_solver_remembers_is_kept_in_the_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    small().fit(
        X, Y, optimizer=Descent(0.1), epochs=9, checkpoint=path, callbacks=[Spy(3, interrupt)]
    )
    model, solver = small(), Descent(0.1)
    model.fit(X, Y, optimizer=solver, epochs=9, checkpoint=path, callbacks=[Spy(3, interrupt)])
    whole = small()
    whole.fit(X, Y, optimizer=Descent(0.1), epochs=9)
    assert solver.steps == 9
    assert model.parameters.tobytes() == whole.parameters.tobytes()


def test_a_solver_must_run() -> None:
    with pytest.raises(NotImplementedError, match="Solver does not define run"):
        small().fit(X, Y, optimizer=Solver())


def test_what_is_neither_optimizer_nor_solver_is_refused() -> None:
    with pytest.raises(TypeError, match=r"must be an Optimizer such as .* or a solver .* 'lbfgs'"):
        small().fit(X, Y, optimizer="lbfgs")


def test_the_bar_moves_with_each_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    small().fit(X, Y, optimizer=LBFGS(), epochs=4, progress=True)
    last = stderr.getvalue().rstrip("\n").split("\r")[-1]
    assert last.startswith("epoch 4/4: ")
    assert "00:00 left" in last
