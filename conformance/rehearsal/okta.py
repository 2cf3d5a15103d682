"""Okta's provisioning, request by request, in its two flavours: apps of the integration network and of the wizard."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.rehearsal import mapping
from conformance.rehearsal.entra_log import INCOMPATIBLE
from conformance.rehearsal.service import GROUPS, USERS, Failed, Link, Service
from conformance.spec.schema import GROUP, USER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.rehearsal.directory import Directory, Person, Team
    from conformance.rehearsal.scope import Scope
    from conformance.rehearsal.wire import Wire
    from conformance.spec.profile import Profile

HEADERS: Mapping[str, str | None] = {
    "User-Agent": "Okta SCIM Client 1.0.0",
    "Accept": "application/scim+json",
    "Accept-Charset": "utf-8",
    "Accept-Encoding": "gzip,deflate",
}
_PAGE = 100
_MOST_PAGES = 2_000
_NUMBERS = ("totalResults", "startIndex", "itemsPerPage")

_PECULIAR = {
    "match": "Okta asks for a hundred at once",
    "create user": "Okta sends a password and an empty array of groups along",
    "replace user": "Okta sends id, meta and groups back as it read them",
    "deactivate user": "Okta names no path, and active as a boolean in the value",
    "activate user": "Okta names no path, and active as a boolean in the value",
    "rename group": "Okta names no path, and sends the id of the group along",
    "add members": "Okta sends the display of each member along",
}


@dataclass(frozen=True, slots=True)
class Flavour:
    """``patches``: groups and the state of accounts are changed with PATCH; otherwise everything is, with PUT."""

    name: str
    patches: bool


NETWORK, WIZARD = Flavour("network", patches=True), Flavour("wizard", patches=False)
FLAVOURS = {flavour.name: flavour for flavour in (NETWORK, WIZARD)}


class Okta(Service):
    """Okta's provisioning in one flavour."""

    name = "Okta"
    peculiar = _PECULIAR
    removes_cleared = True
    replaces_members = True

    def __init__(
        self, wire: Wire, directory: Directory, profile: Profile, scope: Scope = (), *, flavour: Flavour = NETWORK
    ) -> None:
        super().__init__(wire, directory, profile, scope)
        self.flavour = flavour

    def test_connection(self) -> None:
        """Ask for the first users and groups."""
        self.listed(self.wire.get("test connection", USERS, {"startIndex": 1, "count": 2}))
        if self.groups:
            self.listed(self.wire.get("test connection", GROUPS, {"startIndex": 1, "count": _PAGE}))

    def query(self, expression: str, extra: Mapping[str, str | int]) -> dict[str, str | int]:
        """Ask for the first page."""
        return {"filter": expression, "startIndex": 1, "count": _PAGE, **extra}

    # Users

    def person(self, person: Person) -> None:
        """Create, update, deactivate; users are never deleted."""
        link = self.link_of(person.key)
        active = self.wanted(person) and person.enabled
        if link is None:
            if active:
                self.match_or_create(person)
        elif not active:
            self._activate(person, link, active=False)
        else:
            if link.flowed.get(mapping.ACTIVE) is False:
                self._activate(person, link, active=True)
            self._replace(person, link)

    def match_or_create(self, person: Person) -> None:
        """Ask for the user name; who is found is replaced."""
        values = mapping.flowing(self.users, person, active=True)
        found = self.match(USERS, ["userName"], values)
        if found:
            link = self.links[person.key] = Link(found.path, {mapping.ACTIVE: True})
            if found.resource.get(mapping.ACTIVE) is False:
                self._activate(person, link, active=True)
            self._replace(person, link)
        else:
            body = {**_body(values, USER), "groups": [], "password": secrets.token_urlsafe(12)}
            self.create("create user", USERS, body, person).flowed |= values

    def _replace(self, person: Person, link: Link) -> None:
        """Read the user, and send the whole of it with what the directory has."""
        values = mapping.flowing(self.users, person, active=True)
        found = self.refetch(person, link, values)
        if found:
            body = {"id": link.id, **_body(values, USER), **_kept(found.resource)}
            exchange = self.wire.put("replace user", link.path, body)
            self.wire.note(person.key, exchange, list(values))
            self.expect(exchange)

    def _activate(self, person: Person, link: Link, *, active: bool) -> None:
        if link.flowed.get(mapping.ACTIVE) is active and not self.full:
            return
        what = "activate user" if active else "deactivate user"
        link.flowed[mapping.ACTIVE] = active
        if self.flavour.patches:
            exchange = self.wire.patch(what, link.path, [{"op": "replace", "value": {"active": active}}])
        else:
            shown = self.fetch(link).resource
            exchange = self.wire.put(what, link.path, {**shown, "active": active})
        self.wire.note(person.key, exchange, [mapping.ACTIVE])
        self.expect(exchange)

    # Groups

    def group(self, team: Team, link: Link | None) -> None:
        """Push the group itself: create or rename."""
        values = {"displayName": team.label}
        if link is None:
            found = self.match(GROUPS, ["displayName"], values)
            if found:
                link = self.links[team.key] = Link(found.path, dict(values))
            else:
                body = {"schemas": [GROUP], **values, "members": []}
                self.create("create group", GROUPS, body, team).flowed |= values
                return
        link.flowed |= values
        if self.flavour.patches:
            operation = {"op": "replace", "value": {"id": link.id, **values}}
            exchange = self.wire.patch("rename group", link.path, [operation])
            self.wire.note(team.key, exchange, list(values))
            self.expect(exchange)

    def members(self, team: Team) -> None:
        """Push who is in the group: what changed, or all of them."""
        link = self.link_of(team.key)
        if link is None:
            return
        here = [key for key in team.members if self.link_of(key)]
        kept = [key for key in link.members if key in team.members and self.link_of(key)]
        joining = [key for key in here if key not in link.members]
        leaving = [key for key in link.members if key not in team.members and self.link_of(key)]
        link.members = dict.fromkeys(here)
        if not self.flavour.patches:
            self.fetch(link)
            body = {"schemas": [GROUP], "id": link.id, "displayName": team.label, "members": self._listed(here)}
            exchange = self.wire.put("replace group", link.path, body)
        elif self.full:
            operation = {"op": "replace", "path": "members", "value": self._listed(here)}
            exchange = self.wire.patch("push members", link.path, [operation])
        elif joining or leaving or len(kept) != len(here):
            what = "add members" if joining and not leaving else "remove members" if not joining else "change members"
            operations: list[dict[str, Any]] = [
                {"op": "remove", "path": f'members[value eq "{self.links[key].id}"]'} for key in leaving
            ]
            if joining:
                operations.append({"op": "add", "path": "members", "value": self._listed(joining)})
            exchange = self.wire.patch(what, link.path, operations)
        else:
            return
        self.wire.note(team.key, exchange, ["members", *(["displayName"] if not self.flavour.patches else [])])
        self.expect(exchange)

    def _listed(self, keys: list[str]) -> list[dict[str, str]]:
        return [{"value": self.links[key].id, "display": self.directory.people[key].label} for key in keys]

    # Import

    def prepare(self) -> None:
        """Import everybody, a hundred at a time. Raises Failed where pages have gaps or repeat themselves."""
        for endpoint in (USERS, *([GROUPS] if self.groups else [])):
            for _ in self._pages(endpoint):
                pass

    def _pages(self, endpoint: str) -> Iterator[dict[str, Any]]:
        """Yield every resource of an endpoint. Raises Failed."""
        start = 1
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            exchange = self.wire.get("import", endpoint, {"startIndex": start, "count": _PAGE})
            page = self.listed(exchange)
            told = [exchange.resource.get(name) for name in _NUMBERS]
            if not isinstance(told[0], int) or any(isinstance(number, str) for number in told):
                raise Failed("totalResults, startIndex or itemsPerPage is no number", exchange, INCOMPATIBLE)
            ids = [str(resource.get("id")) for resource in page]
            if seen & set(ids):
                raise Failed("a page of an import repeats resources of an earlier one", exchange, INCOMPATIBLE)
            seen |= set(ids)
            yield from page
            start += len(page)
            if not page or start > told[0]:
                return


def _body(values: Mapping[str, Any], schema: str) -> dict[str, Any]:
    body = mapping.nested(values)
    return {"schemas": [schema, *(name for name in body if name.startswith("urn:"))], **body}


def _kept(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Okta sends back as it read it."""
    return {name: shown[name] for name in ("meta", "groups") if name in shown}
