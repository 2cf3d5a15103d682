"""Every attribute that the tenant's schemas advertise: stored, returned, of its type (RFC 7643 §2, §4, §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.bound import changeable, characterised, described, links, on_request, stored, typed
from conformance.checks.declare import for_attributes, for_types, requirement
from conformance.checks.given import SUCCESS, asked, body, done
from conformance.checks.values import (
    DROPPED,
    advertised,
    as_sent,
    dropped,
    is_dropped,
    left_out,
    occurrences,
    refused_alone,
    representations,
    sent,
    single_values,
    top,
)
from conformance.probes.evidence import Blocked
from conformance.spec.paths import AttrPath, lookup
from conformance.spec.schema import USER, BoundAttribute
from conformance.spec.values import fits, unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import ResourceType

_STANDARD = "urn:ietf:params:scim:schemas:"


def _kept_on_create(attribute: BoundAttribute) -> list[str]:
    first = "RFC7643-7-26" if attribute.attribute.mutability == "immutable" else "RFC7643-7-25"
    return [first, *(["RFC7643-3.3-07"] if attribute.urn else []), *described(attribute)]


def _kept_on_replace(attribute: BoundAttribute) -> list[str]:
    several = (attribute.parent or attribute.attribute).multi_valued
    clauses = ["RFC7643-7-25", "RFC7644-3.5.1-03" if several else "RFC7644-3.5.1-02"]
    return [*clauses, *(["RFC7643-1.2-03"] if several else []), *(["RFC7644-3.5.1-09"] if attribute.urn else [])]


@requirement("RFC7643-7-25")
def test_no_attribute_is_dropped(
    resource_type: ResourceType, attribute_values: Evidence, discovery: Evidence, verdict: Remarks
) -> None:
    """Every attribute that the tenant's schema offers and a create sets is there when the resource is read."""
    given, came = done(attribute_values.named("created")[-1]).request.json, attribute_values.fetched.resource
    free = [b for b in resource_type.attributes() if stored(b) and not links(b) and single_values(given, b)]
    lost = [bound for bound in free if is_dropped(came, bound)]
    unadvertised = [bound.path for bound in lost if not advertised(discovery, bound)]
    if unadvertised:
        verdict.note(f"the tenant serves no schema that offers them and drops {', '.join(unadvertised)}")
    offered = [b.path for b in lost if b.attribute.mutability == "readWrite" and b.path not in unadvertised]
    assert offered == [], "the tenant accepts these attributes, which its schema offers, and drops them"


@requirement(_kept_on_create)
@for_attributes(lambda bound: stored(bound) and not links(bound))
def test_a_create_keeps_the_value(
    attribute: BoundAttribute, attribute_values: Evidence, discovery: Evidence, verdict: Remarks
) -> None:
    """A value that a create sets is there when the resource is read."""
    if left_out(attribute_values, "created", attribute):
        verdict.warn(f"the tenant refuses a {attribute.path} that is not in a list it does not publish")
        return
    refusal = refused_alone(attribute_values, "created", attribute) if attribute.parent is None else None
    if refusal and refusal.refused and not attribute.schema.id.startswith(_STANDARD):
        verdict.not_applicable(f"the tenant refuses the sample value of {attribute.path}, whose rules are its own")
    if refusal:
        assert refusal.status in SUCCESS, f"the tenant refused {attribute.path}, which its schema offers"
    given = sent(attribute_values, "created", attribute)
    fetched = attribute_values.fetched.resource
    lost = dropped(fetched, attribute)
    if lost and not advertised(discovery, attribute):
        verdict.not_applicable("the tenant drops the attribute and serves no schema that offers it")
    if lost and attribute.attribute.mutability == "readWrite":
        raise Blocked(DROPPED, attribute_values.fetched)
    assert not lost, f"the tenant accepted {attribute.path} and dropped it, although its schema offers it"
    if attribute.attribute.type != "complex":
        came = _settled(attribute, given, single_values(fetched, attribute), verdict)
        assert came == given, f"{attribute.path} came back with another value than was sent"


@requirement(_kept_on_replace)
@for_attributes(changeable)
def test_a_replace_sets_the_value(attribute: BoundAttribute, attribute_values: Evidence, verdict: Remarks) -> None:
    """A value that a replace sets is there when the resource is read, each one where there are several."""
    first = single_values(attribute_values.named("created")[0].request.json, attribute)
    if first and dropped(attribute_values.fetched.resource, attribute):
        raise Blocked(f"the tenant does not even keep {attribute.path} on create", attribute_values.fetched)
    given = sent(attribute_values, "replaced", attribute)
    came = single_values(attribute_values.refetched.resource, attribute)
    if attribute.attribute.type == "complex":
        assert len(came) == len(given), f"{attribute.path} does not hold as many values as the replace sent"
        return
    if attribute.parent and len(came) < len(given) and _lacks_elements(attribute, attribute_values):
        raise Blocked(f"the tenant does not keep all elements of {attribute.parent.name}", attribute_values.refetched)
    came = _settled(attribute, given, came, verdict)
    assert came == given, f"{attribute.path} does not hold what the replace sent"


@requirement(lambda attribute: [*typed(attribute), *characterised(attribute)])
@for_attributes(lambda bound: bound.attribute.returned != "never" and not links(bound))
def test_a_value_has_the_type_of_its_attribute(
    attribute: BoundAttribute, attribute_values: Evidence, verdict: Remarks
) -> None:
    """Each value that the tenant returns is of the JSON type and form that its attribute's type demands."""
    found = [v for r in representations(attribute_values) for v in single_values(r, attribute) if not unassigned(v)]
    if not found:
        verdict.not_applicable("no answer of the tenant holds a value for it")
    wrong = [value for value in found if not fits(attribute.attribute.type, value)]
    assert wrong == [], f"{attribute.path} has values that are not of type {attribute.attribute.type}"


@requirement("RFC7643-1.2-02")
@for_attributes(lambda bound: not bound.attribute.multi_valued and bound.attribute.returned != "never")
def test_a_singular_attribute_is_no_array(
    attribute: BoundAttribute, attribute_values: Evidence, verdict: Remarks
) -> None:
    """An attribute with one value is returned as that value, not as an array."""
    found = [v for r in representations(attribute_values) for v in occurrences(r, attribute) if v is not None]
    if not found:
        verdict.not_applicable("no answer of the tenant holds a value for it")
    arrays = [value for value in found if isinstance(value, list)]
    assert arrays == [], f"{attribute.path} is singular and came as an array"


@requirement("RFC7643-2.4-01")
@for_attributes(lambda bound: bound.attribute.multi_valued and bound.attribute.returned != "never")
def test_a_multi_valued_attribute_is_an_array(
    attribute: BoundAttribute, attribute_values: Evidence, verdict: Remarks
) -> None:
    """An attribute with several values is returned as an array, even when it has just one."""
    found = [v for r in representations(attribute_values) for v in occurrences(r, attribute) if v is not None]
    if not found:
        verdict.not_applicable("no answer of the tenant holds a value for it")
    others = [value for value in found if not isinstance(value, list)]
    assert others == [], f"{attribute.path} is multi-valued and came as something other than an array"


@requirement(lambda attribute: ["RFC7643-7-24", *characterised(attribute)])
@for_attributes(lambda bound: (bound.parent or bound.attribute).mutability == "readOnly")
def test_a_client_cannot_change_a_read_only_attribute(attribute: BoundAttribute, attribute_values: Evidence) -> None:
    """A replace that sends a value for a readOnly attribute does not change it."""
    before, after = attribute_values.refetched.resource, attribute_values.after_forging.resource
    assert occurrences(after, attribute) == occurrences(before, attribute), "the client's value was taken over"


@requirement(lambda attribute: ["RFC7643-7-28", "RFC7643-7-31", *characterised(attribute)])
@for_attributes(lambda bound: bound.attribute.mutability == "writeOnly" or bound.attribute.returned == "never")
def test_a_write_only_attribute_is_never_returned(attribute: BoundAttribute, attribute_values: Evidence) -> None:
    """An attribute that is writeOnly, or never returned, is in no answer."""
    sent(attribute_values, "created", attribute)
    found = [v for r in representations(attribute_values) for v in occurrences(r, attribute)]
    assert found == []


@requirement("RFC7643-7-34")
@for_attributes(on_request)
def test_an_attribute_returned_on_request_waits_for_it(attribute: BoundAttribute, attribute_values: Evidence) -> None:
    """An attribute that is returned on request is absent from a plain GET and there when asked for."""
    given = sent(attribute_values, "created", attribute)
    assert occurrences(attribute_values.fetched.resource, attribute) == [], "it came without being asked for"
    came = single_values(attribute_values.requested.resource, attribute)
    assert as_sent(attribute, given, came) == given


@requirement("RFC7643-7-35")
@for_attributes(lambda bound: on_request(bound) and bound.attribute.mutability == "readWrite")
@pytest.mark.parametrize("write", ["created", "replaced", "patched"])
def test_an_attribute_returned_on_request_is_shown_to_its_writer(
    attribute: BoundAttribute, attribute_values: Evidence, write: str
) -> None:
    """The answer to a POST, PUT or PATCH that sets an attribute which is returned on request shows it."""
    asked(attribute_values, write, "the tenant does not offer PATCH")
    if write != "patched":
        sent(attribute_values, write, attribute)
    answer = body(attribute_values.named(write)[-1])
    assert occurrences(answer, attribute) != [], f"the answer does not show {attribute.path}, which was just set"


@requirement("RFC7643-7-30")
@for_attributes(lambda bound: bound.attribute.returned == "always" and bound.parent is None)
def test_an_always_returned_attribute_survives_projection(
    attribute: BoundAttribute, attribute_values: Evidence
) -> None:
    """An attribute that is always returned is there whatever other attributes are asked for."""
    if dropped(attribute_values.fetched.resource, attribute):
        raise Blocked(f"{attribute.path} is not returned at all", attribute_values.fetched)
    assert occurrences(attribute_values.only.resource, attribute) != []


@requirement("RFC7643-7-30")
def test_id_survives_every_projection(attribute_values: Evidence) -> None:
    """The id, which is always returned, is there when another attribute is asked for and when id is to be left out."""
    identifier = attribute_values.fetched.resource.get("id")
    assert attribute_values.only.resource.get("id") == identifier
    assert attribute_values.excluded.resource.get("id") == identifier


@requirement("RFC7643-7-33")
def test_default_attributes_wait_once_others_are_named(resource_type: ResourceType, attribute_values: Evidence) -> None:
    """When an attribute is asked for by name, the others that are returned by default stay out of the answer."""
    named = resource_type.schema.attributes[0].name if resource_type.schema.attributes else "externalId"
    attributes = [b for b in resource_type.attributes(subs=False) if b.attribute.returned == "default"]
    came = attribute_values.only.resource
    others = [b.path for b in attributes if b.name.lower() != named.lower() and occurrences(came, b)]
    assert others == [], f"only {named} was asked for"


@requirement("RFC7643-7-21")
@for_attributes(lambda bound: bound.attribute.case_exact and bound.attribute.type == "string" and stored(bound))
def test_a_case_exact_value_keeps_its_letters(attribute: BoundAttribute, attribute_values: Evidence) -> None:
    """A value of a case-exact attribute comes back in the letter case in which it was sent."""
    given = sent(attribute_values, "created", attribute)
    if dropped(attribute_values.fetched.resource, attribute):
        raise Blocked(f"the tenant does not keep {attribute.path}", attribute_values.fetched)
    came = single_values(attribute_values.fetched.resource, attribute)
    assert [value for value in given if value not in came] == [], "the letter case was changed"


@requirement("RFC7643-7-21", "RFC7643-3.1-15")
def test_an_external_id_keeps_its_letters(attribute_values: Evidence, verdict: Remarks) -> None:
    """An externalId, which is case-exact, comes back in the letter case in which it was sent."""
    came = attribute_values.fetched.resource.get("externalId")
    if came is None:
        verdict.not_applicable("the tenant does not keep externalId")
    assert came == attribute_values.named("created")[-1].request.json["externalId"]


@requirement("RFC7643-7-22")
def test_values_keep_their_letter_case(
    resource_type: ResourceType, attribute_values: Evidence, verdict: Remarks
) -> None:
    """Values of case-insensitive attributes come back in the letter case in which they were sent."""
    given = attribute_values.named("created")[-1].request.json
    folded = []
    for bound in resource_type.attributes():
        if bound.attribute.type == "string" and not bound.attribute.case_exact and stored(bound):
            came = [str(v) for v in single_values(attribute_values.fetched.resource, bound)]
            lower = {value.casefold() for value in came}
            if any(v not in came and str(v).casefold() in lower for v in single_values(given, bound)):
                folded.append(bound.path)
    if folded:
        verdict.note(f"the tenant changes the letter case of {', '.join(folded)}")


@requirement("RFC7643-3-14", "RFC7643-3.3-06")
@for_attributes(lambda bound: bound.urn is not None and bound.parent is None and stored(bound) and not links(bound))
def test_an_extension_attribute_stays_in_its_container(
    attribute: BoundAttribute, attribute_values: Evidence, verdict: Remarks
) -> None:
    """An extension attribute is returned inside the object named by the extension's URI, not at the top level."""
    fetched = attribute_values.fetched.resource
    if attribute.resource_type.schema.attribute(attribute.name) is None:
        assert lookup(fetched, AttrPath(attribute.name)) is None, "it stands at the top level"
    if unassigned(lookup(fetched, str(attribute.urn))):
        verdict.not_applicable("the tenant keeps nothing of the extension")
    assert attribute.urn in fetched, "the extension's object does not have its URI for a key"


@requirement("RFC7643-3.3-07")
def test_a_create_keeps_each_extension(
    resource_type: ResourceType, attribute_values: Evidence, discovery: Evidence, verdict: Remarks
) -> None:
    """Data that a create sends for an extension which the resource type declares is there when it is read."""
    given, fetched = done(attribute_values.named("created")[-1]).request.json, attribute_values.fetched.resource
    declared = [b.urn for b in resource_type.attributes(subs=False) if b.urn and advertised(discovery, b)]
    sent_for = [urn for urn in dict.fromkeys(declared) if given.get(urn)]
    if not sent_for:
        verdict.not_applicable("the tenant serves no extension with attributes that any client could set")
    assert [urn for urn in sent_for if unassigned(lookup(fetched, urn))] == [], "nothing of the extension was kept"


@requirement("RFC7643-3-12")
@for_attributes(lambda bound: bound.urn is None and bound.parent is None and stored(bound))
def test_a_core_attribute_stands_at_the_top_level(attribute: BoundAttribute, attribute_values: Evidence) -> None:
    """An attribute of the base schema stands beside id and meta, not in an object named by the schema's URI."""
    for resource in representations(attribute_values):
        container = lookup(resource, attribute.schema.id)
        assert lookup(container, top(attribute)) is None, f"it stands inside {attribute.schema.id}"


@requirement("RFC7643-4.1.1-34")
@for_types("User")
@for_attributes(lambda bound: bound.path == "password")
def test_a_create_with_a_password_is_accepted(attribute: BoundAttribute, attribute_values: Evidence) -> None:
    """A User may be created with a password."""
    refusal = refused_alone(attribute_values, "created", attribute)
    assert refusal is None, "the tenant refuses a User for having a password"


@requirement("RFC7643-4.1.1-35")
@for_types("User")
@for_attributes(lambda bound: bound.path == "password")
def test_a_replace_with_a_password_is_accepted(attribute: BoundAttribute, attribute_values: Evidence) -> None:
    """A User's password may be changed with a replace where the tenant offers changePassword."""
    refusal = refused_alone(attribute_values, "replaced", attribute)
    assert refusal is None, "the tenant refuses a replace for having a password"


def _lacks_elements(bound: BoundAttribute, evidence: Evidence) -> bool:
    whole = BoundAttribute(bound.resource_type, bound.schema, bound.parent or bound.attribute)
    given = sent(evidence, "replaced", whole)
    return len(single_values(evidence.refetched.resource, whole)) < len(given)


def _settled(bound: BoundAttribute, given: list[object], came: list[object], verdict: Remarks) -> list[object]:
    """Return what came, or what was given where both count as the same."""
    if as_sent(bound, given, came) == given:
        return given
    if not all(fits(bound.attribute.type, value) for value in came):
        raise Blocked(f"{bound.path} came back with values that are not of its type, which another check judges")
    if bound.attribute.name == "primary" and not bound.urn:
        flags = [value is True for value in given]
        return given if [v is True for v in came].count(True) == flags.count(True) else came
    if bound.path in {"displayName", "name.formatted", "addresses.formatted"} and came and bound.schema.id == USER:
        verdict.note(f"the tenant makes {bound.path} itself: it came back as {came[0]!r}")
        return given
    return came
