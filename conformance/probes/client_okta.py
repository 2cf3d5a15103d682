"""What Okta and OneLogin send about users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.probes.patch import change, operation
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

_PAGE = {"startIndex": 1, "count": 100}


@probe
def okta_user(ask: Ask, resource_type: ResourceType) -> None:
    """Look a user up, create it with Okta's body, put it back changed, deactivate it and look it up again."""
    body = ask.sample.minimal(resource_type) | {"active": True, "groups": [], "password": "A-placeholder-9f3c!"}
    match = f'userName eq "{body["userName"]}"'
    ask.filter("nobody", resource_type, match, **_PAGE)
    created = ask.create("created", resource_type, body)
    ask.filter("found", resource_type, match, **_PAGE)
    fetched = ask.get("fetched", created.path)
    ask.replace("put_back", created.path, {**fetched.resource, "displayName": ask.sample.unique()})
    ask.get("put_back read", created.path)
    change(ask, "deactivated", created.path, operation("replace", value={"active": False}))
    ask.filter("inactive", resource_type, match, **_PAGE)


@probe
def onelogin_user(ask: Ask, resource_type: ResourceType) -> None:
    """Create a user from a template that consists of texts."""
    body = ask.sample.minimal(resource_type) | {"id": None, "active": "true"}
    if resource_type.find("emails.value"):
        body["emails"] = [{"value": body["userName"]}]
    ask.create("created", resource_type, body)
