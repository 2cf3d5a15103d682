"""Filters over what a population really carries (RFC 7644 §3.4.2.2), from one comparison to nested logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from conformance.spec.filter import And, Comparison, Filter, Not, Or, Present, ValuePath
from conformance.spec.paths import AttrPath, lookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.spec.schema import BoundAttribute

_EQUALITY = ("eq", "ne")
_ORDER = ("gt", "ge", "lt", "le")
_OPERATORS = {
    "string": (*_EQUALITY, "co", "sw", "ew"),
    "reference": _EQUALITY,
    "boolean": _EQUALITY,
    "dateTime": (*_EQUALITY, *_ORDER),
    "integer": (*_EQUALITY, *_ORDER),
    "decimal": (*_EQUALITY, *_ORDER),
}
_MOST_LEAVES = 6


def filterable(bound: BoundAttribute) -> bool:
    """Whether comparing the attribute means the same to everybody who knows its type."""
    attribute, parent = bound.attribute, bound.parent
    shown = attribute.returned in {"always", "default"} and (parent is None or parent.returned in {"always", "default"})
    return shown and attribute.type in _OPERATORS and bound.attribute.name not in {"$ref", "schemas"}


def filters(people: Sequence[Mapping[str, Any]], attributes: Sequence[BoundAttribute]) -> st.SearchStrategy[Filter]:
    """Return filters over these attributes with the values of these resources, or values close to them."""
    leaves = [_about(bound, AttrPath.parse(bound.path), _values(people, bound)) for bound in attributes]
    selections = [
        st.builds(ValuePath, st.just(_top(parts[0])), _joined(st.one_of([_part(bound, people) for bound in parts])))
        for parts in _by_parent(attributes)
    ]
    return _joined(st.one_of([*leaves, *selections]))


def _joined(leaf: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(st.builds(And, inner, inner), st.builds(Or, inner, inner), st.builds(Not, inner)),
        max_leaves=_MOST_LEAVES,
    )


def _part(bound: BoundAttribute, people: Sequence[Mapping[str, Any]]) -> st.SearchStrategy[Filter]:
    return _about(bound, AttrPath(bound.attribute.name), _values(people, bound))


def _about(bound: BoundAttribute, path: AttrPath, values: Sequence[Any]) -> st.SearchStrategy[Filter]:
    present = st.builds(Present, st.just(path))
    if not values:
        return present
    operators = _OPERATORS[bound.attribute.type]
    compared = st.tuples(st.sampled_from(operators), st.sampled_from(values)).flatmap(
        lambda pair: st.builds(Comparison, st.just(path), st.just(pair[0]), _operand(bound, *pair))
    )
    return st.one_of(compared, present)


def _operand(bound: BoundAttribute, operator: str, value: Any) -> st.SearchStrategy[Any]:
    if bound.attribute.type != "string" or not isinstance(value, str) or operator in _EQUALITY:
        return st.just(value)
    # Not in the middle of what some readers see as one letter.
    ends = [i for i in range(1, len(value) + 1) if value[:i].isascii()] or [len(value)]
    cut = st.sampled_from(ends)
    return cut.map(lambda end: value[-end:] if operator == "ew" and value[-end:].isascii() else value[:end])


def _values(people: Sequence[Mapping[str, Any]], bound: BoundAttribute) -> list[Any]:
    found: dict[str, Any] = {}
    for person in people:
        value = lookup(person, AttrPath.parse(bound.path))
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str | int | float) and each != "":
                found.setdefault(repr(each), each)
    return list(found.values())


def _by_parent(attributes: Sequence[BoundAttribute]) -> list[list[BoundAttribute]]:
    groups: dict[str, list[BoundAttribute]] = {}
    for bound in attributes:
        if bound.parent and bound.parent.multi_valued:
            groups.setdefault(str(_top(bound)), []).append(bound)
    return list(groups.values())


def _top(bound: BoundAttribute) -> AttrPath:
    parent = bound.parent or bound.attribute
    return AttrPath(parent.name, urn=bound.urn)
