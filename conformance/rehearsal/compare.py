"""After a cycle: the tenant's state read back by id and held against what the source says that it must be."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from conformance.rehearsal import mapping
from conformance.rehearsal.causes import Case, cause_of
from conformance.rehearsal.findings import Example, Kind
from conformance.rehearsal.service import GROUPS
from conformance.tenant.together import together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Set as AbstractSet

    from conformance.rehearsal.directory import Person, Team
    from conformance.rehearsal.service import Link, Service
    from conformance.tenant.exchange import Exchange

_LONGEST = 120
_BYSTANDERS = 25  # objects that a cycle did not touch, yet are read back, spread over all of them


def compare(service: Service, *, everything: bool) -> int:
    """Read the tenant's state and record every difference; return how many objects were looked at.

    ``everything`` looks at all objects, otherwise at those that the cycle touched and at some that it did not.
    """
    chosen = list(_chosen(service, everything=everything))
    tolerated = _tolerated(service)
    together(lambda item: _compare_one(service, item, tolerated), chosen, service.wire.client.limits.concurrency)
    return len(chosen)


def _chosen(service: Service, *, everything: bool) -> Iterator[Person | Team]:
    items: list[Person | Team] = [*service.directory.people.values(), *service.directory.teams.values()]
    touched = {*service.wire.trace.touched, *service.changed, *service.escrow, *service.postponed}
    step = max(1, len(items) // _BYSTANDERS)
    for number, item in enumerate(items):
        if everything or item.key in touched or number % step == 0:
            yield item


def _tolerated(service: Service) -> set[str]:
    """Return the ids that a group may list although the client did not put them there."""
    tolerated = {link.id for link in service.links.values() if _may_be_gone(service, link)}
    if not service.replaces_members:
        # Who was out of scope when the links were broken is not known to the client any more, and stays.
        tolerated |= {link.id for key, link in service.forgotten.items() if key not in service.links}
    return tolerated


def _may_be_gone(service: Service, link: Link) -> bool:
    disabled = link.flowed.get(mapping.ACTIVE) is False
    return link.gone or (disabled and not service.profile.features.soft_delete)


def _compare_one(service: Service, item: Person | Team, tolerated: AbstractSet[str]) -> None:
    link = service.links.get(item.key)
    if link:
        _Comparison(service, item, link, tolerated).run()
    elif service.due(item) and (item.key, "") not in service.told:
        service.told[item.key, ""] = ("a resource", "none")
        cause = "it is not in the tenant, as the client could not find or create it"
        example = Example(item.label, "a resource", "none")
        service.findings.add(service.wire.trace.cycle, Kind.DIFFERENCE, cause, example)


@dataclass(frozen=True)
class _Comparison:
    """One object of the directory, its link, and the differences between them."""

    service: Service
    item: Person | Team
    link: Link
    tolerated: AbstractSet[str]

    def run(self) -> None:
        exchange = self.service.wire.client.send("GET", self.link.path, name="read back")
        self.service.wire.drain()
        resource = exchange.shown
        if self.link.gone:
            if exchange.ok:
                self._record("", "deleted", "still there", self._case("", None, "deleted"))
        elif resource is None:
            self._missing(exchange)
        else:
            self._values(resource)
            if self.link.path.startswith(GROUPS):
                self._members(resource)

    def _missing(self, exchange: Exchange) -> None:
        gone = exchange.response is not None and exchange.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
        answer = str(exchange.status) if exchange.response else f"no answer ({exchange.error})"
        found = "gone" if gone else answer
        disabled = self.link.flowed.get(mapping.ACTIVE) is False
        expected = gone and disabled and not self.service.profile.features.soft_delete
        kind = Kind.NOTE if expected else Kind.DIFFERENCE
        self._record("", "there", found, self._case("", None, found), kind=kind)

    def _values(self, resource: Mapping[str, Any]) -> None:
        manager = mapping.reference(self.service.users)
        orphaned = self.link.manager and self.service.link_of(self.link.manager) is None
        for path, expected in self._expected(manager):
            if orphaned and path == manager:
                continue  # whether a reference to what was deleted stays is the tenant's choice
            found = mapping.read(resource, path)
            if path == manager and isinstance(found, dict):
                found = found.get("value")
            if found != expected or isinstance(found, bool) is not isinstance(expected, bool):
                self._record(path, expected, found, self._case(path, expected, found, resource))

    def _expected(self, manager: str | None) -> Iterator[tuple[str, Any]]:
        yield from self.link.flowed.items()
        cleared = manager not in self.link.flowed and any(manager in sent.paths for sent in self._case().writes)
        if manager and cleared:
            yield manager, None

    def _members(self, resource: Mapping[str, Any]) -> None:
        if mapping.reference(self.service.groups) is None:
            return
        listed = resource.get("members") or []
        shown = Counter(str(m.get("value")) if isinstance(m, dict) else str(m) for m in listed)
        linked = [link for key in self.link.members if (link := self.service.links.get(key))]
        expected = {link.id for link in linked if not _may_be_gone(self.service, link)}
        for verb, ids in (
            ("missing", expected - shown.keys()),
            ("extra", shown.keys() - expected - self.tolerated),
            ("twice", {value for value, count in shown.items() if count > 1}),
        ):
            told, self.service.told[self.item.key, verb] = self.service.told.get((self.item.key, verb)), ids
            if ids and not (isinstance(told, set) and ids <= told):
                came = f"{shown.total()} members, {_some(ids)} {verb}"
                self._record("members", f"{len(expected)} members", came, self._case("members", verb, shown.total()))

    def _case(
        self, attribute: str = "", expected: Any = None, found: Any = None, resource: Mapping[str, Any] | None = None
    ) -> Case:
        writes = tuple(self.service.wire.trace.writes(self.item.key))
        return Case(attribute, expected, found, resource or {}, writes)

    def _record(self, attribute: str, expected: Any, found: Any, case: Case, *, kind: Kind = Kind.DIFFERENCE) -> None:
        request = case.last
        sides = _shown(expected), _shown(found)
        told, self.service.told[self.item.key, attribute] = self.service.told.get((self.item.key, attribute)), sides
        if told == sides and (case.refused or not case.named):
            return  # it is as an earlier cycle left it
        example = Example(self.item.label, *sides, request.exchange if request else "")
        cycle = self.service.wire.trace.cycle
        self.service.findings.add(cycle, kind, cause_of(case), example, attribute=attribute)


def _some(ids: Iterable[str]) -> str:
    ordered = sorted(ids)
    return ", ".join(ordered[:2]) + (f" and {len(ordered) - 2} more" if len(ordered) > 2 else "")  # noqa: PLR2004


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
