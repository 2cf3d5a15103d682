"""What a rehearsal came to: the model that its reports are views of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.rehearsal.entra_log import Tally
from conformance.rehearsal.escrow import quarantined
from conformance.rehearsal.findings import Finding, Findings, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from conformance.rehearsal.escrow import Prospect
    from conformance.rehearsal.timeline import Bucket
    from conformance.reporting.scrubbing import Scrubber
    from conformance.tenant.exchange import Exchange


@dataclass
class CycleResult:
    """One cycle. ``changes`` counts what happened in the directory, ``answers`` statuses by kind of request.

    ``compared`` is how many objects were read back, ``duration`` seconds without that, ``tally`` what Entra's
    quarantine goes by; ``samples`` are ids of exchanges, a few of each kind.
    """

    number: int
    name: str
    title: str
    changes: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    compared: int = 0
    duration: float = 0.0
    tally: Tally = field(default_factory=Tally)
    samples: Sequence[str] = ()

    def to_dict(self, findings: Sequence[Finding]) -> dict[str, Any]:
        """Return the cycle, with what it found, as JSON data."""
        return {
            "name": self.name,
            "title": self.title,
            "changes": dict(self.changes),
            "operations": {
                what: {str(status): count for status, count in sorted(counts.items())}
                for what, counts in self.answers.items()
            },
            "objects": {"tried": self.tally.attempts, "failed": self.tally.failures, "compared": self.compared},
            "duration": round(self.duration, 3),
            "quarantine": self.tally.quarantine,
            "outlook": self.tally.outlook,
            "findings": [finding.to_dict() for finding in findings],
        }


@dataclass
class Outcome:
    """A finished rehearsal.

    ``refused`` says why the connection test failed, where it did, ``stopped`` why the rehearsal went no further;
    ``escrow`` what becomes of the objects that failed to the end.
    """

    tenant: str
    client: str
    dialect: str
    profile: str
    seed: str
    users: int
    groups: int
    started: datetime
    findings: Findings
    cycles: list[CycleResult] = field(default_factory=list)
    duration: float = 0.0
    requests: int = 0
    refused: str = ""
    stopped: str = ""
    interrupted: bool = False
    left_behind: Sequence[str] = ()
    exchanges: Sequence[Exchange] = ()
    timeline: Sequence[Bucket] = ()
    escrow: Sequence[Prospect] = ()

    @property
    def wrong(self) -> list[Finding]:
        """The findings that are the tenant's fault."""
        return [finding for finding in self.findings if finding.kind is not Kind.NOTE]

    @property
    def quarantine(self) -> tuple[CycleResult, str] | None:
        """The first cycle after which Entra would quarantine the job, and why; None where it would not."""
        if self.client != "Entra":
            return None
        found = ((cycle, cycle.tally.quarantine) for cycle in self.cycles if cycle.number)
        return next(((cycle, why) for cycle, why in found if why), None)

    @property
    def good(self) -> bool:
        """Whether the tenant did all that the client asked for and holds what the source says."""
        return not (self.wrong or self.quarantine or self.stopped or self.interrupted)

    @property
    def exit_code(self) -> int:
        """0 where all is as the source says, 1 where not."""
        return 0 if self.good else 1

    @property
    def sentence(self) -> str:
        """The verdict in one or two sentences for people."""
        if self.interrupted:
            return "The rehearsal was interrupted."
        if self.good:
            return (
                f"{self.client} can provision into this tenant: after {len(self.cycles) - 1} cycles everything is as "
                "the source directory says."
            )
        kinds = [
            f"{count} {kind}{'s' if count > 1 else ''}"
            for kind in (Kind.FAILURE, Kind.DIFFERENCE, Kind.DEVIATION)
            if (count := len({(f.attribute, f.cause) for f in self.wrong if f.kind is kind}))
        ]
        text = (
            f"{self.client} will have trouble with this tenant: {', '.join(kinds)}."
            if kinds
            else f"Whether {self.client} can provision into this tenant is not known."
        )
        if self.refused:
            text += f" The connection test fails already: {self.refused}."
        if self.quarantine:
            cycle, why = self.quarantine
            text += f" Entra would quarantine this job after the {_lower(cycle.title)}, because {why}."
        if self.stopped and self.stopped != self.refused:
            text += f" The rehearsal went no further than the {_lower(self.cycles[-1].title)}: {self.stopped}."
        return text

    @property
    def remarks(self) -> list[str]:
        """What Entra would do about the failures, and when, a sentence each."""
        if self.client != "Entra":
            return []
        return [*map(str, self.escrow), *([quarantined(self.started)] if self.quarantine else [])]

    def scrub(self, scrubber: Scrubber) -> None:
        """Replace the data of the tenant's own people in whatever is told."""
        scrubber.learn(self.exchanges)
        self.exchanges = tuple(map(scrubber.exchange, self.exchanges))
        self.refused, self.stopped = scrubber.text(self.refused), scrubber.text(self.stopped)
        for finding in self.findings:
            finding.scrub(scrubber.text)

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as JSON data."""
        quarantine = self.quarantine
        return {
            "suite": {"name": "scim-conformance", "version": __version__},
            "tenant": self.tenant,
            "client": self.client,
            "dialect": self.dialect,
            "profile": self.profile,
            "seed": self.seed,
            "source": {"users": self.users, "groups": self.groups},
            "started": self.started.isoformat(timespec="seconds"),
            "duration": round(self.duration, 3),
            "requests": self.requests,
            "sentence": self.sentence,
            "remarks": self.remarks,
            "good": self.good,
            "exit_code": self.exit_code,
            "refused": self.refused,
            "stopped": self.stopped,
            "interrupted": self.interrupted,
            "quarantine": quarantine and {"cycle": quarantine[0].name, "because": quarantine[1]},
            "escrow": [prospect.to_dict() for prospect in self.escrow],
            "left_behind": list(self.left_behind),
            "cycles": [cycle.to_dict(self.findings.of(cycle.number)) for cycle in self.cycles],
            "timeline": [bucket.to_dict() for bucket in self.timeline],
            "exchanges": [exchange.to_dict() for exchange in self.exchanges],
        }


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
