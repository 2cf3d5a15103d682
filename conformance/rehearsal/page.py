"""``rehearsal.html`` and ``rehearsal.json``: a rehearsal, or a load, for people and for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.rehearsal.findings import Kind
from conformance.rehearsal.load_outcome import LoadOutcome
from conformance.rehearsal.plot import plotted
from conformance.reporting.files import write_pages
from conformance.reporting.html import render_template

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.rehearsal.findings import Finding
    from conformance.rehearsal.outcome import CycleResult, Outcome
    from conformance.tenant.exchange import Exchange


def write(outcome: Outcome | LoadOutcome, folder: Path) -> list[Path]:
    """Write ``rehearsal.html`` and ``rehearsal.json`` and return their paths. Raises OSError."""
    pages = {
        "rehearsal.html": render(outcome),
        "rehearsal.json": json.dumps(outcome.to_dict(), ensure_ascii=False, indent=1),
    }
    return write_pages(folder, pages)


def render(outcome: Outcome | LoadOutcome) -> str:
    """Return the page."""
    if isinstance(outcome, LoadOutcome):
        return render_template("load.html.j2", outcome=outcome, plot=plotted(outcome.timeline))
    return render_template("rehearsal.html.j2", outcome=outcome, page=_Page(outcome))


class _Page:
    """What the template asks for. It keeps track: an exchange is shown once."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._exchanges = {exchange.id: exchange for exchange in outcome.exchanges}
        self._shown: set[str] = set()
        self._evidence = {e.exchange for finding in outcome.findings for e in finding.examples}
        self.plot = plotted(outcome.timeline, [cycle.title for cycle in outcome.cycles])

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
