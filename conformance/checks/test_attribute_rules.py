"""Required, unique and immutable attributes, as the tenant's schemas mark them (RFC 7643 §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.bound import links
from conformance.checks.declare import for_attributes, requirement
from conformance.checks.given import SUCCESS, asked, done, offered
from conformance.checks.values import as_sent, occurrences, single_values
from conformance.probes.evidence import Blocked

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute

# No create at this endpoint, or none in this media type: other checks judge that.
_NOT_FOR_THE_ATTRIBUTES = {404, 405, 406, 415, 501}
_NOT_SENT = "no value that any tenant must take is known for it"


def _required(bound: BoundAttribute) -> bool:
    return bound.attribute.required and bound.attribute.mutability != "readOnly" and bound.parent is None


def _hidden(bound: BoundAttribute) -> bool:
    return bound.attribute.mutability == "writeOnly" or bound.attribute.returned == "never"


def _unique(bound: BoundAttribute) -> bool:
    return bound.parent is None and bound.attribute.uniqueness in {"server", "global"}


def _immutable(bound: BoundAttribute) -> bool:
    return bound.attribute.mutability == "immutable" and bound.parent is None and not links(bound)


@requirement("RFC7643-7-16")
@for_attributes(_required)
def test_a_create_needs_each_required_attribute(attribute: BoundAttribute, required_values: Evidence) -> None:
    """A create that lacks an attribute which the served schema marks required is refused with 400."""
    assert asked(required_values, f"create without {attribute.path}", _NOT_SENT).status == 400


@requirement("RFC7643-7-16")
@for_attributes(_required)
def test_null_is_no_value_for_a_required_attribute(attribute: BoundAttribute, required_values: Evidence) -> None:
    """A create in which a required attribute is null is refused with 400."""
    assert asked(required_values, f"create with null {attribute.path}", _NOT_SENT).status == 400


@requirement("RFC7643-7-17")
@for_attributes(_required)
def test_a_replace_needs_each_required_attribute(
    attribute: BoundAttribute, required_values: Evidence, verdict: Remarks
) -> None:
    """A replace that lacks an attribute which the served schema marks required is refused with 400."""
    exchange = offered(asked(required_values, f"replace without {attribute.path}", _NOT_SENT))
    if exchange.ok and _hidden(attribute):
        verdict.note(f"the tenant keeps the value of {attribute.path}, which a client cannot read and send again")
        return
    assert exchange.status == 400


@requirement("RFC7643-7-17")
@for_attributes(lambda bound: _required(bound) and not _hidden(bound) and bound.attribute.returned != "request")
def test_a_required_attribute_is_never_cleared(attribute: BoundAttribute, required_values: Evidence) -> None:
    """A replace that lacks a required attribute leaves the stored value in place."""
    asked(required_values, f"replace without {attribute.path}", _NOT_SENT)
    before = single_values(required_values.created.request.json, attribute)
    came = single_values(required_values.fetched.resource, attribute)
    # A tenant that stores another value than was sent is judged elsewhere.
    if came != single_values(required_values.created.resource, attribute):
        assert as_sent(attribute, before, came) == before


@requirement(lambda attribute: "RFC7643-7-39" if attribute.attribute.uniqueness == "global" else "RFC7643-7-38")
@for_attributes(_unique)
def test_a_unique_value_is_held_once(attribute: BoundAttribute, unique_values: Evidence) -> None:
    """A value that one resource holds for a unique attribute is not given to a second one."""
    second = asked(unique_values, f"second {attribute.path}", _NOT_SENT)
    if _hidden(attribute):
        assert second.refused, f"a second {attribute.path} with the same value is accepted"
        return
    holder = unique_values.requested if attribute.attribute.returned == "request" else unique_values.fetched
    first = single_values(holder.resource, attribute)
    if not first:
        raise Blocked(f"the tenant does not keep {attribute.path}", holder)
    if second.ok:
        assert single_values(second.resource, attribute) != first, "two resources hold the same value"
    else:
        assert second.refused, "the tenant fails instead of refusing the second value"


@requirement("RFC7643-7-26")
@for_attributes(_immutable)
def test_an_immutable_attribute_can_be_set_later(
    attribute: BoundAttribute, immutable_values: Evidence, verdict: Remarks
) -> None:
    """An immutable attribute that has no value yet can be given one by a replace."""
    given = single_values(immutable_values["set"].request.json, attribute)
    if not given:
        verdict.not_applicable(_NOT_SENT)
    came = single_values(immutable_values.after_setting.resource, attribute)
    assert as_sent(attribute, given, came) == given


@requirement("RFC7643-7-27")
@for_attributes(_immutable)
def test_an_immutable_value_stays(attribute: BoundAttribute, immutable_values: Evidence, verdict: Remarks) -> None:
    """A replace with another value for an immutable attribute that has one does not change it."""
    before = occurrences(immutable_values.fetched.resource, attribute)
    if not before:
        verdict.not_applicable("the tenant holds no value for it")
    assert immutable_values.changed.status < 500
    assert occurrences(immutable_values.after_change.resource, attribute) == before


@requirement("RFC7643-1.1-02")
def test_a_create_needs_nothing_but_the_required_attributes(unassigned_values: Evidence) -> None:
    """A create with just the attributes that the served schema marks required is accepted."""
    if unassigned_values.bare.status in _NOT_FOR_THE_ATTRIBUTES:
        done(unassigned_values.bare)
    assert unassigned_values.bare.status in SUCCESS
