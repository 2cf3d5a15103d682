"""Faults of meta, which every resource has (RFC 7643 §3.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.common import AS_READ, on_new, on_patch_of
from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import (
    change_value,
    each_resource,
    in_lists,
    on_answer,
    on_kept,
    on_shown,
    wrap,
)
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant


@fault("RFC7643-3.1-22", "RFC7644-3.3-03")
def create_takes_over_meta(tenant: ReferenceTenant) -> None:
    """A create takes over meta.created from its body."""
    _keep_created(tenant, "POST")


@fault("RFC7643-3.1-22", "RFC7644-3.5.1-14")
def replace_takes_over_meta(tenant: ReferenceTenant) -> None:
    """A PUT takes over meta.created from its body."""
    _keep_created(tenant, "PUT")


@fault("RFC7643-3.1-23", "RFC7643-3-11", "RFC7643-3.1-01", "RFC7644-3.14-03", AS_READ)
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
    on_new(tenant, lambda record: replace(record, modified=record.modified + 5))


@fault("RFC7643-3.1-29", "RFC7644-3.3-12", "RFC7644-3.4.1-05", "RFC7644-3.11-06")
def meta_location_leads_nowhere(tenant: ReferenceTenant) -> None:
    """meta.location of a User that is read names an endpoint that does not exist."""

    def mislead(resource: dict[str, Any]) -> None:
        change_value(resource, "meta.location", lambda location: location.replace("/Users/", "/User/"))

    on_shown(tenant, mislead)


@fault("RFC7643-3.1-34", "RFC7643-7-24")
def patch_changes_meta_created(tenant: ReferenceTenant) -> None:
    """A PATCH of a Group with the path meta.created changes it."""
    _show_kept_meta(tenant)
    on_patch_of(tenant, "meta.created", lambda value: {"meta": {"created": value}})


def _on_change(tenant: ReferenceTenant, change: Callable[[Record, Record], Record]) -> None:
    def next_state(original: Callable[..., Record], before: Record, attributes: Any) -> Record:
        after = original(before, attributes)
        return before if after is before else change(before, after)

    wrap(tenant.rules, "next_state", next_state)


def _meta_after_put(tenant: ReferenceTenant, name: str, change: Callable[[Any], Any]) -> None:
    change_meta = each_resource(lambda resource: change_value(resource, f"meta.{name}", change))
    on_answer(tenant, change_meta, method="PUT", status=200)


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
