"""Ctrl-C, and where there is a checkpoint SIGTERM, end training between two steps.

Then model, history and checkpoint are whole. The first one only raises a flag, which the training
loop reads after every step. A second Ctrl-C interrupts at once, as Python does; SIGTERM is raised
again when all is written, so that the process ends as it was told to.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType, TracebackType


class Interrupt:
    """While it is entered, signals set `requested` instead of ending what runs.

    Nothing changes outside the main thread, where Python allows no handlers; where a signal is
    ignored; and where its handler was not installed from Python and could not be put back.

    Parameters
    ----------
    terminate : bool
        Whether SIGTERM is held back, too.

    Attributes
    ----------
    requested : bool
        Whether a signal came.
    """

    def __init__(self, *, terminate: bool = False) -> None:
        self.requested = False
        self._signals = [signal.SIGINT, signal.SIGTERM] if terminate else [signal.SIGINT]
        self._previous: dict[signal.Signals, Any] = {}
        self._terminated = False

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in self._signals:
                present = signal.getsignal(number)
                if present is not None and present is not signal.SIG_IGN:
                    # Kept before ours is installed: one in between still finds the old handler.
                    self._previous[number] = present
                    signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while self._previous:
            number, previous = self._previous.popitem()
            signal.signal(number, previous)
            outer = getattr(previous, "__self__", None)
            if self.requested and isinstance(outer, Interrupt):
                outer.requested = True  # what runs this training is to end, too
        if self._terminated:
            self._terminated = False
            signal.raise_signal(signal.SIGTERM)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGTERM:
            self._terminated = True
        elif self.requested:
            raise KeyboardInterrupt
        self.requested = True
