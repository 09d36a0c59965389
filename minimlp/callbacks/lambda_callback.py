"""Functions instead of a class, for a hook of one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import ShownAsCall

if TYPE_CHECKING:
    from collections.abc import Callable


class LambdaCallback(ShownAsCall):
    """Call a function at a hook, as in Keras; hooks that are not given cost nothing.

    What the functions remember is in no checkpoint: for that write a `Callback` with `state`.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable, optional
        Called with ``(epoch, logs)``.
    on_train_begin, on_train_end : callable, optional
        Called without arguments.
    on_batch_end : callable, optional
        Called with ``(batch, logs)``.

    Raises
    ------
    TypeError
        One of them cannot be called.

    Examples
    --------
    >>> from minimlp import Dense, Sequential
    >>> from minimlp.callbacks import LambdaCallback
    >>> count = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, sorted(logs)))
    >>> history = Sequential(Dense(1, 1), seed=0).fit([[1.0]], [2.0], epochs=2, callbacks=[count])
    0 ['loss']
    1 ['loss']
    """

    def __init__(
        self,
        on_epoch_begin: Callable[[int, dict[str, float]], Any] | None = None,
        on_epoch_end: Callable[[int, dict[str, float]], Any] | None = None,
        on_train_begin: Callable[[], Any] | None = None,
        on_train_end: Callable[[], Any] | None = None,
        on_batch_end: Callable[[int, dict[str, float]], Any] | None = None,
    ) -> None:
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_batch_end": on_batch_end,
        }
        for name, function in given.items():
            if function is None:
                continue
            if not callable(function):
                raise TypeError(f"{name} must be a function or None, got {function!r:.80}")
            # On the object, not the class: `fit` skips those whose on_batch_end is the base's own.
            setattr(self, name, function)
