"""Generated filters and equivalent queries (RFC 7644 §3.4.2), tried until the tenant gets one wrong."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.population import answered, described, ours, populate, select, selected
from conformance.probes.registry import probe
from conformance.spec.filter import And, Comparison, Filter, Not, Or, Present
from conformance.spec.paths import AttrPath
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType
    from conformance.tenant.exchange import Exchange

    Leaf = Comparison | Present

COUNTER_EXAMPLE = "counter-example"
TWIN = "its twin"
FILTERS, QUERIES = 120, 25
_SECONDS = 120.0
_MANY = 100
_NO_SEARCH = {403, 404, 405, 501}


@probe
def filters_explored(ask: Ask, resource_type: ResourceType) -> None:
    """Create a population and ask for parts of it by generated filters; last by the smallest that is answered wrong."""
    from conformance.probes.generate.filters import filters  # noqa: PLC0415

    people = populate(ask, resource_type)
    usable = _usable(ask, resource_type)
    numbers = itertools.count(1)

    def wrong(node: Filter) -> bool:
        exchange = select(ask, f"filter {next(numbers)}", resource_type, node)
        return answered(exchange) and not _right(exchange, node, people, resource_type)

    found = ask.explore(filters(list(people.values()), usable), wrong, examples=FILTERS, seconds=_SECONDS)
    if found is not None:
        select(ask, COUNTER_EXAMPLE, resource_type, found)


@probe
def twins_explored(ask: Ask, resource_type: ResourceType, twin: str) -> None:
    """Ask the same by two queries of which the RFC says that they mean the same; last by the smallest that differ."""
    from conformance.probes.generate.filters import filters  # noqa: PLC0415

    people = populate(ask, resource_type)
    usable = _usable(ask, resource_type)
    numbers = itertools.count(1)

    def both(one: str, other: str, node: Filter) -> tuple[Exchange, Exchange]:
        return select(ask, one, resource_type, node), TWINS[twin](ask, other, resource_type, node)

    def differ(node: Filter) -> bool:
        number = next(numbers)
        one, other = both(f"query {number}", f"twin {number}", node)
        if not one.ok or declined(other):
            return False
        try:
            return selected(one, people) != selected(other, people)
        except Unusable:
            return True

    found = ask.explore(filters(list(people.values()), usable), differ, examples=QUERIES, seconds=_SECONDS)
    if found is not None:
        both(COUNTER_EXAMPLE, TWIN, found)


def declined(exchange: Exchange) -> bool:
    """Whether the tenant has no search by POST, which it need not."""
    return exchange.request.method == "POST" and exchange.response is not None and exchange.status in _NO_SEARCH


def _by_search(ask: Ask, name: str, resource_type: ResourceType, node: Filter) -> Exchange:
    expression = f"({node}) and {ours(ask, resource_type)}"
    return ask.search(name, resource_type.endpoint, expression, count=_MANY)


def _doubly_negated(ask: Ask, name: str, resource_type: ResourceType, node: Filter) -> Exchange:
    return select(ask, name, resource_type, Not(Not(node)))


def _rewritten(change: Callable[[Leaf, ResourceType], Leaf]) -> Callable[..., Exchange]:
    def query(ask: Ask, name: str, resource_type: ResourceType, node: Filter) -> Exchange:
        return select(ask, name, resource_type, _mapped(node, lambda leaf: change(leaf, resource_type)))

    return query


def _mapped(node: Filter, change: Callable[[Leaf], Leaf]) -> Filter:
    match node:
        case And(left, right) | Or(left, right):
            return type(node)(_mapped(left, change), _mapped(right, change))
        case Not(operand):
            return Not(_mapped(operand, change))
        case Comparison() | Present():
            return change(node)
    return node


def _operator_in_capitals(leaf: Leaf, _: ResourceType) -> Leaf:
    return replace(leaf, op=leaf.op.upper()) if isinstance(leaf, Comparison) else leaf


def _name_in_capitals(leaf: Leaf, _: ResourceType) -> Leaf:
    return replace(leaf, path=replace(leaf.path, name=leaf.path.name.upper()))


def _with_urn(leaf: Leaf, resource_type: ResourceType) -> Leaf:
    core = resource_type.schema.attribute(leaf.path.name)
    return replace(leaf, path=replace(leaf.path, urn=resource_type.schema.id)) if core and not leaf.path.urn else leaf


TWINS: dict[str, Callable[[Ask, str, ResourceType, Filter], Exchange]] = {
    "search by POST": _by_search,
    "not not": _doubly_negated,
    "operators in capitals": _rewritten(_operator_in_capitals),
    "names in capitals": _rewritten(_name_in_capitals),
    "names with URN": _rewritten(_with_urn),
}


def _right(exchange: Exchange, node: Filter, people: dict[str, dict[str, Any]], resource_type: ResourceType) -> bool:
    try:
        came = selected(exchange, people)
    except Unusable:
        return False
    return came == described(node, people, resource_type, came)


def _usable(ask: Ask, resource_type: ResourceType) -> list[BoundAttribute]:
    """Return the attributes by which the tenant filters at all."""
    from conformance.probes.generate.filters import filterable  # noqa: PLC0415

    candidates = [bound for bound in resource_type.attributes() if filterable(bound)]
    ask.together(
        *(
            partial(select, ask, f"by {bound.path}", resource_type, Present(AttrPath.parse(bound.path)))
            for bound in candidates
        )
    )
    usable = [bound for bound in candidates if ask.evidence[f"by {bound.path}"].ok]
    if not usable:
        ask.stop("the tenant filters by no attribute of the type")
    return usable
