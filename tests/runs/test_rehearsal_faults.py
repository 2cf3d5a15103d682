"""Faults that are typical of real tenants: the rehearsal finds each, and its report names the matter."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from rehearsing import play

from conformance.reference.faults.operations import on_operation
from conformance.reference.faults.registry import find_fault
from conformance.reference.faults.seams import on_answer, on_kept, on_shown, wrap
from conformance.reference.tenant import ReferenceTenant
from conformance.spec.errors import ScimError

if TYPE_CHECKING:
    from collections.abc import Callable

FLAG = "entra-aadoptscim062020"
WIPED = "removing a member took others out of the group"
NOT_JOINED = "adding members is answered with success, yet not all of them are in the group"
NOT_LEFT = "removing a member is answered with success, yet the member is still in the group"
UNFOUND = "refused as a conflict (409), yet the query by which the client matches finds nobody"
EXCLUDED = "members are returned although excludedAttributes=members"
NO_NUMBER = "totalResults, startIndex or itemsPerPage is no number"
ACTIVE = "the user is active: leavers keep their access"

# The fault, the profile with which it shows, and words of the report that name it.
FAULTS = (
    ("a-firewall-demands-a-user-agent", "entra", "refuses access (403)"),
    ("a-request-must-name-what-it-accepts", "entra", "names no SCIM media type in Accept (406)"),
    ("a-plus-is-no-space", "entra", "spells blanks as +"),
    ("nobody-is-not-found", "entra", "finds nothing is answered with 404"),
    ("no-group-is-not-found", "entra", "finds nothing is answered with 404"),
    ("filter-is-a-promise", "entra", "does not offer filters (501)"),
    (
        "patch-is-not-offered",
        "entra",
        "the PATCH to disable user is refused with 501: people who leave keep their access",
    ),
    ("groups-have-no-other-schemas", "entra", "lists a schema of Microsoft's"),
    ("capital-remove-is-refused", "entra", "the PATCH to remove members is refused with 400 invalidSyntax"),
    ("op-in-capitals-does-nothing", "entra", "the change is answered with success, yet the value is not the one"),
    ("false-as-text-is-refused", "entra", "Entra sends the text “False”"),
    ("false-as-text-is-true", "entra", "“False”, which Entra sends for active, is read as true"),
    ("true-as-text-is-ignored", "entra", "stays disabled although active was set to true"),
    ("manager-as-text-is-refused", "entra", "the id of the manager as a bare text"),
    ("manager-as-text-is-not-replaced", FLAG, "another manager than the one that was sent"),
    ("manager-stays-for-an-empty-text", FLAG, "stays although an empty text was sent"),
    ("null-references-are-refused", "entra", "a $ref of null"),
    ("remove-with-a-list-empties-the-group", "entra", WIPED),
    ("phone-numbers-are-not-made", "entra", "expects it to be made"),
    ("members-cannot-be-excluded", "entra", EXCLUDED),
    ("look-ups-show-members", "entra", EXCLUDED),
    ("inactive-users-are-not-listed", "entra", f"{UNFOUND}: the user is there, but disabled"),
    ("user-names-are-exact", "entra", f"{UNFOUND}: it was asked for with other capital letters"),
    ("group-names-are-exact", "entra", "does not find the first: it was asked for with other capital letters"),
    ("external-id-is-lower-case", "entra", "another letter case"),
    ("create-drops-the-external-id", "entra", "the create is answered with success, yet the value is not kept"),
    ("delete-of-a-group-deletes-its-members", "entra", "vanished although no request of this cycle was about it"),
    ("remove-of-one-member-takes-all", FLAG, WIPED),
    ("first-member-is-lost", FLAG, NOT_JOINED),
    ("add-of-a-member-who-is-one-is-refused", FLAG, "the PATCH to add members is refused with 409"),
    ("replace-through-a-filter-is-refused", FLAG, "the PATCH to update user is refused with 400 invalidPath"),
    ("active-without-path-is-ignored", "okta", ACTIVE),
    ("own-id-is-refused", "okta", "sends the id of the group along"),
    ("members-have-no-display", "okta", "sends the display of each member along"),
    ("a-create-must-not-carry-groups", "okta", "an empty array of groups"),
    ("a-replace-must-not-carry-meta", "okta", "sends id, meta and groups back"),
    ("pages-of-a-hundred-are-not-filtered", "okta", UNFOUND),
    ("items-per-page-is-text", "okta", NO_NUMBER),
    ("remove-of-one-member-does-nothing", "okta", NOT_LEFT),
    ("swap-of-members-only-adds", "okta", NOT_LEFT),
    ("replace-of-members-adds-them", "okta", NOT_LEFT),
    ("replace-adds-to-lists", "okta", "one was added instead of changing the one there was"),
    ("put-of-a-group-keeps-members", "okta-wizard", NOT_LEFT),
    ("groups-cannot-be-replaced", "okta-wizard", "the PUT to replace group is refused with 501"),
)


def causes(profile: str, tenant: ReferenceTenant) -> list[str]:
    return [finding.cause for finding in play(profile, tenant=tenant, users=6).wrong]


@pytest.mark.parametrize(("fault", "profile", "words"), FAULTS)
def test_a_fault_is_found_and_named(fault: str, profile: str, words: str):
    tenant = ReferenceTenant(token="t", seed_users=3)
    find_fault(fault).plant(tenant)
    assert any(words in cause for cause in causes(profile, tenant))


def test_what_has_nothing_to_do_with_a_refusal_is_not_told():
    tenant = ReferenceTenant(token="t", seed_users=3)
    find_fault("patch-is-not-offered").plant(tenant)
    found = causes("entra", tenant)
    assert not any("Entra sends the text" in cause for cause in found)
    assert not any("sends the value again in every cycle" in cause for cause in found)


def patch_replaces_the_resource(tenant: ReferenceTenant) -> None:
    def operate(original: Callable[..., Any], resource: dict[str, Any], *more: Any) -> Any:
        kept = {"schemas", "id", "meta", "userName", "displayName"}
        return original({name: value for name, value in resource.items() if name in kept}, *more)

    wrap(tenant.rules, "operate", operate)


def an_addition_replaces_members(tenant: ReferenceTenant) -> None:
    on_operation(
        tenant,
        lambda step: step.path == "members" and step.op.lower() == "add",
        lambda step: step.carried_out(op="replace"),
    )


def an_email_is_added_instead_of_replaced(tenant: ReferenceTenant) -> None:
    def add(step: Any) -> dict[str, Any]:
        document = deepcopy(step.document)
        document["emails"].append({"type": "work", "value": step.value})
        return document

    on_operation(tenant, lambda step: str(step.path).startswith("emails") and step.op == "Replace", add)


def dotted_keys_are_passed_over(tenant: ReferenceTenant) -> None:
    def without(step: Any) -> dict[str, Any]:
        value = {key: item for key, item in step.value.items() if "." not in key}
        return step.carried_out(value=value) if value else step.document

    on_operation(tenant, lambda step: step.path is None, without)


def names_are_lower_case(tenant: ReferenceTenant) -> None:
    def settle(original: Callable[..., Any], attributes: dict[str, Any], *more: Any) -> Any:
        if "userName" in attributes:
            attributes["userName"] = attributes["userName"].lower()
        return original(attributes, *more)

    wrap(tenant.rules, "settle", settle)


def active_is_text(tenant: ReferenceTenant) -> None:
    on_shown(tenant, lambda user: user.update(active=str(user.get("active")).lower()))


def active_is_not_shown(tenant: ReferenceTenant) -> None:
    on_shown(tenant, lambda user: user.pop("active", None))


def deletes_are_forgotten(tenant: ReferenceTenant) -> None:
    wrap(tenant.store, "delete", lambda *_: None)


def creates_answer_nothing(tenant: ReferenceTenant) -> None:
    def empty(_: Any, response: Any) -> None:
        response.document = None
        response.headers.pop("Location", None)

    on_answer(tenant, empty, method="POST", status=201)


def left_out_values_stay(tenant: ReferenceTenant) -> None:
    def keep(original: Callable[..., Any], body: Any, resource_type: Any, stored: Any = None) -> Any:
        return {**(stored.attributes if stored else {}), **original(body, resource_type, stored)}

    wrap(tenant.rules, "accept", keep)


def departments_are_cut(tenant: ReferenceTenant) -> None:
    def cut(kept: dict[str, Any], _: Any) -> None:
        for value in kept.values():
            if isinstance(value, dict) and "department" in value:
                value["department"] = value["department"][:4]

    on_kept(tenant, cut, method="POST")


@pytest.mark.parametrize(
    ("plant", "profile", "words"),
    [
        (patch_replaces_the_resource, "entra", "PATCH replaces instead of merging"),
        (an_addition_replaces_members, "entra", NOT_JOINED),
        (an_email_is_added_instead_of_replaced, "entra", "one was added instead of changing the one there was"),
        (dotted_keys_are_passed_over, FLAG, "the change is answered with success, yet the value is not the one"),
        (names_are_lower_case, "entra", "another letter case"),
        (active_is_text, "entra", "a boolean is kept, or returned, as text"),
        (active_is_not_shown, "entra", "active is not returned"),
        (deletes_are_forgotten, "entra", "the delete is answered with success, yet the resource can still be read"),
        (creates_answer_nothing, "entra", "a create succeeds without an id in its answer"),
        (left_out_values_stay, "okta", "stays although a PUT left it out"),
        (departments_are_cut, "entra", "the create is answered with success, yet another value is kept"),
    ],
)
def test_what_else_goes_wrong_in_real_tenants_is_named(
    plant: Callable[[ReferenceTenant], None], profile: str, words: str
):
    tenant = ReferenceTenant(token="t", seed_users=3)
    plant(tenant)
    assert any(words in cause for cause in causes(profile, tenant))


def test_a_tenant_that_stumbles_once_is_tried_again_in_the_next_cycle():
    tenant = ReferenceTenant(token="t")
    stumbled: set[tuple[str, ...]] = set()

    def stumble(original: Callable[..., Any], request: Any) -> Any:
        if request.method == "PATCH" and len(stumbled) < 3 and request.segments not in stumbled:
            stumbled.add(request.segments)
            raise ScimError("Out of order", status=503)
        return original(request)

    wrap(tenant.rules, "authenticate", stumble)
    outcome = play("entra", tenant=tenant)
    failures = [finding for finding in outcome.wrong if finding.code == "InternalServerError"]
    assert sum(finding.count for finding in failures) == 3
    assert {finding.cycle for finding in outcome.wrong} == {1}
