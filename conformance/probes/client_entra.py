"""What Microsoft Entra ID sends about users: look-ups, creates and updates in both of its PATCH dialects."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from conformance.probes.patch import change, operation, optional
from conformance.probes.registry import probe
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType

# The headers that Entra leaves out, and what stands for its matching attribute at each resource type.
BARE: dict[str, str | None] = {"User-Agent": None, "Accept": None}
MATCHED = {"User": "userName", "Group": "displayName"}
_CLEARED = ("displayName", "title", "nickName", "name.givenName", "name.familyName")


def entra_lookup_path(resource_type: ResourceType, value: str, attribute: str = "") -> str:
    """Return the path and query of Entra's look-up by a matching attribute: spaces as ``+``, quotes as ``%22``."""
    expression = f'{attribute or MATCHED[resource_type.name]} eq "{value}"'
    return f"{resource_type.endpoint}?filter={quote_plus(expression)}"


@probe(safe=True)
def entra_connection(ask: Ask, resource_type: ResourceType) -> None:
    """Look up somebody who cannot exist, as Test Connection does."""
    ask.get("nobody", entra_lookup_path(resource_type, str(uuid.uuid4())), headers=BARE)


@probe(safe=True)
def entra_headers(ask: Ask, resource_type: ResourceType) -> None:
    """Read a list with the headers that Entra leaves out, one at a time."""
    ask.get("without_agent", resource_type.endpoint, {"count": 1}, headers={"User-Agent": None})
    for name, accept in (("without_accept", None), ("plain_json", "application/json"), ("anything", "*/*")):
        ask.get(name, resource_type.endpoint, {"count": 1}, headers={"Accept": accept})


@probe
def entra_created(ask: Ask, resource_type: ResourceType) -> None:
    """Create a user with the body that Entra sends, and match it."""
    body = ask.sample.minimal(resource_type) | {"active": True, "roles": [], "meta": {"resourceType": "User"}}
    listed = [resource_type.schema.id, ENTERPRISE_USER]
    body["schemas"] = list(dict.fromkeys([*listed, *body["schemas"]]))
    created = ask.create("created", resource_type, body)
    ask.get("matched", entra_lookup_path(resource_type, created.sent["userName"]), headers=BARE)


@probe
def entra_disabled(ask: Ask, resource_type: ResourceType) -> None:
    """Disable and enable a user in every spelling that Entra uses."""
    path = ask.create("created", resource_type, ask.sample.minimal(resource_type) | {"active": True}).path
    change(ask, "false_text", path, operation("Replace", "active", value="False"))
    change(ask, "true_text", path, operation("Replace", "active", value="True"))
    change(ask, "false_added", path, operation("Add", "active", value="False"))
    change(ask, "enabled", path, operation("replace", "active", value=True))
    ask.get("before", path)
    change(ask, "without_path", path, operation("replace", value={"active": False}))
    for name in ("disabled", "disabled_again"):
        change(ask, name, path, operation("replace", "active", value=False))


@probe
def entra_updated(ask: Ask, resource_type: ResourceType) -> None:
    """Change single values in the default dialect, then in that of the flag aadOptscim062020."""
    body = ask.sample.minimal(resource_type)
    path = ask.create("created", resource_type, body).path
    display = resource_type.find("displayName")
    change(ask, "added", path, operation("Add", "displayName", value=ask.sample.unique()))
    change(ask, "replaced", path, operation("Replace", "displayName", value=ask.sample.unique()))
    if display and optional(display):
        change(ask, "removed", path, operation("Remove", "displayName"))
    if resource_type.find("name.givenName"):
        change(ask, "named", path, operation("replace", "name", value={"givenName": "Nora", "familyName": "Vance"}))
        change(ask, "dotted", path, operation("replace", value={"name.givenName": "Nonie"}))
    if resource_type.find("department", ENTERPRISE_USER):
        change(ask, "with_urn", path, operation("replace", value={f"{ENTERPRISE_USER}:department": "Treasury"}))
    if resource_type.find("phoneNumbers.type"):
        mobile = 'phoneNumbers[type eq "mobile"].value'
        change(ask, "phone", path, operation("Add", mobile, value="tel:+1-201-555-0107"))


@probe
def entra_manager(ask: Ask, resource_type: ResourceType) -> None:
    """Give a user a manager by a bare id, another one, and none."""
    if resource_type.find("manager", ENTERPRISE_USER) is None:
        return
    first, second = (ask.create(name, resource_type) for name in ("first", "second"))
    path = ask.create("created", resource_type).path
    attribute = f"{ENTERPRISE_USER}:manager"
    change(ask, "set", path, operation("Add", attribute, value=first.id))
    change(ask, "changed", path, operation("replace", attribute, value=second.id))
    change(ask, "cleared", path, operation("replace", attribute, value=""))


def clearable(resource_type: ResourceType) -> list[BoundAttribute]:
    """Return the attributes of which a text may be taken away, among those that are usually mapped."""
    found = (resource_type.find(path) for path in _CLEARED)
    return [bound for bound in found if bound and bound.attribute.mutability == "readWrite" and optional(bound)]


@probe
def entra_cleared(ask: Ask, resource_type: ResourceType) -> None:
    """Replace texts by an empty text, then by null."""
    path = ask.create("created", resource_type, ask.sample.full(resource_type)).path
    for bound in clearable(resource_type):
        change(ask, f"{bound.path}: empty", path, operation("replace", bound.path, value=""))
        change(ask, f"{bound.path}: null", path, operation("replace", bound.path, value=None))
