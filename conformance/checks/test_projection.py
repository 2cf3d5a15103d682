"""Choosing what a response holds: ``attributes`` and ``excludedAttributes`` (RFC 7644 §3.4.2.5, §3.9)."""

from typing import Any

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.given import body
from conformance.checks.selection import kept_short
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.probes.projection import CHOSEN
from conformance.spec.paths import lookup
from conformance.spec.schema import ENTERPRISE_USER, ResourceType
from conformance.spec.values import unassigned
from conformance.tenant.exchange import Exchange

pytestmark = for_types("User")


def _always(resource_type: ResourceType) -> set[str]:
    named = {a.name for a in resource_type.schema.attributes if a.returned == "always"}
    extended = {
        e.schema.id for e in resource_type.extensions if any(a.returned == "always" for a in e.schema.attributes)
    }
    return named | extended | {"id", "schemas"}


def _beside(resource: dict[str, Any], resource_type: ResourceType, *named: str) -> set[str]:
    """Return the assigned attributes beside those named and those always returned; ``meta`` is judged by itself."""
    assigned = {name for name, value in resource.items() if not unassigned(value)}
    return assigned - _always(resource_type) - {"meta", *named}


def _part(projected: Evidence, name: str, verdict: Remarks, *needs: str) -> dict[str, Any]:
    """Return a projected resource; ends the check where the whole resource lacks what the projection is about."""
    lacking = next((n for n in needs or ("title",) if lookup(projected.whole.resource, n) is None), None)
    if lacking:
        verdict.not_applicable(f"the tenant did not keep {lacking}")
    return _resource(projected[name])


def _resource(exchange: Exchange) -> dict[str, Any]:
    assert exchange.ok, f"{exchange.label} answered {exchange.status}"
    return exchange.resource


@requirement("RFC7644-3.9-01")
def test_whole_resource_has_what_was_sent(projected: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """Without projection parameters, a resource is returned with all its default attributes."""
    created = projected.created.resource
    by_default = {b.name for b in resource_type.attributes(subs=False) if b.attribute.returned in {"always", "default"}}
    kept = {name for name in CHOSEN if name in created and name in by_default}
    if not kept:
        verdict.not_applicable("the answer to the create holds none of the attributes")
    assert kept <= set(projected.whole.resource), "a read lacks attributes that the answer to the create held"


@requirement("RFC7644-3.9-02", "RFC7644-3.4.2.5-01", "RFC7643-7-33")
def test_attributes_leaves_out_the_rest(projected: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """With attributes, default attributes that it does not name are left out."""
    assert _beside(_part(projected, "title", verdict), resource_type, "title") == set()


@requirement("RFC7644-3.9-03")
def test_attributes_returns_what_it_names(projected: Evidence, verdict: Remarks) -> None:
    """An attribute that is named in attributes is returned."""
    assert _part(projected, "title", verdict).get("title") == projected.whole.resource["title"]


@requirement("RFC7644-3.9-04", "RFC7643-7-30")
def test_attributes_keeps_the_id(projected: Evidence, verdict: Remarks) -> None:
    """With attributes, the id is returned although it is not named."""
    assert _part(projected, "title", verdict).get("id") == projected.whole.resource.get("id")


@requirement("RFC7644-3.9-05", "RFC7644-3.4.2.5-04")
def test_sub_attribute_comes_without_its_siblings(projected: Evidence, verdict: Remarks) -> None:
    """A sub-attribute named in attributes is returned without the others of its attribute."""
    part = _part(projected, "family name", verdict, "name.familyName", "name.givenName")
    assert part.get("name") == {"familyName": lookup(projected.whole.resource, "name.familyName")}


@requirement("RFC7644-3.9-06")
def test_sub_attribute_comes_in_every_element(projected: Evidence, verdict: Remarks) -> None:
    """A sub-attribute of a multi-valued attribute is returned in each element, without the others."""
    part = _part(projected, "email values", verdict, "emails.value", "emails.type")
    values = lookup(projected.whole.resource, "emails.value")
    assert part.get("emails") == [{"value": value} for value in values]


@requirement("RFC7644-3.9-07")
def test_complex_attribute_comes_whole(projected: Evidence, verdict: Remarks) -> None:
    """A complex attribute named in attributes is returned with all its sub-attributes."""
    assert _part(projected, "name", verdict, "name").get("name") == projected.whole.resource["name"]


@requirement("RFC7644-3.9-08")
def test_attributes_is_a_list(projected: Evidence, verdict: Remarks) -> None:
    """All names of a comma-separated list in attributes are returned."""
    part = _part(projected, "two", verdict, "title", "nickName")
    assert {"title", "nickName"} & set(part) == {"title", "nickName"}


@requirement("RFC7644-3.9-08")
def test_excluded_attributes_is_a_list(projected: Evidence, verdict: Remarks) -> None:
    """All names of a comma-separated list in excludedAttributes are left out."""
    assert {"title", "nickName"} & set(_part(projected, "without two", verdict, "title", "nickName")) == set()


@requirement("RFC7644-3.9-09")
def test_blanks_in_a_list(projected: Evidence, verdict: Remarks) -> None:
    """Blanks around the commas of a list are tolerated."""
    exchange = projected["two with blank"]
    tolerated = exchange.ok and {"title", "nickName"} <= set(exchange.resource)
    verdict.note(f"the tenant {'tolerates' if tolerated else 'does not tolerate'} a blank after the comma")


@requirement("RFC7644-3.9-10")
def test_repeated_parameter(projected: Evidence, verdict: Remarks) -> None:
    """An attributes parameter that occurs twice is merged, used once or refused."""
    exchange = projected.twice
    assert exchange.status in {200, 400}
    used = sorted({"title", "nickName"} & set(exchange.resource)) if exchange.ok else []
    verdict.note(f"the tenant {'uses ' + ' and '.join(used) if used else 'refuses it'}")


@requirement("RFC7644-3.9-11", "RFC7644-3.4.2.5-02")
def test_excluded_attribute_is_left_out(projected: Evidence, verdict: Remarks) -> None:
    """An attribute named in excludedAttributes is left out."""
    assert "title" not in _part(projected, "without title", verdict)


@requirement("RFC7644-3.9-12")
def test_excluded_attributes_leaves_the_rest(projected: Evidence, verdict: Remarks) -> None:
    """Attributes not named in excludedAttributes are returned."""
    part = _part(projected, "without title", verdict)
    assert set(projected.whole.resource) - set(part) - {"title"} == set()


@requirement("RFC7644-3.9-13", "RFC7644-3.4.2.5-03")
def test_id_is_not_excluded(projected: Evidence, verdict: Remarks) -> None:
    """The id is returned even if excludedAttributes names it."""
    assert _part(projected, "without id", verdict, "id").get("id") == projected.whole.resource.get("id")


@requirement("RFC7644-3.9-14")
def test_sub_attribute_is_excluded(projected: Evidence, verdict: Remarks) -> None:
    """A sub-attribute named in excludedAttributes is left out, and its siblings are returned."""
    part = _part(projected, "without family name", verdict, "name.familyName", "name.givenName")
    assert lookup(part, "name.familyName") is None
    assert lookup(part, "name.givenName") == lookup(projected.whole.resource, "name.givenName")


@requirement("RFC7644-3.9-16")
def test_both_parameters(projected: Evidence, verdict: Remarks) -> None:
    """A request with attributes and excludedAttributes is refused or follows one of them."""
    exchange = projected.both
    assert exchange.status in {200, 400}
    verdict.note("the tenant refuses both in one request" if exchange.status == 400 else "the tenant accepts both")


@requirement("RFC7644-3.9-17")
def test_attributes_in_any_letter_case(projected: Evidence, verdict: Remarks) -> None:
    """A name in attributes or excludedAttributes is understood in any letter case."""
    assert "title" in _part(projected, "capitals", verdict)
    assert "title" not in _part(projected, "without capitals", verdict)


@requirement("RFC7644-3.9-18", "RFC7644-3.10-01")
def test_attributes_with_urn(projected: Evidence, verdict: Remarks) -> None:
    """A name in attributes or excludedAttributes is understood with its schema URN."""
    assert "title" in _part(projected, "URN", verdict)
    assert "title" not in _part(projected, "without URN", verdict)


@requirement("RFC7644-3.9-19")
def test_extension_attribute_comes_in_its_extension(projected: Evidence, verdict: Remarks) -> None:
    """An extension attribute named in attributes is returned in its extension, without the others."""
    whole = lookup(projected.whole.resource, ENTERPRISE_USER)
    if not isinstance(whole, dict) or not {"department", "costCenter"} <= set(whole):
        verdict.not_applicable("the tenant did not keep the attributes of the extension")
    part = _resource(projected.department)
    assert part.get(ENTERPRISE_USER) == {"department": whole["department"]}


@requirement("RFC7644-3.9-20")
def test_whole_extension(projected: Evidence, verdict: Remarks) -> None:
    """The URI of an extension in attributes returns the extension, nothing of it, or 400."""
    exchange = projected.extension
    assert exchange.status in {200, 400}
    returned = exchange.ok and ENTERPRISE_USER in exchange.resource
    verdict.note(f"the tenant {'returns the extension' if returned else f'answers {exchange.status} without it'}")


@requirement("RFC7644-3.9-21")
def test_unknown_name_does_no_harm(projected: Evidence, verdict: Remarks) -> None:
    """A name that no schema has is ignored or refused with 400."""
    assert projected.unknown.status in {200, 400}
    verdict.note("the tenant ignores it" if projected.unknown.ok else "the tenant refuses it")


@requirement("RFC7644-3.9-22", "RFC7643-7-31")
def test_password_is_not_returned_on_request(projected: Evidence) -> None:
    """The password is not returned even if attributes names it."""
    if projected.password.ok:
        assert lookup(projected.password.resource, "password") is None, "the answer holds the password"
    else:
        assert projected.password.status == 400


@requirement("RFC7644-3.4.2.5-05")
@pytest.mark.parametrize(("name", "hidden"), [("listed title", "nickName"), ("listed without title", "title")])
def test_projection_holds_for_lists(
    projected: Evidence, name: str, hidden: str, resource_type: ResourceType, verdict: Remarks
) -> None:
    """Projection applies to each resource of a list."""
    if hidden in _always(resource_type):
        verdict.not_applicable(f"{hidden} is always returned, by the tenant's schema")
    exchange = kept_short(projected, name, verdict)
    if hidden not in projected.whole.resource:
        verdict.not_applicable(f"the tenant did not keep {hidden}")
    assert len(exchange.found) == 1
    assert [hidden for resource in exchange.resources if hidden in resource] == []


@requirement("RFC7644-3.9-27")
def test_projected_resource_has_schemas(projected: Evidence, verdict: Remarks) -> None:
    """A projected resource still has schemas."""
    assert "schemas" in _part(projected, "title", verdict)


@requirement("RFC7644-3.9-28")
def test_meta_is_projected_too(projected: Evidence, verdict: Remarks) -> None:
    """The meta attribute is returned where attributes names it and not otherwise."""
    if "meta" not in projected.whole.resource:
        verdict.not_applicable("the tenant returns no meta")
    assert "meta" in _resource(projected.meta)
    assert "meta" not in _part(projected, "title", verdict)


@pytest.mark.parametrize("name", ["posted", "put", "patched"])
@requirement(lambda name: {"posted": "RFC7644-3.9-23", "put": "RFC7644-3.9-24", "patched": "RFC7644-3.9-25"}[name])
def test_projection_holds_for_writes(
    projected_writes: Evidence, name: str, resource_type: ResourceType, verdict: Remarks
) -> None:
    """The attributes parameter of a create, a replacement or a PATCH shapes the resource in its answer."""
    if "nickName" in _always(resource_type):
        verdict.not_applicable("nickName is always returned, by the tenant's schema")
    if "nickName" not in projected_writes["after post"].resource:
        verdict.not_applicable("the tenant did not keep nickName")
    assert "nickName" not in body(projected_writes[name])


@requirement("RFC7644-3.9-26")
@pytest.mark.parametrize("name", ["after post", "after put"])
def test_projection_does_not_limit_what_is_stored(projected: Evidence, projected_writes: Evidence, name: str) -> None:
    """What a write with the attributes parameter stores is what the same write stores without it."""
    expected = {chosen for chosen in CHOSEN if chosen in projected.whole.resource}
    assert expected <= set(projected_writes[name].resource), "an attribute that was sent is not stored"
