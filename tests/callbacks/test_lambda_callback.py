from typing import Any

import pytest
from callbacks.driving import Run, figures

from minimlp.callbacks import Callback, LambdaCallback

HOOKS = ["on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end", "on_batch_end"]


def test_each_function_is_called_with_the_hooks_arguments() -> None:
    calls: list[Any] = []
    callback = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: calls.append(("epoch begins", epoch, logs)),
        on_epoch_end=lambda epoch, logs: calls.append(("epoch ends", epoch, logs)),
        on_train_begin=lambda: calls.append("begins"),
        on_train_end=lambda: calls.append("ends"),
    )
    Run(callback, figures("loss", [2.0])).all()
    assert calls == ["begins", ("epoch begins", 0, {}), ("epoch ends", 0, {"loss": 2.0}), "ends"]


def test_a_batch_costs_nothing_unless_it_is_asked_for() -> None:
    # `fit` calls on_batch_end of those alone whose function is not the base's.
    assert LambdaCallback().on_batch_end.__func__ is Callback.on_batch_end  # type: ignore[attr-defined]
    batches: list[Any] = []
    callback = LambdaCallback(on_batch_end=lambda batch, logs: batches.append((batch, logs)))
    assert getattr(callback.on_batch_end, "__func__", None) is not Callback.on_batch_end
    callback.on_batch_end(3, {"loss": 1.0, "size": 8})
    assert batches == [(3, {"loss": 1.0, "size": 8})]


def test_hooks_that_are_not_given_are_the_bases() -> None:
    assert vars(LambdaCallback()) == {}
    Run(LambdaCallback(), figures("loss", [2.0])).all()


def test_functions_may_add_to_the_history() -> None:
    def add(epoch: int, logs: dict[str, float]) -> None:
        logs["twice"] = 2 * logs["loss"]

    run = Run(LambdaCallback(on_epoch_end=add), figures("loss", [2.0])).all()
    assert run.seen[0][1] == {"loss": 2.0, "twice": 4.0}


@pytest.mark.parametrize("name", HOOKS)
def test_what_cannot_be_called_is_refused_by_name(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} must be a function or None, got 3"):
        LambdaCallback(**{name: 3})  # type: ignore[arg-type]


def test_it_is_shown_as_its_call() -> None:
    assert repr(LambdaCallback()) == "LambdaCallback()"
    assert repr(LambdaCallback(on_train_end=print)) == "LambdaCallback(on_train_end=print)"
