"""Which attributes the probes work with."""

import pytest

from conformance.probes import choose
from conformance.probes.samples import Recipe, Samples
from conformance.spec.schema import GROUP, USER, Attribute, ResourceType, Schema
from conformance.spec.service import Service

SERVICE = Service.default()


def of(*attributes, urn="urn:example:Device"):
    return ResourceType("Device", "/Devices", Schema(urn, "Device", attributes=attributes))


@pytest.mark.parametrize(
    ("name", "chosen"),
    [("User", ("userName", "userName", "title", "emails")), ("Group", ("displayName", None, "externalId", "members"))],
)
def test_the_types_of_the_rfc(name, chosen):
    resource_type = SERVICE.resource_type(name)
    found = [choice(resource_type) for choice in (choose.naming, choose.unique, choose.text, choose.multi_valued)]
    assert tuple(a and a.name for a in found) == chosen


def test_another_type_goes_by_its_schema():
    serial = Attribute("serial", required=True, uniqueness="server")
    device = of(Attribute("displayName"), serial, Attribute("colour"), Attribute("shape", canonical_values=("round",)))
    assert choose.naming(device) == choose.unique(device) == serial
    assert choose.required(device) == [serial]
    assert choose.text(device).name == "colour"
    assert choose.multi_valued(device) is None


def test_group_display_name_is_required_whatever_the_schema_says():
    assert [a.name for a in choose.required(of(Attribute("displayName"), urn=GROUP))] == ["displayName"]


def test_read_only_attributes_are_never_chosen():
    frozen = of(Attribute("note", mutability="readOnly"), Attribute("tags", multi_valued=True, mutability="readOnly"))
    assert choose.text(frozen) == choose.EXTERNAL_ID
    assert choose.multi_valued(frozen) is None


def test_a_user_without_served_attributes_still_gives_an_answer():
    bare = of(urn=USER)
    assert (choose.naming(bare), choose.unique(bare), choose.component(bare), choose.extension_text(bare)) == (
        None,
    ) * 4


def test_members_are_known_as_links_where_the_schema_has_no_ref():
    value = Attribute("value")
    members = Attribute("members", type="complex", multi_valued=True, sub_attributes=(value,))
    emails = Attribute("emails", type="complex", multi_valued=True, sub_attributes=(value,))
    linked = Attribute("owners", type="complex", sub_attributes=(value, Attribute("$ref", type="reference")))
    assert [a.links for a in (members, emails, linked, Attribute("manager"))] == [True, False, True, False]
    body = Samples(Recipe("seed", "tag"), "probe").full(of(Attribute("displayName"), members, emails, urn=GROUP))
    assert {"displayName", "emails"} <= set(body)
    assert "members" not in body


def test_a_required_link_is_given_where_there_is_something_to_point_to():
    value = Attribute("value")
    members = Attribute("members", type="complex", multi_valued=True, required=True, sub_attributes=(value,))
    team = of(Attribute("displayName"), members, urn=GROUP)
    linked = Samples(Recipe("seed", "tag"), "probe", lambda attribute: {"value": f"a target of {attribute.name}"})
    assert linked.minimal(team)["members"] == [{"value": "a target of members"}]
    assert "members" not in Samples(Recipe("seed", "tag"), "probe").minimal(team)


def test_what_a_schema_demands_within_a_value_is_added_to_it():
    parts = (Attribute("formatted", required=True), Attribute("givenName"), Attribute("rank", mutability="readOnly"))
    person = of(Attribute("name", type="complex", sub_attributes=parts), Attribute("tags", multi_valued=True))
    body = {"schemas": ["urn:example:Device"], "name": {"givenName": "Bea"}, "tags": ["a"]}
    completed = Samples(Recipe("seed", "tag"), "probe").completed(person, body)
    assert completed == body | {"name": {"givenName": "Bea", "formatted": completed["name"]["formatted"]}}
    assert completed["name"]["formatted"]
    assert body["name"] == {"givenName": "Bea"}
