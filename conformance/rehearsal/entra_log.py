"""What Entra's provisioning log calls a failure, and when a whole job goes into quarantine.

The figures are Microsoft's: a job is looked at from 5 000 failures on; more than 40 % or more than 40 000 of them, not
counting references, or 60 000 of any kind, put it into quarantine. Credentials that are refused and answers that are
not SCIM do so at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.tenant.exchange import Exchange

INCOMPATIBLE = "SystemForCrossDomainIdentityManagementServiceIncompatible"
DUPLICATES = "DuplicateTargetEntries"
INVALID_ANCHOR = "InvalidAnchor"
_CODES = {
    401: "Unauthorized",
    403: "NotPermitted",
    404: INVALID_ANCHOR,
    405: "MethodNotAllowed",
    409: "EntryConflict",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    501: "NotImplemented",
}
_BEGINS_AT = 5_000
_SHARE = 0.4
_MANY = 40_000
_MOST = 60_000
_TOO_FEW = 10  # objects, to say anything of a larger directory


def code(exchange: Exchange) -> str:
    """Return what the log calls the failure of a request; empty where it quotes the answer and no more."""
    if exchange.response is None:
        return "Timeout" if "no answer within" in (exchange.error or "") else "WebExceptionProtocolError"
    status = exchange.response.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _CODES:
        return "InternalServerError"
    return _CODES.get(status, "")


@dataclass
class Tally:
    """What a cycle came to: objects tried and failed, references that failed, and what stops a job at once."""

    attempts: int = 0
    failures: int = 0
    reference_failures: int = 0
    refused: int = 0
    incompatible: int = 0

    @property
    def quarantine(self) -> str:
        """Why Entra would quarantine the job after this cycle; empty where it would not."""
        if self.refused:
            return f"the tenant refused the credentials {_times(self.refused)}"
        if self.incompatible:
            return (
                f"{_times(self.incompatible)} it gave an answer that is not what SCIM prescribes ({INCOMPATIBLE}), "
                "which counts regardless of how often"
            )
        if self.failures + self.reference_failures > _MOST:
            return f"{self.failures + self.reference_failures:,} failures are more than {_MOST:,}"
        if self.failures >= _BEGINS_AT and (self.failures > _MANY or self.share > _SHARE):
            return f"{self.failures:,} of {self.attempts:,} objects failed ({self.share:.0%}, more than {_SHARE:.0%})"
        return ""

    @property
    def share(self) -> float:
        """The part of the objects that failed."""
        return self.failures / self.attempts if self.attempts else 0.0

    @property
    def outlook(self) -> str:
        """What the share of failures would mean for a larger directory; empty where it would mean nothing."""
        if self.quarantine or self.share <= _SHARE or self.attempts < _TOO_FEW:
            return ""
        return (
            f"{self.share:.0%} of the objects failed: Entra would quarantine the job once {_BEGINS_AT:,} failed, "
            f"in a directory of about {round(_BEGINS_AT / self.share, -2):,.0f} objects"
        )


def _times(number: int) -> str:
    return "once" if number == 1 else "twice" if number == 2 else f"{number:,} times"  # noqa: PLR2004
