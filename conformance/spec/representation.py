"""What a returned representation must look like (RFC 7643 §2, §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.spec.paths import lookup, member
from conformance.spec.schema import COMMON, PREDEFINED
from conformance.spec.values import fits, unassigned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.spec.schema import Attribute, ResourceType


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a representation, at a path, and its kind.

    ``shape``       no object, an array for one value, one value for an array
    ``type``        a value that is not of its attribute's data type
    ``missing``     no ``schemas``, ``id`` or ``meta``, or no value for a required attribute
    ``secret``      an attribute that is never returned
    ``primary``     more than one primary value
    ``schemas``     ``schemas`` disagrees with the resource type or with the extensions that have data
    ``resourceType``  ``meta.resourceType`` is not the name of the resource type
    ``unknown``     a name that no schema has
    """

    path: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or 'the resource'}: {self.message}"


def problems(resource: object, resource_type: ResourceType) -> list[Problem]:
    """Return what is wrong with a whole representation of a resource; [] when it is right. Never raises.

    null and [] count as unassigned and are no problem. In a partial representation ``missing`` means nothing.
    """
    if not isinstance(resource, dict):
        return [Problem("", "shape", "is no JSON object")]
    found = list(_schemas(resource, resource_type))
    extensions = {e.schema.id.lower(): e.schema for e in resource_type.extensions}
    core = (*COMMON.attributes, *resource_type.schema.attributes)
    found += _members(core, {k: v for k, v in resource.items() if k.lower() not in extensions}, "")
    for key, value in resource.items():
        schema = extensions.get(key.lower())
        if schema is None or unassigned(value):
            continue
        if isinstance(value, dict):
            found += _members(schema.attributes, value, f"{schema.id}:")
        else:
            found.append(Problem(schema.id, "shape", "is no JSON object"))
    named = lookup(resource, "meta.resourceType")
    if isinstance(named, str) and named != resource_type.name:
        found.append(Problem("meta.resourceType", "resourceType", f"is {named!r}, not {resource_type.name!r}"))
    if unassigned(lookup(resource, "meta")):
        found.append(Problem("meta", "missing", "has no value"))
    return found


def _schemas(resource: Mapping[str, Any], resource_type: ResourceType) -> Iterator[Problem]:
    given = lookup(resource, "schemas")
    if not isinstance(given, list):
        return
    listed = [urn.lower() for urn in given if isinstance(urn, str)]
    if resource_type.schema.id.lower() not in listed:
        yield Problem("schemas", "schemas", f"does not list {resource_type.schema.id}")
    if len(listed) != len(set(listed)):
        yield Problem("schemas", "schemas", "lists a URI twice")
    for extension in resource_type.extensions:
        urn = extension.schema.id
        if not unassigned(lookup(resource, urn)) and urn.lower() not in listed:
            yield Problem("schemas", "schemas", f"does not list {urn}, which has data")


def _members(attributes: Iterable[Attribute], value: Mapping[str, Any], prefix: str) -> Iterator[Problem]:
    by_name = {attribute.name.lower(): attribute for attribute in attributes}
    for attribute in by_name.values():
        if attribute.required and unassigned(value.get(member(value, attribute.name) or attribute.name)):
            yield Problem(f"{prefix}{attribute.name}", "missing", "is required and has no value")
    for key, item in value.items():
        known = by_name.get(key.lower())
        if known is None:
            yield Problem(f"{prefix}{key}", "unknown", "is in no schema of the resource type")
        elif known.returned == "never":
            yield Problem(f"{prefix}{known.name}", "secret", "must never be returned")
        elif not unassigned(item):
            yield from _attribute(known, item, f"{prefix}{known.name}")


def _attribute(attribute: Attribute, value: Any, path: str) -> Iterator[Problem]:
    if not attribute.multi_valued:
        if isinstance(value, list):
            yield Problem(path, "shape", "is an array, yet has one value only")
        else:
            yield from _single(attribute, value, path)
        return
    if not isinstance(value, list):
        yield Problem(path, "shape", "has several values and is no array")
        return
    for element in value:
        yield from _single(attribute, element, path)
    if sum(1 for element in value if lookup(element, "primary") is True) > 1:
        yield Problem(path, "primary", "has more than one primary value")


def _single(attribute: Attribute, value: Any, path: str) -> Iterator[Problem]:
    if not fits(attribute.type, value):
        yield Problem(path, "type", f"{str(value)[:60]!r} is not of type {attribute.type}")
    elif attribute.type == "complex":
        subs = (*PREDEFINED, *attribute.sub_attributes) if attribute.multi_valued else attribute.sub_attributes
        yield from _members(subs, value, f"{path}.")
