"""Generated questions (RFC 7644 §3.4.2, §3.5): what the tenant gets wrong is shown by its smallest example.

The probes generate and shrink, by the same comparison with the RFCs as code by which the checks then judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.checks.declare import requirement
from conformance.checks.verdict import NotApplicable
from conformance.probes.generated import COUNTER_EXAMPLE, TWIN, mirrored
from conformance.probes.lives import last_step
from conformance.probes.outcome import SERVER_ERROR, lost, wrongs
from conformance.probes.population import NAMES, described, selected
from conformance.spec.filter import And, parse

if TYPE_CHECKING:
    from conformance.probes.evidence import Evidence
    from conformance.spec.filter import Filter
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

pytestmark = pytest.mark.thorough
_TWINS = {
    "search by POST": "RFC7644-3.4.3-16",
    "pages of two": "RFC7644-3.4.2.4-14",
    "not not": "RFC7644-3.4.2.2-72",
    "operators in capitals": "RFC7644-3.4.2.2-06",
    "names in capitals": "RFC7644-3.4.2.2-05",
    "names with URN": "RFC7644-3.10-01",
}


@requirement("RFC7644-3.4.2.2-03", "RFC7644-3.4.2.2-04")
def test_any_filter_finds_whom_it_describes(filters_explored: Evidence, resource_type: ResourceType) -> None:
    """A filter, however composed, finds exactly the resources that it describes."""
    people = {name: filters_explored[name].resource for name in NAMES}
    if COUNTER_EXAMPLE not in filters_explored:
        return
    exchange = filters_explored[COUNTER_EXAMPLE]
    came = selected([exchange], people)
    assert came == described(_asked(exchange), people, resource_type, came)


@pytest.mark.parametrize("twin", _TWINS)
@requirement(lambda twin: _TWINS[twin])
def test_queries_that_mean_the_same_find_the_same(twins_explored: Evidence, twin: str) -> None:
    """Two queries of which the RFC says that they mean the same find the same resources."""
    people = {name: twins_explored[name].resource for name in NAMES}
    if COUNTER_EXAMPLE not in twins_explored:
        return
    one = selected([twins_explored[COUNTER_EXAMPLE]], people)
    other = selected(twins_explored.named(TWIN), people)
    assert other == one, f"the query finds others than its twin ({twin})"


@requirement("RFC7644-3.4.2.3-04")
def test_any_order_down_is_the_order_up_from_its_end(orders_explored: Evidence) -> None:
    """Sorted in descending order, a list has the values of the ascending one from its end."""
    if not _wrong(orders_explored):
        return
    up, down = orders_explored[COUNTER_EXAMPLE], orders_explored[TWIN]
    path = parse_qs(urlsplit(up.request.url).query)["sortBy"][0]
    assert mirrored(up, down, path), f"sorted by {path}, the one is not the reverse of the other"


@requirement("RFC7644-3.5.2-32", "RFC7644-3.5.2-47", "RFC7644-3.5.1-02", "RFC7644-3.5.1-24")
def test_any_history_ends_as_described(histories_explored: Evidence, resource_type: ResourceType) -> None:
    """After any sequence of PATCH and PUT a resource is what these make of it, and otherwise as it was."""
    if not _wrong(histories_explored):
        return
    assert wrongs(*last_step(histories_explored), resource_type) == []


@requirement("RFC7644-3.3-14")
def test_any_text_is_kept(texts_explored: Evidence, resource_type: ResourceType) -> None:
    """A text that a create sends, whatever its letters, is what a read shows."""
    if not _wrong(texts_explored):
        return
    created = texts_explored[COUNTER_EXAMPLE]
    assert created.status < SERVER_ERROR
    assert lost(created, texts_explored[f"{COUNTER_EXAMPLE}, read"], resource_type) == []


@requirement("RFC7644-3.3-17")
def test_any_refusal_leaves_nothing_behind(refusals_explored: Evidence) -> None:
    """A create with a value of a wrong type is not answered with 5xx, and leaves nothing behind where it is refused."""
    if not _wrong(refusals_explored):
        return
    assert refusals_explored[COUNTER_EXAMPLE].status < SERVER_ERROR
    assert refusals_explored[f"{COUNTER_EXAMPLE}, left"].resources == []


def _wrong(evidence: Evidence) -> bool:
    """Whether there is a counter-example. Raises Blocked or NotApplicable where nothing could be tried."""
    if not evidence.names and not evidence.stopped:
        raise NotApplicable("the type has no attribute to try it on")
    found = any(name.startswith(COUNTER_EXAMPLE) for name in evidence.names)
    if not found and evidence.stopped:
        raise evidence.stopped
    return found


def _asked(exchange: Exchange) -> Filter:
    """Return the generated filter, without what keeps everybody else out."""
    text = parse_qs(urlsplit(exchange.request.url).query, strict_parsing=True)["filter"][0]
    node = parse(text)
    return node.left if isinstance(node, And) else node
