"""Hooks into filters: the text before it is read, the tree that it becomes, and whom one expression of it selects."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.seams import wrap
from conformance.spec.errors import ScimError
from conformance.spec.filter import And, Comparison, Filter, FilterError, Not, Or, Present, ValuePath, operands
from conformance.spec.paths import AttrPath, lookup
from conformance.spec.values import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType, Schema

    Decide = Callable[["Expression", dict[str, Any], bool], bool]

Expression = Comparison | Present | ValuePath
NOBODY = Present(AttrPath("nothing"))
"""A filter that is false for every resource: no schema has the attribute."""
QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")')


def reword(tenant: ReferenceTenant, change: Callable[[str], str]) -> None:
    """Change the text of every filter before it is read, or raise to refuse it."""

    def read(original: Callable[..., Filter], text: str, types: Sequence[ResourceType], *, everywhere: bool) -> Filter:
        return original(change(text), types, everywhere=everywhere)

    wrap(tenant.rules, "read_filter", read)


def rewrite(tenant: ReferenceTenant, change: Callable[[Filter], Filter], *, brackets: bool = True) -> None:
    """Change every node of every filter that was read without objection, the inner ones first.

    ``brackets`` says whether that includes what stands in square brackets.
    """

    def read(original: Callable[..., Filter], *args: Any, **kwargs: Any) -> Filter:
        return _rewritten(original(*args, **kwargs), change, brackets=brackets)

    wrap(tenant.rules, "read_filter", read)


def refuse(where: Callable[[Filter], bool]) -> Callable[[Filter], Filter]:
    """Return a change for ``rewrite`` that refuses filters with such a node as invalid."""

    def change(node: Filter) -> Filter:
        if where(node):
            raise FilterError(0, "something else", str(node))
        return node

    return change


def break_down(tenant: ReferenceTenant, where: Callable[[str], bool]) -> None:
    """Answer 500 to filters of a certain text."""

    def change(text: str) -> str:
        if where(text):
            raise ScimError("The tenant failed to handle the request", status=500)
        return text

    reword(tenant, change)


def decide(tenant: ReferenceTenant, answer: Decide) -> None:
    """Answer every expression of a filter anew, given the expression, the whole resource and the right answer."""

    def matches(original: Callable[..., bool], node: Filter, resource: dict[str, Any], of: ResourceType) -> bool:
        match node:
            case And():
                return all(matches(original, part, resource, of) for part in operands(node))
            case Or():
                return any(matches(original, part, resource, of) for part in operands(node))
            case Not(operand):
                return not matches(original, operand, resource, of)
            case _:
                return answer(node, resource, original(node, resource, of))

    forgo_indexes(tenant)
    wrap(tenant.rules, "matches", matches)


def see(tenant: ReferenceTenant, path: str, **characteristics: Any) -> None:
    """Evaluate filters as if an attribute had other characteristics than the schema says."""

    def matches(original: Callable[..., bool], node: Filter, resource: dict[str, Any], of: ResourceType) -> bool:
        return original(node, resource, characterised(of, path, **characteristics))

    forgo_indexes(tenant)
    wrap(tenant.rules, "matches", matches)


def characterised(resource_type: ResourceType, path: str, **characteristics: Any) -> ResourceType:
    """Return a resource type one of whose core or extension attributes has other characteristics."""
    at_path = AttrPath.parse(path)

    def changed(schema: Schema) -> Schema:
        attributes = (replace(a, **characteristics) if a.name == at_path.name else a for a in schema.attributes)
        return replace(schema, attributes=tuple(attributes))

    if at_path.urn is None:
        return replace(resource_type, schema=changed(resource_type.schema))
    extensions = (
        replace(extension, schema=changed(extension.schema)) if extension.schema.id == at_path.urn else extension
        for extension in resource_type.extensions
    )
    return replace(resource_type, extensions=tuple(extensions))


def forgo_indexes(tenant: ReferenceTenant) -> None:
    """Look at every record for every filter, since those that an index knows are not all that a fault lets match."""

    def candidates(_: object, __: Filter, resource_type: ResourceType) -> list[Record]:
        return tenant.store.all(resource_type.name)

    wrap(tenant.rules, "candidates", candidates)


def texts(resource: dict[str, Any], expression: Expression) -> list[str]:
    """Return the values that an expression is about, as texts."""
    value = lookup(resource, expression.path)
    values = value if isinstance(value, list) else [value]
    return [v if isinstance(v, str) else json.dumps(v) for v in values if v is not None]


def about(node: Filter, *paths: str, op: str = "") -> bool:
    """Whether a node is an expression about one of these paths, a comparison with this operator where one is given."""
    if not isinstance(node, Comparison | Present | ValuePath) or str(node.path) not in paths:
        return False
    return not op or (isinstance(node, Comparison) and node.op == op)


def is_text(node: Filter, op: str) -> bool:
    """Whether a node compares with a text that is no time, by this operator."""
    return (
        isinstance(node, Comparison) and node.op == op and isinstance(node.value, str) and instant(node.value) is None
    )


def outside_quotes(text: str, change: Callable[[str], str]) -> str:
    """Change a filter's text except where it is quoted."""
    parts = QUOTED.split(text)
    return "".join(part if number % 2 else change(part) for number, part in enumerate(parts))


def _rewritten(node: Filter, change: Callable[[Filter], Filter], *, brackets: bool) -> Filter:
    match node:
        case And(left, right) | Or(left, right):
            inner = (_rewritten(part, change, brackets=brackets) for part in (left, right))
            node = type(node)(*inner)
        case Not(operand):
            node = Not(_rewritten(operand, change, brackets=brackets))
        case ValuePath(path, within) if brackets:
            node = ValuePath(path, _rewritten(within, change, brackets=True))
    return change(node)
