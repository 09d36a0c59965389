import inspect

from minimlp.callbacks import Callback


def test_every_hook_does_nothing_by_itself() -> None:
    callback = Callback()
    assert (callback.model, callback.optimizer, callback.names, callback.reason) == (
        None,
        None,
        (),
        None,
    )
    callback.on_train_begin()
    callback.restore(callback.state())
    callback.on_epoch_begin(0, {})
    callback.on_batch_end(0, {"loss": 1.0, "size": 32})
    callback.on_epoch_end(0, {"loss": 1.0})
    callback.on_train_end()
    assert callback.state() == {}
    assert vars(callback) == {}


def test_hooks_have_the_names_and_arguments_of_the_contract() -> None:
    hooks = {
        name: list(inspect.signature(hook).parameters)
        for name, hook in inspect.getmembers(Callback, inspect.isfunction)
        if not name.startswith("__")
    }
    assert hooks == {
        "on_train_begin": ["self"],
        "on_train_end": ["self"],
        "on_epoch_begin": ["self", "epoch", "logs"],
        "on_epoch_end": ["self", "epoch", "logs"],
        "on_batch_end": ["self", "batch", "logs"],
        "state": ["self"],
        "restore": ["self", "state"],
    }


def test_a_callback_of_ones_own_needs_to_keep_no_arguments_to_be_shown() -> None:
    class Own(Callback):
        def __init__(self, limit: float) -> None:
            self._limit = limit

    assert repr(Own(3.0)) == "Own"
