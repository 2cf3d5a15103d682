"""Work side by side, bounded, and interruptible."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_BATCH = 500  # so that a hundred thousand items do not wait as futures all at once
T = TypeVar("T")
R = TypeVar("R")


def together(work: Callable[[T], R], items: Iterable[T], workers: int) -> list[R]:
    """Do the work for every item on so many threads; return what came of each, in the order of the items.

    An interrupt waits for what is in flight and starts no more. Raises what the work raises.
    """
    waiting = list(items)
    results: list[R] = []
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="together")
    try:
        for start in range(0, len(waiting), _BATCH):
            results += pool.map(work, waiting[start : start + _BATCH])
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return results
