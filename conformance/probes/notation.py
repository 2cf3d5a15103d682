"""Other ways to write the same resource: letter case of names, order of members, null and [], any Unicode text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.parts import Part, body, create_with, parts_of
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.probes.ask import Ask
    from conformance.spec.schema import Attribute, BoundAttribute, ResourceType

TEXTS = {
    "several scripts": "Zoë Żółć Ελένη Иванов 山田太郎 Ünïcode",
    "beyond the basic plane": "family \U0001f468‍\U0001f469‍\U0001f467 and \U00020bb7野家",
    "right to left": "שלום عليكم",
    "combining characters": "e\u0301 a\u0300 n\u0303 c\u030c\u0328",
    "JSON and markup": "a \"quoted\" \\ back/slash <b>&amp; 'tick' ${x} %41",
    "long": "long text " * 60 + "end",
}
# Names with rules of their own, and those that a tenant may make itself.
_RULED = {"locale", "preferredLanguage", "timezone", "password", "userType", "displayName", "formatted"}


@probe
def other_letter_case(ask: Ask, resource_type: ResourceType) -> None:
    """Create resources whose names of attributes, of sub-attributes or of extensions are in another letter case."""
    optional = parts_of(ask.sample.full(resource_type), resource_type, _repeatable)
    texts = [p for p in optional if isinstance(p.value, str)]
    objects = [p for p in optional if not p.urn and isinstance(p.value, dict)]
    lists = [p for p in optional if not p.urn and isinstance(p.value, list) and isinstance(p.value[0], dict)]
    core, extended = ([p for p in texts if bool(p.urn) is within] for within in (False, True))
    chosen = [*core[:2], *objects[:1], *lists[:1], *extended[:1]]
    plain, taken = create_with(ask, "plain", resource_type, chosen)
    ask.get("plain: fetched", plain.path)

    def made(name: str, some: list[Part], change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        sent = change(body(ask.sample.minimal(resource_type), [p for p in some if p in taken]))
        ask.get(f"{name}: fetched", ask.create(name, resource_type, sent).path)

    asked = [partial(made, "names", core[:2], _swap_top)]
    if objects or lists:
        asked.append(partial(made, "sub-names", [*objects[:1], *lists[:1]], _swap_nested))
    if extended:
        asked.append(partial(made, "extension names", extended[:1], _swap_extended))
        asked.append(partial(made, "URI", extended[:1], lambda sent: _swap_uri(sent, extended[0])))
    ask.together(*asked)


@probe
def any_order(ask: Ask, resource_type: ResourceType) -> None:
    """Create a resource twice: once as usual, once with all members back to front, schemas last and reversed."""
    optional = parts_of(ask.sample.full(resource_type), resource_type, _repeatable)
    plain, taken = create_with(ask, "plain", resource_type, optional)
    ask.get("plain: fetched", plain.path)
    full = body(ask.sample.minimal(resource_type), taken)
    created = ask.create("reversed", resource_type, {**_reversed(full), "schemas": full["schemas"][::-1]})
    ask.get("reversed: fetched", created.path)


@probe
def unassigned_values(ask: Ask, resource_type: ResourceType) -> None:
    """Create resources with null for optional attributes, with [] for those with several values, and with neither."""

    def optional(*, several: bool) -> list[Part]:
        empty: Any = [] if several else None
        return [
            Part(b.attribute.name, empty, b.urn)
            for b in resource_type.attributes(subs=False)
            if not b.attribute.required and b.attribute.mutability in {"readWrite", "immutable"}
            if b.attribute.multi_valued == several and not _names_it(b)
        ]

    def made(name: str, parts: list[Part]) -> None:
        bare = {key: value for key, value in ask.sample.minimal(resource_type).items() if key != "externalId"}
        created = ask.create(name, resource_type, body(bare, parts))
        ask.get(f"{name}: fetched", created.path)

    ask.together(
        partial(made, "null", optional(several=False)),
        partial(made, "[]", optional(several=True)),
        partial(made, "bare", []),
    )


@probe
def unicode_text(ask: Ask, resource_type: ResourceType) -> None:
    """Store texts of many kinds, each in an attribute of its own, as far as there are attributes for them."""
    texts = iter(TEXTS.values())
    parts = []
    for bound in resource_type.attributes(subs=False):
        attribute = bound.attribute
        value: Any = None
        if attribute.type == "complex" and not attribute.multi_valued and not bound.urn and _open(attribute):
            free = [s.name for s in attribute.sub_attributes if is_free_text(s)]
            value = dict(zip(free, texts, strict=False))
        elif is_free_text(attribute) and not attribute.multi_valued:
            value = next(texts, None)
        if value:
            parts.append(Part(attribute.name, value, bound.urn))
    if not parts:
        named = parts_of(ask.sample.minimal(resource_type), resource_type, lambda a: a.type == "string")[:1]
        parts = [Part(p.name, f"{p.value} {next(texts)}", p.urn) for p in named]
    created, _ = create_with(ask, "created", resource_type, parts)
    ask.get("fetched", created.path)


def is_free_text(attribute: Attribute) -> bool:
    """Whether an attribute takes any text: no password, language tag or key, nothing with suggested values."""
    return (
        attribute.type == "string"
        and _open(attribute)
        and attribute.uniqueness == "none"
        and not attribute.canonical_values
        and attribute.name not in _RULED
    )


def _open(attribute: Attribute) -> bool:
    return attribute.mutability == "readWrite" and attribute.returned in {"default", "always"}


def _repeatable(attribute: Attribute) -> bool:
    # Many tenants keep names of groups and addresses of users unique, whatever their schema says.
    return not attribute.required and attribute.uniqueness == "none" and attribute.name not in {"displayName", "emails"}


def _names_it(bound: BoundAttribute) -> bool:
    return bound.attribute.name == "displayName" and not bound.urn


def _swap_top(sent: dict[str, Any]) -> dict[str, Any]:
    return {key if ":" in key or key == "schemas" else key.swapcase(): value for key, value in sent.items()}


def _swap_nested(sent: dict[str, Any]) -> dict[str, Any]:
    def swapped(value: Any) -> Any:
        if isinstance(value, list):
            return [swapped(element) for element in value]
        return {k.swapcase(): v for k, v in value.items()} if isinstance(value, dict) else value

    return {key: value if ":" in key or key == "schemas" else swapped(value) for key, value in sent.items()}


def _swap_extended(sent: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {k.swapcase(): v for k, v in value.items()} if ":" in key and isinstance(value, dict) else value
        for key, value in sent.items()
    }


def _swap_uri(sent: dict[str, Any], part: Part) -> dict[str, Any]:
    return {key.upper() if key == part.urn else key: value for key, value in sent.items()}


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(inner) for key, inner in reversed(value.items())}
    return [_reversed(element) for element in value] if isinstance(value, list) else value
