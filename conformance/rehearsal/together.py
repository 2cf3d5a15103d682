"""Work side by side, bounded, and interruptible."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_BATCH = 500  # so that a hundred thousand objects do not wait as futures all at once
T = TypeVar("T")


def together(work: Callable[[T], object], items: Iterable[T], workers: int) -> None:
    """Do the work for every item on so many threads.

    An interrupt waits for what is in flight and starts no more. Raises what the work raises.
    """
    waiting = list(items)
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="rehearsal")
    try:
        for start in range(0, len(waiting), _BATCH):
            for _ in pool.map(work, waiting[start : start + _BATCH]):
                pass
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
