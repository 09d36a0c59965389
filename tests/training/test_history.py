import numpy as np

from minimlp.training.history import History


def test_an_epoch_appends_one_value_to_each_name() -> None:
    history = History()
    history.record(0, {"loss": 0.5, "val_loss": 0.75})
    history.record(1, {"loss": 0.25, "val_loss": 0.5})
    assert history.history == {"loss": [0.5, 0.25], "val_loss": [0.75, 0.5]}
    assert history.epoch == [0, 1]
    assert history.stopped_because is None


def test_values_become_python_floats() -> None:
    history = History()
    history.record(0, {"loss": np.float32(0.5)})
    assert type(history.history["loss"][0]) is float


def test_repr_is_short() -> None:
    history = History()
    assert repr(history) == "History(epochs=0)"
    for epoch in range(1000):
        history.record(epoch, {"loss": 1 / 3})
    history.stopped_because = "Ctrl-C"
    assert repr(history) == "History(epochs=1000, loss=0.3333, stopped_because='Ctrl-C')"
