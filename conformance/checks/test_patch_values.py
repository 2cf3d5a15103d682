"""PATCH of a multi-valued attribute with and without a value filter (RFC 7644 §3.5.2.1-3.5.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.checks.declare import requirement
from conformance.checks.patching import (
    detail,
    element,
    holds,
    latest,
    on,
    primaries,
    scim_type,
    sent,
    state,
    unless_offered,
    values,
)
from conformance.checks.verdict import NotApplicable
from conformance.probes.evidence import Blocked
from conformance.spec.paths import lookup
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute

pytestmark = on("emails.type")

# What changed the user in values_replaced before the PATCH called elements, in order.
_REPLACED = ("sub", "any_case", "every", "language", "element")


def _given(evidence: Evidence, name: str = "created") -> list[str]:
    """Return the addresses that were sent, in lower case: those of the create unless a PATCH is named."""
    emails = evidence[name].request.json["emails"] if name == "created" else sent(evidence, name)
    if isinstance(emails, dict):
        emails = emails.get("emails", [emails])
    return [email["value"].lower() for email in emails]


def _type(resource: dict[str, Any], address: str) -> str:
    return str(lookup(element(resource, "emails", address), "type")).lower()


def _primaries(resource: dict[str, Any]) -> list[str]:
    return [str(value).lower() for value in primaries(resource, "emails")]


def _of_type(resource: dict[str, Any], name: str) -> list[str]:
    return [address for address in values(resource, "emails") if _type(resource, address) == name]


# --- add --------------------------------------------------------------------------------------------------------------


@requirement("RFC7644-3.5.2.1-15")
def test_add_of_a_value_that_is_there_changes_nothing(values_added: Evidence) -> None:
    """An add of a value that the attribute already holds succeeds and makes no duplicate."""
    assert values_added.again.ok, f"the PATCH was refused: {detail(values_added.again)}"
    again = values(values_added["again read"].resource, "emails")
    assert again == values(values_added.before.resource, "emails")


@requirement("RFC7644-3.5.2.1-15")
def test_add_of_a_value_under_another_type(values_added: Evidence, verdict: Remarks) -> None:
    """An add of a value that is there under another type is refused, changes nothing, or makes a second element."""
    unless_offered(values_added, values_added.retyped)
    if not values_added.retyped.ok:
        assert values_added.retyped.refused, f"the PATCH was answered with {values_added.retyped.status}"
        verdict.note(f"the tenant refuses a value that is there under another type: {detail(values_added.retyped)}")
        return
    home = _given(values_added)[1]
    held = values(state(values_added, "retyped"), "emails").count(home)
    if held == 0:
        raise Blocked("the value was lost, which another check judges", values_added.retyped)
    verdict.note(f"the tenant takes a value under another type for {'the same' if held == 1 else 'another'}")


@requirement("RFC7644-3.5.2.1-10")
def test_add_keeps_the_values_that_were_there(values_added: Evidence) -> None:
    """An add to a multi-valued attribute puts the new values beside those that were there."""
    assert set(values(state(values_added, "several"), "emails")) >= set(_given(values_added))


@requirement("RFC7644-3.5.2.1-11")
def test_add_of_an_array_adds_each(values_added: Evidence) -> None:
    """An add of an array of several values adds all of them."""
    assert set(values(state(values_added, "several"), "emails")) >= set(_given(values_added, "several"))


@requirement("RFC7644-3.5.2.1-12")
def test_add_of_an_object_adds_one(values_added: Evidence, verdict: Remarks) -> None:
    """A single object as the value of an add to a multi-valued attribute is taken as one value."""
    if values_added.object.status == 400:
        verdict.note("the tenant wants an array, even for one value")
        return
    before, after = latest(values_added, "several"), state(values_added, "object")
    assert isinstance(after.get("emails"), list), "the object was stored in place of the array"
    assert set(values(after, "emails")) >= {*values(before, "emails"), *_given(values_added, "object")}


@requirement("RFC7644-3.5.2.1-19", "RFC7644-3.5.2-20")
def test_add_through_a_filter_sets_the_sub_attribute(values_added: Evidence) -> None:
    """An add with a value filter and a sub-attribute sets it in the matching value."""
    work, home = _given(values_added)
    after = state(values_added, "sub")
    assert lookup(element(after, "emails", home), "primary") is True, "the matching value is not primary"
    assert holds(lookup(element(after, "emails", work), "type"), "work"), "the other value was changed"


@requirement("RFC7644-3.5.2-34")
def test_primary_through_a_filter_takes_it_from_the_others(values_added: Evidence, verdict: Remarks) -> None:
    """Setting primary through a value filter takes it away from all other values."""
    primary = _primaries(state(values_added, "sub"))
    if _given(values_added)[1] not in primary:
        verdict.not_applicable("the value did not become primary, which another check judges")
    assert primary == [_given(values_added)[1]]


@requirement("RFC7644-3.5.2-33")
def test_added_primary_takes_it_from_the_others(values_added: Evidence) -> None:
    """When a PATCH adds a value with primary true, no other value is primary afterwards."""
    assert _primaries(state(values_added, "primary")) == _given(values_added, "primary")


@requirement("RFC7644-3.5.2.1-20")
def test_add_where_the_filter_matches_nothing(values_added: Evidence, verdict: Remarks) -> None:
    """An add whose value filter matches nothing creates a value that fits it or fails with noTarget."""
    exchange = values_added.no_match
    if not exchange.ok:
        assert exchange.status == 400
        verdict.note(f"the tenant refuses an add whose filter matches nothing: {detail(exchange)}")
        return
    before, after = latest(values_added, "several", "object", "sub"), state(values_added, "no_match")
    address = exchange.request.json["Operations"][0]["path"].split('"')[1]
    new = [v for v in values(after, "emails") if v not in values(before, "emails")]
    assert new == [address.lower()], "the PATCH was answered with success and created no value that fits the filter"
    assert holds(lookup(element(after, "emails", address), "type"), "home"), "the new value lacks what was added"
    verdict.note("the tenant creates a value that fits the filter")


@requirement("RFC7644-3.5.2.1-02", "RFC7644-3.5.2-12")
def test_add_without_path_adds_what_is_listed(values_added: Evidence) -> None:
    """An add without path sets the attributes that its value lists."""
    assert set(values(state(values_added, "without_path"), "emails")) >= set(_given(values_added, "without_path"))


@requirement("RFC7644-3.5.2.1-03")
def test_add_without_path_joins_the_values(values_added: Evidence) -> None:
    """In an add without path, the values of a multi-valued attribute join those that are stored."""
    assert set(values(state(values_added, "without_path"), "emails")) >= set(_given(values_added))


# --- replace ----------------------------------------------------------------------------------------------------------


@requirement("RFC7644-3.5.2.3-15", "RFC7644-3.5.2-20")
def test_replace_through_a_filter_sets_the_sub_attribute(values_replaced: Evidence) -> None:
    """A replace with a value filter and a sub-attribute sets that sub-attribute in the matching value."""
    after = state(values_replaced, "sub")
    assert sent(values_replaced, "sub").lower() in values(after, "emails")
    assert _given(values_replaced)[0] not in values(after, "emails"), "the old value is still there"


@requirement("RFC7644-3.5.2.3-16")
def test_replace_through_a_filter_leaves_the_other_sub_attributes(values_replaced: Evidence) -> None:
    """A replace of one sub-attribute leaves the others of the matching value."""
    replaced = element(state(values_replaced, "sub"), "emails", sent(values_replaced, "sub"))
    assert holds(lookup(replaced, "type"), "work"), "the type of the value that was replaced is gone"
    assert lookup(replaced, "primary") is True, "the value that was replaced is no longer primary"


@requirement("RFC7644-3.5.2.3-14")
def test_replace_through_a_filter_leaves_the_other_values(values_replaced: Evidence) -> None:
    """A replace with a value filter leaves the values that do not match untouched."""
    after = state(values_replaced, "sub")
    for email in values_replaced.created.request.json["emails"][1:]:
        assert holds(element(after, "emails", email["value"]), email), f"{email['value']} is not what it was"


@requirement("RFC7644-3.5.2-24")
def test_filter_in_a_path_is_read_in_any_letter_case(values_replaced: Evidence) -> None:
    """Names and operators of a value filter in a path are matched without regard to letter case."""
    after = state(values_replaced, "any_case")
    assert sent(values_replaced, "any_case").lower() in values(after, "emails")


@requirement("RFC7644-3.5.2.3-15")
def test_replace_of_a_sub_attribute_reaches_every_match(values_replaced: Evidence) -> None:
    """A replace with a value filter and a sub-attribute sets that sub-attribute in every matching value."""
    before, after = latest(values_replaced, "sub", "any_case"), state(values_replaced, "every")
    matching = _of_type(before, "other")
    if not matching:
        raise Blocked("after the PATCHes before, no value was left for the filter to match")
    assert {address: _type(after, address) for address in matching} == dict.fromkeys(matching, "work")


@requirement("RFC7644-3.5.2-25")
def test_filter_in_a_path_has_the_whole_language(values_replaced: Evidence) -> None:
    """The value filter of a path understands comparison operators, pr, and, or, not and grouping."""
    before, after = latest(values_replaced, "sub", "any_case", "every"), state(values_replaced, "language")
    one = _given(values_replaced)[2]
    unmatched = {address: _type(before, address) for address in values(before, "emails") if address != one}
    assert {address: _type(after, address) for address in unmatched} == unmatched
    if _type(before, one) == "other":
        raise Blocked("the value that the filter matches had the new type before")
    assert _type(after, one) == "other", "the value that the filter matches was not changed"


@requirement("RFC7644-3.5.2.3-13", "RFC7644-3.5.2-19")
def test_replace_with_a_filter_replaces_the_value(values_replaced: Evidence) -> None:
    """A replace with a value filter puts the given value in place of the one that matches."""
    after = state(values_replaced, "element")
    given = sent(values_replaced, "element")
    assert holds(element(after, "emails", given["value"]), given), "the new value is not there"
    assert _given(values_replaced)[1] not in values(after, "emails"), "the old value is still there"


@requirement("RFC7644-3.5.2.3-13")
def test_replace_with_a_filter_reaches_every_match(values_replaced: Evidence) -> None:
    """A replace with a value filter replaces every value that matches."""
    before, after = latest(values_replaced, *_REPLACED), state(values_replaced, "elements")
    given = sent(values_replaced, "elements")["value"].lower()
    matching = set(_of_type(before, "work"))
    if not matching:
        raise Blocked("after the PATCHes before, no value was left for the filter to match")
    assert given in values(after, "emails"), "the new value is not there"
    assert matching & set(values(after, "emails")) == set()


@requirement("RFC7644-3.5.2.3-19", "RFC7644-3.5.2-33")
def test_replaced_primary_takes_it_from_the_others(values_replaced: Evidence, verdict: Remarks) -> None:
    """When a value is replaced by one with primary true, no other value is primary afterwards."""
    after, given = state(values_replaced, "element"), sent(values_replaced, "element")["value"].lower()
    if element(after, "emails", given) is None:
        verdict.not_applicable("the value was not replaced, which another check judges")
    assert _primaries(after) == [given]


@requirement("RFC7644-3.5.2.3-17")
def test_replace_where_the_filter_matches_nothing_is_refused(values_replaced: Evidence) -> None:
    """A replace whose value filter matches nothing is refused with 400 and changes nothing."""
    unless_offered(values_replaced, values_replaced.no_match)
    assert values_replaced.no_match.status == 400
    absent = values_replaced.no_match.request.json["Operations"][0]["path"].split('"')[1]
    assert absent not in values(latest(values_replaced, *_REPLACED, "elements"), "emails"), "a value was created"


@requirement("RFC7644-3.5.2.3-18")
def test_replace_where_the_filter_matches_nothing_says_no_target(values_replaced: Evidence, verdict: Remarks) -> None:
    """The error to a replace whose value filter matches nothing has scimType noTarget."""
    if values_replaced.no_match.ok:
        verdict.not_applicable("the replace was not refused, which another check judges")
    assert scim_type(values_replaced.no_match) == "noTarget"


@requirement("RFC7644-3.5.2.3-04")
def test_replace_without_path_replaces_all_values(values_replaced: Evidence) -> None:
    """In a replace without path, the values of a multi-valued attribute take the place of all old ones."""
    assert values(state(values_replaced, "without_path"), "emails") == _given(values_replaced, "without_path")


# --- remove -----------------------------------------------------------------------------------------------------------


@requirement("RFC7644-3.5.2.2-08")
def test_remove_with_two_conditions_takes_what_meets_both(values_removed: Evidence) -> None:
    """A remove whose value filter joins two conditions deletes just the values that meet both."""
    assert values(state(values_removed, "both"), "emails") == sorted(_given(values_removed)[1:])


@requirement("RFC7644-3.5.2.2-07", "RFC7644-3.5.2-19")
def test_remove_with_a_filter_takes_the_match_alone(values_removed: Evidence) -> None:
    """A remove with a value filter deletes the value that matches and no other."""
    before, after = latest(values_removed, "both"), state(values_removed, "one")
    assert values(after, "emails") == sorted(set(values(before, "emails")) - set(_of_type(before, "work")))


@requirement("RFC7644-3.5.2.2-07")
def test_remove_where_the_filter_matches_nothing_takes_nothing(values_removed: Evidence, verdict: Remarks) -> None:
    """A remove whose value filter matches nothing takes no value away, whether it succeeds or is refused."""
    if not values_removed.no_match.ok:
        assert values_removed.no_match.status == 400
        verdict.note(f"the tenant refuses a remove whose filter matches nothing: {detail(values_removed.no_match)}")
        return
    before = values(latest(values_removed, "both", "one"), "emails")
    assert values(state(values_removed, "no_match"), "emails") == before
    verdict.note("the tenant answers a remove whose filter matches nothing with success")


@requirement("RFC7644-3.5.2.2-11")
def test_remove_of_a_sub_attribute_keeps_the_value(values_removed: Evidence) -> None:
    """A remove of a sub-attribute through a value filter unassigns it and leaves the value itself."""
    home = element(state(values_removed, "sub"), "emails", _given(values_removed)[2])
    assert home is not None, "the whole value is gone"
    assert unassigned(lookup(home, "type")), "the sub-attribute still has its value"


@requirement("RFC7644-3.5.2.2-09")
def test_remove_with_a_filter_takes_every_match(values_removed: Evidence) -> None:
    """When the value filter of a remove matches several values, all of them are deleted."""
    after = set(values(state(values_removed, "several"), "emails"))
    assert after & set(_given(values_removed)[3:]) == set()


@requirement("RFC7644-3.5.2.2-10")
def test_remove_of_the_last_value_clears_the_attribute(values_removed: Evidence, attribute: BoundAttribute) -> None:
    """When the last value of a multi-valued attribute is removed, the attribute has no value."""
    _unless_last_of_its_kind(values_removed, attribute)
    assert unassigned(state(values_removed, "last").get("emails")), "the attribute still has values"


@requirement("RFC7644-3.5.2.2-10")
def test_pr_does_not_match_what_was_removed(
    values_removed: Evidence, attribute: BoundAttribute, verdict: Remarks
) -> None:
    """A multi-valued attribute whose last value was removed is not matched by a filter with pr."""
    _unless_last_of_its_kind(values_removed, attribute)
    state(values_removed, "last")
    if not values_removed.last_present.ok:
        verdict.not_applicable("the tenant does not answer a filter with pr")
    assert values_removed.last_present.found == set()


def _unless_last_of_its_kind(evidence: Evidence, attribute: BoundAttribute) -> None:
    """Raise NotApplicable where the last value may not go, Blocked where it was not the last."""
    if attribute.parent and attribute.parent.required:
        raise NotApplicable("the tenant's schema demands emails")
    before = values(latest(evidence, "both", "one", "no_match", "sub", "several"), "emails")
    if before != [_given(evidence)[2]]:
        raise Blocked("the value to remove was not the only one that was left")


@requirement("RFC7644-3.5.2.2-22")
def test_remove_of_no_values_is_no_server_error(values_removed: Evidence, verdict: Remarks) -> None:
    """A remove of a multi-valued attribute without values succeeds, or fails with 400 noTarget."""
    if values_removed.unset.ok:
        return
    assert values_removed.unset.status == 400
    verdict.note(f"the tenant refuses to remove what has no value: {detail(values_removed.unset)}")
