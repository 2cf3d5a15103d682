"""Work side by side: bounded, in order, and ended by what goes wrong."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import Future

import pytest

from conformance.tenant.together import together


def test_what_came_of_each_item_is_returned_in_their_order():
    meeting = threading.Barrier(2)  # passed only by two at a time

    def square(number: int) -> int:
        meeting.wait(10)
        return number**2

    assert together(square, range(1_002), 2) == [number**2 for number in range(1_002)]
    assert together(square, (), 2) == []


def test_few_items_wait_at_once_however_many_there_are():
    def waiting(number: int) -> int:
        return 0 if number % 250 else sum(type(each) is Future for each in gc.get_objects())

    assert 1 < max(together(waiting, range(3_000), 1)) < 1_000


def test_what_the_work_raises_is_raised_and_nothing_more_is_begun():
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        raise OSError(f"number {number}")

    with pytest.raises(OSError, match="number 0"):
        together(work, range(2_000), 1)
    assert len(begun) <= 500
