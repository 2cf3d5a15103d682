"""What happens in the directory between two cycles: changes as data, each to the people or groups whose turn it is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.rehearsal.directory import Directory, Person, Team

_SHARE = 100  # one object in so many changes, at least one
_TURNS = 16  # how many different people changes can meet, where there are so many
_NAMESPACE = uuid.UUID("0c1b5b6e-6f0e-4d0b-8e57-0f6d2f3b9a55")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change. ``turn`` says whose turn it is: changes with the same number meet the same objects.

    ``person`` or ``team`` makes the change and returns whether it could.
    """

    title: str
    turn: int
    person: Callable[[Directory, Person], bool] | None = None
    team: Callable[[Directory, Team], bool] | None = None

    def happen(self, directory: Directory) -> None:
        """Change the directory, and note whom it met."""
        if self.person:
            for person in _whose(list(directory.people.values()), self.turn):
                if self.person(directory, person):
                    directory.note(person.key, self.title)
        if self.team:
            for team in _whose(list(directory.teams.values()), self.turn):
                if self.team(directory, team):
                    directory.note(team.key, self.title)


def _whose(everybody: Sequence[T], turn: int) -> Iterator[T]:
    for number in range(max(1, len(everybody) // _SHARE)) if everybody else ():
        yield everybody[(turn + number * _TURNS) % len(everybody)]


# People


def _rename(_: Directory, person: Person) -> bool:
    attributes = person.attributes
    old = attributes.get("surname", "")
    attributes["surname"] = f"{old}-Orr" if old else "Orr"
    attributes["displayName"] = f"{attributes.get('givenName', '')} {attributes['surname']}".strip()
    for name in ("userPrincipalName", "mail"):
        if name in attributes:
            attributes[name] = attributes[name].replace("@", ".orr@")
    return True


def _set_mobile(_: Directory, person: Person) -> bool:
    person.attributes["mobile"] = "+44 7700 900123"
    return True


def _move(_: Directory, person: Person) -> bool:
    moved = person.attributes.get("department") == "Treasury"
    person.attributes["department"] = "Internal Audit" if moved else "Treasury"
    person.attributes["jobTitle"] = f"Head of {person.attributes['department']}"
    return True


def _clear(_: Directory, person: Person) -> bool:
    had = [person.attributes.pop(name, None) for name in ("jobTitle", "preferredLanguage")]
    return any(had)


def _other_manager(directory: Directory, person: Person) -> bool:
    others = islice(directory.after(person.key), 1, None)
    person.manager = next((key for key in others if key != person.manager), person.manager)
    return bool(person.manager)


def _no_manager(_: Directory, person: Person) -> bool:
    had, person.manager = person.manager, ""
    return bool(had)


def _hire(directory: Directory, person: Person) -> bool:
    key = str(uuid.uuid5(_NAMESPACE, person.key))
    attributes = dict(person.attributes) | {"objectId": key}
    for name in ("userPrincipalName", "mail"):
        if name in attributes:
            attributes[name] = attributes[name].replace("@", ".hire@")
    attributes["mailNickname"] = f"{attributes.get('mailNickname', directory.tag)}.hire"
    directory.people[key] = replace(person, key=key, attributes=attributes, manager=person.key)
    directory.note(key, "hired")
    return False


def _disable(_: Directory, person: Person) -> bool:
    person.enabled = False
    return not person.deleted


def _enable(_: Directory, person: Person) -> bool:
    person.enabled = True
    return not person.deleted


def _unassign(_: Directory, person: Person) -> bool:
    person.assigned = False
    return not person.deleted


def _assign(_: Directory, person: Person) -> bool:
    person.assigned = True
    return not person.deleted


def _recycle(_: Directory, person: Person) -> bool:
    if person.deleted:
        return False
    person.deleted = "soft"
    return True


def _restore(_: Directory, person: Person) -> bool:
    if person.deleted != "soft":
        return False
    person.deleted = ""
    return True


def _purge(_: Directory, person: Person) -> bool:
    person.deleted = "hard"
    return True


def _other_case(_: Directory, person: Person) -> bool:
    local, at, domain = person.attributes["userPrincipalName"].partition("@")
    person.attributes["userPrincipalName"] = f"{local.title()}{at}{domain}"
    return True


# Groups


def _rename_team(_: Directory, team: Team) -> bool:
    team.attributes["displayName"] += " (renamed)"
    return True


def _other_case_of_team(_: Directory, team: Team) -> bool:
    team.attributes["displayName"] = team.attributes["displayName"].upper()
    return True


def _join(directory: Directory, team: Team, number: int = 2) -> bool:
    outside = (key for key, p in directory.people.items() if key not in team.members and p.assigned and not p.deleted)
    joining = list(islice(outside, number))
    team.members |= dict.fromkeys(joining)
    return bool(joining)


def _leave(_: Directory, team: Team) -> bool:
    first = next(iter(team.members), None)
    if first is None:
        return False
    del team.members[first]
    return True


def _swap(directory: Directory, team: Team) -> bool:
    left = list(team.members)[:1]
    joined = _join(directory, team, 1)
    for key in left if joined else ():
        del team.members[key]
    return joined


def _delete_team(_: Directory, team: Team) -> bool:
    team.deleted = "hard"
    return True


RENAMED = Change("renamed", 0, _rename)
MOBILE_SET = Change("mobile number set", 1, _set_mobile)
MOVED = Change("moved to another department", 2, _move)
CLEARED = Change("job title and language cleared", 3, _clear)
MANAGER_CHANGED = Change("manager changed", 4, _other_manager)
MANAGER_CLEARED = Change("manager cleared", 9, _no_manager)
HIRED = Change("hired", 5, _hire)
DISABLED, ENABLED = Change("account disabled", 6, _disable), Change("account enabled", 6, _enable)
UNASSIGNED, ASSIGNED = Change("out of scope", 7, _unassign), Change("back in scope", 7, _assign)
DELETED, RESTORED = Change("deleted (recycle bin)", 8, _recycle), Change("restored", 8, _restore)
DISABLED_AGAIN, ENABLED_AGAIN = Change("account disabled", 10, _disable), Change("account enabled", 10, _enable)
LETTER_CASE = Change("letter case of the user name changed", 11, _other_case)
MOVED_ON_DEMAND = Change("moved to another department", 12, _move)
PURGED = Change("purged", 13, _purge)
TEAM_RENAMED = Change("group renamed", 0, team=_rename_team)
TEAM_LETTER_CASE = Change("letter case of the group name changed", 1, team=_other_case_of_team)
JOINED = Change("members joined", 1, team=_join)
LEFT = Change("a member left", 0, team=_leave)
SWAPPED = Change("one member left, another joined", 1, team=_swap)
TEAM_DELETED = Change("group deleted", 2, team=_delete_team)
