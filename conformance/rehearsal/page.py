"""``rehearsal.html`` and ``rehearsal.json``: a rehearsal for people and for machines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from conformance.rehearsal.entra_log import ESCROW
from conformance.rehearsal.findings import Kind
from conformance.reporting.html import render_template

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.rehearsal.findings import Finding
    from conformance.rehearsal.outcome import CycleResult, Outcome
    from conformance.rehearsal.timeline import Bucket
    from conformance.tenant.exchange import Exchange

_WIDTH, _HEIGHT, _BASE = 960, 220, 196


def write(outcome: Outcome, folder: Path) -> list[Path]:
    """Write ``rehearsal.html`` and ``rehearsal.json`` and return their paths. Raises OSError."""
    pages = {
        "rehearsal.html": render(outcome),
        "rehearsal.json": json.dumps(outcome.to_dict(), ensure_ascii=False, indent=1),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", errors="backslashreplace")
    return [folder / name for name in pages]


def render(outcome: Outcome) -> str:
    """Return the page."""
    return render_template("rehearsal.html.j2", outcome=outcome, page=_Page(outcome), escrow=ESCROW)


@dataclass(frozen=True)
class Plot:
    """Coordinates of the timeline. ``bars`` are x, y, width, height, and whether there were errors."""

    starts: Sequence[float]
    bars: Sequence[tuple[float, float, float, float, int]]
    p50: str
    p95: str
    most: float
    slowest: float
    seconds: float
    width: int = _WIDTH
    height: int = _HEIGHT
    base: int = _BASE


def plotted(timeline: Sequence[Bucket]) -> Plot | None:
    """Return the coordinates of a timeline; None where it has too few points to be one."""
    if len(timeline) < 3:  # noqa: PLR2004
        return None
    seconds = timeline[-1].start + timeline[-1].length
    most = max(bucket.rate for bucket in timeline)
    slowest = max(bucket.p95 for bucket in timeline) or 1.0

    def x(at: float) -> float:
        return round(at / seconds * _WIDTH, 1)

    def height(share: float) -> float:
        return round(share * (_BASE - 30), 1)

    def line(values: Sequence[float]) -> str:
        points = zip(timeline, values, strict=True)
        return " ".join(f"{x(b.start + b.length / 2)},{_BASE - height(v / slowest)}" for b, v in points)

    bars = []
    for bucket in timeline:
        tall = height(bucket.rate / most)
        bars.append((x(bucket.start), round(_BASE - tall, 1), max(x(bucket.length), 0.5), tall, bucket.errors))
    starts = [x(later.start) for earlier, later in pairwise(timeline) if later.cycle > earlier.cycle]
    return Plot(starts, bars, line([b.p50 for b in timeline]), line([b.p95 for b in timeline]), most, slowest, seconds)


class _Page:
    """What the template asks for. It keeps track: an exchange is shown once."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._exchanges = {exchange.id: exchange for exchange in outcome.exchanges}
        self._shown: set[str] = set()
        self._evidence = {e.exchange for finding in outcome.findings for e in finding.examples}
        self.plot = plotted(outcome.timeline)

    def findings(self, cycle: CycleResult) -> list[Finding]:
        """Return what a cycle found, what is wrong first."""
        return sorted(self._outcome.findings.of(cycle.number), key=lambda finding: finding.kind is Kind.NOTE)

    def wrong(self, cycle: CycleResult) -> list[Finding]:
        """Return what is wrong in a cycle."""
        return [finding for finding in self.findings(cycle) if finding.kind is not Kind.NOTE]

    def once(self, identifier: str) -> Exchange | None:
        """Return an exchange the first time that it is asked for."""
        if identifier in self._shown:
            return None
        self._shown.add(identifier)
        return self._exchanges.get(identifier)

    def samples(self, cycle: CycleResult) -> list[Exchange]:
        """Return exchanges of a cycle that no finding shows."""
        return [self._exchanges[i] for i in cycle.samples if i in self._exchanges and i not in self._evidence]
