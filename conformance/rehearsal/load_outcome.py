"""What a load came to: the model that its reports are views of."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from conformance import __version__
from conformance.rehearsal.timeline import overtaxed, percentile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from conformance.rehearsal.timeline import Bucket
    from conformance.reporting.scrubbing import Scrubber
    from conformance.tenant.exchange import Exchange

_FEW = 0.01  # of the requests
_ENOUGH = 0.95  # of the rate, so that a request or two at the very end do not decide
ENTRA_RATE = 25.0  # requests a second that Microsoft asks an endpoint to sustain for each tenant


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests of one kind: how often each status came (0 for no answer), and latencies in milliseconds."""

    what: str
    count: int
    answers: Mapping[int, int]
    p25: float
    p50: float
    p95: float
    p99: float
    slowest: float

    @classmethod
    def of(cls, what: str, ordered: Sequence[float], answers: Mapping[int, int]) -> Asked:
        """Return the figures for latencies in seconds, in ascending order."""
        shares = [percentile(ordered, share) if ordered else 0.0 for share in (0.25, 0.5, 0.95, 0.99, 1)]
        return cls(what, len(ordered), dict(sorted(answers.items())), *(round(value * 1000, 1) for value in shares))

    @property
    def refused(self) -> int:
        """How many were answered with 429."""
        return self.answers.get(HTTPStatus.TOO_MANY_REQUESTS, 0)

    @property
    def broken(self) -> int:
        """How many were answered with 5xx, but for 501, which has nothing to do with load."""
        return self.errors - self.refused - self.unanswered

    @property
    def unanswered(self) -> int:
        """How many were not answered."""
        return self.answers.get(0, 0)

    @property
    def errors(self) -> int:
        """How many had an answer that says that the tenant could not bear it, or none."""
        return sum(count for status, count in self.answers.items() if overtaxed(status))


@dataclass
class LoadOutcome:
    """A finished load: ``rate`` requests a second, planned for so many ``seconds``.

    Latencies count from the moment at which a request was due. ``achieved`` is how many requests a second were served
    (neither 429 nor 5xx) in that time and that of a quick answer more. ``late`` counts those that could not be sent
    when they were due, ``causes`` what went wrong otherwise.
    """

    tenant: str
    client: str
    dialect: str
    profile: str
    seed: str
    rate: float
    seconds: float
    concurrency: int
    started: datetime
    asked: Sequence[Asked] = ()
    total: Asked = field(default_factory=lambda: Asked.of("all", (), {}))
    achieved: float = 0.0
    late: int = 0
    without_retry_after: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    stopped: str = ""
    interrupted: bool = False
    left_behind: Sequence[str] = ()
    exchanges: Sequence[Exchange] = ()
    timeline: Sequence[Bucket] = ()

    @property
    def kept_up(self) -> bool:
        """Whether as much was served as was asked, in time."""
        return self.achieved >= _ENOUGH * self.rate

    @property
    def good(self) -> bool:
        """Whether the tenant sustains the rate."""
        return self.kept_up and not (self.total.errors or self.causes or self.stopped or self.interrupted)

    @property
    def exit_code(self) -> int:
        """0 where the tenant sustains the rate, 1 where not."""
        return 0 if self.good else 1

    @property
    def sentence(self) -> str:
        """The verdict in one or two sentences for people."""
        rate = f"{self.rate:g} requests a second"
        if self.interrupted:
            return f"The load was interrupted after {self.total.count:,} requests."
        if self.good:
            total = self.total
            return (
                f"The tenant sustains {rate} for {self.seconds:g} s: half of the answers came within "
                f"{total.p50:g} ms, 95 % within {total.p95:g} ms, 99 % within {total.p99:g} ms."
            )
        return f"The tenant does not sustain {rate}: {'; '.join(self._reasons())}."

    @property
    def remarks(self) -> list[str]:
        """What the figures mean for the client, a sentence each."""
        told = []
        if self.client == "Entra" and self.rate < ENTRA_RATE:
            told.append(f"Entra asks every tenant to sustain {ENTRA_RATE:g} requests a second, more than was tried.")
        if self.without_retry_after:
            told.append(
                f"{self.without_retry_after:,} of {self.total.refused:,} answers of 429 do not say when to come again "
                "(Retry-After): the client can only guess."
            )
        if self.total.refused:
            told.append(
                f"{self.client} tries what is refused with 429 again, later: provisioning takes longer, and where most "
                "requests are refused the job may be quarantined."
                if self.client == "Entra"
                else f"{self.client} pauses on 429, so that provisioning takes longer."
            )
        if self.late > self.total.count * _FEW:
            told.append(
                f"{self.late:,} requests left late, as {self.concurrency} were waiting for their answers already "
                "(--concurrency)."
            )
        return told

    def scrub(self, scrubber: Scrubber) -> None:
        """Replace the data of the tenant's own people in whatever is told."""
        scrubber.learn(self.exchanges)
        self.exchanges = tuple(map(scrubber.exchange, self.exchanges))
        self.stopped = scrubber.text(self.stopped)
        self.causes = Counter({scrubber.text(cause): count for cause, count in self.causes.items()})

    def _reasons(self) -> list[str]:
        total = self.total
        told = [] if self.kept_up else [f"it served {self.achieved:.1f} a second"]
        counts = (total.refused, "429"), (total.broken, "5xx"), (total.unanswered, "")
        told += [
            f"{count:,} of {total.count:,} requests were {f'answered with {what}' if what else 'not answered'}"
            for count, what in counts
            if count
        ]
        told += [f"{cause} ({count:,} times)" for cause, count in self.causes.most_common(2)]
        return [*told, *filter(None, [self.stopped])]

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as JSON data."""
        figures = {
            name: getattr(self, name)
            for name in ("tenant", "client", "dialect", "profile", "seed", "rate", "seconds", "concurrency")
        }
        return {
            "suite": {"name": "scim-conformance", "version": __version__},
            **figures,
            "started": self.started.isoformat(timespec="seconds"),
            "sentence": self.sentence,
            "remarks": self.remarks,
            "good": self.good,
            "exit_code": self.exit_code,
            "achieved": round(self.achieved, 2),
            "requests": asdict(self.total),
            "operations": [asdict(each) for each in self.asked],
            "late": self.late,
            "without_retry_after": self.without_retry_after,
            "causes": dict(self.causes.most_common()),
            "stopped": self.stopped,
            "interrupted": self.interrupted,
            "left_behind": list(self.left_behind),
            "timeline": [bucket.to_dict() for bucket in self.timeline],
            "exchanges": [exchange.to_dict() for exchange in self.exchanges],
        }
