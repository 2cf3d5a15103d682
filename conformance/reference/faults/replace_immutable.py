"""Faults of a tenant whose own schemas demand more than it keeps to: immutable attributes, required extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault
from conformance.reference.faults.replace import on_replaced
from conformance.reference.faults.seams import on_definition, on_discovery
from conformance.spec.errors import mutability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.reference.tenant import ReferenceTenant

    Body = dict[str, Any]


def _declare_immutable(tenant: ReferenceTenant) -> None:
    on_definition(tenant, "User:preferredLanguage", lambda entry: entry.update(mutability="immutable"))


@fault("RFC7644-3.5.1-10", "RFC7644-3.12-33", "RFC7643-7-27", "RFC7643-8.7.1-14")
def replace_changes_immutable_values(tenant: ReferenceTenant) -> None:
    """The preferredLanguage is immutable by the served schema, and a PUT changes it all the same."""
    _declare_immutable(tenant)


@fault("RFC7644-3.5.1-11", "RFC7643-8.7.1-14")
def replace_refuses_to_repeat_immutable_values(tenant: ReferenceTenant) -> None:
    """The preferredLanguage is immutable by the served schema, and a PUT that repeats it is refused."""
    _declare_immutable(tenant)

    def refuse(kept: Body, _: Body, old: Mapping[str, Any]) -> None:
        if old.get("preferredLanguage") and kept.get("preferredLanguage"):
            raise mutability("preferredLanguage is immutable")

    on_replaced(tenant, refuse)


@fault("RFC7644-3.5.1-12", "RFC7643-7-26", "RFC7643-8.7.1-14")
def replace_sets_no_immutable_value(tenant: ReferenceTenant) -> None:
    """The preferredLanguage is immutable by the served schema, and a PUT cannot even give it a first value."""
    _declare_immutable(tenant)

    def refuse(kept: Body, _: Body, old: Mapping[str, Any]) -> None:
        if kept.get("preferredLanguage") != old.get("preferredLanguage"):
            raise mutability("preferredLanguage is immutable")

    on_replaced(tenant, refuse)


@fault("RFC7643-6-14")
def required_extension_is_not_required(tenant: ReferenceTenant) -> None:
    """The enterprise extension is required by /ResourceTypes, and a user without it is accepted."""

    def require(resource_type: Body) -> None:
        for extension in resource_type.get("schemaExtensions", []):
            extension["required"] = True

    on_discovery(tenant, "resource_types", require)


@fault("RFC7643-6-14", "RFC7643-6-15", "RFC7643-7-16", "RFC7643-7-17", "RFC7643-8.7.1-72")
def required_extension_needs_nothing(tenant: ReferenceTenant) -> None:
    """The enterprise extension and its employeeNumber are required, and a user without them is accepted."""
    required_extension_is_not_required(tenant)
    on_definition(tenant, "EnterpriseUser:employeeNumber", lambda entry: entry.update(required=True))
