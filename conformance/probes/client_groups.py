"""What provisioning clients send about groups: each takes members in and out in a form of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.probes.client_entra import BARE, entra_lookup_path
from conformance.probes.evidence import Blocked
from conformance.probes.patch import operation
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import ResourceType

ADSCIM_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"


@probe
def entra_group(ask: Ask, resource_type: ResourceType) -> None:
    """Create a group as Entra does; fill a plain one, match it, rename it and take a member out of it."""
    body = ask.sample.minimal(resource_type) | {"meta": {"resourceType": "Group"}}
    body["schemas"] = [*body["schemas"], ADSCIM_GROUP]
    ask.try_create("with_own_schema", resource_type, body)
    a, b = _people(ask, "a", "b")
    group = ask.create("created", resource_type)
    members = [{"$ref": None, "value": person.id} for person in (a, b)]
    _change(ask, "added", group, operation("Add", "members", value=members))
    lookup = entra_lookup_path(resource_type, group.sent["displayName"])
    ask.get("matched", f"{lookup}&excludedAttributes=members", headers=BARE)
    _change(ask, "renamed", group, operation("replace", value={"displayName": ask.sample.unique()}))
    _change(ask, "removed", group, operation("Remove", "members", value=members[:1]))


@probe
def entra_namesake(ask: Ask, resource_type: ResourceType) -> None:
    """Create two groups of one name."""
    group = ask.create("created", resource_type)
    ask.try_create("namesake", resource_type, {**group.sent, "externalId": ask.sample.unique()})


@probe
def okta_group(ask: Ask, resource_type: ResourceType) -> None:
    """Push a group as Okta does: its name with its id, the difference of its members, all of its members."""
    a, b, c = _people(ask, "a", "b", "c")
    body = ask.sample.minimal(resource_type) | {"members": [_shown(a), _shown(b)]}
    group = ask.create("created", resource_type, body)
    named = {"id": group.id, "displayName": ask.sample.unique()}
    _change(ask, "renamed", group, operation("replace", value=named))
    gone = operation("remove", f'members[value eq "{a.id}"]')
    _change(ask, "changed", group, gone, operation("add", "members", value=[_shown(c)]))
    _change(ask, "pushed", group, operation("replace", value={**named, "members": [_shown(a)]}))


@probe
def jumpcloud_group(ask: Ask, resource_type: ResourceType) -> None:
    """Take one of two members out of a group with a list of values."""
    a, b = _people(ask, "a", "b")
    body = ask.sample.minimal(resource_type) | {"members": [{"value": a.id}, {"value": b.id}]}
    group = ask.create("created", resource_type, body)
    _change(ask, "removed", group, operation("remove", "members", value=[{"value": a.id}]))


def _people(ask: Ask, *names: str) -> list[Created]:
    user_type = ask.service.resource_type("User")
    if user_type is None:
        raise Blocked("the tenant serves no users who could be members")
    return [ask.create(name, user_type) for name in names]


def _shown(person: Created) -> dict[str, str]:
    return {"value": person.id, "display": person.sent["userName"]}


def _change(ask: Ask, name: str, group: Created, *operations: dict[str, Any]) -> None:
    """Send a PATCH, and read the group: what answers a PATCH may leave the members out."""
    if ask.patch(name, group.path, *operations).ok:
        ask.get(f"{name} read", group.path)
