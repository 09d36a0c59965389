from minimlp.callbacks import EarlyStopping, LambdaCallback, LearningRateScheduler


class Quiet(EarlyStopping):
    """One of a user's own, which keeps no argument."""

    def __init__(self, limit: float, **rest: int) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self._limit = limit


def test_a_subclass_needs_to_keep_no_argument_to_be_shown() -> None:
    assert repr(Quiet(3.0, patience=2)) == "Quiet()"


def test_what_training_sets_is_not_shown() -> None:
    callback = LambdaCallback(on_train_begin=len)  # type: ignore[arg-type]
    callback.model, callback.names = object(), ("loss",)
    assert repr(callback) == "LambdaCallback(on_train_begin=len)"
    assert repr(LearningRateScheduler(min)) == "LearningRateScheduler(min)"
