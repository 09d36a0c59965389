"""Reading ahead: the next piece of a table is read while this one is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from queue import Queue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Give the items, each made in a thread while the one before is used.

    Whatever the items raise comes through in their place. The thread is no reason for a command to
    wait at its end: it may be waiting for input that never comes.
    """
    made: Queue[tuple[bool, Any]] = Queue(maxsize=1)

    def make() -> None:
        try:
            for item in items:
                made.put((True, item))
        except BaseException as error:
            made.put((False, error))
        else:
            made.put((False, None))

    Thread(target=make, daemon=True).start()
    while True:
        more, item = made.get()
        if more:
            yield item
        elif item is None:
            return
        else:
            raise item
