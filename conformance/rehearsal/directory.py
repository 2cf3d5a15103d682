"""The source directory: people and groups as Entra or Okta hold them, and what changed since the client last looked.

People are made up from pools of names, so that a directory of a hundred thousand takes seconds. Every name by which
something is found in the tenant carries the run's tag.
"""

from __future__ import annotations

import itertools
import random
import re
import unicodedata
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faker import Faker

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCALES = ("en_GB", "de_DE", "fr_FR", "es_ES", "pl_PL", "sv_SE")
_NAMES_PER_LOCALE = 40
_JOBS = 60
_STREETS = 60
_REPORTS_PER_MANAGER = 12
_DEPARTMENTS = ("Engineering", "Finance", "Human Resources", "Legal", "Marketing", "Operations", "Sales", "Support")
_GROUP_NAMES = ("Readers", "Editors", "Owners", "Pilots", "Admins (EU)", "Contractors", "Research & Development", "VPN")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
# What an attribute is called in Okta and in Okta's expression language.
_ALIASES = {
    "login": "userPrincipalName",
    "userName": "userPrincipalName",
    "email": "mail",
    "firstName": "givenName",
    "lastName": "surname",
    "title": "jobTitle",
    "id": "objectId",
    "employeeNumber": "employeeId",
    "primaryPhone": "telephoneNumber",
    "mobilePhone": "mobile",
    "zipCode": "postalCode",
    "locale": "preferredLanguage",
    "name": "displayName",
}


@dataclass(slots=True, eq=False)
class Person:
    """A user in the directory. ``key`` is the object id; attributes have no value rather than an empty one.

    ``manager`` is the key of another person. ``assigned`` says whether the application is assigned to the person,
    ``deleted`` is "soft" in the recycle bin and "hard" once purged.
    """

    key: str
    attributes: dict[str, str]
    manager: str = ""
    enabled: bool = True
    assigned: bool = True
    deleted: str = ""

    @property
    def label(self) -> str:
        """What reports call the person."""
        return self.attributes["userPrincipalName"]

    def value(self, source: str) -> str | None:
        """Return the value of an attribute by its name in Entra or in Okta, None where there is none."""
        name = source.rpartition(".")[2]
        return self.attributes.get(_ALIASES.get(name, name)) or None


@dataclass(slots=True, eq=False)
class Team:
    """A group in the directory. ``members`` are the keys of people, in the order in which they joined."""

    key: str
    attributes: dict[str, str]
    members: dict[str, None] = field(default_factory=dict)
    assigned: bool = True
    deleted: str = ""

    @property
    def label(self) -> str:
        """What reports call the group."""
        return self.attributes["displayName"]

    def value(self, source: str) -> str | None:
        """Return the value of an attribute, None where there is none."""
        name = source.rpartition(".")[2]
        return self.attributes.get(_ALIASES.get(name, name)) or None


@dataclass
class Directory:
    """People and groups by key. ``changed`` says what happened to whom since ``watermark`` was last called."""

    tag: str
    people: dict[str, Person] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    _order: list[str] = field(default_factory=list, init=False, repr=False)
    _places: dict[str, int] = field(default_factory=dict, init=False, repr=False)

    def note(self, key: str, what: str) -> None:
        """Note that an object changed."""
        self.changed.setdefault(key, []).append(what)

    def after(self, key: str) -> Iterator[str]:
        """Yield the keys of everybody else, from the next person on and round to the one before."""
        count = len(self.people)
        if len(self._order) != count:
            self._order = list(self.people)
            self._places = {each: place for place, each in enumerate(self._order)}
        place = self._places[key]
        yield from (self._order[step % count] for step in range(place + 1, place + count))

    def watermark(self) -> dict[str, list[str]]:
        """Return what changed, by key, and begin to note anew."""
        changed, self.changed = self.changed, {}
        return changed


def invent(  # noqa: PLR0913 - one size each
    tag: str,
    *,
    users: int = 3,
    groups: int = 1,
    members_per_group: int = 3,
    seed: str = "",
    domain: str = "example.com",
) -> Directory:
    """Make up a directory. The same seed and sizes give the same people, but for the tag."""
    chance = random.Random(seed)  # noqa: S311 - sample data
    directory = Directory(tag)
    pools = _Pools(seed, chance)
    for number in range(1, users + 1):
        person = Person(str(uuid.UUID(int=chance.getrandbits(128), version=4)), pools.attributes(tag, number, domain))
        directory.people[person.key] = person
    keys = list(directory.people)
    for number, key in enumerate(keys[1:], start=1):
        directory.people[key].manager = keys[(number - 1) // _REPORTS_PER_MANAGER]
    for number, name in enumerate(itertools.islice(_group_names(), groups), start=1):
        object_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        chosen = chance.sample(keys, min(members_per_group, len(keys)))
        attributes = {"objectId": object_id, "displayName": f"{tag} {name}", "mailNickname": f"{tag}-g{number}"}
        directory.teams[object_id] = Team(object_id, attributes, dict.fromkeys(chosen))
    for person in directory.people.values():
        person.attributes["objectId"] = person.key
    return directory


class _Pools:
    """Ready-made names, since making up each one would take a tenth of a millisecond."""

    def __init__(self, seed: str, chance: random.Random) -> None:
        fakers = [Faker(locale) for locale in _LOCALES]
        for faker in fakers:
            faker.seed_instance(seed)
        each = range(_NAMES_PER_LOCALE)
        self._given = [faker.first_name() for faker in fakers for _ in each]
        self._family = [faker.last_name() for faker in fakers for _ in each]
        self._jobs = [fakers[0].job()[:60] for _ in range(_JOBS)]
        self._streets = [fakers[0].street_address().replace("\n", ", ") for _ in range(_STREETS)]
        self._cities = [fakers[0].city() for _ in range(_STREETS)]
        self._chance = chance

    def attributes(self, tag: str, number: int, domain: str) -> dict[str, str]:
        """Return the attributes of one person."""
        pick = self._chance.choice
        given, family = pick(self._given), pick(self._family)
        nickname = f"{tag}.{_plain(given)}.{_plain(family)}.{number}"
        return {
            "userPrincipalName": f"{nickname}@{domain}",
            "mail": f"{nickname}@{domain}",
            "mailNickname": f"{tag}.{_plain(given).title()}{_plain(family).title()}{number}",
            "displayName": f"{given} {family}",
            "givenName": given,
            "surname": family,
            "jobTitle": pick(self._jobs),
            "department": pick(_DEPARTMENTS),
            "employeeId": f"{number:06}",
            "preferredLanguage": "en-GB",
            "telephoneNumber": f"+44 20 7946 {number % 10000:04}",
            "physicalDeliveryOfficeName": f"Room {number % 900 + 100}",
            "streetAddress": pick(self._streets),
            "city": pick(self._cities),
            "postalCode": f"SW1A {number % 9 + 1}AA",
            "country": "GB",
        }


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_NAME.sub("", ascii_only) or "x"


def _group_names() -> Iterator[str]:
    for round_ in itertools.count():
        for name in _GROUP_NAMES:
            yield f"{name} {round_ + 1}" if round_ else name
