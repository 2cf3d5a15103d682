"""Filters whose answer each needs its own judgement: nobody, user names in capitals, and what the RFC leaves open."""

import pytest

from conformance.checks import discovered
from conformance.checks.declare import for_types, requirement
from conformance.checks.given import done
from conformance.checks.selection import STRANGERS, declined, found, select
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.probes.filter_cases import CASES, EVERYBODY, QUESTIONS, UNSETTLED, Case
from conformance.spec.paths import lookup
from conformance.spec.schema import ResourceType

pytestmark = for_types("User")
_PEOPLE = EVERYBODY.split()
_INEXACT = next(case for case in CASES if case.name == "inexact eq")
# What it means that such a filter finds Anna, and what that it does not.
_READINGS = {
    "ne of several": ("ne holds where one of the values differs", "ne holds where no value is equal"),
    "gt in capitals": ("small letters come after capitals", "letter case does not matter to the order"),
    "gt on references": ("references are ordered as texts", "references have no order"),
    "sw on times": ("times are compared with sw as texts", "sw finds no time"),
    "co on booleans": ("booleans are compared with co as texts", "co finds no boolean"),
}


@requirement("RFC7644-3.4.2-14")
def test_filter_that_matches_nothing_answers_200(filtered: Evidence) -> None:
    """A query whose filter matches nothing answers 200."""
    assert filtered.nobody.status == 200


@requirement("RFC7644-3.4.2-15")
def test_filter_that_matches_nothing_counts_0(filtered: Evidence, verdict: Remarks) -> None:
    """A query whose filter matches nothing has totalResults 0."""
    document = done(filtered.nobody).resource
    assert document.get("totalResults") == 0
    if "Resources" not in document:
        verdict.note("the tenant leaves Resources out where nothing matches; some clients read it all the same")


@requirement("RFC7644-3.4.2.2-03")
def test_filters_return_nobody_else(filtered: Evidence) -> None:
    """Filters that only our own users can match return no other resources."""
    answered = [filtered[name] for name in (*(case.name for case in CASES), *QUESTIONS) if name in filtered]
    assert [e.name for e in answered if e.ok and STRANGERS in found(e, filtered, _PEOPLE)] == []


@requirement("RFC7643-4.1.1-10")
def test_user_name_is_found_in_any_letter_case(
    filtered: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A filter on userName finds the user when the operand is in capitals."""
    came = found(filtered.capitals, filtered, _PEOPLE)
    served = resource_type.find("userName")
    if served and served.attribute.case_exact and came == []:
        verdict.warn("the tenant's own schema calls userName case-exact; the RFC says that it is not")
    else:
        assert came == ["anna"]


@requirement("RFC7643-2.2-03")
def test_unstated_letter_case_means_nothing(
    discovery: Evidence, filtered: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A filter finds title in any letter case where its served definition has no caseExact."""
    _unstated(discovery, resource_type, "caseExact", verdict)
    selection = select(filtered, _INEXACT, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected


@requirement("RFC7643-2.2-06")
def test_unstated_uniqueness_means_none(
    discovery: Evidence, filtered: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """Two users may have the same title where its served definition has no uniqueness."""
    _unstated(discovery, resource_type, "uniqueness", verdict)
    assert [name for name in _PEOPLE if name in filtered and filtered[name].status == 409] == []


@requirement("RFC7644-3.4.2.2-80")
def test_value_filters_are_offered(filtered: Evidence, verdict: Remarks) -> None:
    """Filters in square brackets are offered, or else declined."""
    exchange = filtered["value filter"]
    if declined(exchange):
        verdict.note("the tenant declines filters in square brackets")
    else:
        assert found(exchange, filtered, _PEOPLE) == ["bert"]


@requirement("RFC7644-3.4.2.2-82")
def test_square_brackets_hold_sub_attributes_only(filtered: Evidence, verdict: Remarks) -> None:
    """A name in square brackets that is no sub-attribute of the attribute before them matches nothing or is refused."""
    if declined(filtered["value filter"]):
        verdict.not_applicable("the tenant declines filters in square brackets")
    done(filtered["value filter"])
    exchange = filtered["foreign name inside"]
    if declined(exchange):
        verdict.note("the tenant refuses the filter")
    else:
        assert found(exchange, filtered, _PEOPLE) == []


@requirement("RFC7644-3.4.2.2-33")
def test_ne_of_nothing(filtered: Evidence, verdict: Remarks) -> None:
    """The operator ne matches a user who has no value for the attribute."""
    if declined(filtered["ne of nothing"]):
        verdict.not_applicable("the tenant declines the filter")
    came = found(filtered["ne of nothing"], filtered, _PEOPLE)
    verdict.note(f"the tenant {'counts' if 'dora' in came else 'does not count'} no value as different from a value")


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", UNSETTLED, ids=str)
def test_operator_beyond_single_texts(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """An operator on several values, or on what is no text, is refused or finds those whom some reading allows."""
    if case.name in filtered and declined(filtered[case.name]):
        verdict.note(f"the tenant declines the filter with {filtered[case.name].status}")
        return
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected
    anna = "anna" in found(filtered[case.name], filtered, _PEOPLE)
    verdict.note(f"to the tenant, {_READINGS[case.name][0 if anna else 1]}")


@requirement("RFC7644-3.4.2.2-90")
def test_bare_multi_valued_attribute_means_its_values(filtered: Evidence, verdict: Remarks) -> None:
    """A comparison on a multi-valued attribute without a sub-attribute compares its values."""
    exchange = filtered["bare multi-valued"]
    if declined(exchange):
        verdict.note("the tenant declines a comparison on a multi-valued attribute without a sub-attribute")
    else:
        assert found(exchange, filtered, _PEOPLE) == ["anna"]
        verdict.note("the tenant compares the values")


@requirement("RFC7644-3.4.2.2-106")
def test_null_is_an_operand(filtered: Evidence, verdict: Remarks) -> None:
    """A comparison with null gives a result or 400, and eq null, if it matches anybody, those without a value."""
    exchange = filtered.null
    assert exchange.status in {200, 400}
    if exchange.status == 400:
        verdict.note("the tenant refuses null as an operand")
        return
    came, unset = found(exchange, filtered, _PEOPLE), [n for n in _PEOPLE if not filtered[n].resource.get("title")]
    verdict.note(f"eq null finds {', '.join(came) or 'nobody'} of the users, where {', '.join(unset)} have no value")
    if came not in ([], unset):
        verdict.warn("eq null finds users who have a value, or not all who have none")


@requirement("RFC7643-2.3.7-03")
def test_letter_case_of_references_is_noted(filtered: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A reference is found by a filter in other letter case, or nobody is."""
    if declined(filtered.reference) or found(filtered.reference, filtered, _PEOPLE) != ["anna"]:
        verdict.not_applicable("the tenant does not find a reference in its own spelling")
    came, served = found(filtered["reference in capitals"], filtered, _PEOPLE), resource_type.find("profileUrl")
    assert came in ([], ["anna"])
    says = "calls references case-exact" if served and served.attribute.case_exact else "does not call them case-exact"
    verdict.note(f"the served schema {says}, and a filter in other letter case finds {'one' if came else 'none'}")


@requirement("RFC7644-3.4.2.2-109")
def test_filters_use_the_default_that_was_returned(filtered: Evidence, verdict: Remarks) -> None:
    """A value that the tenant gave to an attribute left out by the client is present for a filter."""
    if lookup(filtered.dora.resource, "active") is None:
        verdict.not_applicable("the tenant gives active no default")
    if declined(filtered.pr):
        verdict.not_applicable("the tenant declines filters with pr")
    assert found(filtered.default, filtered, _PEOPLE) == ["dora"]


def _unstated(discovery: Evidence, resource_type: ResourceType, characteristic: str, verdict: Remarks) -> None:
    """End the check unless the definition of title that the tenant serves says nothing of a characteristic."""
    served = [d for d in discovered.definitions(discovery) if d.urn == resource_type.schema.id and d.depth == 1]
    if not any(discovered.text(d.entry, "name") == "title" and characteristic not in d.entry for d in served):
        verdict.not_applicable(f"the tenant's definition of title says something of {characteristic}, or there is none")
