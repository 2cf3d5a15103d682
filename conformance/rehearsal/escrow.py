"""What failed and waits to be tried again: Entra's escrow, with the times that Microsoft documents.

Times count from the first failure; what the log puts down to an outage is tried again soon after the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_OUTAGES = {"InternalServerError", "WebExceptionProtocolError", "Timeout"}
_NEXT_CYCLE = timedelta(minutes=40)
_RETRIES = tuple(timedelta(hours=hours) for hours in (6, 12, 24))  # then every 24 hours
_PATIENCE = timedelta(days=28)  # for an object in escrow, and for a job in quarantine
_NAMED = 3  # objects


@dataclass(frozen=True, slots=True)
class Waiting:
    """An object in escrow: what reports call it, its code in Entra's log, when it failed first and last.

    Both are seconds since the epoch.
    """

    label: str
    code: str
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Prospect:
    """What becomes of so many objects: when they are tried again, and when they are given up, if anything says so.

    ``objects`` names a few of them.
    """

    count: int
    objects: Sequence[str]
    retries: Sequence[datetime]
    given_up: datetime | None = None

    def __str__(self) -> str:
        """Return it as a sentence."""
        some = ", ".join(self.objects) + (f" and {self.count - _NAMED:,} more" if self.count > _NAMED else "")
        which = "1 object" if self.count == 1 else f"{self.count:,} objects"
        when = ", ".join(map(_moment, self.retries))
        if self.given_up is None:
            return f"Entra would try {which} again in the next cycle, after 40 minutes ({when} UTC): {some}."
        return (
            f"Entra would try {which} again 6, 12 and 24 hours after the first failure ({when} UTC), then every 24 "
            f"hours; what still fails on {_day(self.given_up)} it would give up, and disable the job: {some}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "count": self.count,
            "objects": list(self.objects),
            "retries": [moment.isoformat(timespec="seconds") for moment in self.retries],
            "given_up": self.given_up and self.given_up.isoformat(timespec="seconds"),
        }


def prospects(escrow: Collection[Waiting]) -> list[Prospect]:
    """Return what becomes of the objects in escrow: of those that an outage failed, then of the others."""
    found = []
    for outage in (True, False):
        alike = [each for each in escrow if (each.code in _OUTAGES) is outage]
        if alike:
            first = datetime.fromtimestamp(min(each.first for each in alike), UTC)
            last = datetime.fromtimestamp(max(each.last for each in alike), UTC)
            retries = [last + _NEXT_CYCLE] if outage else [first + gap for gap in _RETRIES]
            labels = [each.label for each in alike[:_NAMED]]
            found.append(Prospect(len(alike), labels, retries, None if outage else first + _PATIENCE))
    return found


def quarantined(since: datetime) -> str:
    """Return what Entra does with a job that is in quarantine from that moment on, as a sentence."""
    return (
        "In quarantine the job would run less and less often, down to once a day, and leave it with the first cycle "
        f"that succeeds; on {_day(since + _PATIENCE)}, after four weeks, Entra would disable it."
    )


def _moment(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"
