import inspect

from minimlp.training.callback import Callback


def test_every_hook_does_nothing_by_itself() -> None:
    callback = Callback()
    assert callback.model is None
    callback.on_train_begin()
    callback.on_epoch_begin(0, {})
    callback.on_batch_end(0, {"loss": 1.0, "size": 32})
    callback.on_epoch_end(0, {"loss": 1.0})
    callback.on_train_end()
    assert vars(callback) == {}


def test_hooks_have_the_names_and_arguments_of_the_contract() -> None:
    hooks = {
        name: list(inspect.signature(hook).parameters)
        for name, hook in inspect.getmembers(Callback, inspect.isfunction)
    }
    assert hooks == {
        "on_train_begin": ["self"],
        "on_train_end": ["self"],
        "on_epoch_begin": ["self", "epoch", "logs"],
        "on_epoch_end": ["self", "epoch", "logs"],
        "on_batch_end": ["self", "batch", "logs"],
    }
