"""SCIM schemas as JSON Schema and back, and resources judged by them."""

import copy
import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from conformance.spec.json_schema import (
    DIALECT,
    from_json_schema,
    load_document,
    load_schema,
    resource_json_schema,
    to_json_schema,
    validator,
)
from conformance.spec.schema import (
    ENTERPRISE_USER,
    GROUP,
    RESOURCE_TYPE,
    SCHEMA,
    SERVICE_PROVIDER_CONFIG,
    USER,
    Attribute,
    ResourceType,
    Schema,
    SchemaExtension,
)

ATTRIBUTE_SCHEMAS = [
    "common",
    "user",
    "group",
    "enterprise-user",
    "service-provider-config",
    "resource-type",
    "schema",
]

META = {
    "resourceType": "User",
    "created": "2010-01-23T04:56:22Z",
    "lastModified": "2011-05-13T04:42:34Z",
    "version": 'W/"3694e05e9dff590"',
    "location": "https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646",
}
MINIMAL_USER = {  # §8.1
    "schemas": [USER],
    "id": "2819c223-7f76-453a-919d-413861904646",
    "userName": "bjensen@example.com",
    "meta": META,
}
FULL_USER = MINIMAL_USER | {  # §8.2
    "externalId": "701984",
    "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "honorificSuffix": "III"},
    "displayName": "Babs Jensen",
    "profileUrl": "https://login.example.com/bjensen",
    "emails": [
        {"value": "bjensen@example.com", "type": "work", "primary": True},
        {"value": "babs@jensen.org", "type": "home"},
    ],
    "addresses": [{"type": "work", "locality": "Hollywood", "country": "US", "primary": True}],
    "phoneNumbers": [{"value": "555-555-5555", "type": "work"}],
    "photos": [{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo"}],
    "active": True,
    "password": "t1meMa$heen",
    "groups": [
        {
            "value": "e9e30dba-f08f-4109-8486-d5c6a331660a",
            "$ref": "https://example.com/v2/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a",
            "display": "Tour Guides",
        }
    ],
    "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx"}],
}
ENTERPRISE = {  # §8.3
    "employeeNumber": "701984",
    "department": "Tour Operations",
    "manager": {
        "value": "26118915-6090-4610-87e4-49d8ca9f808d",
        "$ref": "../Users/26118915-6090-4610-87e4-49d8ca9f808d",
        "displayName": "John Smith",
    },
}
ENTERPRISE_USER_RESOURCE = FULL_USER | {"schemas": [USER, ENTERPRISE_USER], ENTERPRISE_USER: ENTERPRISE}
GROUP_RESOURCE = {  # §8.4
    "schemas": [GROUP],
    "id": "e9e30dba-f08f-4109-8486-d5c6a331660a",
    "displayName": "Tour Guides",
    "members": [
        {
            "value": "2819c223-7f76-453a-919d-413861904646",
            "$ref": "https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646",
            "display": "Babs Jensen",
        }
    ],
    "meta": META | {"resourceType": "Group"},
}
CONFIG = {  # §8.5
    "schemas": [SERVICE_PROVIDER_CONFIG],
    "documentationUri": "http://example.com/help/scim.html",
    "patch": {"supported": True},
    "bulk": {"supported": True, "maxOperations": 1000, "maxPayloadSize": 1048576},
    "filter": {"supported": True, "maxResults": 200},
    "changePassword": {"supported": True},
    "sort": {"supported": True},
    "etag": {"supported": True},
    "authenticationSchemes": [
        {
            "name": "OAuth Bearer Token",
            "description": "Authentication scheme using the OAuth Bearer Token Standard",
            "specUri": "http://www.rfc-editor.org/info/rfc6750",
            "type": "oauthbearertoken",
            "primary": True,
        }
    ],
    "meta": META | {"resourceType": "ServiceProviderConfig"},
}
USER_TYPE = {  # §8.6
    "schemas": [RESOURCE_TYPE],
    "id": "User",
    "name": "User",
    "endpoint": "/Users",
    "description": "User Account",
    "schema": USER,
    "schemaExtensions": [{"schema": ENTERPRISE_USER, "required": True}],
    "meta": {"location": "https://example.com/v2/ResourceTypes/User", "resourceType": "ResourceType"},
}
GROUP_TYPE = {name: value for name, value in USER_TYPE.items() if name != "schemaExtensions"}
GROUP_SCHEMA = {  # §8.7.1
    "schemas": [SCHEMA],
    "id": GROUP,
    "name": "Group",
    "description": "Group",
    "attributes": [
        {
            "name": "displayName",
            "type": "string",
            "multiValued": False,
            "description": "A human-readable name for the Group.",
            "required": True,
            "caseExact": False,
            "mutability": "readWrite",
            "returned": "default",
            "uniqueness": "none",
        },
        {
            "name": "members",
            "type": "complex",
            "multiValued": True,
            "description": "A list of members of the Group.",
            "required": False,
            "subAttributes": [
                {
                    "name": "$ref",
                    "type": "reference",
                    "referenceTypes": ["User", "Group"],
                    "multiValued": False,
                    "description": "The URI of the member.",
                    "required": False,
                    "caseExact": False,
                    "mutability": "immutable",
                    "returned": "default",
                    "uniqueness": "none",
                }
            ],
            "mutability": "readWrite",
            "returned": "default",
        },
    ],
    "meta": {"resourceType": "Schema", "location": f"/v2/Schemas/{GROUP}"},
}

ENTERPRISE_TYPE = ResourceType(
    "User", "/Users", load_schema("user"), extensions=(SchemaExtension(load_schema("enterprise-user")),)
)


def without(document: dict[str, Any], *names: str):
    return {name: value for name, value in document.items() if name not in names}


# There and back

names = st.text(max_size=6)
texts = st.text(max_size=8)
lists = st.lists(texts, max_size=2).map(tuple)
types = (
    st.sampled_from(["string", "boolean", "decimal", "integer", "dateTime", "reference", "binary", "complex"]) | texts
)


def attributes(children: st.SearchStrategy[tuple[Attribute, ...]]):
    return st.lists(
        st.builds(
            Attribute,
            name=names,
            type=types,
            multi_valued=st.booleans(),
            required=st.booleans(),
            case_exact=st.booleans(),
            mutability=st.sampled_from(["readOnly", "readWrite", "immutable", "writeOnly"]) | texts,
            returned=st.sampled_from(["always", "never", "default", "request"]) | texts,
            uniqueness=st.sampled_from(["none", "server", "global"]) | texts,
            description=texts,
            canonical_values=lists,
            reference_types=lists,
            sub_attributes=children,
        ),
        max_size=3,
        unique_by=lambda attribute: attribute.name,
    ).map(tuple)


schemas = st.builds(
    Schema, id=texts, name=texts, description=texts, attributes=attributes(attributes(attributes(st.just(()))))
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "attributes", "subAttributes", "type", "multiValued", "returned"]) | texts,
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("name", ATTRIBUTE_SCHEMAS)
def test_shipped_schemas_survive_the_round_trip(name: str):
    schema = load_schema(name)
    assert schema.attributes
    assert from_json_schema(to_json_schema(schema)) == schema


@settings(max_examples=60, deadline=None)
@given(schemas)
def test_any_schema_survives_the_round_trip_through_json(schema: Schema):
    document = json.loads(json.dumps(to_json_schema(schema)))
    assert from_json_schema(document) == schema


@settings(max_examples=60, deadline=None)
@given(json_values.filter(lambda value: isinstance(value, dict)), json_values)
def test_malformed_schemas_never_crash_the_converters(document: dict[str, Any], resource: object):
    schema = Schema.from_scim(document)
    assert from_json_schema(to_json_schema(schema)).id == schema.id
    from_json_schema(document)
    resource_type = ResourceType("X", "/X", schema, extensions=(SchemaExtension(schema, required=True),))
    assert validator(resource_json_schema(resource_type)).is_valid(resource) is False


def test_a_schema_without_a_bottom_is_cut_off():
    definition = {"name": "innermost"}
    for _ in range(400):
        definition = {"name": "a", "type": "complex", "subAttributes": [definition]}
    schema = Schema.from_scim({"id": "urn:x", "attributes": [definition]})
    assert from_json_schema(to_json_schema(schema)) == schema
    assert "innermost" not in json.dumps(to_json_schema(schema))


def test_of_attributes_that_share_a_name_the_first_is_kept():
    schema = Schema("urn:x", "X", attributes=(Attribute("a", type="integer"), Attribute("a", type="boolean")))
    assert from_json_schema(to_json_schema(schema)).attributes == schema.attributes[:1]


def test_properties_without_the_annotation_are_not_attributes():
    document = to_json_schema(Schema("urn:x", "X", attributes=(Attribute("a"),)))
    document["properties"]["b"] = {"type": "string"}
    assert [attribute.name for attribute in from_json_schema(document).attributes] == ["a"]


# Resources

EXAMPLES = [
    ("user", MINIMAL_USER),
    ("user", FULL_USER),
    ("user", ENTERPRISE_USER_RESOURCE),
    ("enterprise-user", ENTERPRISE),
    ("group", GROUP_RESOURCE),
    ("service-provider-config", CONFIG),
    ("resource-type", USER_TYPE),
    ("resource-type", GROUP_TYPE),
    ("schema", GROUP_SCHEMA),
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_examples_of_the_rfc_are_valid(name: str, example: dict[str, Any]):
    assert [error.message for error in validator(name).iter_errors(example)] == []


@pytest.mark.parametrize("name", ATTRIBUTE_SCHEMAS)
def test_the_shipped_schemas_are_valid_schema_resources(name: str):
    resource = load_schema(name).to_scim() | {"id": load_schema(name).id or "urn:example:common"}
    assert [error.message for error in validator("schema").iter_errors(resource)] == []


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("user", without(MINIMAL_USER, "schemas")),
        ("user", without(MINIMAL_USER, "id")),
        ("user", without(MINIMAL_USER, "userName")),
        ("user", MINIMAL_USER | {"id": ""}),
        ("user", MINIMAL_USER | {"id": 7}),
        ("user", MINIMAL_USER | {"userName": None}),
        ("user", MINIMAL_USER | {"schemas": []}),
        ("user", MINIMAL_USER | {"schemas": USER}),
        ("user", MINIMAL_USER | {"schemas": [GROUP]}),
        ("user", MINIMAL_USER | {"schemas": [USER, USER]}),
        ("user", MINIMAL_USER | {"active": "True"}),
        ("user", MINIMAL_USER | {"name": "Barbara Jensen"}),
        ("user", MINIMAL_USER | {"emails": {"value": "bjensen@example.com"}}),
        ("user", MINIMAL_USER | {"emails": ["bjensen@example.com"]}),
        ("user", MINIMAL_USER | {"emails": [{"value": "bjensen@example.com", "primary": "true"}]}),
        ("user", MINIMAL_USER | {"profileUrl": "not a uri"}),
        ("user", MINIMAL_USER | {"meta": META | {"created": "2010-01-23"}}),
        ("user", MINIMAL_USER | {"meta": META | {"lastModified": 1305261754}}),
        ("enterprise-user", ENTERPRISE | {"manager": "26118915-6090-4610-87e4-49d8ca9f808d"}),
        ("group", without(GROUP_RESOURCE, "displayName")),
        ("group", GROUP_RESOURCE | {"members": [{"value": 902}]}),
        ("service-provider-config", without(CONFIG, "etag")),
        ("service-provider-config", CONFIG | {"sort": True}),
        ("service-provider-config", CONFIG | {"patch": {"supported": "true"}}),
        ("service-provider-config", CONFIG | {"bulk": {"supported": False}}),
        ("service-provider-config", CONFIG | {"filter": {"supported": True, "maxResults": "200"}}),
        ("service-provider-config", CONFIG | {"authenticationSchemes": [{"name": "n", "description": "d"}]}),
        ("service-provider-config", CONFIG | {"pagination": {"cursor": True}}),
        ("resource-type", without(USER_TYPE, "endpoint")),
        ("resource-type", USER_TYPE | {"schemaExtensions": [{"schema": ENTERPRISE_USER}]}),
        ("schema", without(GROUP_SCHEMA, "attributes")),
        ("schema", GROUP_SCHEMA | {"attributes": [{"name": "x", "type": "string"}]}),
        ("schema", GROUP_SCHEMA | {"attributes": [{"name": "x", "type": "string", "multiValued": "no"}]}),
    ],
)
def test_broken_examples_are_not_valid(name: str, broken: dict[str, Any]):
    assert not validator(name).is_valid(broken)


@pytest.mark.parametrize("value", [None, []])
def test_unassigned_optional_attributes_may_be_null_or_empty(value: object):
    assert validator("user").is_valid(MINIMAL_USER | {"emails": value})


def test_a_returned_resource_has_its_extensions_under_their_uris():
    enterprise = validator(resource_json_schema(ENTERPRISE_TYPE))
    resource = without(ENTERPRISE_USER_RESOURCE, "password")
    assert [error.message for error in enterprise.iter_errors(resource)] == []
    assert not enterprise.is_valid(resource | {ENTERPRISE_USER: {"department": 4130}})
    assert not enterprise.is_valid(resource | {"schemas": [USER, "urn:example:unknown"]})
    assert not enterprise.is_valid(resource | {"schemas": [ENTERPRISE_USER]})


def test_a_required_extension_must_be_there():
    optional = without(FULL_USER, "password")
    required = replace(ENTERPRISE_TYPE, extensions=(SchemaExtension(load_schema("enterprise-user"), required=True),))
    assert validator(resource_json_schema(ENTERPRISE_TYPE)).is_valid(optional)
    assert validator(resource_json_schema(ENTERPRISE_TYPE)).is_valid(optional | {ENTERPRISE_USER: None})
    assert not validator(resource_json_schema(required)).is_valid(optional)
    assert not validator(resource_json_schema(required)).is_valid(optional | {ENTERPRISE_USER: None})


def test_what_is_never_returned_is_refused_in_a_returned_resource():
    messages = [error.message for error in validator(resource_json_schema(ENTERPRISE_TYPE)).iter_errors(FULL_USER)]
    assert messages == ["'t1meMa$heen' is not of type 'null'"]


def test_a_resource_type_of_ones_own_gets_the_common_attributes():
    device = Schema(
        "urn:example:Device",
        "Device",
        attributes=(
            Attribute("id", type="integer"),
            Attribute("externalId", required=True),
            Attribute("serial", required=True),
            Attribute("pin", required=True, mutability="writeOnly"),
            Attribute("notes", required=True, returned="request"),
        ),
    )
    devices = validator(resource_json_schema(ResourceType("Device", "/Devices", device)))
    good = {"schemas": ["urn:example:Device"], "id": "1", "serial": "X"}
    assert devices.is_valid(good)
    assert not devices.is_valid(good | {"id": 1})
    assert not devices.is_valid(good | {"pin": "1234"})
    assert not devices.is_valid(without(good, "serial"))
    assert not devices.is_valid(without(good, "id"))


def test_the_json_schema_of_a_resource_is_in_the_dialect_and_shares_nothing_that_it_changes():
    before = copy.deepcopy(load_document("common.schema.json"))
    document = resource_json_schema(ENTERPRISE_TYPE)
    assert document["$schema"] == DIALECT
    assert validator(load_document("scim.dialect.json")).is_valid(document)
    assert load_document("common.schema.json") == before


def test_jsonschema_is_imported_only_when_something_is_validated():
    code = (
        "import sys; from conformance.spec.json_schema import load_schema, validator; load_schema('user');"
        "before = 'jsonschema' in sys.modules; validator('error'); print(before, 'jsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
