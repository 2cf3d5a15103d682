"""What ServiceProviderConfig says (RFC 7643 §5, RFC 9865 §4, RFC 9967 §4); whether it is true is test_features."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.checks import discovered
from conformance.checks.declare import requirement
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.spec.paths import lookup
from conformance.spec.schema import SERVICE_PROVIDER_CONFIG

FEATURES = {
    # the object, and its flag
    "patch": ("RFC7643-5-05", "RFC7643-5-06"),
    "bulk": ("RFC7643-5-07", "RFC7643-5-08"),
    "filter": ("RFC7643-5-09", "RFC7643-5-10"),
    "changePassword": ("RFC7643-5-11", "RFC7643-5-12"),
    "sort": ("RFC7643-5-13", "RFC7643-5-14"),
    "etag": ("RFC7643-5-15", "RFC7643-5-16"),
}
LIMITS = {
    "bulk.maxOperations": "RFC7643-5-17",
    "bulk.maxPayloadSize": "RFC7643-5-18",
    "filter.maxResults": "RFC7643-5-19",
}
SIZES = {
    "defaultPageSize": "RFC9865-4-06",
    "maxPageSize": "RFC9865-4-07",
    "cursorTimeout": "RFC9865-4-08",
}
INTEGERS = {*SIZES, "maxOperations", "maxPayloadSize", "maxResults", "totalResults", "itemsPerPage", "startIndex"}
SCHEME_TYPES = {"oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"}

each_feature = pytest.mark.parametrize("feature", FEATURES)


@requirement("RFC7643-5-01", "RFC7644-4-02")
def test_config_names_its_schema(discovery: Evidence) -> None:
    """ServiceProviderConfig has the URI of its schema in schemas."""
    assert SERVICE_PROVIDER_CONFIG in discovered.named(discovered.config(discovery))


@requirement("RFC7643-5-03")
def test_id_of_config_is_reported(discovery: Evidence, verdict: Remarks) -> None:
    """ServiceProviderConfig may lack an id; the report says whether it has one."""
    identifier = discovered.config(discovery).get("id")
    verdict.note(
        f"ServiceProviderConfig has the id {identifier!r}" if identifier else "ServiceProviderConfig has no id"
    )


@each_feature
@requirement(lambda feature: FEATURES[feature][0])
def test_config_has_each_feature_as_an_object(discovery: Evidence, feature: str) -> None:
    """Each feature stands in ServiceProviderConfig as a JSON object."""
    assert type(discovered.config(discovery).get(feature)) is dict, f"{feature} is missing or no object"


@each_feature
@requirement(lambda feature: FEATURES[feature][1])
def test_config_says_whether_each_feature_is_supported(discovery: Evidence, feature: str) -> None:
    """Supported of each feature is true or false."""
    assert lookup(discovered.config(discovery), f"{feature}.supported") in (True, False)
    assert type(lookup(discovered.config(discovery), f"{feature}.supported")) is bool, "supported is no JSON boolean"


@pytest.mark.parametrize("limit", LIMITS)
@requirement(lambda limit: LIMITS[limit])
def test_config_states_each_limit(discovery: Evidence, limit: str) -> None:
    """Each limit is stated as an integer that is not negative, even where the feature is not supported."""
    value = lookup(discovered.config(discovery), limit)
    assert type(value) is int, f"{limit} is missing or no integer"
    assert value >= 0


@pytest.mark.parametrize("name", ["config", "nobody"])
@requirement("RFC7643-2.3.4-01")
def test_integers_are_written_without_fractions(discovery: Evidence, name: str) -> None:
    """The limits in ServiceProviderConfig and the counts of a list have neither a decimal point nor an exponent."""
    exchange = discovery[name]
    fractions: list[str] = []

    def look(members: list[tuple[str, Any]]) -> None:
        fractions.extend(key for key, value in members if key in INTEGERS and isinstance(value, float))

    assert isinstance(exchange.json, dict), "the body is no JSON object"
    json.loads(exchange.answered.body, object_pairs_hook=look)
    assert fractions == []


@requirement("RFC7643-5-04")
def test_documentation_uri_is_a_web_address(discovery: Evidence, verdict: Remarks) -> None:
    """documentationUri, where present, is an absolute HTTP or HTTPS URL."""
    value = discovered.config(discovery).get("documentationUri")
    if not value:
        verdict.not_applicable("the tenant states no documentationUri")
    assert _is_web_address(value), f"documentationUri is {value!r}"


@requirement("RFC7643-5-20")
def test_authentication_schemes_are_listed(discovery: Evidence, discovery_queries: Evidence, verdict: Remarks) -> None:
    """The attribute authenticationSchemes is an array with at least one entry."""
    listed = discovered.config(discovery).get("authenticationSchemes")
    assert isinstance(listed, list), "authenticationSchemes is missing or no array"
    if not listed and discovery_queries.anonymous.ok:
        verdict.warn("authenticationSchemes is empty")
    else:
        assert listed != [], "authenticationSchemes is empty, yet the tenant demands credentials"
    assert [entry for entry in listed if not isinstance(entry, dict)] == [], "entries are no objects"


@requirement("RFC7643-5-22")
def test_each_authentication_scheme_has_a_type(discovery: Evidence, verdict: Remarks) -> None:
    """Each authentication scheme has a type, one of the five that the RFC defines."""
    for scheme in _schemes(discovery, verdict):
        kind = scheme.get("type")
        assert isinstance(kind, str), "type is missing or no text"
        assert kind != ""
        if kind not in SCHEME_TYPES:
            verdict.warn(f"the authentication scheme type {kind!r} is none of {', '.join(sorted(SCHEME_TYPES))}")


@pytest.mark.parametrize("key", ["name", "description"])
@requirement(lambda key: {"name": "RFC7643-5-23", "description": "RFC7643-5-24"}[key])
def test_each_authentication_scheme_is_described(discovery: Evidence, key: str, verdict: Remarks) -> None:
    """Each authentication scheme has a name and a description."""
    for scheme in _schemes(discovery, verdict):
        value = scheme.get(key)
        assert isinstance(value, str), f"{key} is missing or no text"
        assert value != ""


@requirement("RFC7643-5-25")
def test_addresses_of_authentication_schemes_are_web_addresses(discovery: Evidence, verdict: Remarks) -> None:
    """The specUri and documentationUri of authentication schemes, where present, are absolute HTTP or HTTPS URLs."""
    given = [s[key] for s in _schemes(discovery, verdict) for key in ("specUri", "documentationUri") if s.get(key)]
    if not given:
        verdict.not_applicable("the authentication schemes state no addresses")
    assert [value for value in given if not _is_web_address(value)] == [], "no absolute HTTP or HTTPS URLs"


@pytest.mark.parametrize("flag", ["cursor", "index"])
@requirement(lambda flag: {"cursor": "RFC9865-4-02", "index": "RFC9865-4-03"}[flag])
def test_pagination_says_which_methods_it_has(discovery: Evidence, flag: str, verdict: Remarks) -> None:
    """pagination, where present, says true or false for cursor and for index."""
    value = pagination(discovery, verdict).get(flag)
    assert isinstance(value, bool), f"pagination.{flag} is missing or no JSON boolean"


@requirement("RFC9865-4-04")
def test_default_pagination_method_is_one_that_is_offered(discovery: Evidence, verdict: Remarks) -> None:
    """defaultPaginationMethod, where present, is "cursor" or "index", and that method's flag is true."""
    stated = pagination(discovery, verdict)
    method = stated.get("defaultPaginationMethod")
    if method is None:
        verdict.not_applicable("the tenant states no defaultPaginationMethod")
    assert method in ("cursor", "index")
    assert stated.get(method) is not False, f"the default method {method} is not offered"


@pytest.mark.parametrize("size", SIZES)
@requirement(lambda size: SIZES[size])
def test_pagination_limits_are_positive_integers(discovery: Evidence, size: str, verdict: Remarks) -> None:
    """The sizes and the timeout in pagination, where present, are positive integers."""
    value = pagination(discovery, verdict).get(size)
    if value is None:
        verdict.not_applicable(f"the tenant states no {size}")
    assert type(value) is int, f"{size} is no integer"
    assert value > 0


@requirement("RFC9967-4-01")
def test_security_events_is_an_object(discovery: Evidence) -> None:
    """The attribute securityEvents is absent or a JSON object."""
    assert isinstance(discovered.config(discovery).get("securityEvents", {}), dict), "securityEvents is no object"


@requirement("RFC9967-4-02")
def test_async_request_is_a_known_keyword(discovery: Evidence, verdict: Remarks) -> None:
    """securityEvents.asyncRequest is "none", "long" or "request", in any letter case."""
    value = _security_events(discovery, verdict).get("asyncRequest")
    assert isinstance(value, str), "asyncRequest is missing or no text"
    assert value.lower() in ("none", "long", "request")


@requirement("RFC9967-4-03")
def test_event_uris_are_texts(discovery: Evidence, verdict: Remarks) -> None:
    """securityEvents.eventUris is an array of URIs."""
    value = _security_events(discovery, verdict).get("eventUris")
    assert isinstance(value, list), "eventUris is missing or no array"
    assert [uri for uri in value if not (isinstance(uri, str) and ":" in uri)] == [], (
        "eventUris has entries that are no URI"
    )


def pagination(discovery: Evidence, verdict: Remarks) -> dict[str, Any]:
    """Return the pagination object; there is nothing to judge where the tenant has none."""
    stated = discovered.config(discovery).get("pagination")
    if stated is None:
        verdict.not_applicable("the tenant's ServiceProviderConfig has no pagination")
    assert isinstance(stated, dict), "pagination is no object"
    return stated


def _security_events(discovery: Evidence, verdict: Remarks) -> dict[str, Any]:
    stated = discovered.config(discovery).get("securityEvents")
    if not isinstance(stated, dict):
        verdict.not_applicable("the tenant's ServiceProviderConfig has no securityEvents")
    return stated


def _schemes(discovery: Evidence, verdict: Remarks) -> Iterator[dict[str, Any]]:
    listed = discovered.objects(discovered.config(discovery).get("authenticationSchemes"))
    if not listed:
        verdict.not_applicable("there is no authentication scheme to look at")
    yield from listed


def _is_web_address(value: object) -> bool:
    return isinstance(value, str) and discovered.origin(value).startswith(("http://", "https://"))
