"""The attributes that every resource has: schemas, id, meta (RFC 7643 §3, §3.1, §3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import asked, body, done, listed
from conformance.checks.verdict import NotApplicable
from conformance.spec.formats import is_date_time
from conformance.spec.paths import lookup
from conformance.spec.values import instant, unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

_NO_PATCH = "the tenant does not offer PATCH"
_ANSWERS = ["created", "fetched", "replaced", "patched", "listed", "searched"]
in_every_answer = pytest.mark.parametrize("answer", _ANSWERS)


@in_every_answer
@requirement("RFC7643-3-03", "RFC7643-2.1-04")
def test_resource_has_schemas(shown: Evidence, answer: str) -> None:
    """Every resource in an answer, alone or inside a list, has schemas."""
    assert "schemas" in _resource(shown, answer), "the resource has no schemas"


@in_every_answer
@requirement("RFC7643-3-04")
def test_schemas_is_an_array_of_uris(shown: Evidence, answer: str) -> None:
    """The value of schemas is an array of strings that hold URIs."""
    resource = _resource(shown, answer)
    if "schemas" not in resource:
        raise NotApplicable("the resource has no schemas, which another check judges")
    schemas = resource["schemas"]
    assert isinstance(schemas, list), "schemas is not an array"
    assert [s for s in schemas if not isinstance(s, str) or ":" not in s] == [], (
        "schemas holds something else than URIs"
    )


@in_every_answer
@requirement("RFC7643-3-05")
def test_schemas_is_not_empty(shown: Evidence, answer: str) -> None:
    """The schemas of a resource has at least one element."""
    assert _schemas(shown, answer) != []


@in_every_answer
@requirement("RFC7643-3-06")
def test_schemas_lists_no_uri_twice(shown: Evidence, answer: str) -> None:
    """No URI occurs twice in the schemas of a resource."""
    schemas = _schemas(shown, answer)
    assert sorted(schemas) == sorted(set(schemas))


@in_every_answer
@requirement("RFC7643-3-07")
def test_schemas_lists_declared_uris_only(shown: Evidence, resource_type: ResourceType, answer: str) -> None:
    """The schemas of a resource holds only URIs that its resource type declares."""
    declared = {resource_type.schema.id, *(e.schema.id for e in resource_type.extensions)}
    assert [s for s in _schemas(shown, answer) if s not in declared] == [], f"declared are {sorted(declared)}"


@in_every_answer
@requirement("RFC7643-3-13", "RFC7643-3.3-01")
def test_schemas_lists_the_base_schema(shown: Evidence, resource_type: ResourceType, answer: str) -> None:
    """The schemas of a resource holds the URI that its resource type states as schema."""
    assert resource_type.schema.id in _schemas(shown, answer)


@for_types("User", "Group")
@requirement(lambda resource_type: "RFC7643-4.1-01" if resource_type.name == "User" else "RFC7643-4.2-01")
def test_user_and_group_have_the_uris_of_the_rfc(shown: Evidence, resource_type: ResourceType) -> None:
    """User and Group resources carry the schema URIs of the RFC."""
    assert f"urn:ietf:params:scim:schemas:core:2.0:{resource_type.name}" in _schemas(shown, "fetched")


@in_every_answer
@requirement("RFC7643-3-12")
def test_base_attributes_stand_at_the_top(shown: Evidence, resource_type: ResourceType, answer: str) -> None:
    """Attributes of the base schema stand at the top level, not in a container named by the schema URI."""
    assert resource_type.schema.id not in _resource(shown, answer)


@in_every_answer
@requirement("RFC7643-3.1-05", "RFC7643-3.1-06", "RFC7643-3-11", "RFC7643-3.1-01")
def test_id_is_a_text(shown: Evidence, answer: str) -> None:
    """The id is in every answer and is a string that is not empty."""
    identifier = _resource(shown, answer).get("id")
    assert isinstance(identifier, str), "the resource has no id that is a string"
    assert identifier != ""


@requirement("RFC7643-3.1-14", "RFC7643-3.1-06")
@pytest.mark.parametrize("name", ["named", "excluding"])
def test_id_is_in_partial_answers(shown: Evidence, name: str) -> None:
    """The id is returned even if attributes does not name it or excludedAttributes does."""
    assert _resource(shown, "fetched").get("id") == done(shown[name]).resource.get("id")


@requirement("RFC7643-3.1-08")
@pytest.mark.parametrize("answer", _ANSWERS[1:])
def test_id_stays_the_same(shown: Evidence, answer: str) -> None:
    """A resource keeps its id over reads, replaces and patches."""
    identifier = _resource(shown, answer).get("id")
    if not identifier:
        raise NotApplicable("the answer has no id, which another check judges")
    assert identifier == _resource(shown, "fetched").get("id")


@requirement("RFC7643-3.1-08")
def test_id_stays_the_same_under_another_name(replaced: Evidence) -> None:
    """A resource keeps its id when its name changes."""
    done(replaced.replaced)
    assert done(replaced.after).resource.get("id") == done(replaced.before).resource.get("id")


@requirement("RFC7643-3.1-11")
def test_id_is_not_bulk_id(shown: Evidence) -> None:
    """No id contains the word bulkId."""
    assert "bulkid" not in str(_resource(shown, "fetched").get("id")).lower(), "the id contains bulkId"


@for_types("User")
@requirement("RFC7643-3.1-07")
def test_ids_are_unique_over_types(claiming: Evidence) -> None:
    """A User and a Group never share an id."""
    group = done(asked(claiming, "group", "the tenant does not serve both User and Group")).resource
    assert group.get("id") != done(claiming.with_id).resource.get("id")


@requirement("RFC7643-3.1-13")
def test_id_cannot_be_patched(shown: Evidence) -> None:
    """A PATCH of id does not change it."""
    asked(shown, "patched_id", _NO_PATCH)
    assert done(shown.last).resource.get("id") == _resource(shown, "fetched").get("id")


@requirement("RFC7643-3.1-34")
def test_meta_cannot_be_patched(shown: Evidence) -> None:
    """A PATCH of meta.created does not change it."""
    asked(shown, "patched_meta", _NO_PATCH)
    assert lookup(done(shown.last).resource, "meta.created") != _patched_to(shown.patched_meta)


@requirement("RFC7643-7-24")
@pytest.mark.parametrize(("name", "path"), [("patched_id", "id"), ("patched_meta", "meta.created")])
def test_patch_of_a_read_only_attribute_is_refused(shown: Evidence, name: str, path: str, verdict: Remarks) -> None:
    """A PATCH whose path is a readOnly attribute is refused and never applied."""
    exchange = asked(shown, name, _NO_PATCH)
    if exchange.ok:
        verdict.warn("the tenant answers success to a PATCH of a readOnly attribute that it does not apply")
    assert lookup(done(shown.last).resource, path) != _patched_to(exchange)


@in_every_answer
@requirement("RFC7643-3.1-23", "RFC7643-3-11", "RFC7643-3.1-01")
def test_resource_has_meta(shown: Evidence, answer: str) -> None:
    """The meta attribute is in answers to requests without projection."""
    meta = _resource(shown, answer).get("meta")
    assert isinstance(meta, dict), "the resource has no meta object"
    assert meta != {}


@in_every_answer
@requirement("RFC7643-3.1-24", "RFC7643-3-02")
def test_meta_resource_type_is_the_name(shown: Evidence, resource_type: ResourceType, answer: str) -> None:
    """The resourceType in meta is exactly the name of the resource type."""
    assert lookup(_meta(shown, answer), "resourceType") == resource_type.name


@in_every_answer
@requirement("RFC7643-3.1-25", "RFC7643-2.3.5-01", "RFC7643-2.3.5-02", "RFC7643-2.3.5-03")
def test_meta_dates_are_date_times(shown: Evidence, answer: str) -> None:
    """The dates in meta, where served, are valid DateTimes."""
    meta = _meta(shown, answer)
    dates = [meta[name] for name in ("created", "lastModified") if not unassigned(meta.get(name))]
    assert [d for d in dates if not isinstance(d, str) or not is_date_time(d)] == []


@requirement("RFC7643-3.1-26", "RFC7644-3.5.1-20")
@pytest.mark.parametrize("answer", ["replaced", "patched", "listed"])
def test_created_stays_the_same(shown: Evidence, answer: str) -> None:
    """The creation date stays the same over later changes."""
    first, later = (lookup(_resource(shown, name), "meta.created") for name in ("fetched", answer))
    if instant(first) is None or instant(later) is None:
        raise NotApplicable("the tenant serves no meta.created, or no DateTime, which another check judges")
    assert instant(later) == instant(first)


@requirement("RFC7643-3.1-27", "RFC7644-3.5.1-20")
def test_last_modified_moves_on(shown: Evidence) -> None:
    """After a PUT that changes something meta.lastModified is later than before."""
    before, after = (lookup(done(shown[n]).resource, "meta.lastModified") for n in ("fetched", "after_replace"))
    done(shown.replaced)
    if before is None:
        raise NotApplicable("the tenant serves no meta.lastModified")
    earlier, later = instant(before), instant(after)
    assert earlier is not None, f"meta.lastModified is no DateTime: {before}"
    assert later is not None, f"meta.lastModified is no DateTime: {after}"
    assert later > earlier


@requirement("RFC7643-3.1-28")
def test_last_modified_of_a_new_resource_is_created(shown: Evidence) -> None:
    """On a resource that was never changed, meta.lastModified and meta.created are equal."""
    resource = _resource(shown, "fetched")
    first, last = lookup(resource, "meta.created"), lookup(resource, "meta.lastModified")
    if first is None or last is None:
        raise NotApplicable("the tenant serves only one of the two")
    assert instant(last) == instant(first)


@requirement("RFC7644-3.5.1-21")
def test_version_changes_with_the_resource(shown: Evidence) -> None:
    """After a PUT that changes something the resource has another version than before."""
    done(shown.replaced)
    before, after = (done(shown[name]).header("etag") for name in ("fetched", "after_replace"))
    if before is None:
        raise NotApplicable("a read sends no ETag, which another check judges")
    assert after != before


@requirement("RFC7643-3-03")
@pytest.mark.parametrize("document", ["config", "resource_types", "schemas"])
def test_discovery_documents_have_schemas(discovery: Evidence, document: str) -> None:
    """The entries of the discovery endpoints have schemas like any resource."""
    exchange = done(discovery[document])
    entries = [exchange.resource] if document == "config" else exchange.resources
    assert [e.get("id") or e.get("name") for e in entries if unassigned(e.get("schemas"))] == []


def _resource(shown: Evidence, answer: str) -> dict[str, Any]:
    """Return the resource from an answer, taken out of its list where it came in one."""
    exchange = asked(shown, answer, _NO_PATCH)
    if answer not in {"listed", "searched"}:
        return body(exchange)
    found = done(listed(exchange)).resources
    if len(found) != 1:
        raise NotApplicable(f"the query returned {len(found)} resources instead of the one, which another check judges")
    return found[0]


def _patched_to(exchange: Exchange) -> object:
    """Return the value that a PATCH sent in its one operation."""
    return exchange.request.json["Operations"][0]["value"]


def _schemas(shown: Evidence, answer: str) -> list[str]:
    schemas = _resource(shown, answer).get("schemas")
    if not isinstance(schemas, list):
        raise NotApplicable("schemas is not an array, which another check judges")
    return [str(s) for s in schemas]


def _meta(shown: Evidence, answer: str) -> dict[str, Any]:
    meta = _resource(shown, answer).get("meta")
    if not isinstance(meta, dict):
        raise NotApplicable("there is no meta object, which another check judges")
    return meta
