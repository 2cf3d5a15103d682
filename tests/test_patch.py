"""PATCH applied to documents (RFC 7644 §3.5.2)."""

from copy import deepcopy

import pytest
from hypothesis import given, settings, strategies as st

from conformance.spec.errors import ScimError
from conformance.spec.messages import PATCH_OP
from conformance.spec.patch import apply, read_operations
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER, Attribute, ResourceType, Schema, SchemaExtension
from conformance.spec.service import Service

USERS, GROUPS = Service.default().resource_types
BABS, JAMES = "2819c223-7f76-453a-919d-413861904646", "08e1d05d-121c-4561-8b96-473d93df9210"

WORK = {"value": "bjensen@example.com", "type": "work", "primary": True}
HOME = {"value": "babs@jensen.org", "type": "home"}
ADDRESS = {"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood"}


def user(**attributes):
    return {"schemas": [USER], "id": "1", "userName": "bjensen", **attributes}


def enterprise(**attributes):
    return user(schemas=[USER, ENTERPRISE_USER]) | {ENTERPRISE_USER: attributes}


def group(*members):
    return {
        "schemas": [GROUP],
        "id": "g",
        "displayName": "Tour Guides",
        **({"members": [{"value": m} for m in members]} if members else {}),
    }


def add(path, value):
    return {"op": "add", "path": path, "value": value}


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


def remove(path, **more):
    return {"op": "remove", "path": path, **more}


# The RFC's own examples of §3.5.2.1 to §3.5.2.3: document, operations, what must be different afterwards.
PRINTED = {
    "add a member": (
        group(),
        [add("members", [{"display": "Babs Jensen", "$ref": f"https://example.com/v2/Users/{BABS}", "value": BABS}])],
        {"members": [{"$ref": f"https://example.com/v2/Users/{BABS}", "value": BABS}]},
    ),
    "add attributes without path": (
        user(emails=[WORK], nickName="B"),
        [{"op": "add", "value": {"emails": [HOME], "nickname": "Babs"}}],
        {"emails": [WORK, HOME], "nickName": "Babs"},
    ),
    "remove one member": (
        group(BABS, JAMES),
        [remove(f'members[value eq "{BABS}"]')],
        {"members": [{"value": JAMES}]},
    ),
    "remove who is no member": (group(JAMES), [remove(f'members[value eq "{BABS}"]')], {}),
    "remove all members": (group(BABS, JAMES), [remove("members")], {"members": None}),
    "remove by a filter of two conditions": (
        user(emails=[WORK, HOME]),
        [remove('emails[type eq "work" and value ew "example.com"]')],
        {"emails": [HOME]},
    ),
    "remove and add a member": (
        group(BABS),
        [remove(f'members[value eq"{BABS}"]'), add("members", [{"value": JAMES}])],
        {"members": [{"value": JAMES}]},
    ),
    "remove all, add others": (
        group("x"),
        [remove("members"), add("members", [{"value": BABS}, {"value": JAMES}])],
        {"members": [{"value": BABS}, {"value": JAMES}]},
    ),
    "replace all members": (
        group("x", "y"),
        [replace("members", [{"value": BABS}, {"value": JAMES}])],
        {"members": [{"value": BABS}, {"value": JAMES}]},
    ),
    "replace the work address and make it primary": (
        user(addresses=[ADDRESS, {"type": "home", "primary": True}]),
        [replace('addresses[type eq "work"]', {"type": "work", "locality": "LA", "primary": True})],
        {"addresses": [{"type": "work", "locality": "LA", "primary": True}, {"type": "home", "primary": False}]},
    ),
    "replace a sub-attribute of the work address": (
        user(addresses=[ADDRESS, {"type": "home"}]),
        [replace('addresses[type eq "work"].streetAddress', "1010 Broadway Ave")],
        {"addresses": [ADDRESS | {"streetAddress": "1010 Broadway Ave"}, {"type": "home"}]},
    ),
    "replace attributes without path": (
        user(emails=[{"value": "old@example.com"}], title="Guide"),
        [{"op": "replace", "value": {"emails": [WORK, HOME], "nickname": "Babs"}}],
        {"emails": [WORK, HOME], "nickName": "Babs"},
    ),
}

RULES = {
    # add (§3.5.2.1)
    "add a singular attribute": (user(), [add("title", "T")], {"title": "T"}),
    "add replaces a singular value": (user(title="A"), [add("title", "B")], {"title": "B"}),
    "add a sub-attribute of an unset complex one": (user(), [add("name.givenName", "G")], {"name": {"givenName": "G"}}),
    "add to a complex attribute merges": (
        user(name={"familyName": "F"}),
        [add("name", {"givenName": "G"})],
        {"name": {"familyName": "F", "givenName": "G"}},
    ),
    "add a single object to a multi-valued attribute": (
        user(emails=[WORK]),
        [add("emails", HOME)],
        {"emails": [WORK, HOME]},
    ),
    "add what is there changes nothing": (
        user(emails=[WORK, HOME]),
        [add("emails", [{"type": "home", "value": HOME["value"]}])],
        {},
    ),
    "add a member who is there changes nothing": (group(BABS), [add("members", [{"value": BABS, "$ref": None}])], {}),
    "add the same value with another type": (
        user(emails=[HOME]),
        [add("emails", [HOME | {"type": "other"}])],
        {"emails": [HOME, HOME | {"type": "other"}]},
    ),
    "add a member who is there with another reference": (
        group(BABS),
        [add("members", [{"value": BABS, "$ref": "../Users/x", "type": "User"}])],
        {},
    ),
    "add to an email that is there": (
        user(emails=[WORK, HOME]),
        [add("emails", [HOME | {"display": "H"}])],
        {"emails": [WORK, HOME | {"display": "H"}]},
    ),
    "add an email that is there, without its type": (
        user(emails=[HOME]),
        [add("emails", [{"value": HOME["value"]}])],
        {},
    ),
    "add an address that is there": (user(addresses=[ADDRESS]), [add("addresses", [dict(ADDRESS)])], {}),
    "add another address": (
        user(addresses=[ADDRESS]),
        [add("addresses", [ADDRESS | {"locality": "LA"}])],
        {"addresses": [ADDRESS, ADDRESS | {"locality": "LA"}]},
    ),
    "add null through a filter adds nothing": (user(emails=[HOME]), [add('emails[type eq "home"]', None)], {}),
    "add null adds nothing": (user(title="A"), [add("title", None)], {}),
    "a new primary demotes the old one": (
        user(emails=[WORK]),
        [add("emails", [HOME | {"primary": True}])],
        {"emails": [WORK | {"primary": False}, HOME | {"primary": True}]},
    ),
    "primary set through a filter demotes the others": (
        user(emails=[WORK, HOME]),
        [replace('emails[type eq "home"].primary', True)],  # noqa: FBT003
        {"emails": [WORK | {"primary": False}, HOME | {"primary": True}]},
    ),
    "add through a filter to matching values": (
        user(emails=[WORK, HOME]),
        [add('emails[type eq "work"].display', "W")],
        {"emails": [WORK | {"display": "W"}, HOME]},
    ),
    "add through a filter that matches nothing creates": (
        user(),
        [add('phoneNumbers[type eq "mobile"].value', "+15550107")],
        {"phoneNumbers": [{"type": "mobile", "value": "+15550107"}]},
    ),
    "add through two conditions creates": (
        user(emails=[WORK]),
        [add('emails[type eq "home" and display eq "H"]', {"value": "h@example.com"})],
        {"emails": [WORK, {"type": "home", "display": "H", "value": "h@example.com"}]},
    ),
    # remove (§3.5.2.2)
    "remove a singular attribute": (user(title="A"), [remove("title")], {"title": None}),
    "remove a sub-attribute": (
        user(name={"givenName": "G", "familyName": "F"}),
        [remove("name.givenName")],
        {"name": {"familyName": "F"}},
    ),
    "remove the last sub-attribute": (user(name={"givenName": "G"}), [remove("name.givenName")], {"name": None}),
    "remove a complex attribute": (user(name={"givenName": "G"}), [remove("name")], {"name": None}),
    "remove what is unset": (user(), [remove("title"), remove("name.givenName"), remove("emails")], {}),
    "remove every match": (
        user(emails=[WORK, {"value": "b@example.com", "type": "work"}, HOME]),
        [remove('emails[type eq "work"]')],
        {"emails": [HOME]},
    ),
    "remove the last value": (user(emails=[HOME]), [remove('emails[type eq "home"]')], {"emails": None}),
    "remove a sub-attribute through a filter": (
        user(emails=[WORK, HOME]),
        [remove('emails[type eq "work"].primary')],
        {"emails": [{"value": WORK["value"], "type": "work"}, HOME]},
    ),
    # replace (§3.5.2.3)
    "replace what is unset": (user(), [replace("nickName", "N")], {"nickName": "N"}),
    "replace in a complex attribute keeps the rest": (
        user(name={"givenName": "G", "familyName": "F"}),
        [replace("name", {"givenName": "H"})],
        {"name": {"givenName": "H", "familyName": "F"}},
    ),
    "replace every match": (
        user(emails=[{"value": "a", "type": "work"}, {"value": "b", "type": "work"}, HOME]),
        [replace('emails[type eq "work"].display', "W")],
        {
            "emails": [
                {"value": "a", "type": "work", "display": "W"},
                {"value": "b", "type": "work", "display": "W"},
                HOME,
            ]
        },
    ),
    "replace whole matches": (
        user(emails=[{"value": "a", "type": "work", "display": "A"}, HOME]),
        [replace('emails[type eq "work"]', {"value": "c", "type": "work"})],
        {"emails": [{"value": "c", "type": "work"}, HOME]},
    ),
    "replace by null removes": (user(title="A"), [replace("title", None)], {"title": None}),
    "replace by an empty array removes": (user(emails=[WORK]), [replace("emails", [])], {"emails": None}),
    "replace by null through a filter removes": (
        user(emails=[WORK, HOME]),
        [replace('emails[type eq "home"]', None)],
        {"emails": [WORK]},
    ),
    "replace several by one": (
        user(emails=[HOME, HOME | {"value": "b"}]),
        [replace('emails[type eq "home"]', {"value": "c"})],
        {"emails": [{"value": "c"}]},
    ),
    "add through a filter merges into matches": (
        user(emails=[WORK, HOME]),
        [add('emails[type eq "home"]', {"display": "H"})],
        {"emails": [WORK, HOME | {"display": "H"}]},
    ),
    "replace by the same value": (
        user(title="A", emails=[WORK]),
        [replace("title", "A"), replace("emails", [WORK])],
        {},
    ),
    # paths
    "operations run in order": (
        user(title="0"),
        [replace("title", "A"), add("nickName", "N"), replace("title", "B"), remove("nickName")],
        {"title": "B"},
    ),
    "names in any letter case": (
        user(name={"familyName": "F"}),
        [replace("NAME.FamilyName", "G"), add("TITLE", "T")],
        {"name": {"familyName": "G"}, "title": "T"},
    ),
    "the core URI in a path": (user(), [add(f"{USER}:title", "T")], {"title": "T"}),
    "the core URI as a path": (user(), [add(USER, {"title": "T"})], {"title": "T"}),
    "an extension attribute adds the URI": (
        user(),
        [add(f"{ENTERPRISE_USER}:employeeNumber", "7")],
        {"schemas": [USER, ENTERPRISE_USER], ENTERPRISE_USER: {"employeeNumber": "7"}},
    ),
    "the last extension attribute takes the URI away": (
        enterprise(employeeNumber="7"),
        [remove(f"{ENTERPRISE_USER}:employeeNumber")],
        {"schemas": [USER], ENTERPRISE_USER: None},
    ),
    "an extension sub-attribute": (
        enterprise(department="D"),
        [add(f"{ENTERPRISE_USER.upper()}:MANAGER.value", "m")],
        {ENTERPRISE_USER: {"department": "D", "manager": {"value": "m"}}},
    ),
    "a whole extension merges": (
        enterprise(department="D"),
        [replace(ENTERPRISE_USER, {"division": "V"})],
        {ENTERPRISE_USER: {"department": "D", "division": "V"}},
    ),
    "an extension in a path-less value merges": (
        enterprise(department="D"),
        [{"op": "add", "value": {ENTERPRISE_USER: {"division": "V"}}}],
        {ENTERPRISE_USER: {"department": "D", "division": "V"}},
    ),
    "replace a whole extension by null": (
        enterprise(department="D"),
        [replace(ENTERPRISE_USER, None)],
        {"schemas": [USER], ENTERPRISE_USER: None},
    ),
    "add null to an extension": (enterprise(department="D"), [add(ENTERPRISE_USER, None)], {}),
    "remove an extension that has no data": (user(), [remove(ENTERPRISE_USER)], {}),
    "remove a whole extension": (
        enterprise(department="D"),
        [remove(ENTERPRISE_USER)],
        {"schemas": [USER], ENTERPRISE_USER: None},
    ),
    "schemas named before the data": (
        user(),
        [add("schemas", [ENTERPRISE_USER]), add(f"{ENTERPRISE_USER}:division", "V")],
        {"schemas": [USER, ENTERPRISE_USER], ENTERPRISE_USER: {"division": "V"}},
    ),
    "a URI taken from schemas takes the data": (
        enterprise(department="D"),
        [remove(f'schemas[value eq "{ENTERPRISE_USER}"]')],
        {"schemas": [USER], ENTERPRISE_USER: None},
    ),
    "a path-less value that names fewer schemas": (
        enterprise(department="D"),
        [{"op": "replace", "value": {"schemas": [USER], "title": "T"}}],
        {"title": "T"},
    ),
    "a path-less value that repeats readOnly values": (
        user(meta={"resourceType": "User", "version": "1"}),
        [{"op": "replace", "value": {"id": "1", "meta": {"resourceType": "User"}, "meta.version": "1", "title": "T"}}],
        {"title": "T"},
    ),
    "names in no schema are passed over without a path": (
        user(),
        [{"op": "add", "value": {"favoriteColor": "red", "a b": 1, "title": "T"}}],
        {"title": "T"},
    ),
    # what common clients send
    "op in capitals": (user(title="A"), [{"op": "Replace", "path": "title", "value": "B"}], {"title": "B"}),
    "remove with a value array": (
        group("a", "b", "c"),
        [{"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "b"}]}],
        {"members": [{"value": "a"}, {"value": "c"}]},
    ),
    "remove with a single value": (
        group("a", "b"),
        [remove("members", value={"value": "a"})],
        {"members": [{"value": "b"}]},
    ),
    "remove with bare ids": (group("a", "b"), [remove("members", value=["a"])], {"members": [{"value": "b"}]}),
    "remove with values that have other sub-attributes": (
        user(emails=[WORK, HOME]),
        [remove("emails", value=[{"value": HOME["value"], "type": "other"}])],
        {"emails": [WORK]},
    ),
    "remove with values without a value": (
        user(addresses=[ADDRESS, {"type": "home"}]),
        [remove("addresses", value={"type": "home"})],
        {"addresses": [ADDRESS]},
    ),
    "remove through a filter with a value": (
        user(emails=[WORK, HOME]),
        [remove('emails[type eq "work"]', value=[HOME])],
        {"emails": [HOME]},
    ),
    "remove with a value that is not there": (user(title="A"), [remove("title", value="B")], {"title": None}),
    "remove with null among the values": (
        user(emails=[WORK, {"type": "home"}]),
        [remove("emails", value=[None])],
        {},
    ),
    "remove with an empty array": (group("a"), [remove("members", value=[])], {}),
    "remove with a value of a singular attribute": (user(title="A"), [remove("title", value="A")], {"title": None}),
    "keys that are paths": (
        user(name={"familyName": "F"}),
        [{"op": "replace", "value": {"name.givenName": "G", f"{ENTERPRISE_USER}:department": "D"}}],
        {
            "schemas": [USER, ENTERPRISE_USER],
            "name": {"familyName": "F", "givenName": "G"},
            ENTERPRISE_USER: {"department": "D"},
        },
    ),
    "booleans as text": (user(active=True), [replace("active", "False")], {"active": False}),
    "a bare manager id": (
        user(),
        [add(f"{ENTERPRISE_USER}:manager", "m")],
        {"schemas": [USER, ENTERPRISE_USER], ENTERPRISE_USER: {"manager": {"value": "m"}}},
    ),
    "a manager as an object": (
        enterprise(department="D"),
        [add(f"{ENTERPRISE_USER}:manager", {"value": "m", "displayName": "passed over"})],
        {ENTERPRISE_USER: {"department": "D", "manager": {"value": "m"}}},
    ),
    "another manager with a reference": (
        enterprise(manager={"value": "m", "$ref": "../Users/m", "displayName": "M"}),
        [replace(f"{ENTERPRISE_USER}:manager", {"value": "n", "$ref": "../Users/n"})],
        {ENTERPRISE_USER: {"manager": {"value": "n", "$ref": "../Users/n"}}},
    ),
    "the same manager stays described": (
        enterprise(manager={"value": "m", "$ref": "../Users/m", "displayName": "M"}),
        [replace(f"{ENTERPRISE_USER}:manager", "m")],
        {},
    ),
    "another manager is described anew": (
        enterprise(manager={"value": "m", "$ref": "../Users/m", "displayName": "M"}),
        [replace(f"{ENTERPRISE_USER}:manager", "n")],
        {ENTERPRISE_USER: {"manager": {"value": "n"}}},
    ),
    "an empty manager id clears": (
        enterprise(department="D", manager={"value": "m", "displayName": "M"}),
        [replace(f"{ENTERPRISE_USER}:manager", "")],
        {ENTERPRISE_USER: {"department": "D"}},
    ),
    "a role picked by a boolean as text": (
        user(),
        [add('roles[primary eq "True"].value', "R"), add('roles[primary eq "True"].display', "D")],
        {"roles": [{"primary": True, "value": "R", "display": "D"}]},
    ),
}


def expected(document, changes):
    return {k: v for k, v in (document | changes).items() if v is not None}


@pytest.mark.parametrize("case", [pytest.param(c, id=name) for name, c in (PRINTED | RULES).items()])
def test_applying(case):
    document, operations, changes = case
    kept = deepcopy(document)
    resource_type = GROUPS if GROUP in document["schemas"] else USERS
    assert apply(document, operations, resource_type) == expected(document, changes)
    assert document == kept


REFUSED = {
    "noTarget": [
        (user(), {"op": "remove"}),
        (user(emails=[HOME]), replace('emails[type eq "work"].value', "x")),
        (user(emails=[HOME]), replace('emails[type eq "work"]', {"value": "x"})),
        (user(), add('emails[type sw "w"].value', "x")),
        (user(), add('emails[type eq "a" and type eq "b"].value', "x")),
        (user(), add('emails[type eq "a" or type eq "b"].value', "x")),
        (user(), add('emails[not (type eq "a")].value', "x")),
    ],
    "invalidPath": [
        (user(), add("", "x")),
        (user(), add("/emails/0", "x")),
        (user(), add("name..x", "x")),
        (user(), add(5, "x")),
        (user(), add("favoriteColor", "red")),
        (user(), add("name.colour", "red")),
        (user(), add("urn:example:other:title", "x")),
        (user(), add('emails[type eq "work"].colour', "x")),
        (user(), add('title[value eq "x"]', "x")),
        (user(emails=[WORK]), add('emails.value[type eq "work"]', "x")),
        (user(emails=[HOME]), replace("emails.value", "x")),
    ],
    "invalidFilter": [
        (user(), add("emails[type eq].value", "x")),
        (user(), remove('emails[colour eq "x"]')),
        (user(), remove("emails[primary gt true]")),
    ],
    "invalidValue": [
        (user(), {"op": "add", "path": "title"}),
        (user(), {"op": "add"}),
        (user(), {"op": "replace", "value": {}}),
        (user(), {"op": "replace", "value": "x"}),
        (user(), replace("active", "maybe")),
        (user(), replace("name", "Bob")),
        (user(), add("name", "Bob")),
        (user(), replace("emails", 5)),
        (user(), add("emails", ["x"])),
        (enterprise(), add(f"{ENTERPRISE_USER}:manager", 5)),
        (user(), add("title", {"a": 1})),
        (user(), replace("userName", None)),
        (user(), replace("userName", "")),
        (user(), add("emails", [WORK, HOME | {"primary": True}])),
        (user(emails=[HOME, HOME | {"value": "b"}]), replace('emails[type eq "home"].primary', True)),  # noqa: FBT003
        (user(), add("schemas", ["urn:example:unknown"])),
    ],
    "mutability": [
        (user(), replace("id", "2")),
        (user(), remove("meta")),
        (user(meta={"created": "2024-05-01T00:00:00Z"}), replace("meta.created", "2024-05-02T00:00:00Z")),
        (user(), add("GROUPS", [{"value": "g"}])),
        (user(), {"op": "replace", "value": {"id": "2"}}),
        (user(meta={"version": "1"}), {"op": "replace", "value": {"meta": {"version": "2"}}}),
        (user(meta={"version": "1"}), {"op": "replace", "value": {"meta.version": "2"}}),
        (enterprise(department="D"), replace("schemas", [ENTERPRISE_USER])),
        (user(), remove("USERNAME")),
        (user(), remove("schemas")),
        (user(), remove(f'schemas[value eq "{USER}"]')),
        (enterprise(department="D"), remove(f'schemas[value eq "{USER}"]')),
        (group(), remove("displayName")),
        (group("a"), replace('members[value eq "a"].value', "b")),
        (enterprise(), add(f"{ENTERPRISE_USER}:manager.displayName", "M")),
    ],
    "invalidSyntax": [
        (user(), {"path": "title", "value": "x"}),
        (user(), {"op": "move", "path": "title", "value": "x"}),
        (user(), {"op": 1, "path": "title", "value": "x"}),
    ],
}


@pytest.mark.parametrize(
    ("scim_type", "document", "operation"), [(t, d, o) for t, cases in REFUSED.items() for d, o in cases]
)
def test_refusing(scim_type, document, operation):
    kept = deepcopy(document)
    resource_type = GROUPS if GROUP in document["schemas"] else USERS
    with pytest.raises(ScimError) as caught:
        apply(document, [add("displayName", "first"), operation], resource_type)
    assert (caught.value.status, caught.value.scim_type) == (400, scim_type)
    assert caught.value.detail
    assert document == kept


SERIAL = Attribute("serial", mutability="immutable")
TAGS = Attribute("tags", multi_valued=True)
BADGE = Schema("urn:example:Badge", "Badge", attributes=(Attribute("colour"), SERIAL))
DEVICES = ResourceType(
    "Device",
    "/Devices",
    Schema("urn:example:Device", "Device", attributes=(SERIAL, TAGS)),
    "",
    (SchemaExtension(BADGE, required=True),),
)


def test_an_immutable_attribute_takes_one_value():
    device = {"schemas": ["urn:example:Device"]}
    set_once = apply(device, [add("serial", "1"), replace("serial", "1")], DEVICES)
    assert set_once["serial"] == "1"
    for operation in (replace("serial", "2"), remove("serial"), replace("serial", None)):
        with pytest.raises(ScimError) as caught:
            apply(set_once, [operation], DEVICES)
        assert caught.value.scim_type == "mutability"


@pytest.mark.parametrize(
    ("operation", "tags"),
    [
        (add("tags", "c"), ["a", "b", "c"]),
        (add("tags", ["b", "c"]), ["a", "b", "c"]),
        (replace("tags", ["c"]), ["c"]),
        (remove("tags", value=["a"]), ["b"]),
        (remove('tags[value eq "a"]'), ["b"]),
        (replace('tags[value sw "a"]', "c"), ["c", "b"]),
        (add('tags[value eq "c"]', "c"), ["a", "b", "c"]),
    ],
)
def test_several_values_without_sub_attributes(operation, tags):
    assert apply({"tags": ["a", "b"]}, [operation], DEVICES)["tags"] == tags


def test_names_stay_as_the_document_has_them():
    document = {"schemas": [USER], "Title": "A", "EMAILS": [HOME], "Name": {"GIVENNAME": "G"}}
    operations = [replace("title", "B"), replace('emails[type eq "home"].value', "h"), replace("name.givenName", "H")]
    changed = {"schemas": [USER], "Title": "B", "EMAILS": [HOME | {"value": "h"}], "Name": {"GIVENNAME": "H"}}
    assert apply(document, operations, USERS) == changed


def test_an_extension_stays_under_the_name_the_document_has():
    urn = ENTERPRISE_USER.upper()
    document = {"Schemas": [USER, ENTERPRISE_USER], urn: {"department": "D"}}
    changed = apply(document, [add(f"{ENTERPRISE_USER}:division", "V")], USERS)
    assert changed == document | {urn: {"department": "D", "division": "V"}}
    assert apply(document, [remove(f"{ENTERPRISE_USER}:department")], USERS) == {"Schemas": [USER]}
    assert apply(document, [remove(f'schemas[value eq "{ENTERPRISE_USER}"]')], USERS) == {"Schemas": [USER]}


def test_large_groups_take_no_quadratic_time():
    document = group(*map(str, range(5000)))
    more = [{"value": str(i)} for i in range(4000, 6000)]
    assert len(apply(document, [add("members", more)], GROUPS)["members"]) == 6000
    assert len(apply(document, [remove("members", value=more)], GROUPS)["members"]) == 4000


def test_odd_elements_are_left_alone():
    document = user(emails=["odd", HOME])
    assert apply(document, [replace('emails[type eq "home"].value', "h")], USERS)["emails"] == [
        "odd",
        HOME | {"value": "h"},
    ]
    with pytest.raises(ScimError):
        apply(document, [replace('emails[not (type eq "home")].value', "h")], USERS)


def test_a_required_extension_stays():
    device = {"schemas": ["urn:example:Device", BADGE.id], BADGE.id: {"colour": "red"}}
    with pytest.raises(ScimError) as caught:
        apply(device, [remove(BADGE.id)], DEVICES)
    assert caught.value.scim_type == "mutability"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        [{"op": "add", "path": "title", "value": "x"}],
        {},
        {"schemas": [PATCH_OP]},
        {"schemas": [PATCH_OP], "Operations": []},
        {"schemas": [PATCH_OP], "Operations": ["x"]},
        {"schemas": [USER], "Operations": [remove("title")]},
        {"schemas": PATCH_OP, "Operations": [remove("title")]},
    ],
)
def test_a_message_that_is_no_patch_is_refused(body):
    with pytest.raises(ScimError) as caught:
        read_operations(body)
    assert caught.value.scim_type == "invalidSyntax"


def test_the_operations_of_a_message():
    assert read_operations({"SCHEMAS": [PATCH_OP], "operations": [remove("title")]}) == [remove("title")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("a@", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["value", "type", "primary", "name.x", "emails", "id", ENTERPRISE_USER]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
PATHS = st.none() | st.sampled_from(
    [
        "title",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        'emails[type eq "work"]',
        "emails[primary pr].value",
        "schemas",
        "meta",
        ENTERPRISE_USER,
        f"{ENTERPRISE_USER}:manager",
        "bogus",
        "x[",
        'schemas[value eq "x"]',
    ]
)
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "Replace"]), "path": PATHS}, optional={"value": JSON}
)


def attempt(document, operations):
    try:
        return apply(document, operations, USERS)
    except ScimError as error:
        return error


@given(st.lists(OPERATIONS, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_operations_are_applied_or_refused(operations):
    document = enterprise(department="D") | {"emails": [WORK, HOME]}
    kept = deepcopy(document)
    result = attempt(document, operations)
    assert document == kept
    if isinstance(result, ScimError):
        assert result.status == 400
        assert result.scim_type
        return
    assert USER in result["schemas"]
    assert (ENTERPRISE_USER in result) <= (ENTERPRISE_USER in result["schemas"])
    assert sum(e.get("primary") is True for e in result.get("emails", [])) <= 1
    assert all(value not in (None, [], {}) for value in result.values())
    assert apply(result, [], USERS) == result


def test_add_makes_no_element_that_the_filter_would_not_find_again():
    with pytest.raises(ScimError) as caught:
        apply(user(), [add('emails[type eq "work"].type', "home")], USERS)
    assert caught.value.scim_type == "noTarget"


def test_an_address_with_less_in_it_is_another_address():
    less = {"type": "work"}
    patched = apply(user(addresses=[ADDRESS]), [add("addresses", [less])], USERS)
    assert patched["addresses"] == [ADDRESS, less]


@pytest.mark.parametrize("path", ["nickName", "name.givenName"])
def test_an_empty_array_is_no_value_of_an_attribute_that_has_one(path):
    with pytest.raises(ScimError) as caught:
        apply(user(), [replace(path, [])], USERS)
    assert caught.value.scim_type == "invalidValue"
