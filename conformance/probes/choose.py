"""Which attributes a probe works with, so that the same questions fit User, Group and types nobody has thought of."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from conformance.spec.schema import COMMON, GROUP, USER, Attribute, BoundAttribute, ResourceType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.probes.ask import Ask

EXTERNAL_ID = next(attribute for attribute in COMMON.attributes if attribute.name == "externalId")
# Free text in the eyes of every tenant, while displayName and preferredLanguage have rules of their own.
_FAVOURITES = ("title", "nickName")


def naming(resource_type: ResourceType) -> Attribute | None:
    """Return the attribute that tells resources apart: userName, or the first text that a create must have."""
    known = {USER: "userName", GROUP: "displayName"}.get(resource_type.schema.id)
    if known and (found := resource_type.schema.attribute(known)):
        return found
    return next((a for a in required(resource_type) if _is_text(a)), None)


def unique(resource_type: ResourceType) -> Attribute | None:
    """Return the attribute whose value no two resources share: userName, or the first that the schema marks so."""
    if resource_type.schema.id == USER:
        return resource_type.schema.attribute("userName")
    writable = (a for a in resource_type.schema.attributes if _is_text(a))
    return next((a for a in writable if a.uniqueness in {"server", "global"}), None)


def required(resource_type: ResourceType) -> list[Attribute]:
    """Return the core attributes without which there is no resource, whether or not the served schema says so."""
    stated = {USER: "username", GROUP: "displayname"}.get(resource_type.schema.id)
    common = {a.name.lower() for a in COMMON.attributes}
    return [
        a
        for a in resource_type.schema.attributes
        if (a.required or a.name.lower() == stated) and a.mutability != "readOnly" and a.name.lower() not in common
    ]


def text(resource_type: ResourceType) -> Attribute:
    """Return a text attribute that a client may set, change and clear; externalId where the schema has no other."""
    favourites = [a for name in _FAVOURITES if (a := resource_type.schema.attribute(name))]
    return next(_free_texts(favourites), None) or next(_free_texts(resource_type.schema.attributes), EXTERNAL_ID)


def multi_valued(resource_type: ResourceType) -> Attribute | None:
    """Return an optional attribute with several values: emails for a User, members for a Group."""
    optional = (a for a in resource_type.schema.attributes if a.multi_valued and not a.required)
    return next((a for a in optional if a.mutability == "readWrite" and a.returned == "default"), None)


def values(ask: Ask, resource_type: ResourceType, count: int) -> list[dict[str, Any]] | None:
    """Return values for ``multi_valued``; None where they would have to point to other resources."""
    attribute = multi_valued(resource_type)
    value = attribute.sub("value") if attribute else None
    if attribute is None or value is None or attribute.links:
        return None
    return [{"value": ask.sample.value(value, attribute)} for _ in range(count)]


def component(resource_type: ResourceType) -> BoundAttribute | None:
    """Return a text within a singular complex attribute: ``name.familyName``."""
    return next(_components(resource_type), None)


def components(resource_type: ResourceType) -> tuple[BoundAttribute, BoundAttribute] | None:
    """Return two texts within one singular complex attribute: ``name.familyName`` and ``name.givenName``."""
    found = list(_components(resource_type))
    return next((pair for pair in pairwise(found) if pair[0].parent == pair[1].parent), None)


def extension_text(resource_type: ResourceType) -> BoundAttribute | None:
    """Return a text attribute of an extension that a client may set, change and clear."""
    singular = (b for b in resource_type.attributes(subs=False) if b.urn)
    return next((bound for bound in singular if any(_free_texts([bound.attribute]))), None)


def named(ask: Ask, resource_type: ResourceType) -> dict[str, Any]:
    """Return a minimal body whose ``naming`` attribute starts with the prefix of this probe run."""
    body = ask.sample.minimal(resource_type)
    attribute = naming(resource_type)
    if attribute:
        body[attribute.name] = another_name(ask, resource_type)
    return body


def another_name(ask: Ask, resource_type: ResourceType) -> str:
    """Return a fresh value for the ``naming`` attribute."""
    return ask.sample.user_name() if resource_type.schema.id == USER else ask.sample.unique()


def _components(resource_type: ResourceType) -> Iterator[BoundAttribute]:
    for bound in resource_type.attributes():
        parent = bound.parent
        singular = parent is not None and not parent.multi_valued and parent.mutability != "readOnly"
        if singular and not bound.urn and bound.attribute.name != "formatted" and any(_free_texts([bound.attribute])):
            yield bound


def _is_text(attribute: Attribute) -> bool:
    return attribute.type == "string" and not attribute.multi_valued and attribute.mutability == "readWrite"


def _free_texts(attributes: Iterable[Attribute]) -> Iterator[Attribute]:
    for attribute in attributes:
        plain = not (attribute.required or attribute.canonical_values) and attribute.uniqueness == "none"
        if _is_text(attribute) and plain and attribute.returned == "default" and attribute.name != "displayName":
            yield attribute
