"""What a tenant says of itself (RFC 7643 §5 to §7)."""

import pytest
from hypothesis import given, settings, strategies as st

from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER
from conformance.spec.service import Documents, Service

DEFAULT = Service.default()


def test_documents_there_and_back():
    assert Service.from_documents(*DEFAULT.to_documents()) == DEFAULT


def test_the_default_has_users_groups_and_all_features():
    assert [(t.name, t.endpoint, t.schema.id) for t in DEFAULT.resource_types] == [
        ("User", "/Users", USER),
        ("Group", "/Groups", GROUP),
    ]
    assert all(DEFAULT.features.values())
    assert [schema.id for schema in DEFAULT.schemas] == [USER, ENTERPRISE_USER, GROUP]


def test_finding_resource_types():
    assert DEFAULT.resource_type("USER") is DEFAULT.at("/Users") is DEFAULT.resource_types[0]
    assert DEFAULT.resource_type("Device") is DEFAULT.at("/Devices") is None


@pytest.mark.parametrize("broken", [None, {}, [], "x", [1, {"name": 1}, {"name": "User"}]])
def test_the_shipped_types_stand_in_for_broken_documents(broken):
    service = Service.from_documents(broken, broken, broken)
    assert service.resource_types == DEFAULT.resource_types
    assert service.supports("patch") is None
    assert service.supports("index") is True


@pytest.mark.parametrize("endpoint", ["/Me", "Me", "/scim/v2/me", "https://example.com/scim/v2/Me"])
def test_the_alias_me_is_no_endpoint_of_a_type(endpoint: str):
    listed = [*DEFAULT.to_documents().resource_types, {"name": "Me", "schema": USER, "endpoint": endpoint}]
    service = Service.from_documents(None, listed, None, base_path="/scim/v2")
    assert [t.name for t in service.resource_types] == ["User", "Group"]


def test_features_as_declared():
    config = {
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": "big"},
        "filter": {"supported": True, "maxResults": 50},
        "sort": {"supported": "yes"},
        "etag": None,
        "pagination": {"cursor": True, "index": False, "maxPageSize": 20},
        "authenticationSchemes": [{"type": "httpbasic"}, "odd"],
    }
    service = Service.from_documents(config)
    assert service.features == {
        "patch": True,
        "bulk": False,
        "filter": True,
        "changePassword": None,
        "sort": None,
        "etag": None,
        "cursor": True,
        "index": False,
        "async": None,
    }
    assert (service.bulk.max_operations, service.bulk.max_payload_size) == (0, None)
    assert (service.filter.max_results, service.pagination.max_page_size) == (50, 20)
    assert service.authentication_schemes == ({"type": "httpbasic"},)


def test_a_custom_type_with_its_own_schema():
    schema = {"id": "urn:example:Device", "name": "Device", "attributes": [{"name": "serial"}]}
    types = [
        {
            "name": "Device",
            "endpoint": "Devices",
            "schema": schema["id"],
            "schemaExtensions": [{"schema": "urn:example:X", "required": True}],
        },
        {"name": "User", "endpoint": "https://example.com/v2/Users/", "schema": USER, "schemaExtensions": [{}]},
    ]
    device, user = Service.from_documents({}, types, [schema]).resource_types
    assert device.endpoint == "/Devices"
    assert device.find("serial") is not None
    assert [(e.schema.id, e.schema.attributes, e.required) for e in device.extensions] == [("urn:example:X", (), True)]
    assert (user.endpoint, user.extensions) == ("/Users", ())
    assert user.schema == DEFAULT.resource_types[0].schema


def test_a_served_schema_outranks_the_shipped_one():
    served = {"id": USER.upper(), "name": "User", "attributes": [{"name": "userName", "caseExact": True}]}
    user = Service.from_documents(None, None, [served]).resource_types[0]
    assert [a.name for a in user.schema.attributes] == ["userName"]
    assert user.schema.attributes[0].case_exact


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("/[:a", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["name", "schema", "endpoint", "patch", "supported", "id", "attributes"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(JSON, st.lists(JSON, max_size=2), st.lists(JSON, max_size=2))
@settings(max_examples=100, deadline=None)
def test_any_documents_give_a_service(config, types, schemas):
    service = Service.from_documents(config, types, schemas)
    assert service.resource_types
    assert isinstance(service.to_documents(), Documents)


@pytest.mark.parametrize(
    "endpoint", ["Users", "/Users", "/scim/v2/Users", "https://h/scim/v2/Users", "https://h/Users/"]
)
def test_an_endpoint_is_read_relative_to_the_tenant_url(endpoint):
    types = [{"name": "User", "schema": USER, "endpoint": endpoint}]
    assert Service.from_documents({}, types, [], base_path="/scim/v2").resource_types[0].endpoint == "/Users"
