"""PATCH of a complex attribute, name, and of the enterprise extension (RFC 7644 §3.5.2.1-3.5.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.probes.patch import change, operation
from conformance.probes.registry import probe
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType


@probe
def complex_patched(ask: Ask, resource_type: ResourceType) -> None:
    """Change the name of a user as a whole, take a part of it away and then all of it."""
    name = {"familyName": "Jensen", "givenName": "Barbara"}
    path = ask.create("created", resource_type, ask.sample.minimal(resource_type) | {"name": name}).path
    change(ask, "added", path, operation("add", "name", value={"givenName": "Babs"}))
    middle = {"middleName": "Jane"} if resource_type.find("name.middleName") else {}
    change(ask, "replaced", path, operation("replace", "name", value={"givenName": "Betty"} | middle))
    change(ask, "removed_sub", path, operation("remove", "name.givenName"))
    change(ask, "removed", path, operation("remove", "name"))
    change(ask, "added_first", path, operation("add", "name.givenName", value="Bea"))


@probe
def extension_patched(ask: Ask, resource_type: ResourceType) -> None:
    """Fill the enterprise extension of a user who has none, change it, empty it, and then name a manager."""
    created = ask.create("created", resource_type)
    path = created.path
    change(ask, "added", path, _enterprise("add", "department", "Sales"))
    change(ask, "merged", path, operation("add", value={ENTERPRISE_USER: {"division": "Retail"}}))
    change(ask, "replaced", path, _enterprise("replace", "department", "Engineering"))
    change(ask, "listed", path, operation("replace", value={ENTERPRISE_USER: {"division": "Studios"}}))
    any_case = operation("replace", f"{ENTERPRISE_USER.upper()}:Department", value="Support")
    change(ask, "any_case", path, any_case)
    change(ask, "removed", path, operation("remove", f"{ENTERPRISE_USER}:department"))
    change(ask, "emptied", path, operation("remove", f"{ENTERPRISE_USER}:division"))
    with_schemas = operation("add", "schemas", value=[ENTERPRISE_USER])
    change(ask, "with_schemas", path, with_schemas, _enterprise("add", "department", "Tours"))
    change(ask, "key_with_urn", path, operation("replace", value={f"{ENTERPRISE_USER}:department": "Entra"}))
    if resource_type.find("manager.value", ENTERPRISE_USER):
        manager = ask.create("manager", resource_type)
        change(ask, "manager_sub", path, _enterprise("add", "manager.value", manager.id))
        change(ask, "manager_text", path, _enterprise("replace", "manager", manager.id))


def _enterprise(op: str, name: str, value: Any) -> dict[str, Any]:
    return operation(op, f"{ENTERPRISE_USER}:{name}", value=value)
