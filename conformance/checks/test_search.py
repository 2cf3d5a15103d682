"""Querying with POST to ``/.search`` (RFC 7644 §3.4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS, asked
from conformance.checks.selection import declined, found, kept_short, scim_type, sequence
from conformance.checks.verdict import NotApplicable
from conformance.probes import choose
from conformance.probes.evidence import Blocked
from conformance.probes.search import PEOPLE, TWICE, absent, projections
from conformance.spec.messages import LIST_RESPONSE
from conformance.spec.paths import lookup
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType
    from conformance.spec.service import Service
    from conformance.tenant.exchange import Exchange

_ABSENT = "the tenant has no /.search here, which another check judges"
_ALL = len(PEOPLE)
_ENDPOINTS = {"User": "RFC7644-3.4.3-02", "Group": "RFC7644-3.4.3-03"}
_PROJECTIONS = {
    "attributes": "RFC7644-3.4.3-07",
    "excluded": "RFC7644-3.4.3-08",
    **dict.fromkeys(
        ("URN", "sub-attribute", "without sub-attribute", "extension", "without extension"), "RFC7644-3.4.3-18"
    ),
}
_SHAPES = ("filter is a number", "count is an object", "attributes is a number")
_EACH = ("user", "group")
_types = for_types("User", "Group")


def _answer(by_post: Evidence, name: str, verdict: Remarks) -> Exchange:
    """Return the answer to a search of our own resources. Ends the check where there is no such search."""
    if absent(by_post.bare):
        verdict.not_applicable(_ABSENT)
    return kept_short(by_post, name, verdict)


def _listed(by_post: Evidence, name: str, verdict: Remarks) -> Exchange:
    exchange = _answer(by_post, name, verdict)
    if not exchange.ok:
        raise Unusable(f"{exchange.label} answered {exchange.status}, not with a list")
    return exchange


def _refusal(missearched: Evidence, name: str) -> Exchange:
    """Return the answer to a wrong search. Ends the check where the tenant has no search at all."""
    if absent(missearched.offered):
        raise NotApplicable(_ABSENT)
    return missearched[name]


def _expect_keyword(exchange: Exchange, verdict: Remarks, *keywords: str) -> None:
    keyword = scim_type(exchange)
    if keyword is None:
        verdict.warn(f"the refusal has no scimType; {keywords[0]} would tell the client what is wrong")
    else:
        assert keyword in keywords


# --- what a search is -------------------------------------------------------------------------------------------------


@_types
@requirement(lambda resource_type: _ENDPOINTS[resource_type.name])
def test_search_is_offered(by_post: Evidence) -> None:
    """POST to /.search below the endpoint of users and of groups is answered."""
    assert by_post.bare.status not in {404, 405, 501}


@_types
@pytest.mark.parametrize("search", ["all", "page"])
@requirement("RFC7644-3.4.3-01")
def test_search_is_no_create(by_post: Evidence, search: str, verdict: Remarks) -> None:
    """A POST to /.search is not answered as a create is, with 201 or with the resource that was made."""
    answer = _answer(by_post, search, verdict)
    assert answer.status != 201
    assert not (answer.ok and answer.resource.get("id")), "the answer is a single resource"


@_types
@requirement("RFC7644-3.4.3-01")
def test_search_creates_nothing(by_post: Evidence, verdict: Remarks) -> None:
    """After many searches, among them one that finds nobody, there are no more resources than before."""
    _answer(by_post, "nobody", verdict)
    assert found(kept_short(by_post, "GET all", verdict), by_post, PEOPLE) == sorted(PEOPLE)


@_types
@pytest.mark.parametrize("search", ["all", "page", "nobody"])
@requirement("RFC7644-3.4.3-06")
def test_search_answers_200_with_a_list(by_post: Evidence, search: str, verdict: Remarks) -> None:
    """A search is answered with 200 and a ListResponse that has totalResults."""
    answer = _answer(by_post, search, verdict)
    assert answer.status == 200
    schemas = answer.resource.get("schemas")
    assert isinstance(schemas, list), f"schemas is {schemas!r}, not an array"
    assert LIST_RESPONSE in schemas
    assert type(answer.resource.get("totalResults")) is int, "the answer has no totalResults"


@_types
@requirement("RFC7644-3.4.3-17")
def test_search_needs_no_filter(by_post: Evidence) -> None:
    """A search that leaves out all but count lists resources."""
    # With nothing but schemas a tenant in use might list everybody; count leaves the question the same.
    if absent(by_post.bare):
        raise NotApplicable(_ABSENT)
    assert by_post.bare.status in SUCCESS
    assert by_post.bare.resources, "the search found nothing, although there is a resource"


# --- which resources --------------------------------------------------------------------------------------------------


@_types
@requirement("RFC7644-3.4.3-10")
def test_search_finds_what_the_filter_says(by_post: Evidence, verdict: Remarks) -> None:
    """A search with a filter for one name finds that resource and no other."""
    assert found(_answer(by_post, "named", verdict), by_post, PEOPLE) == ["b"]


@_types
@requirement("RFC7644-3.4.3-10")
def test_search_for_nobody_finds_nobody(by_post: Evidence, verdict: Remarks) -> None:
    """A search with a filter for a name that nobody has finds nothing."""
    assert found(_answer(by_post, "nobody", verdict), by_post, PEOPLE) == []


@_types
@pytest.mark.parametrize("search", TWICE)
@requirement("RFC7644-3.4.3-16")
def test_search_finds_what_a_get_finds(by_post: Evidence, search: str, service: Service, verdict: Remarks) -> None:
    """The same query by POST and by GET finds the same resources, in the same order where they are sorted."""
    _answer(by_post, "all", verdict)
    post = asked(by_post, search, "the tenant declares sorting unsupported")
    get = by_post[f"GET {search}"]
    if not get.ok:
        raise Blocked(f"the query by GET answered {get.status}, so there is nothing to compare with", get)
    if search == "page" and service.supports("sort") is False:
        verdict.not_applicable("the tenant declares sorting unsupported, so a page may hold any of the resources")
    came, expected = ([p for p in sequence(e, by_post, PEOPLE) if p in PEOPLE] for e in (post, get))
    if search in {"descending", "page"}:
        assert came == expected
    else:
        assert sorted(came) == sorted(expected)


@_types
@pytest.mark.parametrize("order", ["ascending", "descending"])
@requirement("RFC7644-3.4.3-12")
def test_search_sorts(by_post: Evidence, order: str, verdict: Remarks) -> None:
    """A search with sortBy and sortOrder lists the resources in that order."""
    came = [name for name in sequence(_answer(by_post, order, verdict), by_post, PEOPLE) if name in PEOPLE]
    assert came == sorted(came, reverse=order == "descending")


# --- how many ---------------------------------------------------------------------------------------------------------


def _unless_by_cursor(service: Service, verdict: Remarks) -> None:
    if service.supports("index") is False:
        verdict.not_applicable("the tenant declares index pagination unsupported")


@_types
@requirement("RFC7644-3.4.3-13")
def test_search_starts_where_asked(by_post: Evidence, service: Service, verdict: Remarks) -> None:
    """A search with startIndex 2 leaves out one match."""
    _unless_by_cursor(service, verdict)
    everyone = len(_listed(by_post, "all", verdict).resources)
    assert len(_listed(by_post, "from 2", verdict).resources) == everyone - 1


@_types
@requirement("RFC7644-3.4.3-13")
def test_search_says_where_it_starts(by_post: Evidence, service: Service, verdict: Remarks) -> None:
    """The answer to a search with startIndex 2 has that startIndex."""
    _unless_by_cursor(service, verdict)
    assert _listed(by_post, "page", verdict).resource.get("startIndex", 2) == 2


@_types
@pytest.mark.parametrize("search", ["one", "page"])
@requirement("RFC7644-3.4.3-14")
def test_search_returns_no_more_than_count(by_post: Evidence, search: str, verdict: Remarks) -> None:
    """A search with count 1 returns one resource."""
    assert len(_listed(by_post, search, verdict).resources) == 1


@_types
@pytest.mark.parametrize("search", ["count 0", "count -1"])
@requirement("RFC7644-3.4.3-15")
def test_search_for_no_resources_counts(by_post: Evidence, search: str, verdict: Remarks) -> None:
    """A search with a count of 0 or less returns no resources and the totalResults that it has without count."""
    total = _listed(by_post, "all", verdict).resource.get("totalResults")
    answer = _listed(by_post, search, verdict)
    assert answer.resources == []
    assert answer.resource.get("totalResults") == total


# --- which attributes -------------------------------------------------------------------------------------------------


@_types
@pytest.mark.parametrize("choice", _PROJECTIONS)
@requirement(lambda choice: _PROJECTIONS[choice])
def test_search_shows_what_was_asked_for(
    by_post: Evidence, resource_type: ResourceType, choice: str, verdict: Remarks
) -> None:
    """A search with attributes or excludedAttributes shows the attributes that were asked for and no others."""
    whole = _listed(by_post, "all", verdict).resources
    answer = asked(by_post, choice, f"the tenant's {resource_type.name} has no such attribute")
    naming = choose.naming(resource_type)
    part = projections(resource_type, naming.name if naming else "id")[choice]
    for path in (part.shown, part.hidden):
        if not _having(whole, path):
            verdict.not_applicable(f"the tenant does not keep {path}")
    assert answer.status in SUCCESS
    assert _having(answer.resources, part.shown) == _having(whole, part.shown), f"{part.shown} is missing"
    assert _having(answer.resources, part.hidden) == 0, f"{part.hidden} is shown, too"


@_types
@requirement("RFC7644-3.4.3-09")
def test_search_shows_the_id_always(by_post: Evidence, verdict: Remarks) -> None:
    """A search with id in excludedAttributes still shows the id, which is always returned."""
    _listed(by_post, "all", verdict)
    assert found(_listed(by_post, "without id", verdict), by_post, PEOPLE) == found(by_post.all, by_post, PEOPLE)


def _having(resources: list[dict[str, Any]], path: str) -> int:
    """Return how many of the resources have something at a path."""
    return sum(lookup(resource, path) is not None for resource in resources)


# --- at the root ------------------------------------------------------------------------------------------------------


def _at_root(searched_root: Evidence, name: str, verdict: Remarks) -> Exchange:
    if not searched_root.bare.ok:
        verdict.not_applicable("the tenant has no /.search at its root, which another check judges")
    exchange = asked(searched_root, name, "the tenant lacks users, groups or filters to tell ours from others")
    if declined(exchange):
        verdict.not_applicable("the tenant declines the filter that would keep the list short")
    return exchange


@requirement("RFC7644-3.4.3-04")
def test_root_can_be_searched(searched_root: Evidence) -> None:
    """POST to /.search below the Tenant URL itself succeeds."""
    assert searched_root.bare.status in SUCCESS


@requirement("RFC7644-3.4.3-04")
def test_root_search_finds_resources_of_all_types(searched_root: Evidence, verdict: Remarks) -> None:
    """A search at the root finds users and groups."""
    answer = _at_root(searched_root, "both", verdict)
    assert found(answer, searched_root, _EACH) == sorted(_EACH)


@requirement("RFC7644-3.4.3-04")
def test_root_search_counts_all_types(searched_root: Evidence, verdict: Remarks) -> None:
    """The totalResults of a search at the root counts the matches of all types, however few are on the page."""
    assert _at_root(searched_root, "one", verdict).resource.get("totalResults") == 2


@requirement("RFC7644-3.4.3-06")
def test_root_search_answers_with_a_list(searched_root: Evidence, verdict: Remarks) -> None:
    """A search at the root is answered with 200 and a ListResponse."""
    answer = _at_root(searched_root, "both", verdict)
    assert answer.status == 200
    assert LIST_RESPONSE in (answer.resource.get("schemas") or []), "the answer is no ListResponse"


@requirement("RFC7644-3.4.3-16")
def test_root_search_finds_what_a_get_finds(searched_root: Evidence, verdict: Remarks) -> None:
    """The same query at the root by POST and by GET finds the same resources."""
    answer, get = _at_root(searched_root, "both", verdict), searched_root["GET both"]
    if not get.ok:
        verdict.not_applicable("the tenant does not answer a GET at its root")
    if found(get, searched_root, _EACH) != sorted(_EACH):
        raise Blocked("the GET does not find just the two, which another check judges", get)
    assert found(answer, searched_root, _EACH) == found(get, searched_root, _EACH)


# --- wrong searches ---------------------------------------------------------------------------------------------------


@for_types("User")
@pytest.mark.parametrize("mistake", ["no value", "left over"])
@requirement("RFC7644-3.4.3-11")
def test_search_with_an_invalid_filter_is_refused(missearched: Evidence, mistake: str, verdict: Remarks) -> None:
    """A search whose filter does not follow the grammar is refused with 400 and invalidFilter."""
    refusal = _refusal(missearched, mistake)
    assert refusal.status == 400
    _expect_keyword(refusal, verdict, "invalidFilter")


@for_types("User")
@pytest.mark.parametrize("mistake", ["no schemas", "another schema"])
@requirement("RFC7644-3.4.3-05")
def test_search_without_its_schema_is_refused(missearched: Evidence, mistake: str, verdict: Remarks) -> None:
    """A body that does not name the SearchRequest schema is refused with 400 and invalidSyntax."""
    refusal = _refusal(missearched, mistake)
    assert refusal.status in {200, 400}
    if refusal.ok:
        verdict.warn("the tenant takes any body for a search, whatever its schemas say")
    else:
        _expect_keyword(refusal, verdict, "invalidSyntax", "invalidValue")


@for_types("User")
@pytest.mark.parametrize("mistake", ["cut off", "array"])
@requirement("RFC7644-3.4.3-19")
def test_search_that_is_no_json_object_is_refused(missearched: Evidence, mistake: str, verdict: Remarks) -> None:
    """A search whose body is not a JSON object is refused with 400 and invalidSyntax."""
    refusal = _refusal(missearched, mistake)
    assert refusal.status == 400
    _expect_keyword(refusal, verdict, "invalidSyntax")


@for_types("User")
@pytest.mark.parametrize("mistake", _SHAPES)
@requirement("RFC7644-3.4.3-19")
def test_search_with_members_of_the_wrong_shape_is_refused(
    missearched: Evidence, mistake: str, verdict: Remarks
) -> None:
    """A search in which filter, count or attributes has a value of another type is refused with 400."""
    refusal = _refusal(missearched, mistake)
    assert refusal.status in {200, 400}
    if refusal.ok:
        verdict.warn("the tenant passes over a member of the wrong type, and the client gets another answer than asked")
    else:
        _expect_keyword(refusal, verdict, "invalidSyntax", "invalidValue", "invalidFilter")
