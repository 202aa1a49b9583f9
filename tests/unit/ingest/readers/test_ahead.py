"""What comes next is made while what came is used: the same items, the same fault."""

import threading
from collections.abc import Iterator

import pytest

from services.ingest.readers.ahead import ahead


def test_the_same_items_in_order() -> None:
    assert list(ahead(iter("abc"))) == ["a", "b", "c"]
    assert list(ahead(iter(""))) == []


def test_the_next_item_is_made_while_one_is_used() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    used = ahead(items())
    assert next(used) == 1
    assert made.wait(10)


def test_a_fault_comes_where_it_happened() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("second")

    used = ahead(items())
    assert next(used) == 1
    with pytest.raises(ValueError, match="second"):
        next(used)
