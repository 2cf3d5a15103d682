"""Faults of single-valued attributes in a PATCH: singular, complex, of an extension (RFC 7644 §3.5.2.1-3.5.2.3)."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.operations import (
    Misstep,
    Step,
    afterwards,
    aimed,
    nothing,
    on_patched,
    refusal,
    register_missteps,
)
from conformance.reference.faults.registry import fault
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant

_URN = re.escape(ENTERPRISE_USER)
_DEPARTMENT = f"{ENTERPRISE_USER}:department"


# --- complex attributes -----------------------------------------------------------------------------------------------


def _is_object(step: Step) -> bool:
    return isinstance(step.value, dict)


def _only_what_is_given(step: Step, document: dict[str, Any]) -> None:
    name = document.get("name", {})
    document["name"] = {sub: value for sub, value in name.items() if sub in step.value}


def _only_what_was_there(step: Step, document: dict[str, Any]) -> None:
    before = step.document.get("name", {})
    document["name"] = {sub: value for sub, value in document.get("name", {}).items() if sub in before}


def _keep_the_last(step: Step, document: dict[str, Any]) -> None:
    for name, value in list(step.document.get("name", {}).items())[-1:]:
        document["name"] = {name: value}


def _without_siblings(_: Step, document: dict[str, Any]) -> None:
    document.pop("name", None)


def _nameless(step: Step) -> bool:
    return "name" not in step.document


# --- extensions -------------------------------------------------------------------------------------------------------


def _extends(step: Step) -> bool:
    return isinstance(step.value, dict) and ENTERPRISE_USER in step.value


def _only_what_is_listed(step: Step, document: dict[str, Any]) -> None:
    document[ENTERPRISE_USER] = deepcopy(step.value[ENTERPRISE_USER])


def _is_first_value(operations: list[dict[str, Any]], before: Record) -> bool:
    return [operation.get("path") for operation in operations] == [
        _DEPARTMENT
    ] and ENTERPRISE_USER not in before.attributes


@fault("RFC7644-3.5.2.1-21", "RFC7644-3.5.2-22")
def add_by_urn_stores_outside_the_extension(tenant: ReferenceTenant) -> None:
    """The first value of an extension, added by its URN path, is stored under that path as a key of the resource."""

    def misplace(kept: dict[str, Any], operations: list[dict[str, Any]], before: Record) -> None:
        if _is_first_value(operations, before) and ENTERPRISE_USER in kept:
            kept[_DEPARTMENT] = kept.pop(ENTERPRISE_USER)["department"]
            kept["schemas"] = list(before.attributes["schemas"])

    on_patched(tenant, misplace)


@fault("RFC7644-3.5.2-30")
def first_value_leaves_schemas(tenant: ReferenceTenant) -> None:
    """When a PATCH sets the first value of an extension, its URI does not appear in schemas."""

    def forget(kept: dict[str, Any], operations: list[dict[str, Any]], before: Record) -> None:
        if _is_first_value(operations, before):
            kept["schemas"] = list(before.attributes["schemas"])

    on_patched(tenant, forget)


@fault("RFC7644-3.5.2.2-24")
def emptied_extension_keeps_its_data(tenant: ReferenceTenant) -> None:
    """When a PATCH removes the last value of an extension, its URI leaves schemas and its data stays."""

    def keep(kept: dict[str, Any], operations: list[dict[str, Any]], before: Record) -> None:
        data = before.attributes.get(ENTERPRISE_USER)
        if data and ENTERPRISE_USER not in kept and len(operations) == 1:
            kept[ENTERPRISE_USER] = data

    on_patched(tenant, keep)


def _is_in_another_case(step: Step) -> bool:
    return step.path is not None and step.path != step.path.lower() and ENTERPRISE_USER.upper() in step.path


register_missteps(
    [
        Misstep(
            "add_of_an_absent_value_does_nothing",
            "An add to a singular attribute that has no value stores nothing.",
            "RFC7644-3.5.2.1-05",
            aimed("add", "nickName", assigned=False),
            nothing,
        ),
        Misstep(
            "add_of_a_present_value_does_nothing",
            "An add to a singular attribute that has a value leaves it.",
            "RFC7644-3.5.2.1-13",
            aimed("add", "title", assigned=True),
            nothing,
        ),
        Misstep(
            "replace_of_a_present_value_does_nothing",
            "A replace of a singular attribute that has a value leaves it.",
            "RFC7644-3.5.2.3-05 RFC9967-2.5.1.1-07",
            aimed("replace", "title", assigned=True),
            nothing,
        ),
        Misstep(
            "replace_of_an_absent_value_is_refused",
            "A replace of an attribute that has no value is refused with noTarget.",
            "RFC7644-3.5.2.3-08",
            aimed("replace", "nickName", assigned=False),
            refusal(400, "noTarget"),
        ),
        Misstep(
            "remove_of_a_value_does_nothing",
            "A remove of a singular attribute leaves its value.",
            "RFC7644-3.5.2.2-03",
            aimed("remove", "title"),
            nothing,
        ),
        Misstep(
            "replace_of_a_group_does_nothing",
            "A replace of an attribute of a Group stores nothing.",
            "RFC7644-3.5.2-48 RFC7644-3.5.2.3-05",
            aimed("replace", "displayName", of="Group"),
            nothing,
        ),
        Misstep(
            "replace_of_a_sub_attribute_does_nothing",
            "A replace of a sub-attribute that has a value leaves it.",
            "RFC7644-3.5.2-18",
            aimed("replace", r"name\.honorificPrefix", assigned=True),
            nothing,
        ),
        Misstep(
            "add_of_a_present_sub_attribute_does_nothing",
            "An add to a sub-attribute that has a value leaves it.",
            "RFC7644-3.5.2.1-14",
            aimed("add", r"name\.honorificPrefix", assigned=True),
            nothing,
        ),
        Misstep(
            "add_of_the_first_sub_attribute_does_nothing",
            "An add to a sub-attribute of an unset complex attribute stores nothing.",
            "RFC7644-3.5.2.1-07",
            aimed("add", r"name\.givenName", when=_nameless),
            nothing,
        ),
        Misstep(
            "replace_of_the_first_sub_attribute_does_nothing",
            "A replace of a sub-attribute of an unset complex attribute stores nothing.",
            "RFC7644-3.5.2.3-09",
            aimed("replace", r"name\.formatted", when=_nameless),
            nothing,
        ),
        Misstep(
            "add_of_an_object_does_nothing",
            "An add of an object to a complex attribute leaves its sub-attributes.",
            "RFC7644-3.5.2.1-08 RFC7644-3.5.2.1-14",
            aimed("add", "name", when=_is_object),
            nothing,
        ),
        Misstep(
            "add_of_an_object_drops_the_others",
            "An add of some sub-attributes to a complex attribute takes its others away.",
            "RFC7644-3.5.2.1-09",
            aimed("add", "name", when=_is_object),
            afterwards(_only_what_is_given),
        ),
        Misstep(
            "replace_of_an_object_drops_the_others",
            "A replace of some sub-attributes of a complex attribute takes its others away.",
            "RFC7644-3.5.2.3-12",
            aimed("replace", "name", when=_is_object),
            afterwards(_only_what_is_given),
        ),
        Misstep(
            "replace_of_an_object_adds_nothing",
            "A replace of a complex attribute does not add the sub-attributes that were missing.",
            "RFC7644-3.5.2.3-11",
            aimed("replace", "name", when=_is_object),
            afterwards(_only_what_was_there),
        ),
        Misstep(
            "remove_of_a_sub_attribute_takes_its_siblings",
            "A remove of a sub-attribute takes the whole complex attribute away.",
            "RFC7644-3.5.2.2-04",
            aimed("remove", r"name\.givenName", alone=True),
            afterwards(_without_siblings),
        ),
        Misstep(
            "remove_of_a_complex_attribute_leaves_a_part",
            "A remove of a complex attribute leaves one of its sub-attributes.",
            "RFC7644-3.5.2.2-05",
            aimed("remove", "name"),
            afterwards(_keep_the_last),
        ),
        Misstep(
            "replace_by_urn_does_nothing",
            "A replace by URN path leaves the value that is there.",
            "RFC7644-3.5.2.3-20 RFC7644-3.5.2.3-05",
            aimed("replace", _URN + ":department", assigned=True),
            nothing,
        ),
        Misstep(
            "remove_by_urn_does_nothing",
            "A remove by URN path leaves the value.",
            "RFC7644-3.5.2.2-23 RFC7644-3.5.2.2-03",
            aimed("remove", _URN + ":department"),
            nothing,
        ),
        Misstep(
            "urn_in_capitals_is_refused",
            "A URN path in another letter case is refused.",
            "RFC7644-3.5.2-24",
            aimed("replace", when=_is_in_another_case),
            refusal(400, "invalidPath"),
        ),
        Misstep(
            "sub_attribute_by_urn_is_refused",
            "A URN path to a sub-attribute is refused.",
            "RFC7644-3.5.2-23",
            aimed("add", _URN + r":manager\.value"),
            refusal(400, "invalidPath"),
        ),
        Misstep(
            "add_without_path_drops_the_rest_of_an_extension",
            "An add without path takes away the attributes of an extension that it does not list.",
            "RFC7644-3.5.2.1-04",
            aimed("add", None, when=_extends),
            afterwards(_only_what_is_listed),
        ),
        Misstep(
            "replace_without_path_drops_the_rest_of_an_extension",
            "A replace without path takes away the attributes of an extension that it does not list.",
            "RFC7644-3.5.2.3-21",
            aimed("replace", None, when=_extends),
            afterwards(_only_what_is_listed),
        ),
    ]
)
