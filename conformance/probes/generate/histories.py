"""Histories of one resource: steps that any tenant must carry out, whatever came before (RFC 7644 §3.5).

A step is abstract ("replace the second text with its first value") and meets the resource as it then is, so that a
history stays one when steps are left out, and shrinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hypothesis import strategies as st

from conformance.spec.paths import AttrPath, lookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.spec.schema import BoundAttribute

_LONGEST = 8
_MOST_OPERATIONS = 3
_Patched = Literal["add", "replace", "remove", "add element", "remove element", "replace all", "change element"]
Kind = _Patched | Literal["put", "put back", "recreate"]
_OF_ONE: tuple[Kind, ...] = ("add", "replace", "remove", "put", "put back", "recreate")
_OF_MANY: tuple[Kind, ...] = ("add element", "remove element", "replace all", "change element", "remove", "put")


@dataclass(frozen=True, slots=True)
class Subject:
    """An attribute that histories change: ``values`` are what it may hold, elements where it is multi-valued."""

    path: str
    name: str
    urn: str | None
    values: tuple[Any, ...]
    multi_valued: bool = False
    optional: bool = True
    kind: str = ""

    @classmethod
    def of(cls, bound: BoundAttribute, values: Sequence[Any], *, optional: bool = True) -> Subject:
        """Return the subject for an attribute; ``kind`` names the sub-attribute that says what kind an element is."""
        attribute = bound.attribute
        kind = next((sub.name for sub in attribute.sub_attributes if sub.name == "type"), "")
        return cls(bound.path, bound.name, bound.urn, tuple(values), attribute.multi_valued, optional, kind)


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of which subject, with which of its values, and in which notation it is written.

    The first change of a step says whether the step goes by itself or in a bulk job.
    """

    kind: Kind
    subject: Subject
    number: int = 0
    notation: Literal["path", "value", "capitals", "bulk"] = "path"

    def __str__(self) -> str:
        """Return it as people say it: ``replace title (1)``."""
        return f"{self.kind} {self.subject.path} ({self.number})"


Step = tuple[Change, ...]


def histories(subjects: Sequence[Subject]) -> st.SearchStrategy[list[Step]]:
    """Return lists of steps; each is the changes of one PATCH, or one PUT."""
    change = st.one_of([_changes(subject) for subject in subjects])
    patch = st.lists(change, min_size=1, max_size=_MOST_OPERATIONS).map(tuple)
    return st.lists(patch, min_size=1, max_size=_LONGEST)


def _changes(subject: Subject) -> st.SearchStrategy[Change]:
    kinds = [kind for kind in (_OF_MANY if subject.multi_valued else _OF_ONE) if subject.optional or kind != "remove"]
    return st.builds(
        Change,
        st.sampled_from(kinds),
        st.just(subject),
        st.integers(0, len(subject.values) - 1),
        st.sampled_from(("path", "value", "capitals", "bulk")),
    )


def operation(change: Change, resource: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a change as PATCH operation on the resource as it is; None where it would mean nothing there."""
    subject, value = change.subject, change.subject.values[change.number]
    there = lookup(resource, AttrPath.parse(subject.path))
    path = subject.path.swapcase() if change.notation == "capitals" and not subject.urn else subject.path
    if change.kind in {"add", "replace"}:
        target = {"value": _nested(subject, value)} if change.notation == "value" else {"path": path, "value": value}
        return {"op": change.kind, **target}
    if change.kind == "remove":
        return {"op": "remove", "path": path} if there is not None else None
    if change.kind == "replace all":
        return {"op": "replace", "path": path, "value": list(subject.values[change.number :])}
    held = subject.multi_valued and _holds(there, value)
    if change.kind == "add element" and not held:
        return {"op": "add", "path": path, "value": [value]}
    if change.kind == "remove element" and held:
        return {"op": "remove", "path": _selected(path, value)}
    return _element_changed(change, path) if change.kind == "change element" and held else None


def put(change: Change, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a PUT that makes a change in a resource and keeps the rest; putting it back keeps all."""
    if change.kind == "put back":
        return body
    subject, some = change.subject, change.subject.values[change.number :]
    new = _nested(subject, list(some) if subject.multi_valued else some[0])
    merged = {key: {**body[key], **part} if isinstance(body.get(key), dict) else part for key, part in new.items()}
    return {**body, **merged}


def _element_changed(change: Change, path: str) -> dict[str, Any] | None:
    values, sub = change.subject.values, change.subject.kind
    kinds = [str(value[sub]) for value in values if sub in value]
    if not kinds:
        return None
    return {
        "op": "replace",
        "path": f"{_selected(path, values[change.number])}.{sub}",
        "value": kinds[(change.number + 1) % len(kinds)],
    }


def _selected(path: str, value: Any) -> str:
    text = str(value["value"]).replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}[value eq "{text}"]'


def _holds(there: Any, value: Any) -> bool:
    held = {str(lookup(element, "value")).lower() for element in there} if isinstance(there, list) else set()
    return str(value["value"]).lower() in held


def _nested(subject: Subject, value: Any) -> dict[str, Any]:
    parent, _, sub = subject.name.partition(".")
    members = {parent: {sub: value} if sub else value}
    return {subject.urn: members} if subject.urn else members
