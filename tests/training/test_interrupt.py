import signal
import threading
from collections.abc import Iterator

import pytest

from minimlp.training.interrupt import Interrupt


@pytest.fixture(autouse=True)
def _python_handler() -> Iterator[None]:
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def test_the_first_sets_the_flag_and_the_second_interrupts() -> None:
    with Interrupt() as interrupt:
        assert not interrupt.requested
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_handler_is_put_back() -> None:
    with Interrupt():
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_the_handler_is_put_back_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), Interrupt():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_inside_another_tells_the_outer() -> None:
    with Interrupt() as outer:
        with Interrupt() as inner:
            pass
        assert not outer.requested
        with Interrupt() as inner:
            signal.raise_signal(signal.SIGINT)
            assert not outer.requested
        assert inner.requested
        assert outer.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_ctrl_c_is_ignored_it_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupt() as interrupt:
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        signal.raise_signal(signal.SIGINT)
        assert not interrupt.requested
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_the_systems_default_is_put_back_too() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with Interrupt() as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
    assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL


def test_a_handler_not_from_python_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "getsignal", lambda number: None)
    monkeypatch.setattr(signal, "signal", lambda *given: pytest.fail("a handler was set"))
    with Interrupt() as interrupt:
        assert not interrupt.requested
    monkeypatch.undo()


def test_other_threads_leave_the_handler_alone() -> None:
    seen: list[object] = []

    def enter() -> None:
        with Interrupt() as interrupt:
            seen.extend([interrupt.requested, signal.getsignal(signal.SIGINT)])

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [False, signal.default_int_handler]
