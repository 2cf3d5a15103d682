"""Steps: what has to be so before an app goes live or is published, and how that is decided; as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.data import data_path
from conformance.spec.requirements import requirement
from conformance.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class UnknownPlan(LookupError):
    """No named plan has that name; the message names the nearest one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a checklist, or one item of a named plan.

    ``page`` is where a person finds it: the page of an administrator, the part of a list. ``kind`` is ``automatic``,
    ``partly`` or ``manual``. What the suite can tell comes from the verdicts on ``requirements`` and from the
    inspections that ``inspect`` names; ``look`` says what a person looks at. ``level`` is that of a plan's item:
    ``required``, ``recommended`` or ``informational``.
    """

    id: str
    page: str
    text: str
    kind: str = "manual"
    look: str = ""
    source: str = ""
    requirements: tuple[str, ...] = ()
    inspect: tuple[str, ...] = ()
    level: str = "required"


@dataclass(frozen=True, slots=True)
class NamedPlan:
    """A list that others check a tenant by, such as a gallery's. ``profile`` binds the rules that it rests on.

    ``one_of`` are ids of items of which one has to hold; they are not required beside that.
    """

    name: str
    title: str
    about: str
    profile: str
    steps: tuple[Step, ...]
    one_of: tuple[str, ...] = ()

    @property
    def requirements(self) -> frozenset[str]:
        """The ids of all requirements that decide an item."""
        return frozenset(identifier for step in self.steps for identifier in step.requirements)


def read_steps(tables: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Read steps from TOML tables. Raises UnknownRequirement for the id of a requirement that there is not."""
    found = tuple(map(_step, tables))
    for step in found:
        for identifier in step.requirements:
            requirement(identifier)
    return found


def _step(table: Mapping[str, Any]) -> Step:
    entries: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Step(**entries)


def plan_names() -> list[str]:
    """Return the names of the shipped plans."""
    return sorted(path.stem for path in data_path("fixtures", "plans").glob("*.toml"))


def load_plan(name: str) -> NamedPlan:
    """Read a shipped plan. Raises UnknownPlan."""
    if name not in plan_names():
        raise UnknownPlan(f"there is no plan “{name}”{did_you_mean(name, plan_names())}")
    data = tomllib.loads(data_path("fixtures", "plans", f"{name}.toml").read_text(encoding="utf-8"))
    return NamedPlan(
        name, data["title"], data["about"], data["profile"], read_steps(data["item"]), tuple(data.get("one-of", ()))
    )
