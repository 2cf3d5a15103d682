"""Multi-valued attributes (RFC 7643 §2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.declare import for_attributes, for_types, requirement
from conformance.checks.given import asked, listed
from conformance.checks.values import refused_alone, single_values
from conformance.probes.evidence import Blocked
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute

_NONE = "the resource type has no list of that kind"


def _list_of_values(bound: BoundAttribute) -> bool:
    attribute = bound.attribute
    writable = attribute.multi_valued and attribute.mutability == "readWrite" and attribute.returned == "default"
    return writable and attribute.sub("value") is not None and attribute.sub("$ref") is None


def _has_primary(bound: BoundAttribute) -> bool:
    return _list_of_values(bound) and bound.attribute.sub("primary") is not None


@requirement("RFC7643-2.4-05")
@for_attributes(_has_primary)
def test_at_most_one_value_is_primary(attribute: BoundAttribute, element_sets: Evidence, verdict: Remarks) -> None:
    """Of two values sent as primary, at most one is returned as primary, unless the tenant refuses them."""
    came = _elements(element_sets, "two primaries", attribute, verdict)
    primaries = [element for element in came if lookup(element, "primary") is True]
    assert len(primaries) <= 1, "two values are primary"
    if came:
        verdict.note(f"the tenant keeps {len(came)} values and makes {primaries or 'none'} primary")


@requirement("RFC7643-2.4-12")
@for_attributes(_list_of_values)
def test_no_value_occurs_twice(attribute: BoundAttribute, element_sets: Evidence, verdict: Remarks) -> None:
    """An element that is sent twice is returned once, unless the tenant refuses it."""
    came = _elements(element_sets, "twice the same", attribute, verdict)
    pairs = [(str(lookup(e, "type")).casefold(), str(lookup(e, "value"))) for e in came]
    assert sorted(pairs) == sorted(set(pairs)), f"{attribute.path} holds the same type and value twice"


@requirement("RFC7643-2.4-11")
@for_attributes(lambda b: _list_of_values(b) and len(getattr(b.attribute.sub("type"), "canonical_values", ())) > 1)
def test_one_value_may_have_two_types(attribute: BoundAttribute, element_sets: Evidence, verdict: Remarks) -> None:
    """One value that is sent with two types is kept as two elements."""
    came = _elements(element_sets, "two types", attribute, verdict)
    if len(came) != 2:
        verdict.note(f"the tenant keeps {len(came)} of the two elements")


@requirement("RFC7643-2.4-06")
@for_types("User")
@for_attributes(lambda bound: bound.path == "emails.primary")
def test_a_value_is_not_primary_by_itself(attribute: BoundAttribute, plain_elements: Evidence) -> None:
    """A value that was sent without primary is not returned as primary."""
    assert True not in single_values(plain_elements.fetched.resource, attribute)


@requirement("RFC7643-2.4-06")
@for_types("User")
@for_attributes(lambda bound: bound.path == "emails.primary")
def test_a_value_without_primary_is_not_found_as_primary(attribute: BoundAttribute, plain_elements: Evidence) -> None:
    """A filter for primary values does not find a value that was sent without primary."""
    answer = listed(asked(plain_elements, "primary", "the tenant does not offer filters"))
    assert answer.found == set(), f"the filter on {attribute.path} found a value that was sent without it"


@requirement("RFC7643-2.4-06")
@for_types("User")
@for_attributes(lambda bound: bound.path == "emails.primary")
def test_a_value_without_primary_may_be_found_as_not_primary(
    attribute: BoundAttribute, plain_elements: Evidence, verdict: Remarks
) -> None:
    """A filter for values that are not primary finds a value that was sent without primary, or finds nothing."""
    if single_values(plain_elements.fetched.resource, attribute):
        verdict.not_applicable("the tenant gives a value without primary one")
    answer = listed(asked(plain_elements, "secondary", "the tenant does not offer filters"))
    verdict.note(f"to the tenant, a value without primary {'is not primary' if answer.found else 'is neither'}")


@requirement("RFC7643-2.4-10")
@for_types("User")
@for_attributes(lambda bound: bound.path == "emails")
def test_a_value_is_returned_with_a_type(attribute: BoundAttribute, plain_elements: Evidence, verdict: Remarks) -> None:
    """An e-mail address that was sent without a type is returned with one."""
    came = single_values(plain_elements.fetched.resource, attribute)
    if not came:
        raise Blocked("the tenant does not keep emails", plain_elements.fetched)
    if not any(lookup(element, "type") for element in came):
        verdict.note("the tenant gives an e-mail address without a type none")


@requirement("RFC7643-2.4-07")
@for_types("User")
@for_attributes(lambda bound: bound.path == "emails.display")
def test_a_display_text_is_fixed_once_set(
    attribute: BoundAttribute, changed_display: Evidence, verdict: Remarks
) -> None:
    """The display text of a value stays as it was set."""
    patched = changed_display.patched
    assert patched.status < 500
    came = single_values(changed_display.fetched.resource, attribute)
    what = f"refuses with {patched.status}" if not patched.ok else "applies" if "after" in came else "ignores"
    verdict.note(f"the tenant {what} a PATCH of the display text")


@requirement("RFC7643-2.4-13")
@for_attributes(lambda bound: bound.attribute.multi_valued and bound.attribute.type == "complex")
def test_a_list_of_values_has_types(attribute: BoundAttribute, discovery: Evidence, verdict: Remarks) -> None:
    """The definition of a multi-valued complex attribute has a type sub-attribute with suggested values."""
    if not discovery.schemas.ok:
        verdict.not_applicable("the tenant serves no schemas")
    label = attribute.attribute.sub("type")
    if label is None or not label.canonical_values:
        verdict.note(f"{attribute.path} has {'no type' if label is None else 'a type without suggested values'}")


def _elements(evidence: Evidence, name: str, bound: BoundAttribute, verdict: Remarks) -> list[object]:
    """Return the elements that came of what was sent as ``name``; ends the check where the tenant refused them."""
    asked(evidence, name, _NONE)
    refusal = refused_alone(evidence, name, bound)
    if refusal:
        if not refusal.refused:
            raise AssertionError(f"the tenant answered {refusal.status} instead of refusing the values")
        verdict.note(f"the tenant refuses them with {refusal.status}")
        return []
    return single_values(evidence[f"fetched {name}"].resource, bound)
