"""A timeline as coordinates of a drawing: bars for requests per second, lines for latencies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.rehearsal.timeline import Bucket

_WIDTH, _HEIGHT, _BASE, _ABOVE = 960, 240, 216, 24
_FEWEST = 3  # points that make a line
_TICKS = (1.0, 0.5)  # of the highest values


class Bar(NamedTuple):
    """One bucket: where it stands, how much of it is errors, and what a pointer resting on it is told."""

    x: float
    y: float
    width: float
    height: float
    errors: float
    title: str


@dataclass(frozen=True)
class Plot:
    """Coordinates. ``starts`` are where cycles begin, with titles; ``ticks`` heights with rate and latency."""

    starts: Sequence[tuple[float, str]]
    bars: Sequence[Bar]
    p50: str
    p95: str
    ticks: Sequence[tuple[float, str, str]]
    seconds: float
    width: int = _WIDTH
    height: int = _HEIGHT
    base: int = _BASE


def plotted(timeline: Sequence[Bucket], cycles: Sequence[str] = ()) -> Plot | None:
    """Return the coordinates of a timeline; None where it has too few points. ``cycles`` are titles by number."""
    if len(timeline) < _FEWEST:
        return None
    seconds = timeline[-1].start + timeline[-1].length
    most = max(bucket.rate for bucket in timeline)
    slowest = max(bucket.p95 for bucket in timeline) or 1.0

    def x(at: float) -> float:
        return round(at / seconds * _WIDTH, 1)

    def y(share: float) -> float:
        return round(_BASE - share * (_BASE - _ABOVE), 1)

    def line(values: Sequence[float]) -> str:
        points = zip(timeline, values, strict=True)
        return " ".join(f"{x(b.start + b.length / 2)},{y(v / slowest)}" for b, v in points)

    bars = []
    for bucket in timeline:
        top = y(bucket.rate / most)
        width, height = max(x(bucket.length), 0.5), round(_BASE - top, 1)
        errors = round(height * bucket.errors / bucket.requests, 1)
        bars.append(Bar(x(bucket.start), top, width, height, errors, _told(bucket)))
    starts = [(x(b.start), cycles[b.cycle]) for a, b in pairwise(timeline) if b.cycle > a.cycle and cycles]
    ticks = [(y(share), f"{most * share:.3g}", f"{slowest * share:.3g}") for share in _TICKS]
    return Plot(starts, bars, line([b.p50 for b in timeline]), line([b.p95 for b in timeline]), ticks, seconds)


def _told(bucket: Bucket) -> str:
    errors = f", {bucket.errors} of {bucket.requests} answered with 429 or 5xx or not at all" if bucket.errors else ""
    latencies = f"median {bucket.p50:g} ms, 95th percentile {bucket.p95:g} ms"
    return f"{bucket.start:.1f} s: {bucket.rate:.1f} requests a second, {latencies}{errors}"
