"""How membership is shown, on the group and on the user, and who may change it (RFC 7643 §4.1.2, §4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.checks.declare import for_types, requirement
from conformance.checks.discovered import path_of
from conformance.checks.given import SUCCESS, offered
from conformance.checks.patching import detail, scim_type, values
from conformance.probes.members import holds_group
from conformance.spec.paths import lookup
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.service import Service
    from conformance.tenant.exchange import Exchange

pytestmark = for_types("Group")


def _id(exchange: Exchange) -> str:
    return str(exchange.resource.get("id"))


def _elements(resource: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = resource.get(name)
    return [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []


def _member(membership: Evidence, verdict: Remarks) -> dict[str, Any]:
    """Return the one member of the group that was created with one; ends the check where it is not there."""
    members = _elements(membership.fetched.resource, "members")
    found = [member for member in members if str(member.get("value")).lower() == _id(membership.a).lower()]
    if not found:
        verdict.not_applicable("the member given in the create is not in the group, which another check judges")
    return found[0]


def _shown(membership: Evidence, name: str, verdict: Remarks) -> list[dict[str, Any]]:
    """Return the groups that the last read of a user shows; ends the check where users show no groups at all."""
    shown = _elements(membership.named(name)[-1].resource, "groups")
    if not shown:
        verdict.not_applicable("the user shows no groups")
    return shown


def _entries(membership: Evidence, name: str) -> list[dict[str, Any]]:
    """Return the entries for the group, by whatever they name it, in the last read of a user."""
    group = membership.created
    return [
        entry
        for entry in _elements(membership.named(name)[-1].resource, "groups")
        if entry.get("value") == _id(group)
        or _names(entry.get("$ref"), "/Groups", _id(group))
        or entry.get("display") == group.resource.get("displayName")
    ]


def _names(reference: object, endpoint: str, identifier: str) -> bool:
    """Whether a URI, absolute or relative, ends in the path of a resource."""
    path = path_of(reference) if isinstance(reference, str) else ""
    return f"/{path}".lower().endswith(f"{endpoint}/{identifier}".lower())


# --- the group's side -------------------------------------------------------------------------------------------------


@requirement("RFC7643-4.2-05")
def test_members_of_a_create_are_members(membership: Evidence) -> None:
    """The members given in the create of a group are its members."""
    assert len(_elements(membership.fetched.resource, "members")) == 1


@requirement("RFC7643-4.2-08")
def test_members_are_named_by_their_ids(membership: Evidence, verdict: Remarks) -> None:
    """The value of a member is the id of the member's resource."""
    if not _elements(membership.fetched.resource, "members"):
        verdict.not_applicable("the member given in the create is not in the group, which another check judges")
    assert values(membership.fetched.resource, "members") == [_id(membership.a).lower()]


@requirement("RFC7643-4.2-09")
def test_member_ref_names_the_member(membership: Evidence, verdict: Remarks) -> None:
    """The $ref of a member, when returned, is the URI of the resource that its value names."""
    reference = _member(membership, verdict).get("$ref")
    if reference is None:
        verdict.not_applicable("the tenant returns no $ref with members")
    assert _names(reference, "/Users", _id(membership.a)), f"{reference!r} is not the URI of the member"


@requirement("RFC7643-4.2-10")
def test_member_type_is_a_resource_type(membership: Evidence, service: Service, verdict: Remarks) -> None:
    """The type of a member, when returned, is the name of the member's resource type."""
    shown = _member(membership, verdict).get("type")
    if shown is None:
        verdict.not_applicable("the tenant returns no type with members")
    assert str(shown).lower() == "user"
    if shown not in {t.name for t in service.resource_types}:
        verdict.warn(f"type {shown!r} is the resource type's name in another letter case")


@requirement("RFC7643-2.4-04")
def test_member_display_is_a_name_of_the_member(membership: Evidence, verdict: Remarks) -> None:
    """The display of a member, when returned, is a name of the member."""
    member = _member(membership, verdict)
    display = member.get("display")
    if unassigned(display):
        verdict.note("the tenant shows members without display")
        return
    verdict.note("the tenant shows the display of members")
    user = membership.named("a_joined")[-1].resource
    paths = ("userName", "displayName", "nickName", "name.formatted", "name.givenName", "name.familyName")
    names = [str(name).casefold() for name in (lookup(user, path) for path in paths) if not unassigned(name)]
    if not any(name in str(display).casefold() for name in names):
        verdict.warn(f"display {display!r} is no name of the member: {', '.join(names)}")


@requirement("RFC7644-3.5.1-04", "RFC7643-4.2-06")
def test_put_hands_a_group_over(membership: Evidence) -> None:
    """A PUT of a group with another list of members leaves exactly those in it."""
    assert offered(membership.handed_over).ok, f"the PUT was refused: {detail(membership.handed_over)}"
    assert values(membership.handed_over_after.resource, "members") == [_id(membership.b).lower()]


@requirement("RFC7643-4.2-13")
def test_member_named_twice_is_held_once(membership: Evidence, verdict: Remarks) -> None:
    """A member that a list names twice is held once."""
    if membership.doubled.refused:
        verdict.note(f"the tenant refuses a list that names a member twice: {detail(membership.doubled)}")
        return
    held = values(membership.doubled.resource, "members")
    assert held.count(_id(membership.b).lower()) <= 1, "the member is held twice"


@requirement("RFC7643-4.2-11")
def test_group_may_be_a_member(membership: Evidence, verdict: Remarks) -> None:
    """The id of a group is accepted as a member of another group."""
    if not membership.outer.ok:
        verdict.note(f"the tenant refuses a group as a member of a group: {detail(membership.outer)}")
        return
    held = values(membership.outer.resource, "members")
    assert held == [_id(membership.created).lower()], "the group was accepted as a member and is not one"


@requirement("RFC7643-4.2-12")
def test_member_value_may_be_required(service: Service, verdict: Remarks) -> None:
    """Whether a member needs a value is what the served schema says about members.value."""
    group = service.resource_type("Group")
    value = group.find("members.value") if group else None
    if value is None:
        verdict.not_applicable("the served schema has no members.value")
    verdict.note(f"the served schema says that members.value is {'' if value.attribute.required else 'not '}required")


@requirement("RFC7643-2.3.7-06")
def test_unknown_member_is_refused_or_taken(membership: Evidence, verdict: Remarks) -> None:
    """A member id that points to nobody is either refused or accepted."""
    exchange = membership.with_nobody
    assert exchange.ok or exchange.refused, "the tenant failed over it"
    verdict.note(f"the tenant {'accepts' if exchange.ok else 'refuses'} a member id that points to nobody")


@requirement("RFC7644-3.6-14")
def test_deleted_user_leaves_the_group(membership: Evidence, verdict: Remarks) -> None:
    """After a user is deleted, no group lists that user as a member any longer."""
    if not membership.b_deleted.ok:
        verdict.not_applicable("the user could not be deleted, which another check judges")
    assert membership.after_deletion.status in SUCCESS, "the group cannot be read after a member was deleted"
    if _id(membership.b).lower() in values(membership.after_deletion.resource, "members"):
        verdict.note("the tenant keeps a deleted user in the members of a group")


# --- the user's side --------------------------------------------------------------------------------------------------


@requirement("RFC7643-4.1.2-13")
def test_user_shows_its_groups(membership: Evidence, service: Service, verdict: Remarks) -> None:
    """The groups of a user, where served, list the groups the user belongs to."""
    joined, left = membership.named("a_joined")[-1], membership.named("a_left")[-1]
    user = service.resource_type("User")
    if user is None or user.find("groups") is None:
        verdict.not_applicable("the tenant's User has no groups")
    if not _elements(joined.resource, "groups") and not _elements(membership.named("b_joined")[-1].resource, "groups"):
        verdict.note("the tenant's User has groups in its schema and never shows them")
        return
    assert left.status in SUCCESS, "the user cannot be read"
    if _id(membership.a).lower() not in values(membership.fetched.resource, "members"):
        verdict.not_applicable("the user did not become a member, which another check judges")
    assert _entries(membership, "a_joined") != [], "the group is not among the groups of its member"


@requirement("RFC7643-4.1.2-14")
def test_groups_value_is_the_id_of_the_group(membership: Evidence, verdict: Remarks) -> None:
    """The value in the groups of a user is the id of the group."""
    entries = _entries(membership, "a_joined")
    if not entries:
        verdict.not_applicable("the user does not show the group")
    assert {str(entry.get("value")) for entry in entries} == {_id(membership.created)}


@requirement("RFC7643-4.1.2-15")
def test_groups_ref_names_the_group(membership: Evidence, verdict: Remarks) -> None:
    """The $ref in the groups of a user is the URI of the group that the value names."""
    for entry in _shown(membership, "a_joined", verdict):
        if entry.get("$ref") is None:
            verdict.note("the tenant returns no $ref in the groups of a user")
        elif entry.get("value") == _id(membership.created):
            assert _names(entry["$ref"], "/Groups", _id(membership.created)), f"{entry['$ref']!r} is not that URI"


@requirement("RFC7643-4.1.2-19")
def test_groups_type_is_direct_or_indirect(membership: Evidence, verdict: Remarks) -> None:
    """The type in the groups of a user, when returned, is direct or indirect."""
    for entry in _shown(membership, "a_joined", verdict):
        if entry.get("type") is None:
            verdict.note("the tenant returns no type in the groups of a user")
        else:
            assert str(entry["type"]).lower() in {"direct", "indirect"}


@requirement("RFC7643-4.1.2-20")
def test_direct_membership_can_be_changed(membership: Evidence, verdict: Remarks) -> None:
    """A membership shown as direct can be ended through the group."""
    if not any(entry.get("type") == "direct" for entry in _shown(membership, "a_joined", verdict)):
        verdict.not_applicable("the membership is not shown as direct")
    assert offered(membership.handed_over).ok, f"the PUT was refused: {detail(membership.handed_over)}"
    assert _id(membership.a).lower() not in values(membership.handed_over_after.resource, "members")


@requirement("RFC7643-4.1.2-18")
def test_ended_membership_is_not_shown(membership: Evidence, verdict: Remarks) -> None:
    """Once a member has left a group, that group no longer appears in the user's groups."""
    _shown(membership, "a_joined", verdict)
    if not membership.handed_over.ok:
        verdict.not_applicable("the member could not be taken out of the group, which another check judges")
    if _id(membership.a).lower() in values(membership.handed_over_after.resource, "members"):
        verdict.not_applicable("the member is still in the group, which another check judges")
    assert not holds_group(membership.named("a_left")[-1], _id(membership.created)), "the user still shows the group"


@requirement("RFC7643-4.1.2-21")
def test_nested_membership_is_indirect(membership: Evidence, verdict: Remarks) -> None:
    """A membership that exists only through a nested group is shown, if at all, as indirect."""
    if not membership.outer.ok:
        verdict.not_applicable("the tenant takes no groups into groups")
    outer = _id(membership.outer)
    nested = [e for e in _shown(membership, "b_joined", verdict) if e.get("value") == outer]
    if not nested:
        verdict.note("the tenant does not show groups to which a user belongs through another group")
    for entry in nested:
        assert entry.get("type") == "indirect"


@requirement("RFC7643-4.1.2-16")
def test_groups_in_a_user_change_no_membership(group_guarded: Evidence) -> None:
    """A claim to groups in the POST and PUT of a user has no effect on membership."""
    members = values(group_guarded.after_put.resource, "members")
    assert _id(group_guarded.user).lower() not in members, "the user became a member"


@requirement("RFC7643-4.1.2-17")
def test_patch_of_groups_changes_no_membership(group_guarded: Evidence, verdict: Remarks) -> None:
    """A PATCH of a user's groups is refused or has no effect; it changes no membership."""
    group = group_guarded.after_patch.resource
    if _id(group_guarded.user).lower() in values(group_guarded.after_put.resource, "members"):
        verdict.not_applicable("the user was a member before, which another check judges")
    assert _id(group_guarded.user).lower() not in values(group, "members"), "the user became a member"


@requirement("RFC7644-3.5.2-26")
def test_patch_of_groups_is_refused(group_guarded: Evidence, verdict: Remarks) -> None:
    """An operation on groups, which is readOnly, is refused with 400 mutability."""
    exchange = group_guarded.patch
    if exchange.ok:
        verdict.warn("the tenant answers a PATCH of groups with success, where an error is asked for")
        return
    assert exchange.refused, f"the request was answered with {exchange.status} rather than refused"
    if scim_type(exchange) not in {None, "mutability"}:
        verdict.note(f"the tenant refuses it with scimType {scim_type(exchange)} rather than mutability")
