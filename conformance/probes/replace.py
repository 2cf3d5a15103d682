"""Replacing resources (RFC 7644 §3.5.1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose, clock
from conformance.probes.attributes import values
from conformance.probes.create import FOREIGN_ID, FOREIGN_META
from conformance.probes.parts import Part, body as made_of, parts_of
from conformance.probes.registry import probe
from conformance.spec.schema import USER

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType


def _filled(ask: Ask, resource_type: ResourceType, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body with a new value for each optional attribute that the replace probes work with."""
    attribute, extension = choose.text(resource_type), choose.extension_text(resource_type)
    result = {**body, "externalId": ask.sample.unique(), attribute.name: ask.sample.unique()}
    several, values = choose.multi_valued(resource_type), choose.values(ask, resource_type, 2)
    if several and values:
        result[several.name] = values
    if extension and extension.urn:
        result["schemas"] = list(dict.fromkeys([*body["schemas"], extension.urn]))
        result[extension.urn] = {**body.get(extension.urn, {}), extension.attribute.name: ask.sample.unique()}
    return result


def _complex(ask: Ask, resource_type: ResourceType, body: dict[str, Any], count: int) -> dict[str, Any]:
    """Return a complex attribute of the body with new values for that many of its ``choose.components``."""
    parts = choose.components(resource_type)
    if parts is None or parts[0].parent is None:
        return {}
    name = parts[0].parent.name
    return {name: {**body.get(name, {}), **{part.attribute.name: ask.sample.unique() for part in parts[:count]}}}


@probe
def replaced(ask: Ask, resource_type: ResourceType) -> None:
    """Replace every value of a resource, twice alike, then once more under its own name in another letter case."""
    body = choose.named(ask, resource_type)
    created = ask.create("created", resource_type, _filled(ask, resource_type, body))
    ask.get("before", created.path)
    naming, unique = choose.naming(resource_type), choose.unique(resource_type)
    may_change = naming is not None and naming.mutability == "readWrite"
    renamed = {**body, naming.name: choose.another_name(ask, resource_type)} if naming and may_change else body
    new = _filled(ask, resource_type, renamed)
    ask.replace("replaced", created.path, new)
    clock.let_it_move(ask.get("after", created.path))
    ask.replace("repeated", created.path, new)
    ask.get("after_repeated", created.path)
    if unique and unique.mutability == "readWrite":
        ask.replace("recased", created.path, {**new, unique.name: new[unique.name].swapcase()})


@probe
def cleared(ask: Ask, resource_type: ResourceType) -> None:
    """Clear attributes by null and by an empty array, fill them again, then leave them out, or a part of one."""
    body = choose.named(ask, resource_type)
    left = body | _complex(ask, resource_type, body, 1)
    full = _filled(ask, resource_type, left | _complex(ask, resource_type, left, 2))
    created = ask.create("created", resource_type, full)
    attribute, several = choose.text(resource_type), choose.multi_valued(resource_type)
    ask.replace("nulled", created.path, {**full, attribute.name: None, "externalId": None})
    ask.get("after_null", created.path)
    if several:
        ask.replace("emptied", created.path, {**full, several.name: []})
        ask.get("after_empty", created.path)
    ask.replace("refilled", created.path, full)
    ask.replace("left_out", created.path, {k: v for k, v in left.items() if k != "externalId"})
    ask.get("after_left_out", created.path)
    if several and several.name in full:
        ask.replace("null_within", created.path, {**full, several.name: [*full[several.name], None]})


@probe
def replaced_claiming(ask: Ask, resource_type: ResourceType) -> None:
    """Replace with values for readOnly attributes: the own id, another one, meta, and groups for a User."""
    body = choose.named(ask, resource_type)
    created = ask.create("created", resource_type, body)
    changed = {**body, choose.text(resource_type).name: ask.sample.unique()}
    ask.replace("with_own_id", created.path, {**changed, "id": created.id})
    ask.replace("with_meta", created.path, {**changed, "meta": FOREIGN_META})
    ask.get("after", created.path)
    ask.replace("with_other_id", created.path, {**changed, "id": FOREIGN_ID})
    ask.get("after_other_id", created.path)
    group_type = ask.service.resource_type("Group")
    if resource_type.schema.id == USER and group_type and resource_type.find("groups"):
        group = ask.create("group", group_type)
        ask.replace("with_groups", created.path, {**changed, "groups": [{"value": group.id}]})
        ask.together(
            partial(ask.get, "after_groups", created.path),
            partial(ask.get, "group_after", group.path),
        )


@probe
def replaced_members(ask: Ask) -> None:
    """Replace the members of a group by others, then by none."""
    user_type, group_type = ask.service.resource_type("User"), ask.service.resource_type("Group")
    if user_type is None or group_type is None:
        return
    old, new = ask.create("old", user_type), ask.create("new", user_type)
    body = choose.named(ask, group_type)
    group = ask.create("created", group_type, {**body, "members": [{"value": old.id}]})
    ask.replace("replaced", group.path, {**body, "members": [{"value": new.id}]})
    ask.get("after", group.path)
    ask.replace("emptied", group.path, {**body, "members": []})
    ask.get("after_empty", group.path)


@probe
def fixed(ask: Ask, attribute: BoundAttribute) -> None:
    """Give an immutable attribute its first value by a replace, repeat it, then try another.

    One that is required has its first value from the create.
    """
    resource_type = attribute.resource_type
    bare = choose.named(ask, resource_type)
    created = ask.create("created", resource_type, bare)
    held = next(iter(parts_of(bare, resource_type, lambda a: a == attribute.attribute)), None)
    first = held.value if held else values(ask, attribute.attribute, 1)
    second = values(ask, attribute.attribute, 1, first)
    holding, other = (made_of(bare, [Part(attribute.name, value, attribute.urn)]) for value in (first, second))
    by_name = {"attributes": attribute.path} if attribute.attribute.returned == "request" else None
    ask.replace("set", created.path, holding)
    if by_name:
        ask.get("set read", created.path, by_name)
    ask.replace("repeated", created.path, holding)
    ask.replace("changed", created.path, other)
    ask.get("after", created.path, by_name)


@probe
def deactivated(ask: Ask, attribute: BoundAttribute) -> None:
    """Set ``active`` to false, look for the user, and set it back."""
    resource_type = attribute.resource_type
    body = choose.named(ask, resource_type)
    created = ask.create("created", resource_type, {**body, attribute.name: True})
    ask.replace("deactivated", created.path, {**body, attribute.name: False})
    ask.together(
        partial(ask.get, "fetched", created.path),
        partial(ask.filter, "listed", resource_type, f'userName eq "{body.get("userName")}"'),
    )
    ask.replace("reactivated", created.path, {**body, attribute.name: True})
    ask.get("fetched_again", created.path)
