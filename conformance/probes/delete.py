"""Deleting resources (RFC 7644 §3.6)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes import choose
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType


@probe
def deleted(ask: Ask, resource_type: ResourceType) -> None:
    """Delete one of two resources, try everything on it, look for it everywhere, and create it anew."""
    gone = ask.create("created", resource_type, choose.named(ask, resource_type))
    bystander = ask.create("bystander", resource_type, choose.named(ask, resource_type))
    ask.delete("deleted", gone.path)
    ask.get("get", gone.path)
    if ask.service.supports("patch") is not False:
        operation = {"op": "replace", "path": choose.text(resource_type).name, "value": "x"}
        ask.patch("patch", gone.path, operation)
    ask.delete("delete_again", gone.path)
    ask.get("bystander_after", bystander.path)
    naming = choose.naming(resource_type)
    if naming:
        one, both = f'{naming.name} eq "{gone.sent[naming.name]}"', f'{naming.name} sw "{ask.sample.prefix}"'
        ask.together(
            partial(ask.filter, "found", resource_type, one),
            partial(ask.filter, "listed", resource_type, both),
            partial(ask.search, "searched", resource_type.endpoint, both),
        )
    # A tenant that takes a PUT for a create has the resource again: all that a PUT must not disturb comes before it.
    if ask.replace("put", gone.path, gone.sent).ok:
        ask.delete("buried", gone.path)
    ask.try_create("created_again", resource_type, gone.sent)


@probe
def bereaved(ask: Ask) -> None:
    """Delete a group and look at its member; delete a member and look at its group."""
    user_type, group_type = ask.service.resource_type("User"), ask.service.resource_type("Group")
    if user_type is None or group_type is None:
        return
    user = ask.create("user", user_type)
    members = [{"value": user.id}]
    first = ask.create("first_group", group_type, {**choose.named(ask, group_type), "members": members})
    second = ask.create("second_group", group_type, {**choose.named(ask, group_type), "members": members})
    ask.get("user_before", user.path)
    ask.delete("first_group_deleted", first.path)
    ask.get("user_after", user.path)
    ask.delete("user_deleted", user.path)
    ask.get("second_group_after", second.path)
