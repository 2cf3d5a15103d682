"""Filters over texts that are hard to quote, to encode or to compare (RFC 7644 §3.4.2.2, §1.2, §5)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import done
from conformance.checks.selection import declined, found, select
from conformance.checks.verdict import NotApplicable, Remarks
from conformance.probes.evidence import Evidence
from conformance.probes.filter_cases import TEXTS, Case
from conformance.spec.paths import lookup
from conformance.spec.schema import ResourceType

pytestmark = for_types("User")


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", TEXTS, ids=str)
def test_quoted_text_is_taken_as_it_stands(
    filtered_texts: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A quoted operand is decoded once, as a URL part and as a JSON string, and every character stands for itself."""
    path = case.filter.partition(" ")[0]
    if resource_type.find(path) is None:
        verdict.not_applicable(f"the tenant serves no {path}")
    selection = select(filtered_texts, case, ("odd", "plain"), resource_type, verdict)
    assert selection.came == selection.expected


@requirement("RFC7644-7.8-01")
def test_equivalent_spellings_are_equal(filtered_texts: Evidence, verdict: Remarks) -> None:
    """A text is found by a filter that writes its accents as characters of their own."""
    if declined(filtered_texts.unicode) or found(filtered_texts.unicode, filtered_texts, ("odd",)) != ["odd"]:
        verdict.not_applicable("the tenant does not find the text in its own spelling")
    if found(filtered_texts.decomposed, filtered_texts, ("odd",)) != ["odd"]:
        verdict.warn("the tenant compares texts without preparing them, so equivalent spellings differ")


@requirement("RFC7644-5-01")
def test_equivalent_user_names_are_equal(filtered_accents: Evidence, verdict: Remarks) -> None:
    """A user name is found by a filter that writes its accents as characters of their own."""
    if found(filtered_accents.composed, filtered_accents, ("created",)) != ["created"]:
        verdict.not_applicable("the tenant does not find the user name in its own spelling")
    if found(filtered_accents.decomposed, filtered_accents, ("created",)) != ["created"]:
        verdict.warn("the tenant compares user names without preparing them, so equivalent spellings differ")


@requirement("RFC7643-2.5-06")
@pytest.mark.parametrize("unset", ["null", "emptied"])
def test_nothing_is_not_present(
    filtered_nothing: Evidence, unset: str, resource_type: ResourceType, verdict: Remarks
) -> None:
    """The operator pr does not match an attribute that was set to null or to an empty array."""
    if declined(filtered_nothing.present):
        verdict.not_applicable("the tenant declines the filter")
    if not filtered_nothing[unset].ok:
        verdict.not_applicable("the tenant refuses to create a user with the attribute unset so")
    _unless_demanded(resource_type)
    assert unset in found(filtered_nothing.ours, filtered_nothing, (unset,))
    assert unset not in found(filtered_nothing.present, filtered_nothing, (unset,))


@requirement("RFC7644-3.4.2.2-48")
def test_empty_text_is_not_present(filtered_nothing: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """The operator pr does not match an attribute whose value is the empty string."""
    if declined(filtered_nothing.present):
        verdict.not_applicable("the tenant declines the filter")
    if not filtered_nothing.hollow.ok or filtered_nothing.hollow.resource.get("nickName") != "":
        verdict.not_applicable("the tenant does not keep an empty string")
    _unless_demanded(resource_type)
    done(filtered_nothing.present)
    assert "hollow" not in found(filtered_nothing.present, filtered_nothing, ("hollow",))


@requirement("RFC7644-3.4.2.2-48")
def test_a_value_of_empty_texts_is_noted(filtered_nothing: Evidence, verdict: Remarks) -> None:
    """The operator pr matches a value whose sub-attributes are all empty strings, or does not."""
    if declined(filtered_nothing["hollow parts"]):
        verdict.not_applicable("the tenant declines the filter")
    if not filtered_nothing.hollow.ok or lookup(filtered_nothing.hollow.resource, "addresses.locality") != [""]:
        verdict.not_applicable("the tenant does not keep empty strings")
    came = found(done(filtered_nothing["hollow parts"]), filtered_nothing, ("hollow",))
    verdict.note(f"a value whose parts are all empty is {'' if came else 'not '}present to the tenant")


@requirement("RFC7644-3.4.2.2-112")
def test_filters_follow_a_change(
    filtered_after_change: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """After a change, filters find the new value and no longer the old one."""
    if resource_type.find("displayName") is None:
        verdict.not_applicable("the tenant serves no displayName")
    latest, oldest = filtered_after_change.named("new")[-1], filtered_after_change.named("old")[-1]
    if declined(latest):
        verdict.not_applicable("the tenant declines a filter on displayName, which another check judges")
    assert found(latest, filtered_after_change, ("created",)) == ["created"], "the new value is not found"
    assert found(oldest, filtered_after_change, ("created",)) == [], "the old value is still found"


@requirement("RFC7643-4.1.1-38", "RFC7643-7-32")
def test_password_cannot_be_found_out(filtered_password: Evidence, verdict: Remarks) -> None:
    """A filter on a part of the password matches nobody."""
    beginning = filtered_password.beginning
    if not beginning.refused:
        assert found(beginning, filtered_password, ("created",)) == []
    verdict.note(f"the tenant answers a filter on the whole password with {filtered_password.equal.status}")


def _unless_demanded(resource_type: ResourceType) -> None:
    """Raise NotApplicable where a user without one of the attributes that the filter names cannot be."""
    demanded = [b.path for name in ("nickName", "emails") if (b := resource_type.find(name)) and b.attribute.required]
    if demanded:
        raise NotApplicable(f"the tenant's schema demands {', '.join(demanded)}")
