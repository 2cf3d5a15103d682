"""A provisioning service: what Entra's and Okta's have in common.

It keeps a link for each object that it has found or made in the tenant. A link also remembers what has flowed there:
that is what the tenant must hold, whatever became of the requests.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.rehearsal import entra_log, mapping
from conformance.rehearsal.directory import Person
from conformance.rehearsal.escrow import Waiting
from conformance.rehearsal.findings import Example, Findings, Kind
from conformance.rehearsal.refusals import conflict, duplicate, fate, refused, unlisted
from conformance.rehearsal.scope import in_scope
from conformance.tenant.created import identifier_in, path_of
from conformance.tenant.exchange import Unusable
from conformance.tenant.together import together

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from conformance.rehearsal.directory import Directory, Team
    from conformance.rehearsal.scope import Scope
    from conformance.rehearsal.wire import Wire
    from conformance.spec.profile import Profile
    from conformance.tenant.exchange import Exchange

USERS, GROUPS = "/Users", "/Groups"


@dataclass(slots=True)
class Link:
    """The tie between an object of the directory and its resource in the tenant.

    ``flowed`` is what the tenant must hold, by path. ``manager`` and ``members`` are keys in the directory; ``refers``
    is the id that the tenant last showed as manager. ``gone`` says that the resource was deleted.
    """

    path: str
    flowed: dict[str, Any]
    manager: str = ""
    members: dict[str, None] = field(default_factory=dict)
    refers: str = ""
    gone: bool = False

    @property
    def id(self) -> str:
        """The id of the resource."""
        return identifier_in(self.path)


class Found(NamedTuple):
    """A resource as the tenant shows it, its path, and the exchange that shows it."""

    resource: dict[str, Any]
    path: str
    exchange: Exchange


class Failed(Exception):
    """A step did not succeed. ``cause`` says in plain words why, ``code`` what the client's log calls it."""

    def __init__(self, cause: str, exchange: Exchange, code: str = "") -> None:
        super().__init__(cause)
        self.cause, self.exchange = cause, exchange
        self.code = code or entra_log.code(exchange)


class Service:
    """A provisioning service at work. Subclasses say what is sent for a person, a group and what refers to others."""

    name = ""
    spares = False  # whether accounts that fall out of scope are left as they are (Entra: SkipOutOfScopeDeletions)
    removes_cleared = False  # whether a value that is cleared in the directory is cleared in the tenant, too
    replaces_members = False  # whether a cycle over everything replaces the members of groups, rather than adding them
    peculiar: Mapping[str, str] = {}  # what is peculiar about a kind of request, for tenants that refuse it

    def __init__(self, wire: Wire, directory: Directory, profile: Profile, scope: Scope = ()) -> None:
        self.wire, self.directory, self.profile, self.scope = wire, directory, profile, scope
        self.users, self.groups = profile.user_mappings, profile.group_mappings
        self.findings = Findings()
        self.links: dict[str, Link] = {}
        self.escrow: dict[str, Waiting] = {}  # what failed, by key
        self.postponed: set[str] = set()  # keys of what a later cycle has to see to, though nothing failed
        self.told: dict[tuple[str, str], object] = {}  # differences by key and attribute, as last found
        self.forgotten: dict[str, Link] = {}
        self.tally = entra_log.Tally()
        self.changed: Mapping[str, list[str]] = {}
        self.full = False
        self._lock = threading.Lock()

    # Subclasses

    def test_connection(self) -> None:
        """Do what the client does when an administrator presses the button. Raises Failed."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Read what the client reads of the tenant before it begins. Raises Failed."""

    def person(self, person: Person) -> None:
        """Bring a person's user up to date, but for references. Raises Failed."""
        raise NotImplementedError

    def match_or_create(self, person: Person) -> None:
        """Link a person to the user that is there, or to a new one. Raises Failed."""
        raise NotImplementedError

    def group(self, team: Team, link: Link | None) -> None:
        """Create a group that has no link, or update it, but for its members. Raises Failed."""
        raise NotImplementedError

    def manager(self, person: Person) -> None:
        """Bring the manager of a person's user up to date. Raises Failed."""

    def members(self, team: Team) -> None:
        """Bring the members of a group up to date. Raises Failed."""
        raise NotImplementedError

    def peculiarity(self, exchange: Exchange) -> str:
        """Return what is peculiar about how the client spells a request; empty for nothing."""
        return self.peculiar.get(exchange.name, "")

    # A cycle

    def run(self, changed: Mapping[str, list[str]], *, full: bool = False) -> None:
        """Run one cycle: users, then groups, then managers, then members.

        It is about what ``changed`` (by key) and what failed before, or, if ``full``, about every object; then failures
        count anew.
        """
        self.tally, self.changed, self.full = entra_log.Tally(), changed, full
        due = {*changed, *self.escrow, *self.postponed}
        before = {} if full else self.escrow
        self.escrow, self.postponed = {}, set()
        people = [p for p in self.directory.people.values() if full or p.key in due]
        teams = [t for t in self.directory.teams.values() if full or t.key in due]
        workers = self.wire.client.limits.concurrency
        together(lambda p: self.attempt(self.person, p), people, workers)
        teams = teams if self.groups and self.profile.features.groups else []
        together(lambda t: self.attempt(self.team, t), teams, workers)
        together(lambda p: self.attempt(self.manager, p, reference=True), people, workers)
        together(lambda t: self.attempt(self.members, t, reference=True), teams, workers)
        self.escrow = {key: replace(each, first=before.get(key, each).first) for key, each in self.escrow.items()}

    def only(self, people: Collection[Person], teams: Collection[Team]) -> None:
        """Provision these objects on demand."""
        self.tally, self.changed, self.full = entra_log.Tally(), {}, False
        for person in people:
            self.attempt(self.person, person)
        for team in teams:
            self.attempt(self.team, team)
            self.attempt(self.members, team, reference=True)

    def attempt(self, step: Callable[[Any], None], item: Person | Team, *, reference: bool = False) -> None:
        """Take one step for one object; a failure is recorded, and the object is tried again in the next cycle."""
        failure: Failed | None = None
        try:
            step(item)
        except Failed as failed:
            failure = failed
        with self._lock:
            self.tally.attempts += not reference
            if failure:
                self.tally.failures += not reference
                self.tally.reference_failures += reference
                self.tally.refused += failure.code == "Unauthorized"
                self.tally.incompatible += failure.code == entra_log.INCOMPATIBLE
                at = failure.exchange.started
                self.escrow.setdefault(item.key, Waiting(item.label, failure.code, first=at, last=at))
        if failure:
            self.report(item.label, Kind.FAILURE, failure.cause, exchange=failure.exchange, code=failure.code)

    def report(  # noqa: PLR0913 - the parts of a finding
        self,
        label: str,
        kind: Kind,
        cause: str,
        *,
        exchange: Exchange | None = None,
        attribute: str = "",
        code: str = "",
    ) -> None:
        """Record a finding about one object."""
        if exchange:
            self.wire.trace.keep(exchange)
        example = Example(label, exchange=exchange.id if exchange else "")
        self.findings.add(self.wire.trace.cycle, kind, cause, example, attribute=attribute, code=code)

    # Steps that clients share

    def team(self, team: Team) -> None:
        """Bring a group up to date, but for its members; delete it where it is not wanted any more. Raises Failed."""
        link = self.link_of(team.key)
        if team.assigned and not team.deleted:
            self.group(team, link)
        elif link:
            self.remove("delete group", team, link)

    def wanted(self, person: Person) -> bool:
        """Whether the person is to be in the tenant and active."""
        return in_scope(person, self.scope)

    def spared(self, person: Person) -> bool:
        """Whether the person's account is left as it is: out of scope, not deleted."""
        return self.spares and not person.deleted and not self.wanted(person)

    def forget(self) -> None:
        """Break all links, so that everything is matched again."""
        self.forgotten, self.links = self.links, {}

    def deletions(self, changed: Collection[str]) -> int:
        """Return how many accounts and groups a cycle about these objects would disable or delete."""
        people = (self.directory.people[key] for key in changed if key in self.directory.people)
        teams = (self.directory.teams[key] for key in changed if key in self.directory.teams)
        leaving = (p for p in people if not (self.wanted(p) and p.enabled) and not self.spared(p))
        doomed = [p for p in leaving if self._active(p.key)]
        return len(doomed) + sum(bool(t.deleted and self.link_of(t.key)) for t in teams)

    def _active(self, key: str) -> bool:
        link = self.link_of(key)
        return link is not None and link.flowed.get(mapping.ACTIVE) is not False

    def due(self, item: Person | Team) -> bool:
        """Whether an object that has no link ought to have one."""
        if isinstance(item, Person):
            return self.wanted(item) and item.enabled
        return bool(self.groups) and self.profile.features.groups and item.assigned and not item.deleted

    def link_of(self, key: str) -> Link | None:
        """Return the link of an object whose resource is there."""
        link = self.links.get(key)
        return None if link is None or link.gone else link

    def match(self, endpoint: str, paths: list[str], values: Mapping[str, Any], **extra: str | int) -> Found | None:
        """Look for a resource by one attribute after the other; return the first found, None where there is none.

        Raises Failed where the answer is no list, where several are found, or somebody else.
        """
        for path in paths:
            value = values.get(path)
            if value is None:
                continue
            literal = str(value).replace("\\", "\\\\").replace('"', '\\"')
            exchange = self.wire.get("match", endpoint, self.query(f'{path} eq "{literal}"', extra))
            found = self.listed(exchange)
            if len(found) > 1:
                raise Failed(
                    f"the query for one value of {path} finds {len(found)} resources: "
                    f"there are duplicates, or the filter is ignored",
                    exchange,
                    entra_log.DUPLICATES,
                )
            if found:
                return Found(found[0], self._own(endpoint, found[0], path, value, exchange), exchange)
        return None

    def query(self, expression: str, extra: Mapping[str, str | int]) -> dict[str, str | int]:
        """Return the parameters of a query in the order in which the client sends them."""
        return {"filter": expression, **extra}

    def listed(self, exchange: Exchange) -> list[dict[str, Any]]:
        """Return the resources in the answer to a query. Raises Failed where it is no list."""
        if exchange.response is not None and exchange.status == HTTPStatus.OK:
            try:
                return exchange.resources
            except Unusable:
                cause = "a query is answered with 200, but not with a list of resources"
                raise Failed(cause, exchange, entra_log.INCOMPATIBLE) from None
        if exchange.response and exchange.status == HTTPStatus.NOT_FOUND and "filter=" in exchange.request.url:
            cause = "a query that finds nothing is answered with 404 instead of 200 and an empty list"
            raise Failed(cause, exchange, entra_log.INCOMPATIBLE)
        raise Failed(unlisted(exchange, self.peculiarity(exchange)), exchange)

    def fetch(self, link: Link, params: Mapping[str, str] | None = None) -> Found:
        """Read a resource by the id that the client remembers. Raises Failed."""
        exchange = self.wire.get("read", link.path, params)
        if not exchange.ok:
            if exchange.response and exchange.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                raise Failed(
                    "the resource that the client remembers cannot be read any more", exchange, entra_log.INVALID_ANCHOR
                )
            raise Failed(f"a read {fate(exchange, 'is answered with')}", exchange)
        try:
            return Found(exchange.resource, link.path, exchange)
        except Unusable:
            cause = "a read is answered with success, but not with a resource"
            raise Failed(cause, exchange, entra_log.INCOMPATIBLE) from None

    def refetch(self, person: Person, link: Link, values: Mapping[str, Any]) -> Found | None:
        """Let values flow to a person's user, and read it. None where it is gone, and the person linked anew.

        A target that deletes where it should disable is expected to have lost a user who was disabled. Raises Failed.
        """
        disabled = link.flowed.get(mapping.ACTIVE) is False
        self.flow(link, values, person.label)
        try:
            return self.fetch(link)
        except Failed as failed:
            if failed.code != entra_log.INVALID_ANCHOR:
                raise
            kind = Kind.NOTE if disabled and not self.profile.features.soft_delete else Kind.FAILURE
            self.report(person.label, kind, failed.cause, exchange=failed.exchange, code=failed.code)
        del self.links[person.key]
        if kind is Kind.NOTE:
            for of_team in filter(None, map(self.links.get, self.directory.teams)):
                of_team.members.pop(person.key, None)
        self.match_or_create(person)
        return None

    def create(self, what: str, endpoint: str, body: Mapping[str, Any], item: Person | Team) -> Link:
        """Create a resource and link it. Raises Failed."""
        marker = str(body.get("userName") or body.get("displayName") or "")
        exchange, made = self.wire.create(what, endpoint, body, marker)
        self.wire.note(item.key, exchange, list(body))
        before = self.forgotten.get(item.key)
        if made is None:
            if exchange.ok:
                raise Failed("a create succeeds without an id in its answer: the client cannot link it", exchange)
            if exchange.response and exchange.status == HTTPStatus.CONFLICT:
                raise Failed(conflict(body, before), exchange)
            raise self._refusal(exchange)
        if before and not before.gone:
            cause = duplicate(body, before)
            self.report(item.label, Kind.DIFFERENCE, cause, exchange=exchange, code=entra_log.DUPLICATES)
        link = self.links[item.key] = Link(made, {})
        return link

    def expect(self, exchange: Exchange) -> None:
        """Raise Failed where a write did not succeed."""
        if not exchange.ok:
            raise self._refusal(exchange)

    def remove(self, what: str, item: Person | Team, link: Link) -> None:
        """Delete a resource. Raises Failed."""
        exchange = self.wire.delete(what, link.path)
        self.wire.note(item.key, exchange)
        if exchange.ok or (exchange.response and exchange.status == HTTPStatus.NOT_FOUND):
            link.gone = True
            return
        self.expect(exchange)

    def flow(self, link: Link, values: Mapping[str, Any], label: str) -> None:
        """Remember what flows to the tenant; what was cleared in the directory is told where the client leaves it."""
        cleared = [p for p in link.flowed if p not in values and p not in self._references()]
        for path in cleared:
            if self.removes_cleared:
                link.flowed[path] = None
            else:
                del link.flowed[path]
                note = f"{self.name} sends nothing for a value that was cleared: the tenant keeps the old one"
                self.report(label, Kind.NOTE, note, attribute=path)
        link.flowed |= values

    def _refusal(self, exchange: Exchange) -> Failed:
        return Failed(refused(exchange, self.peculiarity(exchange)), exchange)

    def _references(self) -> set[str | None]:
        return {mapping.reference(self.users), mapping.reference(self.groups)}

    def _own(self, endpoint: str, resource: Mapping[str, Any], path: str, value: Any, exchange: Exchange) -> str:
        """Return the path of what was found, which must be ours. Raises Failed."""
        found = path_of(endpoint, resource.get("id"))
        if found is None:
            raise Failed("the resource that a query finds has no id", exchange, entra_log.INCOMPATIBLE)
        ledger = self.wire.client.ledger
        if ledger.exists(found):
            return found
        same = str(mapping.read(resource, path)).casefold() == str(value).casefold()
        if same and self.directory.tag in str(value):
            # An earlier create went through although its answer said otherwise, or never came.
            ledger.created(found, str(value))
            return found
        raise Failed(
            f"the query for one value of {path} finds somebody else: the client would take that account over",
            exchange,
            entra_log.DUPLICATES,
        )
