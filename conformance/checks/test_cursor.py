"""The pages of a list and the cursors that lead from one to the next (RFC 9865 §2)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import asked, done
from conformance.checks.selection import STRANGERS, kept_short, scim_type, sequence
from conformance.checks.verdict import Remarks
from conformance.probes.cursor import COUNT, LISTED, following
from conformance.probes.evidence import Evidence
from conformance.spec.messages import LIST_RESPONSE
from conformance.spec.pagination import is_cursor
from conformance.tenant.exchange import Exchange

pytestmark = for_types("User")
_CURSORS = ("nextCursor", "previousCursor")
_NO_SEARCH = {404, 405, 501}


def page(cursored: Evidence, name: str, verdict: Remarks) -> Exchange:
    """Return a list of our own users. Raises Blocked for an answer that is none, which another check judges."""
    kept_short(cursored, "plain 1", verdict)
    return done(cursored[name])


def first_page(cursored: Evidence, label: str, verdict: Remarks) -> Exchange:
    """Return the answer to the first query of a walk. Ends the check where the tenant does not sort or search."""
    kept_short(cursored, "plain 1", verdict)
    first = asked(cursored, f"{label} 1", "the tenant declares sort unsupported")
    if label == "search" and first.status in _NO_SEARCH:
        verdict.not_applicable(f"the tenant does not offer .search: it answers {first.status}")
    return first


def _pages(cursored: Evidence, label: str, verdict: Remarks) -> list[Exchange]:
    """Return the pages to which the cursors led, from the first on."""
    first_page(cursored, label, verdict)
    return [done(exchange) for exchange in cursored.named(f"{label} ")]


def _shown(walked: list[Exchange], cursored: Evidence) -> list[str]:
    return [name for exchange in walked for name in sequence(exchange, cursored, LISTED)]


@requirement("RFC9865-2-01")
@pytest.mark.parametrize("name", ["page 1", "bare cursor"])
def test_empty_cursor_asks_for_the_first_page(cursored: Evidence, name: str, verdict: Remarks) -> None:
    """A query with an empty cursor, written "cursor=" or just "cursor", is answered with the first page."""
    kept_short(cursored, "plain 1", verdict)
    assert cursored[name].status == 200
    assert cursored[name].resources != [], "the first page is empty, though five users match"


@requirement("RFC9865-2-02")
def test_query_without_cursor_gets_the_first_page(cursored: Evidence, verdict: Remarks) -> None:
    """A query without cursor is answered with its first page."""
    kept_short(cursored, "plain 1", verdict)
    assert cursored["plain 1"].status == 200
    assert cursored["plain 1"].resources != [], "the first page is empty, though five users match"


@requirement("RFC9865-2-03")
@pytest.mark.parametrize("label", ["page", "sorted", "search"])
def test_page_holds_no_more_than_count(cursored: Evidence, label: str, verdict: Remarks) -> None:
    """With count, no page holds more resources than that."""
    assert max(len(exchange.resources) for exchange in _pages(cursored, label, verdict)) <= COUNT


@requirement("RFC9865-2-04")
def test_short_pages_are_noted(cursored: Evidence, verdict: Remarks) -> None:
    """A page may hold fewer resources than count while more follow."""
    short = [e.name for e in _pages(cursored, "page", verdict) if following(e) and len(e.resources) < COUNT]
    if short:
        verdict.note(f"of {COUNT} resources asked for, {short[0]} holds fewer, and more follow")


@requirement("RFC9865-2-05")
def test_negative_count_is_0(cursored: Evidence, verdict: Remarks) -> None:
    """A negative count is taken as 0: no resources."""
    kept_short(cursored, "plain 1", verdict)
    exchange = cursored["count -1"]
    if exchange.status == 400 and scim_type(exchange) == "invalidCount":
        verdict.warn("the tenant refuses a negative count with invalidCount, where it is to be taken as 0")
        return
    assert exchange.status == 200
    assert exchange.resources == []


@requirement("RFC9865-2-06")
def test_count_0_only_counts(cursored: Evidence, verdict: Remarks) -> None:
    """A count of 0 gives no resources, and the true totalResults where the tenant can tell it."""
    kept_short(cursored, "plain 1", verdict)
    assert cursored["count 0"].status == 200
    assert cursored["count 0"].resources == []
    assert cursored["count 0"].resource.get("totalResults", len(LISTED)) == len(LISTED)


@requirement("RFC9865-2-07")
def test_tenant_chooses_the_page_size(cursored: Evidence, verdict: Remarks) -> None:
    """Without count, a page holds as many resources as the tenant chooses."""
    kept_short(cursored, "plain 1", verdict)
    assert cursored["any count"].status == 200
    assert cursored["any count"].resources != [], "without count the page is empty, though five users match"


@requirement("RFC9865-2-08")
@pytest.mark.parametrize("label", ["page", "sorted"])
def test_every_page_but_the_last_leads_on(cursored: Evidence, label: str, verdict: Remarks) -> None:
    """A page after which there are more matches has nextCursor."""
    walked = _pages(cursored, label, verdict)
    left = set(LISTED) - set(_shown(walked, cursored))
    assert not left or following(walked[-1]), f"{walked[-1].name} has no nextCursor, though more users match"


@requirement("RFC9865-2-09")
def test_last_page_leads_no_further(cursored: Evidence, verdict: Remarks) -> None:
    """The last page has no nextCursor."""
    walked = _pages(cursored, "page", verdict)
    last = walked[-1]
    assert following(last) is None, f"after {len(walked)} pages with {len(LISTED)} users there is still a nextCursor"
    if last.resource.get("nextCursor") is not None:
        verdict.warn("the last page has an empty nextCursor, where it is to have none")
    if len(walked) > 1 and last.resources == []:
        verdict.warn("the page with the last user has a nextCursor, which leads to an empty page")


@requirement("RFC9865-2-10")
def test_single_page_leads_nowhere(cursored: Evidence, verdict: Remarks) -> None:
    """A result that fits on one page has no nextCursor."""
    if following(page(cursored, "single", verdict)):
        verdict.warn("a query that one user matches has a nextCursor, which costs clients another request")


@requirement("RFC9865-2-11")
def test_way_back_is_noted(cursored: Evidence, verdict: Remarks) -> None:
    """A page after the first may have previousCursor."""
    offered = following(page(cursored, "page 2", verdict), "previousCursor")
    verdict.note(f"the tenant {'offers' if offered else 'does not offer'} previousCursor")


@requirement("RFC9865-2-12")
@pytest.mark.parametrize("label", ["page", "sorted", "search"])
def test_first_page_leads_no_way_back(cursored: Evidence, label: str, verdict: Remarks) -> None:
    """The first page has no previousCursor."""
    first = done(first_page(cursored, label, verdict))
    assert first.resource.get("previousCursor") is None, "the first page has a previousCursor"


@requirement("RFC9865-2-13")
@pytest.mark.parametrize("number", [2, 3])
def test_previous_cursor_leads_to_the_page_before(cursored: Evidence, number: int, verdict: Remarks) -> None:
    """The previousCursor of a page leads to the page before it."""
    page(cursored, f"page {number}", verdict)
    came = asked(cursored, f"before page {number}", "the page has no previousCursor")
    before = sequence(cursored[f"page {number - 1}"], cursored, LISTED)
    assert sorted(sequence(came, cursored, LISTED)) == sorted(before)


@requirement("RFC9865-2-14")
@pytest.mark.parametrize("key", _CURSORS)
def test_cursors_are_safe_in_urls(cursored: Evidence, key: str, verdict: Remarks) -> None:
    """A cursor consists of letters, digits, hyphens, full stops, underscores and tildes."""
    given = [exchange.resource.get(key) for exchange in _pages(cursored, "page", verdict)]
    assert [cursor for cursor in given if cursor and isinstance(cursor, str) and not is_cursor(cursor)] == []


@requirement("RFC9865-2-15")
@pytest.mark.parametrize("key", _CURSORS)
def test_cursors_are_strings(cursored: Evidence, key: str, verdict: Remarks) -> None:
    """A cursor is a JSON string."""
    given = [exchange.resource.get(key) for exchange in _pages(cursored, "page", verdict)]
    assert [cursor for cursor in given if not isinstance(cursor, str | None)] == []


@requirement("RFC9865-2-16")
@pytest.mark.parametrize("label", ["page", "sorted"])
def test_cursors_visit_every_match_once(cursored: Evidence, label: str, verdict: Remarks) -> None:
    """Following nextCursor shows each match once, and then ends."""
    walked = _pages(cursored, label, verdict)
    came = [name for name in _shown(walked, cursored) if name != STRANGERS]
    assert sorted(came) == sorted(LISTED)
    assert following(walked[-1]) is None, f"after {len(walked)} pages with {len(LISTED)} users there is no end"


@requirement("RFC9865-2-17")
@pytest.mark.parametrize("label", ["page", "sorted", "search"])
def test_filter_holds_on_every_page(cursored: Evidence, label: str, verdict: Remarks) -> None:
    """On each page there are only resources that match the filter."""
    assert STRANGERS not in _shown(_pages(cursored, label, verdict), cursored)


@requirement("RFC9865-2-18")
def test_cursor_with_another_filter_is_noted(cursored: Evidence, verdict: Remarks) -> None:
    """A cursor sent with a filter other than its own is refused or fits one of the two filters."""
    page(cursored, "page 1", verdict)
    came = asked(cursored, "other filter", "the first page has no nextCursor")
    assert came.ok or came.refused, f"the tenant answers {came.status}"
    assert not came.ok or STRANGERS not in sequence(came, cursored, LISTED), "the page holds users whom neither finds"
    verdict.note(f"a cursor with a filter other than its own is answered with {came.status}")


@requirement("RFC9865-2-19")
@pytest.mark.parametrize("key", ["schemas", "itemsPerPage", "Resources"])
def test_pages_are_list_responses(cursored: Evidence, key: str, verdict: Remarks) -> None:
    """A page is a ListResponse with schemas, itemsPerPage and Resources."""
    first = page(cursored, "page 1", verdict).resource
    assert key in sorted(first)
    if key == "schemas":
        assert first[key] == [LIST_RESPONSE]


@requirement("RFC9865-2-20")
@pytest.mark.parametrize("label", ["page", "sorted", "search"])
def test_total_covers_all_pages(cursored: Evidence, label: str, verdict: Remarks) -> None:
    """The totalResults, where there is one, is the number of matches on all pages."""
    totals = [exchange.resource.get("totalResults") for exchange in _pages(cursored, label, verdict)]
    assert {total for total in totals if total is not None} <= {len(LISTED)}


@requirement("RFC9865-2-21")
def test_missing_total_is_noted(cursored: Evidence, verdict: Remarks) -> None:
    """A page by cursor may lack totalResults."""
    if page(cursored, "page 1", verdict).resource.get("totalResults") is None:
        verdict.note("pages by cursor have no totalResults")


@requirement("RFC9865-2.2-01")
def test_order_holds_over_all_pages(cursored: Evidence, verdict: Remarks) -> None:
    """With sortBy, the resources are in order over all pages together."""
    came = [name for name in dict.fromkeys(_shown(_pages(cursored, "sorted", verdict), cursored)) if name != STRANGERS]
    assert came == sorted(came, reverse=True)
