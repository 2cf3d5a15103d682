"""What a PATCH must refuse, and that nothing of it is kept (RFC 7644 §3.5.2, §3.12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.patching import about, detail, scim_type, unless_offered
from conformance.spec.messages import ERROR
from conformance.spec.paths import lookup
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange


_MESSAGES = {
    "no_operations": "RFC7644-3.5.2-06",
    "empty_operations": "RFC7644-3.5.2-07",
    "no_op": "RFC7644-3.5.2-08",
    "unknown_op": "RFC7644-3.5.2-09",
    "json_patch": "RFC7644-3.5.2-11",
    "add_without_value": "RFC7644-3.5.2.1-01",
    "remove_without_path": "RFC7644-3.5.2.2-01",
}
_TARGETS = {
    "open_bracket": "RFC7644-3.5.2-15",
    "empty_segment": "RFC7644-3.5.2-15",
    "unknown_attribute": "RFC7644-3.5.2-16",
}
_TYPES: dict[str, tuple[str, str, type]] = {
    "text_for_boolean": ("RFC7644-3.5.2-29", "active", bool),
    "object_for_text": ("RFC7644-3.5.2-29", "displayName", str),
    "text_for_complex": ("RFC7644-3.5.2.1-08", "name", dict),
    "number_for_complex": ("RFC7644-3.5.2.3-10", "name", dict),
}
_READ_ONLY = {
    "replaced_id": "RFC7644-3.5.2-26",
    "replaced_meta": "RFC7644-3.5.2-26",
    "any_case_id": "RFC7643-2.1-03",
    "removed_id": "RFC7644-3.5.2.2-15",
}


def _unkept(evidence: Evidence, question: str) -> None:
    """Fail the check where the text that a refused request tried to store is in the user read afterwards."""
    if f"Refused {question}" in evidence.fetched.answered.body:
        raise AssertionError("the tenant stored what the request carried")


def _refused(evidence: Evidence, question: str) -> Exchange:
    """Return the answer to a request that was declined. Fails the check where it was not, blocks it without PATCH."""
    exchange = evidence[question]
    unless_offered(evidence, exchange)
    if not exchange.refused:
        raise AssertionError(f"the request was answered with {exchange.status} rather than refused")
    return exchange


def _unless_it_works(evidence: Evidence, verdict: Remarks) -> None:
    """End the check where the operation that is last in ``last_fails`` does not fail when it stands alone either."""
    unless_offered(evidence, evidence.last_fails)
    if evidence.unknown_attribute.ok:
        verdict.not_applicable("the tenant takes the operation that should fail, which another check judges")


# --- messages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", _MESSAGES)
@requirement(lambda question: _MESSAGES[question])
@for_types("User")
def test_wrong_message_is_refused(messages_refused: Evidence, question: str) -> None:
    """A PATCH whose message lacks what it must have is refused with 400, and nothing of it is kept."""
    assert _refused(messages_refused, question).status == 400
    _unkept(messages_refused, question)


@pytest.mark.parametrize("question", ["no_schemas", "other_schemas"])
@requirement("RFC7644-3.5.2-05")
@for_types("User")
def test_message_without_its_schema_is_refused(messages_refused: Evidence, question: str, verdict: Remarks) -> None:
    """A PATCH whose schemas does not name PatchOp is refused with 400."""
    if messages_refused[question].ok:
        verdict.warn("the tenant carries out a PATCH whose schemas does not name PatchOp")
        return
    assert _refused(messages_refused, question).status == 400


@pytest.mark.parametrize("question", ["move", "test"])
@requirement("RFC7644-3.5.2-04")
@for_types("User")
def test_json_patch_operation_is_refused(messages_refused: Evidence, question: str) -> None:
    """An operation that only JSON Patch has, such as move or test, is refused and changes nothing."""
    _refused(messages_refused, question)
    _unkept(messages_refused, question)


@requirement("RFC7644-3.5.2.3-02")
@for_types("User")
def test_replace_by_nothing_is_refused(messages_refused: Evidence, verdict: Remarks) -> None:
    """A replace without path whose value names no attribute is refused with 400."""
    if messages_refused.replace_with_nothing.ok:
        verdict.warn("the tenant answers a replace by an empty object with success")
        return
    assert _refused(messages_refused, "replace_with_nothing").status == 400


@requirement("RFC7644-3.5.2-14")
@for_types("User")
def test_remove_without_path_removes_nothing(messages_refused: Evidence) -> None:
    """A remove without path is refused and removes nothing."""
    _refused(messages_refused, "remove_without_path")
    created, after = messages_refused.created, messages_refused.fetched.resource
    held = {name for name in created.request.json if not unassigned(created.resource.get(name))}
    assert {name for name in held if unassigned(after.get(name))} == set(), "attributes of the user are gone"


@requirement("RFC7644-3.5.2.2-02")
@for_types("User")
def test_remove_without_path_says_no_target(messages_refused: Evidence, verdict: Remarks) -> None:
    """The error to a remove without path has scimType noTarget."""
    if messages_refused.remove_without_path.ok:
        verdict.not_applicable("the remove was not refused, which another check judges")
    assert scim_type(_refused(messages_refused, "remove_without_path")) == "noTarget"


# --- targets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", _TARGETS)
@requirement(lambda question: _TARGETS[question])
@for_types("User")
def test_wrong_path_is_refused(targets_refused: Evidence, question: str) -> None:
    """A path that does not fit the grammar, or names an attribute of no schema, is refused with 400."""
    exchange = _refused(targets_refused, question)
    assert exchange.status == 400
    allowed = {"invalidPath", "noTarget"} if question == "unknown_attribute" else {"invalidPath", "invalidFilter"}
    assert scim_type(exchange) in {None, *allowed}
    _unkept(targets_refused, question)


@requirement("RFC7644-3.5.2-03")
@about("emails")
def test_path_with_an_index_is_refused(targets_refused: Evidence) -> None:
    """A path with an array index is refused and not carried out."""
    _refused(targets_refused, "index")
    assert "refused-index@example.com" not in targets_refused.fetched.answered.body, "the operation was carried out"


@pytest.mark.parametrize("question", _READ_ONLY)
@requirement(lambda question: _READ_ONLY[question])
@for_types("User")
def test_read_only_attribute_stays(targets_refused: Evidence, question: str, verdict: Remarks) -> None:
    """An operation on a readOnly attribute is refused with 400 mutability and does not change it."""
    exchange, after = targets_refused[question], targets_refused.fetched.resource
    assert not unassigned(after.get("id")), "id is gone"
    _unkept(targets_refused, question)
    if exchange.ok:
        verdict.warn("the tenant answers with success and changes nothing, where an error is asked for")
        return
    said = scim_type(_refused(targets_refused, question))
    if question == "removed_id":
        assert said == "mutability"
    elif said not in {None, "mutability"}:
        verdict.note(f"the tenant refuses it with {exchange.status} {said} rather than mutability")


@requirement("RFC7644-3.5.2.2-12")
@for_types("User")
def test_required_attribute_stays(targets_refused: Evidence) -> None:
    """A remove of a required attribute is refused, and its value stays."""
    _refused(targets_refused, "removed_user_name")
    assert not unassigned(lookup(targets_refused.fetched.resource, "userName")), "userName is gone"


@requirement("RFC7644-3.5.2.2-13")
@for_types("User")
def test_remove_of_a_required_attribute_says_mutability(targets_refused: Evidence, verdict: Remarks) -> None:
    """The error to a remove of a required attribute has scimType mutability."""
    if targets_refused.removed_user_name.ok:
        verdict.not_applicable("the remove was not refused, which another check judges")
    assert scim_type(_refused(targets_refused, "removed_user_name")) == "mutability"


@pytest.mark.parametrize("question", _TYPES)
@requirement(lambda question: _TYPES[question][0])
@for_types("User")
def test_value_of_another_type_is_refused(
    targets_refused: Evidence, question: str, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A value that does not fit the type of its target is refused with 400 and not stored."""
    _, name, shape = _TYPES[question]
    if not _writable(resource_type, name):
        verdict.not_applicable(f"the tenant does not serve {name}, or for reading only")
    exchange = _refused(targets_refused, question)
    assert exchange.status == 400
    assert scim_type(exchange) in {None, "invalidValue", "invalidSyntax", "invalidPath"}
    stored = targets_refused.fetched.resource.get(name)
    assert stored is None or isinstance(stored, shape), "the stored value is of another type"


# --- several operations -----------------------------------------------------------------------------------------------


@requirement("RFC7644-3.5.2-35", "RFC7644-3.5.2-38")
@about("displayName")
def test_patch_is_kept_whole_or_not_at_all(targets_refused: Evidence, verdict: Remarks) -> None:
    """When the last of several operations fails, those before it are undone."""
    _unless_it_works(targets_refused, verdict)
    _unkept(targets_refused, "last_fails")


@requirement("RFC7644-3.5.2-36")
@about("displayName")
def test_failing_operation_fails_the_patch(targets_refused: Evidence, verdict: Remarks) -> None:
    """A PATCH in which an operation fails is answered with a 4xx or 5xx status."""
    _unless_it_works(targets_refused, verdict)
    assert targets_refused.last_fails.status >= 400


@pytest.mark.parametrize("question", ["last_fails", "removed_user_name", "unknown_attribute", "open_bracket"])
@requirement("RFC7644-3.5.2-37")
@for_types("User")
def test_failure_has_a_scim_error(targets_refused: Evidence, question: str, verdict: Remarks) -> None:
    """A failed PATCH has a SCIM error with its schema and status as the body."""
    exchange = targets_refused[question]
    if exchange.ok:
        verdict.not_applicable("the PATCH did not fail, which another check judges")
    schemas = exchange.resource.get("schemas")
    assert isinstance(schemas, list), "the error has no schemas"
    assert ERROR in schemas
    assert str(exchange.resource.get("status")) == str(exchange.status)


# --- other resources --------------------------------------------------------------------------------------------------


@requirement("RFC7644-3.5.2-44", "RFC7643-4.1.1-08")
@for_types("User")
def test_taken_user_name_is_refused(targets_refused: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A PATCH that would give a user the userName of another is refused with 409 uniqueness."""
    if not _writable(resource_type, "userName"):
        verdict.not_applicable("a userName cannot be changed here, by the tenant's schema")
    exchange = _refused(targets_refused, "taken")
    assert scim_type(exchange) in {None, "uniqueness"}
    if exchange.status == 400 and scim_type(exchange) == "uniqueness":
        verdict.warn("the tenant answers 400 uniqueness, where 409 is the status of a conflict")
    else:
        assert exchange.status == 409, detail(exchange)


@requirement("RFC7643-4.1.1-08")
@for_types("User")
def test_taken_user_name_changes_nobody(targets_refused: Evidence) -> None:
    """A PATCH that would give a user the userName of another changes neither of them."""
    holder = targets_refused.taken.request.json["Operations"][0]["value"]
    assert str(lookup(targets_refused.holder_fetched.resource, "userName")).lower() == holder.lower()
    assert str(lookup(targets_refused.fetched.resource, "userName")).lower() != holder.lower()


@requirement("RFC7644-3.5.2-43")
@for_types("User")
def test_patch_of_nobody_is_404(messages_refused: Evidence) -> None:
    """A PATCH of an id that no resource has is answered with 404."""
    unless_offered(messages_refused, messages_refused.nobody)
    assert messages_refused.nobody.status == 404


def _writable(resource_type: ResourceType, name: str) -> bool:
    """Whether the tenant's schema has an attribute that clients may change."""
    bound = resource_type.find(name)
    return bound is not None and bound.attribute.mutability == "readWrite"
