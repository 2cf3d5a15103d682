"""Faults of what every resource has: schemas, id and externalId (RFC 7643 §3, §3.1, §3.3)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import (
    at,
    each_resource,
    in_lists,
    on_answer,
    on_body,
    on_kept,
    on_shown,
    wrap,
)
from conformance.spec.errors import ScimError, invalid_value
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER, USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

_PEOPLE = at("Users")
# A resource in a list is shown as a read shows it.
AS_READ = "RFC7644-3.4.2-17"


# schemas


@fault("RFC7643-3-03", "RFC7643-2.1-04", AS_READ)
def lists_omit_schemas(tenant: ReferenceTenant) -> None:
    """Resources in lists have no schemas."""
    in_lists(tenant, lambda resource: resource.pop("schemas", None))


@fault("RFC7643-3-04", AS_READ)
def lists_have_schemas_as_text(tenant: ReferenceTenant) -> None:
    """Resources in lists have schemas as one string instead of an array."""
    in_lists(tenant, lambda resource: resource.update(schemas=resource["schemas"][0]))


@fault("RFC7643-3-05", "RFC7643-3.3-01", "RFC7643-3-13", AS_READ)
def lists_have_empty_schemas(tenant: ReferenceTenant) -> None:
    """Resources in lists have an empty schemas array."""
    in_lists(tenant, lambda resource: resource.update(schemas=[]))


@fault("RFC7643-3-06")
def patch_repeats_a_schema(tenant: ReferenceTenant) -> None:
    """After a PATCH a URI stands twice in schemas."""
    on_answer(tenant, each_resource(lambda r: r.update(schemas=r["schemas"] * 2)), method="PATCH", status=200)


@fault("RFC7643-3-07", "RFC7643-7-01")
def schemas_lists_an_undeclared_uri(tenant: ReferenceTenant) -> None:
    """A User's schemas lists an extension that the resource type does not declare."""
    undeclared = "urn:example:params:scim:schemas:extension:tenant:2.0:User"
    on_shown(tenant, lambda resource: resource.update(schemas=[*resource.get("schemas", []), undeclared]))


@fault("RFC7643-3-13", "RFC7643-3.3-01", AS_READ)
def lists_omit_the_base_schema(tenant: ReferenceTenant) -> None:
    """Users in lists name just the enterprise extension in schemas, not the base schema."""
    in_lists(tenant, lambda resource: resource.update(schemas=[ENTERPRISE_USER]), "Users")


@fault("RFC7643-3-09")
def schemas_must_begin_with_the_base(tenant: ReferenceTenant) -> None:
    """A create whose schemas does not list the base schema first is refused."""

    def refuse(body: dict[str, Any]) -> None:
        if (body.get("schemas") or [USER])[0] != USER:
            raise invalid_value("schemas must begin with the base schema")

    on_body(tenant, refuse, method="POST")


@fault("RFC7643-3.3-03", "RFC7643-3.3-02", "RFC7643-4.3-01", "RFC7644-3.5.2-30", "RFC7644-3.5.2-31")
def schemas_omits_the_extension_in_use(tenant: ReferenceTenant) -> None:
    """A User with enterprise data does not list the extension in schemas."""
    on_shown(tenant, lambda resource: resource.update(schemas=[USER]))


@fault("RFC7643-3-12", AS_READ)
def lists_nest_the_core_attributes(tenant: ReferenceTenant) -> None:
    """Resources in lists repeat their core attributes in an object named by the URI of the base schema."""

    def nest(resource: dict[str, Any]) -> None:
        resource[USER] = {name: resource[name] for name in ("userName", "displayName") if name in resource}

    in_lists(tenant, nest, "Users")


# id


@fault("RFC7643-3.1-05", "RFC7644-3.1-08")
def replace_answers_an_empty_id(tenant: ReferenceTenant) -> None:
    """The answer to a PUT has an empty id."""
    on_answer(tenant, each_resource(lambda resource: resource.update(id="")), method="PUT", status=200)


@fault("RFC7643-3.1-06", "RFC7643-3-11", "RFC7643-3.1-01", "RFC7644-3.5.2-39")
def patch_answers_without_id(tenant: ReferenceTenant) -> None:
    """The answer to a PATCH has no id."""
    on_answer(tenant, each_resource(lambda resource: resource.pop("id", None)), method="PATCH", status=200)


@fault("RFC7643-3.1-07")
def create_takes_over_the_external_id(tenant: ReferenceTenant) -> None:
    """A create with the externalId of another resource takes that one's place: both have one id."""
    _reuse_ids(tenant, lambda record: _holder(tenant, record, "externalId"))


@fault("RFC7643-3.1-08", "RFC7644-3.1-08")
def renaming_answers_another_id(tenant: ReferenceTenant) -> None:
    """The answer to a PUT that changes userName shows another id."""
    names: dict[str, str] = {}

    def rename(resource: dict[str, Any]) -> None:
        name = resource.get("userName", "")
        if name and names.setdefault(resource["id"], name) != name:
            resource["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    on_answer(tenant, each_resource(rename), method=("POST", "PUT"), status=(200, 201), where=_PEOPLE)


@fault("RFC7643-3.1-09")
def id_of_a_deleted_user_is_given_out_again(tenant: ReferenceTenant) -> None:
    """A User created with the userName of a deleted one is given its id."""
    deleted: dict[str, str] = {}

    def delete(original: Callable[..., None], record: Record, *more: Any) -> None:
        deleted[str(record.attributes.get("userName"))] = record.id
        original(record, *more)

    wrap(tenant.store, "delete", delete)
    _reuse_ids(tenant, lambda record: deleted.get(record.attributes.get("userName", "")))


@fault("RFC7643-3.1-11")
def ids_contain_bulk_id(tenant: ReferenceTenant) -> None:
    """Ids contain the word bulkId."""
    _reuse_ids(tenant, lambda record: f"bulkId-{record.id}")


@fault("RFC7643-3.1-12")
def ids_match_in_any_case(tenant: ReferenceTenant) -> None:
    """A resource is found by its id in another letter case."""

    def get(original: Callable[..., Any], identifier: str, *more: Any) -> Any:
        return original(identifier, *more) or original(identifier.lower(), *more)

    wrap(tenant.store, "get", get)


@fault("RFC7643-3.1-13", "RFC7643-7-24")
def patch_changes_the_id(tenant: ReferenceTenant) -> None:
    """A PATCH of a Group with the path id changes the id that it shows."""
    on_patch_of(tenant, "id", lambda value: {"id": value})


@fault("RFC7643-3.1-13", "RFC7644-3.5.1-13")
def replace_changes_the_id(tenant: ReferenceTenant) -> None:
    """A PUT whose body has another id changes the id that the resource shows."""
    on_kept(tenant, lambda kept, body: kept.update(id=body["id"]) if "id" in body else None, method="PUT")


@fault("RFC7643-3.1-14", "RFC7643-3.1-06", "RFC7643-7-30", "RFC7644-3.9-13", "RFC7644-3.4.2.5-03")
def id_can_be_excluded(tenant: ReferenceTenant) -> None:
    """A read with excludedAttributes=id leaves the id out."""

    def names_id(request: Request, _: Response) -> bool:
        return "id" in request.parameters.get("excludedAttributes", "").split(",")

    on_answer(tenant, each_resource(lambda r: r.pop("id", None)), method="GET", status=200, where=names_id)


# externalId


@fault("RFC7643-3.1-15", "RFC7643-7-21")
def external_id_is_lower_case(tenant: ReferenceTenant) -> None:
    """An externalId is kept in lower case."""

    def fold(kept: dict[str, Any], _: dict[str, Any]) -> None:
        if "externalId" in kept:
            kept["externalId"] = kept["externalId"].lower()

    on_kept(tenant, fold)


@fault("RFC7643-3.1-15")
def create_drops_the_external_id(tenant: ReferenceTenant) -> None:
    """The externalId of a new Group is dropped."""
    on_kept(tenant, lambda kept, _: kept.pop("externalId", None), method="POST", of="Group")


@fault("RFC7643-3.1-16")
def external_id_is_invented(tenant: ReferenceTenant) -> None:
    """A User created without externalId is given one."""
    on_kept(tenant, lambda kept, _: kept.setdefault("externalId", uuid.uuid4().hex), method="POST")


@fault("RFC7643-3.1-18")
def external_id_must_be_unique(tenant: ReferenceTenant) -> None:
    """A create with the externalId of another User is refused with 409."""

    def check(original: Callable[[Record], None], record: Record) -> None:
        if _holder(tenant, record, "externalId") not in {None, record.id}:
            raise ScimError("The externalId is already in use", status=409, scim_type="uniqueness")
        original(record)

    wrap(tenant.store, "check_unique", check)


@fault("RFC7643-3.1-20")
def external_id_cannot_be_changed(tenant: ReferenceTenant) -> None:
    """A PUT of a User with another externalId leaves that as it was."""

    def accept(
        original: Callable[..., Any], body: Any, resource_type: ResourceType, stored: Record | None = None
    ) -> Any:
        kept = original(body, resource_type, stored)
        if stored and resource_type.name == "User" and {"externalId"} <= kept.keys() & stored.attributes.keys():
            kept["externalId"] = stored.attributes["externalId"]
        return kept

    wrap(tenant.rules, "accept", accept)


def _holder(tenant: ReferenceTenant, record: Record, name: str) -> str | None:
    """Return the id of a resource of the record's type with the same value for an attribute."""
    value = record.attributes.get(name)
    same = (other.id for other in tenant.store.all(record.type) if value and other.attributes.get(name) == value)
    return next(same, None)


def on_new(tenant: ReferenceTenant, change: Callable[[Record], Record]) -> None:
    """Change the records of new resources."""
    wrap(tenant.rules, "first_state", lambda original, *more: change(original(*more)))


def _reuse_ids(tenant: ReferenceTenant, identifier: Callable[[Record], str | None]) -> None:
    on_new(tenant, lambda record: replace(record, id=identifier(record) or record.id))


def on_patch_of(tenant: ReferenceTenant, path: str, keep: Callable[[Any], dict[str, Any]]) -> None:
    """Keep what a PATCH of a Group writes to a readOnly path."""

    def apply(original: Callable[..., Any], body: Any, resource_type: ResourceType, stored: Record, base: str) -> Any:
        operations = lookup(body, "Operations") if resource_type.name == "Group" else None
        for operation in operations if isinstance(operations, list) else ():
            if lookup(operation, "path") == path and lookup(operation, "op") == "replace":
                return {**stored.attributes, **keep(operation.get("value"))}
        return original(body, resource_type, stored, base)

    wrap(tenant.rules, "apply_patch", apply)
