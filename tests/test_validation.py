"""What may be written, and what a returned representation must look like (RFC 7643 §2, RFC 7644 §3.3, §3.5.1)."""

import pytest
from hypothesis import given, settings, strategies as st

from conformance.spec.errors import ScimError
from conformance.spec.representation import problems
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER, Attribute, ResourceType, Schema, SchemaExtension
from conformance.spec.service import Service
from conformance.spec.validation import validate

USERS, GROUPS = Service.default().resource_types
MINIMAL = {"schemas": [USER], "userName": "bjensen"}


def user(**attributes):
    return MINIMAL | attributes


ACCEPTED = [
    (MINIMAL, MINIMAL),
    ({"SCHEMAS": [USER.upper()], "USERNAME": "bjensen"}, MINIMAL),
    (user(NAME={"FAMILYNAME": "X"}), user(name={"familyName": "X"})),
    # readOnly and unknown attributes are dropped
    (user(id="x", meta={"resourceType": "Group"}, groups=[{"value": "g"}]), MINIMAL),
    (user(favoriteColor="red", name={"colour": "red"}), MINIMAL),
    # null, [] and {} are unassigned
    (user(nickName=None, emails=[], name={}, addresses=None), MINIMAL),
    (user(emails=[None, {"value": "a", "type": None}]), user(emails=[{"value": "a"}])),
    (user(name={"givenName": None}), MINIMAL),
    (user(emails=[None, {}]), MINIMAL),
    (user(nickName="true"), user(nickName="true")),
    (user(nickName=""), user(nickName="")),
    # values
    (
        user(active="True", roles=[{"primary": "False", "value": "r"}]),
        user(active=True, roles=[{"primary": False, "value": "r"}]),
    ),
    (user(displayName="Zoë 李 🙂"), user(displayName="Zoë 李 🙂")),
    (user(emails=[{"value": "a"}, {"value": "a"}]), user(emails=[{"value": "a"}])),
    (user(emails=[{"value": "a", "type": "yacht"}]), user(emails=[{"value": "a", "type": "yacht"}])),
    (user(addresses=[{"locality": "L", "primary": True}]), user(addresses=[{"locality": "L", "primary": True}])),
    (user(x509Certificates=[{"value": "TWFu"}]), user(x509Certificates=[{"value": "TWFu"}])),
    (user(profileUrl="../x?y"), user(profileUrl="../x?y")),
    # schemas and extensions
    (user(schemas=[ENTERPRISE_USER, USER, "http://example.com/marker"]), MINIMAL),
    (
        user(schemas=[ENTERPRISE_USER, USER]) | {ENTERPRISE_USER: {"department": "D"}},
        user(schemas=[USER, ENTERPRISE_USER]) | {ENTERPRISE_USER: {"department": "D"}},
    ),
    (
        MINIMAL | {ENTERPRISE_USER.upper(): {"Department": "D", "manager": {"value": "m", "displayName": "M"}}},
        user(schemas=[USER, ENTERPRISE_USER]) | {ENTERPRISE_USER: {"department": "D", "manager": {"value": "m"}}},
    ),
    (MINIMAL | {ENTERPRISE_USER: {"department": None}}, MINIMAL),
]


@pytest.mark.parametrize(("body", "canonical"), ACCEPTED)
def test_the_canonical_writable_copy(body, canonical):
    assert validate(body, USERS) == canonical
    assert validate(canonical, USERS) == canonical


REFUSED = [
    ([], "invalidSyntax"),
    ("x", "invalidSyntax"),
    ({"userName": "x"}, "invalidSyntax"),
    (user(schemas=[]), "invalidSyntax"),
    (user(schemas=USER), "invalidSyntax"),
    (user(schemas=[GROUP]), "invalidSyntax"),
    (user(USERNAME="other"), "invalidSyntax"),
    ({"schemas": [USER]}, "invalidValue"),
    (user(userName=None), "invalidValue"),
    (user(userName=""), "invalidValue"),
    (user(userName=5), "invalidValue"),
    (user(active="maybe"), "invalidValue"),
    (user(active=1), "invalidValue"),
    (user(name="Bob"), "invalidValue"),
    (user(title={"a": 1}), "invalidValue"),
    (user(title=["a"]), "invalidValue"),
    (user(emails="a@b"), "invalidValue"),
    (user(emails={"value": "a"}), "invalidValue"),
    (user(emails=["a"]), "invalidValue"),
    (user(emails=5), "invalidValue"),
    (user(active=[True]), "invalidValue"),
    (user(emails=[{"value": 5}]), "invalidValue"),
    (user(x509Certificates=[{"value": "***"}]), "invalidValue"),
    (user(profileUrl="no uri"), "invalidValue"),
    (user(emails=[{"value": "a", "primary": True}, {"value": "b", "primary": True}]), "invalidValue"),
    (MINIMAL | {ENTERPRISE_USER: "x"}, "invalidValue"),
]


@pytest.mark.parametrize(("body", "scim_type"), REFUSED)
def test_a_body_that_is_refused(body, scim_type):
    with pytest.raises(ScimError) as caught:
        validate(body, USERS)
    assert (caught.value.status, caught.value.scim_type) == (400, scim_type)
    assert len(caught.value.detail) < 200


def test_a_group_needs_its_display_name():
    with pytest.raises(ScimError, match="displayName is required"):
        validate({"schemas": [GROUP], "members": [{"value": "a"}]}, GROUPS)


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (user(title="T"), user(title="T", password="p")),
        (user(password="q"), user(password="q")),
        (user(password=None), MINIMAL),
    ],
)
def test_a_replace_keeps_what_the_client_cannot_see(body, result):
    stored = user(id="1", title="S", name={"givenName": "G"}, password="p", meta={"resourceType": "User"})
    assert validate(body, USERS, for_replace_of=stored) == result


def test_a_replace_may_bring_an_extension():
    body = user(schemas=[USER, ENTERPRISE_USER]) | {ENTERPRISE_USER: {"division": "V"}}
    assert validate(body, USERS, for_replace_of=MINIMAL) == body


def test_messages_keep_passwords():
    with pytest.raises(ScimError) as caught:
        validate(user(password=["hunter2"]), USERS)
    assert "hunter2" not in caught.value.detail


PART = Attribute(
    "part", type="complex", sub_attributes=(Attribute("number", mutability="immutable"), Attribute("note"))
)
BADGE = Schema("urn:example:Badge", "Badge", attributes=(Attribute("code", required=True),))
DEVICES = ResourceType(
    "Device",
    "/Devices",
    Schema(
        "urn:example:Device",
        "Device",
        attributes=(Attribute("serial", mutability="immutable"), Attribute("size", type="integer"), PART),
    ),
    extensions=(SchemaExtension(BADGE, required=True),),
)
STAFF = ResourceType(
    "Staff",
    "/Staff",
    Schema(
        "urn:example:Staff",
        "Staff",
        attributes=(
            Attribute("phones", type="complex", multi_valued=True, sub_attributes=(Attribute("value", required=True),)),
        ),
    ),
    extensions=(SchemaExtension(Schema("urn:example:Extra", "Extra", attributes=(Attribute("note"),)), required=True),),
)
DEVICE = {"schemas": ["urn:example:Device", BADGE.id], BADGE.id: {"code": "c"}}


@pytest.mark.parametrize(
    ("stored", "body", "result"),
    [
        ({}, {"serial": "1"}, {"serial": "1"}),
        ({"serial": "1"}, {"serial": "1"}, {"serial": "1"}),
        ({"serial": "1"}, {}, {"serial": "1"}),
        ({"part": {"number": "n"}}, {"part": {"note": "x"}}, {"part": {"number": "n", "note": "x"}}),
    ],
)
def test_immutable_values_in_a_replace(stored, body, result):
    assert validate(DEVICE | body, DEVICES, for_replace_of=DEVICE | stored) == DEVICE | result


@pytest.mark.parametrize(
    ("stored", "body"),
    [
        ({"serial": "1"}, {"serial": "2"}),
        ({"serial": "1"}, {"serial": None}),
        ({"part": {"number": "n"}}, {"part": {"number": "m"}}),
    ],
)
def test_immutable_values_that_differ_are_refused(stored, body):
    with pytest.raises(ScimError) as caught:
        validate(DEVICE | body, DEVICES, for_replace_of=DEVICE | stored)
    assert caught.value.scim_type == "mutability"


@pytest.mark.parametrize(
    "change",
    [{BADGE.id: None}, {BADGE.id: {}}, {BADGE.id: {"code": None}}, {"size": 1.5}, {"size": True}, {"size": "1"}],
)
def test_required_extensions_and_integers(change):
    with pytest.raises(ScimError) as caught:
        validate(DEVICE | change, DEVICES)
    assert caught.value.scim_type == "invalidValue"


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({}, "extension urn:example:Extra is required"),
        ({"urn:example:Extra": {"other": 1}}, "extension urn:example:Extra is required"),
        ({"urn:example:Extra": {"note": "n"}, "phones": [{"type": "work"}]}, "phones.value is required"),
    ],
)
def test_what_is_required_within_is_named(change, detail):
    with pytest.raises(ScimError, match=detail):
        validate({"schemas": ["urn:example:Staff"], **change}, STAFF)


RETURNED = {
    "schemas": [USER, ENTERPRISE_USER],
    "id": "1",
    "userName": "bjensen",
    "nickName": None,
    "photos": [],
    "active": True,
    "emails": [{"value": "a", "type": "work", "primary": True}, {"value": "b", "display": "B"}],
    "addresses": [{"locality": "L", "primary": False}],
    "meta": {"resourceType": "User", "created": "2024-05-01T00:00:00Z", "lastModified": "2024-05-01T00:00:00.5+02:00"},
    ENTERPRISE_USER: {"department": "D"},
}


def test_a_right_representation_has_no_problems():
    assert problems(RETURNED, USERS) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"schemas": None}, {("schemas", "missing")}),
        ({"schemas": USER}, {("schemas", "shape")}),
        ({"schemas": [ENTERPRISE_USER]}, {("schemas", "schemas")}),
        ({"schemas": [USER]}, {("schemas", "schemas")}),
        ({"schemas": [USER, USER, ENTERPRISE_USER]}, {("schemas", "schemas")}),
        ({"id": 5}, {("id", "type")}),
        ({"id": None}, {("id", "missing")}),
        ({"meta": None}, {("meta", "missing")}),
        ({"meta": RETURNED["meta"] | {"resourceType": "users"}}, {("meta.resourceType", "resourceType")}),
        ({"meta": RETURNED["meta"] | {"created": "2024-05-01"}}, {("meta.created", "type")}),
        ({"userName": None}, {("userName", "missing")}),
        ({"active": "true"}, {("active", "type")}),
        ({"name": "Bob"}, {("name", "type")}),
        ({"name": [{"givenName": "B"}]}, {("name", "shape")}),
        ({"emails": {"value": "a"}}, {("emails", "shape")}),
        ({"emails": ["a"]}, {("emails", "type")}),
        ({"emails": [{"value": 1, "hue": 2}]}, {("emails.value", "type"), ("emails.hue", "unknown")}),
        ({"emails": [{"primary": True}, {"primary": True}]}, {("emails", "primary")}),
        ({"password": "x"}, {("password", "secret")}),
        ({"favoriteColor": "red"}, {("favoriteColor", "unknown")}),
        ({ENTERPRISE_USER: []}, set()),
        ({ENTERPRISE_USER: "x"}, {(ENTERPRISE_USER, "shape")}),
        ({ENTERPRISE_USER: {"rank": 1}}, {(f"{ENTERPRISE_USER}:rank", "unknown")}),
    ],
)
def test_problems_of_a_representation(change, expected):
    found = problems(RETURNED | change, USERS)
    assert {(p.path, p.kind) for p in found} == expected
    assert all(str(p).startswith(p.path) for p in found)


def test_names_in_another_letter_case_are_no_problem():
    renamed = {key.upper(): value for key, value in RETURNED.items()}
    assert problems(renamed, USERS) == []


def test_an_optional_extension_may_be_left_out_with_all_it_requires():
    devices = ResourceType("Device", "/Devices", DEVICES.schema, extensions=(SchemaExtension(BADGE),))
    assert validate({"schemas": [DEVICES.schema.id]}, devices) == {"schemas": [DEVICES.schema.id]}


@pytest.mark.parametrize("mutability", ["immutable", "writeOnly"])
def test_a_value_that_is_fixed_or_hidden_may_be_left_out_of_a_replace_unless_it_is_required(mutability: str):
    def keys(*, required: bool) -> ResourceType:
        code = Attribute("code", required=required, mutability=mutability)
        return ResourceType("Key", "/Keys", Schema("urn:example:Key", "Key", attributes=(code,)))

    stored = {"schemas": ["urn:example:Key"], "code": "c"}
    bare = {"schemas": ["urn:example:Key"]}
    assert validate(bare, keys(required=False), for_replace_of=stored) == stored
    with pytest.raises(ScimError, match="code is required"):
        validate(bare, keys(required=True), for_replace_of=stored)


def test_a_representation_that_is_no_object():
    assert [p.kind for p in problems([RETURNED], USERS)] == ["shape"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("aT", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["value", "primary", "type", "VALUE"]), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(["schemas", "userName", "name", "emails", "active", "meta", "id", ENTERPRISE_USER, "x"])


def attempt(body):
    try:
        return validate(body, USERS)
    except ScimError as error:
        return error


@given(st.dictionaries(NAMES, JSON, max_size=4))
@settings(max_examples=100, deadline=None)
def test_what_is_accepted_is_right(body):
    result = attempt(MINIMAL | body)
    if isinstance(result, ScimError):
        assert result.status == 400
    else:
        assert {p.kind for p in problems(result | {"id": "1"}, USERS)} <= {"missing"}
    assert all(p.message for p in problems(body, USERS))
