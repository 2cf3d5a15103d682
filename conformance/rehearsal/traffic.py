"""A provisioning service that never runs out of work: hires, changes, look-ups and memberships in a steady mix.

The steps are those of the rehearsed client, so a tenant is asked exactly what the client asks. For Entra about a
quarter each of the requests are look-ups by filter, reads by id and changes, the rest creates and memberships.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.rehearsal.directory import Person, Team
    from conformance.rehearsal.service import Service

TEAMS = 5
_CREATES = 0.25  # of the requests, generously: so many people can be hired
_LEAST_PEOPLE, _MOST_PEOPLE = 20, 1_000
_STAFF_PER_JOINER = 4
_MOST_MEMBERS = 20
T = TypeVar("T")


def people_for(requests: float) -> int:
    """Return how many people a directory must have to make so many requests about them."""
    return min(max(round(requests * _CREATES), _LEAST_PEOPLE), _MOST_PEOPLE)


class Traffic:
    """Steps of a service for the people and groups in its directory. Safe to use from several threads.

    No two threads work for the same person or group: some people are hired to be changed, some to join and leave
    groups. Once everybody has been hired, people are changed instead.
    """

    def __init__(self, service: Service, seed: str) -> None:
        self._service = service
        self._chance = random.Random(seed)  # noqa: S311 - which step comes next
        self._newcomers: deque[Person] = deque(service.directory.people.values())
        self._staff: deque[Person] = deque()
        self._joiners: deque[Person] = deque()
        self._teams: deque[Team] = deque(service.directory.teams.values())
        self._lock = threading.Lock()

    def step(self) -> bool:
        """Take one step: a request, or two that follow from each other. Return whether there was one to take.

        Raises Failed for one that did not succeed.
        """
        steps: Sequence[Callable[[], bool]] = (self._hire, self._change, self._look_up, self._join_or_leave)
        (first,) = self._chance.choices(steps, weights=(2, 4, 2, 3))
        return any(step() for step in (first, *steps))

    def _hire(self) -> bool:
        joins = len(self._joiners) * _STAFF_PER_JOINER < len(self._staff)
        with self._borrowed(self._newcomers, self._joiners if joins else self._staff) as person:
            if person is not None:
                self._service.person(person)
            return person is not None

    def _change(self) -> bool:
        with self._borrowed(self._staff) as person:
            if person is not None:
                number = self._chance.randrange(1_000_000)
                person.attributes |= {"displayName": f"{person.label} {number}", "jobTitle": f"Grade {number}"}
                self._service.person(person)
            return person is not None

    def _look_up(self) -> bool:
        """Break a link, as a restart does, so that the person is matched again."""
        with self._borrowed(self._staff) as person:
            link = self._service.links.pop(person.key, None) if person else None
            if person is not None:
                self._service.forgotten |= {person.key: link} if link else {}
                self._service.person(person)
            return person is not None

    def _join_or_leave(self) -> bool:
        with self._borrowed(self._teams) as team:
            if team is None:
                return False
            if self._service.link_of(team.key) is None:
                self._service.team(team)
                return True
            outside = [person.key for person in list(self._joiners) if person.key not in team.members]
            if outside and len(team.members) < _MOST_MEMBERS and self._chance.random() < (0.5 if team.members else 1):
                team.members[self._chance.choice(outside)] = None
            elif team.members:
                del team.members[self._chance.choice(list(team.members))]
            else:
                return False
            self._service.members(team)
            return True

    @contextmanager
    def _borrowed(self, pool: deque[T], then: deque[T] | None = None) -> Iterator[T | None]:
        """Take an item out of a pool while something is done with it; None where all are in use.

        ``then`` is the pool that it goes to where that succeeds.
        """
        with self._lock:
            item = pool.popleft() if pool else None
        home = pool
        try:
            yield item
            home = pool if then is None else then
        finally:
            if item is not None:
                home.append(item)
