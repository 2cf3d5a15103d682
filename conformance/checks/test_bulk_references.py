"""References by bulkId between the operations of a job, circles included (RFC 7644 §3.7.1, §3.7.2)."""

from conformance.checks import given, jobs
from conformance.checks.declare import for_types, requirement
from conformance.checks.patching import values
from conformance.checks.verdict import Remarks
from conformance.probes import choose
from conformance.probes.bulk import NEW_TEXT
from conformance.probes.evidence import Blocked, Evidence
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER, ResourceType
from conformance.tenant.created import identifier_in
from conformance.tenant.exchange import Exchange

_CONFLICT = 409
_NAME = "displayName"


def _id(job: Exchange, index: int) -> str:
    """Return the id of what an operation created, in lower case. Raises Blocked where its result does not tell."""
    location = jobs.done(job, index).get("location")
    if not isinstance(location, str):
        raise Blocked("the result has no location, which another check judges", job)
    return identifier_in(location).lower()


# --- members ----------------------------------------------------------------------------------------------------------


def _kept(bulk_members: Evidence, group: Exchange) -> str:
    """Return the id of the user whom a single request made a member. Raises Blocked where the group shows no such."""
    user = str(bulk_members.user.resource.get("id")).lower()
    if user not in values(given.done(group).resource, "members"):
        raise Blocked("a member whom a single request adds is not there, which another check judges", group)
    return user


@for_types("User")
@requirement("RFC7644-3.7.2-01")
def test_member_is_resolved(bulk_members: Evidence, resource_type: ResourceType) -> None:
    """A group created with "bulkId:x" as a member has the user created under x as a member."""
    user = _id(bulk_members.members, 0)
    _kept(bulk_members, bulk_members.single)
    assert jobs.status(bulk_members.members, 1) in given.SUCCESS, f"the {resource_type.name} could not be referred to"
    assert values(jobs.read(bulk_members, "read posted"), "members") == [user]


@for_types("User")
@requirement("RFC7644-3.7.2-04")
def test_member_in_a_patch_is_resolved(bulk_members: Evidence, resource_type: ResourceType) -> None:
    """A PATCH that adds "bulkId:x" to the members adds the user created under x."""
    user = _id(bulk_members.members, 0)
    known = _kept(bulk_members, bulk_members["read patched"])
    assert jobs.status(bulk_members.members, 2) in given.SUCCESS, f"the {resource_type.name} could not be referred to"
    assert values(jobs.read(bulk_members, "read patched"), "members") == sorted([known, user])


@for_types("User")
@requirement("RFC7644-3.7.2-02")
def test_later_operation_can_be_referred_to(bulk_members: Evidence, resource_type: ResourceType) -> None:
    """A group may refer to a user whom a later operation of the job creates."""
    user = _id(bulk_members.forward, 1)
    _kept(bulk_members, bulk_members.single)
    assert jobs.outcome(bulk_members.forward) in given.SUCCESS, f"the {resource_type.name} could not be referred to"
    assert values(jobs.read(bulk_members, "read forward"), "members") == [user]


@for_types("User")
@requirement("RFC7644-3.7.2-05")
def test_undefined_bulk_id_fails(bulk_members: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """An operation that refers to a bulkId of no operation fails with 409 or 400 and creates nothing."""
    if "undefined" not in bulk_members and bulk_members.stopped is None:
        verdict.not_applicable(f"the tenant serves no groups to which a {resource_type.name} could belong")
    code = jobs.outcome(bulk_members.undefined)
    assert jobs.refused(code), f"the operation ended with {code}, although what it refers to does not exist"
    if code not in {400, _CONFLICT}:
        verdict.note(f"a reference to an undefined bulkId fails with {code} rather than 409 or 400")
    name = jobs.name(bulk_members.undefined, 0, _NAME)
    assert name not in (jobs.stored(bulk_members, _NAME) or ()), "the group is there all the same"


@for_types("User")
@requirement("RFC7644-3.7-31")
def test_reordered_create_is_carried_out_once(
    bulk_members: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A group that refers to a later operation of the job is stored once."""
    jobs.done(given.asked(bulk_members, "forward", f"no groups to which a {resource_type.name} could belong"), 0)
    names = jobs.stored(bulk_members, _NAME)
    if names is None:
        verdict.not_applicable("the tenant does not filter, so that what is stored cannot be looked for")
    assert names.count(jobs.name(bulk_members.forward, 0, _NAME)) == 1, "the group was not stored just once"


# --- circles ----------------------------------------------------------------------------------------------------------


@for_types("Group")
@requirement("RFC7644-3.7.1-01")
def test_circle_is_resolved_or_refused(bulk_circle: Evidence, verdict: Remarks) -> None:
    """Two groups of a job that contain each other are both created with that member, or fail with 409."""
    _nesting(bulk_circle, verdict)
    codes = [jobs.outcome(bulk_circle.circle, index) for index in (0, 1)]
    if _CONFLICT in codes:
        verdict.note("the tenant gives up on references that form a circle")
    for index, code in enumerate(codes):
        assert code == _CONFLICT or code in given.SUCCESS
        if code != _CONFLICT:
            members = values(jobs.read(bulk_circle, f"read {index}"), "members")
            assert members != [], "a group was created without its member"
            assert not any(member.startswith("bulkid:") for member in members), (
                "a group has the placeholder as its member"
            )
            name = jobs.name(bulk_circle.circle, index, _NAME)
            assert (jobs.stored(bulk_circle, _NAME) or []).count(name) <= 1, "a group of the circle was stored twice"


@for_types("Group")
@requirement("RFC7644-3.7.1-02")
def test_circle_shows_permanent_ids(bulk_circle: Evidence, verdict: Remarks) -> None:
    """Each of two groups created with each other as a member shows the id of the other."""
    _nesting(bulk_circle, verdict)
    if not all(jobs.outcome(bulk_circle.circle, index) in given.SUCCESS for index in (0, 1)):
        verdict.not_applicable("the tenant did not create both groups, which another check judges")
    for index, other in ((0, 1), (1, 0)):
        shown = values(jobs.read(bulk_circle, f"read {index}"), "members")
        assert shown == [_id(bulk_circle.circle, other)]


def _nesting(bulk_circle: Evidence, verdict: Remarks) -> None:
    """End the check where a group cannot be a member of a group."""
    nested = bulk_circle.nested
    jobs.taken(bulk_circle.circle)
    inner = str(bulk_circle.inner.resource.get("id")).lower()
    if not nested.ok or inner not in values(given.body(nested), "members"):
        verdict.not_applicable("the tenant takes no groups as members of groups")


# --- other places -----------------------------------------------------------------------------------------------------


@for_types("User")
@requirement("RFC7644-3.7.2-03")
def test_manager_is_resolved(bulk_manager: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A user created with "bulkId:x" as the manager has the user created under x as the manager."""
    if not resource_type.find("manager.value", ENTERPRISE_USER):
        verdict.not_applicable("the tenant's users have no manager")
    boss = _id(bulk_manager.manager, 0)
    assert jobs.status(bulk_manager.manager, 1) in given.SUCCESS, "the manager could not be referred to"
    manager = lookup(jobs.read(bulk_manager, "read report"), f"{ENTERPRISE_USER}:manager.value")
    assert str(manager).lower() == boss


@for_types("User")
@requirement("RFC7644-3.7.2-07")
def test_bulk_id_in_a_path(bulk_ids: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A path such as /Users/bulkId:x leads to the user created under x, or the operation fails."""
    code = jobs.outcome(bulk_ids.path, 1)
    if jobs.refused(code):
        verdict.note(f"a bulkId in a path is refused with {code}")
        return
    assert code in given.SUCCESS
    shown = jobs.read(bulk_ids, "read path")
    assert shown.get(choose.text(resource_type).name) == NEW_TEXT, "the operation changed something else"


@for_types("User")
@requirement("RFC7644-3.7.2-06")
def test_bulk_id_is_not_used_twice(bulk_ids: Evidence) -> None:
    """A bulkId that a job uses twice makes the job fail, or the second use."""
    job = bulk_ids.twice
    assert jobs.refused(jobs.outcome(job, 1)), "both creates were carried out"
