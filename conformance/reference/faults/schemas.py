"""Faults of the schemas and attribute definitions that /Schemas serves (RFC 7643 §2, §3.3, §7, §10)."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    at,
    change_value,
    each_resource,
    on_answer,
    on_body,
    on_definition,
    on_discovery,
    on_kept,
    wrap,
)
from conformance.spec.errors import invalid_value
from conformance.spec.messages import LIST_RESPONSE
from conformance.spec.schema import SCHEMA, Attribute

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

_BADGE = "urn:example:params:scim:schemas:2.0:Badge"
_NICK_NAME = "RFC7643-8.7.1-10"  # as the RFC prints its definition
_TIMEZONE = "RFC7643-8.7.1-16"
_HIDDEN_VALUES = ("Employee", "Contractor", "Intern")


# Definitions with a wrong member


def _set(document: dict[str, Any], key: str, value: object) -> None:
    if value is None:
        del document[key]
    else:
        document[key] = value


def _define(tenant: ReferenceTenant, path: str, **members: Any) -> None:
    """Let /Schemas define an attribute with other members; None leaves one out."""

    def change(entry: dict[str, Any]) -> None:
        for key, value in members.items():
            _set(entry, key, value)

    on_definition(tenant, path, change)


_WRONG: tuple[tuple[str, str, dict[str, Any], tuple[str, ...], str], ...] = (
    ("keyword_is_quoted", "User:nickName", {"returned": '"default"'},
     ("RFC7643-1.1-01", "RFC7643-7-29", _NICK_NAME), "with returned in quotation marks of its own"),
    ("type_unknown", "User:nickName", {"type": "text"},
     ("RFC7643-7-10", "RFC7643-2.3-01", _NICK_NAME), 'with the type "text"'),
    ("boolean_is_case_exact", "User:active", {"caseExact": True}, ("RFC7643-2.3.2-03",), "as a case-exact boolean"),
    ("binary_is_unique", "User:x509Certificates.value", {"uniqueness": "server"},
     ("RFC7643-2.3.6-04", "RFC7643-8.7.1-63"), "as a unique binary value"),
    ("reference_to_nothing", "User:profileUrl", {"referenceTypes": None},
     ("RFC7643-2.3.7-04",), "as a reference without referenceTypes"),
    ("complex_is_case_exact", "User:name", {"caseExact": True},
     ("RFC7643-2.3.8-04",), "as a case-exact complex attribute"),
    ("multi_valued_is_text", "User:nickName", {"multiValued": "false"},
     ("RFC7643-7-13",), 'with multiValued as the text "false"'),
    ("multi_valued_unstated", "EnterpriseUser:division", {"multiValued": None},
     ("RFC7643-7-13", "RFC7643-3.3-05", "RFC7644-3.1-03"), "without multiValued"),
    ("attribute_lacks_description", "User:nickName", {"description": None}, ("RFC7643-7-14",), "without description"),
    ("required_is_text", "User:nickName", {"required": "false"},
     ("RFC7643-7-15",), 'with required as the text "false"'),
    ("case_exact_is_text", "User:nickName", {"caseExact": "false"},
     ("RFC7643-7-19",), 'with caseExact as the text "false"'),
    ("mutability_unknown", "User:nickName", {"mutability": "read-write"},
     ("RFC7643-7-23", _NICK_NAME), 'with the mutability "read-write"'),
    ("returned_unknown", "User:nickName", {"returned": "onRequest"},
     ("RFC7643-7-29", _NICK_NAME), 'with returned "onRequest"'),
    ("uniqueness_unknown", "User:nickName", {"uniqueness": "unique"},
     ("RFC7643-7-37", _NICK_NAME), 'with the uniqueness "unique"'),
    ("uniqueness_unstated", "User:nickName", {"uniqueness": None}, ("RFC7644-3.1-03",), "without uniqueness"),
    ("reference_type_unknown", "User:groups.$ref", {"referenceTypes": ["Team"]},
     ("RFC7643-7-40",), "as a reference to a resource type that does not exist"),
    ("text_has_reference_types", "User:nickName", {"referenceTypes": ["external"]},
     ("RFC7643-7-41",), "as a string with referenceTypes"),
)  # fmt: skip
for _name, _path, _members, _breaks, _how in _WRONG:
    register(_name, _breaks, f"/Schemas defines {_path} {_how}.", partial(_define, path=_path, **_members))


# Definitions that should not be there


def _define_also(tenant: ReferenceTenant, schema: str, **members: Any) -> None:
    """Let a schema have one more attribute, which nobody but the tenant may write."""
    entry = {name: value for name, value in (_VALUE | {"name": None} | members).items() if value is not None}

    def change(served: dict[str, Any]) -> None:
        if served["name"] == schema:
            served["attributes"].append(deepcopy(entry))

    on_discovery(tenant, "schemas", change)


_COMPLEX = {"type": "complex", "caseExact": None, "uniqueness": None}
_VALUE = Attribute("value", description="A value.", mutability="readOnly").to_scim()
_NESTED = {**_VALUE, "name": "inner", "type": "complex", "subAttributes": [_VALUE]}
_SURPLUS: tuple[tuple[str, str, dict[str, Any], tuple[str, ...], str], ...] = (
    ("attribute_name_has_a_space", "User", {"name": "badge number"}, ("RFC7643-2.1-05",), 'the name "badge number"'),
    ("names_differ_in_case_only", "User", {"name": "nickname"}, ("RFC7643-2.1-06",), "the name nickname, too"),
    ("attribute_is_nameless", "User", {}, ("RFC7643-7-09",), "no name"),
    ("text_has_sub_attributes", "User", {"name": "badge", "subAttributes": [_VALUE]}, ("RFC7643-1.2-01",),
     "the type string and subAttributes"),
    ("complex_lacks_sub_attributes", "User", {"name": "badge", **_COMPLEX}, ("RFC7643-7-11",),
     "the type complex and no subAttributes"),
    ("sub_attribute_is_complex", "User", {"name": "badge", **_COMPLEX, "subAttributes": [_NESTED]},
     ("RFC7643-1.2-04", "RFC7643-2.3.8-03"), "a sub-attribute that is complex itself"),
    ("sub_attributes_are_names", "User", {"name": "badge", **_COMPLEX, "subAttributes": ["value"]},
     ("RFC7643-7-12",), "the mere names of its subAttributes"),
    ("extension_defines_title_anew", "EnterpriseUser", {"name": "title"}, ("RFC7643-3.3-04",),
     "the name title, which User has"),
    ("extension_name_is_not_camel_case", "EnterpriseUser", {"name": "Badge_Number"}, ("RFC7643-3.3-05",),
     "a name that is not camelCase"),
)  # fmt: skip
for _name, _path, _members, _breaks, _how in _SURPLUS:
    _description = f"An attribute of the {_path} schema has {_how}."
    register(_name, _breaks, _description, partial(_define_also, schema=_path, **_members))


# Schemas


def _change_group(tenant: ReferenceTenant, change: Callable[[dict[str, Any]], object]) -> None:
    on_discovery(tenant, "schemas", lambda served: change(served) if served["name"] == "Group" else None)


for _name, _breaks, _key, _value in (
    ("schema_lacks_its_schema", ("RFC7643-7-03", "RFC7643-3-03"), "schemas", None),
    ("schema_lacks_name", ("RFC7643-7-06", "RFC7643-8.7.2-15"), "name", None),
    ("schema_lacks_description", ("RFC7643-7-07",), "description", None),
    ("schema_name_is_no_text", ("RFC7643-7-06", "RFC7643-8.7.2-15"), "name", ["Group"]),
    ("schema_description_is_no_text", ("RFC7643-7-07", "RFC7643-8.7.2-16"), "description", ["Groups"]),
):
    register(
        _name,
        _breaks,
        f"The Group schema has {'no' if _value is None else 'a list as its'} {_key}.",
        partial(
            _change_group,
            change=partial(_set, key=_key, value=_value),
        ),
    )


def _serve_also(tenant: ReferenceTenant, **members: Any) -> None:
    """Let /Schemas have one more schema, which no resource type has."""
    attribute = {**_VALUE, "name": "number"}
    plain = {"schemas": [SCHEMA], "id": _BADGE, "name": "Badge", "description": "A badge.", "attributes": [attribute]}

    def schemas(original: Callable[[str], list[dict[str, Any]]], base: str) -> list[dict[str, Any]]:
        served = {name: value for name, value in deepcopy(plain | members).items() if value is not None}
        meta = {"resourceType": "Schema", "location": f"{base}/Schemas/{served['id']}"}
        return [*original(base), {**served, "meta": meta}]

    wrap(tenant.discovery, "schemas", schemas)


_MORE: tuple[tuple[str, dict[str, Any], tuple[str, ...], str], ...] = (
    ("schema_id_is_no_uri", {"id": "Badge"}, ("RFC7643-7-04",), "whose id is no URI"),
    ("schema_lacks_attributes", {"attributes": None}, ("RFC7643-7-08", "RFC7643-8.7.2-17"), "without attributes"),
    ("schema_claims_the_namespace_of_the_ietf", {"id": "urn:ietf:params:scim:schemas:extension:badge:2.0:Badge"},
     ("RFC7643-10.4-01",), "in the namespace of the IETF, where it is not registered"),
    ("message_schema_is_served", {"id": LIST_RESPONSE, "name": "ListResponse"}, ("RFC7644-3.1-05",),
     "for the message ListResponse"),
)  # fmt: skip
for _name, _members, _breaks, _how in _MORE:
    register(_name, _breaks, f"/Schemas serves a schema {_how}.", partial(_serve_also, **_members))


@fault("RFC7643-8.7.2-14", "RFC7643-7-04")
def schema_lacks_id(tenant: ReferenceTenant) -> None:
    """/Schemas lists a schema without an id."""
    _serve_also(tenant)
    change = each_resource(lambda served: served["name"] == "Badge" and served.pop("id"))
    on_answer(tenant, change, method="GET", status=200, where=at("Schemas"))


@fault("RFC7643-7-05")
def schemas_share_an_id(tenant: ReferenceTenant) -> None:
    """/Schemas lists the Group schema twice."""
    wrap(tenant.discovery, "schemas", lambda original, base: [*original(base), original(base)[-1]])


# Definitions that are not true


@fault("RFC7643-2.2-02", "RFC7643-4.1.1-19")
def user_type_has_a_hidden_list(tenant: ReferenceTenant) -> None:
    """A userType is refused unless it is in a list that no schema publishes."""

    def change(body: dict[str, Any]) -> None:
        if body.get("userType") not in {None, *_HIDDEN_VALUES}:
            raise invalid_value("This userType is unknown here")

    on_body(tenant, change)


@fault("RFC7643-2.2-01", "RFC7643-1.1-02", "RFC7644-3.1-03", "RFC7644-3.3-01")
def unstated_required_means_required(tenant: ReferenceTenant) -> None:
    """The definition of title does not say whether it is required, and a create without it is refused."""
    _define(tenant, "User:title", required=None)

    def change(body: dict[str, Any]) -> None:
        if not any(name.lower() == "title" for name in body):
            raise invalid_value("title is missing")

    on_body(tenant, change, method="POST")


@fault("RFC7643-2.2-04", "RFC7644-3.1-03", "RFC7643-7-25")
def unstated_mutability_means_read_only(tenant: ReferenceTenant) -> None:
    """The definition of timezone states no mutability, and what a create sends for it is dropped."""
    _define(tenant, "User:timezone", mutability=None)
    on_kept(tenant, lambda kept, _: kept.pop("timezone", None), method="POST")


@fault("RFC7643-2.2-05", "RFC7644-3.1-03", "RFC7643-7-25")
def unstated_returned_means_never(tenant: ReferenceTenant) -> None:
    """The definition of timezone states no returned, and a new user is shown without it."""
    _define(tenant, "User:timezone", returned=None)
    on_kept(tenant, lambda kept, _: kept.pop("timezone", None), method="POST")


@fault("RFC7643-2.2-07", "RFC7643-2.3.1-01", _TIMEZONE)
def unstated_type_means_number(tenant: ReferenceTenant) -> None:
    """The definition of timezone states no type, and a new user has a number there."""
    _define(tenant, "User:timezone", type=None)
    on_kept(tenant, lambda kept, _: change_value(kept, "timezone", lambda _: 60), method="POST")


@fault("RFC7643-3.1-04", "RFC7643-3.1-13", "RFC7644-3.5.1-13")
def listed_id_may_be_written(tenant: ReferenceTenant) -> None:
    """The User schema lists id as readWrite, and a PUT answers with the id that the client sent."""
    _define_also(tenant, "User", name="id", mutability="readWrite")

    def change(request: Request, response: Response) -> None:
        sent = request.json(tenant.rules.max_body).get("id")
        if response.document and sent:
            response.document["id"] = sent

    on_answer(tenant, change, method="PUT", status=200, where=at("Users"))
