"""Replacing resources (RFC 7644 §3.5, §3.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.bound import changeable
from conformance.checks.declare import for_attributes, for_types, requirement
from conformance.checks.given import NOTHING, SUCCESS, asked, body, cleared as shown, done, kept, listed, offered
from conformance.checks.values import state, taken_over
from conformance.probes import choose
from conformance.probes.create import FOREIGN_ID, FOREIGN_META
from conformance.probes.evidence import Blocked
from conformance.probes.parts import alone
from conformance.spec.paths import lookup
from conformance.spec.values import instant, unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute, ResourceType
    from conformance.tenant.exchange import Exchange

_NO_LIST = "the resource type has no optional attribute with several values"
_NO_VALUES = "the resource type has no list whose values a client may choose"
_NO_GROUPS = "the tenant does not serve both User and Group, or no groups of a user"
_NOT_UNIQUE = "the resource type has no attribute whose values are unique"


@requirement("RFC7644-3.5-01")
def test_put_is_supported(replaced: Evidence) -> None:
    """Every writable resource type accepts PUT on an existing resource."""
    refusals = {404, 405, 501}
    assert replaced.replaced.status not in refusals


@requirement("RFC7644-3.5.1-18")
def test_replace_answers_200(replaced: Evidence) -> None:
    """A successful PUT answers 200."""
    if replaced.replaced.refused:
        done(replaced.replaced)
    assert replaced.replaced.status == 200


@requirement("RFC7644-3.5.1-02")
def test_replace_sets_every_singular_value(replaced: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """After a PUT each singular attribute in its body holds the value that was sent."""
    done(replaced.replaced)
    sent, after = replaced.replaced.request.json or {}, done(replaced.after).resource
    attributes = {choose.text(resource_type), choose.naming(resource_type)} - {None, choose.EXTERNAL_ID}
    before = done(replaced.before).resource
    names = [a.name for a in attributes if a and not unassigned(lookup(before, a.name))]
    if not names:
        verdict.not_applicable("the tenant keeps no text attribute that clients may change")
    assert {n: lookup(after, n) for n in names} == {n: sent.get(n) for n in names}


@requirement("RFC7644-3.5.1-03")
def test_replace_sets_every_value_of_a_list(replaced: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A multi-valued attribute in a PUT replaces the stored values: none is missing, none is left over."""
    several = choose.multi_valued(resource_type)
    sent = lookup(done(replaced.replaced).request.json, f"{several.name}.value") if several else None
    if several is None or sent is None:
        verdict.not_applicable(_NO_VALUES)
    after = lookup(done(replaced.after).resource, f"{several.name}.value") or []
    assert sorted(map(str, after)) == sorted(map(str, sent))


@requirement("RFC7644-3.5.1-09")
def test_replace_sets_extension_data(replaced: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """An extension container in a PUT replaces the stored values of the attributes in it."""
    bound = choose.extension_text(resource_type)
    if bound is None:
        verdict.not_applicable("the resource type has no extension with a text attribute")
    sent = lookup(done(replaced.replaced).request.json, bound.path)
    assert lookup(done(replaced.after).resource, bound.path) == sent


@requirement("RFC7643-3.1-20")
def test_replace_changes_external_id(replaced: Evidence, verdict: Remarks) -> None:
    """A client can change externalId with PUT."""
    if unassigned(done(replaced.before).resource.get("externalId")):
        verdict.not_applicable("the tenant does not keep externalId, which another check judges")
    done(replaced.replaced)
    sent = replaced.replaced.request.json or {}
    assert done(replaced.after).resource.get("externalId") == sent.get("externalId")


@requirement("RFC7643-3.1-20")
def test_replace_clears_external_id(cleared: Evidence, verdict: Remarks) -> None:
    """A client can clear externalId with null in a PUT."""
    done(cleared.nulled)
    assert shown(done(cleared.after_null).resource.get("externalId"), "externalId", verdict) in NOTHING


@requirement("RFC7644-3.5.1-19")
def test_replace_returns_the_whole_resource(replaced: Evidence, resource_type: ResourceType) -> None:
    """The body of the answer to a PUT is the resource with id, meta, schemas and its name."""
    resource, naming = done(replaced.replaced).resource, choose.naming(resource_type)
    expected = {"id", "meta", "schemas", *([naming.name] if naming else [])}
    missing = sorted(name for name in expected if unassigned(lookup(resource, name)))
    assert missing == [], "the answer to the PUT lacks these attributes"


@requirement("RFC7644-3.1-08")
def test_replace_returns_what_a_read_returns(replaced: Evidence, resource_type: ResourceType) -> None:
    """The body of the answer to a PUT shows the same state as a GET that follows."""
    answered, read = body(replaced.replaced), done(replaced.after).resource
    assert state(answered, resource_type) == state(read, resource_type), "PUT and GET show different states"


@requirement("RFC7644-3.5.1-24")
def test_replace_can_be_repeated(replaced: Evidence, resource_type: ResourceType) -> None:
    """Sending the same PUT twice succeeds and leaves the resource as after the first."""
    done(replaced.replaced)
    assert replaced.repeated.status in SUCCESS
    before, after = done(replaced.after).resource, done(replaced.after_repeated).resource
    assert state(after, resource_type) == state(before, resource_type), "the second PUT changed the resource"


@for_types("User")
@requirement("RFC7643-4.1.1-11")
@pytest.mark.parametrize("name", ["repeated", "recased"])
def test_own_user_name_is_no_conflict(replaced: Evidence, resource_type: ResourceType, name: str) -> None:
    """A PUT that keeps a User's own userName, in the same or another letter case, is no uniqueness conflict."""
    done(replaced.replaced)
    assert asked(replaced, name, _NOT_UNIQUE).status in SUCCESS, f"the {resource_type.name} keeps its own userName"


@requirement("RFC7644-3.5.1-07", "RFC7643-2.5-03")
def test_null_in_a_replace_clears_the_attribute(
    cleared: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """An optional singular attribute set to null in a PUT has no value afterwards."""
    name = choose.text(resource_type).name
    assert offered(cleared.nulled).status in SUCCESS
    assert shown(lookup(done(cleared.after_null).resource, name), name, verdict) in NOTHING


@requirement("RFC7644-3.5.1-08", "RFC7643-2.5-04")
def test_empty_array_in_a_replace_clears_the_attribute(
    cleared: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """An optional multi-valued attribute set to an empty array in a PUT has no values afterwards, or its default."""
    several = choose.multi_valued(resource_type)
    assert offered(asked(cleared, "emptied", _NO_LIST)).status in SUCCESS
    name = several.name if several else ""
    was, came = (lookup(resource, name) for resource in (body(cleared.created), done(cleared.after_empty).resource))
    # As where the PUT leaves it out (§3.5.1), for no value and an empty array are the same (RFC 7643 §2.5).
    if came not in NOTHING and came == lookup(cleared.after_left_out.resource, name) != was:
        verdict.note(f"the tenant gives {name} a default: {came!r}")
    else:
        assert came in NOTHING


@requirement("RFC7644-3.5.1-06")
def test_attributes_left_out_of_a_replace_are_noted(
    cleared: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """An attribute left out of a PUT is cleared or takes a default."""
    before, after = body(cleared.refilled), done(cleared.after_left_out).resource
    done(cleared.left_out)
    several, bound = choose.multi_valued(resource_type), choose.extension_text(resource_type)
    optional = [choose.text(resource_type).name, "externalId", *([several.name] if several else [])]
    paths = dict.fromkeys([*optional, *([bound.path] if bound else [])])
    filled = [path for path in paths if not unassigned(lookup(before, path))]
    kept = [path for path in filled if lookup(before, path) == lookup(after, path)]
    if kept:
        verdict.warn(f"a PUT that leaves attributes out keeps their old values: {', '.join(kept)}")
    else:
        verdict.note("a PUT that leaves attributes out clears them")


@requirement("RFC7644-3.5.1-02")
def test_a_complex_value_may_be_given_in_part(cleared: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """A complex attribute given in part by a PUT holds that part, and the rest of it is cleared or stays."""
    parts = choose.components(resource_type)
    if parts is None:
        verdict.not_applicable("the resource type has no complex attribute with two texts")
    given, rest = (part.path for part in parts)
    was = kept(lookup(body(cleared.refilled), rest) or None, rest)
    after = done(cleared.after_left_out).resource
    assert lookup(after, given) == lookup(done(cleared.left_out).request.json, given)
    verdict.note(
        f"a PUT of a part of a complex attribute {'keeps' if lookup(after, rest) == was else 'clears'} the rest"
    )


@requirement("RFC7644-3.12-23")
def test_null_within_a_list_is_ignored_or_refused(
    cleared: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A null among the values of a multi-valued attribute in a PUT is left out or refused, and breaks nothing."""
    several = choose.multi_valued(resource_type)
    exchange = offered(asked(cleared, "null_within", _NO_VALUES))
    if exchange.refused:
        verdict.note(f"the tenant refuses null within a list with {exchange.status}")
        return
    assert exchange.status in SUCCESS
    came = lookup(body(exchange), several.name if several else "") or []
    verdict.note(f"the tenant {'shows' if None in came else 'leaves out'} null within a list")


@requirement("RFC7644-3.5.1-20")
def test_last_modified_may_move_without_a_change(replaced: Evidence, verdict: Remarks) -> None:
    """A PUT that changes nothing leaves meta.lastModified as it was or moves it on."""
    done(replaced.repeated)
    was, now = (instant(lookup(done(replaced[n]).resource, "meta.lastModified")) for n in ("after", "after_repeated"))
    if was is None or now is None:
        verdict.not_applicable("the tenant shows no meta.lastModified")
    assert now >= was
    verdict.note(f"a PUT that changes nothing {'moves' if now > was else 'does not move'} meta.lastModified")


@pytest.mark.parametrize("name", ["with_own_id", "with_meta"])
@requirement(
    lambda name: "RFC7644-3.5.1-13" if name == "with_own_id" else "RFC7644-3.5.1-14", "RFC7643-2-01", "RFC7644-3.1-06"
)
def test_replace_accepts_read_only_attributes(
    replaced_claiming: Evidence, resource_type: ResourceType, name: str
) -> None:
    """A PUT whose body repeats the id or holds meta is accepted and its other attributes are set."""
    assert offered(replaced_claiming[name]).status in SUCCESS
    text = choose.text(resource_type).name
    sent = lookup(replaced_claiming[name].request.json, text)
    assert kept(lookup(body(replaced_claiming[name]), text), text) == sent


@requirement("RFC7644-3.5.1-14", "RFC7643-3.1-22")
def test_replace_does_not_take_over_meta(replaced_claiming: Evidence) -> None:
    """A meta object in the body of a PUT is not stored."""
    done(replaced_claiming.with_meta)
    meta = lookup(done(replaced_claiming.after).resource, "meta") or {}
    kept = taken_over(meta, FOREIGN_META)
    assert kept == {}, f"meta holds what the client sent: {kept}"


@requirement("RFC7644-3.5.1-13", "RFC7643-3.1-13")
def test_replace_does_not_change_the_id(replaced_claiming: Evidence, verdict: Remarks) -> None:
    """A PUT with another id in its body leaves the resource with the id of its URL."""
    own = done(replaced_claiming.created).resource.get("id")
    assert done(replaced_claiming.after_other_id).resource.get("id") == own
    if offered(replaced_claiming.with_other_id).refused:
        verdict.warn("the tenant refuses a PUT with another id in its body, which is to be ignored")
        return
    assert body(replaced_claiming.with_other_id).get("id") != FOREIGN_ID


@for_types("User")
@requirement("RFC7644-3.5.1-15", "RFC7643-4.1.2-16")
def test_replace_ignores_groups_of_a_user(replaced_claiming: Evidence) -> None:
    """A groups value in a PUT of a User is accepted and makes the user a member of nothing."""
    exchange = offered(asked(replaced_claiming, "with_groups", _NO_GROUPS))
    assert exchange.status in SUCCESS
    members = lookup(done(replaced_claiming.group_after).resource, "members.value") or []
    user = done(replaced_claiming.after_groups).resource
    assert user.get("id") not in members, "the group lists the user as a member"
    assert user.get("groups") in NOTHING, "the user shows a group that it was never added to"


@requirement("RFC7644-3.5.1-04")
@pytest.mark.parametrize("name", ["replaced", "emptied"])
def test_replace_sets_the_members_of_a_group(replaced_members: Evidence, name: str) -> None:
    """After a PUT of a Group its members are exactly those in the body."""
    exchange = done(asked(replaced_members, name, _NO_GROUPS))
    after = done(replaced_members.after if name == "replaced" else replaced_members.after_empty).resource
    sent = lookup(exchange.request.json, "members.value") or []
    assert set(lookup(after, "members.value") or []) == set(sent)


def _immutable(bound: BoundAttribute) -> bool:
    return bound.attribute.mutability == "immutable" and bound.parent is None


def _immutable_and_shown(bound: BoundAttribute) -> bool:
    return _immutable(bound) and bound.attribute.returned != "never"


@for_attributes(lambda bound: _immutable_and_shown(bound) and not bound.attribute.required)
@requirement("RFC7644-3.5.1-12", "RFC7643-7-26")
def test_replace_sets_an_immutable_attribute_once(fixed: Evidence, attribute: BoundAttribute) -> None:
    """A PUT gives an immutable attribute its value when it has none yet."""
    assert offered(_fixed(fixed, "set", attribute)).status in SUCCESS
    assert not unassigned(_value_set(fixed, attribute)), "the attribute has no value after the PUT"


@for_attributes(_immutable)
@requirement("RFC7644-3.5.1-11")
def test_replace_may_repeat_an_immutable_value(fixed: Evidence, attribute: BoundAttribute) -> None:
    """A PUT that repeats the stored value of an immutable attribute is accepted."""
    done(_fixed(fixed, "set", attribute))
    assert _fixed(fixed, "repeated", attribute).status in SUCCESS, f"repeating {attribute.path}"


@for_attributes(_immutable)
@requirement("RFC7644-3.5.1-10", "RFC7644-3.12-33")
def test_replace_of_an_immutable_value_is_refused(fixed: Evidence, attribute: BoundAttribute) -> None:
    """A PUT that changes the value of an immutable attribute answers 400 with scimType mutability."""
    done(_fixed(fixed, "set", attribute))
    changed = fixed[f"changed {attribute.path}"]
    assert changed.status == 400, f"changing {attribute.path}"
    assert changed.resource.get("scimType") == "mutability"


@for_attributes(_immutable_and_shown)
@requirement("RFC7643-7-27")
def test_immutable_value_stays(fixed: Evidence, attribute: BoundAttribute) -> None:
    """An immutable attribute that has a value is not changed by a later PUT."""
    read = fixed[f"after {attribute.path}"]
    before, after = _value_set(fixed, attribute), lookup(done(read).resource, attribute.path)
    if attribute.attribute.returned == "request" and after is None:
        raise Blocked(f"the tenant does not show {attribute.path} to those who ask for it", read)
    assert after == before


def _value_set(fixed: Evidence, attribute: BoundAttribute) -> object:
    value = lookup(body(_fixed(fixed, "set", attribute)), attribute.path)
    if value is None and attribute.attribute.returned == "request":
        return lookup(done(_fixed(fixed, "set read", attribute)).resource, attribute.path)
    return value


def _fixed(fixed: Evidence, step: str, attribute: BoundAttribute) -> Exchange:
    """Return the exchange of a step about the attribute alone, or else about all that are immutable together."""
    only = alone(step, attribute.path)
    return fixed[only if only in fixed else step]


def _active(bound: BoundAttribute) -> bool:
    return bound.path == "active" and bound.attribute.type == "boolean" and changeable(bound)


@for_types("User")
@for_attributes(_active)
@requirement("RFC7643-4.1.1-24")
@pytest.mark.parametrize(
    ("write", "read", "value"), [("deactivated", "fetched", False), ("reactivated", "fetched_again", True)]
)
def test_active_can_be_set(
    deactivated: Evidence, attribute: BoundAttribute, write: str, read: str, value: bool
) -> None:
    """A client can set active to false and back to true, and reads show the value last set."""
    assert offered(deactivated[write]).status in SUCCESS
    assert lookup(done(deactivated[read]).resource, attribute.path) is value


@for_types("User")
@for_attributes(_active)
@requirement("RFC7643-4.1.1-25")
@pytest.mark.parametrize("name", ["fetched", "listed"])
def test_inactive_user_can_be_read(deactivated: Evidence, attribute: BoundAttribute, name: str) -> None:
    """A User with active=false stays readable and listable."""
    done(deactivated.deactivated)
    exchange = deactivated[name]
    if name == "listed":
        assert str(done(deactivated.created).resource.get("id")) in listed(exchange).found
    else:
        assert exchange.status in SUCCESS, f"the user cannot be read with {attribute.path} false"
