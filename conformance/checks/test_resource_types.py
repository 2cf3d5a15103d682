"""What /ResourceTypes says of each resource type (RFC 7643 §6)."""

from collections import Counter

import pytest

from conformance.checks import discovered, given
from conformance.checks.declare import for_types, requirement
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.spec.paths import lookup
from conformance.spec.schema import GROUP, RESOURCE_TYPE, USER, ResourceType

STATED = {
    "name": ("RFC7643-6-04", "RFC7643-3.2-02"),
    "endpoint": ("RFC7643-6-08", "RFC7643-3.2-02"),
    "schema": ("RFC7643-6-09", "RFC7643-3.2-02"),
}


@requirement("RFC7643-6-01")
def test_each_resource_type_names_its_schema(discovery: Evidence) -> None:
    """Each entry at /ResourceTypes has the URI of the ResourceType schema in schemas."""
    for served in discovered.resource_types(discovery):
        assert RESOURCE_TYPE in discovered.named(served)


@requirement("RFC7643-6-03")
def test_id_of_resource_types_is_reported(discovery: Evidence, verdict: Remarks) -> None:
    """A resource type may have an id; the report says whether it has."""
    without = [t.get("name") for t in discovered.resource_types(discovery) if not t.get("id")]
    verdict.note(f"resource types without an id: {without}" if without else "each resource type has an id")


@pytest.mark.parametrize("key", STATED)
@requirement(lambda key: STATED[key])
def test_each_resource_type_states(discovery: Evidence, key: str, verdict: Remarks) -> None:
    """Each resource type states its name, its endpoint and its base schema as texts."""
    for served in discovered.resource_types(discovery):
        value = served.get(key)
        assert isinstance(value, str), f"{key} is missing or no text"
        assert value != ""
        home = discovered.base(discovery).path
        if key == "endpoint" and (discovered.origin(value) or (home and value.startswith(f"{home}/"))):
            verdict.warn(f"the endpoint {value} repeats the base URL instead of being relative to it")
        elif key == "endpoint" and not value.startswith("/"):
            verdict.note(f"the endpoint {value} has no slash before it; clients that join it to the base URL need one")


@requirement("RFC7643-6-05")
def test_names_of_resource_types_differ(discovery: Evidence) -> None:
    """No two resource types have one name."""
    counted = Counter(discovered.text(t, "name").lower() for t in discovered.resource_types(discovery))
    assert [name for name, count in counted.items() if name and count > 1] == [], "resource types share a name"


@requirement("RFC7643-6-07")
def test_each_resource_type_has_a_description(discovery: Evidence, verdict: Remarks) -> None:
    """Each resource type has a description for people."""
    for served in discovered.resource_types(discovery):
        description = served.get("description")
        if description is None:
            verdict.warn(f"the resource type {served.get('name')} has no description")
        else:
            assert isinstance(description, str), "description is no text"


@requirement("RFC7643-6-10", "RFC7644-4-19", "RFC7643-3.2-01", "RFC7644-4-04")
def test_each_base_schema_is_served(discovery: Evidence) -> None:
    """The schema of each resource type is the id of a schema at /Schemas."""
    named = {discovered.text(t, "schema") for t in discovered.resource_types(discovery)} - {""}
    assert sorted(named - discovered.schema_ids(discovery)) == [], "base schemas are not served at /Schemas"


@requirement("RFC7643-6-12", "RFC7644-4-19", "RFC7643-3.2-01", "RFC7644-4-04")
def test_each_extension_names_a_served_schema(discovery: Evidence, verdict: Remarks) -> None:
    """Each schemaExtensions entry has in schema the id of a schema at /Schemas."""
    extensions = _extensions(discovery)
    if not extensions:
        verdict.not_applicable("no resource type has an extension")
    named = {discovered.text(e, "schema") for e in extensions}
    assert sorted(named - discovered.schema_ids(discovery)) == [], "extensions are not served at /Schemas"


@requirement("RFC7643-6-11")
def test_schema_extensions_is_an_array_of_objects(discovery: Evidence) -> None:
    """The attribute schemaExtensions is absent or an array of objects."""
    for served in discovered.resource_types(discovery):
        listed = served.get("schemaExtensions")
        assert listed is None or isinstance(listed, list), "schemaExtensions is no array"
        assert [e for e in listed or () if not isinstance(e, dict)] == [], "entries of schemaExtensions are no objects"


@requirement("RFC7643-6-13")
def test_each_extension_says_whether_it_is_required(discovery: Evidence, verdict: Remarks) -> None:
    """Each schemaExtensions entry says true or false in required."""
    extensions = _extensions(discovery)
    if not extensions:
        verdict.not_applicable("no resource type has an extension")
    for extension in extensions:
        assert isinstance(extension.get("required"), bool), f"{extension.get('schema')} does not say true or false"


@requirement("RFC7643-6-06")
def test_resources_carry_the_name_of_their_type(created: Evidence, resource_type: ResourceType) -> None:
    """meta.resourceType of a resource is the name of its resource type."""
    assert lookup(given.done(created.fetched).resource, "meta.resourceType") == resource_type.name


@requirement("RFC7643-7-01")
def test_each_schema_of_a_resource_is_served(created: Evidence, discovery: Evidence) -> None:
    """For each URI in the schemas of a resource there is a schema at /Schemas."""
    used = discovered.named(given.done(created.fetched).resource)
    assert sorted(set(used) - discovered.schema_ids(discovery)) == [], "schemas in use are not served at /Schemas"


@for_types("User")
@requirement("RFC7643-4.1-01")
def test_users_have_the_core_user_schema(created: Evidence, discovery: Evidence, resource_type: ResourceType) -> None:
    """User resources and the schema of the User type have the core URI of User."""
    _core(created, discovery, resource_type, USER)


@for_types("Group")
@requirement("RFC7643-4.2-01")
def test_groups_have_the_core_group_schema(created: Evidence, discovery: Evidence, resource_type: ResourceType) -> None:
    """Group resources and the schema of the Group type have the core URI of Group."""
    _core(created, discovery, resource_type, GROUP)


def _core(created: Evidence, discovery: Evidence, resource_type: ResourceType, urn: str) -> None:
    assert resource_type.schema.id == urn
    assert urn in discovered.schema_ids(discovery)
    assert urn in discovered.named(given.done(created.fetched).resource)


def _extensions(discovery: Evidence) -> list[dict[str, object]]:
    return [e for t in discovered.resource_types(discovery) for e in discovered.objects(t.get("schemaExtensions"))]
