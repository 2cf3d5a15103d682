"""Adding, replacing and removing values of one attribute (RFC 7644 §3.5.2.1 to §3.5.2.3).

An ``op`` is ``add``, ``replace`` or ``remove``; a container is the JSON object that holds the attribute: the resource,
an extension's object, or a complex value. Containers are changed in place.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conformance.spec.errors import invalid_value, mutability, no_target
from conformance.spec.filter import And, Comparison, Filter
from conformance.spec.matching import selects
from conformance.spec.paths import lookup, member
from conformance.spec.validation import clears, conform, conform_one, distinct
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.spec.schema import Attribute


def edit(op: str, container: dict[str, Any], attribute: Attribute, value: Any) -> None:
    """Carry out an operation on a whole attribute. ``add`` of null adds nothing, ``replace`` by null removes.

    Raises ScimError invalidValue or mutability.
    """
    old = lookup(container, attribute.name)
    if op == "remove":
        new = _without(attribute, old, value)
    elif clears(attribute, value):
        new = old if op == "add" else None
    elif not attribute.multi_valued:
        new = _set(op, attribute, old, value)
    elif op == "add":
        new = _joined(attribute, old, value)
    else:
        new = conform(attribute, _listed(value), attribute.name)
    _store(op, container, attribute, new)


@dataclass(frozen=True, slots=True)
class Selection:
    """The elements of a multi-valued attribute that a filter picks, or one sub-attribute of each of them."""

    attribute: Attribute
    filter: Filter
    sub: Attribute | None = None


def edit_selected(op: str, container: dict[str, Any], selection: Selection, value: Any) -> None:
    """Carry out an operation on a selection.

    Where it picks none, ``remove`` does nothing, ``replace`` fails with noTarget (§3.5.2.3) and ``add`` makes the
    element that the filter describes, or fails with noTarget if it describes none or the value contradicts it: each
    repetition would add one more. Raises ScimError.
    """
    attribute = selection.attribute
    elements = _listed(lookup(container, attribute.name))
    chosen = [i for i, element in enumerate(elements) if selects(selection.filter, element, attribute)]
    if not chosen and op == "remove":
        return
    if chosen:
        for i in chosen:
            elements[i] = _changed(op, selection, elements[i], value)
    else:
        elements.append(_made(op, selection, value))
        chosen = [len(elements) - 1]
    _store(op, container, attribute, _settled(attribute, elements, [elements[i] for i in chosen]))


def _store(op: str, container: dict[str, Any], attribute: Attribute, new: Any) -> None:
    """Put the new value in place, if the attribute's mutability and requiredness allow it."""
    key = member(container, attribute.name) or attribute.name
    old = container.get(key)
    if attribute.mutability == "immutable" and not unassigned(old) and new != old:
        raise mutability(f"{attribute.name} is immutable and has a value")
    if not unassigned(new):
        container[key] = new
        return
    if attribute.required:
        detail = f"{attribute.name} is required"
        raise mutability(detail) if op == "remove" else invalid_value(detail)
    container.pop(key, None)


def _set(op: str, attribute: Attribute, old: Any, value: Any) -> Any:
    if attribute.type != "complex":
        return conform(attribute, value, attribute.name)
    if isinstance(value, str) and attribute.sub("value"):
        value = {"value": value or None}
        op = "replace"
    return _merged(op, attribute, old, value)


def _merged(op: str, attribute: Attribute, old: Any, value: Any) -> Any:
    """Return a complex value with the sub-attributes of another; those it does not name stay (§3.5.2.3)."""
    if not isinstance(value, dict):
        return conform_one(attribute, value, attribute.name)
    merged = deepcopy(old) if isinstance(old, dict) else {}
    for sub in attribute.sub_attributes:
        key = member(value, sub.name)
        if key and sub.mutability != "readOnly":
            edit(op, merged, sub, value[key])
    if lookup(merged, "value") != lookup(old, "value"):
        _forget_target(attribute, merged, value)
    read_only = [sub for sub in attribute.sub_attributes if sub.mutability == "readOnly"]
    return None if all(attribute.sub(name) in read_only for name in merged) else merged


def _forget_target(attribute: Attribute, merged: dict[str, Any], given: dict[str, Any]) -> None:
    """Drop what described the resource that ``value`` named before: its ``$ref`` and names the provider computes."""
    for sub in attribute.sub_attributes:
        computed = sub.mutability == "readOnly" or sub.name == "$ref"
        key = member(merged, sub.name)
        if key and computed and not member(given, sub.name):
            del merged[key]


def _joined(attribute: Attribute, old: Any, value: Any) -> Any:
    """Return the values with new ones added; what is there already is not added again (§3.5.2.1)."""
    elements = _listed(old)
    touched = []
    by_value: dict[str, list[int]] = {}
    for i, element in enumerate(elements):
        by_value.setdefault(_significant(element), []).append(i)
    for given in conform(attribute, _listed(value), attribute.name) or []:
        candidates = by_value.get(_significant(given), []) if _has_value(given) else range(len(elements))
        twin = next((i for i in candidates if _is_same(attribute, elements[i], given)), None)
        if twin is None:
            elements.append(given)
            touched.append(given)
        elif isinstance(given, dict) and not attribute.sub("$ref"):
            elements[twin] = elements[twin] | given
            touched.append(elements[twin])
    return _settled(attribute, elements, touched)


def _is_same(attribute: Attribute, element: Any, given: Any) -> bool:
    """Return whether an element holds a given value: a reference by its target, others by value and type.

    What has no ``value`` (addresses) is the same only if it is equal.
    """
    if not isinstance(element, dict) or not isinstance(given, dict) or "value" not in given:
        return bool(element == given)
    if attribute.sub("$ref"):
        return bool(lookup(element, "value") == given["value"])
    return _includes(element, given) or all(lookup(element, name) == given.get(name) for name in ("value", "type"))


def _includes(element: Any, given: Any) -> bool:
    """Return whether an element has all that is given of one."""
    if not isinstance(element, dict) or not isinstance(given, dict):
        return bool(element == given)
    return all(lookup(element, name) == item for name, item in given.items())


def _has_value(element: Any) -> bool:
    return not isinstance(element, dict) or "value" in element


def _significant(element: Any) -> str:
    """Return the value an element stands for, in a form that finds it among thousands."""
    return repr(lookup(element, "value") if isinstance(element, dict) else element)


def _without(attribute: Attribute, old: Any, value: Any) -> Any:
    """Return what is left of an attribute; a multi-valued one loses only the values listed, if any are."""
    if value is None or not attribute.multi_valued:
        return None
    listed = [item for item in _listed(value) if not unassigned(item)]
    by_value = {_significant(item) for item in listed if _has_value(item)}
    others = [item for item in listed if not _has_value(item)]
    return [
        element
        for element in _listed(old)
        if _significant(element) not in by_value and not any(_includes(element, item) for item in others)
    ]


def _changed(op: str, selection: Selection, element: Any, value: Any) -> Any:
    """Return what becomes of one element; None when nothing is left of it."""
    attribute = selection.attribute
    if selection.sub and isinstance(element, dict):
        edit(op, element, selection.sub, value)
        return element
    if op == "remove":
        return None
    if unassigned(value):
        return element if op == "add" else None
    if op == "add" and attribute.type == "complex":
        return _merged(op, replace(attribute, multi_valued=False), element, value)
    return conform_one(attribute, value, attribute.name)


def _made(op: str, selection: Selection, value: Any) -> Any:
    """Return the element that a filter of ``eq`` comparisons describes, with a value added to it."""
    attribute, node = selection.attribute, selection.filter
    given = dict(_equalities(node))
    element = given.get("value") if attribute.type != "complex" else given
    described = conform_one(attribute, element, attribute.name) if op == "add" else None
    if described is not None and selects(node, described, attribute):
        made = _changed(op, selection, described, value)
        if selects(node, made, attribute):
            return made
    raise no_target(f"No value of {attribute.name} matches {node}")


def _equalities(node: Filter) -> list[tuple[str, Any]]:
    match node:
        case Comparison(path, "eq", value):
            return [(path.name, value)]
        case And(left, right):
            return [*_equalities(left), *_equalities(right)]
        case _:
            return []


def _settled(attribute: Attribute, elements: list[Any], touched: list[Any]) -> list[Any]:
    """Return the elements without empty and repeated ones; a primary set just now is the only one (§3.5.2)."""
    kept = distinct(elements)
    primaries = [e for e in kept if lookup(e, "primary") is True and e in touched]
    if len(primaries) > 1:
        raise invalid_value(f"Only one value of {attribute.name} can be primary")
    for element in kept:
        if primaries and element is not primaries[0] and lookup(element, "primary") is True:
            element[member(element, "primary")] = False
    return kept


def _listed(value: Any) -> list[Any]:
    """Return a copy of the values of a multi-valued attribute; a single one may stand without its array."""
    if value is None:
        return []
    return deepcopy(value) if isinstance(value, list) else [deepcopy(value)]
