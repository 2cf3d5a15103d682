"""Faults of replacing resources (RFC 7644 §3.5.1): readOnly values in the body, and what must be refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault
from conformance.reference.faults.replace import on_replaced
from conformance.reference.faults.seams import on_answer, on_body, on_kept, set_error, wrap
from conformance.reference.messages import read_json
from conformance.spec.errors import ScimError, mutability
from conformance.spec.values import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Body = dict[str, Any]


def _refuse(name: str) -> Callable[[Body], None]:
    def refuse(body: Body) -> None:
        if name in body:
            raise mutability(f"{name} is readOnly")

    return refuse


# readOnly values


@fault("RFC7644-3.5.1-13", "RFC7643-2-01", "RFC7644-3.1-06")
def replace_refuses_the_own_id(tenant: ReferenceTenant) -> None:
    """A PUT that gives a user little more than an id, a name and a title is refused for the id."""
    refuse = _refuse("id")
    little = {"schemas", "id", "externalId", "userName", "title"}
    on_body(tenant, lambda body: refuse(body) if body.keys() == little else None, method="PUT")


@fault("RFC7644-3.5.1-13", "RFC7643-3.1-13")
def replace_returns_the_id_in_the_body(tenant: ReferenceTenant) -> None:
    """The answer to a PUT shows the id that was in its body."""

    def change(request: Request, response: Response) -> None:
        sent = read_json(request.body)
        if response.document and "id" in sent:
            response.document["id"] = sent["id"]

    on_answer(tenant, change, method="PUT", status=200)


@fault("RFC7644-3.5.1-14", "RFC7643-2-01", "RFC7644-3.1-06")
def replace_refuses_meta(tenant: ReferenceTenant) -> None:
    """A PUT with meta in its body is refused."""
    on_body(tenant, _refuse("meta"), method="PUT", of="")


@fault("RFC7644-3.5.1-14", "RFC7643-3.1-22")
def replace_takes_over_the_date(tenant: ReferenceTenant) -> None:
    """The meta.created in the body of a PUT becomes that of the resource."""
    claimed: dict[str, int] = {}

    def remember(body: Body) -> None:
        moment = instant(body.get("meta", {}).get("created"))
        if moment:
            claimed["created"] = round(moment.timestamp() * 1000)

    def next_state(original: Callable[..., Record], record: Record, attributes: Body) -> Record:
        state = original(record, attributes)
        return replace(state, created=claimed.pop("created")) if claimed else state

    on_body(tenant, remember, method="PUT", of="")
    wrap(tenant.rules, "next_state", next_state)


@fault("RFC7644-3.5.1-15", "RFC7643-4.1.2-16")
def replace_refuses_groups(tenant: ReferenceTenant) -> None:
    """A PUT of a user with groups in its body is refused."""
    on_body(tenant, _refuse("groups"), method="PUT")


@fault("RFC7644-3.5.1-15", "RFC7643-4.1.2-16")
def replace_shows_groups_from_the_body(tenant: ReferenceTenant) -> None:
    """A user shows the groups that were in the body of a PUT, as far as there are such groups."""

    def keep(kept: Body, body: Body) -> None:
        groups = [group for group in body.get("groups", []) if tenant.store.get(group["value"], "Group")]
        if groups:
            kept["groups"] = groups

    on_kept(tenant, keep, method="PUT")


@fault("RFC7644-3.5.1-05", "RFC7643-4.1.1-35")
def replace_refuses_passwords(tenant: ReferenceTenant) -> None:
    """A PUT that gives a user without a title a password is refused."""
    refuse = _refuse("password")
    on_body(tenant, lambda body: None if "title" in body else refuse(body), method="PUT")


# Required values


def _without(body: Body, name: str) -> bool:
    return all(key.lower() != name.lower() for key in body)


@fault("RFC7643-4.1.1-04", "RFC7644-3.5.1-16", "RFC7643-7-17")
def replace_needs_no_user_name(tenant: ReferenceTenant) -> None:
    """A PUT of a user without userName keeps the name there is."""
    _fill_in_name(tenant, lambda body: _without(body, "userName"))


@fault("RFC7643-7-17")
def replace_takes_null_for_a_user_name(tenant: ReferenceTenant) -> None:
    """A PUT of a user whose userName is null keeps the name there is."""
    _fill_in_name(tenant, lambda body: "userName" in body and body["userName"] is None)


def _fill_in_name(tenant: ReferenceTenant, wanted: Callable[[Body], bool]) -> None:
    def accept(original: Callable[..., Any], body: Any, resource_type: ResourceType, stored: Any = None) -> Any:
        if stored and resource_type.name == "User" and isinstance(body, dict) and wanted(body):
            body = {**body, "userName": stored.attributes["userName"]}
        return original(body, resource_type, stored)

    wrap(tenant.rules, "accept", accept)


# Names that are in use


@fault("RFC7643-4.1.1-07", "RFC7644-3.5.1-22")
def conflicting_replace_answers_403(tenant: ReferenceTenant) -> None:
    """A PUT with a userName that another user has answers 403."""
    on_answer(tenant, set_error(403), method="PUT", status=409)


@fault("RFC7644-3.12-30")
def conflicting_replace_has_no_scim_type(tenant: ReferenceTenant) -> None:
    """The 409 to a PUT with a userName that another user has has no scimType."""
    on_answer(tenant, set_error(409), method="PUT", status=409)


@fault("RFC7643-4.1.1-11")
def own_name_in_another_case_is_a_conflict(tenant: ReferenceTenant) -> None:
    """A PUT that gives a user its own userName in another letter case is refused as a conflict."""

    def refuse(kept: Body, _: Body, old: Mapping[str, Any]) -> None:
        if kept["userName"] != old["userName"] and kept["userName"].lower() == old["userName"].lower():
            raise ScimError("The userName is in use", status=409, scim_type="uniqueness")

    on_replaced(tenant, refuse)


# Bodies that are refused


@fault("RFC7644-3.5.1-23", "RFC7644-3.12-15")
def malformed_replace_answers_422(tenant: ReferenceTenant) -> None:
    """A PUT whose body is not JSON answers 422."""
    on_answer(tenant, set_error(422), method="PUT", status=400, where=lambda q, _: _kind(q) is None)


@fault("RFC7644-3.5.1-23", "RFC7644-3.12-23")
def replace_by_a_text_answers_500(tenant: ReferenceTenant) -> None:
    """A PUT whose body is a JSON string answers 500."""
    on_answer(tenant, set_error(500), method="PUT", status=400, where=lambda q, _: _kind(q) is str)


def _kind(request: Request) -> type | None:
    try:
        return type(read_json(request.body))
    except ScimError:
        return None


@fault("RFC7644-3.5.1-17")
def refused_replace_sets_some_values(tenant: ReferenceTenant) -> None:
    """A PUT that is refused for a conflict has set the other values of the user by then."""

    def store(original: Callable[[Record], None], record: Record) -> None:
        before = tenant.store.get(record.id)
        try:
            original(record)
        except ScimError:
            if before and record.type == "User":
                attributes = {**record.attributes, "userName": before.attributes["userName"]}
                original(replace(record, attributes=attributes))
            raise

    wrap(tenant.store, "replace", store)
