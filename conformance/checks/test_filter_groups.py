"""Filters over groups, over who is in them, and over extensions (RFC 7644 §3.4.2.2)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import done
from conformance.checks.selection import found, select
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.probes.filter_cases import EXTENSION, GROUPS, Case
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER, ResourceType


@for_types("Group")
@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", GROUPS, ids=str)
def test_filter_finds_groups_by_name(
    filtered_groups: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A filter on displayName finds exactly the groups that it describes."""
    selection = select(filtered_groups, case, ("alpha", "beta"), resource_type, verdict)
    assert selection.came == selection.expected


@for_types("Group")
@requirement("RFC7644-3.4.2-14")
def test_group_filter_that_matches_nothing_answers_200(filtered_groups: Evidence) -> None:
    """A query for a group that does not exist answers 200."""
    assert filtered_groups.nobody.status == 200


@for_types("Group")
@requirement("RFC7644-3.4.2-15")
def test_group_filter_that_matches_nothing_counts_0(filtered_groups: Evidence) -> None:
    """A query for a group that does not exist has totalResults 0."""
    assert done(filtered_groups.nobody).resource.get("totalResults") == 0


@requirement("RFC7644-3.4.2.2-91")
def test_groups_are_found_by_their_members(filtered_members: Evidence, verdict: Remarks) -> None:
    """A filter on members.value finds the groups that hold the member."""
    shown = (filtered_members.group, "members.value"), (filtered_members.fetched, "groups.value")
    if not any(lookup(exchange.resource, path) for exchange, path in shown):
        verdict.not_applicable("the user did not become a member, which another check judges")
    assert found(filtered_members.groups, filtered_members, ("group",)) == ["group"]


@requirement("RFC7644-3.4.2.2-91")
def test_members_in_another_letter_case_are_noted(filtered_members: Evidence, verdict: Remarks) -> None:
    """A filter on members.value with the member's id in another letter case finds the same groups, or none."""
    identifier = str(filtered_members.user.resource.get("id"))
    if identifier == identifier.swapcase():
        verdict.not_applicable("the member's id has no letters")
    same = filtered_members.groups
    if not same.ok or found(same, filtered_members, ("group",)) != ["group"]:
        verdict.not_applicable("the filter does not find the group, which another check judges")
    came = found(filtered_members["groups in another case"], filtered_members, ("group",))
    assert came in ([], ["group"])
    verdict.note(f"the tenant {'finds' if came else 'does not find'} a member by its id in another letter case")


@requirement("RFC7644-3.4.2.2-94")
def test_users_are_found_by_their_groups(filtered_members: Evidence, verdict: Remarks) -> None:
    """A filter on groups.value finds the users who are in the group."""
    if not lookup(filtered_members.fetched.resource, "groups.value"):
        verdict.not_applicable("the tenant does not show the groups of a user")
    assert found(filtered_members.users, filtered_members, ("user",)) == ["user"]


@for_types("User")
@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", EXTENSION, ids=str)
def test_filter_reaches_the_extension(
    filtered_extension: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A filter with the URN of an extension finds the users with that extension or that value in it."""
    if resource_type.extension(ENTERPRISE_USER) is None:
        verdict.not_applicable("the tenant does not serve the enterprise extension")
    selection = select(filtered_extension, case, ("boss", "worker"), resource_type, verdict)
    assert selection.came == selection.expected


@for_types("User")
@requirement("RFC7644-3.10-03")
def test_extension_attribute_without_urn_is_noted(filtered_extension: Evidence, verdict: Remarks) -> None:
    """An extension attribute named without its URN is understood or taken for one that does not exist."""
    bare = filtered_extension["no URN"]
    assert bare.ok or bare.refused, f"the tenant answers {bare.status}"
    came = found(bare, filtered_extension, ("boss", "worker")) if bare.ok else []
    assert came in ([], ["worker"])
    verdict.note(f"the tenant {'understands' if came else 'does not know'} an extension attribute without its URN")
