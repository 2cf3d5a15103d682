"""The other readings: where the RFCs leave a choice, what a tenant does that does not choose as the reference tenant.

On a tenant that reads everything otherwise the checks must note another reading, and find no fault.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.seams import on_shown, wrap
from conformance.spec.errors import invalid_value, no_target
from conformance.spec.filter import And, Comparison, Not, Or, Present, ValuePath
from conformance.spec.paths import lookup, member

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.filter import Filter
    from conformance.spec.schema import ResourceType


class _Put(dict[str, Any]):
    """What a PUT leaves, which counts as a change although nothing may have changed."""


def take_the_others(tenant: ReferenceTenant) -> None:
    """Take the other reading of replaces, of patches, of filters, and of what a group shows of its members."""
    wrap(tenant.rules, "accept", _accept)
    wrap(tenant.rules, "operate", _operate)
    wrap(tenant.rules, "matches", lambda original, node, *of: original(_read_otherwise(node), *of))

    def next_state(original: Callable[..., Record], record: Record, attributes: dict[str, Any]) -> Record:
        state = original(record, dict(attributes))
        if state is not record or not isinstance(attributes, _Put):
            return state
        return replace(record, modified=max(tenant.rules.now(), record.modified + 1), revision=record.revision + 1)

    def name_members(group: dict[str, Any]) -> None:
        for shown in group.get("members", ()):
            user = tenant.rules.store.get(shown.get("value", ""), "User")
            if user:
                shown["display"] = user.attributes["userName"]

    wrap(tenant.rules, "next_state", next_state)
    on_shown(tenant, name_members, of="Group")


def _accept(
    original: Callable[..., dict[str, Any]], body: Any, resource_type: ResourceType, stored: Record | None = None
) -> dict[str, Any]:
    """Read a PUT: null in a list is no value, and a complex attribute given in part keeps the rest."""
    if stored is None or not isinstance(body, dict):
        return original(body, resource_type, stored)
    if any(None in value for value in body.values() if isinstance(value, list)):
        raise invalid_value("A list must not hold null")
    kept = original(body, resource_type, stored)
    for attribute in resource_type.schema.attributes:
        given, before = lookup(body, attribute.name), stored.attributes.get(attribute.name)
        if isinstance(given, dict) and isinstance(before, dict):
            rest = {name: value for name, value in before.items() if member(given, name) is None}
            kept[attribute.name] = rest | kept.get(attribute.name, {})
    return _Put(kept)


def _operate(
    original: Callable[..., dict[str, Any]],
    resource: dict[str, Any],
    operations: Sequence[Mapping[str, Any]],
    resource_type: ResourceType,
) -> dict[str, Any]:
    """Carry out a PATCH: a remove needs a match, a value is the same under any type, and keys are no paths."""
    for operation in operations:
        op, path, value = str(lookup(operation, "op")).lower(), lookup(operation, "path"), lookup(operation, "value")
        if op == "add" and isinstance(value, list) and _all_there(value, lookup(resource, str(path))):
            continue
        plain = {"value": _without_paths(value, resource_type)} if path is None and isinstance(value, dict) else {}
        after = original(resource, [{**operation, **plain}], resource_type)
        # Of members the RFC says that removing who is none succeeds.
        if op == "remove" and "[" in str(path) and after == resource and not str(path).startswith("members"):
            raise no_target(f"{path} matches nothing")
        resource = after
    return resource


def _all_there(given: list[Any], stored: object) -> bool:
    there = [lookup(element, "value") for element in stored] if isinstance(stored, list) else []
    values = [lookup(element, "value") for element in given]
    return bool(values) and all(value is not None and value in there for value in values)


def _without_paths(value: dict[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    return {key: item for key, item in value.items() if resource_type.extension(key) or not set(key) & set(".[:")}


def _read_otherwise(node: Filter) -> Filter:
    """Return a filter in which ne is for those with a value, none of them equal, and no primary is not false."""
    match node:
        case And(left, right) | Or(left, right):
            return type(node)(_read_otherwise(left), _read_otherwise(right))
        case Not(operand):
            return Not(_read_otherwise(operand))
        case ValuePath(path, inner):
            return ValuePath(path, _read_otherwise(inner))
        case Comparison(path, "ne", str() as value):
            return And(Present(path), Not(Comparison(path, "eq", value)))
        case Comparison(path, "eq", False) if path.dotted.lower().endswith("primary"):
            return And(Present(path), node)
        case _:
            return node
