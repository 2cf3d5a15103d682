"""Trying generated examples on the live tenant, and shrinking what it gets wrong."""

from __future__ import annotations

import threading
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.database import DirectoryBasedExampleDatabase

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy


T = TypeVar("T")
# What hypothesis keeps for all threads, such as the constants of local modules, it changes as if there were only one.
_HYPOTHESIS = threading.Lock()


@dataclass(frozen=True, slots=True)
class Exploration:
    """How far to look: at most so many ``examples`` in so many ``seconds``.

    The same ``seed`` tries the same examples. Counter-examples are kept in the folder ``memory``, where there is one,
    and tried first the next time.
    """

    seed: str
    examples: int
    seconds: float
    memory: Path | None = None

    def counter_example(self, strategy: SearchStrategy[T], wrong: Callable[[T], bool]) -> T | None:
        """Return the smallest example found for which ``wrong`` is true; None where there is none.

        What ``wrong`` raises ends the search, and is raised unless a counter-example was found before.
        """
        ends = time.monotonic() + self.seconds
        known: dict[str, bool] = {}
        last: list[T] = []
        raised: list[Exception] = []

        # In this order: a seed takes away the database of the settings before it.
        @settings(
            max_examples=self.examples,
            database=DirectoryBasedExampleDatabase(self.memory) if self.memory else None,
            phases=(Phase.reuse, Phase.generate, Phase.shrink),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        )
        @seed(zlib.crc32(self.seed.encode()))
        @given(strategy)
        def examine(example: T) -> None:
            key = repr(example)
            # Out of time, nothing new is tried; what is known to be wrong stays so, or it would seem flaky.
            if key not in known and not raised and time.monotonic() < ends:
                _HYPOTHESIS.release()
                try:
                    known[key] = wrong(example)
                except Exception as error:  # noqa: BLE001 - hypothesis would go on and shrink it
                    raised.append(error)
                finally:
                    _HYPOTHESIS.acquire()
            if known.get(key):
                last[:] = [example]
                raise _Wrong

        try:
            with _HYPOTHESIS:
                examine()
        except _Wrong:
            return last[0]
        if raised:
            raise raised[0]
        return None


class _Wrong(Exception):
    """The tenant gets an example wrong."""
