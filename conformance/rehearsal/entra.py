"""Microsoft Entra ID's provisioning service, request by request."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from conformance.rehearsal import mapping
from conformance.rehearsal.entra_dialects import DEFAULT, Assignment
from conformance.rehearsal.entra_log import INCOMPATIBLE
from conformance.rehearsal.findings import Kind
from conformance.rehearsal.service import GROUPS, USERS, Failed, Link, Service
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from conformance.rehearsal.directory import Directory, Person, Team
    from conformance.rehearsal.entra_dialects import Dialect
    from conformance.rehearsal.scope import Scope
    from conformance.rehearsal.service import Found
    from conformance.rehearsal.wire import Wire
    from conformance.spec.profile import Profile
    from conformance.tenant.exchange import Exchange

# Entra names no client and asks for no media type.
HEADERS: Mapping[str, str | None] = {"User-Agent": None, "Accept": None}
_MARKER_SCHEMA = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
_WITHOUT_MEMBERS = {"excludedAttributes": "members"}
_MEMBERS_PER_REQUEST = 100  # Entra does not say how many it puts into one

_UNNAMED = "Entra names neither itself nor a media type, and spells blanks as +"
_PECULIAR = {
    "test connection": _UNNAMED,
    "match": _UNNAMED,
    "create user": "Entra sends meta and roles along, and lists the enterprise extension whether it is used or not",
    "create group": "Entra sends meta along, and lists a schema of Microsoft's that is no SCIM schema",
    "update user": "Entra adds a value of a type that is not there yet, and expects it to be made",
    "disable user": "Entra sends the text “False” unless the Tenant URL carries a flag",
    "set manager": "Entra sends the id of the manager as a bare text, not as an object",
    "clear manager": "Entra clears the manager with an empty text",
    "add members": "Entra sends each member with a $ref of null",
    "remove members": "Entra lists the members to remove as values unless the Tenant URL carries a flag",
}
# Where not all requests of a kind have what is peculiar: by what stands in the body of those that do.
_TRAITS = {"update user": "[type eq", "disable user": '"False"', "remove members": '"$ref"'}


class Entra(Service):
    """Entra's provisioning service with one way to spell a PATCH."""

    name = "Entra"
    peculiar = _PECULIAR

    def __init__(
        self, wire: Wire, directory: Directory, profile: Profile, scope: Scope = (), *, dialect: Dialect = DEFAULT
    ) -> None:
        super().__init__(wire, directory, profile, scope)
        self.dialect = dialect
        self._match_users = mapping.matching(self.users, "userName")
        self._match_groups = mapping.matching(self.groups, "displayName")
        self._manager = mapping.reference(self.users)

    def test_connection(self) -> None:
        """Ask for a user and a group that cannot exist."""
        for endpoint, path in ((USERS, self._match_users[0]), (GROUPS, self._match_groups[0])):
            if endpoint == GROUPS and not self.groups:
                continue
            expression = f'{path} eq "{uuid.uuid4()}"'
            exchange = self.wire.get("test connection", endpoint, self.query(expression, {}))
            if self.listed(exchange):
                raise Failed(f"a query for a {path} that nobody has finds somebody", exchange, INCOMPATIBLE)

    def prepare(self) -> None:
        """Read the schemas when the configuration is saved, for applications with schema discovery."""
        if not self.profile.features.schema_discovery:
            return
        exchange = self.wire.get("schema discovery", "/Schemas")
        if not self.listed(exchange):
            raise Failed("/Schemas lists no schema", exchange, INCOMPATIBLE)

    def only(self, people: Collection[Person], teams: Collection[Team]) -> None:
        """Provision on demand, which knows the default dialect alone, whatever the Tenant URL says."""
        usual, self.dialect = self.dialect, DEFAULT
        try:
            super().only(people, teams)
        finally:
            self.dialect = usual

    def query(self, expression: str, extra: Mapping[str, str | int]) -> dict[str, str | int]:
        """Put what is excluded before the filter, as Entra does."""
        return {**extra, "filter": expression}

    def peculiarity(self, exchange: Exchange) -> str:
        """Return what is peculiar about a request, if this one has it."""
        trait = _TRAITS.get(exchange.name)
        return super().peculiarity(exchange) if trait is None or trait in (exchange.request.body or "") else ""

    # Users

    def person(self, person: Person) -> None:
        """Create, update, disable or delete."""
        link = self.link_of(person.key)
        if person.deleted == "hard":
            if link:
                self.remove("delete user", person, link)
        elif self.spared(person):
            if link and person.key in self.changed:
                cause = "out of scope, yet the account is left as it is (SkipOutOfScopeDeletions)"
                self.report(person.label, Kind.NOTE, cause)
        elif not self.wanted(person):
            if link:
                link.flowed[mapping.ACTIVE] = False
                self._update(person, link, {mapping.ACTIVE: False}, "disable user", self.fetch(link).resource)
        elif link:
            self._refresh(person, link)
        else:
            self.match_or_create(person)

    def _refresh(self, person: Person, link: Link) -> None:
        values = self._values(person)
        found = self.refetch(person, link, values)
        if found:
            link.refers = _id_of(found.resource, self._manager)
            self._update(person, link, values, "update user", found.resource)

    def match_or_create(self, person: Person) -> None:
        """Ask by one matching attribute after the other; who is disabled is not created."""
        values = self._values(person)
        found = self.match(USERS, self._match_users, values)
        if found:
            link = self.links[person.key] = Link(found.path, {})
            self.flow(link, values, person.label)
            link.refers = _id_of(found.resource, self._manager)
            self._update(person, link, values, "update user", found.resource)
        elif person.enabled:
            body = {
                "schemas": [USER, ENTERPRISE_USER],
                **mapping.nested(values),
                "meta": {"resourceType": "User"},
                "roles": [],
            }
            self.create("create user", USERS, body, person).flowed |= values

    def _update(
        self, person: Person | Team, link: Link, values: Mapping[str, Any], what: str, resource: Mapping[str, Any]
    ) -> None:
        """Send what differs from what the tenant shows, if anything does."""
        shown = [Assignment(path, mapping.read(resource, path), value) for path, value in values.items()]
        assignments = [each for each in shown if not _same(each.old, each.new)]
        if not assignments:
            return
        what = "disable user" if any(a.path == mapping.ACTIVE and a.new is False for a in assignments) else what
        operations = self.dialect.assign(assignments)
        exchange = self.wire.patch(what, link.path, operations)
        texts = any(operation.get("value") in ("True", "False") for operation in operations)
        self.wire.note(person.key, exchange, [a.path for a in assignments], texts=texts)
        self._tell_repetition(person, assignments, exchange)
        self.expect(exchange)

    def _tell_repetition(self, item: Person | Team, assignments: Sequence[Assignment], exchange: Exchange) -> None:
        if item.key in self.changed or not self.full or not self.wire.trace.cycle:
            return
        for path, old, _ in assignments if exchange.ok else ():
            shown = "does not return it" if old is None else "returns something else"
            cause = f"nothing changed, yet Entra sends the value again in every cycle, as the tenant {shown}"
            self.report(item.label, Kind.DEVIATION, cause, exchange=exchange, attribute=path)

    def _values(self, person: Person) -> dict[str, Any]:
        return mapping.flowing(self.users, person, active=person.enabled)

    def manager(self, person: Person) -> None:
        """Set, change or clear the manager, once everybody is there."""
        link = self.link_of(person.key)
        if self._manager is None or link is None or not self.wanted(person):
            return
        superior = self.link_of(person.manager)
        if not self.full and link.manager == (person.manager if superior else ""):
            return
        wanted = superior.id if superior else ""
        link.manager = person.manager if superior else ""
        link.flowed.pop(self._manager, None)
        link.flowed |= {self._manager: wanted} if wanted else {}
        if link.refers == wanted:
            return
        what = "set manager" if wanted else "clear manager"
        exchange = self.wire.patch(what, link.path, self.dialect.refer(self._manager, link.refers, wanted))
        self.wire.note(person.key, exchange, [self._manager])
        link.refers = wanted
        self.expect(exchange)

    # Groups

    def group(self, team: Team, link: Link | None) -> None:
        """Read it without its members, and send what differs; or match or create it."""
        values = mapping.flowing(self.groups, team)
        if link:
            self.flow(link, values, team.label)
            shown = self.fetch(link, _WITHOUT_MEMBERS)
            self._check_excluded(shown, team)
            self._update(team, link, values, "update group", shown.resource)
            return
        found = self.match(GROUPS, self._match_groups, values, **_WITHOUT_MEMBERS)
        if found:
            self._check_excluded(found, team)
            link = self.links[team.key] = Link(found.path, dict(values))
            self._update(team, link, values, "update group", found.resource)
        else:
            body = {
                "schemas": [GROUP, _MARKER_SCHEMA],
                **mapping.nested(values),
                "meta": {"resourceType": "Group"},
            }
            self.create("create group", GROUPS, body, team).flowed |= values

    def _check_excluded(self, found: Found, team: Team) -> None:
        if found.resource.get("members"):
            cause = "members are returned although excludedAttributes=members asks to leave them out"
            self.report(team.label, Kind.DEVIATION, cause, exchange=found.exchange, attribute="members")

    def members(self, team: Team) -> None:
        """Add who joined and remove who left; a cycle over everything adds everybody once more."""
        link = self.link_of(team.key)
        if link is None or mapping.reference(self.groups) is None:
            return
        gone = {key for key in link.members if self.link_of(key) is None}
        leaving = [key for key in link.members if key not in team.members and key not in gone]
        here = [key for key in team.members if self.link_of(key)]
        joining = [key for key in here if self.full or key not in link.members]
        link.members = dict.fromkeys(here)
        for what, keys, spell in (
            ("add members", joining, self.dialect.join),
            ("remove members", leaving, self.dialect.leave),
        ):
            for start in range(0, len(keys), _MEMBERS_PER_REQUEST):
                ids = [self.links[key].id for key in keys[start : start + _MEMBERS_PER_REQUEST]]
                exchange = self.wire.patch(what, link.path, spell(ids))
                self.wire.note(team.key, exchange, ["members"])
                self.expect(exchange)


def _same(shown: Any, wanted: Any) -> bool:
    """Whether Entra takes a value that the tenant shows for the one that it is to have."""
    if isinstance(wanted, bool):
        return str(shown).lower() == str(wanted).lower()
    return bool(shown == wanted)


def _id_of(resource: Mapping[str, Any], path: str | None) -> str:
    value = mapping.read(resource, path) if path else None
    identifier = value.get("value") if isinstance(value, dict) else None
    return identifier if isinstance(identifier, str) else ""
