"""Taking members into groups and out of them (RFC 7643 §4.2, RFC 7644 §3.5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS, offered
from conformance.checks.patching import detail, latest, scim_type, state, values
from conformance.probes.evidence import Blocked
from conformance.spec.paths import lookup
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType

pytestmark = for_types("Group")

# The PATCHes of members_patched up to the one that removes who is not there.
_ORDER = (
    "added",
    "added_again",
    "replaced",
    "swapped",
    "replaced_value",
    "refilled",
    "removed_one",
    "removed_stranger",
)


def _users(evidence: Evidence, *names: str) -> list[str]:
    return sorted(str(evidence[name].resource.get("id")).lower() for name in names)


def _members(evidence: Evidence, name: str) -> list[str]:
    return values(state(evidence, name), "members")


def _before(evidence: Evidence, name: str) -> list[str]:
    """Return the members as they were before the PATCH of that name."""
    return values(latest(evidence, *_ORDER[: _ORDER.index(name)]), "members")


def _optional(resource_type: ResourceType, verdict: Remarks) -> None:
    members = resource_type.schema.attribute("members")
    if members and members.required:
        verdict.not_applicable("the schema of the tenant demands members (RFC 7644 §3.5.2.2: a required attribute)")


@requirement("RFC7644-3.5.2.1-18", "RFC7644-3.5.2-28")
def test_member_is_added_by_value_alone(members_patched: Evidence) -> None:
    """A member can be added with nothing but its value."""
    assert _members(members_patched, "added") == _users(members_patched, "a")


@requirement("RFC7644-3.5.2.1-17")
def test_add_of_a_member_who_is_one_succeeds(members_patched: Evidence) -> None:
    """An add of a user who already is a member succeeds."""
    state(members_patched, "added_again")


@requirement("RFC7644-3.5.2.1-17", "RFC7643-4.2-13")
def test_member_added_twice_is_held_once(members_patched: Evidence, verdict: Remarks) -> None:
    """A member that is added twice is held once."""
    if members_patched.added_again.refused:
        verdict.not_applicable("the tenant refused the second add, which another check judges")
    assert _members(members_patched, "added_again") == _users(members_patched, "a")


@requirement("RFC7644-3.5.2.1-11", "RFC7644-3.5.2.1-10")
def test_many_members_are_added_at_once(members_patched: Evidence) -> None:
    """An add of several members adds those who are not members yet and keeps those who are."""
    assert set(_members(members_patched, "added_both")) == set(_users(members_patched, "a", "b"))


@requirement("RFC7644-3.5.2.2-16")
def test_one_member_is_removed_by_its_value(members_patched: Evidence) -> None:
    """A remove of members[value eq "id"] takes that member out of the group and leaves the others."""
    (a,), before = _users(members_patched, "a"), _before(members_patched, "removed_one")
    if a not in before:
        raise Blocked("the member to remove was not in the group")
    assert _members(members_patched, "removed_one") == [member for member in before if member != a]


@requirement("RFC7644-3.5.2.2-18")
def test_remove_of_a_stranger_succeeds(members_patched: Evidence) -> None:
    """A remove of a user who is not a member succeeds and changes nothing."""
    before = _before_the_stranger(members_patched)
    assert members_patched.removed_stranger.ok, f"the PATCH was refused: {detail(members_patched.removed_stranger)}"
    assert _members(members_patched, "removed_stranger") == before


@requirement("RFC7644-3.5.2.2-16")
def test_remove_of_a_stranger_removes_nobody(members_patched: Evidence, verdict: Remarks) -> None:
    """A remove of a user who is not a member, refused or not, takes nobody else out of the group."""
    if not members_patched.removed_stranger.ok:
        assert members_patched.removed_stranger.refused, "the tenant failed over it"
        verdict.note(f"the tenant refuses to remove who is not a member: {detail(members_patched.removed_stranger)}")
        return
    assert _members(members_patched, "removed_stranger") == _before_the_stranger(members_patched)


def _before_the_stranger(evidence: Evidence) -> list[str]:
    before = _before(evidence, "removed_stranger")
    if _users(evidence, "a")[0] in before:
        raise Blocked("the user who was to be a stranger was still a member")
    return before


@requirement("RFC7644-3.5.2.2-19", "RFC7644-3.5.2-49")
def test_members_are_swapped_in_one_patch(members_patched: Evidence) -> None:
    """A remove of one member and an add of another in one PATCH leave the second in the group and the first out."""
    swapped, removed = members_patched.swapped, members_patched.removed_one
    if not (swapped.ok or removed.ok):
        raise Blocked("the tenant refuses that remove by itself too, which another check judges", swapped)
    first, second = _users(members_patched, "b"), _users(members_patched, "a")
    expected = sorted({*_before(members_patched, "swapped"), *second} - {*first})
    assert _members(members_patched, "swapped") == expected


@requirement("RFC7644-3.5.2.3-07")
def test_replaced_members_are_those_given(members_patched: Evidence) -> None:
    """A replace of members leaves exactly the members given."""
    assert _members(members_patched, "replaced") == _users(members_patched, "b")


@requirement("RFC7643-4.2-07")
def test_member_is_not_changed_in_place(members_patched: Evidence, verdict: Remarks) -> None:
    """The value of an existing member cannot be replaced; a member is removed and another added."""
    exchange = members_patched.replaced_value
    if exchange.ok:
        verdict.warn("the tenant replaces the value of a member, which is immutable")
        return
    assert exchange.refused, f"the request was answered with {exchange.status} rather than refused"
    if scim_type(exchange) not in {None, "mutability"}:
        verdict.note(f"the tenant refuses it with scimType {scim_type(exchange)} rather than mutability")


@requirement("RFC7644-3.5.2-27")
def test_immutable_value_is_whole(members_patched: Evidence, verdict: Remarks) -> None:
    """A replace of a member's value is refused and changes nothing, or exchanges the member as a whole."""
    exchange = members_patched.replaced_value
    if exchange.refused:
        return
    verdict.warn("the tenant replaces the value of a member, which is immutable")
    assert _members(members_patched, "replaced_value") == _users(members_patched, "b")


@requirement("RFC7644-3.5.2.3-07")
def test_replace_with_an_empty_array_empties_the_group(members_patched: Evidence, verdict: Remarks) -> None:
    """A replace of members with an empty array leaves no members."""
    exchange = members_patched.replaced_by_none
    if exchange.status == 400:
        verdict.warn(f"the tenant refuses an empty array: {detail(exchange)}")
        return
    assert _members(members_patched, "replaced_by_none") == []


@requirement("RFC7644-3.5.2.2-20", "RFC7644-3.5.2-49")
def test_remove_and_adds_in_one_patch_make_a_new_list(
    members_patched: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A remove of all members followed by adds in one PATCH leaves exactly the members added."""
    _optional(resource_type, verdict)
    assert _members(members_patched, "refilled") == _users(members_patched, "a", "b")


@requirement("RFC7644-3.5.2.2-21")
def test_remove_with_a_list_does_not_empty_the_group(members_patched: Evidence, verdict: Remarks) -> None:
    """A remove of members with a value array removes the listed ones or is refused; it does not remove all."""
    if members_patched.removed_listed.refused:
        verdict.note("the tenant refuses a remove with a value array, as Entra ID may send it")
        return
    left = _members(members_patched, "removed_listed")
    assert left != [], "all members were removed although only one was listed"
    assert left == _users(members_patched, "b"), "others than the listed one were removed, or nobody was"
    verdict.note("the tenant removes the members that a value array lists, as Entra ID may send it")


@requirement("RFC7644-3.5.2.2-17")
def test_remove_of_members_empties_the_group(
    members_patched: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A remove with path members takes all members out of the group."""
    _optional(resource_type, verdict)
    assert _members(members_patched, "removed_all") == []


# --- names ------------------------------------------------------------------------------------------------------------


@requirement("RFC7643-4.2-02")
def test_group_needs_a_name(group_guarded: Evidence) -> None:
    """A create of a group without displayName is answered with 400."""
    assert group_guarded.nameless.status == 400


@requirement("RFC7643-4.2-03")
def test_replaced_group_needs_a_name(group_guarded: Evidence) -> None:
    """A PUT of a group without displayName is answered with 400 and leaves the name as it was."""
    assert offered(group_guarded.put_nameless).status == 400
    assert group_guarded.after_put.resource.get("displayName") == group_guarded.created.request.json["displayName"]


@requirement("RFC7644-3.5.2.2-14")
def test_name_of_a_group_is_not_removed(group_guarded: Evidence) -> None:
    """A remove of a group's displayName is refused, and the name stays."""
    assert group_guarded.name_removed.refused, "the remove was carried out"
    assert not unassigned(lookup(group_guarded.after_put.resource, "displayName")), "the name is gone"


@requirement("RFC7643-4.2-04")
def test_groups_may_share_a_name(group_guarded: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """Two groups may have one name, unless the served schema says that it is unique."""
    name = resource_type.find("displayName")
    if name and name.attribute.uniqueness != "none":
        verdict.not_applicable(f"the served schema gives displayName the uniqueness {name.attribute.uniqueness}")
    assert group_guarded.namesake.status in SUCCESS
