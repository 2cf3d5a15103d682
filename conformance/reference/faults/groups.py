"""Faults of groups: their names, the members of a create or replace, and the groups that users show (RFC 7643 §4)."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.operations import aimed, on_operation
from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import at, on_answer, on_body, on_kept, on_shown, wrap
from conformance.spec.errors import ScimError
from conformance.spec.paths import lookup, member

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.operations import Document, Step
    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType


# --- names ------------------------------------------------------------------------------------------------------------


def _name_it(body: Document) -> None:
    if member(body, "displayName") is None:
        body["displayName"] = "Unnamed"


@fault("RFC7643-4.2-02", "RFC7643-7-16")
def group_without_name_is_created(tenant: ReferenceTenant) -> None:
    """A create of a group without displayName succeeds."""
    on_body(tenant, _name_it, method="POST", of="Group")


@fault("RFC7643-4.2-03", "RFC7643-7-17")
def group_is_replaced_without_name(tenant: ReferenceTenant) -> None:
    """A PUT of a group without displayName succeeds."""
    on_body(tenant, _name_it, method="PUT", of="Group")


@fault("RFC7644-3.5.2.2-14")
def name_of_a_group_is_removed(tenant: ReferenceTenant) -> None:
    """A remove of a group's displayName answers with success."""
    on_operation(tenant, aimed("remove", "displayName", of="Group"), lambda step: step.document)


@fault("RFC7643-4.2-04")
def group_names_are_unique(tenant: ReferenceTenant) -> None:
    """A second group of the same displayName is refused, though the schema does not say that it is unique."""

    def check(original: Callable[[Record], None], record: Record) -> None:
        original(record)
        others = tenant.store.all("Group") if record.type == "Group" else []
        names = {other.attributes.get("displayName") for other in others if other.id != record.id}
        if record.attributes.get("displayName") in names:
            raise ScimError("There is a group of that name", status=409, scim_type="uniqueness")

    wrap(tenant.store, "check_unique", check)


# --- members ----------------------------------------------------------------------------------------------------------


def _drop_members(tenant: ReferenceTenant, type_name: str) -> None:
    def drop(kept: Document, _: Any) -> None:
        members = kept.pop("members", [])
        kept["members"] = [m for m in members if tenant.store.type_of(m["value"]) != type_name]

    on_kept(tenant, drop, method="POST", of="Group")


for _name, _breaks in (("User", "RFC7643-4.2-05 RFC7643-7-25"), ("Group", "RFC7643-4.2-11")):
    register(
        f"members_that_are_{_name.lower()}s_are_dropped",
        tuple(_breaks.split()),
        f"A create of a group answers with success and drops the members that are {_name.lower()}s.",
        partial(_drop_members, type_name=_name),
    )


@fault("RFC7643-4.2-08", "RFC7643-7-25")
def members_of_a_create_are_shown_by_name(tenant: ReferenceTenant) -> None:
    """The value of a member given in the create of a group is a userName rather than an id."""

    def show(group: Document) -> None:
        record = tenant.store.get(str(group.get("id")))
        for each in group.get("members", []) if record and record.revision == 1 else []:
            user = tenant.store.get(each["value"], "User")
            if user:
                each["value"] = user.attributes["userName"]

    on_shown(tenant, show, of="Group")


@fault("RFC7644-3.5.1-04", "RFC7643-4.2-06", "RFC7643-4.1.2-20")
def put_of_a_group_keeps_members(tenant: ReferenceTenant) -> None:
    """A PUT of a group leaves its members as they are."""

    def accept(
        original: Callable[..., Document], body: Any, resource_type: ResourceType, stored: Record | None = None
    ) -> Document:
        kept = original(body, resource_type, stored)
        if stored and "members" in stored.attributes:
            kept["members"] = deepcopy(stored.attributes["members"])
        return kept

    wrap(tenant.rules, "accept", accept)


def _repeat_members(kept: Document, body: Any) -> None:
    given = [lookup(each, "value") for each in lookup(body, "members") or []]
    for each in list(kept.get("members", [])):
        kept["members"] += [dict(each)] * (given.count(each["value"]) - 1)


@fault("RFC7643-4.2-13")
def member_named_twice_is_held_twice(tenant: ReferenceTenant) -> None:
    """A member that a PUT names twice is listed twice."""
    on_kept(tenant, _repeat_members, method="PUT", of="Group")


def _change_members(tenant: ReferenceTenant, name: str, change: Callable[[Document], object]) -> None:
    def show(group: Document) -> None:
        for each in group.get("members", []):
            if name in each:
                each[name] = change(each)

    on_shown(tenant, show, of="Group")


for _name, _sub, _says, _breaks, _change in (
    (
        "ref_names_a_group",
        "$ref",
        "is the URI of a group",
        "RFC7643-4.2-09 RFC7643-2.3.7-05",
        lambda m: m["$ref"].replace("User", "Group"),
    ),
    ("type_is_no_resource_type", "type", "is “person”", "RFC7643-4.2-10", lambda _: "person"),
):
    register(
        f"member_{_name}",
        tuple(_breaks.split()),
        f"The {_sub} of a member who is a user {_says}.",
        partial(_change_members, name=_sub, change=_change),
    )


# --- the groups of users ----------------------------------------------------------------------------------------------


def _change_groups(tenant: ReferenceTenant, change: Callable[[Document], object]) -> None:
    def show(user: Document) -> None:
        for entry in user.get("groups", []):
            change(entry)

    on_shown(tenant, show)


def _direct(entry: Document) -> bool:
    return entry.get("type") == "direct"


def _value_is_the_name(entry: Document) -> None:
    entry["value"] = entry.get("display")


def _ref_names_a_user(entry: Document) -> None:
    entry["$ref"] = str(entry.get("$ref")).replace("/Groups/", "/Users/")


def _direct_is_member(entry: Document) -> None:
    entry["type"] = "member" if _direct(entry) else entry.get("type")


def _all_is_direct(entry: Document) -> None:
    entry["type"] = "direct"


for _name, _description, _breaks, _change in (
    ("value_is_the_name", "The value in the groups of a user is the name of the group.", "14", _value_is_the_name),
    ("ref_names_a_user", "The $ref in the groups of a user is the URI of a user.", "15", _ref_names_a_user),
    ("type_is_member", "The type in the groups of a user is “member”.", "19", _direct_is_member),
    ("type_is_always_direct", "A membership through a nested group is shown as direct.", "21", _all_is_direct),
):
    register(f"groups_{_name}", (f"RFC7643-4.1.2-{_breaks}",), _description, partial(_change_groups, change=_change))


@fault("RFC7643-4.1.2-13")
def direct_groups_are_not_shown(tenant: ReferenceTenant) -> None:
    """The groups of a user lack those that list the user, and have only those around them."""

    def show(user: Document) -> None:
        if "groups" in user:
            user["groups"] = [entry for entry in user["groups"] if not _direct(entry)]

    on_shown(tenant, show)


@fault("RFC7643-4.1.2-18")
def ended_membership_is_shown(tenant: ReferenceTenant) -> None:
    """A group that a user has left stays among the groups of the user."""
    former: defaultdict[str, dict[str, Document]] = defaultdict(dict)

    def show(user: Document) -> None:
        entries = former[str(user.get("id"))]
        entries.update((entry["value"], entry) for entry in user.get("groups", []) if "value" in entry)
        shown = [entry for group, entry in entries.items() if tenant.store.get(group)]
        if shown:
            user["groups"] = shown

    on_shown(tenant, show)


def _join(tenant: ReferenceTenant, user: str, groups: Any) -> None:
    for entry in groups if isinstance(groups, list) else []:
        group = tenant.store.get(str(lookup(entry, "value")), "Group")
        if group:
            members = [*group.attributes.get("members", []), {"value": user}]
            tenant.store.replace(tenant.rules.next_state(group, {**group.attributes, "members": members}))


def _writes_a_user(request: Request, response: Response) -> bool:
    return at("Users")(request, response) and ".search" not in request.segments


@fault("RFC7643-4.1.2-16")
def groups_of_a_user_are_taken(tenant: ReferenceTenant) -> None:
    """The groups in the body of a create or PUT of a user make the user a member."""

    def join(request: Request, response: Response) -> None:
        body = request.json(tenant.rules.max_body)
        _join(tenant, str((response.document or {}).get("id")), lookup(body, "groups"))

    on_answer(tenant, join, method=("POST", "PUT"), status=(200, 201), where=_writes_a_user)


@fault("RFC7643-4.1.2-16")
def groups_of_a_user_are_refused(tenant: ReferenceTenant) -> None:
    """A create of a user whose body has groups is refused."""

    def refuse(body: Document) -> None:
        if "groups" in body:
            raise ScimError("groups is readOnly", scim_type="mutability")

    on_body(tenant, refuse, method="POST")


@fault("RFC7643-4.1.2-17", "RFC7644-3.5.2-26")
def patch_of_groups_makes_a_member(tenant: ReferenceTenant) -> None:
    """A PATCH of a user's groups succeeds and makes the user a member."""

    def join(step: Step) -> Document:
        _join(tenant, step.document["id"], step.value)
        return step.document

    on_operation(tenant, aimed("add", "groups", of="User"), join)
