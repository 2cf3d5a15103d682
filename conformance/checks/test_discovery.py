"""The discovery endpoints: what they answer, what they ignore and what they refuse (RFC 7644 §4, §3.2, §3.13)."""

import json
import re
from typing import Any

import pytest

from conformance.checks import discovered, given
from conformance.checks.declare import for_types, requirement
from conformance.checks.verdict import Remarks
from conformance.probes.discovery import ENDPOINTS
from conformance.probes.evidence import Evidence
from conformance.spec.messages import LIST_RESPONSE
from conformance.spec.paths import lookup
from conformance.spec.schema import ResourceType

LISTS = ("schemas", "resource_types")
KEYS = {"schemas": "id", "resource_types": "name"}

each_list = pytest.mark.parametrize("listed", LISTS)


@requirement("RFC7644-4-01")
def test_service_provider_config_is_served_as_one_object(discovery: Evidence) -> None:
    """GET /ServiceProviderConfig answers 200 with one JSON object."""
    assert discovery.config.status == 200
    assert "Resources" not in discovery.config.resource, "the configuration came as a list"


@each_list
@requirement(lambda listed: {"schemas": "RFC7644-4-03", "resource_types": "RFC7644-4-09"}[listed])
def test_discovery_answers_with_a_list_response(discovery: Evidence, listed: str) -> None:
    """GET /Schemas and GET /ResourceTypes answer 200 with a ListResponse."""
    exchange = discovery[listed]
    assert exchange.status == 200
    assert LIST_RESPONSE in discovered.named(exchange.resource)
    assert exchange.resources != [], "the list is empty"


@each_list
@requirement("RFC7644-4-12")
def test_total_results_counts_the_list(discovery: Evidence, listed: str) -> None:
    """The totalResults of a discovery list is the number of its entries."""
    found = discovered.entries(discovery[listed])
    assert discovery[listed].resource.get("totalResults") == len(found)


@each_list
@requirement("RFC7644-4-13")
def test_paging_has_no_effect_on_discovery(discovery: Evidence, discovery_queries: Evidence, listed: str) -> None:
    """Paging by startIndex and count changes nothing in the lists at /Schemas and /ResourceTypes."""
    everything = _keys(discovered.entries(discovery[listed]), listed)
    paged = discovery_queries[f"paged_{listed}"]
    assert paged.status == 200
    assert _keys(paged.resources, listed) == everything, "startIndex=2 and count=1 changed the list"


@each_list
@requirement("RFC7644-4-14")
def test_sorting_has_no_effect_on_discovery(
    discovery: Evidence, discovery_queries: Evidence, discovery_parts: Evidence, listed: str
) -> None:
    """Sorting by sortBy and sortOrder changes nothing in the lists at /Schemas and /ResourceTypes, and is no error."""
    plain = _order(discovered.entries(discovery[listed]), listed)
    ordered = discovery_parts[f"sorted_{listed}"]
    assert ordered.status == 200
    found = _order(ordered.resources, listed)
    assert sorted(found) == sorted(plain), "sortBy changed what the list holds"
    paged = discovery_queries[f"paged_{listed}"]
    steady = paged.ok and _order(paged.resources, listed) == plain
    if steady and found == sorted(plain, key=str.lower, reverse="descending" in ordered.request.url):
        assert found == plain, "the list came in the order that sortBy and sortOrder asked for"


@each_list
@requirement("RFC7644-4-13")
def test_a_filter_does_not_shorten_a_discovery_list(
    discovery: Evidence, discovery_queries: Evidence, listed: str
) -> None:
    """A filter on a discovery list is refused or ignored, never applied."""
    filtered = discovery_queries[f"filtered_{listed}"]
    if filtered.ok:
        everything = _keys(discovered.entries(discovery[listed]), listed)
        assert _keys(filtered.resources, listed) == everything, "the filter was applied, neither refused nor ignored"


@pytest.mark.parametrize("document", [*LISTS, "config"])
@requirement(
    lambda document: {
        "schemas": "RFC7644-4-15",
        "resource_types": "RFC7644-4-16",
        "config": "RFC7644-4-17",
    }[document]
)
def test_a_filter_on_discovery_is_answered_with_403(
    discovery: Evidence, discovery_queries: Evidence, document: str
) -> None:
    """A filter on a discovery endpoint is answered with 403 Forbidden."""
    given.done(discovery[document])
    assert discovery_queries[f"filtered_{document}"].status == 403


@requirement("RFC7643-5-21")
def test_authentication_schemes_can_be_read_without_credentials(
    discovery: Evidence, discovery_queries: Evidence, verdict: Remarks
) -> None:
    """A client that has no credentials yet can read authenticationSchemes."""
    if not discovered.config(discovery).get("authenticationSchemes"):
        verdict.not_applicable("the tenant shows no authenticationSchemes with credentials either")
    anonymous = discovery_queries.anonymous
    assert anonymous.status == 200
    assert anonymous.resource.get("authenticationSchemes"), "authenticationSchemes is missing"


@requirement("RFC7644-4-05")
def test_each_schema_can_be_fetched_by_its_urn(discovery: Evidence, discovery_parts: Evidence) -> None:
    """GET /Schemas/{urn} returns that schema as one JSON object."""
    given.done(discovery.schemas)
    for exchange in discovery_parts.named("schema:"):
        assert exchange.status == 200
        assert exchange.resource.get("id") == exchange.name.partition(":")[2]


@requirement("RFC7644-4-06", "RFC7643-7-42")
def test_a_schema_equals_its_entry_in_the_list(discovery: Evidence, discovery_parts: Evidence) -> None:
    """A schema is the same and whole, with all its attributes, in the list and fetched by its URN."""
    for served in discovered.schemas(discovery):
        name = f"schema:{served.get('id')}"
        alone = discovery_parts[name].resource if name in discovery_parts and discovery_parts[name].ok else {}
        if alone and alone.get("id") == served.get("id"):
            differing = sorted(
                key for key in {*served, *alone} - {"meta"} if _steady(served.get(key)) != _steady(alone.get(key))
            )
            assert differing == [], f"{served.get('id')} fetched by itself differs from its entry in the list"


@requirement("RFC7644-4-07")
def test_the_colons_of_a_urn_may_be_encoded(discovery_parts: Evidence) -> None:
    """A schema is found whether or not the colons of its URN are percent-encoded."""
    encoded = discovery_parts.named("encoded:")[0]
    given.done(discovery_parts[f"schema:{encoded.name.partition(':')[2]}"])
    assert encoded.status == 200


@requirement("RFC7644-4-10")
def test_each_resource_type_can_be_fetched_by_itself(discovery: Evidence, discovery_parts: Evidence) -> None:
    """GET /ResourceTypes/{id} returns that resource type as one JSON object."""
    given.done(discovery.resource_types)
    for exchange in discovery_parts.named("resource_type:"):
        assert exchange.status == 200
        assert exchange.name.partition(":")[2] in (exchange.resource.get("id"), exchange.resource.get("name"))


@pytest.mark.parametrize("missing", ["unknown_schema", "unknown_resource_type"])
@requirement(lambda missing: {"unknown_schema": "RFC7644-4-08", "unknown_resource_type": "RFC7644-4-11"}[missing])
def test_what_is_not_served_answers_404(discovery_parts: Evidence, missing: str) -> None:
    """GET for a schema or resource type that does not exist answers 404."""
    assert discovery_parts[missing].status == 404


@requirement("RFC7644-3.1-05")
def test_message_schemas_are_not_served(discovery: Evidence, discovery_parts: Evidence) -> None:
    """/Schemas neither lists nor serves the schemas of protocol messages."""
    listed = sorted(i for i in discovered.schema_ids(discovery) if i.lower().startswith("urn:ietf:params:scim:api:"))
    assert listed == [], "message schemas are listed at /Schemas"
    asked = discovery_parts.message_schema
    assert not (asked.ok and asked.resource.get("id") == LIST_RESPONSE), "/Schemas serves a message schema"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.strip("/"))
@requirement(
    lambda endpoint: {
        "/Schemas": ["RFC7643-7-02", "RFC7644-4-18"],
        "/ResourceTypes": ["RFC7643-6-02", "RFC7644-4-18"],
        "/ServiceProviderConfig": ["RFC7643-5-02", "RFC7644-4-18"],
    }[endpoint]
)
def test_discovery_endpoints_refuse_changes(discovery_writes: Evidence, endpoint: str) -> None:
    """Below the discovery endpoints PUT, PATCH and DELETE are refused."""
    for exchange in discovery_writes:
        if exchange.name.endswith(endpoint):
            answer = f"{exchange.request.method} below {endpoint} was answered with {exchange.status}, not refused"
            assert exchange.refused, answer


@pytest.mark.parametrize("document", ["config", *LISTS])
@requirement(
    lambda document: {"config": "RFC7643-8.5-01", "resource_types": "RFC7643-8.6-01", "schemas": "RFC7643-8.7-01"}[
        document
    ]
)
def test_discovery_documents_carry_working_meta(
    discovery: Evidence, discovery_parts: Evidence, document: str, verdict: Remarks
) -> None:
    """Each discovery document has a meta with its resourceType and a location at which it is served."""
    kind = {"config": "ServiceProviderConfig", "resource_types": "ResourceType", "schemas": "Schema"}[document]
    answered = [discovered.path_of(e.request.url) for e in (*discovery_parts, discovery.config) if e.ok]
    found = [discovered.config(discovery)] if document == "config" else discovered.entries(discovery[document])
    home = discovered.origin(discovered.base(discovery).base)
    for served in found:
        assert lookup(served, "meta.resourceType") == kind
        location = lookup(served, "meta.location")
        assert isinstance(location, str), "meta.location is missing"
        if document == "schemas" and not discovered.text(served, "id"):
            continue  # without its id it was not asked for
        url = discovered.locations(discovery).get(location, location)
        assert discovered.path_of(url) in answered, f"meta.location {location} leads to nothing that was served"
        if not discovered.origin(location):
            verdict.warn(f"the meta.location {location} is relative, which some clients cannot follow")
        elif discovered.origin(url) != home:
            verdict.warn(f"the meta.location {location} is of another origin than the Tenant URL")


@requirement("RFC7644-1.3-01")
def test_issued_uris_have_no_query(discovery: Evidence, verdict: Remarks) -> None:
    """The URIs that the tenant issues carry no query string."""
    issued = discovered.locations(discovery)
    if not issued:
        verdict.not_applicable("the discovery documents have no meta.location to look at")
    assert [location for location in issued if "?" in location] == [], "locations have a query"


@requirement("RFC7644-1.3-02")
def test_issued_uris_keep_the_base_path(discovery: Evidence, verdict: Remarks) -> None:
    """The URIs that the tenant issues stand below the path of the Tenant URL."""
    issued = discovered.locations(discovery)
    if not issued:
        verdict.not_applicable("the discovery documents have no meta.location to look at")
    prefix = f"{discovered.base(discovery).path}/"
    outside = [location for location, url in issued.items() if not discovered.path_of(url).startswith(prefix)]
    assert outside == [], f"locations are not below {prefix}"


@requirement("RFC7644-3.13-01")
def test_version_in_the_base_url_is_reported(discovery: Evidence, verdict: Remarks) -> None:
    """The base URL may end in a version segment; the report says whether it does."""
    last = discovered.base(discovery).path.rpartition("/")[2]
    verdict.note(
        f"the base URL ends in the version {last}"
        if re.fullmatch(r"v\d+", last)
        else "the base URL has no version segment at its end"
    )


@requirement("RFC7644-3.13-02")
def test_version_segment_stands_before_the_endpoints(discovery: Evidence, verdict: Remarks) -> None:
    """A version segment is "v" and the number, immediately before the resource endpoints."""
    segments = discovered.base(discovery).path.split("/")
    if not any(re.fullmatch(r"v?2(\.0)?", segment, re.IGNORECASE) for segment in segments):
        verdict.not_applicable("the base URL has no version segment")
    assert segments[-1] == "v2"


@for_types("User")
@requirement("RFC7644-3.2-01")
def test_users_are_served_at_users(discovery: Evidence, discovery_parts: Evidence, resource_type: ResourceType) -> None:
    """User resources are served at /Users."""
    assert resource_type.endpoint.removeprefix(discovered.base(discovery).path) == "/Users"
    assert discovery_parts[f"endpoint:{resource_type.name}"].status != 404


@for_types("Group")
@requirement("RFC7644-3.2-02")
def test_groups_are_served_at_groups(
    discovery: Evidence, discovery_parts: Evidence, resource_type: ResourceType
) -> None:
    """Group resources are served at /Groups."""
    assert resource_type.endpoint.removeprefix(discovered.base(discovery).path) == "/Groups"
    if resource_type.endpoint == "/Groups":
        assert discovery_parts[f"endpoint:{resource_type.name}"].status != 404


@requirement("RFC7644-3.2-03")
def test_endpoints_of_further_types_are_their_plural(resource_type: ResourceType, verdict: Remarks) -> None:
    """The endpoint of a further resource type is its name with an s."""
    if resource_type.name in {"User", "Group"}:
        verdict.not_applicable("the RFC names the endpoints of User and Group itself")
    assert resource_type.endpoint == f"/{resource_type.name}s"


@requirement("RFC7644-4-20", "RFC7643-6-08")
def test_each_listed_endpoint_answers(discovery_parts: Evidence, resource_type: ResourceType) -> None:
    """The endpoint of each resource type is there: a GET is answered, and not with 404."""
    exchange = discovery_parts[f"endpoint:{resource_type.name}"]
    assert exchange.status != 404
    assert exchange.status < 500


def _keys(listed: list[dict[str, Any]], kind: str) -> set[str]:
    return {str(entry.get(KEYS[kind])) for entry in listed}


def _order(listed: list[dict[str, Any]], kind: str) -> list[str]:
    return [str(entry.get(KEYS[kind])) for entry in listed]


def _steady(value: object) -> str:
    """Return a value so that arrays in another order look the same, since their order carries no meaning."""
    if isinstance(value, dict):
        return json.dumps({key: _steady(item) for key, item in value.items()}, sort_keys=True)
    return json.dumps(sorted(map(_steady, value)) if isinstance(value, list) else value)
