"""Attributes that name other resources by id: ``members``, ``manager`` and whatever a schema builds like them.

What makes a reference is its schema (RFC 7643 §2.4): a complex attribute with a ``value`` beside a ``$ref`` to resource
types of the tenant. Clients write the ``value``; the tenant keeps that and works out ``$ref``, ``type`` and the label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.spec.errors import invalid_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conformance.spec.schema import Attribute, BoundAttribute, ResourceType

_LABELS = ("display", "displayName")


@dataclass(frozen=True, slots=True)
class Target:
    """The resource that a reference leads to, as far as the reference shows it."""

    id: str
    type: str
    location: str
    label: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """One attribute that refers to resources of ``types``; ``urn`` is its extension's URI, None in the core schema."""

    name: str
    urn: str | None
    types: tuple[str, ...]
    multi_valued: bool
    computed: frozenset[str]

    def targets(self, attributes: Mapping[str, Any]) -> list[str]:
        """Return the ids that a resource refers to."""
        return [element["value"] for element in self._elements(attributes)]

    def settle(self, attributes: dict[str, Any], type_of: Callable[[str], str | None]) -> None:
        """Bring what a client wrote into the kept form, in place: one element for each target, nothing computed in it.

        Raises ScimError invalidValue for an id that is no resource of the right type.
        """
        kept: dict[str, dict[str, Any]] = {}
        for element in self._elements(attributes):
            target = element.get("value") or str(element.get("$ref", "")).rpartition("/")[2]
            if not target and not self.multi_valued:
                continue
            if type_of(target) not in self.types:
                raise invalid_value(f"{self.name}.value {target!r} is the id of no {' or '.join(self.types)}")
            own = {name: value for name, value in element.items() if name not in self.computed}
            kept.setdefault(target, {**own, "value": target})
        self._set(attributes, list(kept.values()))

    def without(self, attributes: Mapping[str, Any], target: str) -> dict[str, Any]:
        """Return a copy of the attributes that no longer refers to an id."""
        copy = dict(attributes)
        self._set(copy, [element for element in self._elements(attributes) if element["value"] != target])
        return copy

    def shown(self, attributes: Mapping[str, Any], find: Callable[[str], Target | None]) -> Mapping[str, Any]:
        """Return the attributes with the computed sub-attributes filled in; the ones given stay untouched."""
        elements = [{**element, **self._computed(find(element["value"]))} for element in self._elements(attributes)]
        if not elements:
            return attributes
        copy = dict(attributes)
        self._set(copy, elements)
        return copy

    def element(self, target: Target) -> dict[str, Any]:
        """Return an element of a readOnly reference, all of it computed."""
        return {"value": target.id, **self._computed(target)}

    def _computed(self, target: Target | None) -> dict[str, Any]:
        if target is None:
            return {}
        values = {"$ref": target.location, "type": target.type, **dict.fromkeys(_LABELS, target.label)}
        return {name: value for name, value in values.items() if name in self.computed and value is not None}

    def _elements(self, attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
        container = attributes.get(self.urn, {}) if self.urn else attributes
        value = container.get(self.name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def _set(self, attributes: dict[str, Any], elements: list[dict[str, Any]]) -> None:
        value = elements if self.multi_valued else next(iter(elements), None)
        if self.urn is None:
            _assign(attributes, self.name, value)
            return
        container = dict(attributes.get(self.urn, {}))
        _assign(container, self.name, value)
        _assign(attributes, self.urn, container)
        if not container:
            attributes["schemas"] = [urn for urn in attributes["schemas"] if urn != self.urn]


def references(resource_type: ResourceType, type_names: Iterable[str]) -> list[Reference]:
    """Return the references of a resource type that clients write."""
    return [r for b in resource_type.attributes(subs=False) if (r := _reference(b, type_names, "readWrite"))]


def memberships(resource_type: ResourceType, type_names: Iterable[str]) -> Reference | None:
    """Return the attribute that shows which groups a resource is in (RFC 7643 §4.1.2), None where it has none."""
    bound = resource_type.find("groups")
    return _reference(bound, type_names, "readOnly") if bound else None


def _reference(bound: BoundAttribute, type_names: Iterable[str], mutability: str) -> Reference | None:
    attribute = bound.attribute
    value, ref = attribute.sub("value"), attribute.sub("$ref")
    types = tuple(name for name in type_names if ref and name in ref.reference_types)
    if value is None or not types or (attribute.mutability == "readOnly") is not (mutability == "readOnly"):
        return None
    computed = {sub.name for sub in attribute.sub_attributes if _is_computed(sub, types)}
    return Reference(attribute.name, bound.urn, types, attribute.multi_valued, frozenset(computed))


def _is_computed(sub: Attribute, types: tuple[str, ...]) -> bool:
    if sub.name == "type":
        return set(types) >= set(sub.canonical_values) != set()
    return sub.name in {"$ref", *_LABELS}


def _assign(container: dict[str, Any], name: str, value: object) -> None:
    if value:
        container[name] = value
    else:
        container.pop(name, None)
