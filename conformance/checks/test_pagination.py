"""Paging through a list by index (RFC 7644 §3.4.2.4)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.selection import found, kept_short, sequence
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.probes.pagination import PAGED
from conformance.tenant.exchange import Exchange, Unusable

pytestmark = for_types("User")
_ALL = len(PAGED)
_PAGES = ("page 1", "page 2", "page 3")


def _page(paged: Evidence, name: str, verdict: Remarks) -> Exchange:
    kept_short(paged, "all", verdict)
    exchange = paged[name]
    if not exchange.ok:
        raise Unusable(f"{exchange.label} answered {exchange.status}, not with a list")
    return exchange


def _ids(exchange: Exchange) -> list[str]:
    return [str(resource.get("id")) for resource in exchange.resources]


def _is_first(paged: Evidence, name: str, verdict: Remarks) -> None:
    """Judge whether a page begins with the first match, by its startIndex or, where the order is stable, by its ids."""
    page, first = _page(paged, name, verdict), _page(paged, "page 1", verdict)
    assert len(page.resources) == len(first.resources)
    assert page.resource.get("startIndex", 1) == 1
    if _ids(paged["page 1 again"]) == _ids(first):
        assert _ids(page) == _ids(first)


@requirement("RFC7644-3.4.2-12")
def test_partial_list_has_start_index(paged: Evidence, verdict: Remarks) -> None:
    """A list response that holds a part of the matches has startIndex."""
    assert "startIndex" in _page(paged, "page 2", verdict).resource


@requirement("RFC7644-3.4.2-13")
def test_partial_list_has_items_per_page(paged: Evidence, verdict: Remarks) -> None:
    """A list response that holds a part of the matches has itemsPerPage."""
    assert "itemsPerPage" in _page(paged, "page 2", verdict).resource


@requirement("RFC7644-3.4.2.4-01")
def test_start_index_counts_from_1(paged: Evidence, verdict: Remarks) -> None:
    """A list from startIndex 2 leaves out one match, the first."""
    assert len(_page(paged, "from 2", verdict).resources) == _ALL - 1


@requirement("RFC7644-3.4.2.4-02")
def test_start_index_is_1_by_default(paged: Evidence, verdict: Remarks) -> None:
    """A query without startIndex gives the page that begins with the first match."""
    _is_first(paged, "no start", verdict)


@requirement("RFC7644-3.4.2.4-03")
def test_start_index_0_is_1(paged: Evidence, verdict: Remarks) -> None:
    """A startIndex of 0 is taken as 1."""
    _is_first(paged, "from 0", verdict)


@requirement("RFC7644-3.4.2.4-04")
def test_negative_start_index_is_1(paged: Evidence, verdict: Remarks) -> None:
    """A negative startIndex is taken as 1."""
    _is_first(paged, "from -3", verdict)


@requirement("RFC7644-3.4.2.4-05")
@pytest.mark.parametrize("page", _PAGES)
def test_page_holds_no_more_than_count(paged: Evidence, page: str, verdict: Remarks) -> None:
    """With count, a response holds no more resources than that."""
    assert len(_page(paged, page, verdict).resources) <= 2


@requirement("RFC7644-3.4.2.4-06")
def test_largest_page(paged: Evidence, verdict: Remarks) -> None:
    """A page may hold fewer resources than asked for."""
    verdict.note(f"of two resources asked for, the tenant returns {len(_page(paged, 'page 1', verdict).resources)}")


@requirement("RFC7644-3.4.2.4-07")
def test_negative_count_is_0(paged: Evidence, verdict: Remarks) -> None:
    """A negative count is taken as 0: no resources, and the true totalResults."""
    page = _page(paged, "count -1", verdict)
    assert page.resources == []
    assert page.resource.get("totalResults") == _ALL


@requirement("RFC7644-3.4.2.4-08")
def test_count_0_only_counts(paged: Evidence, verdict: Remarks) -> None:
    """A count of 0 gives no resources and the true totalResults."""
    page = _page(paged, "count 0", verdict)
    assert page.resources == []
    assert page.resource.get("totalResults") == _ALL


@requirement("RFC7644-3.4.2.4-09")
def test_items_per_page_without_count(paged: Evidence, verdict: Remarks) -> None:
    """Without count, itemsPerPage is the number of resources returned."""
    page = _page(paged, "all", verdict)
    given = page.resource.get("itemsPerPage", len(page.resources))
    if len(page.resources) == page.resource.get("totalResults") and type(given) is int and given > len(page.resources):
        verdict.warn("itemsPerPage is the largest page the tenant gives, not the number of resources returned")
    else:
        assert str(given) == str(len(page.resources))


@requirement("RFC7644-3.4.2.4-10")
@pytest.mark.parametrize("page", _PAGES)
def test_items_per_page_counts_the_page(paged: Evidence, page: str, verdict: Remarks) -> None:
    """The itemsPerPage is the number of resources in the response, also on a short last page."""
    exchange = _page(paged, page, verdict)
    given = exchange.resource.get("itemsPerPage", len(exchange.resources))
    assert str(given) == str(len(exchange.resources))


@requirement("RFC7644-3.4.2.4-11")
@pytest.mark.parametrize("page", ["all", *_PAGES])
def test_items_per_page_is_a_count(paged: Evidence, page: str, verdict: Remarks) -> None:
    """The itemsPerPage is a JSON number, whole and not negative."""
    given = _page(paged, page, verdict).resource.get("itemsPerPage", 0)
    assert type(given) is int, f"itemsPerPage is {given!r}"
    assert given >= 0


@requirement("RFC7644-3.4.2.4-12")
def test_total_is_the_same_on_every_page(paged: Evidence, verdict: Remarks) -> None:
    """The totalResults is the same on each page of a query."""
    first, *others = (_page(paged, name, verdict).resource.get("totalResults") for name in _PAGES)
    assert others == [first, first]


@requirement("RFC7644-3.4.2.4-17")
@pytest.mark.parametrize("page", _PAGES)
def test_total_covers_the_matches_only(paged: Evidence, page: str, verdict: Remarks) -> None:
    """The totalResults of each page of a filtered query counts the matches and nobody else."""
    assert _page(paged, page, verdict).resource.get("totalResults") == _ALL


@requirement("RFC7644-3.4.2.4-13")
@pytest.mark.parametrize(("page", "start"), [("page 1", 1), ("page 2", 3), ("page 3", 5)], ids=_PAGES)
def test_start_index_is_the_position_of_the_page(paged: Evidence, page: str, start: int, verdict: Remarks) -> None:
    """The startIndex of a response is the position of its first resource among all matches."""
    assert _page(paged, page, verdict).resource.get("startIndex", start) == start


@requirement("RFC7644-3.4.2.4-14", "RFC7644-3.4.2.4-17")
def test_pages_visit_every_match_once(paged: Evidence, verdict: Remarks) -> None:
    """The pages of a filtered query together hold each match once, and nothing else."""
    visited = [name for page in _PAGES for name in sequence(_page(paged, page, verdict), paged, PAGED)[:2]]
    assert sorted(visited) == sorted(PAGED)


@requirement("RFC7644-3.4.2.4-15")
def test_past_the_end_is_nothing(paged: Evidence, verdict: Remarks) -> None:
    """A startIndex past the last match answers 200 with no resources and the true totalResults."""
    kept_short(paged, "all", verdict)
    if paged["past the end"].status in {400, 404}:
        verdict.warn(f"the tenant answers {paged['past the end'].status}, where an empty page is expected")
        return
    page = _page(paged, "past the end", verdict)
    assert page.resources == []
    assert page.resource.get("totalResults") == _ALL


@requirement("RFC7644-3.4.2.4-16")
@pytest.mark.parametrize("name", ["start abc", "count abc"])
def test_paging_by_words_does_no_harm(paged: Evidence, name: str, verdict: Remarks) -> None:
    """A startIndex or count that is no number is refused with 400 or taken for its default."""
    kept_short(paged, "all", verdict)
    assert paged[name].status in {200, 400}
    verdict.note("the tenant refuses it" if paged[name].status == 400 else "the tenant takes the default")


@requirement("RFC7644-3.4.2.4-18")
def test_page_is_repeatable(paged: Evidence, verdict: Remarks) -> None:
    """The same page asked for twice holds the same resources in the same order."""
    assert _ids(_page(paged, "page 1 again", verdict)) == _ids(_page(paged, "page 1", verdict))


@requirement("RFC7643-5-32")
def test_list_keeps_to_the_maximum(paged: Evidence, discovery: Evidence, verdict: Remarks) -> None:
    """No response holds more resources than filter.maxResults."""
    declared = discovery.config.resource.get("filter")
    most = declared.get("maxResults") if isinstance(declared, dict) else None
    if type(most) is not int or most < 1:
        verdict.not_applicable("the tenant declares no filter.maxResults")
    assert len(found(_page(paged, "all", verdict), paged, PAGED)) <= most
