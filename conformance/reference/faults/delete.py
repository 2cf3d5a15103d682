"""Faults of deleting resources (RFC 7644 §3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    deleted,
    each_resource,
    on_answer,
    set_body,
    set_error,
    set_status,
    wrap,
)
from conformance.spec.errors import ScimError
from conformance.spec.filter import Comparison
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.filter import Filter
    from conformance.spec.schema import ResourceType


# The answer


@fault("RFC7644-3.6-09")
def delete_answers_200(tenant: ReferenceTenant) -> None:
    """A DELETE answers 200 instead of 204."""
    on_answer(tenant, set_status(200), method="DELETE", status=204)


@fault("RFC7644-3.6-10")
def delete_returns_a_body(tenant: ReferenceTenant) -> None:
    """The 204 to a DELETE has a body."""
    on_answer(tenant, set_body({"deleted": True}), method="DELETE", status=204)


@fault("RFC7644-3.6-12")
def delete_of_an_unknown_id_answers_204(tenant: ReferenceTenant) -> None:
    """A DELETE with an id that never existed answers 204."""
    gone = deleted(tenant)

    def change(_: Request, response: Response) -> None:
        response.status, response.document = 204, None

    on_answer(tenant, change, method="DELETE", status=404, where=lambda q, _: q.segments[-1] not in gone)


# What is gone


_ON_DELETED = {
    "GET": ("RFC7644-3.6-01", "read"),
    "PUT": ("RFC7644-3.6-02", "replace"),
    "PATCH": ("RFC7644-3.6-03", "patch"),
    "DELETE": ("RFC7644-3.6-04", "delete"),
}


def _answers_403(method: str) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        gone = deleted(tenant)
        on_answer(tenant, set_error(403), method=method, status=404, where=lambda q, _: q.segments[-1] in gone)

    return plant


for _method, (_id, _verb) in _ON_DELETED.items():
    register(
        f"{_verb}_of_a_deleted_resource_answers_403",
        (_id,),
        f"A {_method} of a deleted resource answers 403.",
        _answers_403(_method),
    )


@fault("RFC7644-3.6-11")
def error_for_a_deleted_resource_is_no_scim_error(tenant: ReferenceTenant) -> None:
    """The 404 for a deleted resource has a body that is no SCIM error."""
    gone = deleted(tenant)
    change = set_body({"error": "deleted"})
    on_answer(tenant, change, method="GET", status=404, where=lambda q, _: q.segments[-1] in gone)


_STILL_FOUND = {
    "lists_show_the_deleted": (
        ("RFC7644-3.6-05",),
        "A list shows users that were deleted.",
        lambda node, searching: not searching and not _exact(node),
    ),
    "filters_find_the_deleted": (
        ("RFC7644-3.6-06", "RFC7644-3.6-05"),
        "A filter with eq finds users that were deleted.",
        lambda node, searching: not searching and _exact(node),
    ),
    "searches_find_the_deleted": (
        ("RFC7644-3.6-07",),
        "A search by POST finds users that were deleted.",
        lambda _, searching: searching,
    ),
}


def _exact(node: Filter) -> bool:
    return isinstance(node, Comparison) and node.op == "eq"


def _finds_deleted(wanted: Callable[[Filter, bool], bool]) -> Callable[[ReferenceTenant], None]:
    def plant(tenant: ReferenceTenant) -> None:
        gone = deleted(tenant)
        searching = {"now": False}

        def search(original: Callable[..., Any], *asked: Any) -> Any:
            searching["now"] = True
            try:
                return original(*asked)
            finally:
                searching["now"] = False

        def candidates(original: Callable[..., list[Record]], node: Filter, of: ResourceType) -> list[Record]:
            found = original(node, of)
            if wanted(node, searching["now"]):
                found = found + [record for record in gone.values() if record.type == of.name]
            return found

        wrap(tenant.finder, "search", search)
        wrap(tenant.rules, "candidates", candidates)

    return plant


for _name, (_breaks, _says, _wanted) in _STILL_FOUND.items():
    register(_name, _breaks, _says, _finds_deleted(_wanted))


@fault("RFC7644-3.6-08")
def names_of_deleted_users_stay_taken(tenant: ReferenceTenant) -> None:
    """The userName of a deleted user cannot be used again."""
    gone = deleted(tenant)

    def insert(original: Callable[[Record], None], record: Record) -> None:
        name = record.attributes.get("userName")
        if name and any(other.attributes.get("userName") == name for other in gone.values()):
            raise ScimError("The userName was in use once", status=409, scim_type="uniqueness")
        original(record)

    wrap(tenant.store, "insert", insert)


@fault("RFC7644-3.6-13")
def delete_of_a_group_deletes_its_members(tenant: ReferenceTenant) -> None:
    """Deleting a group deletes its members, too."""

    def delete(original: Callable[..., None], record: Record, *others: Any) -> None:
        original(record, *others)
        for identifier in lookup(record.attributes, "members.value") or []:
            member = tenant.store.get(identifier, "User")
            if member:
                original(member)

    wrap(tenant.store, "delete", delete)


@fault("RFC7644-3.6-15")
def users_show_deleted_groups(tenant: ReferenceTenant) -> None:
    """A user goes on showing a group that was deleted."""
    gone = deleted(tenant)

    def show(user: dict[str, Any]) -> None:
        for group in gone.values():
            if user.get("id") in (lookup(group.attributes, "members.value") or []):
                user["groups"] = [*user.get("groups", []), {"value": group.id, "type": "direct"}]

    on_answer(tenant, each_resource(show), method="GET", status=200)
