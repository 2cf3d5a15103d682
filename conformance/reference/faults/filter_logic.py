"""Faults of how the expressions of a filter are combined: and, or, not, round brackets (RFC 7644 §3.4.2.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.reference.faults.registry import fault
from conformance.reference.faults.selecting import QUOTED, is_text, outside_quotes, reword, rewrite
from conformance.spec.filter import And, Comparison, Filter, Not, Or, Present, operands

if TYPE_CHECKING:
    from conformance.reference.tenant import ReferenceTenant

_TOO_DEEP = 3


@fault("RFC7644-3.4.2.2-70", "RFC7644-3.4.2.2-03")
def and_is_or(tenant: ReferenceTenant) -> None:
    """The operator and between two comparisons with eq works as or."""

    def change(node: Filter) -> Filter:
        match node:
            case And(Comparison(op="eq") as left, Comparison(op="eq") as right):
                return Or(left, right)
        return node

    rewrite(tenant, change, brackets=False)


@fault("RFC7644-3.4.2.2-71")
def or_keeps_the_last(tenant: ReferenceTenant) -> None:
    """Of two comparisons of one attribute that or joins, only the last counts."""

    def change(node: Filter) -> Filter:
        match node:
            case Or(Comparison(path), Comparison(other) as last) if path == other:
                return last
        return node

    rewrite(tenant, change, brackets=False)


@fault("RFC7644-3.4.2.2-72", "RFC7644-3.4.2.2-79")
def not_is_ignored(tenant: ReferenceTenant) -> None:
    """The operator not is ignored."""
    rewrite(tenant, lambda node: node.operand if isinstance(node, Not) else node, brackets=False)


@fault("RFC7644-3.4.2.2-73")
def or_before_and(tenant: ReferenceTenant) -> None:
    """The operator or is evaluated before and."""

    def change(words: str) -> str:
        doubled = words.replace("(", "((").replace(")", "))").replace("[", "[(").replace("]", ")]")
        return re.sub(r" and ", " ) and ( ", doubled, flags=re.IGNORECASE)

    reword(tenant, lambda text: f"({outside_quotes(text, change)})" if " and " in text.lower() else text)


@fault("RFC7644-3.4.2.2-74")
def not_reaches_to_the_end(tenant: ReferenceTenant) -> None:
    """The operator not applies to all that follows it."""

    def change(node: Filter) -> Filter:
        if not isinstance(node, And):
            return node
        match operands(node):
            case [*before, Not(first), last]:
                after: Filter = Not(And(first, last))
                for part in reversed(before):
                    after = And(part, after)
                return after
        return node

    rewrite(tenant, change)


@fault("RFC7644-3.4.2.2-75", "RFC7644-3.4.2.2-76")
def brackets_are_ignored(tenant: ReferenceTenant) -> None:
    """Round brackets do not override the precedence of and and or."""

    def flat(text: str) -> str:
        unlike = text.count("(") != text.count(")")
        if unlike or re.search(r"not *\(|\[", text, re.IGNORECASE):
            return text
        return outside_quotes(text, lambda words: words.replace("(", "").replace(")", ""))

    reword(tenant, flat)


@fault("RFC7644-3.4.2.2-76")
def brackets_do_not_nest(tenant: ReferenceTenant) -> None:
    """A filter with round brackets in round brackets in round brackets is refused."""

    def change(text: str) -> str:
        depth = deepest = 0
        for sign in "".join(QUOTED.split(text)[::2]):
            depth += {"(": 1, ")": -1}.get(sign, 0)
            deepest = max(depth, deepest)
        return text if deepest < _TOO_DEEP else f"{text})"

    reword(tenant, change)


@fault("RFC7644-3.4.2.2-77", "RFC7644-3.4.2.2-70", "RFC7644-3.4.2.2-71")
def operand_reaches_to_the_end(tenant: ReferenceTenant) -> None:
    """What follows an operator is its operand to the end of the filter, a second comparison included."""
    two = re.compile(r'(\w+ \w+ "[^"\\]*)" (and|or) (\w+ eq) "([^"\\]*")')
    reword(tenant, lambda text: two.sub(r"\1 \2 \3 \4", text) if two.fullmatch(text) else text)


@fault("RFC7644-3.4.2.2-78")
def third_expression_is_ignored(tenant: ReferenceTenant) -> None:
    """Of several expressions that and joins, only the first two count."""

    def change(node: Filter) -> Filter:
        return node.left if isinstance(node, And) and isinstance(node.left, And) else node

    rewrite(tenant, change)


@fault("RFC7644-3.4.2.2-79")
def not_needs_a_space(tenant: ReferenceTenant) -> None:
    """The word not is not known unless a space follows it."""
    reword(tenant, lambda text: outside_quotes(text, lambda words: words.replace("not(", "not[")))


@fault("RFC7644-3.4.2.2-03")
def ne_escapes_and(tenant: ReferenceTenant) -> None:
    """A comparison with ne also selects everybody without a value, whatever and joins it with."""

    def change(node: Filter) -> Filter:
        if isinstance(node, And) and isinstance(node.right, Comparison) and is_text(node.right, "ne"):
            return Or(node, Not(Present(node.right.path)))
        return node

    rewrite(tenant, change)
