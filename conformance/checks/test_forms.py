"""Every form that a value of a type may have (RFC 7643 §2.3), in every attribute that takes any value of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.checks.bound import typed
from conformance.checks.declare import for_attributes, requirement
from conformance.checks.values import as_sent, dropped, refused_alone, sent, single_values
from conformance.probes.evidence import Blocked
from conformance.probes.forms import ROUNDS, takes_any_form
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute
    from conformance.tenant.exchange import Exchange


@requirement(lambda attribute: ["RFC7643-7-25", *typed(attribute)])
@for_attributes(takes_any_form)
def test_a_value_of_any_form_is_kept(attribute: BoundAttribute, formed: Evidence, verdict: Remarks) -> None:
    """Every value of the attribute's type comes back: any text, sign, size, fraction, offset, number of bytes."""
    refused = [name for name in ROUNDS if refused_alone(formed, name, attribute)]
    taken = [name for name in ROUNDS if name not in refused]
    read = {name: _resource(formed[f"{name} read"]) for name in taken}
    if all(dropped(resource, attribute) for resource in read.values()):
        raise Blocked(f"the tenant does not keep {attribute.path}")
    given = [value for name in taken for value in sent(formed, name, attribute)]
    came = [value for name in taken for value in single_values(read[name], attribute) or [None]]
    assert as_sent(attribute, given, came) == given, f"{attribute.path} came back with other values than were sent"
    if refused:
        verdict.note(f"the tenant refuses {len(refused)} of {len(ROUNDS)} values of {attribute.path}")


def _resource(exchange: Exchange) -> dict[str, Any]:
    """Return what was read. Raises Blocked where it is no resource, which other checks judge."""
    try:
        return exchange.resource
    except Unusable as error:
        raise Blocked(str(error), exchange) from None
