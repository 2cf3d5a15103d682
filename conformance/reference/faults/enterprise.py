"""Faults of the enterprise extension and of references to other resources (RFC 7643 §2.3.7, §3.3, §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import change_value, each_resource, on_answer, on_kept, on_shown, wrap
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant

_MANAGER = f"{ENTERPRISE_USER}:manager"


def _as_a_number(text: str) -> str:
    return f"{text}.0" if text.isdigit() else text


# What is kept of a new User's attributes, each with the clauses that describe it: in the text and among the schemas.
_ALTERED: dict[str, tuple[str, str, str, Callable[[Any], Any]]] = {
    "employeeNumber": ("gets a decimal place", "RFC7643-4.3-02", "RFC7643-8.7.1-72", _as_a_number),
    "costCenter": ("gets a decimal place", "RFC7643-4.3-03", "RFC7643-8.7.1-73", _as_a_number),
    "organization": ("loses its last letter", "RFC7643-4.3-04", "RFC7643-8.7.1-74", lambda text: text[:-1]),
    "division": ("loses its first letter", "RFC7643-4.3-05", "RFC7643-8.7.1-75", lambda text: text[1:]),
    "department": ("is cut after three characters", "RFC7643-4.3-06", "RFC7643-8.7.1-76", lambda text: text[:3]),
}


def _alters(path: str, change: Callable[[Any], Any]) -> Plant:
    return lambda tenant: on_kept(tenant, lambda kept, _: change_value(kept, path, change), method="POST")


for _name, (_what, _text, _schema, _change) in _ALTERED.items():
    register(
        f"create-alters-{_name}",
        (_text, _schema, "RFC7643-7-25", "RFC7643-3.3-07"),
        f"The {_name} of a new User {_what}.",
        _alters(f"{ENTERPRISE_USER}:{_name}", _change),
    )


@fault("RFC7643-3-14", "RFC7643-3.3-06")
def create_answers_extensions_at_the_top(tenant: ReferenceTenant) -> None:
    """The answer to a create shows enterprise attributes at the top level, too."""
    flat = each_resource(lambda resource: resource.update(resource.get(ENTERPRISE_USER, {})))
    on_answer(tenant, flat, method="POST", status=201)


@fault("RFC7643-4.3-07", "RFC7643-8.7.1-77")
def manager_is_an_array(tenant: ReferenceTenant) -> None:
    """A manager who has a displayName is returned as an array."""
    on_shown(tenant, lambda r: change_value(r, _MANAGER, lambda m: [m] if "displayName" in m else m))


@fault(
    "RFC7643-4.3-08",
    "RFC7643-4.3-07",
    "RFC7643-4.3-09",
    *("RFC7643-8.7.1-77", "RFC7643-8.7.1-78", "RFC7643-8.7.1-79"),
)
def manager_has_no_value(tenant: ReferenceTenant) -> None:
    """A manager who has a displayName is returned with that alone."""

    def name_alone(manager: dict[str, Any]) -> dict[str, Any]:
        return {"displayName": manager["displayName"]} if "displayName" in manager else manager

    on_shown(tenant, lambda resource: change_value(resource, _MANAGER, name_alone))


@fault("RFC7643-4.3-09", "RFC7643-8.7.1-79")
def manager_has_no_reference(tenant: ReferenceTenant) -> None:
    """The manager is returned without $ref."""
    _refer(tenant, lambda _: None)


@fault("RFC7643-2.3.7-01", "RFC7643-4.3-09", "RFC7643-8.7.1-79")
def reference_is_empty(tenant: ReferenceTenant) -> None:
    """The $ref of a manager is an empty string."""
    _refer(tenant, lambda _: "")


@fault("RFC7643-2.3.7-02", "RFC7643-2.3.7-05", "RFC7643-4.3-09", "RFC7643-8.7.1-79")
def reference_is_relative_to_the_resource(tenant: ReferenceTenant) -> None:
    """The $ref of a manager is relative to the URL of the resource that it stands in."""
    _refer(tenant, lambda uri: f"../Users/{uri.rpartition('/')[2]}")


@fault("RFC7643-2.3.7-05", "RFC7643-4.3-09", "RFC7643-8.7.1-79")
def reference_leads_nowhere(tenant: ReferenceTenant) -> None:
    """The $ref of a manager names an endpoint that does not exist."""
    _refer(tenant, lambda uri: uri.replace("/Users/", "/Managers/"))


@fault("RFC7643-4.3-10", "RFC7643-7-24", "RFC7643-8.7.1-80")
def manager_name_is_taken_over(tenant: ReferenceTenant) -> None:
    """The displayName that a client sends for the manager is kept and returned."""
    path = f"{_MANAGER}.displayName"

    def keep(kept: dict[str, Any], body: dict[str, Any]) -> None:
        name = lookup(body, path)
        if name and lookup(kept, _MANAGER):
            kept[ENTERPRISE_USER]["manager"]["displayName"] = name

    def represent(original: Callable[..., Any], record: Record, base: str) -> Any:
        resource, name = original(record, base), lookup(record.attributes, path)
        if name:
            resource[ENTERPRISE_USER]["manager"]["displayName"] = name
        return resource

    on_kept(tenant, keep)
    wrap(tenant.rules, "represent", represent)


@fault("RFC7643-4.3-11")
def manager_goes_by_another_name(tenant: ReferenceTenant) -> None:
    """The displayName of the manager is not that of its User."""
    on_shown(tenant, lambda r: change_value(r, f"{_MANAGER}.displayName", lambda name: f"{name} (former)"))


def _refer(tenant: ReferenceTenant, change: Callable[[str], str | None]) -> None:
    on_shown(tenant, lambda resource: change_value(resource, f"{_MANAGER}.$ref", change))
