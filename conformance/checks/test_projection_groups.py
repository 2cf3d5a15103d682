"""Groups without their members, which clients ask for to spare themselves long lists (RFC 7644 §3.9)."""

from conformance.checks.declare import requirement
from conformance.checks.selection import kept_short
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence


@requirement("RFC7644-3.9-15")
def test_group_is_read_without_members(projected_groups: Evidence, verdict: Remarks) -> None:
    """A group that is read with excludedAttributes=members comes without members."""
    if not projected_groups.whole.resource.get("members"):
        verdict.not_applicable("the tenant does not show members")
    assert projected_groups["without members"].status == 200
    assert "members" not in projected_groups["without members"].resource


@requirement("RFC7644-3.9-15")
def test_groups_are_listed_without_members(projected_groups: Evidence, verdict: Remarks) -> None:
    """Groups that are listed with excludedAttributes=members come without members."""
    if not projected_groups.whole.resource.get("members"):
        verdict.not_applicable("the tenant does not show members")
    listed = kept_short(projected_groups, "listed", verdict)
    assert listed.status == 200
    assert listed.resources != [], "the group is not found by its displayName"
    assert [group["members"] for group in listed.resources if "members" in group] == []
