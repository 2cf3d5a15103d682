"""How to take what is in dispute out of a case, for the entries of ``disagreements.toml`` that are known by that."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any

from conformance.spec.filter import And, Comparison, Filter, Not, Or, ValuePath, operands, parse, parse_path
from conformance.spec.values import instant

Rewriting = Callable[[dict[str, Any]], dict[str, Any]]


def _mapped(node: Filter, change: Callable[[Comparison], Comparison]) -> Filter:
    """Return a filter with all its comparisons changed."""
    match node:
        case Comparison():
            return change(node)
        case Not(operand):
            return Not(_mapped(operand, change))
        case ValuePath(path, inner):
            return ValuePath(path, _mapped(inner, change))
        case And(left, right) | Or(left, right):
            return type(node)(_mapped(left, change), _mapped(right, change))
        case _:
            return node


def texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return JSON with its texts changed, but not the URIs of schemas."""
    if isinstance(value, dict):
        return {key: texts(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [texts(item, change) for item in value]
    return change(value) if isinstance(value, str) and not value.startswith("urn:") else value


def _values(change: Callable[[str], str]) -> Rewriting:
    """Return the rewriting that changes the texts in documents and in filters alike."""

    def compared(node: Comparison) -> Comparison:
        return replace(node, value=texts(node.value, change))

    def operation(given: dict[str, Any]) -> dict[str, Any]:
        new = given | {"value": texts(given["value"], change)} if "value" in given else dict(given)
        if "[" in given.get("path", ""):
            path = parse_path(given["path"])
            new["path"] = str(replace(path, filter=path.filter and _mapped(path.filter, compared)))
        return new

    def rewriting(case: dict[str, Any]) -> dict[str, Any]:
        new = case | {"resource": texts(case["resource"], change)}
        if "filter" in case:
            new["filter"] = str(_mapped(parse(case["filter"]), compared))
        if "operations" in case:
            new["operations"] = [operation(given) for given in case["operations"]]
        return new

    return rewriting


def _lower(text: str) -> str:
    return text if instant(text) else text.lower()


def _utc(text: str) -> str:
    moment = instant(text)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if moment else text


def _with_value(case: dict[str, Any]) -> dict[str, Any]:
    """Name the sub-attribute that a comparison of a multi-valued attribute means."""

    def named(node: Comparison) -> Comparison:
        whole = node.path.name in {"emails", "parts"} and not node.path.sub
        return replace(node, path=replace(node.path, sub="value")) if whole else node

    node = parse(case["filter"])
    return case | {"filter": str(node if isinstance(node, ValuePath) else _mapped(node, named))}


def _grouped(case: dict[str, Any]) -> dict[str, Any]:
    """Put the operands of ``or`` in parentheses, where ``and`` stands among them."""

    def text(node: Filter) -> str:
        match node:
            case And():
                return " and ".join(f"({text(p)})" if isinstance(p, And | Or) else text(p) for p in operands(node))
            case Or():
                return " or ".join(f"({text(p)})" if isinstance(p, And | Or) else text(p) for p in operands(node))
            case Not(operand):
                return f"not ({text(operand)})"
            case ValuePath(path, inner):
                return f"{path}[{text(inner)}]"
            case _:
                return str(node)

    return case | {"text": text(parse(case["text"]))}


def _spelled_out(case: dict[str, Any]) -> dict[str, Any]:
    """Put a text in the place of every other operand."""

    def spelled(node: Comparison) -> Comparison:
        return node if isinstance(node.value, str) else replace(node, value=f"_{node.value}")

    node = parse(case["text"])
    new = _mapped(node, spelled)
    return case if new == node else case | {"text": str(new)}


def _text(pattern: str, by: str = "") -> Rewriting:
    return lambda case: case | {"text": re.sub(pattern, by, case["text"])}


REWRITINGS: dict[str, Rewriting] = {
    "letter-case": _values(_lower),
    "letter-case-of-selections": _values(_lower),
    "instants-as-text": _values(_utc),
    "value-is-not-implied": _with_value,
    "not": _text(r"(?i)\bnot *\(", "("),
    "uri-before-the-name": _text(r"(?i)[a-z]*:[^\s\[\]()\"]*:(?=[a-z])"),
    "collation": lambda case: (
        case | {"resources": texts(case["resources"], lambda text: _lower(text).replace("é", "z"))}
    ),
    "spaces-in-parentheses": _text(r" +(?=[)\]])|(?<=[(\[]) +| +(?= )|^ +| +$"),
    "no-space-before-the-operand": _text(r'(?i)\b(eq|ne|co|sw|ew|gt|ge|lt|le)(?=")', r"\1 "),
    "precedence": _grouped,
    "literals-are-texts": _spelled_out,
    "backslashes": _text(r"\\[^ ]", "_"),
}
