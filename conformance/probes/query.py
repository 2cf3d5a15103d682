"""Queries and their list responses (RFC 7644 §3.4.2), at an endpoint and at the root."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

UNKNOWN = {"scim-conformance-unknown": "blue"}
# Enough to see all of a tenant that is made for tests, and harmless for one that is in use.
_A_LOOK = 50


@probe
def queried(ask: Ask, resource_type: ResourceType) -> None:
    """Create two resources and list them: all at once, one by one, with a parameter that does not exist."""
    key = "userName" if resource_type.find("userName") else "displayName"
    bodies = [ask.sample.minimal(resource_type) | {key: ask.sample.user_name()} for _ in range(2)]
    first = ask.create("first", resource_type, bodies[0])
    ask.create("second", resource_type, bodies[1])
    ours = f'{key} sw "{ask.sample.prefix}."'
    filtered = [
        partial(ask.filter, "ours", resource_type, ours),
        partial(ask.filter, "page 1", resource_type, ours, startIndex=1, count=1),
        partial(ask.filter, "page 2", resource_type, ours, startIndex=2, count=1),
        partial(ask.filter, "unknown parameter", resource_type, ours, **UNKNOWN),
    ]
    unfiltered = [partial(ask.filter, "nobody", resource_type, f'{key} eq "{ask.sample.unique()}"', count=1)]
    ask.together(
        *(unfiltered if ask.service.supports("filter") is False else filtered),
        partial(ask.get, "look", resource_type.endpoint, {"count": _A_LOOK}),
        partial(ask.get, "fetched", first.path),
        partial(ask.get, "fetched with unknown parameter", first.path, UNKNOWN),
        partial(ask.get, "fetched with filter", first.path, {"filter": f'{key} eq "nobody"'}),
    )


@probe
def queried_root(ask: Ask) -> None:
    """Ask at the root; where that is offered, create a user and a group and ask for them there."""
    user_type, group_type = ask.service.resource_type("User"), ask.service.resource_type("Group")
    offered = ask.get("offered", "/", {"filter": f'id eq "{ask.sample.unique()}"', "count": 1})
    if not lists(offered) or not user_type or not group_type:
        return
    user, group = ask.sample.user_name(), ask.sample.unique()
    ask.create("user", user_type, ask.sample.minimal(user_type) | {"userName": user})
    ask.create("group", group_type, ask.sample.minimal(group_type) | {"displayName": group})
    both = f'(userName eq "{user}" or displayName eq "{group}")'
    filters = {
        "both": both,
        "users": f'{both} and meta.resourceType eq "User"',
        "named so": f'userName eq "{user}"',
        "with user name": f"{both} and userName pr",
    }
    ask.together(*(partial(ask.get, name, "/", {"filter": text}) for name, text in filters.items()))


def lists(exchange: Exchange) -> bool:
    """Whether an answer is a list response."""
    return "totalResults" in (exchange.shown or {})
