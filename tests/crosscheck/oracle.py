"""The oracle's answers, and when an answer agrees with one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cases import WIDGET_SCHEMA
from implementations import Refused

from conformance.spec.errors import ScimError
from conformance.spec.filter import (
    And,
    Comparison,
    Filter,
    FilterError,
    Not,
    Or,
    Present,
    ValuePath,
    operands,
    parse,
    parse_path,
)
from conformance.spec.matching import Match, check, evaluate
from conformance.spec.patch import apply
from conformance.spec.paths import lookup
from conformance.spec.projection import project
from conformance.spec.schema import ResourceType, Schema
from conformance.spec.service import Service
from conformance.spec.sorting import sort
from conformance.spec.validation import validate
from conformance.spec.values import instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases import Case

USERS, _ = Service.default().resource_types
TYPES = {"User": USERS, "Widget": ResourceType("Widget", "/Widgets", Schema.from_scim(WIDGET_SCHEMA))}
UNDEFINED = "undefined"


def answer(question: str, case: Case) -> Any:
    """Return what the oracle says: JSON, Refused, or UNDEFINED where the RFC leaves a choice."""
    try:
        return _ANSWERS[question](case)
    except ScimError as error:
        return Refused(error.scim_type or "")


def agree(question: str, case: Case, ours: Any, theirs: Any) -> bool:
    """Return whether two answers say the same; texts of errors do not matter, nor does the order of equal things."""
    if ours == UNDEFINED:
        return True
    if isinstance(ours, Refused) or isinstance(theirs, Refused):
        return isinstance(ours, Refused) and isinstance(theirs, Refused)
    if question == "project":
        return shown(ours) == shown(theirs)
    if question in {"patch", "create", "replace"}:
        return settled(ours) == settled(theirs)
    if question == "sort":
        by_id = {r["id"]: r for r in case["resources"]}
        return theirs == answer("sort", case | {"resources": [by_id[i] for i in theirs]})
    return bool(flat(ours) == flat(theirs)) if question in {"read", "path"} else bool(ours == theirs)


def settled(document: dict[str, Any]) -> Any:
    """Return what a client wrote: without what is the provider's to add, with the values of arrays in one order."""
    return shown({name: value for name, value in document.items() if name not in {"id", "meta", "groups"}})


def shown(value: Any) -> Any:
    """Return a document without unassigned attributes, arrays in one order, points in time in one spelling."""
    if isinstance(value, dict):
        members = {key: shown(item) for key, item in value.items()}
        return {key: item for key, item in members.items() if item not in (None, [], {})}
    if isinstance(value, list):
        return sorted((shown(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    moment = instant(value)
    return moment.isoformat() if moment else value


def flat(tree: Any) -> Any:
    """Return a syntax tree with rows of one logical operator joined: grouping them changes nothing."""
    if not isinstance(tree, list):
        return tree
    head, *rest = tree
    rest = [flat(item) for item in rest]
    if head in {"and", "or"}:
        rest = [part for item in rest for part in (item[1:] if item[0] == head else [item])]
    return [flat(head), *rest]


def tree(node: Filter) -> Any:
    """Return a filter as nested lists."""
    match node:
        case Comparison(path, op, value):
            return [op, str(path), value]
        case Present(path):
            return ["pr", str(path)]
        case Not(operand):
            return ["not", tree(operand)]
        case ValuePath(path, inner):
            return ["[]", str(path), tree(inner)]
        case And() | Or():
            return ["and" if isinstance(node, And) else "or", *map(tree, operands(node))]


def _match(case: Case) -> Any:
    node = parse(case["filter"])
    resource_type = TYPES[case["type"]]
    verdict = evaluate(node, case["resource"], resource_type)
    try:
        check(node, resource_type, reject_unknown=False)
    except ScimError:
        # A tenant may refuse it, or evaluate it: the other side may do either.
        return UNDEFINED
    return UNDEFINED if verdict is Match.UNDEFINED else verdict is Match.YES


def _allow(case: Case) -> bool:
    check(parse(case["filter"]), TYPES[case["type"]], reject_unknown=False)
    return True


def _patch(case: Case) -> Any:
    if any(_open_selection(operation, case["resource"]) for operation in case["operations"]):
        return UNDEFINED
    try:
        return apply(case["resource"], case["operations"], USERS)
    except FilterError:
        # What a schema does not allow may be refused or evaluated; that is asked on its own.
        return UNDEFINED


def _open_selection(operation: dict[str, Any], resource: dict[str, Any]) -> bool:
    """Return whether the RFC leaves open which values an operation selects."""
    path = parse_path(operation.get("path") or "schemas")
    if path.filter is None:
        return False
    selection = ValuePath(path.attr, path.filter)
    elements = lookup(resource, path.attr) or []
    return any(evaluate(selection, {path.attr.name: [e]}, USERS) is Match.UNDEFINED for e in elements)


def _path(case: Case) -> Any:
    path = parse_path(case["text"])
    return [str(path.attr), path.filter and tree(path.filter), path.sub]


_ANSWERS: dict[str, Callable[[Case], Any]] = {
    "read": lambda case: tree(parse(case["text"])),
    "accept": lambda case: bool(parse(case["text"])),
    "match": _match,
    "allow": _allow,
    "path": _path,
    "patch": _patch,
    "create": lambda case: validate(case["body"], USERS),
    "replace": lambda case: validate(case["body"], USERS, for_replace_of=case["stored"]),
    "project": lambda case: project(case["resource"], USERS, case.get("attributes"), case.get("excluded")),
    "sort": lambda case: [
        r["id"] for r in sort(case["resources"], case["by"], ascending=not case["descending"], resource_type=USERS)
    ],
}
