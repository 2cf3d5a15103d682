"""Values of attributes, for whatever attributes the tenant's schemas advertise (RFC 7643 §2, §7)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.parts import Part, body, create_with, parts_of, replace_with
from conformance.probes.registry import probe
from conformance.probes.samples import consistent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.probes.ask import Ask
    from conformance.spec.schema import Attribute, ResourceType

_MOST_DRAWS = 12
_LABELS = ("work", "home")


@probe
def attribute_values(ask: Ask, resource_type: ResourceType) -> None:
    """Create a resource with every attribute, replace it with other values, then try to forge its readOnly ones."""
    template = parts_of(ask.sample.full(resource_type), resource_type, lambda a: not a.required)
    parts = [Part("externalId", f"{ask.sample.unique()}.MixedCase"), *(_part(ask, resource_type, p) for p in template)]
    created, taken = create_with(ask, "created", resource_type, parts)
    ask.get("fetched", created.path)
    first = resource_type.schema.attributes[0].name if resource_type.schema.attributes else "externalId"
    requested = ",".join(b.path for b in resource_type.attributes(subs=False) if b.attribute.returned == "request")
    ask.together(
        partial(ask.get, "only", created.path, {"attributes": first}),
        partial(ask.get, "excluded", created.path, {"excludedAttributes": f"id,{first}"}),
        *([partial(ask.get, "requested", created.path, {"attributes": requested})] if requested else []),
    )
    required = parts_of(created.sent, resource_type, lambda a: a.required)
    base = body({k: created.sent[k] for k in ("schemas", "externalId")}, required)
    others = [
        part if _attribute(resource_type, part).mutability == "immutable" else _other(ask, resource_type, part)
        for part in (*required, *taken)
        if part.name != "externalId"
    ]
    replace_with(ask, "replaced", created.path, base, others)
    ask.get("refetched", created.path)
    forged = [Part(b.attribute.name, _forged(ask, b.attribute), b.urn)
              for b in resource_type.attributes(subs=False) if b.attribute.mutability == "readOnly"]  # fmt: skip
    if forged:
        ask.replace("forged", created.path, body(ask.evidence.named("replaced")[-1].request.json, forged))
        ask.get("after_forging", created.path)
    changes = [_other(ask, resource_type, part) for part in others if _on_request(_attribute(resource_type, part))]
    if changes and ask.service.supports("patch") is not False:
        ask.patch("patched", created.path, *({"op": "replace", "path": p.key, "value": p.value} for p in changes))


@probe
def required_values(ask: Ask, resource_type: ResourceType) -> None:
    """Leave out each required attribute in a create and in a replace, read what is there, and give it null in both."""
    created = ask.create("created", resource_type)
    core = choose.required(resource_type)
    parts = parts_of(created.sent, resource_type, lambda a: a.required or a in core)

    def leave_out(part: Part) -> None:
        fresh = ask.sample.minimal(resource_type)
        ask.try_create(f"create without {part.key}", resource_type, _without(fresh, part))
        fresh = ask.sample.minimal(resource_type)
        ask.try_create(f"create with null {part.key}", resource_type, _with_null(fresh, part))

    ask.together(*(partial(leave_out, part) for part in parts))
    for part in parts:
        ask.replace(f"replace without {part.key}", created.path, _without(created.sent, part))
    ask.get("fetched", created.path)
    for part in parts:
        ask.replace(f"replace with null {part.key}", created.path, _with_null(created.sent, part))


@probe
def unique_values(ask: Ask, resource_type: ResourceType) -> None:
    """Give a second resource each of the unique values of a first one."""
    unique = parts_of(ask.sample.full(resource_type), resource_type, lambda a: a.uniqueness in {"server", "global"})
    first = ask.create("first", resource_type, body(ask.sample.minimal(resource_type), unique))
    ask.get("fetched", first.path)
    requested = [p.key for p in unique if _attribute(resource_type, p).returned == "request"]
    if requested:
        ask.get("requested", first.path, {"attributes": ",".join(requested)})
    for part in unique:
        repeated = body(ask.sample.minimal(resource_type), [part])
        ask.try_create(f"second {part.key}", resource_type, repeated)


@probe
def immutable_values(ask: Ask, resource_type: ResourceType) -> None:
    """Set immutable attributes when creating, then give them other values; set them later where they had none."""
    chosen = parts_of(ask.sample.full(resource_type), resource_type, lambda a: a.mutability == "immutable")
    created = ask.create("created", resource_type, body(ask.sample.minimal(resource_type), chosen))
    ask.get("fetched", created.path)
    ask.replace("changed", created.path, body(created.sent, [_other(ask, resource_type, p) for p in chosen]))
    ask.get("after_change", created.path)
    bare = ask.create("bare", resource_type)
    ask.replace("set", bare.path, body(bare.sent, chosen))
    ask.get("after_setting", bare.path)


def _part(ask: Ask, resource_type: ResourceType, part: Part) -> Part:
    attribute = _attribute(resource_type, part)
    value = values(ask, attribute, 1)
    plain = plain_value(attribute, value)
    return Part(part.name, value, part.urn, None if plain == value else plain)


def _other(ask: Ask, resource_type: ResourceType, part: Part) -> Part:
    """Return a part for the same attribute with another value, two values where there may be several."""
    attribute = _attribute(resource_type, part)
    value = values(ask, attribute, 2, part.value)
    return Part(part.name, plain_value(attribute, value) if part.plain is None else value, part.urn)


def values(ask: Ask, attribute: Attribute, count: int, unlike: Any = None) -> Any:
    """Return a value unlike an earlier one; ``count`` elements where there may be several, the last of them primary."""
    if not attribute.multi_valued:
        return _value(ask, attribute, None, unlike)
    elements: list[Any] = []
    for number in range(1, count + 1):
        before = elements[-1] if elements else unlike[0] if isinstance(unlike, list) and unlike else None
        element = _value(ask, attribute, None, before)
        if isinstance(element, dict) and attribute.sub("primary"):
            element["primary"] = number == count
        elements.append(element)
    return elements


def _value(ask: Ask, attribute: Attribute, parent: Attribute | None, unlike: Any) -> Any:
    if attribute.type == "complex":
        return _object(ask, attribute, unlike)
    if attribute.type == "boolean":
        return unlike is not True
    for draw in range(_MOST_DRAWS):
        value = _LABELS[draw % 2] if _is_label(attribute) else ask.sample.value(attribute, parent)
        if value != unlike:
            break
    return value


def _object(ask: Ask, attribute: Attribute, unlike: Any) -> dict[str, Any]:
    before = unlike if isinstance(unlike, dict) else {}
    return consistent(
        attribute, {sub.name: _value(ask, sub, attribute, before.get(sub.name)) for sub in _written(ask, attribute)}
    )


def plain_value(attribute: Attribute, value: Any) -> Any:
    """Return a value without types of our own making and without ``primary`` where the schema leaves it out.

    Some tenants take no types but those of a list they keep, and some take nothing that they do not list.
    """
    if isinstance(value, list):
        return [plain_value(attribute, element) for element in value]
    if not isinstance(value, dict):
        return value
    taken = {sub.name for sub in attribute.sub_attributes if not _is_label(sub)}
    return {name: inner for name, inner in value.items() if name in taken}


def _is_label(attribute: Attribute) -> bool:
    return attribute.name == "type" and not attribute.canonical_values


def _written(ask: Ask, attribute: Attribute) -> Sequence[Attribute]:
    chosen = {*ask.sample.value(attribute), "primary", "display", "type"}
    return [s for s in attribute.sub_attributes if s.name in chosen and s.mutability != "readOnly"]


def _forged(ask: Ask, attribute: Attribute, parent: Attribute | None = None) -> Any:
    if attribute.type != "complex":
        return ask.sample.value(attribute, parent)
    value = {sub.name: _forged(ask, sub, attribute) for sub in attribute.sub_attributes}
    return [value] if attribute.multi_valued else value


def _on_request(attribute: Attribute) -> bool:
    return attribute.returned == "request" and attribute.mutability == "readWrite"


def _attribute(resource_type: ResourceType, part: Part) -> Attribute:
    bound = resource_type.find(part.name, part.urn)
    if bound is None:
        raise LookupError(f"{resource_type.name} has no {part.key}")
    return bound.attribute


def _without(whole: dict[str, Any], part: Part) -> dict[str, Any]:
    if part.urn is None:
        return {name: value for name, value in whole.items() if name != part.name}
    return {**whole, part.urn: {name: value for name, value in whole[part.urn].items() if name != part.name}}


def _with_null(whole: dict[str, Any], part: Part) -> dict[str, Any]:
    return body(whole, [Part(part.name, None, part.urn)])
