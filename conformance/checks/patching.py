"""What the checks on PATCH share: the state after a PATCH, and whether it holds what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import pytest

from conformance.checks.declare import for_attributes, for_types
from conformance.probes.evidence import Blocked
from conformance.spec.paths import lookup, member
from conformance.spec.values import instant, unassigned
from conformance.tenant.exchange import Exchange, Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.probes.evidence import Evidence

_Check = TypeVar("_Check", bound="Callable[..., None]")
_NOT_OFFERED = {405, 501}


def on(path: str) -> list[pytest.MarkDecorator]:
    """Return the marks of checks that run once, where the tenant's User has the attribute of this path."""
    return [
        for_types("User"),
        for_attributes(lambda bound: bound.path.lower() == path.lower()),
        pytest.mark.usefixtures("attribute"),
    ]


def about(path: str) -> Callable[[_Check], _Check]:
    """Run a check once, where the tenant's User has the attribute of this path."""

    def decorate(check: _Check) -> _Check:
        for mark in on(path):
            check = mark(check)
        return check

    return decorate


def state(evidence: Evidence, name: str) -> dict[str, Any]:
    """Return the resource as it is after the PATCH of that name.

    Raises Unusable where the PATCH was refused, Blocked where the tenant does not carry out PATCH at all.
    """
    exchange = evidence[name]
    if not exchange.ok:
        refuse(evidence, exchange)
    read = evidence[f"{name} read" if f"{name} read" in evidence else name]
    if not read.ok:
        raise Unusable(f"{read.label} answered {read.status} after the PATCH")
    return read.resource


def latest(evidence: Evidence, *names: str) -> dict[str, Any]:
    """Return the resource after the last of these PATCHes that was carried out; as created where none was."""
    done = [name for name in names if evidence[name].ok]
    return state(evidence, done[-1]) if done else evidence.created.resource


def refuse(evidence: Evidence, exchange: Exchange) -> NoReturn:
    """Fail the check because a PATCH was not carried out. Raises Blocked where the tenant carried out none at all."""
    unless_offered(evidence, exchange)
    raise Unusable(f"the PATCH was refused with {exchange.status}: {detail(exchange)}")


def unless_offered(evidence: Evidence, exchange: Exchange) -> None:
    """Raise Blocked where a PATCH is answered as one that is not offered, and no other of the evidence was carried out.

    Where the evidence has a ``plain`` PATCH, it alone tells whether any is carried out: the others must be refused.
    """
    seen = evidence.view()
    tried = [seen["plain"]] if "plain" in seen else [each for each in seen if each.request.method == "PATCH"]
    not_offered = exchange.response is not None and exchange.status in _NOT_OFFERED
    if not_offered and not any(each.ok for each in tried):
        raise Blocked(f"the tenant does not carry out PATCH: it answered {exchange.status}", exchange)


def detail(exchange: Exchange) -> str:
    """Return what an error says, as far as it says something."""
    try:
        return str(lookup(exchange.resource, "detail") or lookup(exchange.resource, "scimType") or "no detail")
    except Unusable:
        return "no SCIM error in the body"


def scim_type(exchange: Exchange) -> str | None:
    """Return the scimType of an error, None where there is none; what is no text comes as one."""
    said = exchange.resource.get("scimType")
    return None if said is None else str(said)


def sent(evidence: Evidence, name: str, index: int = 0) -> Any:
    """Return the value of an operation as it was sent."""
    operations = (evidence[name].request.json or {}).get("Operations", [])
    return operations[index].get("value")


def holds(stored: object, given: object) -> bool:
    """Whether a stored value is the one given: texts in any letter case, objects with what the tenant added to them.

    An array holds another where each of its elements is held by one of the stored; there may be more of them.
    """
    if isinstance(given, dict):
        return all(holds(_value(stored, key), value) for key, value in given.items() if not unassigned(value))
    if isinstance(given, list):
        return isinstance(stored, list) and all(any(holds(s, g) for s in stored) for g in given)
    if isinstance(given, str) and isinstance(stored, str):
        moment = instant(given)
        return stored.casefold() == given.casefold() or (moment is not None and moment == instant(stored))
    return stored == given and isinstance(stored, bool) is isinstance(given, bool)


def element(resource: dict[str, Any], attribute: str, value: object) -> dict[str, Any] | None:
    """Return the element of a multi-valued attribute that has this value, None where there is none."""
    elements = lookup(resource, attribute)
    found = (e for e in elements if holds(lookup(e, "value"), value)) if isinstance(elements, list) else iter(())
    return next(found, None)


def values(resource: dict[str, Any], attribute: str) -> list[str]:
    """Return the values of a multi-valued attribute in lower case and alphabetical order, repeated ones repeated."""
    found = lookup(resource, f"{attribute}.value")
    return sorted(v.lower() for v in found if isinstance(v, str)) if isinstance(found, list) else []


def primaries(resource: dict[str, Any], attribute: str) -> list[Any]:
    """Return the values of the elements that are marked as primary."""
    elements = lookup(resource, attribute)
    marked = (e for e in elements if lookup(e, "primary") is True) if isinstance(elements, list) else ()
    return [lookup(e, "value") for e in marked]


def _value(container: object, name: str) -> Any:
    key = member(container, name)
    return container[key] if key is not None and isinstance(container, dict) else None
