"""What was sent, kept small: figures of every request, whole exchanges only where somebody will want to see them."""

from __future__ import annotations

import json
import threading
import zlib
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.tenant.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SAMPLES = 2  # exchanges of each kind that a cycle keeps although nothing is wrong with them


@dataclass(frozen=True, slots=True)
class Sent:
    """A write that was sent for an object: ``what`` it was to do, the ``paths`` it named, the id of its exchange.

    ``answer`` is its status, 0 where there was none; ``texts`` says that booleans went as text.
    """

    what: str
    paths: tuple[str, ...]
    exchange: str
    answer: int
    texts: bool = False


@dataclass
class Trace:
    """Figures of all requests, and the exchanges of the present cycle. Safe to use from several threads."""

    cycle: int = 0
    started: array[float] = field(default_factory=lambda: array("d"))
    elapsed: array[float] = field(default_factory=lambda: array("d"))
    statuses: array[int] = field(default_factory=lambda: array("i"))
    cycles: array[int] = field(default_factory=lambda: array("i"))

    def __post_init__(self) -> None:
        """Begin with nothing kept."""
        self._lock = threading.Lock()
        self._recent: dict[str, bytes] = {}
        self._kept: dict[str, bytes] = {}
        self._samples: Counter[tuple[int, str]] = Counter()
        self._answers: Counter[tuple[int, str, int]] = Counter()
        self._writes: dict[str, list[Sent]] = {}

    def __len__(self) -> int:
        return len(self.started)

    def count(self, exchange: Exchange) -> None:
        """Take in the figures of a request."""
        status = exchange.response.status if exchange.response else 0
        with self._lock:
            self.started.append(exchange.started)
            self.elapsed.append(exchange.elapsed)
            self.statuses.append(status)
            self.cycles.append(self.cycle)
            self._answers[self.cycle, exchange.name, status] += 1

    def answers(self, cycle: int) -> dict[str, dict[int, int]]:
        """Return how often each status came, for each kind of request of a cycle; status 0 stands for no answer."""
        found: dict[str, dict[int, int]] = {}
        for (number, name, status), count in self._answers.items():
            if number == cycle:
                found.setdefault(name, {})[status] = count
        return found

    def keep(self, exchange: Exchange) -> None:
        """Keep an exchange to the end of the cycle."""
        packed = zlib.compress(json.dumps(exchange.to_dict()).encode("utf-8", "surrogatepass"), 1)
        with self._lock:
            self._recent[exchange.id] = packed

    def sample(self, exchange: Exchange) -> None:
        """Keep an exchange for good if it is among the first of its kind in this cycle."""
        with self._lock:
            self._samples[self.cycle, exchange.name] += 1
            first = self._samples[self.cycle, exchange.name] <= _SAMPLES
        if first:
            self.keep(exchange)
            self.retain([exchange.id])

    @property
    def samples(self) -> list[str]:
        """The ids of the exchanges of this cycle that are kept although nothing need be wrong with them."""
        return sorted(self._recent.keys() & self._kept.keys())

    def wrote(self, key: str, sent: Sent) -> None:
        """Note what was sent for an object in this cycle."""
        with self._lock:
            self._writes.setdefault(key, []).append(sent)

    def writes(self, key: str) -> list[Sent]:
        """Return what was sent for an object in this cycle."""
        return self._writes.get(key, [])

    @property
    def touched(self) -> set[str]:
        """The keys of the objects for which something was sent in this cycle."""
        return set(self._writes)

    def retain(self, identifiers: Iterable[str]) -> None:
        """Keep these exchanges for good."""
        with self._lock:
            self._kept |= {i: self._recent[i] for i in identifiers if i in self._recent}

    def next_cycle(self) -> None:
        """Forget what was sent in this cycle, but for what is kept for good."""
        with self._lock:
            self.cycle += 1
            self._recent, self._writes = {}, {}

    def kept(self) -> Iterator[Exchange]:
        """Yield the exchanges that were kept for good, in the order in which they were sent."""
        for identifier in sorted(self._kept):
            yield Exchange.from_dict(json.loads(zlib.decompress(self._kept[identifier])))
