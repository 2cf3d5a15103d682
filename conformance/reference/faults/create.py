"""Faults of creating resources (RFC 7644 §3.3): the answer, and values that a client may not set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import (
    at,
    change_value,
    drop_header,
    each_resource,
    on_answer,
    on_body,
    on_kept,
    set_error,
    set_status,
    wrap,
)
from conformance.spec.errors import ScimError, invalid_value, mutability
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER
from conformance.spec.values import instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Body = dict[str, Any]

_MANAGERS_NAME = f"{ENTERPRISE_USER}:manager.displayName"


def _on_created(tenant: ReferenceTenant, change: Callable[[Body], Any]) -> None:
    on_answer(tenant, each_resource(change), method="POST", status=201)


# The answer


@fault("RFC7644-3.3-01")
def groups_cannot_be_created(tenant: ReferenceTenant) -> None:
    """POST to the advertised endpoint of groups answers 501."""

    def create(original: Callable[..., Any], resource_type: ResourceType, *more: Any) -> Any:
        handlers = original(resource_type, *more)
        if resource_type.name == "Group" and not more[0]:
            del handlers["POST"]
        return handlers

    wrap(tenant, "_of_type", create)
    on_answer(tenant, set_error(501), method="POST", status=405, where=lambda q, _: q.segments[-1] == "Groups")


@fault("RFC7643-1.1-02", "RFC7644-3.3-01")
def create_of_a_group_answers_403(tenant: ReferenceTenant) -> None:
    """Every create of a group is refused with 403, whatever its attributes."""

    def refuse(_: Body) -> None:
        raise ScimError("Groups are made elsewhere", status=403)

    on_body(tenant, refuse, method="POST", of="Group")


@fault("RFC7644-3.3-08")
def create_answers_200(tenant: ReferenceTenant) -> None:
    """A create answers 200 instead of 201."""
    on_answer(tenant, set_status(200), method="POST", status=201)


@fault("RFC7644-3.3-09", "RFC7643-3-03", "RFC7643-2.1-04", "RFC7644-3.3-14", "RFC7644-3.1-07")
def create_returns_no_schemas(tenant: ReferenceTenant) -> None:
    """The body of the answer to a create is no resource: it has no schemas."""
    _on_created(tenant, lambda created: None if any(":" in name for name in created) else created.pop("schemas", None))


@fault("RFC7644-3.3-10")
def create_sends_no_location(tenant: ReferenceTenant) -> None:
    """The answer to a create has no Location header."""
    on_answer(tenant, drop_header("Location"), method="POST", status=201)


@fault("RFC7644-3.3-12", "RFC7644-3.3-13")
def create_sends_a_location_by_name(tenant: ReferenceTenant) -> None:
    """The Location header of a create ends in the name of the user, under which there is nothing to read."""

    def change(_: Request, response: Response) -> None:
        name = (response.document or {}).get("userName", "nobody")
        response.headers["Location"] = f"{response.headers['Location'].rpartition('/')[0]}/{name}"

    on_answer(tenant, change, method="POST", status=201, where=at("Users"))


@fault("RFC7644-3.3-11", "RFC7644-3.3-14", "RFC7644-3.1-07")
def create_returns_no_meta_location(tenant: ReferenceTenant) -> None:
    """The answer to a create has no meta.location."""
    _on_created(tenant, lambda user: user.get("meta", {}).pop("location", None))


@fault("RFC7644-3.3-14", "RFC7644-3.1-07")
def create_returns_defaults_it_does_not_keep(tenant: ReferenceTenant) -> None:
    """The answer to a create shows a userType, which a read does not."""
    change = each_resource(lambda user: user.setdefault("userType", "Employee"))
    on_answer(tenant, change, method="POST", status=201, where=lambda q, _: q.segments[-1] == "Users" and not q.query)


@fault("RFC7644-3.3-21", "RFC7644-3.14-02", "RFC7644-3.14-04")
def create_sends_no_etag(tenant: ReferenceTenant) -> None:
    """The answer to a create has no ETag header."""
    on_answer(tenant, drop_header("ETag"), method="POST", status=201)


@fault("RFC7643-3.1-02")
def create_without_external_id_returns_no_id(tenant: ReferenceTenant) -> None:
    """A resource that is created without externalId has no id in the answer."""
    _on_created(tenant, lambda user: None if "externalId" in user else user.pop("id", None))


@fault(
    "RFC7643-3.1-03",
    "RFC7643-3.1-23",
    "RFC7643-3-11",
    "RFC7644-3.3-11",
    "RFC7644-3.3-14",
    "RFC7644-3.1-07",
    "RFC7644-3.3.1-01",
    "RFC7644-3.14-04",
)
def create_returns_no_meta(tenant: ReferenceTenant) -> None:
    """The answer to a create has no meta."""
    _on_created(tenant, lambda user: user.pop("meta", None))


@fault("RFC7644-3.3.1-01", "RFC7643-3-02", "RFC7643-3.1-24", "RFC7643-6-06")
def resource_type_is_the_endpoint(tenant: ReferenceTenant) -> None:
    """The meta.resourceType of a resource is the name of its endpoint: Users for User."""
    on_answer(
        tenant,
        each_resource(lambda r: change_value(r, "meta.resourceType", lambda name: f"{name}s")),
        where=at("Users", "Groups"),
    )


# readOnly attributes


@fault("RFC7644-3.3-02")
def create_refuses_an_id(tenant: ReferenceTenant) -> None:
    """A create with an id in its body is refused."""
    on_body(tenant, _refuse("id"), method="POST", of="")


@fault("RFC7643-3.1-10", "RFC7644-3.3-02")
def create_takes_over_the_id(tenant: ReferenceTenant) -> None:
    """The id in the body of a create becomes the id of the resource."""

    def keep(attributes: Body, body: Body) -> None:
        if "id" in body and tenant.store.type_of(body["id"]) is None:
            attributes["id"] = body["id"]

    def first_state(original: Callable[..., Record], resource_type: ResourceType, attributes: Body) -> Record:
        chosen = attributes.pop("id", None)
        record = original(resource_type, attributes)
        return replace(record, id=chosen) if chosen else record

    on_kept(tenant, keep, method="POST", of="")
    wrap(tenant.rules, "first_state", first_state)


@fault("RFC7644-3.3-03", "RFC7643-3.1-22")
def create_refuses_meta(tenant: ReferenceTenant) -> None:
    """A create with meta in its body is refused."""
    on_body(tenant, _refuse("meta"), method="POST", of="")


@fault("RFC7644-3.3-03", "RFC7643-3.1-22")
def create_takes_over_the_date(tenant: ReferenceTenant) -> None:
    """The meta.created in the body of a create becomes that of the resource."""

    def keep(attributes: Body, body: Body) -> None:
        moment = instant(body.get("meta", {}).get("created"))
        if moment:
            attributes["created"] = round(moment.timestamp() * 1000)

    def first_state(original: Callable[..., Record], resource_type: ResourceType, attributes: Body) -> Record:
        created = attributes.pop("created", None)
        record = original(resource_type, attributes)
        return replace(record, created=created) if created else record

    on_kept(tenant, keep, method="POST", of="")
    wrap(tenant.rules, "first_state", first_state)


@fault("RFC7644-3.3.1-02", "RFC7644-3.3-03", "RFC7643-3.1-22")
def create_takes_its_type_from_the_body(tenant: ReferenceTenant) -> None:
    """The answer to a create shows the meta.resourceType that the client sent."""

    def change(request: Request, response: Response) -> None:
        sent = request.json(len(request.body))
        claimed = sent.get("meta", {}).get("resourceType")
        if claimed and response.document:
            response.document["meta"]["resourceType"] = claimed

    on_answer(tenant, change, method="POST", status=201)


@fault("RFC7644-3.3-04", "RFC7643-4.1.2-16")
def create_refuses_groups(tenant: ReferenceTenant) -> None:
    """A create of a user with groups in its body is refused."""
    on_body(tenant, _refuse("groups"), method="POST")


@fault("RFC7644-3.3-04", "RFC7643-4.1.2-16")
def create_shows_groups_from_the_body(tenant: ReferenceTenant) -> None:
    """A user shows the groups that were in the body of its create."""
    on_kept(tenant, _keep("groups"), method="POST")


@fault("RFC7644-3.3-05", "RFC7643-4.3-10")
def create_refuses_the_name_of_a_manager(tenant: ReferenceTenant) -> None:
    """A create with manager.displayName in its body is refused."""

    def refuse(body: Body) -> None:
        if lookup(body, _MANAGERS_NAME):
            raise mutability("manager.displayName is readOnly")

    on_body(tenant, refuse, method="POST")


@fault("RFC7644-3.3-05", "RFC7643-4.3-10")
def create_drops_a_manager_with_a_name(tenant: ReferenceTenant) -> None:
    """A create drops a manager whole when its readOnly displayName is in the body."""

    def drop(body: Body) -> None:
        if lookup(body, _MANAGERS_NAME):
            del body[ENTERPRISE_USER]["manager"]

    on_body(tenant, drop, method="POST")


def _refuse(name: str) -> Callable[[Body], None]:
    def refuse(body: Body) -> None:
        if name in body:
            raise mutability(f"{name} is readOnly")

    return refuse


def _keep(name: str) -> Callable[[Body, Body], None]:
    def keep(attributes: Body, body: Body) -> None:
        if name in body:
            attributes[name] = body[name]

    return keep


# What is left out or empty


@fault("RFC7644-3.3-07", "RFC7643-2.5-01")
def create_refuses_null(tenant: ReferenceTenant) -> None:
    """A create in which an attribute is null is refused."""

    def refuse(body: Body) -> None:
        if None in body.values():
            raise invalid_value("null is no value")

    on_body(tenant, refuse, method="POST", of="")


@fault("RFC7644-3.3-07", "RFC7643-2.5-02")
def create_refuses_empty_arrays(tenant: ReferenceTenant) -> None:
    """A create in which an attribute is an empty array is refused."""

    def refuse(body: Body) -> None:
        if [] in body.values():
            raise invalid_value("an empty array is no value")

    on_body(tenant, refuse, method="POST", of="")


@fault("RFC7643-6-16", "RFC7643-1.1-02", "RFC7644-3.3-01")
def create_demands_an_optional_extension(tenant: ReferenceTenant) -> None:
    """A user with nothing but required attributes is refused without the enterprise extension, which is optional."""

    def refuse(body: Body) -> None:
        if {name.lower() for name in body} <= {"schemas", "username", "externalid"}:
            raise invalid_value(f"{ENTERPRISE_USER} is required")

    on_body(tenant, refuse, method="POST")
