"""Faults of taking members into groups and out of them with PATCH (RFC 7643 §4.2, RFC 7644 §3.5.2)."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.operations import (
    Misstep,
    Step,
    afterwards,
    aimed,
    carried_out_as,
    nothing,
    on_operation,
    on_patched,
    refusal,
    register_missteps,
)
from conformance.reference.faults.registry import fault

if TYPE_CHECKING:
    from conformance.reference.faults.operations import Document
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant

_ONE = r'members\[value eq ".*"\]'
_IN_QUOTES = re.compile('"(.*)"')


def _ids(members: Any) -> list[Any]:
    return [m.get("value") for m in members if isinstance(m, dict)] if isinstance(members, list) else []


def _held(step: Step) -> list[Any]:
    return _ids(step.document.get("members"))


def _named(step: Step) -> str:
    """Return the id in the value filter of a path."""
    found = _IN_QUOTES.search(str(step.path))
    return found[1] if found else ""


def _is_member(step: Step) -> bool:
    return _named(step) in _held(step)


def _adds_nobody_new(step: Step) -> bool:
    return set(_ids(step.value)) <= set(_held(step)) != set()


@fault("RFC7644-3.5.2.1-18", "RFC7644-3.5.2-28")
def first_member_is_lost(tenant: ReferenceTenant) -> None:
    """The first member that a PATCH adds to a group, named by value alone, is not kept."""
    seen: set[str] = set()

    def lose(step: Step) -> Document:
        seen.add(step.document["id"])
        return step.document

    on_operation(tenant, aimed("add", "members", when=lambda step: step.document["id"] not in seen), lose)


@fault("RFC7644-3.5.2.1-17", "RFC7643-4.2-13")
def member_added_again_is_held_twice(tenant: ReferenceTenant) -> None:
    """A member that a PATCH adds again is listed twice."""

    def repeat(kept: Document, operations: list[Document], before: Record) -> None:
        added = [
            i for o in operations if (o.get("op"), o.get("path")) == ("add", "members") for i in _ids(o.get("value"))
        ]
        if len(operations) == len(added) == 1:
            kept["members"] = kept.get("members", []) + [
                deepcopy(m) for m in before.attributes.get("members", []) if m["value"] in added
            ]

    on_patched(tenant, repeat, of="Group")


def _exchange(step: Step) -> Document:
    document = deepcopy(step.document)
    for member in document.get("members", []):
        if member["value"] == _named(step):
            member["value"] = step.value
    return document


def _clear(_: Step, document: Document) -> None:
    document.pop("members", None)


def _keep_the_first(step: Step, document: Document) -> None:
    document["members"] = step.document.get("members", [])[:1]


register_missteps(
    [
        Misstep(
            "add_of_a_member_who_is_one_is_refused",
            "An add of a user who already is a member is refused with 409.",
            "RFC7644-3.5.2.1-17",
            aimed("add", "members", alone=True, when=_adds_nobody_new),
            refusal(409, "uniqueness"),
        ),
        Misstep(
            "remove_of_one_member_takes_all",
            "A remove of one member by its value takes all members out of the group.",
            "RFC7644-3.5.2.2-16",
            aimed("remove", _ONE, alone=True, when=_is_member),
            afterwards(_clear),
        ),
        Misstep(
            "remove_of_one_member_does_nothing",
            "A remove of one member by its value leaves the member in the group.",
            "RFC7644-3.5.2.2-16",
            aimed("remove", _ONE, alone=True, when=_is_member),
            nothing,
        ),
        Misstep(
            "remove_of_a_stranger_is_refused",
            "A remove of a user who is not a member is refused with 404.",
            "RFC7644-3.5.2.2-18",
            aimed("remove", _ONE, when=lambda step: not _is_member(step)),
            refusal(404),
        ),
        Misstep(
            "remove_of_a_stranger_takes_all",
            "A remove of a user who is not a member takes all members out of the group.",
            "RFC7644-3.5.2.2-16 RFC7644-3.5.2.2-18",
            aimed("remove", _ONE, when=lambda step: not _is_member(step)),
            afterwards(_clear),
        ),
        Misstep(
            "swap_of_members_only_adds",
            "Of a remove of one member and an add of another in one PATCH only the add takes effect.",
            "RFC7644-3.5.2.2-19 RFC7644-3.5.2-49",
            aimed("remove", _ONE, when=lambda step: step.among > 1),
            nothing,
        ),
        Misstep(
            "replace_of_members_adds_them",
            "A replace of members leaves the old ones in the group.",
            "RFC7644-3.5.2.3-07",
            aimed("replace", "members"),
            lambda step: step.carried_out(op="add") if step.value else step.document,
        ),
        Misstep(
            "replace_with_no_members_does_nothing",
            "A replace of members with an empty array leaves them in the group.",
            "RFC7644-3.5.2.3-07",
            aimed("replace", "members", when=lambda step: step.value == []),
            nothing,
        ),
        Misstep(
            "value_of_a_member_is_replaced",
            "A replace of the value of a member, which is immutable, puts another user in the place of that member.",
            "RFC7644-3.5.2-27 RFC7643-4.2-07",
            aimed("replace", _ONE + r"\.value"),
            _exchange,
        ),
        Misstep(
            "remove_of_all_members_leaves_one",
            "A remove of members leaves one in the group.",
            "RFC7644-3.5.2.2-17",
            aimed("remove", "members", alone=True),
            afterwards(_keep_the_first),
        ),
        Misstep(
            "remove_with_a_list_takes_all_members",
            "A remove of members with a value array takes all members out of the group.",
            "RFC7644-3.5.2.2-21",
            aimed("remove", "members", when=lambda step: step.value is not None),
            carried_out_as(value=None),
        ),
    ]
)
