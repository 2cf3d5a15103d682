"""Faults of what a PATCH must refuse, of how it refuses, and of keeping all of it or nothing (RFC 7644 §3.5.2)."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.operations import (
    Misstep,
    Step,
    aimed,
    carried_out_as,
    nothing,
    on_message,
    on_operation,
    refusal,
    register_missteps,
    told_as,
    unless_it_fails,
)
from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_shown, wrap
from conformance.spec.errors import ScimError
from conformance.spec.messages import PATCH_OP
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Operations = list[dict[str, Any]]
    Read = Callable[[object], Operations]


# --- messages that are none -------------------------------------------------------------------------------------------


@fault("RFC7644-3.5.2-05")
def patch_without_schema_is_carried_out(tenant: ReferenceTenant) -> None:
    """A PATCH whose schemas does not name PatchOp is carried out."""

    def read(original: Read, body: object) -> Operations:
        return original({**body, "schemas": [PATCH_OP]} if isinstance(body, dict) else body)

    on_message(tenant, read)


def _leave_alone(tenant: ReferenceTenant, where: Callable[[object], bool]) -> None:
    on_message(tenant, lambda original, body: [] if where(body) else original(body))


def _lacks_operations(body: object) -> bool:
    return isinstance(body, dict) and "Operations" not in body


def _is_a_list(body: object) -> bool:
    return isinstance(body, list)


def _has_no_operation(body: object) -> bool:
    return isinstance(body, dict) and body.get("Operations") == []


for _name, _description, _breaks, _where in (
    ("without_operations", "without Operations", "RFC7644-3.5.2-06", _lacks_operations),
    ("with_no_operation", "whose Operations are empty", "RFC7644-3.5.2-07", _has_no_operation),
    ("as_a_list", "that is a bare list, as JSON Patch has it,", "RFC7644-3.5.2-11", _is_a_list),
):
    register(
        f"patch_{_name}_succeeds",
        (_breaks,),
        f"A PATCH {_description} answers with success.",
        partial(_leave_alone, where=_where),
    )


# --- all or nothing ---------------------------------------------------------------------------------------------------


@fault("RFC7644-3.5.2-35", "RFC7644-3.5.2-38")
def failed_patch_keeps_what_came_before(tenant: ReferenceTenant) -> None:
    """When the last operation of a PATCH fails, the error is answered and those before it are kept."""

    def apply_patch(
        original: Callable[..., dict[str, Any]], body: Any, resource_type: ResourceType, stored: Record, base: str
    ) -> dict[str, Any]:
        try:
            return original(body, resource_type, stored, base)
        except ScimError:
            operations = lookup(body, "Operations")
            if isinstance(operations, list) and len(operations) > 1:
                kept = original({**body, "Operations": operations[:-1]}, resource_type, stored, base)
                tenant.store.replace(tenant.rules.next_state(stored, kept))
            raise

    wrap(tenant.rules, "apply_patch", apply_patch)


@fault("RFC7644-3.5.2-36", "RFC7644-3.5.2-35", "RFC7644-3.5.2-38")
def failing_operation_is_passed_over(tenant: ReferenceTenant) -> None:
    """An operation that fails among others is passed over: the PATCH succeeds and the others are kept."""
    on_operation(tenant, lambda step: step.among > 1, unless_it_fails)


@fault("RFC7644-3.5.2-36")
def patch_that_fails_answers_with_success(tenant: ReferenceTenant) -> None:
    """A PATCH in which one of several operations fails is undone and answered with success."""

    def operate(
        original: Callable[..., dict[str, Any]], document: dict[str, Any], operations: Operations, *more: Any
    ) -> dict[str, Any]:
        try:
            return original(document, operations, *more)
        except ScimError:
            if len(operations) == 1:
                raise
            return document

    wrap(tenant.rules, "operate", operate)


# --- what is readOnly -------------------------------------------------------------------------------------------------


def _write_over(tenant: ReferenceTenant, path: str, name: str) -> None:
    """Show what a PATCH wrote at ``path`` as the value of ``name``."""
    written: dict[str, Any] = {}

    def remember(step: Step) -> dict[str, Any]:
        written[step.document["id"]] = step.value
        return step.document

    def show(resource: dict[str, Any]) -> None:
        whole, _, sub = name.partition(".")
        if resource.get("id") in written and whole in resource:
            target = resource[whole] if sub else resource
            target[sub or whole] = written[resource["id"]]

    on_operation(tenant, aimed("replace", path), remember)
    on_shown(tenant, show)


for _path, _shown, _breaks in (
    ("id", "id", "RFC7644-3.5.2-26 RFC7643-3.1-13 RFC7643-7-24"),
    ("ID", "id", "RFC7643-2.1-03"),
    (r"meta\.resourceType", "meta.resourceType", "RFC7644-3.5.2-26"),
):
    register(
        f"patch_writes_{_shown.replace('.', '_')}{'_in_capitals' if _path == 'ID' else ''}",
        tuple(_breaks.split()),
        f"A replace of {_path.replace(chr(92), '')}, which is readOnly, changes what is shown.",
        partial(_write_over, path=_path, name=_shown),
    )


# --- single operations ------------------------------------------------------------------------------------------------


def _without_value(step: Step) -> bool:
    return "value" not in step.sent


def _by_index(step: Step) -> dict[str, Any]:
    document = deepcopy(step.document)
    for element in document.get("emails", [])[:1]:
        element["value"] = step.value
    return document


def _nameless(step: Step) -> dict[str, Any]:
    return {name: value for name, value in step.document.items() if name != "displayName"}


register_missteps(
    [
        Misstep(
            "operation_without_op_is_a_replace",
            "An operation without op is carried out as a replace.",
            "RFC7644-3.5.2-08",
            aimed(""),
            carried_out_as(op="replace"),
        ),
        Misstep(
            "unknown_op_is_a_replace",
            "An op that does not exist is carried out as a replace.",
            "RFC7644-3.5.2-09",
            aimed("upsert"),
            carried_out_as(op="replace"),
        ),
        Misstep(
            "json_patch_test_succeeds",
            "An operation test, which only JSON Patch has, answers with success.",
            "RFC7644-3.5.2-04",
            aimed("test"),
            nothing,
        ),
        Misstep(
            "json_patch_move_is_an_add",
            "An operation move, which only JSON Patch has, is carried out as an add.",
            "RFC7644-3.5.2-04",
            aimed("move"),
            carried_out_as(op="add"),
        ),
        Misstep(
            "add_without_value_succeeds",
            "An add without value answers with success.",
            "RFC7644-3.5.2.1-01",
            aimed("add", when=_without_value),
            nothing,
        ),
        Misstep(
            "remove_without_path_succeeds",
            "A remove without path answers with success and removes nothing.",
            "RFC7644-3.5.2.2-01 RFC7644-3.5.2-14",
            aimed("remove", None),
            nothing,
        ),
        Misstep(
            "remove_without_path_clears_the_name",
            "A remove without path answers with success and takes the displayName away.",
            "RFC7644-3.5.2-14 RFC7644-3.5.2.2-01",
            aimed("remove", None),
            _nameless,
        ),
        Misstep(
            "remove_without_path_answers_422",
            "A remove without path is refused with 422.",
            "RFC7644-3.5.2.2-01",
            aimed("remove", None),
            refusal(422, "noTarget"),
        ),
        Misstep(
            "remove_without_path_says_invalid_path",
            "The error to a remove without path has scimType invalidPath.",
            "RFC7644-3.5.2.2-02",
            aimed("remove", None),
            told_as("invalidPath"),
        ),
        Misstep(
            "replace_with_an_empty_object_succeeds",
            "A replace without path whose value is an empty object answers with success.",
            "RFC7644-3.5.2.3-02",
            aimed("replace", None, when=lambda step: step.value == {}),
            nothing,
        ),
        Misstep(
            "index_in_a_path_is_carried_out",
            "An index in a path picks a value, as in JSON Patch.",
            "RFC7644-3.5.2-03",
            aimed("replace", r"emails\[0\]\.value"),
            _by_index,
        ),
        Misstep(
            "open_bracket_in_a_path_succeeds",
            "A path whose bracket is never closed answers with success.",
            "RFC7644-3.5.2-15",
            aimed("replace", r"[^\]]*\[[^\]]*"),
            nothing,
        ),
        Misstep(
            "wrong_path_says_invalid_value",
            "The error to a path with an empty segment has scimType invalidValue.",
            "RFC7644-3.5.2-15 RFC7644-3.12-35",
            aimed("replace", r".*\.\..*"),
            told_as("invalidValue"),
        ),
        Misstep(
            "unknown_attribute_in_a_path_succeeds",
            "A path that names an attribute of no schema answers with success.",
            "RFC7644-3.5.2-16",
            aimed("replace", "noSuchAttribute"),
            nothing,
        ),
        Misstep(
            "replace_of_id_succeeds",
            "A replace of id answers with success and changes nothing.",
            "RFC7644-3.5.2-26 RFC7643-7-24",
            aimed("replace", "id"),
            nothing,
        ),
        Misstep(
            "remove_of_id_succeeds",
            "A remove of id answers with success and removes nothing.",
            "RFC7644-3.5.2.2-15",
            aimed("remove", "id"),
            nothing,
        ),
        Misstep(
            "remove_of_id_says_invalid_path",
            "The error to a remove of id has scimType invalidPath.",
            "RFC7644-3.5.2.2-15",
            aimed("remove", "id"),
            told_as("invalidPath"),
        ),
        Misstep(
            "remove_of_user_name_succeeds",
            "A remove of userName, which is required, answers with success and removes nothing.",
            "RFC7644-3.5.2.2-12",
            aimed("remove", "userName"),
            nothing,
        ),
        Misstep(
            "remove_of_user_name_says_invalid_value",
            "The error to a remove of userName, which is required, has scimType invalidValue.",
            "RFC7644-3.5.2.2-13",
            aimed("remove", "userName"),
            told_as("invalidValue"),
        ),
        Misstep(
            "text_for_a_boolean_succeeds",
            "A replace of active with a text answers with success.",
            "RFC7644-3.5.2-29",
            aimed("replace", "active", when=lambda step: isinstance(step.value, str)),
            nothing,
        ),
        Misstep(
            "object_for_a_text_is_stored_as_text",
            "A replace of displayName with an object stores the object as a text.",
            "RFC7644-3.5.2-29",
            aimed("replace", "displayName", when=lambda step: isinstance(step.value, dict)),
            lambda step: step.carried_out(value=str(step.value)),
        ),
        Misstep(
            "text_for_a_complex_attribute_succeeds",
            "An add of a text to name answers with success.",
            "RFC7644-3.5.2.1-08",
            aimed("add", "name", when=lambda step: isinstance(step.value, str)),
            nothing,
        ),
        Misstep(
            "number_for_a_complex_attribute_succeeds",
            "A replace of name with a number answers with success.",
            "RFC7644-3.5.2.3-10",
            aimed("replace", "name", when=lambda step: isinstance(step.value, int)),
            nothing,
        ),
    ]
)
