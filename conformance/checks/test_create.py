"""Creating resources (RFC 7644 §3.3, §3.3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import NOTHING, SUCCESS, asked, body, done
from conformance.checks.values import resolved, state, taken_over
from conformance.probes.create import FOREIGN_ID, FOREIGN_META
from conformance.spec.paths import lookup
from conformance.spec.schema import COMMON, ENTERPRISE_USER
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType

_OTHER_FORMAT = {406, 415}


@requirement("RFC7644-3.3-01")
def test_create_is_accepted_at_the_endpoint_of_the_resource_type(created: Evidence) -> None:
    """A POST to the endpoint that the resource type states creates a resource."""
    if created.created.status in _OTHER_FORMAT:
        done(created.created)
    assert created.created.status in SUCCESS


@requirement("RFC7644-3.3-08")
def test_create_answers_201(created: Evidence) -> None:
    """A create answers 201 Created."""
    if created.created.refused:
        done(created.created)
    assert created.created.status == 201


@requirement("RFC7644-3.8-10")
def test_create_accepts_scim_json(created: Evidence) -> None:
    """A body with Content-Type application/scim+json is accepted."""
    if created.created.status not in _OTHER_FORMAT:
        done(created.created)
    assert created.created.status in SUCCESS


@requirement("RFC7644-3.3-09")
def test_create_returns_the_resource(created: Evidence, resource_type: ResourceType) -> None:
    """The body of the 201 is the representation of the new resource."""
    answer = done(created.created)
    assert answer.answered.body.strip(), "the answer to the create has no body"
    assert resource_type.schema.id in (answer.resource.get("schemas") or []), "the body is not the new resource"


@requirement("RFC7643-3.1-02")
def test_create_assigns_an_id(created: Evidence) -> None:
    """A resource created without an id has one in the answer to the create and afterwards."""
    fetched = done(created.fetched).resource
    assert fetched.get("id"), "the resource that was read has no id"
    if created.created.answered.body.strip():
        assert created.created.resource.get("id") == fetched.get("id")


@requirement("RFC7643-3.1-02")
def test_create_without_external_id_assigns_an_id(unusual: Evidence) -> None:
    """A resource created without id and externalId has an id in the answer to the create."""
    assert body(unusual.without_external_id).get("id"), "the answer to the create has no id"


@requirement("RFC7643-3.1-03")
def test_create_fills_in_meta(created: Evidence) -> None:
    """A new resource has meta with the provider's values in it."""
    assert lookup(body(created.created), "meta"), "the answer to the create has no meta"


@requirement("RFC7644-3.3-10")
def test_create_sends_a_location_header(created: Evidence, verdict: Remarks) -> None:
    """The 201 has a Location header with the URI of the new resource."""
    location = done(created.created).header("location")
    assert location, "the answer to the create has no Location header"
    if "://" not in location:
        verdict.note(f"the Location header is relative: {location}")


@requirement("RFC7644-3.3-11")
def test_create_returns_meta_location(created: Evidence) -> None:
    """The body of the 201 has meta.location."""
    assert lookup(body(created.created), "meta.location"), "the answer to the create has no meta.location"


@requirement("RFC7644-3.3-12")
def test_location_header_and_meta_location_are_the_same(created: Evidence, verdict: Remarks) -> None:
    """The Location header and meta.location of the 201 name the same resource by the same URI."""
    location, meta_location = created.created.header("location"), lookup(body(created.created), "meta.location")
    if not location or not isinstance(meta_location, str):
        verdict.not_applicable("one of the two is missing, which other checks judge")
    assert location.rstrip("/").rpartition("/")[2] == meta_location.rstrip("/").rpartition("/")[2]
    if resolved(created.created.request.url, location) != resolved(created.created.request.url, meta_location):
        verdict.warn(f"Location is {location} and meta.location {meta_location}: one resource, two spellings")


@requirement("RFC7644-3.3-13")
def test_location_header_leads_to_the_new_resource(created: Evidence, verdict: Remarks) -> None:
    """A GET on the Location of the 201 returns the new resource at once."""
    location = done(created.created).header("location")
    if not location:
        verdict.not_applicable("the answer to the create has no Location header, which another check judges")
    created.fetched  # noqa: B018 - where this was not asked, nothing was
    if "located" not in created:
        verdict.warn(f"Location is {location}, on another host or path than the Tenant URL: it was not followed")
        return
    assert created.located.status in SUCCESS
    assert created.located.resource.get("id") == done(created.fetched).resource.get("id")


@requirement("RFC7643-3.1-29")
def test_meta_location_leads_to_the_resource(created: Evidence, verdict: Remarks) -> None:
    """A GET on meta.location returns the same resource."""
    resource = done(created.fetched).resource
    location = lookup(resource, "meta.location")
    if not isinstance(location, str):
        verdict.not_applicable("the resource has no meta.location, which another check judges")
    if "meta_located" not in created:
        verdict.warn(f"meta.location is {location}, on another host or path than the Tenant URL: it was not followed")
        return
    assert created.meta_located.status in SUCCESS
    assert created.meta_located.resource.get("id") == resource.get("id")
    if "://" not in location:
        verdict.warn(f"meta.location is relative: {location}; many clients expect an absolute URI")


@requirement("RFC7644-3.3-14", "RFC7644-3.1-07")
def test_create_returns_what_a_read_returns(created: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """The body of the 201 has the same content as a GET that follows."""
    returned, fetched = body(created.created), done(created.fetched).resource
    assert state(returned, resource_type) == state(fetched, resource_type), (
        "the answer to the create differs from the resource as read"
    )
    if lookup(returned, "meta") != lookup(fetched, "meta"):
        verdict.warn(f"meta is {lookup(returned, 'meta')} after the create and {lookup(fetched, 'meta')} when read")


@requirement("RFC7644-3.3-21")
def test_create_sends_an_etag(created: Evidence) -> None:
    """A provider that supports entity-tags sends the ETag header in the answer to a create."""
    assert done(created.created).header("etag"), "the answer to the create has no ETag header"


@requirement("RFC7644-3.3.1-01")
def test_resource_type_is_that_of_the_endpoint(created: Evidence, resource_type: ResourceType) -> None:
    """meta.resourceType of a new resource is the name of the type that belongs to the endpoint."""
    assert lookup(body(created.created), "meta.resourceType") == resource_type.name


@requirement("RFC7644-3.3-06")
def test_defaults_are_noted(created: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """Attributes that a create leaves out may get defaults."""
    sent, common = created.created.request.json or {}, {a.name for a in COMMON.attributes}
    given = {name for name, value in done(created.fetched).resource.items() if not unassigned(value)}
    added = sorted(given - set(sent) - common - {e.schema.id for e in resource_type.extensions})
    if added:
        verdict.note(f"the tenant fills in what a minimal create leaves out: {', '.join(added)}")


@requirement("RFC7644-3.3-02")
def test_create_accepts_an_id_in_the_body(claiming: Evidence) -> None:
    """A create with an id in its body succeeds: the id is ignored."""
    assert claiming.with_id.status in SUCCESS


@requirement("RFC7643-3.1-10", "RFC7644-3.3-02")
def test_create_does_not_take_over_the_id_in_the_body(claiming: Evidence) -> None:
    """An id in the body of a create does not become the id of the resource."""
    assert body(claiming.with_id).get("id") != FOREIGN_ID


@requirement("RFC7644-3.3-03", "RFC7643-3.1-22")
def test_create_accepts_meta_in_the_body(claiming: Evidence) -> None:
    """A create with a meta object in its body succeeds: it is ignored."""
    assert claiming.with_meta.status in SUCCESS


@requirement("RFC7644-3.3-03", "RFC7643-3.1-22")
def test_create_does_not_take_over_meta_from_the_body(claiming: Evidence) -> None:
    """After a create with meta in its body, meta holds the provider's own values."""
    meta = lookup(body(claiming.with_meta), "meta") or {}
    kept = taken_over(meta, FOREIGN_META)
    assert kept == {}, f"meta holds what the client sent: {kept}"


@requirement("RFC7644-3.3.1-02")
def test_create_does_not_take_its_type_from_the_body(claiming: Evidence, resource_type: ResourceType) -> None:
    """A meta.resourceType that the client sends does not influence the type of the new resource."""
    claimed = lookup(body(claiming.with_meta), "meta.resourceType")
    assert claimed != FOREIGN_META["resourceType"], f"a new {resource_type.name} says that it is what the client sent"


@for_types("User")
@requirement("RFC7644-3.3-04", "RFC7643-4.1.2-16")
def test_create_accepts_groups_of_a_user(claiming: Evidence) -> None:
    """A create of a User with groups in its body succeeds: they are ignored."""
    assert asked(claiming, "with_groups", "the tenant serves no groups of a user").status in SUCCESS


@for_types("User")
@requirement("RFC7644-3.3-04", "RFC7643-4.1.2-16")
def test_create_makes_no_member_of_the_groups_in_the_body(claiming: Evidence) -> None:
    """A groups value in the body of a create does not make the User a member."""
    user = body(asked(claiming, "with_groups", "the tenant serves no groups of a user"))
    members = lookup(done(claiming.group_after).resource, "members.value") or []
    assert user.get("id") not in members, "the group lists the user as a member"
    assert user.get("groups") in NOTHING, "the new user shows a group that it was never added to"


@for_types("User")
@requirement("RFC7644-3.3-05", "RFC7643-4.3-10")
def test_create_accepts_a_display_name_of_the_manager(claiming: Evidence) -> None:
    """A create with manager.displayName, which is readOnly, succeeds."""
    assert asked(claiming, "with_manager_name", "the tenant serves no manager.displayName").status in SUCCESS


@for_types("User")
@requirement("RFC7644-3.3-05", "RFC7643-4.3-10")
def test_create_does_not_take_over_the_display_name_of_the_manager(claiming: Evidence) -> None:
    """manager.displayName in the body of a create is ignored, and manager.value is still taken."""
    user = body(asked(claiming, "with_manager_name", "the tenant serves no manager.displayName"))
    sent = lookup(claiming.with_manager_name.request.json, f"{ENTERPRISE_USER}:manager.value")
    assert lookup(user, f"{ENTERPRISE_USER}:manager.displayName") != "Conformance"
    assert lookup(user, f"{ENTERPRISE_USER}:manager.value") == sent
