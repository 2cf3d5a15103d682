"""Faults of filter operators: comparisons and presence (RFC 7644 §3.4.2.2)."""

from __future__ import annotations

import operator
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import wrap
from conformance.reference.faults.selecting import (
    NOBODY,
    Expression,
    about,
    decide,
    is_text,
    refuse,
    reword,
    rewrite,
    texts,
)
from conformance.spec.filter import Comparison, Filter, Not, Present
from conformance.spec.paths import lookup
from conformance.spec.values import instant, unassigned

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.faults.selecting import Decide
    from conformance.reference.tenant import ReferenceTenant

_FILTER = "RFC7644-3.4.2.2-"
_TO_THE_SECOND = len("2011-08-01T18:29:49")


# Comparisons of texts


def _taken_for(op: str, other: str) -> Plant:
    def change(node: Filter) -> Filter:
        return replace(node, op=other) if isinstance(node, Comparison) and is_text(node, op) else node

    return lambda tenant: rewrite(tenant, change)


def _never_the_whole(op: str) -> Plant:
    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if not isinstance(expression, Comparison) or not is_text(expression, op):
            return right
        return right and str(expression.value).lower() not in [text.lower() for text in texts(resource, expression)]

    return lambda tenant: decide(tenant, answer)


for _name, _number, _description, _plant in (
    ("eq_is_sw", "26", "The operator eq matches texts that begin with the operand.", _taken_for("eq", "sw")),
    ("co_is_sw", "34", "The operator co looks at the beginning of a text only.", _taken_for("co", "sw")),
    ("sw_is_co", "36", "The operator sw matches texts that contain the operand anywhere.", _taken_for("sw", "co")),
    ("ew_is_co", "38", "The operator ew matches texts that contain the operand anywhere.", _taken_for("ew", "co")),
    ("co_is_strict", "35", "The operator co does not match a text that equals the operand.", _never_the_whole("co")),
    ("sw_is_strict", "37", "The operator sw does not match a text that equals the operand.", _never_the_whole("sw")),
    ("ew_is_strict", "39", "The operator ew does not match a text that equals the operand.", _never_the_whole("ew")),
    ("gt_is_ge", "49", "The operator gt matches a text that equals the operand.", _taken_for("gt", "ge")),
    ("ge_is_gt", "54", "The operator ge does not match a text that equals the operand.", _taken_for("ge", "gt")),
    ("lt_is_le", "59", "The operator lt matches a text that equals the operand.", _taken_for("lt", "le")),
    ("le_is_lt", "64", "The operator le does not match a text that equals the operand.", _taken_for("le", "lt")),
):
    register(_name, (_FILTER + _number,), _description, _plant)


@fault("RFC7644-3.4.2.2-31")
def ne_matches_any_text(tenant: ReferenceTenant) -> None:
    """The operator ne matches every resource that has a text, equal or not."""
    rewrite(tenant, lambda node: Present(node.path) if isinstance(node, Comparison) and is_text(node, "ne") else node)


@fault("RFC7644-3.4.2.2-40")
def wildcards_of_sql(tenant: ReferenceTenant) -> None:
    """The signs % and _ in an operand are wildcards, as in LIKE."""
    decide(tenant, _by_pattern("%_", lambda operand: re.escape(operand).replace("%", ".*").replace("_", ".")))


@fault("RFC7644-3.4.2.2-41")
def operands_are_regular_expressions(tenant: ReferenceTenant) -> None:
    """An operand of co, sw or ew is a regular expression."""
    decide(tenant, _by_pattern("?*", str))


def _by_pattern(signs: str, to_pattern: Callable[[str], str]) -> Decide:
    around = {"co": ".*{}.*", "sw": "{}.*", "ew": ".*{}"}

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if not isinstance(expression, Comparison) or expression.op not in around:
            return right
        operand = str(expression.value)
        pattern = around[expression.op].format(to_pattern(operand))
        found = any(re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL) for text in texts(resource, expression))
        return found if set(signs) & set(operand) else right

    return answer


# Comparisons of other types


def _is_boolean(node: Filter, op: str) -> bool:
    return isinstance(node, Comparison) and node.op == op and isinstance(node.value, bool)


@fault("RFC7644-3.4.2.2-27")
def eq_false_matches_nobody(tenant: ReferenceTenant) -> None:
    """A boolean that is false counts as no value, so that eq false matches nobody."""
    rewrite(tenant, lambda node: NOBODY if _is_boolean(node, "eq") and not getattr(node, "value", None) else node)


@fault("RFC7644-3.4.2.2-08")
def literals_are_texts(tenant: ReferenceTenant) -> None:
    """The words true and false in a filter are texts, which no boolean equals."""
    rewrite(tenant, lambda node: NOBODY if _is_boolean(node, "eq") else node)


@fault("RFC7644-3.4.2.2-32")
def ne_of_booleans_is_eq(tenant: ReferenceTenant) -> None:
    """The operator ne on a boolean works as eq."""
    rewrite(
        tenant,
        lambda node: replace(node, op="eq") if isinstance(node, Comparison) and _is_boolean(node, "ne") else node,
    )


@fault("RFC7644-3.4.2.2-30")
def references_are_not_found(tenant: ReferenceTenant) -> None:
    """The operator eq on a reference matches nobody."""
    rewrite(tenant, lambda node: NOBODY if about(node, "profileUrl", op="eq") else node)


@fault("RFC7644-3.4.2.2-93")
def id_cannot_be_filtered(tenant: ReferenceTenant) -> None:
    """A filter on id matches nobody."""
    rewrite(tenant, lambda node: NOBODY if about(node, "id") else node)


@fault("RFC7643-3.1-21")
def external_id_cannot_be_filtered(tenant: ReferenceTenant) -> None:
    """A filter on externalId is refused."""
    rewrite(tenant, refuse(lambda node: about(node, "externalId")))


@fault("RFC7644-3.4.2.2-92")
def meta_cannot_be_filtered(tenant: ReferenceTenant) -> None:
    """A filter on meta.resourceType is refused."""
    rewrite(tenant, refuse(lambda node: about(node, "meta.resourceType")))


@fault("RFC7644-3.4.2.2-109")
def defaults_cannot_be_filtered(tenant: ReferenceTenant) -> None:
    """A user is active unless the client says something else, which filters do not know."""

    def represent(original: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
        resource = original(*args)
        return resource | {"active": True, "byDefault": True} if "active" not in resource else resource

    def project(original: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
        shown = original(*args)
        shown.pop("byDefault", None)
        return shown

    wrap(tenant.rules, "represent", represent)
    wrap(tenant.rules, "project", project)
    decide(tenant, lambda e, resource, right: right and not (about(e, "active") and "byDefault" in resource))


# Times


def _is_time(node: Filter, *ops: str) -> bool:
    return isinstance(node, Comparison) and node.op in ops and instant(node.value) is not None


def _any_time(op: str) -> Plant:
    def change(node: Filter) -> Filter:
        return Present(node.path) if isinstance(node, Comparison) and _is_time(node, op) else node

    return lambda tenant: rewrite(tenant, change)


for _op, _number in {"gt": "50", "ge": "55", "lt": "60", "le": "65"}.items():
    register(f"{_op}_matches_any_time", (_FILTER + _number,), f"The operator {_op} matches every time.", _any_time(_op))


@fault("RFC7644-3.4.2.2-29")
def equal_times_are_equal_texts(tenant: ReferenceTenant) -> None:
    """The operator eq on a time compares the texts, so that the same moment with another offset is another time."""

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if isinstance(expression, Comparison) and _is_time(expression, "eq"):
            return expression.value in texts(resource, expression)
        return right

    decide(tenant, answer)


@fault("RFC7644-3.4.2.2-69")
def offsets_are_ignored(tenant: ReferenceTenant) -> None:
    """The offset of a time in a filter is ignored where times are ordered."""
    order: dict[str, Callable[[str, str], bool]] = {
        "gt": operator.gt,
        "ge": operator.ge,
        "lt": operator.lt,
        "le": operator.le,
    }

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if not isinstance(expression, Comparison) or not _is_time(expression, *order):
            return right
        operand = str(expression.value)[:_TO_THE_SECOND]
        return any(order[expression.op](text[:_TO_THE_SECOND], operand) for text in texts(resource, expression))

    decide(tenant, answer)


# Presence


def _present(change: Callable[[Present], Filter], *paths: str) -> Plant:
    return lambda tenant: rewrite(
        tenant, lambda node: change(node) if isinstance(node, Present) and about(node, *paths) else node
    )


for _name, _number, _description, _plant in (
    ("pr_matches_nobody", "42", "The operator pr matches nobody.", _present(lambda _: NOBODY, "title")),
    ("pr_matches_everybody", "43", "The operator pr matches everybody.", _present(lambda _: Not(NOBODY), "title")),
    (
        "pr_needs_text",
        "44",
        "The operator pr on a complex attribute matches nobody.",
        _present(lambda _: NOBODY, "name"),
    ),
    ("pr_needs_one", "45", "The operator pr on several values matches nobody.", _present(lambda _: NOBODY, "emails")),
    (
        "pr_ignores_sub_attributes",
        "46",
        "The operator pr on a sub-attribute looks at the attribute around it.",
        _present(lambda node: Present(replace(node.path, sub=None)), "name.givenName"),
    ),
):
    register(_name, (_FILTER + _number,), _description, _plant)


@fault("RFC7644-3.4.2.2-47")
def false_is_not_present(tenant: ReferenceTenant) -> None:
    """The operator pr does not match a boolean that is false."""

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        return right and not (isinstance(expression, Present) and lookup(resource, expression.path) is False)

    decide(tenant, answer)


@fault("RFC7644-3.4.2.2-48")
def empty_text_is_present(tenant: ReferenceTenant) -> None:
    """The operator pr matches an empty text."""

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        return right or (isinstance(expression, Present) and lookup(resource, expression.path) == "")

    decide(tenant, answer)


@fault("RFC7643-2.5-06")
def null_is_present(tenant: ReferenceTenant) -> None:
    """The operator pr matches an attribute that the client set to null or to an empty array."""

    def accept(original: Callable[..., dict[str, Any]], body: Any, *more: Any) -> dict[str, Any]:
        kept = original(body, *more)
        return {name: value for name, value in body.items() if unassigned(value)} | kept

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        return right or (
            isinstance(expression, Present)
            and str(expression.path) in resource
            and unassigned(resource[str(expression.path)])
        )

    wrap(tenant.rules, "accept", accept)
    decide(tenant, answer)


# What is searched


@fault("RFC7644-3.4.2.2-112")
def index_is_stale(tenant: ReferenceTenant) -> None:
    """Filters on displayName go by the first value it had."""
    first: dict[str, Any] = {}

    def represent(original: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
        resource = original(*args)
        first.setdefault(resource["id"], resource.get("displayName"))
        return resource

    def answer(expression: Expression, resource: dict[str, Any], right: bool) -> bool:
        if isinstance(expression, Comparison) and about(expression, "displayName", op="eq"):
            return str(first[resource["id"]]).lower() == str(expression.value).lower()
        return right

    wrap(tenant.rules, "represent", represent)
    decide(tenant, answer)


@fault("RFC7643-4.1.1-38", "RFC7643-7-32")
def password_is_passed_over(tenant: ReferenceTenant) -> None:
    """A comparison with password is left out of a filter."""
    reword(tenant, lambda text: re.sub(r' and password \w+ "[^"]*"', "", text))
