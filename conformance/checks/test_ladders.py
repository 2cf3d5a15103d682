"""Filters and sorting by attributes of every type, on the tenant's own schemas (RFC 7644 §3.4.2.2, §3.4.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import for_attributes, requirement
from conformance.checks.given import asked
from conformance.checks.selection import STRANGERS, declined, found, sequence
from conformance.checks.values import as_sent, single_values
from conformance.probes.evidence import Blocked
from conformance.probes.ladders import COMPARISONS, OURS, RUNGS, Comparison, climbs, sortable

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute
    from conformance.tenant.exchange import Exchange

_NOT_ASKED = "the tenant declares that it does not filter"


def _clauses(comparison: Comparison, attribute: BoundAttribute) -> tuple[str, ...]:
    return comparison.requirements if comparison.fits(attribute) else ()


@requirement(_clauses)
@for_attributes(climbs)
@pytest.mark.parametrize("comparison", COMPARISONS, ids=str)
def test_a_comparison_goes_by_the_type_of_the_attribute(
    comparison: Comparison, attribute: BoundAttribute, laddered: Evidence, verdict: Remarks
) -> None:
    """A comparison finds those whose value compares so by the type of the attribute, and nobody else."""
    exchange = _listed(laddered, f"{attribute.path} {comparison}", attribute, verdict)
    if declined(exchange):
        verdict.warn(f"the tenant declines the filter with {exchange.status}; clients that use it cannot work with it")
        return
    assert found(exchange, laddered, RUNGS) == sorted(comparison.finds)


@requirement(lambda attribute: "RFC7644-3.4.2.3-11" if attribute.attribute.type == "string" else "RFC7644-3.4.2.3-13")
@for_attributes(sortable)
def test_a_list_is_sorted_by_the_type_of_the_attribute(
    attribute: BoundAttribute, laddered: Evidence, verdict: Remarks
) -> None:
    """Sorted by an attribute, numbers come by size, dateTimes by instant and inexact texts whatever their case."""
    exchange = _listed(laddered, f"{attribute.path} sorted", attribute, verdict)
    order = [rung for rung in sequence(exchange, laddered, RUNGS) if rung != STRANGERS]
    assert order == list(RUNGS)


def _listed(evidence: Evidence, name: str, attribute: BoundAttribute, verdict: Remarks) -> Exchange:
    """Return the answer to a filter, or end the check where it would prove nothing."""
    exchange = asked(evidence, name, _NOT_ASKED)
    if declined(evidence[OURS]):
        verdict.not_applicable("the tenant declines the filter that would keep the list short")
    if found(evidence[OURS], evidence, RUNGS) != sorted(RUNGS):
        raise Blocked("the filter that keeps the list short finds others than it should", evidence[OURS])
    for rung in RUNGS:
        given = single_values(evidence[rung].request.json, attribute)
        if as_sent(attribute, given, single_values(evidence[rung].resource, attribute)) != given:
            verdict.not_applicable("the tenant did not keep the values this is about as they were sent")
    return exchange
