"""Faults by which Microsoft Entra ID, Okta and other clients fail, although the RFCs allow most of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.operations import (
    Misstep,
    Step,
    afterwards,
    aimed,
    carried_out_as,
    nothing,
    refusal,
    register_missteps,
)
from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import on_answer, on_body, on_definition, resources, set_error, wrap
from conformance.reference.messages import Refused
from conformance.spec.errors import invalid_value
from conformance.spec.schema import ENTERPRISE_USER, GROUP

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

_MANAGER = f"{ENTERPRISE_USER}:manager"
_NUMBER = r"phoneNumbers\[.*\]\.value"


def _refuse_without(tenant: ReferenceTenant, header: str, status: int) -> None:
    def authenticate(original: Callable[[Request], None], request: Request) -> None:
        if header not in request.headers:
            raise Refused("The request was blocked", status=status)
        original(request)

    wrap(tenant.rules, "authenticate", authenticate)


@fault("ENTRA-01", "ENTRA-03", "ENTRA-04", "ENTRA-05", "ENTRA-20")
def a_firewall_demands_a_user_agent(tenant: ReferenceTenant) -> None:
    """A request without User-Agent is answered with 403."""
    _refuse_without(tenant, "user-agent", 403)


@fault("ENTRA-02", "ENTRA-03", "ENTRA-04", "ENTRA-05", "ENTRA-20", "RFC7644-3.8-06")
def a_request_must_name_what_it_accepts(tenant: ReferenceTenant) -> None:
    """A request without Accept is answered with 406."""
    _refuse_without(tenant, "accept", 406)


@fault("ENTRA-03", "ENTRA-04", "ENTRA-05", "ENTRA-20")
def a_plus_is_no_space(tenant: ReferenceTenant) -> None:
    """A plus sign in a query is taken for itself."""

    def query(original: Callable[..., Response], resource_type: ResourceType | None, request: Request) -> Response:
        return original(resource_type, replace(request, query=request.query.replace(b"+", b"%2B")))

    wrap(tenant.finder, "query", query)


def _finds_nothing(endpoint: str) -> Callable[[Request, Response], bool]:
    def test(request: Request, response: Response) -> bool:
        nothing_found = (response.document or {}).get("totalResults") == 0
        return nothing_found and request.segments[-1] == endpoint and "user-agent" not in request.headers

    return test


@fault("ENTRA-04")
def nobody_is_not_found(tenant: ReferenceTenant) -> None:
    """A client that does not name itself gets 404 for a look-up that finds no user."""
    on_answer(tenant, set_error(404), method="GET", where=_finds_nothing("Users"))


@fault("ENTRA-05")
def no_group_is_not_found(tenant: ReferenceTenant) -> None:
    """A client that does not name itself gets 404 for a look-up that finds no group."""
    on_answer(tenant, set_error(404), method="GET", where=_finds_nothing("Groups"))


@fault("ENTRA-07")
def a_listed_extension_must_be_there(tenant: ReferenceTenant) -> None:
    """A create whose schemas list the enterprise extension is refused unless it carries some of its attributes."""

    def check(body: dict[str, Any]) -> None:
        if ENTERPRISE_USER in body.get("schemas", ()) and ENTERPRISE_USER not in body:
            raise invalid_value(f"{ENTERPRISE_USER} is listed and missing")

    on_body(tenant, check, method="POST")


@fault("ENTRA-19")
def groups_have_no_other_schemas(tenant: ReferenceTenant) -> None:
    """A create of a group whose schemas list a URI of Microsoft's is refused."""

    def check(body: dict[str, Any]) -> None:
        if any(urn.startswith("http://schemas.microsoft.com/") for urn in body.get("schemas", ())):
            raise invalid_value(f"A group has no schema but {GROUP}")

    on_body(tenant, check, method="POST", of="Group")


@fault("ENTRA-20")
def look_ups_show_members(tenant: ReferenceTenant) -> None:
    """A look-up of groups shows members to clients that do not name themselves, whatever they exclude."""

    def show(_: Request, response: Response) -> None:
        for group in resources(response):
            record = tenant.store.get(group["id"])
            group["members"] = record.attributes.get("members", []) if record else []

    def looked_up(request: Request, _: Response) -> bool:
        return request.segments[-1] == "Groups" and "user-agent" not in request.headers

    on_answer(tenant, show, method="GET", where=looked_up)


@fault("ENTRA-24")
def fax_numbers_are_not_described(tenant: ReferenceTenant) -> None:
    """The canonical values of phoneNumbers.type in /Schemas lack fax."""
    on_definition(tenant, "User:phoneNumbers.type", lambda entry: entry["canonicalValues"].remove("fax"))


@fault("ENTRA-26", "RFC7643-4.2-04")
def a_namesake_is_an_invalid_value(tenant: ReferenceTenant) -> None:
    """A second group of one displayName is refused with 400."""

    def check(body: dict[str, Any]) -> None:
        groups = tenant.store.all("Group")
        if any(group.attributes["displayName"] == body.get("displayName") for group in groups):
            raise invalid_value("There is such a group")

    on_body(tenant, check, method="POST", of="Group")


def _names(*keys: str) -> Callable[[Step], bool]:
    """Return a test for operations whose value names exactly these attributes."""
    return lambda step: isinstance(step.value, dict) and step.value.keys() == set(keys)


def _is(value: object) -> Callable[[Step], bool]:
    return lambda step: type(step.value) is type(value) and step.value == value


def _lists(step: Step) -> bool:
    return isinstance(step.value, list)


def _empties(_: Step, document: dict[str, Any]) -> None:
    document.pop("members", None)


def _has_null_reference(step: Step) -> bool:
    return _lists(step) and any(member.get("$ref", "") is None for member in step.value)


def _has_display(step: Step) -> bool:
    return _lists(step) and any("display" in member for member in step.value)


register_missteps(
    (
        Misstep("capital_remove_is_refused", "An op written Remove is refused.", "ENTRA-06 ENTRA-18",
                aimed("Remove"), refusal(400, "invalidSyntax")),
        Misstep("false_as_text_is_refused", "A Replace of active with the text False is refused.", "ENTRA-08",
                aimed("Replace", "active", when=_is("False")), refusal(400, "invalidValue")),
        Misstep("false_as_text_is_true", "A Replace of active with the text False enables the user.", "ENTRA-08",
                aimed("Replace", "active", when=_is("False")), carried_out_as(value=True)),
        Misstep("true_as_text_is_ignored", "A Replace of active with the text True changes nothing.", "ENTRA-09",
                aimed("Replace", "active", when=_is("True")), nothing),
        Misstep("active_cannot_be_added", "An Add of active is refused.", "ENTRA-10",
                aimed("Add", "active"), refusal(400, "invalidValue")),
        Misstep("active_without_path_is_ignored", "A replace without path of active alone changes nothing.",
                "ENTRA-11 OKTA-05", aimed("replace", None, when=_names("active")), nothing),
        Misstep("manager_as_text_is_refused", "An Add of manager as a bare id is refused.", "ENTRA-12",
                aimed("Add", _MANAGER), refusal(400, "invalidValue")),
        Misstep("manager_as_text_is_not_replaced", "A replace of manager by a bare id changes nothing.", "ENTRA-13",
                aimed("replace", _MANAGER, when=lambda step: bool(step.value)), nothing),
        Misstep("manager_stays_for_an_empty_text", "A replace of manager by an empty text changes nothing.", "ENTRA-14",
                aimed("replace", _MANAGER, when=_is("")), nothing),
        Misstep("dotted_keys_are_ignored", "Keys with a dot in the value of a replace without path are passed over.",
                "ENTRA-15", aimed("replace", None, when=_names("name.givenName")), nothing),
        Misstep("keys_with_a_uri_are_ignored", "Keys with a URI in the value of a replace without path are ignored.",
                "ENTRA-16", aimed("replace", None, when=_names(f"{ENTERPRISE_USER}:department")), nothing),
        Misstep("null_references_are_refused", "An add of members that carry $ref null is refused.", "ENTRA-17",
                aimed("Add", "members", when=_has_null_reference), refusal(400, "invalidValue")),
        Misstep("remove_with_a_list_empties_the_group", "A Remove of members with a list of values removes all.",
                "ENTRA-18", aimed("Remove", "members", when=_lists), carried_out_as(value=None)),
        Misstep("phone_numbers_are_not_made", "An Add to a type of phone number that the user lacks is refused.",
                "ENTRA-21", aimed("Add", _NUMBER), refusal(400, "noTarget")),
        Misstep("rename_without_path_empties_the_group", "A replace without path of a group's name empties it.",
                "ENTRA-22", aimed("replace", None, of="Group", when=_names("displayName")), afterwards(_empties)),
        Misstep("texts_cannot_be_empty", "A replace of nickName by an empty text is refused.", "ENTRA-23",
                aimed("replace", "nickName", when=_is("")), refusal(400, "invalidValue")),
        Misstep("a_disabled_user_cannot_be_disabled", "A replace of active by false is refused for an inactive user.",
                "ENTRA-25", aimed("replace", "active", when=lambda s: s.stored is False and s.value is False),
                refusal(400, "invalidValue")),
        Misstep("own_id_is_refused", "A replace without path of a group's name is refused if it carries the id.",
                "OKTA-02", aimed("replace", None, of="Group", when=_names("id", "displayName")),
                refusal(400, "mutability")),
        Misstep("members_have_no_display", "An add of members that carry display is refused.", "OKTA-03",
                aimed("add", "members", when=_has_display), refusal(400, "invalidValue")),
        Misstep("push_adds_members", "A replace without path adds the members of a group to those it has.", "OKTA-04",
                aimed("replace", None, of="Group", when=_names("id", "displayName", "members")),
                carried_out_as(op="add")),
        Misstep("lower_case_remove_with_a_list_is_refused", "A remove of members with a list of values is refused.",
                "JUMPCLOUD-01", aimed("remove", "members", when=_lists), refusal(400, "invalidValue")),
    )
)  # fmt: skip


@fault("OKTA-01")
def a_create_must_not_carry_groups(tenant: ReferenceTenant) -> None:
    """A create of a user with an empty array of groups is refused."""

    def check(body: dict[str, Any]) -> None:
        if body.get("groups") == []:
            raise invalid_value("groups is readOnly")

    on_body(tenant, check, method="POST")


@fault("OKTA-05", "OKTA-06")
def pages_of_a_hundred_are_not_filtered(tenant: ReferenceTenant) -> None:
    """A filter together with count=100 finds nobody."""

    def empty(_: Request, response: Response) -> None:
        (response.document or {}).update(totalResults=0, itemsPerPage=0, Resources=[])

    def looked_up(request: Request, _: Response) -> bool:
        return "filter" in request.parameters and request.parameters.get("count") == "100"

    on_answer(tenant, empty, method="GET", status=200, where=looked_up)


@fault("OKTA-07", "RFC7643-2-01", "RFC7644-3.5.1-14", "RFC7644-3.1-06")
def a_replace_must_not_carry_meta(tenant: ReferenceTenant) -> None:
    """A PUT with a location in meta is refused."""

    def check(body: dict[str, Any]) -> None:
        if body.get("meta", {}).get("location"):
            raise invalid_value("meta is readOnly")

    on_body(tenant, check, method="PUT")


@fault("ONELOGIN-01")
def a_create_must_not_carry_an_id(tenant: ReferenceTenant) -> None:
    """A create with an id is refused, even one of null."""

    def check(body: dict[str, Any]) -> None:
        if "id" in body and body["id"] is None:
            raise invalid_value("id is readOnly")

    on_body(tenant, check, method="POST")
