"""Choosing what a response holds: ``attributes`` and ``excludedAttributes`` (RFC 7644 §3.4.2.5, §3.9)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.registry import probe
from conformance.spec.messages import PATCH_OP
from conformance.spec.schema import ENTERPRISE_USER, USER

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

PROJECTIONS = {
    "title": {"attributes": "title"},
    "family name": {"attributes": "name.familyName"},
    "email values": {"attributes": "emails.value"},
    "name": {"attributes": "name"},
    "two": {"attributes": "title,nickName"},
    "two with blank": {"attributes": "title, nickName"},
    "without title": {"excludedAttributes": "title"},
    "without two": {"excludedAttributes": "title,nickName"},
    "without id": {"excludedAttributes": "id"},
    "without family name": {"excludedAttributes": "name.familyName"},
    "both": {"attributes": "title", "excludedAttributes": "nickName"},
    "capitals": {"attributes": "TITLE"},
    "without capitals": {"excludedAttributes": "TITLE"},
    "URN": {"attributes": f"{USER}:title"},
    "without URN": {"excludedAttributes": f"{USER}:title"},
    "department": {"attributes": f"{ENTERPRISE_USER}:department"},
    "extension": {"attributes": ENTERPRISE_USER},
    "unknown": {"attributes": "shoeSize"},
    "password": {"attributes": "userName,password"},
    "meta": {"attributes": "meta"},
}
CHOSEN = ("title", "nickName", "name", "emails")
_EXTENSION = {"department": "Sales", "costCenter": "4130"}


@probe
def projected(ask: Ask, resource_type: ResourceType) -> None:
    """Create a user with a good many attributes and read it in parts."""
    body = _body(ask, resource_type)
    made = ask.create("created", resource_type, body)
    user = f'userName eq "{body["userName"]}"'
    lists = [
        partial(ask.filter, "listed title", resource_type, user, attributes="title"),
        partial(ask.filter, "listed without title", resource_type, user, excludedAttributes="title"),
    ]
    ask.together(
        *(lists if ask.service.supports("filter") is not False else ()),
        partial(ask.get, "whole", made.path),
        partial(ask.get, "twice", f"{made.path}?attributes=title&attributes=nickName"),
        *(partial(ask.get, name, made.path, params) for name, params in PROJECTIONS.items()),
    )


@probe
def projected_writes(ask: Ask, resource_type: ResourceType) -> None:
    """Create, replace and modify a user and ask for one attribute in each answer."""
    body = _body(ask, resource_type)
    made = ask.create("posted", resource_type, body, params={"attributes": "title"})
    ask.get("after post", made.path)
    if ask.service.supports("patch") is not False:
        operation = {"op": "replace", "path": "nickName", "value": "Bibi"}
        message = {"schemas": [PATCH_OP], "Operations": [operation]}
        ask.send("patched", "PATCH", made.path, params={"attributes": "title"}, json=message)
    ask.replace("put", made.path, body | {"id": made.id}, params={"attributes": "title"})
    ask.get("after put", made.path)


@probe
def projected_groups(ask: Ask) -> None:
    """Create a group with a member and read it without its members."""
    user_type, group_type = ask.service.resource_type("User"), ask.service.resource_type("Group")
    if not user_type or not group_type:
        ask.stop("the tenant does not serve both User and Group")
        return
    user = ask.create("user", user_type)
    body = ask.sample.minimal(group_type) | {"members": [{"value": user.id}]}
    group = ask.create("group", group_type, body)
    without = {"excludedAttributes": "members"}
    ask.together(partial(ask.get, "whole", group.path), partial(ask.get, "without members", group.path, without))
    if ask.service.supports("filter") is not False:
        ask.filter("listed", group_type, f'displayName eq "{body["displayName"]}"', **without)


def _body(ask: Ask, resource_type: ResourceType) -> dict[str, Any]:
    mark = ask.sample.prefix
    values = {
        "title": "Guide",
        "nickName": "Bee",
        "name": {"familyName": "Okoro", "givenName": "Bea"},
        "emails": [{"value": f"bea@{mark}.example.com", "type": "work"}, {"value": f"bea@{mark}.example.org"}],
        "password": f"Tr0ub4dor-and-{ask.sample.unique()}",
    }
    body = ask.sample.minimal(resource_type) | {n: value for n, value in values.items() if resource_type.find(n)}
    extension = resource_type.extension(ENTERPRISE_USER)
    if extension:
        known = {n: value for n, value in _EXTENSION.items() if extension.schema.attribute(n)}
        body["schemas"] = [*dict.fromkeys([*body["schemas"], ENTERPRISE_USER])]
        body[ENTERPRISE_USER] = body.get(ENTERPRISE_USER, {}) | known
    return body
