"""Other ways to write the same resource (RFC 7643 §2.1, §2.3.1, §2.3.8, §2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.bound import links, stored
from conformance.checks.declare import for_attributes, for_types, requirement
from conformance.checks.given import SUCCESS, asked, done
from conformance.checks.values import as_sent, occurrences, single_values
from conformance.probes.evidence import Blocked
from conformance.probes.notation import TEXTS
from conformance.spec.paths import lookup
from conformance.spec.schema import USER
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute, ResourceType

_MOST_NAMES = 5


@requirement("RFC7643-2.1-01")
def test_attribute_names_are_read_in_any_letter_case(resource_type: ResourceType, other_letter_case: Evidence) -> None:
    """A create whose attribute names are in another letter case sets these attributes."""
    assert other_letter_case["names"].status in SUCCESS
    assert _lost(resource_type, other_letter_case, "names") == []


@requirement("RFC7643-2.1-01")
@for_types("User", "Group")
def test_names_are_spelled_as_printed(discovery: Evidence, other_letter_case: Evidence, verdict: Remarks) -> None:
    """Answers spell the names of attributes, and of the parts of messages, as the RFCs print them."""
    answers = [*discovery, other_letter_case["plain: fetched"]]
    spelled = [f"{name} for {printed}" for e in answers if e.ok for name, printed in e.respelled.items()]
    if spelled:
        told = ", ".join(list(dict.fromkeys(spelled))[:_MOST_NAMES])
        verdict.warn(f"the tenant writes {told}: letter case means nothing here, but many clients know one only")


@requirement("RFC7643-2.1-02")
@pytest.mark.parametrize("names", ["sub-names", "extension names"])
def test_inner_names_are_read_in_any_letter_case(
    resource_type: ResourceType, other_letter_case: Evidence, names: str
) -> None:
    """A create whose names of sub-attributes, or of extension attributes, are in another letter case sets these."""
    exchange = asked(other_letter_case, names, "the resource type has no such attributes")
    assert exchange.status in SUCCESS
    assert _lost(resource_type, other_letter_case, names) == []


@requirement("RFC7643-3.3-09")
def test_the_uri_of_an_extension_is_read_in_any_letter_case(
    resource_type: ResourceType, other_letter_case: Evidence, verdict: Remarks
) -> None:
    """The URI that names an extension's object in a create is accepted in another letter case."""
    exchange = asked(other_letter_case, "URI", "the resource type has no extension with text attributes")
    assert exchange.status < 500
    if not exchange.ok:
        verdict.note(f"the tenant refuses the URI in another letter case with {exchange.status}")
    elif _lost(resource_type, other_letter_case, "URI"):
        verdict.note("the tenant drops what stands under the URI in another letter case")


@requirement("RFC7643-2.3.8-02", "RFC7643-2.4-03", "RFC7643-3-09")
def test_the_order_of_members_means_nothing(resource_type: ResourceType, any_order: Evidence) -> None:
    """A create written back to front, schemas last and its URIs reversed, is understood like any other."""
    assert any_order.reversed.status in SUCCESS
    scrambled = _lost(resource_type, any_order, "reversed")
    assert scrambled == [], "these attributes hold other values than the ones that were sent for them"


@requirement("RFC7643-2.5-01")
def test_null_on_create_is_accepted(unassigned_values: Evidence) -> None:
    """A create in which optional attributes are null is accepted."""
    done(unassigned_values.bare)
    assert unassigned_values.null.status in SUCCESS


@requirement("RFC7643-2.5-02")
def test_an_empty_array_on_create_is_accepted(unassigned_values: Evidence) -> None:
    """A create in which optional multi-valued attributes are empty arrays is accepted."""
    done(unassigned_values.bare)
    assert unassigned_values["[]"].status in SUCCESS


@requirement(lambda attribute: "RFC7643-2.5-02" if attribute.attribute.multi_valued else "RFC7643-2.5-01")
@for_attributes(lambda bound: bound.parent is None and not bound.attribute.required and stored(bound))
def test_null_and_empty_arrays_leave_no_value(
    attribute: BoundAttribute, unassigned_values: Evidence, verdict: Remarks
) -> None:
    """An attribute that a create sets to null, or to an empty array, has no value afterwards, or its default."""
    name = "[]" if attribute.attribute.multi_valued else "null"
    if attribute.urn is None and lookup(unassigned_values[name].request.json, attribute.name) not in (None, []):
        verdict.not_applicable("the create needs a value for it")
    came = [v for v in occurrences(unassigned_values[f"{name}: fetched"].resource, attribute) if not unassigned(v)]
    defaults = [v for v in occurrences(unassigned_values["bare: fetched"].resource, attribute) if not unassigned(v)]
    if came and defaults:
        verdict.note(f"the tenant gives {attribute.path} the default {came[0]!r}")
    else:
        assert came == [], f"{attribute.path} has a value, although none was given"


@requirement("RFC7643-2.3.1-01")
@pytest.mark.parametrize("kind", TEXTS)
def test_text_comes_back_as_it_was_sent(
    resource_type: ResourceType, unicode_text: Evidence, kind: str, verdict: Remarks
) -> None:
    """Any text comes back whole, with emoji, combining or right-to-left characters, quotes or of great length."""
    bound, text = next(_holding(resource_type, unicode_text, TEXTS[kind]), (None, ""))
    if bound is None:
        verdict.not_applicable("the resource type has too few free text attributes, or the tenant refuses the text")
    came = single_values(unicode_text.fetched.resource, bound)
    if not came:
        raise Blocked(f"the tenant does not keep {bound.path}", unicode_text.fetched)
    if text not in came and as_sent(bound, [text], came) == [text]:
        verdict.note("the tenant keeps another letter case, or another Unicode form, of the same characters")
        return
    assert came == [text], f"{bound.path} came back with other characters than were sent"


def _holding(resource_type: ResourceType, evidence: Evidence, text: str) -> Iterator[tuple[BoundAttribute, str]]:
    given = evidence.named("created")[-1].request.json
    for bound in resource_type.attributes():
        for value in single_values(given, bound):
            if isinstance(value, str) and text in value:
                yield bound, value


def _lost(resource_type: ResourceType, evidence: Evidence, name: str) -> list[str]:
    """Return the paths of what was written in another way and is not there, though it is when written plainly."""
    missing = set(_missing(resource_type, evidence, "plain"))
    return [path for path in _missing(resource_type, evidence, name) if path not in missing]


def _missing(resource_type: ResourceType, evidence: Evidence, name: str) -> Iterator[str]:
    given, fetched = evidence.named(name)[0].request.json, evidence[f"{name}: fetched"].resource
    for bound in resource_type.attributes():
        if stored(bound) and not links(bound) and bound.attribute.type != "complex" and not _formatted(bound):
            sent = single_values(given, bound)
            if as_sent(bound, sent, single_values(fetched, bound)) != sent:
                yield bound.path


def _formatted(bound: BoundAttribute) -> bool:
    """Whether a tenant may make the value itself, from the parts of a name or an address."""
    return bound.attribute.name == "formatted" or (bound.path == "displayName" and bound.schema.id == USER)
