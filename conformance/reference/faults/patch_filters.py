"""Faults of value filters in the paths of a PATCH, and of primary values (RFC 7644 §3.5.2-3.5.2.3)."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.operations import (
    Misstep,
    Step,
    afterwards,
    aimed,
    nothing,
    on_filtered,
    on_operation,
    refusal,
    register_missteps,
    told_as,
)
from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_shown
from conformance.spec.filter import And, Comparison, parse_path

if TYPE_CHECKING:
    from conformance.reference.faults.operations import Document
    from conformance.reference.tenant import ReferenceTenant

_VALUES = r"emails\[.*\]"
_SUBS = _VALUES + r"\.\w+"


def _emails(document: Document) -> list[Any]:
    found = document.get("emails", [])
    return found if isinstance(found, list) else []


def _changed(step: Step, after: Document) -> list[int]:
    """Return the places of the emails that an operation changed in place."""
    pairs = enumerate(zip(_emails(step.document), _emails(after), strict=False))
    return [place for place, (old, new) in pairs if old != new]


def _selects(step: Step) -> bool:
    """Whether the filter in the path of an operation picks an element."""
    path = parse_path(str(step.path))
    left = step.carried_out(op="remove", path=f"{path.attr}[{path.filter}]", value=None)
    return len(_emails(left)) < len(_emails(step.document))


# --- primary ----------------------------------------------------------------------------------------------------------


def _primaries(document: Document) -> set[str]:
    return {str(email.get("value")) for email in _emails(document) if email.get("primary") is True}


def _leave_primaries(tenant: ReferenceTenant, op: str, path: str) -> None:
    """Show the values that were primary before an operation made another so as primary still, for as long as it is."""
    former: dict[str, tuple[set[str], set[str]]] = {}

    def remember(step: Step, document: Document) -> None:
        was, now = _primaries(step.document), _primaries(document)
        if was and was != now:
            former[document["id"]] = was, now

    def show(resource: Document) -> None:
        was, now = former.get(str(resource.get("id")), (set(), set()))
        for email in resource.get("emails", []) if _primaries(resource) == now else []:
            if email.get("value") in was:
                email["primary"] = True

    on_operation(tenant, aimed(op, path), afterwards(remember))
    on_shown(tenant, show)


for _name, _op, _path, _breaks in (
    ("added", "add", "emails", ("RFC7644-3.5.2-33",)),
    ("replaced", "replace", _VALUES, ("RFC7644-3.5.2.3-19", "RFC7644-3.5.2-33")),
    ("filtered", "add", _SUBS, ("RFC7644-3.5.2-34",)),
):
    register(
        f"{_name}_primary_leaves_the_others",
        _breaks,
        f"A value that is {_name} with primary true leaves another one primary.",
        partial(_leave_primaries, op=_op, path=_path),
    )


# --- add and replace ------------------------------------------------------------------------------------------------


def _on_the_first_value(step: Step) -> Document:
    document = deepcopy(step.document)
    document["emails"][0][str(step.path).rpartition(".")[2]] = step.value
    return document


def _first_match_alone(step: Step, document: Document) -> None:
    for place in _changed(step, document)[1:]:
        document["emails"][place] = deepcopy(step.document["emails"][place])


def _drop_primary(step: Step, document: Document) -> None:
    for place in _changed(step, document):
        document["emails"][place].pop("primary", None)


def _drop_a_type(step: Step, document: Document) -> None:
    last = len(_emails(document)) - 1
    if last > 0 and last not in _changed(step, document):
        document["emails"][last].pop("type", None)


def _append(step: Step) -> Document:
    document = deepcopy(step.document)
    value = [*str(step.path).split('"'), ""][1]
    document.setdefault("emails", []).append({"value": value, "type": step.value})
    return document


def _uses_not(step: Step) -> bool:
    return " not (" in str(step.path)


# --- remove -----------------------------------------------------------------------------------------------------------


def _takes_one_of_two(step: Step) -> bool:
    return isinstance(parse_path(str(step.path)).filter, Comparison) and _selects(step)


def _and_the_last(_: Step, document: Document) -> None:
    document["emails"] = document.get("emails", [])[:-1]


def _by_the_first_condition(step: Step) -> Document:
    node = parse_path(str(step.path)).filter
    return step.carried_out(path=f"emails[{node.left}]") if isinstance(node, And) else step.carried_out()


def _first_removed_alone(step: Step) -> Document:
    left = _emails(step.carried_out())
    gone = [email for email in _emails(step.document) if email not in left]
    return {**step.document, "emails": [e for e in _emails(step.document) if e not in gone[:1]]}


def _is_last(step: Step) -> bool:
    return len(_emails(step.document)) == 1


@fault("RFC7644-3.5.2.2-10")
def attribute_without_values_counts_as_present(tenant: ReferenceTenant) -> None:
    """A filter with pr matches a multi-valued attribute whose last value a PATCH removed."""
    emptied: set[str] = set()

    def remember(step: Step, document: Document) -> None:
        if not _emails(document):
            emptied.add(step.document["id"])

    def present(resource: Document) -> None:
        if resource["id"] in emptied:
            resource.setdefault("emails", [{"value": "null"}])

    on_operation(tenant, aimed("remove", _VALUES), afterwards(remember))
    on_filtered(tenant, present)


register_missteps(
    [
        Misstep(
            "add_through_a_filter_does_nothing",
            "An add with a value filter and a sub-attribute answers with success and stores nothing.",
            "RFC7644-3.5.2.1-19 RFC7644-3.5.2-20",
            aimed("add", _SUBS, when=_selects),
            nothing,
        ),
        Misstep(
            "add_through_a_filter_reaches_the_first_value",
            "An add with a value filter and a sub-attribute sets it in the first value rather than the matching one.",
            "RFC7644-3.5.2.1-19",
            aimed("add", _SUBS, when=_selects),
            _on_the_first_value,
        ),
        Misstep(
            "add_where_nothing_matches_does_nothing",
            "An add whose value filter matches nothing answers with success and stores nothing.",
            "RFC7644-3.5.2.1-20",
            aimed("add", _SUBS, when=lambda step: not _selects(step)),
            nothing,
        ),
        Misstep(
            "replace_with_a_filter_does_nothing",
            "A replace with a value filter answers with success and changes nothing.",
            "RFC7644-3.5.2.3-13 RFC7644-3.5.2-19",
            aimed("replace", _VALUES),
            nothing,
        ),
        Misstep(
            "replace_with_a_filter_reaches_one_match",
            "A replace with a value filter changes the first of the values that match.",
            "RFC7644-3.5.2.3-13",
            aimed("replace", _VALUES),
            afterwards(_first_match_alone),
        ),
        Misstep(
            "replace_of_a_sub_attribute_reaches_one_match",
            "A replace with a value filter and a sub-attribute sets it in the first of the values that match.",
            "RFC7644-3.5.2.3-15",
            aimed("replace", _SUBS),
            afterwards(_first_match_alone),
        ),
        Misstep(
            "replace_through_a_filter_drops_primary",
            "A replace with a value filter and a sub-attribute takes primary away from the matching value.",
            "RFC7644-3.5.2.3-16",
            aimed("replace", _VALUES + r"\.value"),
            afterwards(_drop_primary),
        ),
        Misstep(
            "replace_through_a_filter_changes_another_value",
            "A replace with a value filter and a sub-attribute takes the type away from a value that does not match.",
            "RFC7644-3.5.2.3-14",
            aimed("replace", _VALUES + r"\.value"),
            afterwards(_drop_a_type),
        ),
        Misstep(
            "replace_through_a_filter_is_refused",
            "A path with a value filter and a sub-attribute is refused.",
            "RFC7644-3.5.2-20 RFC7644-3.5.2.3-14 RFC7644-3.5.2.3-15 RFC7644-3.5.2.3-16 RFC7644-3.5.2-25",
            aimed("replace", _SUBS, when=_selects),
            refusal(400, "invalidPath"),
        ),
        Misstep(
            "replace_where_nothing_matches_does_nothing",
            "A replace whose value filter matches nothing answers with success.",
            "RFC7644-3.5.2.3-17 RFC7644-3.12-36",
            aimed("replace", _SUBS, when=lambda step: not _selects(step)),
            nothing,
        ),
        Misstep(
            "replace_where_nothing_matches_adds",
            "A replace whose value filter matches nothing creates a value.",
            "RFC7644-3.5.2.3-17 RFC7644-3.12-36",
            aimed("replace", _SUBS, when=lambda step: not _selects(step)),
            _append,
        ),
        Misstep(
            "replace_where_nothing_matches_says_invalid_value",
            "The error to a replace whose value filter matches nothing has scimType invalidValue.",
            "RFC7644-3.5.2.3-18 RFC7644-3.12-36",
            aimed("replace", _SUBS, when=lambda step: not _selects(step)),
            told_as("invalidValue"),
        ),
        Misstep(
            "names_in_capitals_in_a_path_are_refused",
            "A value filter in a path with names in capitals is refused.",
            "RFC7644-3.5.2-24",
            aimed("replace", r"EMAILS\[.*"),
            refusal(400, "invalidPath"),
        ),
        Misstep(
            "not_in_a_path_is_refused",
            "A value filter in a path with not and grouping is refused.",
            "RFC7644-3.5.2-25",
            aimed("replace", when=_uses_not),
            refusal(400, "invalidFilter"),
        ),
        Misstep(
            "remove_with_a_filter_takes_another_value",
            "A remove with a value filter takes the last of the other values, too.",
            "RFC7644-3.5.2.2-07",
            aimed("remove", _VALUES, when=_takes_one_of_two),
            afterwards(_and_the_last),
        ),
        Misstep(
            "remove_where_nothing_matches_takes_a_value",
            "A remove whose value filter matches nothing takes the last value.",
            "RFC7644-3.5.2.2-07",
            aimed("remove", _VALUES, when=lambda step: not _selects(step)),
            afterwards(_and_the_last),
        ),
        Misstep(
            "remove_regards_the_first_condition",
            "Of two conditions in the value filter of a remove only the first counts.",
            "RFC7644-3.5.2.2-08",
            aimed("remove", _VALUES),
            _by_the_first_condition,
        ),
        Misstep(
            "remove_takes_one_match",
            "A remove whose value filter matches several values takes the first of them.",
            "RFC7644-3.5.2.2-09",
            aimed("remove", _VALUES),
            _first_removed_alone,
        ),
        Misstep(
            "remove_leaves_the_last_value",
            "A remove of the last value leaves it.",
            "RFC7644-3.5.2.2-10",
            aimed("remove", _VALUES, when=_is_last),
            nothing,
        ),
        Misstep(
            "remove_of_a_sub_attribute_takes_the_value",
            "A remove of a sub-attribute through a value filter takes the whole value away.",
            "RFC7644-3.5.2.2-11",
            aimed("remove", _SUBS),
            lambda step: step.carried_out(path=str(step.path).rpartition(".")[0]),
        ),
    ]
)
