"""Every operator on every text attribute (RFC 7644 §3.4.2.2), for thorough runs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.checks.bound import links, stored
from conformance.checks.declare import for_attributes, requirement
from conformance.checks.given import asked
from conformance.checks.selection import declined
from conformance.probes.operators import OPERATORS, question
from conformance.spec.filter import parse
from conformance.spec.matching import Match, evaluate

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute

_CLAUSES = {"eq": "26", "ne": "31", "co": "34", "sw": "36", "ew": "38", "pr": "42"}


@pytest.mark.thorough
@requirement(lambda operator: f"RFC7644-3.4.2.2-{_CLAUSES[operator]}")
@for_attributes(lambda bound: stored(bound) and not links(bound) and bound.attribute.type == "string")
@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_finds_by_every_text(
    attribute: BoundAttribute, operator: str, operators: Evidence, verdict: Remarks
) -> None:
    """An operator on a text attribute finds a resource exactly if its value compares so."""
    exchange = asked(operators, question(attribute, operator), "the tenant shows no text for this attribute")
    if declined(exchange):
        verdict.not_applicable(f"the tenant declines the filter with {exchange.status}")
    resource = operators.fetched.resource
    text = parse_qs(urlsplit(exchange.request.url).query, strict_parsing=True)["filter"][0]
    answer = evaluate(parse(text), resource, attribute.resource_type)
    if answer is Match.UNDEFINED:
        verdict.not_applicable("the RFC leaves open whether this filter matches")
    expected = {resource["id"]} if answer is Match.YES else set()
    assert exchange.found == expected
