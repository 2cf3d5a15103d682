"""Faults of whole multi-valued attributes in a PATCH (RFC 7644 §3.5.2.1-3.5.2.3)."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from conformance.reference.faults.operations import (
    Misstep,
    Step,
    afterwards,
    aimed,
    carried_out_as,
    nothing,
    on_patched,
    refusal,
    register_missteps,
)
from conformance.reference.faults.registry import fault
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from conformance.reference.faults.operations import Document
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant


@fault("RFC7644-3.5.2.1-15", "RFC7644-3.5.2.1-16")
def add_of_a_value_that_is_there_makes_a_duplicate(tenant: ReferenceTenant) -> None:
    """An add of a value that the attribute already holds puts it there once more."""

    def repeat(kept: Document, operations: list[Document], before: Record) -> None:
        added = [o.get("value") for o in operations if (o.get("op"), o.get("path")) == ("add", "emails")]
        for value in (value for values in added if isinstance(values, list) for value in values):
            there = [e for e in before.attributes.get("emails", []) if e.get("value") == lookup(value, "value")]
            kept["emails"] = kept.get("emails", []) + deepcopy(there)

    on_patched(tenant, repeat)


def _has_emails(step: Step) -> bool:
    return isinstance(step.value, dict) and "emails" in step.value


def _first_of(step: Step) -> Document:
    return step.carried_out(value=step.value[:1])


def _is_list(step: Step) -> bool:
    return isinstance(step.value, list) and len(step.value) > 1


def _set_anew(step: Step, document: Document) -> None:
    document["emails"] = deepcopy(step.value["emails"])


register_missteps(
    [
        Misstep(
            "add_to_an_absent_list_does_nothing",
            "An add to a multi-valued attribute that has no values stores nothing.",
            "RFC7644-3.5.2.1-06",
            aimed("add", "ims", assigned=False),
            nothing,
        ),
        Misstep(
            "add_to_a_list_replaces_it",
            "An add to a multi-valued attribute takes the stored values away.",
            "RFC7644-3.5.2.1-10",
            aimed("add", "ims", assigned=True),
            carried_out_as(op="replace"),
        ),
        Misstep(
            "add_of_an_array_adds_its_first_value",
            "Of an array of values an add stores the first one only.",
            "RFC7644-3.5.2.1-11",
            aimed("add", "emails", when=_is_list),
            _first_of,
        ),
        Misstep(
            "add_of_an_object_to_a_list_does_nothing",
            "An add of a single object to a multi-valued attribute answers with success and stores nothing.",
            "RFC7644-3.5.2.1-12",
            aimed("add", "emails", when=lambda step: isinstance(step.value, dict)),
            nothing,
        ),
        Misstep(
            "add_of_a_value_that_is_there_is_refused",
            "An add of a value that the attribute already holds is refused.",
            "RFC7644-3.5.2.1-15",
            aimed("add", "emails", when=lambda step: step.carried_out() == step.document),
            refusal(409),
        ),
        Misstep(
            "add_without_path_does_nothing",
            "An add without path answers with success and stores nothing.",
            "RFC7644-3.5.2.1-02 RFC7644-3.5.2-12",
            aimed("add", None, when=_has_emails),
            nothing,
        ),
        Misstep(
            "add_without_path_is_refused",
            "An add without path is refused.",
            "RFC7644-3.5.2-12 RFC7644-3.5.2.1-02 RFC7644-3.5.2.1-03 RFC7644-3.5.2.1-04",
            aimed("add", None),
            refusal(400, "invalidPath"),
        ),
        Misstep(
            "add_without_path_replaces_the_values",
            "An add without path takes the stored values of a multi-valued attribute away.",
            "RFC7644-3.5.2.1-03",
            aimed("add", None, when=_has_emails),
            afterwards(_set_anew),
        ),
        Misstep(
            "replace_of_a_list_adds_to_it",
            "A replace of a multi-valued attribute leaves the old values beside the new.",
            "RFC7644-3.5.2.3-06",
            aimed("replace", "ims", assigned=True),
            carried_out_as(op="add"),
        ),
        Misstep(
            "replace_without_path_adds_to_a_list",
            "A replace without path leaves the old values of a multi-valued attribute.",
            "RFC7644-3.5.2.3-04",
            aimed("replace", None, when=_has_emails),
            carried_out_as(op="add"),
        ),
        Misstep(
            "remove_of_a_list_does_nothing",
            "A remove of a multi-valued attribute leaves its values.",
            "RFC7644-3.5.2.2-06",
            aimed("remove", "ims"),
            nothing,
        ),
        Misstep(
            "remove_of_no_values_answers_500",
            "A remove of a multi-valued attribute that has no values answers 500.",
            "RFC7644-3.5.2.2-22",
            aimed("remove", "emails", assigned=False),
            refusal(500),
        ),
    ]
)
