"""The rehearsal over time: requests per second and latency, in as many steps as a plot can show."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.rehearsal.trace import Trace

_STEPS = 120


@dataclass(frozen=True, slots=True)
class Bucket:
    """A stretch of time. ``start`` and ``length`` are seconds, latencies milliseconds; ``cycle`` is the last in it.

    ``errors`` counts answers of 429 and 5xx (not 501), and requests without an answer.
    """

    start: float
    length: float
    cycle: int
    requests: int
    errors: int
    p50: float
    p95: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.length

    def to_dict(self) -> dict[str, Any]:
        """Return the bucket as JSON data."""
        return {name: getattr(self, name) for name in self.__slots__} | {"rate": round(self.rate, 2)}


def timeline(trace: Trace, shortest: float = 0.05) -> list[Bucket]:
    """Return the buckets in which something was sent, in order; none is shorter than so many seconds."""
    if not len(trace):
        return []
    first, last = min(trace.started), max(trace.started)
    length = max((last - first) / _STEPS, shortest)
    indexes: defaultdict[int, list[int]] = defaultdict(list)
    for i, at in enumerate(trace.started):
        indexes[int((at - first) / length)].append(i)
    return [_bucket(trace, number * length, length, indexes[number]) for number in sorted(indexes)]


def overtaxed(status: int) -> bool:
    """Whether an answer says that the tenant could not bear it: 429, 5xx but for 501, or none at all (0)."""
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
    return broken or status in {0, HTTPStatus.TOO_MANY_REQUESTS}


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which that share of an ordered list lies."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def _bucket(trace: Trace, start: float, length: float, indexes: list[int]) -> Bucket:
    latencies = sorted(trace.elapsed[i] * 1000 for i in indexes)
    bad = sum(overtaxed(trace.statuses[i]) for i in indexes)
    p50, p95, p99 = (round(percentile(latencies, share), 2) for share in (0.5, 0.95, 0.99))
    cycle = max(trace.cycles[i] for i in indexes)
    return Bucket(round(start, 3), round(length, 3), cycle, len(indexes), bad, p50, p95, p99)
