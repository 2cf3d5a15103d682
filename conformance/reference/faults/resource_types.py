"""Faults of what /ResourceTypes states, and of what follows from it (RFC 7643 §6, §3.2)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    at,
    change_value,
    declare,
    each_resource,
    on_answer,
    on_discovery,
    on_shown,
    wrap,
)
from conformance.spec.errors import ScimError
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

    _Change = Callable[[dict[str, Any]], object]

_STATED: dict[str, tuple[str, ...]] = {
    "name": ("RFC7643-6-04", "RFC7643-8.7.2-09"),
    "endpoint": ("RFC7643-6-08", "RFC7643-8.7.2-11"),
    "schema": ("RFC7643-6-09", "RFC7643-8.7.2-12"),
}


def _of(tenant: ReferenceTenant, name: str, change: _Change) -> None:
    """Change the entry of one resource type."""
    on_discovery(tenant, "resource_types", lambda entry: change(entry) if entry["name"] == name else None)


def _leave_out(document: dict[str, Any], key: str) -> None:
    del document[key]


def _extension(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["schemaExtensions"][0]
    return found


for _key, _breaks in _STATED.items():
    register(
        f"group_type_lacks_{_key}",
        (*_breaks, "RFC7643-3.2-02"),
        f"The resource type Group states no {_key}.",
        partial(_of, name="Group", change=partial(_leave_out, key=_key)),
    )
_WRONG: tuple[tuple[str, tuple[str, ...], str, str, _Change], ...] = (
    (
        "types_lack_schemas",
        ("RFC7643-6-01", "RFC7643-3-03"),
        "The resource type Group lacks schemas.",
        "Group",
        lambda entry: entry.pop("schemas"),
    ),
    (
        "type_lacks_description",
        ("RFC7643-6-07",),
        "The resource type Group has no description.",
        "Group",
        lambda entry: entry.pop("description"),
    ),
    (
        "type_description_is_no_text",
        ("RFC7643-6-07", "RFC7643-8.7.2-10"),
        "The description of the resource type Group is a list.",
        "Group",
        lambda entry: entry.update(description=[entry["description"]]),
    ),
    (
        "extensions_are_an_object",
        ("RFC7643-6-11", "RFC7643-8.7.2-13"),
        "schemaExtensions of User is one object instead of an array.",
        "User",
        lambda entry: entry.update(schemaExtensions=_extension(entry)),
    ),
    (
        "extension_lacks_required",
        ("RFC7643-6-13", "RFC7643-8.7.2-13"),
        "The extension of User does not say whether it is required.",
        "User",
        lambda entry: _extension(entry).pop("required"),
    ),
    (
        "extension_lacks_schema",
        ("RFC7643-6-12", "RFC7643-8.7.2-13"),
        "The extension of User names no schema.",
        "User",
        lambda entry: _extension(entry).pop("schema"),
    ),
)
for _name, _breaks, _description, _type, _change in _WRONG:
    register(_name, _breaks, _description, partial(_of, name=_type, change=_change))


@fault("RFC7643-8.7.2-08")
def type_id_is_a_number(tenant: ReferenceTenant) -> None:
    """The id of the resource type Group is a number."""
    change = each_resource(lambda entry: entry.update(id=2) if entry["name"] == "Group" else None)
    on_answer(tenant, change, method="GET", status=200, where=at("ResourceTypes"))


@fault("RFC7643-6-05")
def types_share_a_name(tenant: ReferenceTenant) -> None:
    """/ResourceTypes lists the resource type Group twice."""

    def twice(original: Callable[[str], list[dict[str, Any]]], base: str) -> list[dict[str, Any]]:
        return [*original(base), *(entry for entry in original(base) if entry["name"] == "Group")]

    wrap(tenant.discovery, "resource_types", twice)


@fault("RFC7643-6-06", "RFC7643-3-02", "RFC7643-3.1-24", "RFC7644-3.3.1-01")
def resource_type_of_users_in_lower_case(tenant: ReferenceTenant) -> None:
    """meta.resourceType of a User is "user", not the name of its resource type."""
    on_shown(tenant, lambda resource: change_value(resource, "meta.resourceType", lambda _: "user"))


def _serve_without(tenant: ReferenceTenant, urn: str) -> None:
    wrap(tenant.discovery, "schemas", lambda original, base: [s for s in original(base) if s["id"] != urn])


for _type, _urn, _own in (("User", USER, "RFC7643-4.1-01"), ("Group", GROUP, "RFC7643-4.2-01")):
    register(
        f"{_type}_schema_is_not_served".lower(),
        (_own, "RFC7643-6-10", "RFC7643-7-01", "RFC7644-4-19", "RFC7643-3.2-01", "RFC7644-4-04"),
        f"/Schemas has no {_type} schema.",
        partial(_serve_without, urn=_urn),
    )


@fault("RFC7643-6-12", "RFC7644-4-19", "RFC7643-3.2-01", "RFC7644-4-04")
def extension_schema_is_not_served(tenant: ReferenceTenant) -> None:
    """/Schemas has no schema of the enterprise extension."""
    _serve_without(tenant, ENTERPRISE_USER)


@fault("RFC7644-4-20", "RFC7643-6-08")
def single_group_cannot_be_listed(tenant: ReferenceTenant) -> None:
    """GET of the endpoint of Group with count=1 fails with 500."""

    def change(_: Request, response: Response) -> None:
        failed = tenant.rules.refuse(ScimError("The list cannot be made", status=500))
        response.status, response.document = failed.status, failed.document

    def where(request: Request, _: Response) -> bool:
        return request.segments[-1] == "Groups" and request.query == b"count=1"

    on_answer(tenant, change, method="GET", status=200, where=where)


def _served_elsewhere(tenant: ReferenceTenant, name: str) -> None:
    """Move the resources of a type to an endpoint in lower case, though the usual one stays, as their location."""
    usual, other = f"{name}s", f"{name}s".lower()
    types = (replace(t, endpoint=f"/{other}") if t.name == name else t for t in tenant.service.resource_types)
    declare(tenant, resource_types=tuple(types))

    def answer(original: Callable[[Request], Response], request: Request) -> Response:
        segments = tuple(other if segment == usual else segment for segment in request.segments)
        return original(replace(request, segments=segments))

    wrap(tenant, "answer", answer)


register(
    "users_in_lower_case",
    ("RFC7644-3.2-01",),
    "The endpoint of User is /users, with /Users as another name for it.",
    partial(_served_elsewhere, name="User"),
)
register(
    "groups_in_lower_case",
    ("RFC7644-3.2-02",),
    "The endpoint of Group is /groups, with /Groups as another name for it.",
    partial(_served_elsewhere, name="Group"),
)
register(
    "specimens_in_lower_case",
    ("RFC7644-3.2-03",),
    "The endpoint of Specimen is /specimens, with /Specimens as another name for it.",
    partial(_served_elsewhere, name="Specimen"),
)
