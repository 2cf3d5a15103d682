"""Queries and their list responses (RFC 7644 §3.4.2, §3.4.2.1)."""

from typing import Any

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS, done
from conformance.checks.selection import declined, found, kept_short, scim_type
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.probes.query import lists
from conformance.spec.messages import LIST_RESPONSE
from conformance.spec.schema import ResourceType
from conformance.spec.service import Service
from conformance.tenant.exchange import Exchange

_OURS = ("first", "second")
_list = pytest.mark.parametrize("query", ["look", "ours", "page 1"])
_type = for_types("User", "Group")


def _listed(queried: Evidence, query: str, verdict: Remarks) -> Exchange:
    return done(queried.look if query == "look" else kept_short(queried, query, verdict))


def _both_pages(queried: Evidence, service: Service, verdict: Remarks) -> list[Exchange]:
    if service.supports("index") is False:
        verdict.not_applicable("the tenant does not page by index, as these lists were asked for")
    return [_listed(queried, name, verdict) for name in ("page 1", "page 2")]


def _ids(exchange: Exchange) -> list[Any]:
    return [resource.get("id") for resource in exchange.resources]


@_type
@requirement("RFC7644-3.4.2-02")
def test_query_answers_200(queried: Evidence) -> None:
    """GET on the endpoint of a resource type answers 200."""
    assert queried.look.status == 200


@_type
@requirement("RFC7644-3.4.2.1-04")
def test_refusal_of_a_long_list_says_so(queried: Evidence, verdict: Remarks) -> None:
    """A tenant that refuses to list all resources with 400 says tooMany."""
    keyword = scim_type(queried.look)
    if queried.look.status != 400 or keyword not in {None, "tooMany"}:
        verdict.not_applicable("the tenant lists the resources, or has another reason not to")
    assert keyword == "tooMany"


@_type
@requirement("RFC7644-3.12-28")
def test_too_many_answers_400(queried: Evidence, verdict: Remarks) -> None:
    """A tenant that refuses to list all resources with tooMany does so with 400."""
    if queried.look.ok or scim_type(queried.look) != "tooMany":
        verdict.not_applicable("the tenant lists the resources, or has another reason not to")
    assert queried.look.status == 400


@_type
@requirement("RFC7644-3.4.2-06")
@_list
def test_list_names_its_schema(queried: Evidence, query: str, verdict: Remarks) -> None:
    """The answer to a query has the ListResponse URN in schemas."""
    schemas = _listed(queried, query, verdict).resource.get("schemas")
    assert isinstance(schemas, list), f"schemas is {schemas!r}, not an array"
    assert LIST_RESPONSE in schemas


@_type
@requirement("RFC7644-3.4.2-07")
@_list
def test_list_has_total_results(queried: Evidence, query: str, verdict: Remarks) -> None:
    """A list response has totalResults."""
    assert "totalResults" in _listed(queried, query, verdict).resource


@_type
@requirement("RFC7644-3.4.2-08")
@_list
def test_total_results_is_a_count(queried: Evidence, query: str, verdict: Remarks) -> None:
    """The totalResults of a list response is a JSON number, whole and not negative."""
    document = _listed(queried, query, verdict).resource
    if "totalResults" not in document:
        verdict.not_applicable("there is no totalResults, which another check judges")
    total = document["totalResults"]
    assert type(total) is int, f"totalResults is {total!r}"
    assert total >= 0


@_type
@requirement("RFC7644-3.4.2-09", "RFC7644-3.4.2.1-03")
@pytest.mark.parametrize("query", ["ours", "page 1"])
def test_total_results_counts_all_matches(queried: Evidence, query: str, verdict: Remarks) -> None:
    """The totalResults counts all resources that match, however few of them are on the page."""
    assert _listed(queried, query, verdict).resource.get("totalResults") == len(_OURS)


@_type
@requirement("RFC7644-3.4.2-10")
@_list
def test_resources_are_there(queried: Evidence, query: str, verdict: Remarks) -> None:
    """A list response whose totalResults is above 0 has Resources."""
    exchange = _listed(queried, query, verdict)
    if not exchange.resource.get("totalResults"):
        verdict.not_applicable("the list is empty")
    assert exchange.resources != []


@_type
@requirement("RFC7644-3.4.2-11")
@_list
def test_resources_are_resources(queried: Evidence, query: str, verdict: Remarks) -> None:
    """Each item of Resources is an object with an id."""
    ids = _ids(_listed(queried, query, verdict))
    assert [i for i in ids if not isinstance(i, str)] == [], "some items have no id"


@_type
@requirement("RFC7644-3.4.2-04")
def test_unknown_parameter_is_ignored(queried: Evidence, verdict: Remarks) -> None:
    """A query with a parameter that does not exist is answered as without it."""
    plain = found(_listed(queried, "ours", verdict), queried, _OURS)
    assert found(queried["unknown parameter"], queried, _OURS) == plain


@_type
@requirement("RFC7644-3.4.2-05")
def test_unknown_parameter_of_a_read_is_ignored(queried: Evidence) -> None:
    """A read with a parameter that does not exist is answered as without it."""
    plain, asked = queried.fetched.resource, queried["fetched with unknown parameter"]
    assert asked.status in SUCCESS
    assert {**asked.resource, "meta": None} == {**plain, "meta": None}


@_type
@requirement("RFC7644-3.4.2-01")
def test_one_resource_is_queried(queried: Evidence, verdict: Remarks) -> None:
    """A read of one resource takes a filter into account."""
    exchange = queried["fetched with filter"]
    assert exchange.status in {200, 400, 403, 404}
    if exchange.ok and "totalResults" not in exchange.resource:
        verdict.note("the tenant ignores a filter on a single resource")
    else:
        verdict.note(f"the tenant answers a filter that is false for the resource with {exchange.status}")


@_type
@requirement("RFC7644-3.4.2-16")
def test_list_includes_what_was_created(queried: Evidence, verdict: Remarks) -> None:
    """A list of all resources includes those that were created before."""
    total = _listed(queried, "look", verdict).resource.get("totalResults")
    if total != len(queried.look.resources):
        verdict.not_applicable("the tenant holds more than it lists at once")
    assert set(_OURS) <= set(found(queried.look, queried, _OURS)), "a resource that was created is not in the list"


@_type
@requirement("RFC7644-3.4.2-17")
def test_list_shows_resources_as_a_read_does(queried: Evidence, verdict: Remarks) -> None:
    """A resource in a list has the attributes and values that a read of it has."""
    read = queried.fetched.resource
    shown = [r for r in _listed(queried, "ours", verdict).resources if r.get("id") == read.get("id")]
    assert shown == [read]


@_type
@requirement("RFC7644-3.4.2-18")
def test_list_holds_one_type(queried: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A list at the endpoint of a resource type holds resources of that type only."""
    resources = _listed(queried, "look", verdict).resources
    metas = [meta for meta in (r.get("meta") for r in resources) if isinstance(meta, dict)]
    types = {str(meta["resourceType"]) for meta in metas if "resourceType" in meta}
    assert len(types) <= 1, f"the list of {resource_type.endpoint} mixes {sorted(types)}"


@_type
@requirement("RFC7644-3.4.2-19")
def test_resource_occurs_once(queried: Evidence, service: Service, verdict: Remarks) -> None:
    """No resource occurs twice in the pages of a list."""
    pages = _both_pages(queried, service, verdict)
    ids = [i for page in pages for i in _ids(page)]
    assert len(set(map(str, ids))) == len(ids), "a resource is on both pages"


@_type
@requirement("RFC7644-3.4.2.2-04")
def test_pages_reach_every_match(queried: Evidence, service: Service, verdict: Remarks) -> None:
    """The pages of a filtered list together hold every resource that matches."""
    pages = [found(page, queried, _OURS) for page in _both_pages(queried, service, verdict)]
    assert sorted({name for page in pages for name in page}) == list(_OURS)


@requirement("RFC7644-3.4.2-03")
def test_root_is_queried(queried_root: Evidence, verdict: Remarks) -> None:
    """The tenant answers queries at its root."""
    offered = lists(queried_root.offered)
    verdict.note(f"the tenant {'answers' if offered else 'does not answer'} queries at its root")


@requirement("RFC7644-3.4.2.1-01")
def test_root_holds_every_type(queried_root: Evidence, verdict: Remarks) -> None:
    """A query at the root finds resources of every type."""
    assert _at_root(queried_root, "both", verdict) == ["group", "user"]


@requirement("RFC7644-3.4.2.1-02")
def test_root_is_filtered_by_type(queried_root: Evidence, verdict: Remarks) -> None:
    """A filter on meta.resourceType at the root limits the result to that type."""
    assert _at_root(queried_root, "users", verdict) == ["user"]


@requirement("RFC7644-3.4.2.1-05")
def test_root_filter_may_be_foreign_to_a_type(queried_root: Evidence, verdict: Remarks) -> None:
    """A filter at the root on an attribute of one type is no error and finds no resource of another."""
    assert _at_root(queried_root, "named so", verdict) == ["user"]


@requirement("RFC7644-3.4.2.1-06")
def test_root_filter_sees_no_foreign_value(queried_root: Evidence, verdict: Remarks) -> None:
    """The operator pr at the root is false for resources whose type does not have the attribute."""
    assert _at_root(queried_root, "with user name", verdict) == ["user"]


def _at_root(queried_root: Evidence, name: str, verdict: Remarks) -> list[str]:
    if not lists(queried_root.offered):
        verdict.not_applicable("the tenant does not offer queries at its root")
    if name != "named so" and declined(queried_root[name]):
        verdict.not_applicable("the tenant declines the filter that would keep the list short")
    return found(queried_root[name], queried_root, ("user", "group"))


@requirement("RFC7644-3.4.2.2-01")
def test_filtering_is_offered(discovery: Evidence, verdict: Remarks) -> None:
    """The tenant declares that it offers filtering."""
    assert discovery.config.status == 200
    declared = discovery.config.resource.get("filter")
    supported = declared.get("supported") if isinstance(declared, dict) else None
    verdict.note(f"the tenant declares filter.supported {supported}")


@_type
@requirement("RFC7644-3.4.2.2-02")
def test_filter_is_not_ignored(queried: Evidence) -> None:
    """A tenant without filtering refuses a query with a filter and does not answer with everybody."""
    if not queried.nobody.refused:
        assert queried.nobody.resources == [], "the tenant returns resources that do not match"
