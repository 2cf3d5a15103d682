"""Faults of replacing resources (RFC 7644 §3.5.1): what a PUT sets, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    deleted,
    each_resource,
    on_answer,
    set_error,
    set_status,
    wrap,
)
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Body = dict[str, Any]
    Stored = Mapping[str, Any]


def on_replaced(tenant: ReferenceTenant, change: Callable[[Body, Body, Stored], None], *, of: str = "User") -> None:
    """Change in place what is kept of a replace; also given: the body sent, and what was kept before."""

    def accept(original: Callable[..., Any], body: Any, resource_type: ResourceType, stored: Any = None) -> Any:
        kept = original(body, resource_type, stored)
        if stored and of in {"", resource_type.name}:
            change(kept, body, stored.attributes)
        return kept

    wrap(tenant.rules, "accept", accept)


# What a PUT sets


@fault("RFC7644-3.5.1-02", "RFC7643-7-25")
def replace_keeps_singular_values(tenant: ReferenceTenant) -> None:
    """A PUT does not change a title that is there already."""
    on_replaced(tenant, lambda kept, body, old: _restore(kept, old, "title") if body.get("title") else None)


@fault("RFC7644-3.5.1-03", "RFC7643-7-25", "RFC7643-1.2-03")
def replace_adds_to_lists(tenant: ReferenceTenant) -> None:
    """A PUT adds e-mail addresses to those that are there."""

    def merge(kept: Body, _: Body, old: Stored) -> None:
        if kept.get("emails"):
            before = [{k: v for k, v in email.items() if k != "primary"} for email in old.get("emails", [])]
            values = {email["value"] for email in kept["emails"]}
            kept["emails"] = kept["emails"] + [email for email in before if email["value"] not in values]

    on_replaced(tenant, merge)


@fault("RFC7644-3.5.1-04")
def replace_does_not_empty_a_group(tenant: ReferenceTenant) -> None:
    """A PUT of a group with an empty array of members leaves the last one in it."""

    def keep(kept: Body, body: Body, old: Stored) -> None:
        if body.get("members") == [] and old.get("members"):
            kept["members"] = list(old["members"][-1:])

    on_replaced(tenant, keep, of="Group")


@fault("RFC7644-3.5.1-09", "RFC7644-3.5.1-02", "RFC7643-7-25")
def replace_keeps_extensions(tenant: ReferenceTenant) -> None:
    """A PUT does not change the data of an extension that is there already."""
    on_replaced(tenant, lambda kept, _, old: _restore(kept, old, ENTERPRISE_USER) if ENTERPRISE_USER in kept else None)


@fault("RFC7644-3.5.1-06")
def replace_keeps_what_is_left_out(tenant: ReferenceTenant) -> None:
    """An attribute that a PUT leaves out keeps its value."""

    def keep(kept: Body, body: Body, old: Stored) -> None:
        sent = {name.lower() for name in body}
        for name in ("title", "externalId"):
            if name.lower() not in sent:
                _restore(kept, old, name)

    on_replaced(tenant, keep, of="")


@fault("RFC7644-3.5.1-07", "RFC7643-2.5-03", "RFC7643-3.1-20")
def replace_ignores_null(tenant: ReferenceTenant) -> None:
    """An attribute that is null in a PUT keeps its value."""
    on_replaced(tenant, lambda kept, body, old: _restore(kept, old, *(k for k, v in body.items() if v is None)), of="")


@fault("RFC7644-3.5.1-08", "RFC7643-2.5-04")
def replace_ignores_empty_arrays(tenant: ReferenceTenant) -> None:
    """An attribute that is an empty array in a PUT of a user keeps its values."""
    on_replaced(tenant, lambda kept, body, old: _restore(kept, old, *(k for k, v in body.items() if v == [])))


def _restore(kept: Body, old: Stored, *names: str) -> None:
    kept |= {name: old[name] for name in names if name in old}


# The answer


# The tenant completes circles of groups by a PUT.
@fault("RFC7644-3.5-01", "RFC7644-3.7.1-01")
def groups_cannot_be_replaced(tenant: ReferenceTenant) -> None:
    """A PUT of a group answers 501."""

    def handlers(original: Callable[..., Body], resource_type: ResourceType, *more: Any) -> Body:
        found = original(resource_type, *more)
        if resource_type.name == "Group":
            found.pop("PUT", None)
        return found

    wrap(tenant, "_of_type", handlers)
    on_answer(tenant, set_error(501), method="PUT", status=405)


@fault("RFC7644-3.5.1-18")
def replace_answers_201(tenant: ReferenceTenant) -> None:
    """A PUT answers 201 instead of 200."""
    on_answer(tenant, set_status(201), method="PUT", status=200)


@fault("RFC7644-3.5.1-19", "RFC7643-3.1-23", "RFC7643-3-11")
def replace_returns_no_meta(tenant: ReferenceTenant) -> None:
    """The answer to a PUT has no meta."""
    on_answer(tenant, each_resource(lambda resource: resource.pop("meta", None)), method="PUT", status=200)


@fault("RFC7644-3.1-08")
def replace_returns_defaults_it_does_not_keep(tenant: ReferenceTenant) -> None:
    """The answer to a PUT of a user shows a userType, which a read does not."""
    change = each_resource(lambda user: user.setdefault("userType", "Employee"))
    on_answer(tenant, change, method="PUT", status=200, where=lambda q, _: "Users" in q.segments and not q.query)


@fault("RFC7644-3.5.1-24")
def repeated_replace_adds_to_lists(tenant: ReferenceTenant) -> None:
    """A PUT that repeats what is there adds the e-mail addresses once more."""

    def double(kept: Body, _: Body, old: Stored) -> None:
        if kept == old and "emails" in kept:
            kept["emails"] = kept["emails"] * 2

    on_replaced(tenant, double)


def _meta_of_replaced(name: str, value: Callable[[Record], int]) -> Callable[[ReferenceTenant], None]:
    """Return what plants a tenant in which a replace gives a record another ``created`` or ``modified``."""

    def plant(tenant: ReferenceTenant) -> None:
        replacing = {"now": False}

        def put(original: Callable[..., Any], *given: Any) -> Any:
            replacing["now"] = len(given) > 2 and given[2] is not None  # noqa: PLR2004
            return original(*given)

        def next_state(original: Callable[..., Record], record: Record, attributes: Body) -> Record:
            changed = original(record, attributes)
            if replacing["now"] and changed is not record:
                object.__setattr__(changed, name, value(record))
            replacing["now"] = False
            return changed

        wrap(tenant.rules, "accept", put)
        wrap(tenant.rules, "next_state", next_state)

    return plant


_META = {
    "replace_leaves_last_modified": (
        ("RFC7644-3.5.1-20", "RFC7643-3.1-27"),
        "A PUT does not change meta.lastModified.",
        _meta_of_replaced("modified", lambda record: record.modified),
    ),
    "replace_changes_created": (
        ("RFC7644-3.5.1-20", "RFC7643-3.1-26"),
        "A PUT changes meta.created.",
        _meta_of_replaced("created", lambda record: record.created + 1000),
    ),
}

for _name, (_breaks, _says, _plant) in _META.items():
    register(_name, _breaks, _says, _plant)


@fault("RFC7644-3.5.1-21", "RFC7644-3.14-08")
def replace_leaves_the_version(tenant: ReferenceTenant) -> None:
    """The version of a group does not change with the group."""

    def version(original: Callable[[Record], str], record: Record) -> str:
        return 'W/"1"' if record.type == "Group" else original(record)

    wrap(tenant.rules, "version", version)


# PUT to nowhere


@fault("RFC7644-3.5.1-01")
def replace_of_an_unknown_id_answers_403(tenant: ReferenceTenant) -> None:
    """A PUT to an id that never existed answers 403."""
    gone = deleted(tenant)
    on_answer(tenant, set_error(403), method="PUT", status=404, where=lambda q, _: q.segments[-1] not in gone)


@fault("RFC7644-3.2-05", "RFC7644-3.5.1-01")
def replace_of_an_unknown_id_creates(tenant: ReferenceTenant) -> None:
    """A PUT to an id that never existed creates a resource under that id."""
    gone = deleted(tenant)

    def change(request: Request, response: Response) -> None:
        user_type = tenant.service.resource_type(request.segments[2].removesuffix("s"))
        if user_type is None:
            return
        record = tenant.rules.first_state(user_type, tenant.rules.accept(tenant.rules.read(request), user_type))
        object.__setattr__(record, "id", request.segments[-1])
        tenant.store.insert(record)
        response.status, response.document = 201, tenant.rules.represent(record, request.base)

    on_answer(tenant, change, method="PUT", status=404, where=lambda q, _: q.segments[-1] not in gone)
