"""Replacing resources (RFC 7644 §3.5.1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.probes import choose, clock
from conformance.probes.attributes import values
from conformance.probes.create import FOREIGN_ID, FOREIGN_META
from conformance.probes.parts import Part, alone, body as made_of, parts_of
from conformance.probes.registry import probe
from conformance.spec.paths import lookup
from conformance.spec.schema import USER

if TYPE_CHECKING:
    from collections.abc import Sequence

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
def fixed(ask: Ask, resource_type: ResourceType) -> None:
    """Give the immutable attributes their first values by one replace, repeat it, then try another for each of them.

    Where the tenant does not take that, each is asked about on a resource of its own.
    """
    # Once each, where a broken schema has two of a name.
    of_that_kind = (b for b in resource_type.attributes(subs=False) if b.attribute.mutability == "immutable")
    immutable = list({b.path: b for b in of_that_kind}.values())
    made = _set(ask, resource_type, immutable)
    if made.taken or len(immutable) == 1:
        _change(ask, made, immutable)
        return
    for bound in immutable:
        _change(ask, _set(ask, resource_type, [bound], bound.path), [bound])


class _Set(NamedTuple):
    """A resource whose immutable attributes were set by a replace: its path, what was sent, whether it was taken."""

    path: str
    sent: dict[str, Any]
    taken: bool


def _set(ask: Ask, resource_type: ResourceType, attributes: Sequence[BoundAttribute], only: str = "") -> _Set:
    """Create a resource without the attributes, set them twice alike. Those that are required the create has set."""
    bare = choose.named(ask, resource_type)
    path = ask.create(_name("created", only), resource_type, bare).path
    held = {part.key: part for part in parts_of(bare, resource_type, lambda a: a.mutability == "immutable")}
    firsts = [held.get(b.path) or Part(b.attribute.name, values(ask, b.attribute, 1), b.urn) for b in attributes]
    sent = made_of(bare, firsts)
    first = ask.replace(_name("set", only), path, sent)
    on_request = ",".join(b.path for b in attributes if b.attribute.returned == "request")
    if on_request:
        ask.get(_name("set read", only), path, {"attributes": on_request})
    return _Set(path, sent, ask.replace(_name("repeated", only), path, sent).ok and first.ok)


def _change(ask: Ask, made: _Set, attributes: Sequence[BoundAttribute]) -> None:
    for bound in attributes:
        other = values(ask, bound.attribute, 1, lookup(made.sent, bound.path))
        ask.replace(f"changed {bound.path}", made.path, made_of(made.sent, [Part(bound.name, other, bound.urn)]))
        by_name = {"attributes": bound.path} if bound.attribute.returned == "request" else None
        ask.get(f"after {bound.path}", made.path, by_name)


def _name(step: str, only: str) -> str:
    return alone(step, only) if only else step


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
