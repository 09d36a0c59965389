"""Reading ahead gives the same items, and the same errors, in the same order."""

import threading

import pytest

from minimlp.cli.ahead import ahead


def test_all_items_in_order():
    assert list(ahead(range(1000))) == list(range(1000))
    assert list(ahead([])) == []


def test_an_error_comes_after_the_items_before_it():
    def items():
        yield 1
        yield 2
        raise ValueError("the third is bad")

    seen = ahead(items())
    assert [next(seen), next(seen)] == [1, 2]
    with pytest.raises(ValueError, match="the third is bad"):
        next(seen)


def test_the_next_item_is_made_while_one_is_used():
    made = threading.Event()

    def items():
        yield 1
        made.set()
        yield 2

    for item in ahead(items()):
        if item == 1:
            assert made.wait(timeout=10)
