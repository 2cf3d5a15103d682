"""Cursors that do not fit, the choice of paging, searches, and who may follow a cursor (RFC 9865 §2.1 to §5.2)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import asked
from conformance.checks.selection import kept_short, scim_type, sequence
from conformance.checks.test_cursor import first_page, page
from conformance.checks.verdict import Remarks
from conformance.probes.cursor import LISTED, following
from conformance.probes.evidence import Evidence
from conformance.spec.messages import ERROR
from conformance.tenant.exchange import Exchange

pytestmark = for_types("User")
_NO_CURSOR = "the first page has no nextCursor"
_SHORT_LIVED = "the tenant states no cursorTimeout, or one for which a run cannot wait"


def _misused(cursored: Evidence, name: str, verdict: Remarks) -> Exchange:
    """Return the answer to a cursor that is not followed as it was meant to be."""
    kept_short(cursored, "plain 1", verdict)
    return asked(cursored, name, _NO_CURSOR)


def _searched(cursored: Evidence, name: str, verdict: Remarks) -> Exchange:
    first_page(cursored, "search", verdict)
    return asked(cursored, name, "the first page of the search has no nextCursor")


@requirement("RFC9865-2.1-01")
def test_wrong_cursor_gets_a_scim_error(cursored: Evidence, verdict: Remarks) -> None:
    """A cursor that the tenant never gave out is refused with a SCIM error."""
    forged = _misused(cursored, "forged", verdict)
    assert forged.refused, f"the tenant answers {forged.status}"
    assert forged.resource.get("schemas") == [ERROR]


@requirement("RFC9865-2.1-02")
def test_unknown_cursor_is_an_invalid_cursor(cursored: Evidence, verdict: Remarks) -> None:
    """A cursor that the tenant does not recognise is refused with 400 and scimType invalidCursor."""
    forged = _misused(cursored, "forged", verdict)
    assert forged.status == 400
    assert scim_type(forged) == "invalidCursor"


@requirement("RFC9865-2.1-03")
def test_expired_cursor_is_refused(expiring: Evidence, verdict: Remarks) -> None:
    """A cursor that is older than cursorTimeout is refused with 400 and scimType expiredCursor, or still followed."""
    late = asked(expiring, "too late", _SHORT_LIVED)
    if late.ok:
        verdict.note("a cursor may still be followed some time after cursorTimeout")
        return
    assert late.status == 400
    if scim_type(late) == "invalidCursor":
        verdict.note("the tenant forgets cursors that have expired, and calls them invalid")
        return
    assert scim_type(late) == "expiredCursor"


@requirement("RFC9865-4-08")
def test_cursor_lasts_for_its_time(expiring: Evidence) -> None:
    """A cursor may be followed within cursorTimeout."""
    assert asked(expiring, "in time", _SHORT_LIVED).status == 200


@requirement("RFC9865-2.1-04")
@pytest.mark.parametrize("name", ["other count", "huge count"])
def test_refused_count_is_an_invalid_count(cursored: Evidence, name: str, verdict: Remarks) -> None:
    """A count beyond the largest page, or other than on the first, is refused with invalidCount or accepted."""
    came = _misused(cursored, name, verdict)
    if came.ok:
        verdict.note(f"{'another' if name == 'other count' else 'a huge'} count is accepted")
        return
    assert came.status == 400
    assert scim_type(came) == "invalidCount"


@requirement("RFC9865-2.3-01")
def test_cursors_unasked_are_noted(cursored: Evidence, verdict: Remarks) -> None:
    """The answer to a query without cursor may have nextCursor."""
    if following(page(cursored, "plain 1", verdict)):
        verdict.note("a query without cursor is answered with a nextCursor")


@requirement("RFC9865-2.3-02")
def test_cursor_unasked_leads_on(cursored: Evidence, verdict: Remarks) -> None:
    """A nextCursor in the answer to a query without cursor leads to the next page."""
    first = page(cursored, "plain 1", verdict)
    second = asked(cursored, "plain 2", "a query without cursor is answered without one")
    assert second.status == 200
    assert _new(second, first, cursored) != set(), "the second page shows nobody who was not on the first"


@requirement("RFC9865-2.4-01")
def test_default_paging_is_always_the_same(cursored: Evidence, verdict: Remarks) -> None:
    """Queries without paging parameters are answered in one style."""
    assert bool(following(page(cursored, "plain again", verdict))) == bool(
        following(page(cursored, "plain 1", verdict))
    )


@requirement("RFC9865-2.4-02")
def test_start_index_selects_paging_by_index(cursored: Evidence, verdict: Remarks) -> None:
    """A startIndex selects paging by index: the answer is a page without nextCursor."""
    came = _misused(cursored, "from 4", verdict)
    assert came.status == 200
    assert following(came) is None, "there is a nextCursor"
    assert came.resources != [], "the page from the fourth of five users on is empty"


@requirement("RFC9865-2.4-03")
@pytest.mark.parametrize("name", ["page 1", "bare cursor"])
def test_cursor_selects_paging_by_cursor(cursored: Evidence, name: str, verdict: Remarks) -> None:
    """A cursor, even an empty one, selects paging by cursor: with more to come there is a nextCursor."""
    assert following(page(cursored, name, verdict)), "the page has no nextCursor"


@requirement("RFC9865-2.4-04")
def test_default_style_is_noted(cursored: Evidence, verdict: Remarks) -> None:
    """A tenant that paged by index before it knew cursors goes on to do so where neither is asked for."""
    style = "cursor" if following(page(cursored, "plain 1", verdict)) else "index"
    verdict.note(f"where a client asks for neither, the tenant pages by {style}")


@requirement("RFC9865-2.4-05")
def test_both_styles_at_once_do_no_harm(cursored: Evidence, verdict: Remarks) -> None:
    """A query with both cursor and startIndex is refused with 400, or answered in one of the two styles."""
    both = _misused(cursored, "both", verdict)
    assert both.status in {200, 400}
    verdict.note(f"a query with both cursor and startIndex is answered with {both.status}")


@requirement("RFC9865-3-01")
def test_search_takes_an_empty_cursor(cursored: Evidence, verdict: Remarks) -> None:
    """A search with an empty cursor in its body is answered with the first page and a nextCursor."""
    first = first_page(cursored, "search", verdict)
    assert first.status == 200
    assert following(first), "the first page of the search has no nextCursor"


@requirement("RFC9865-3-02")
def test_search_takes_the_next_cursor(cursored: Evidence, verdict: Remarks) -> None:
    """A nextCursor from a search leads to the next page in the body of the next search."""
    second = _searched(cursored, "search 2", verdict)
    assert second.status == 200
    assert _new(second, cursored["search 1"], cursored) != set(), (
        "the second page shows nobody who was not on the first"
    )


@requirement("RFC9865-3-03")
def test_search_refuses_what_a_query_refuses(cursored: Evidence, verdict: Remarks) -> None:
    """An unknown cursor gets the same status and scimType in a search as in a query."""
    forged, searched = _misused(cursored, "forged", verdict), _searched(cursored, "forged search", verdict)
    assert (searched.status, scim_type(searched)) == (forged.status, scim_type(forged))


@requirement("RFC9865-5.2-02")
def test_cursor_is_no_credential(cursored: Evidence, verdict: Remarks) -> None:
    """A cursor followed without credentials gives no data."""
    came = _misused(cursored, "anonymous 2", verdict)
    if cursored["anonymous 1"].ok:
        verdict.not_applicable("the tenant lists users to anybody")
    assert not came.ok, f"a page was shown without credentials, with status {came.status}"


@requirement("RFC9865-5.2-04")
def test_altered_cursor_is_refused(cursored: Evidence, verdict: Remarks) -> None:
    """A cursor with one character changed is refused with invalidCursor."""
    altered = _misused(cursored, "altered", verdict)
    assert altered.status == 400
    assert scim_type(altered) == "invalidCursor"


@requirement("RFC9865-5.2-05")
@pytest.mark.parametrize("name", ["forged", "altered", "other filter", "other count"])
def test_refusals_of_cursors_reveal_nobody(cursored: Evidence, name: str, verdict: Remarks) -> None:
    """The refusal of a cursor holds nothing of the users in the list."""
    came = _misused(cursored, name, verdict)
    if came.ok:
        verdict.not_applicable("the tenant does not refuse it")
    people = [str(cursored[person].resource.get("id")) for person in LISTED]
    asked_for = "one" if name == "other filter" else ""
    names = [str(cursored[person].request.json["userName"]) for person in LISTED if person != asked_for]
    assert [text for text in people + names if text in came.answered.body] == [], "the refusal tells of users"


def _new(second: Exchange, first: Exchange, cursored: Evidence) -> set[str]:
    return set(sequence(second, cursored, LISTED)) - set(sequence(first, cursored, LISTED))
