"""Every operator on every text attribute, which a thorough run asks (RFC 7644 §3.4.2.2)."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from conformance.probes.parts import create_with, parts_of
from conformance.probes.registry import probe
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType

# Each operator with the part of a value that it is asked with.
OPERATORS: Mapping[str, Callable[[str], str]] = {
    "eq": lambda text: text,
    "ne": lambda text: text,
    "co": lambda text: text[1:-1] or text,
    "sw": lambda text: text[:3],
    "ew": lambda text: text[-3:],
    "pr": lambda _: "",
}


@probe
def operators(ask: Ask, resource_type: ResourceType) -> None:
    """Create a resource with every attribute and look for it by each operator on each text that it shows."""
    parts = parts_of(ask.sample.full(resource_type), resource_type, lambda attribute: not attribute.required)
    created, _ = create_with(ask, "created", resource_type, parts)
    resource = ask.get("fetched", created.path).resource
    filters = {}
    for bound in resource_type.attributes():
        text = _text(resource, bound)
        if text:
            for operator, part in OPERATORS.items():
                operand = "" if operator == "pr" else f" {json.dumps(part(text), ensure_ascii=False)}"
                filters[question(bound, operator)] = f'id eq "{created.id}" and {bound.path} {operator}{operand}'
    ask.together(*(partial(ask.filter, name, resource_type, text) for name, text in filters.items()))


def question(attribute: BoundAttribute, operator: str) -> str:
    """Return the name of the exchange that asks with an operator on an attribute."""
    return f"{attribute.path} {operator}"


def _text(resource: object, bound: BoundAttribute) -> str | None:
    value = lookup(resource, bound.path) if bound.attribute.type == "string" else None
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else None
