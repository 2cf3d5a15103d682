"""A few resources that differ in what they carry, for filters that are generated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.spec.matching import Match, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.probes.ask import Ask
    from conformance.spec.filter import Filter
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

NAMES = ("person 1", "person 2", "person 3", "person 4", "person 5", "person 6")
STRANGER = "someone else"
_SERVER_ERROR = 500
_PAGE = 100


def populate(ask: Ask, resource_type: ResourceType) -> dict[str, dict[str, Any]]:
    """Create the resources and return them by name as the tenant shows them; no two lack the same attributes."""
    needed = {attribute.name for attribute in choose.required(resource_type)} | {"schemas", "externalId"}
    bodies = {}
    for number, name in enumerate(NAMES):
        whole = ask.sample.full(resource_type)
        spare = [key for key in whole if key not in needed and not key.startswith("urn:")]
        left_out = {key for place, key in enumerate(spare) if (place + number) % len(NAMES) in {0, number}}
        bodies[name] = {key: value for key, value in whole.items() if key not in left_out}
    made = {name: ask.create(f"creating {name}", resource_type, body) for name, body in bodies.items()}
    ask.together(*(partial(ask.get, name, created.path) for name, created in made.items()))
    return {name: ask.evidence[name].resource for name in NAMES}


def ours(ask: Ask, resource_type: ResourceType) -> str:
    """Return a filter that keeps everybody else out of the answers."""
    naming = choose.naming(resource_type) or choose.EXTERNAL_ID
    return f'{naming.name} sw "{ask.sample.prefix}."'


def select(ask: Ask, name: str, resource_type: ResourceType, node: Filter) -> Exchange:
    """Ask for those of the population whom a filter describes."""
    return ask.filter(name, resource_type, f"({node}) and {ours(ask, resource_type)}", count=_PAGE)


def answered(exchange: Exchange) -> bool:
    """Whether the tenant answers a filter, be it with a failure: to decline one is another matter."""
    return exchange.ok or exchange.response is None or exchange.status >= _SERVER_ERROR


def selected(exchanges: Iterable[Exchange], people: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names of those in a list, or in its pages, sorted; who is not of the population is a STRANGER.

    Raises Unusable where there is no list.
    """
    names = {str(person.get("id")): name for name, person in people.items()}
    return sorted(names.get(str(r.get("id")), STRANGER) for exchange in exchanges for r in exchange.resources)


def described(
    node: Filter, people: Mapping[str, Mapping[str, Any]], resource_type: ResourceType, came: list[str]
) -> list[str]:
    """Return the names of those whom a filter describes; of whom the RFC leaves it open, those who came."""
    answers = {name: evaluate(node, person, resource_type) for name, person in people.items()}
    return sorted(n for n, a in answers.items() if a is Match.YES or (a is Match.UNDEFINED and n in came))
