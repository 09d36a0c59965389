"""Ctrl-C ends training between two steps, so that model and history are whole.

The first Ctrl-C only raises a flag, which the training loop reads after every step. A second one
interrupts at once, as Python does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType, TracebackType


class Interrupt:
    """While it is entered, Ctrl-C sets `requested` instead of raising KeyboardInterrupt.

    Nothing changes outside the main thread, where Python allows no handlers; where Ctrl-C is
    ignored; and where its handler was not installed from Python and could not be put back.

    Attributes
    ----------
    requested : bool
        Whether Ctrl-C was pressed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: Any = None

    def __enter__(self) -> Interrupt:
        import signal
        import threading

        if threading.current_thread() is threading.main_thread():
            present = signal.getsignal(signal.SIGINT)
            if present is not None and present is not signal.SIG_IGN:
                # Kept before ours is installed: a Ctrl-C in between still finds the old one.
                self._previous = present
                signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._previous is not None:
            import signal

            signal.signal(signal.SIGINT, self._previous)
            self._previous = None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
