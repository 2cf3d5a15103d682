"""What a check takes for granted; where it does not hold, there is nothing to judge and no failure to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.checks.verdict import NotApplicable
from conformance.probes.evidence import Blocked

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.tenant.exchange import Exchange

# How RFC 7643 §2.5 lets an attribute without a value look; left out reads as None.
NOTHING: tuple[object, ...] = (None, [], {})
# The statuses of a request that was carried out, for checks that do not judge which of them it is.
SUCCESS = (200, 201, 202, 203, 204)
_NOT_OFFERED = {405, 501}


def done(exchange: Exchange) -> Exchange:
    """Return an exchange that the tenant carried out. Raises Blocked where it did not, which another check judges."""
    if not exchange.ok:
        answer = f"was answered with {exchange.status}" if exchange.response else f"got no answer: {exchange.error}"
        raise Blocked(f"{exchange.label} {answer}", exchange)
    return exchange


def offered(exchange: Exchange) -> Exchange:
    """Return an exchange of a method that the tenant offers there. Raises Blocked for 405 and 501."""
    if exchange.response and exchange.status in _NOT_OFFERED:
        raise Blocked(f"the tenant does not offer {exchange.label}: it answered {exchange.status}", exchange)
    return exchange


def body(exchange: Exchange) -> dict[str, Any]:
    """Return the resource in the answer to a write. Raises Blocked for a failure, NotApplicable for an empty body."""
    answer = done(exchange).answered
    if not answer.body.strip() and answer.problem is None:
        raise NotApplicable(f"the tenant answers {exchange.request.method} with {answer.status} and no body")
    return exchange.document


def kept(value: Any, name: str) -> Any:
    """Return a value as read back. Raises NotApplicable where the tenant dropped it, which another check judges."""
    if value is None:
        raise NotApplicable(f"the tenant does not keep {name}, so it cannot be judged by it")
    return value


def cleared(value: Any, name: str, verdict: Remarks) -> Any:
    """Return what is shown of an attribute without value; an empty text passes for none, with a warning."""
    if value == "":
        verdict.warn(f"the tenant shows {name} as an empty text where it has no value")
        return None
    return value


def asked(evidence: Evidence, name: str, why_not: str) -> Exchange:
    """Return an exchange that a probe sends to some tenants only. Raises NotApplicable with the reason for the rest."""
    if name not in evidence and evidence.stopped is None:
        raise NotApplicable(why_not)
    return evidence[name]


def listed(exchange: Exchange) -> Exchange:
    """Return the answer to a query with a filter. Raises NotApplicable where the tenant refuses to filter."""
    if exchange.refused:
        raise NotApplicable(f"the tenant refuses this filter with {exchange.status}, so it cannot be asked that way")
    return exchange
