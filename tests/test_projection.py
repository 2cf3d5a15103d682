"""Which attributes a response shows (RFC 7644 §3.4.2.5, §3.9)."""

from copy import deepcopy

import pytest

from conformance.spec.errors import ScimError
from conformance.spec.projection import names, project
from conformance.spec.schema import ENTERPRISE_USER, USER, Attribute, ResourceType, Schema
from conformance.spec.service import Service

USERS, _ = Service.default().resource_types
ALWAYS = {"schemas": [USER, ENTERPRISE_USER], "id": "1"}
STORED = ALWAYS | {
    "userName": "bjensen",
    "password": "secret",
    "name": {"givenName": "Barbara", "familyName": "Jensen"},
    "emails": [{"value": "a", "type": "work"}, {"value": "b", "type": "home"}],
    "colour": "red",
    "meta": {"resourceType": "User", "location": "/Users/1"},
    ENTERPRISE_USER: {"department": "D", "manager": {"value": "m", "displayName": "M"}},
}
VISIBLE = {key: value for key, value in STORED.items() if key != "password"}


def without(*keys):
    return {key: value for key, value in VISIBLE.items() if key not in keys}


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ([], VISIBLE),
        (["userName"], ALWAYS | {"userName": "bjensen"}),
        (["USERNAME"], ALWAYS | {"userName": "bjensen"}),
        ([f"{USER}:userName"], ALWAYS | {"userName": "bjensen"}),
        (["name"], ALWAYS | {"name": STORED["name"]}),
        (["name.givenName"], ALWAYS | {"name": {"givenName": "Barbara"}}),
        ([f"{USER.upper()}:NAME.GIVENNAME"], ALWAYS | {"name": {"givenName": "Barbara"}}),
        (["emails.value"], ALWAYS | {"emails": [{"value": "a"}, {"value": "b"}]}),
        (["emails.display"], ALWAYS),
        (["meta.location"], ALWAYS | {"meta": {"location": "/Users/1"}}),
        ([f"{ENTERPRISE_USER}:department"], ALWAYS | {ENTERPRISE_USER: {"department": "D"}}),
        ([f"{ENTERPRISE_USER}:manager.value"], ALWAYS | {ENTERPRISE_USER: {"manager": {"value": "m"}}}),
        ([ENTERPRISE_USER], ALWAYS | {ENTERPRISE_USER: STORED[ENTERPRISE_USER]}),
        (["department"], ALWAYS),
        (["password"], ALWAYS),
        (["noSuch", "a b", "userName"], ALWAYS | {"userName": "bjensen"}),
    ],
)
def test_attributes_shows_the_named_and_the_always_returned(attributes, shown):
    stored = deepcopy(STORED)
    assert project(stored, USERS, attributes) == shown
    assert stored == STORED


@pytest.mark.parametrize(
    ("excluded", "shown"),
    [
        (["emails"], without("emails")),
        (["EMAILS", "name"], without("emails", "name")),
        (["id", "schemas"], VISIBLE),
        (["name.familyName"], without("name") | {"name": {"givenName": "Barbara"}}),
        (["emails.type"], without("emails") | {"emails": [{"value": "a"}, {"value": "b"}]}),
        (["name.givenName", "name.familyName"], without("name")),
        ([f"{ENTERPRISE_USER}:manager"], without(ENTERPRISE_USER) | {ENTERPRISE_USER: {"department": "D"}}),
        ([ENTERPRISE_USER], without(ENTERPRISE_USER)),
        (["noSuch", "password"], VISIBLE),
    ],
)
def test_excluded_attributes_are_left_out(excluded, shown):
    assert project(STORED, USERS, excluded=excluded) == shown


def test_both_parameters_are_refused():
    with pytest.raises(ScimError) as caught:
        project(STORED, USERS, ["userName"], ["emails"])
    assert (caught.value.status, caught.value.scim_type) == (400, "invalidValue")


DEVICES = ResourceType(
    "Device",
    "/Devices",
    Schema(
        "urn:example:Device",
        "Device",
        attributes=(
            Attribute("serial", returned="always"),
            Attribute("log", returned="request"),
            Attribute(
                "owner", type="complex", returned="always", sub_attributes=(Attribute("value"), Attribute("pin"))
            ),
            Attribute(
                "ports",
                type="complex",
                multi_valued=True,
                sub_attributes=(
                    Attribute("value", returned="always"),
                    Attribute("speed"),
                    Attribute("trace", returned="request"),
                    Attribute("key", returned="never"),
                ),
            ),
        ),
    ),
)
OWNER = {"value": "o", "pin": 1}
DEVICE = {"serial": "s", "log": "l", "owner": OWNER, "ports": [{"value": 1, "speed": 2, "trace": 3, "key": 4}]}


@pytest.mark.parametrize(
    ("attributes", "excluded", "shown"),
    [
        ([], [], {"owner": OWNER, "ports": [{"value": 1, "speed": 2}]}),
        (["log"], [], {"owner": OWNER, "log": "l"}),
        (["ports"], [], {"owner": OWNER, "ports": [{"value": 1, "speed": 2}]}),
        (["ports.trace", "ports.key"], [], {"owner": OWNER, "ports": [{"value": 1, "trace": 3}]}),
        (["owner.pin"], [], {"owner": {"pin": 1}}),
        ([], ["serial", "ports.value", "owner"], {"owner": OWNER, "ports": [{"value": 1, "speed": 2}]}),
        ([], ["owner.pin"], {"owner": {"value": "o"}, "ports": [{"value": 1, "speed": 2}]}),
        ([], ["log"], {"owner": OWNER, "ports": [{"value": 1, "speed": 2}]}),
    ],
)
def test_returned_characteristics(attributes, excluded, shown):
    assert project(DEVICE, DEVICES, attributes, excluded) == {"serial": "s"} | shown


def test_odd_values_are_shown_as_they_are():
    odd = {"emails": ["odd", {"value": "a"}], "name": "Bob", ENTERPRISE_USER: "odd", "extra": {"a": 1}}
    assert project(odd, USERS) == {"emails": ["odd", {"value": "a"}], "name": "Bob", "extra": {"a": 1}}


def test_names_of_a_query_parameter():
    assert names("userName, name.givenName,,") == ["userName", "name.givenName"]
    assert names(None) == names("") == []
