"""Multi-valued attributes (RFC 7643 §2.4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.attributes import plain_value, values
from conformance.probes.parts import Part, create_with
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.probes.ask import Ask
    from conformance.spec.schema import Attribute, BoundAttribute, ResourceType


@probe
def element_sets(ask: Ask, resource_type: ResourceType) -> None:
    """Create resources whose lists hold two primaries, the same element twice, or one value with two types."""

    def made(name: str, elements: Callable[[Attribute], list[dict[str, Any]] | None]) -> None:
        found = [(bound, elements(bound.attribute)) for bound in _lists(resource_type)]
        parts = [Part(bound.attribute.name, value, bound.urn) for bound, value in found if value]
        if parts:
            created, _ = create_with(ask, name, resource_type, parts)
            ask.get(f"fetched {name}", created.path)

    ask.together(
        partial(made, "two primaries", lambda attribute: _two_primaries(ask, attribute)),
        partial(made, "twice the same", lambda attribute: _without_primary(_elements(ask, attribute, 1)) * 2),
        partial(made, "two types", lambda attribute: _two_types(ask, attribute)),
    )


@probe
def plain_elements(ask: Ask, resource_type: ResourceType) -> None:
    """Create a User whose e-mail address has only a value, and look for it among the primary ones and the others."""
    address = {"value": f"{ask.sample.unique()}@example.com"}
    created, _ = create_with(ask, "created", resource_type, [Part("emails", [address])])
    ask.get("fetched", created.path)
    if ask.service.filter.supported is not False:
        own = f'userName eq "{created.sent["userName"]}"'
        ask.filter("primary", resource_type, f"{own} and emails[primary eq true]")
        ask.filter("secondary", resource_type, f"{own} and emails[primary eq false]")


@probe
def changed_display(ask: Ask, resource_type: ResourceType) -> None:
    """Create a User whose e-mail address has a display text, and change that with PATCH."""
    address = {"value": f"{ask.sample.unique()}@example.com", "type": "work", "display": "before"}
    created, _ = create_with(ask, "created", resource_type, [Part("emails", [address])])
    ask.patch("patched", created.path, {"op": "replace", "path": 'emails[type eq "work"].display', "value": "after"})
    ask.get("fetched", created.path)


def _lists(resource_type: ResourceType) -> list[BoundAttribute]:
    """Return the lists of objects with a value of their own; members and the like name other resources."""
    return [
        b
        for b in resource_type.attributes(subs=False)
        if b.attribute.multi_valued and b.attribute.mutability == "readWrite" and b.attribute.returned == "default"
        if b.attribute.sub("value") and not b.attribute.links
    ]


def _two_primaries(ask: Ask, attribute: Attribute) -> list[dict[str, Any]] | None:
    if attribute.sub("primary") is None:
        return None
    return [{**element, "primary": True} for element in _elements(ask, attribute, 2)]


def _two_types(ask: Ask, attribute: Attribute) -> list[dict[str, Any]] | None:
    label = attribute.sub("type")
    kinds = (label.canonical_values if label else ())[:2]
    elements = _without_primary(_elements(ask, attribute, 1)) * 2
    return [{**e, "type": kind} for e, kind in zip(elements, kinds, strict=True)] if len(kinds) > 1 else None


def _elements(ask: Ask, attribute: Attribute, count: int) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = plain_value(attribute, values(ask, attribute, count))
    return elements


def _without_primary(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in element.items() if name != "primary"} for element in elements]
