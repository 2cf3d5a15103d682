"""Mapping tables at work: what flows from the directory, the body it makes, and reading it back from a resource."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from conformance.spec.filter import And, Comparison, PatchPath, parse_path
from conformance.spec.paths import member

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.rehearsal.directory import Person, Team
    from conformance.spec.filter import Filter
    from conformance.spec.profile import AttributeMapping

    Table = Sequence[AttributeMapping]

ACTIVE = "active"
_CONSTANTS = {"true": True, "false": False}
_JOIN = re.compile(r'Join\(\s*"(?P<separator>[^"]*)"\s*,(?P<parts>.*)\)', re.IGNORECASE)
_BRACKETED = re.compile(r"\[(\w+)\]")
_CORE = "urn:ietf:params:scim:schemas:core:"


def flowing(table: Table, source: Person | Team, *, active: bool | None = None) -> dict[str, Any]:
    """Return the value of each mapped attribute by its path; without those that have none, and without references.

    ``active`` is the value of the attribute of that name, which no directory holds as such.
    """
    values: dict[str, Any] = {}
    for row in table:
        if row.type == "reference":
            continue
        value = active if row.attribute == ACTIVE else _evaluated(row.source, source)
        if value not in {None, ""}:
            values[row.attribute] = value
    return values


def matching(table: Table, default: str) -> list[str]:
    """Return the paths by which an existing resource is found, in the order of precedence."""
    rows = sorted((row for row in table if row.matching), key=lambda row: row.matching)
    return [row.attribute for row in rows] or [default]


def reference(table: Table) -> str | None:
    """Return the path of the reference that a table maps (``manager``, ``members``), None where there is none."""
    return next((row.attribute for row in table if row.type == "reference"), None)


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object that has these values at their paths; elements that a filter describes are made."""
    body: dict[str, Any] = {}
    for path, value in values.items():
        at = _parsed(path)
        container = body.setdefault(str(at.attr.urn), {}) if _in_extension(at) else body
        if at.filter is None:
            holder = container.setdefault(at.attr.name, {}) if at.attr.sub else container
            holder[at.attr.sub or at.attr.name] = value
            continue
        described = _described(at.filter)
        elements = container.setdefault(at.attr.name, [])
        element = next((e for e in elements if described.items() <= e.items()), None)
        if element is None:
            element = described | ({"primary": True} if at.attr.name == "emails" and not elements else {})
            elements.append(element)
        element[at.sub or "value"] = value
    return body


def read(resource: Mapping[str, Any], path: str) -> Any:
    """Return what a resource has at a path, None where it has nothing.

    Where a filter picks several elements it is a list of their values. A key with a dot in it is not taken for a path.
    """
    at = _parsed(path)
    container = _inside(resource, at.attr.urn) if _in_extension(at) else resource
    whole = _inside(container, at.attr.name)
    if at.filter is None:
        return _inside(whole, at.attr.sub) if at.attr.sub else whole
    described = _described(at.filter)
    elements = whole if isinstance(whole, list) else [whole]
    chosen = [e for e in elements if all(_alike(_inside(e, name), value) for name, value in described.items())]
    found = [value for value in (_inside(e, at.sub or "value") for e in chosen) if value is not None]
    return (found[0] if len(found) == 1 else found) if found else None


def multi_valued(path: str) -> bool:
    """Whether a path picks an element with a filter."""
    return _parsed(path).filter is not None


def _evaluated(expression: str, source: Person | Team) -> str | bool | None:
    """Return the value of a source: the name of an attribute, an expression that joins several, true or false."""
    joined = _JOIN.fullmatch(expression.strip())
    if joined:
        parts = (source.value(name) for name in _BRACKETED.findall(joined["parts"]))
        return joined["separator"].join(filter(None, parts)) or None
    if "(" in expression:
        return None
    return _CONSTANTS.get(expression, source.value(expression.strip("[]")))


@cache
def _parsed(path: str) -> PatchPath:
    return parse_path(path)


def _in_extension(at: PatchPath) -> bool:
    return at.attr.urn is not None and not at.attr.urn.lower().startswith(_CORE)


def _described(node: Filter) -> dict[str, Any]:
    return dict(_equalities(node))


def _equalities(node: Filter) -> Iterable[tuple[str, Any]]:
    match node:
        case Comparison(path, "eq", value):
            yield path.name, value
        case And(left, right):
            yield from _equalities(left)
            yield from _equalities(right)


def _inside(container: object, name: str | None) -> Any:
    key = member(container, name) if name else None
    return container[key] if key is not None and isinstance(container, dict) else None


def _alike(value: object, wanted: object) -> bool:
    return str(value).casefold() == str(wanted).casefold()
