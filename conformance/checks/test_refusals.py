"""What a create or replace must not accept, and what a refusal leaves behind (RFC 7644 §3.3, §3.5.1, §3.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import for_attributes, for_types, requirement
from conformance.checks.given import asked, body, done, listed, offered
from conformance.checks.verdict import NotApplicable
from conformance.probes import choose
from conformance.probes.errors import WRONG_VALUE
from conformance.probes.evidence import Blocked
from conformance.spec.paths import lookup
from conformance.spec.schema import USER

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute, ResourceType
    from conformance.tenant.exchange import Exchange

_NOT_UNIQUE = "the resource type has no attribute whose values are unique"
_NOT_CHANGED = "the resource type has no attribute whose values are unique and may change"
_NO_LIST = "the resource type has no optional attribute with several values"
# How the exchange about a required attribute that an operation lacks begins in the probe.
_LACKING = {
    "create_missing": "create without",
    "create_null": "create with null",
    "replace_missing": "replace without",
    "replace_null": "replace with null",
}


@pytest.mark.parametrize("operation", ["create", "replace"])
@requirement(lambda operation: "RFC7644-3.3-18" if operation == "create" else ["RFC7644-3.5.1-23", "RFC7644-3.12-15"])
def test_malformed_json_answers_400(
    mistakes: Evidence, resource_type: ResourceType, operation: str, verdict: Remarks
) -> None:
    """A body that is not well-formed JSON answers 400; a scimType with it is invalidSyntax."""
    exchange = offered(mistakes[f"{operation}_malformed"])
    assert exchange.status == 400, f"{operation} of a {resource_type.name}"
    scim_type = _scim_type(exchange)
    assert scim_type in {"invalidSyntax", None}
    if scim_type is None and operation == "create":
        verdict.warn("the error has no scimType; invalidSyntax would tell the client what is wrong")


@pytest.mark.parametrize("name", ["create_array", "create_string", "replace_array", "replace_string"])
@requirement(lambda name: "RFC7644-3.3-19" if name.startswith("create") else "RFC7644-3.5.1-23")
def test_json_that_is_no_object_answers_400(mistakes: Evidence, resource_type: ResourceType, name: str) -> None:
    """A body that is JSON but no object answers 400."""
    assert offered(mistakes[name]).status == 400, f"a {resource_type.name} was sent as something else than an object"


@pytest.mark.parametrize("name", ["create_malformed", "create_array", "replace_malformed", "replace_array"])
@requirement("RFC7644-3.12-34")
def test_wrong_structure_has_scim_type_invalid_syntax(mistakes: Evidence, name: str) -> None:
    """A message of wrong structure answers 400 with scimType invalidSyntax."""
    if mistakes[name].status != 400:
        raise NotApplicable("the status is not 400, which another check judges")
    assert _scim_type(mistakes[name]) == "invalidSyntax"


@pytest.mark.parametrize("operation", ["create", "replace"])
@pytest.mark.parametrize("wrong", ["wrong_type", "no_array"])
@requirement("RFC7644-3.3-20")
def test_wrong_type_is_not_stored(
    mistakes: Evidence, resource_type: ResourceType, operation: str, wrong: str, verdict: Remarks
) -> None:
    """A value of the wrong JSON type is refused with 400 or converted, never stored as it is."""
    exchange = offered(asked(mistakes, f"{operation}_{wrong}", _NO_LIST))
    several = choose.multi_valued(resource_type)
    name = several.name if wrong == "no_array" and several else choose.text(resource_type).name
    if exchange.ok:
        stored = lookup(body(exchange), name)
        assert stored not in [WRONG_VALUE, "conformance"], "the value was stored in the wrong type"
        verdict.warn("the tenant accepts a value of the wrong type and drops or converts it")
        return
    assert exchange.status == 400


@pytest.mark.parametrize("name", ["create_wrong_type", "replace_wrong_type"])
@requirement("RFC7644-3.12-38")
def test_wrong_type_has_scim_type_invalid_value(mistakes: Evidence, name: str) -> None:
    """A value that does not fit its attribute's type answers 400 with scimType invalidValue."""
    exchange = mistakes[name]
    if exchange.status != 400:
        raise NotApplicable("the status is not 400, which another check judges")
    assert _scim_type(exchange) in {"invalidValue", "invalidSyntax"}


def _required(bound: BoundAttribute) -> bool:
    return bound.parent is None and not bound.urn and bound.attribute in choose.required(bound.resource_type)


def _missing(attribute: BoundAttribute, operation: str) -> list[str]:
    known = {
        "User.userName": {
            "create_missing": ["RFC7643-4.1.1-01"],
            "create_null": ["RFC7643-4.1.1-03"],
            "replace_missing": ["RFC7643-4.1.1-04", "RFC7644-3.5.1-16"],
        },
        "Group.displayName": {"create_missing": ["RFC7643-4.2-02"], "replace_missing": ["RFC7643-4.2-03"]},
    }
    general = "RFC7643-7-16" if operation.startswith("create") else "RFC7643-7-17"
    return [*known.get(f"{attribute.resource_type.name}.{attribute.name}", {}).get(operation, []), general]


@for_attributes(_required)
@pytest.mark.parametrize("operation", list(_LACKING))
@requirement(_missing)
def test_missing_required_attribute_answers_400(
    required_values: Evidence, resource_type: ResourceType, attribute: BoundAttribute, operation: str
) -> None:
    """A POST or PUT in which a required attribute is missing or null answers 400."""
    exchange = offered(required_values[f"{_LACKING[operation]} {attribute.name}"])
    assert exchange.status == 400, f"{attribute.name} of {resource_type.name}"


@for_attributes(_required)
@pytest.mark.parametrize("operation", ["create_missing", "replace_missing"])
@requirement("RFC7644-3.12-37")
def test_missing_required_attribute_has_scim_type_invalid_value(
    required_values: Evidence, resource_type: ResourceType, attribute: BoundAttribute, operation: str, verdict: Remarks
) -> None:
    """A required value that is missing answers 400 with scimType invalidValue."""
    exchange = required_values[f"{_LACKING[operation]} {attribute.name}"]
    if exchange.status != 400:
        verdict.not_applicable("the status is not 400, which another check judges")
    assert _scim_type(exchange) in {"invalidValue", "invalidSyntax"}, f"{attribute.name} of {resource_type.name}"
    if _scim_type(exchange) == "invalidSyntax":
        verdict.note("a missing required value has scimType invalidSyntax")


@for_types("User")
@pytest.mark.parametrize("name", ["empty", "blank"])
@requirement("RFC7643-4.1.1-02")
def test_empty_user_name_answers_400(
    mistakes: Evidence, resource_type: ResourceType, name: str, verdict: Remarks
) -> None:
    """A POST of a User whose userName is empty, or nothing but white space, answers 400."""
    answer = asked(mistakes, f"create_{name}", f"{resource_type.name} has no userName")
    if name == "blank" and answer.ok:
        verdict.warn("the tenant takes white space for a userName")
        return
    assert answer.status == 400


@pytest.mark.parametrize("operation", ["create", "replace"])
@requirement("RFC7643-6-14")
def test_missing_required_extension_answers_400(mistakes: Evidence, operation: str) -> None:
    """A resource that lacks a required extension is refused."""
    assert asked(mistakes, f"{operation}_without_extension", "no extension of the type is required").status == 400


@pytest.mark.parametrize("operation", ["create", "replace"])
@requirement("RFC7643-6-15")
def test_empty_required_extension_answers_400(
    mistakes: Evidence, resource_type: ResourceType, operation: str, verdict: Remarks
) -> None:
    """A resource whose required extension lacks its own required attributes is refused."""
    demanding = [e for e in resource_type.extensions if e.required and any(a.required for a in e.schema.attributes)]
    if not demanding:
        verdict.not_applicable("no required extension of the type has required attributes")
    assert mistakes[f"{operation}_empty_extension"].status == 400


@for_types("User")
@pytest.mark.parametrize("look_alike", ["decomposed", "full_width"])
@requirement(lambda look_alike: "RFC7644-5-02" if look_alike == "decomposed" else "RFC7644-5-03")
def test_look_alikes_of_a_user_name_conflict(
    prepared: Evidence, resource_type: ResourceType, look_alike: str, verdict: Remarks
) -> None:
    """A userName that PRECIS preparation makes equal to a taken one is refused."""
    if not prepared.composed.ok:
        verdict.not_applicable("the tenant takes no user names with letters beyond ASCII")
    if prepared[look_alike].ok:
        verdict.warn(f"the tenant takes a {look_alike} spelling for another {resource_type.name}")


@requirement(lambda resource_type: _conflict(resource_type, "RFC7643-4.1.1-06", "RFC7644-3.3-15", "RFC7644-3.12-20"))
def test_conflicting_create_answers_409(mistakes: Evidence, resource_type: ResourceType) -> None:
    """A create with a unique value that another resource holds answers 409."""
    assert asked(mistakes, "create_taken", _NOT_UNIQUE).status == 409, f"a second {resource_type.name}"


@requirement(lambda resource_type: _conflict(resource_type, "RFC7643-4.1.1-06", "RFC7644-3.3-16", "RFC7644-3.12-29"))
def test_conflicting_create_has_scim_type_uniqueness(mistakes: Evidence) -> None:
    """The 409 to a conflicting create has scimType uniqueness."""
    exchange = asked(mistakes, "create_taken", _NOT_UNIQUE)
    if exchange.status != 409:
        raise NotApplicable("the status is not 409, which another check judges")
    assert _scim_type(exchange) == "uniqueness"


@for_types("User")
@requirement("RFC7643-4.1.1-09")
def test_user_names_conflict_in_any_case(mistakes: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A userName that differs from a taken one only in letter case is refused."""
    unique = choose.unique(resource_type)
    exchange = asked(mistakes, "create_taken_recased", _NOT_UNIQUE)
    if exchange.ok and unique and unique.case_exact:
        verdict.warn("the tenant's schema makes userName case-exact, which the RFC does not")
        return
    assert exchange.refused, f"a name in another letter case was answered with {exchange.status}"


@requirement(lambda resource_type: _conflict(resource_type, "RFC7643-4.1.1-07", "RFC7644-3.5.1-22"))
def test_conflicting_replace_answers_409(mistakes: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A PUT with a unique value that another resource holds answers 409 with scimType uniqueness."""
    exchange = asked(mistakes, "replace_taken", _NOT_CHANGED)
    if exchange.status == 400 and _scim_type(exchange) == "uniqueness":
        verdict.warn(f"a conflicting PUT of a {resource_type.name} answers 400, where 409 is usual")
        return
    assert exchange.status == 409


@requirement("RFC7644-3.12-30")
def test_conflicting_replace_has_scim_type_uniqueness(mistakes: Evidence) -> None:
    """The refusal of a conflicting PUT has scimType uniqueness."""
    exchange = asked(mistakes, "replace_taken", _NOT_CHANGED)
    if exchange.status not in {400, 409}:
        raise NotApplicable("the status is neither 409 nor 400, which another check judges")
    assert _scim_type(exchange) == "uniqueness"


@requirement("RFC7643-7-36")
def test_status_of_a_conflict_is_noted(mistakes: Evidence, verdict: Remarks) -> None:
    """A breach of uniqueness may be answered with 400."""
    if asked(mistakes, "create_taken", _NOT_UNIQUE).status == 400:
        verdict.note("a breach of uniqueness answers 400, where RFC 7644 wants 409")


@requirement("RFC7644-3.3-17")
def test_refused_create_leaves_nothing(mistakes: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A create that is refused leaves no resource behind."""
    naming = choose.naming(resource_type)
    if naming is None:
        verdict.not_applicable("the resource type has no attribute by which to look for a resource")
    left = {lookup(resource, naming.name) for resource in listed(mistakes.left).resources}
    sent = [(e.ok, lookup(e.request.json, naming.name)) for e in mistakes.named("create_")]
    kept = {name for ok, name in sent if ok} | {
        lookup(mistakes[n].request.json, naming.name) for n in ("target", "other")
    }
    refused_names = {name for ok, name in sent if not ok and isinstance(name, str)} - kept
    assert refused_names & left == set(), "a create that was refused did create"


@requirement("RFC7644-3.5.1-17")
def test_refused_replace_changes_nothing(mistakes: Evidence, resource_type: ResourceType) -> None:
    """After a PUT that was refused the resource is as it was before."""
    text = choose.text(resource_type).name
    if any(exchange.ok for exchange in mistakes.named("replace_") if exchange.name != "replace_unknown"):
        raise Blocked("the tenant accepted a PUT that it should have refused, so a change proves nothing")
    before, after = body(mistakes.target), done(mistakes.target_after).resource
    naming = choose.naming(resource_type)
    assert lookup(after, text) == lookup(before, text)
    if naming:
        assert lookup(after, naming.name) == lookup(before, naming.name)
        assert lookup(done(mistakes.other_after).resource, naming.name) == (mistakes.other.request.json or {}).get(
            naming.name
        )


def _conflict(resource_type: ResourceType, for_user: str, *others: str) -> list[str]:
    return [for_user, *others] if resource_type.schema.id == USER else list(others)


def _scim_type(exchange: Exchange) -> object:
    return exchange.resource.get("scimType") if exchange.answered.body.strip().startswith("{") else None
