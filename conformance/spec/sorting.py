"""Sorting (RFC 7644 §3.4.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from conformance.spec.paths import AttrPath, PathError, lookup
from conformance.spec.values import instant, unassigned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.spec.schema import Attribute, BoundAttribute, ResourceType

    Resource = TypeVar("Resource", bound=Mapping[str, Any])


def sort(
    resources: Iterable[Resource], path: AttrPath | str, *, ascending: bool = True, resource_type: ResourceType
) -> list[Resource]:
    """Return the resources in the order of an attribute; equal ones keep the order they came in.

    Those without a value come last when ascending and first when descending. An attribute that no schema has, and a
    complex one without a ``value``, order nothing.
    """
    unordered = list(resources)
    bound = _find(path, resource_type)
    if bound is None:
        return unordered
    keyed = [(_key(resource, bound), resource) for resource in unordered]
    valued = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=not ascending)
    present = [resource for _, resource in valued]
    absent = [resource for key, resource in keyed if key is None]
    return present + absent if ascending else absent + present


def _find(path: AttrPath | str, resource_type: ResourceType) -> BoundAttribute | None:
    try:
        path = AttrPath.parse(path) if isinstance(path, str) else path
    except PathError:
        return None
    bound = resource_type.find(path.dotted, path.urn)
    if bound and bound.attribute.type == "complex":
        return resource_type.find(f"{path.name}.value", path.urn)
    return bound


def _key(resource: Mapping[str, Any], bound: BoundAttribute) -> Any:
    top = bound.parent or bound.attribute
    value = lookup(resource, AttrPath(top.name, urn=bound.urn))
    if isinstance(value, list):
        value = _foremost(value)
    if bound.parent:
        value = lookup(value, AttrPath(bound.attribute.name))
    return None if unassigned(value) else _comparable(value, bound.attribute)


def _foremost(values: list[Any]) -> Any:
    """Return the primary value, else the first."""
    primary = (value for value in values if lookup(value, AttrPath("primary")) is True)
    return next(primary, values[0] if values else None)


def _comparable(value: Any, attribute: Attribute) -> Any:
    """Return a sort key; values of a wrong JSON type go, as text, behind those of the right one."""
    if attribute.type in {"integer", "decimal", "boolean"} and isinstance(value, int | float):
        return 0, value
    moment = instant(value) if attribute.type == "dateTime" else None
    if moment:
        return 0, moment
    text = str(value)
    return 1, text if attribute.case_exact else text.casefold()
