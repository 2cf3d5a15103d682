"""What provisioning clients need of a tenant's groups, beyond the RFCs: bound by the profile of each client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import SUCCESS
from conformance.checks.patching import latest, state, values

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence

pytestmark = for_types("Group")


def _people(evidence: Evidence, *names: str) -> list[str]:
    return sorted(str(evidence[name].resource.get("id")).lower() for name in names)


def _members(evidence: Evidence, name: str) -> list[str]:
    return values(state(evidence, name), "members")


@requirement("ENTRA-17")
def test_entra_adds_members_with_a_null_reference(entra_group: Evidence) -> None:
    """Members that carry "$ref": null are added, all of them."""
    assert _members(entra_group, "added") == _people(entra_group, "a", "b")


@requirement("ENTRA-18")
def test_entra_removes_the_listed_member(entra_group: Evidence) -> None:
    """A Remove of members with a list of values takes out the listed member and leaves the other."""
    before = values(latest(entra_group, "added", "renamed"), "members")
    gone = _people(entra_group, "a")
    assert _members(entra_group, "removed") == [member for member in before if member not in gone]


@requirement("ENTRA-19")
def test_entra_creates_groups_with_a_schema_of_its_own(entra_group: Evidence) -> None:
    """A create whose schemas list Microsoft's URI for groups is accepted."""
    assert entra_group.with_own_schema.status in SUCCESS
    assert entra_group.with_own_schema.resource.get("id")


@requirement("ENTRA-20")
def test_entra_looks_groups_up_without_members(entra_group: Evidence) -> None:
    """A look-up by displayName with excludedAttributes=members finds the group and shows no members."""
    assert entra_group.matched.found == {str(entra_group.created.resource.get("id"))}
    assert [group for group in entra_group.matched.resources if group.get("members")] == []


@requirement("ENTRA-22")
def test_entra_renames_without_a_path(entra_group: Evidence) -> None:
    """A replace without path that names displayName alone renames the group and leaves its members."""
    before = values(latest(entra_group, "added"), "members")
    renamed = state(entra_group, "renamed")
    assert renamed.get("displayName") == _value(entra_group, "renamed")["displayName"]
    assert values(renamed, "members") == before


@requirement("ENTRA-26")
def test_entra_expects_group_names_to_be_unique(entra_namesake: Evidence, verdict: Remarks) -> None:
    """A second group of one name is refused with 409, or the tenant keeps both."""
    status = entra_namesake.namesake.status
    assert status in (*SUCCESS, 409)
    verdict.note(f"the tenant {'keeps two groups' if status != 409 else 'refuses a second group'} of one displayName")


@requirement("OKTA-02")
def test_okta_renames_with_the_id(okta_group: Evidence) -> None:
    """A replace without path that carries the group's own id renames the group and leaves its members."""
    renamed = state(okta_group, "renamed")
    assert renamed.get("displayName") == _value(okta_group, "renamed")["displayName"]
    assert values(renamed, "members") == values(okta_group.created.resource, "members")


@requirement("OKTA-03")
def test_okta_sends_the_difference(okta_group: Evidence) -> None:
    """One PATCH takes one member out and another one in."""
    assert _members(okta_group, "changed") == _people(okta_group, "b", "c")


@requirement("OKTA-04")
def test_okta_pushes_all_members(okta_group: Evidence) -> None:
    """A replace without path that carries members leaves exactly those."""
    assert _members(okta_group, "pushed") == _people(okta_group, "a")


@requirement("JUMPCLOUD-01")
def test_jumpcloud_removes_the_listed_member(jumpcloud_group: Evidence) -> None:
    """A remove of members with a list of values takes out the listed member and leaves the other."""
    assert _members(jumpcloud_group, "removed") == _people(jumpcloud_group, "b")


def _value(evidence: Evidence, name: str) -> dict[str, str]:
    operations: list[dict[str, dict[str, str]]] = evidence[name].request.json["Operations"]
    return operations[0]["value"]
