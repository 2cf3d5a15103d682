"""Faults of what every resource has: schemas, id, externalId and meta (RFC 7643 §3, §3.1, §3.3)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import (
    at,
    change_value,
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
_AS_READ = "RFC7644-3.4.2-17"


# schemas


@fault("RFC7643-3-03", "RFC7643-2.1-04", _AS_READ)
def lists_omit_schemas(tenant: ReferenceTenant) -> None:
    """Resources in lists have no schemas."""
    in_lists(tenant, lambda resource: resource.pop("schemas", None))


@fault("RFC7643-3-04", _AS_READ)
def lists_have_schemas_as_text(tenant: ReferenceTenant) -> None:
    """Resources in lists have schemas as one string instead of an array."""
    in_lists(tenant, lambda resource: resource.update(schemas=resource["schemas"][0]))


@fault("RFC7643-3-05", "RFC7643-3.3-01", "RFC7643-3-13", _AS_READ)
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


@fault("RFC7643-3-13", "RFC7643-3.3-01", _AS_READ)
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


@fault("RFC7643-3-12", _AS_READ)
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
    _on_patch_of(tenant, "id", lambda value: {"id": value})


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


# meta


@fault("RFC7643-3.1-22", "RFC7644-3.3-03")
def create_takes_over_meta(tenant: ReferenceTenant) -> None:
    """A create takes over meta.created from its body."""
    _keep_created(tenant, "POST")


@fault("RFC7643-3.1-22", "RFC7644-3.5.1-14")
def replace_takes_over_meta(tenant: ReferenceTenant) -> None:
    """A PUT takes over meta.created from its body."""
    _keep_created(tenant, "PUT")


@fault("RFC7643-3.1-23", "RFC7643-3-11", "RFC7643-3.1-01", _AS_READ)
def lists_omit_meta(tenant: ReferenceTenant) -> None:
    """Resources in lists have no meta."""
    in_lists(tenant, lambda resource: resource.pop("meta", None))


@fault("RFC7643-3.1-24", "RFC7643-3-02")
def replace_names_the_resource_type_in_lower_case(tenant: ReferenceTenant) -> None:
    """In the answer to a PUT, meta.resourceType is the name of the resource type in lower case."""
    _meta_after_put(tenant, "resourceType", str.lower)


@fault("RFC7643-3.1-25", "RFC7643-2.3.5-01")
def replace_writes_dates_with_a_space(tenant: ReferenceTenant) -> None:
    """In the answer to a PUT, meta.created has a space between date and time."""
    _meta_after_put(tenant, "created", lambda date: date.replace("T", " "))


@fault("RFC7643-3.1-25", "RFC7643-2.3.5-01", "RFC7643-2.3.5-02")
def replace_writes_dates_without_time(tenant: ReferenceTenant) -> None:
    """In the answer to a PUT, meta.created is a date without a time of day."""
    _meta_after_put(tenant, "created", lambda date: date.partition("T")[0])


@fault("RFC7643-3.1-25", "RFC7643-2.3.5-01", "RFC7643-2.3.5-03")
def replace_writes_dates_as_numbers(tenant: ReferenceTenant) -> None:
    """In the answer to a PUT, meta.created is the number of seconds since 1970."""
    _meta_after_put(tenant, "created", lambda _: 1714557600)


@fault("RFC7643-3.1-26", "RFC7644-3.5.1-20", "RFC7644-3.5.2-45")
def every_change_sets_created(tenant: ReferenceTenant) -> None:
    """Every change of a resource sets meta.created anew."""
    _on_change(tenant, lambda _, after: replace(after, created=after.modified))


@fault("RFC7643-3.1-27", "RFC7644-3.5.1-20", "RFC7644-3.5.2-45")
def last_modified_stays(tenant: ReferenceTenant) -> None:
    """A change of a resource leaves meta.lastModified as it was."""
    _on_change(tenant, lambda before, after: replace(after, modified=before.modified))


@fault("RFC7643-3.1-28")
def last_modified_is_later_from_the_start(tenant: ReferenceTenant) -> None:
    """meta.lastModified of a new resource is five milliseconds after meta.created."""
    _on_new(tenant, lambda record: replace(record, modified=record.modified + 5))


@fault("RFC7643-3.1-29", "RFC7644-3.3-12", "RFC7644-3.4.1-05")
def meta_location_leads_nowhere(tenant: ReferenceTenant) -> None:
    """meta.location of a User that is read names an endpoint that does not exist."""

    def mislead(resource: dict[str, Any]) -> None:
        change_value(resource, "meta.location", lambda location: location.replace("/Users/", "/User/"))

    on_shown(tenant, mislead)


@fault("RFC7643-3.1-34", "RFC7643-7-24")
def patch_changes_meta_created(tenant: ReferenceTenant) -> None:
    """A PATCH of a Group with the path meta.created changes it."""
    _show_kept_meta(tenant)
    _on_patch_of(tenant, "meta.created", lambda value: {"meta": {"created": value}})


def _holder(tenant: ReferenceTenant, record: Record, name: str) -> str | None:
    """Return the id of a resource of the record's type with the same value for an attribute."""
    value = record.attributes.get(name)
    same = (other.id for other in tenant.store.all(record.type) if value and other.attributes.get(name) == value)
    return next(same, None)


def _on_new(tenant: ReferenceTenant, change: Callable[[Record], Record]) -> None:
    wrap(tenant.rules, "first_state", lambda original, *more: change(original(*more)))


def _on_change(tenant: ReferenceTenant, change: Callable[[Record, Record], Record]) -> None:
    def next_state(original: Callable[..., Record], before: Record, attributes: Any) -> Record:
        after = original(before, attributes)
        return before if after is before else change(before, after)

    wrap(tenant.rules, "next_state", next_state)


def _reuse_ids(tenant: ReferenceTenant, identifier: Callable[[Record], str | None]) -> None:
    _on_new(tenant, lambda record: replace(record, id=identifier(record) or record.id))


def _meta_after_put(tenant: ReferenceTenant, name: str, change: Callable[[Any], Any]) -> None:
    change_meta = each_resource(lambda resource: change_value(resource, f"meta.{name}", change))
    on_answer(tenant, change_meta, method="PUT", status=200)


def _on_patch_of(tenant: ReferenceTenant, path: str, keep: Callable[[Any], dict[str, Any]]) -> None:
    """Keep what a PATCH of a Group writes to a readOnly path."""

    def apply(original: Callable[..., Any], body: Any, resource_type: ResourceType, stored: Record, base: str) -> Any:
        operations = lookup(body, "Operations") if resource_type.name == "Group" else None
        for operation in operations if isinstance(operations, list) else ():
            if lookup(operation, "path") == path and lookup(operation, "op") == "replace":
                return {**stored.attributes, **keep(operation.get("value"))}
        return original(body, resource_type, stored, base)

    wrap(tenant.rules, "apply_patch", apply)


def _keep_created(tenant: ReferenceTenant, method: str) -> None:
    def keep(kept: dict[str, Any], body: dict[str, Any]) -> None:
        created = lookup(body, "meta.created")
        if created:
            kept["meta"] = {"created": created}

    _show_kept_meta(tenant)
    on_kept(tenant, keep, method=method)


def _show_kept_meta(tenant: ReferenceTenant) -> None:
    def represent(original: Callable[..., Any], record: Record, base: str) -> Any:
        shown = original(record, base)
        shown["meta"].update(record.attributes.get("meta", {}))
        return shown

    wrap(tenant.rules, "represent", represent)
