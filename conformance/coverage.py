"""How much of the catalogue is covered: requirements that can be tested, that a check judges, that a fault proves."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.data import data_path
from conformance.reference.faults.registry import faults, unproven
from conformance.session import judges
from conformance.spec.requirements import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from conformance.spec.requirements import Requirement

GROUPINGS: Mapping[str, Callable[[Requirement], str]] = {
    "document": lambda requirement: requirement.document,
    "section": lambda requirement: requirement.clause,
    "feature": lambda requirement: requirement.feature,
    "level": lambda requirement: requirement.level,
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many requirements there are, and how many of them can be tested, are judged and are proven."""

    requirements: int
    testable: int
    judged: int
    proven: int

    def to_dict(self) -> dict[str, int]:
        """Return the numbers by name."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class Coverage:
    """The catalogue, the ids that are judged and proven, and the reasons why others are not.

    A requirement counts as proven where a fault of the reference tenant names it among what it breaks; that the checks
    notice the fault, and no others do, is for ``prove`` to show.
    """

    requirements: Collection[Requirement]
    judged: frozenset[str]
    proven: frozenset[str]
    why_not_judged: Mapping[str, str]
    why_not_proven: Mapping[str, str]

    @property
    def total(self) -> Count:
        """The numbers for the whole catalogue."""
        return self._count(self.requirements)

    def by(self, grouping: str) -> dict[str, Count]:
        """Return the numbers for each document, section, feature or level, in the order of the documents."""
        grouped: dict[str, list[Requirement]] = defaultdict(list)
        for requirement in self.requirements:
            grouped[GROUPINGS[grouping](requirement)].append(requirement)
        return {name: self._count(members) for name, members in grouped.items()}

    @property
    def untestable(self) -> dict[str, str]:
        """Why some requirements cannot be tested, by id."""
        return {r.id: r.untestable for r in self.requirements if r.untestable is not None}

    @property
    def unjudged(self) -> dict[str, str]:
        """Why some requirements that can be tested are not judged, by id."""
        return {
            r.id: self.why_not_judged.get(r.id, "no check judges it yet")
            for r in self.requirements
            if r.untestable is None and r.id not in self.judged
        }

    @property
    def unproven(self) -> dict[str, str]:
        """Why no fault breaks some requirements that are judged, by id."""
        return {
            r.id: self.why_not_proven.get(r.id, "no fault breaks it yet")
            for r in self.requirements
            if r.id in self.judged and r.id not in self.proven
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the coverage as JSON data: the totals, the same by each grouping, and what is not with the reason."""
        groups = {g: {name: count.to_dict() for name, count in self.by(g).items()} for g in GROUPINGS}
        gaps = {"untestable": self.untestable, "unjudged": self.unjudged, "unproven": self.unproven}
        return self.total.to_dict() | groups | gaps

    def _count(self, requirements: Collection[Requirement]) -> Count:
        return Count(
            len(requirements),
            sum(r.untestable is None for r in requirements),
            sum(r.id in self.judged for r in requirements),
            sum(r.id in self.proven for r in requirements),
        )


def coverage() -> Coverage:
    """Return the coverage of the catalogue by the checks and faults of this package; nothing is sent."""
    judged = frozenset(judges())
    proven = frozenset(identifier for fault in faults().values() for identifier in fault.breaks) & judged
    reasons = tomllib.loads(data_path("fixtures", "unjudged.toml").read_text(encoding="utf-8"))
    return Coverage(catalogue().values(), judged, proven, reasons, unproven())
