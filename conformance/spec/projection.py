"""Which attributes a response shows: ``returned``, ``attributes``, ``excludedAttributes`` (RFC 7644 §3.4.2.5, §3.9).

``schemas`` counts as always returned, as every representation states its schemas (RFC 7643 §3). Names that no schema
has are ignored in the parameters and treated as ``default`` in the resource.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.spec.errors import invalid_value
from conformance.spec.paths import AttrPath, PathError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.spec.schema import Attribute, ResourceType


def names(parameter: str | None) -> list[str]:
    """Split the comma-separated value of a query parameter; [] for None and for the empty text."""
    return [name.strip() for name in (parameter or "").split(",") if name.strip()]


def project(
    resource: Mapping[str, Any],
    resource_type: ResourceType,
    attributes: Sequence[str] | None = None,
    excluded: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return the representation to send of a whole stored resource, which stays untouched.

    ``attributes`` and ``excluded`` are names in attribute notation, or the URI of an extension for all of it; None and
    [] mean that the parameter was not given. Raises ScimError invalidValue when both are.
    """
    if attributes and excluded:
        raise invalid_value("attributes and excludedAttributes exclude each other")
    choice = _Choice(_selected(attributes or excluded or (), resource_type), exclude=not attributes)
    shown: dict[str, Any] = {}
    for key, value in resource.items():
        extension = resource_type.extension(key)
        if extension:
            inner = {name: choice.value(extension.schema.id, name, v, resource_type) for name, v in _items(value)}
            kept: Any = {name: v for name, v in inner.items() if v is not None} or None
        else:
            kept = choice.value("", key, value, resource_type)
        if kept is not None:
            shown[key] = kept
    return shown


def _items(value: object) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _selected(given: Iterable[str], resource_type: ResourceType) -> frozenset[tuple[str, str, str]]:
    """Return the names as (extension URI or "", attribute or "" for the whole extension, sub-attribute or "")."""
    found = set()
    for text in given:
        if resource_type.extension(text):
            found.add((text.lower(), "", ""))
            continue
        try:
            path = AttrPath.parse(text)
        except PathError:
            continue
        core = path.urn is None or path.urn.lower() == resource_type.schema.id.lower()
        found.add(("" if core else str(path.urn).lower(), path.name.lower(), (path.sub or "").lower()))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The attributes named in a request, and whether they are what to leave out."""

    selected: frozenset[tuple[str, str, str]]
    exclude: bool

    def value(self, urn: str, name: str, value: Any, resource_type: ResourceType) -> Any:
        """Return what to show of an attribute's value; None for nothing."""
        bound = resource_type.find(name, urn or None)
        attribute = bound.attribute if bound else None
        returned = "always" if name.lower() == "schemas" else attribute.returned if attribute else "default"
        if returned == "never":
            return None
        key = (urn.lower(), name.lower())
        named = not self.selected.isdisjoint({(*key, ""), (urn.lower(), "", "")})
        partly = frozenset(sub for *at, sub in self.selected if tuple(at) == key)
        if returned != "always" and not self._shows(returned, named=named, partly=bool(partly)):
            return None
        if attribute is None or attribute.type != "complex":
            return value
        whole = named or (returned == "always" and not partly)
        if isinstance(value, list):
            elements = [self._subs(attribute, element, partly, whole=whole) for element in value]
            return [element for element in elements if element] or None
        return self._subs(attribute, value, partly, whole=whole) or None

    def _shows(self, returned: str, *, named: bool, partly: bool) -> bool:
        if self.exclude:
            return returned == "default" and not named
        return named or partly

    def _subs(self, parent: Attribute, value: Any, partly: frozenset[str], *, whole: bool) -> Any:
        if not isinstance(value, dict):
            return value
        shown = {}
        for name, inner in value.items():
            attribute = parent.sub(name)
            returned = attribute.returned if attribute else "default"
            named = name.lower() in partly
            if returned == "always" or (returned != "never" and self._shows_sub(returned, named=named, whole=whole)):
                shown[name] = inner
        return shown

    def _shows_sub(self, returned: str, *, named: bool, whole: bool) -> bool:
        if self.exclude:
            return returned == "default" and not named
        return named or (whole and returned == "default")
