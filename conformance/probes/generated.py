"""Generated filters and equivalent queries (RFC 7644 §3.4.2), tried until the tenant gets one wrong."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.population import NAMES, answered, described, ours, populate, select, selected
from conformance.probes.registry import probe
from conformance.spec.filter import And, Comparison, Filter, Not, Or, Present
from conformance.spec.paths import AttrPath, lookup
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
_MANY, _PAGE = 100, 2
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

    def both(one: str, other: str, node: Filter) -> tuple[Exchange, list[Exchange]]:
        return select(ask, one, resource_type, node), TWINS[twin](ask, other, resource_type, node)

    def differ(node: Filter) -> bool:
        number = next(numbers)
        one, others = both(f"query {number}", f"twin {number}", node)
        if not one.ok or declined(others[0]):
            return False
        try:
            return selected([one], people) != selected(others, people)
        except Unusable:
            return True

    found = ask.explore(filters(list(people.values()), usable), differ, examples=QUERIES, seconds=_SECONDS)
    if found is not None:
        both(COUNTER_EXAMPLE, TWIN, found)


def declined(exchange: Exchange) -> bool:
    """Whether the tenant has no search by POST, which it need not."""
    return exchange.request.method == "POST" and exchange.response is not None and exchange.status in _NO_SEARCH


def _by_search(ask: Ask, name: str, resource_type: ResourceType, node: Filter) -> list[Exchange]:
    expression = f"({node}) and {ours(ask, resource_type)}"
    return [ask.search(name, resource_type.endpoint, expression, count=_MANY)]


def _by_pages(ask: Ask, name: str, resource_type: ResourceType, node: Filter) -> list[Exchange]:
    expression = f"({node}) and {ours(ask, resource_type)}"
    starts = range(1, len(NAMES) + 1, _PAGE)
    pages = {f"{name}, page {start}": {"startIndex": start, "count": _PAGE} for start in starts}
    return [ask.filter(page, resource_type, expression, **asked) for page, asked in pages.items()]


def _doubly_negated(ask: Ask, name: str, resource_type: ResourceType, node: Filter) -> list[Exchange]:
    return [select(ask, name, resource_type, Not(Not(node)))]


def _rewritten(change: Callable[[Leaf, ResourceType], Leaf]) -> Callable[..., list[Exchange]]:
    def query(ask: Ask, name: str, resource_type: ResourceType, node: Filter) -> list[Exchange]:
        return [select(ask, name, resource_type, _mapped(node, lambda leaf: change(leaf, resource_type)))]

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


TWINS: dict[str, Callable[[Ask, str, ResourceType, Filter], list[Exchange]]] = {
    "search by POST": _by_search,
    "pages of two": _by_pages,
    "not not": _doubly_negated,
    "operators in capitals": _rewritten(_operator_in_capitals),
    "names in capitals": _rewritten(_name_in_capitals),
    "names with URN": _rewritten(_with_urn),
}


def _right(exchange: Exchange, node: Filter, people: dict[str, dict[str, Any]], resource_type: ResourceType) -> bool:
    try:
        came = selected([exchange], people)
    except Unusable:
        return False
    return came == described(node, people, resource_type, came)


@probe
def orders_explored(ask: Ask, resource_type: ResourceType) -> None:
    """Sort a population by its attributes, up and down; last by one where these are not each other's reverse."""
    from hypothesis import strategies as st  # noqa: PLC0415

    populate(ask, resource_type)
    single = [b for b in _usable(ask, resource_type) if not (b.parent or b.attribute).multi_valued]
    numbers = itertools.count(1)

    def both(one: str, other: str, path: str) -> tuple[Exchange, Exchange]:
        asked = partial(ask.filter, resource_type=resource_type, expression=ours(ask, resource_type), sortBy=path)
        return asked(one, sortOrder="ascending"), asked(other, sortOrder="descending")

    def differ(path: str) -> bool:
        number = next(numbers)
        up, down = both(f"up {number}", f"down {number}", path)
        return up.ok and answered(down) and not mirrored(up, down, path)

    found = ask.explore(st.sampled_from([b.path for b in single]), differ, examples=QUERIES, seconds=_SECONDS)
    if found is not None:
        both(COUNTER_EXAMPLE, TWIN, found)


def mirrored(up: Exchange, down: Exchange, path: str) -> bool:
    """Whether two lists have the same values of an attribute, one from its end; what has none may stand anywhere."""
    try:
        one, other = ([lookup(each, path) for each in exchange.resources] for exchange in (up, down))
    except Unusable:
        return False
    return [v for v in one if v is not None] == [v for v in reversed(other) if v is not None]


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
