"""The files in ``schemas/``: valid, readable, complete, and true to what the RFCs print."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import pytest
from referencing.exceptions import Unresolvable

from conformance.data import data_path
from conformance.spec.json_schema import (
    BASE,
    load_document,
    load_schema,
    to_json_schema,
    validator,
)
from conformance.spec.schema import (
    COMMON,
    USER,
    Attribute,
)

FILES = sorted(path.name for path in data_path("schemas").glob("*.json"))
ATTRIBUTE_SCHEMAS = sorted(file.removesuffix(".schema.json") for file in FILES if "scim" in load_document(file))

# RFC 7643 §8.7.1 and §8.7.2 as printed: path, type, multiValued, required, caseExact, mutability, returned, uniqueness.
# None stands for what is not printed.
PRINTED = {
    "user": [
        ("userName", "string", False, True, False, "readWrite", "default", "server"),
        ("name", "complex", False, False, None, "readWrite", "default", "none"),
        ("name.formatted", "string", False, False, False, "readWrite", "default", "none"),
        ("name.familyName", "string", False, False, False, "readWrite", "default", "none"),
        ("name.givenName", "string", False, False, False, "readWrite", "default", "none"),
        ("name.middleName", "string", False, False, False, "readWrite", "default", "none"),
        ("name.honorificPrefix", "string", False, False, False, "readWrite", "default", "none"),
        ("name.honorificSuffix", "string", False, False, False, "readWrite", "default", "none"),
        ("displayName", "string", False, False, False, "readWrite", "default", "none"),
        ("nickName", "string", False, False, False, "readWrite", "default", "none"),
        ("profileUrl", "reference", False, False, False, "readWrite", "default", "none"),
        ("title", "string", False, False, False, "readWrite", "default", "none"),
        ("userType", "string", False, False, False, "readWrite", "default", "none"),
        ("preferredLanguage", "string", False, False, False, "readWrite", "default", "none"),
        ("locale", "string", False, False, False, "readWrite", "default", "none"),
        ("timezone", "string", False, False, False, "readWrite", "default", "none"),
        ("active", "boolean", False, False, None, "readWrite", "default", None),
        ("password", "string", False, False, False, "writeOnly", "never", "none"),
        ("emails", "complex", True, False, None, "readWrite", "default", "none"),
        ("emails.value", "string", False, False, False, "readWrite", "default", "none"),
        ("emails.display", "string", False, False, False, "readWrite", "default", "none"),
        ("emails.type", "string", False, False, False, "readWrite", "default", "none"),
        ("emails.primary", "boolean", False, False, None, "readWrite", "default", None),
        ("phoneNumbers", "complex", True, False, None, "readWrite", "default", None),
        ("phoneNumbers.value", "string", False, False, False, "readWrite", "default", "none"),
        ("phoneNumbers.display", "string", False, False, False, "readWrite", "default", "none"),
        ("phoneNumbers.type", "string", False, False, False, "readWrite", "default", "none"),
        ("phoneNumbers.primary", "boolean", False, False, None, "readWrite", "default", None),
        ("ims", "complex", True, False, None, "readWrite", "default", None),
        ("ims.value", "string", False, False, False, "readWrite", "default", "none"),
        ("ims.display", "string", False, False, False, "readWrite", "default", "none"),
        ("ims.type", "string", False, False, False, "readWrite", "default", "none"),
        ("ims.primary", "boolean", False, False, None, "readWrite", "default", None),
        ("photos", "complex", True, False, None, "readWrite", "default", None),
        ("photos.value", "reference", False, False, False, "readWrite", "default", "none"),
        ("photos.display", "string", False, False, False, "readWrite", "default", "none"),
        ("photos.type", "string", False, False, False, "readWrite", "default", "none"),
        ("photos.primary", "boolean", False, False, None, "readWrite", "default", None),
        ("addresses", "complex", True, False, None, "readWrite", "default", "none"),
        ("addresses.formatted", "string", False, False, False, "readWrite", "default", "none"),
        ("addresses.streetAddress", "string", False, False, False, "readWrite", "default", "none"),
        ("addresses.locality", "string", False, False, False, "readWrite", "default", "none"),
        ("addresses.region", "string", False, False, False, "readWrite", "default", "none"),
        ("addresses.postalCode", "string", False, False, False, "readWrite", "default", "none"),
        ("addresses.country", "string", False, False, False, "readWrite", "default", "none"),
        ("addresses.type", "string", False, False, False, "readWrite", "default", "none"),
        ("groups", "complex", True, False, None, "readOnly", "default", None),
        ("groups.value", "string", False, False, False, "readOnly", "default", "none"),
        ("groups.$ref", "reference", False, False, False, "readOnly", "default", "none"),
        ("groups.display", "string", False, False, False, "readOnly", "default", "none"),
        ("groups.type", "string", False, False, False, "readOnly", "default", "none"),
        ("entitlements", "complex", True, False, None, "readWrite", "default", None),
        ("entitlements.value", "string", False, False, False, "readWrite", "default", "none"),
        ("entitlements.display", "string", False, False, False, "readWrite", "default", "none"),
        ("entitlements.type", "string", False, False, False, "readWrite", "default", "none"),
        ("entitlements.primary", "boolean", False, False, None, "readWrite", "default", None),
        ("roles", "complex", True, False, None, "readWrite", "default", None),
        ("roles.value", "string", False, False, False, "readWrite", "default", "none"),
        ("roles.display", "string", False, False, False, "readWrite", "default", "none"),
        ("roles.type", "string", False, False, False, "readWrite", "default", "none"),
        ("roles.primary", "boolean", False, False, None, "readWrite", "default", None),
        ("x509Certificates", "complex", True, False, False, "readWrite", "default", None),
        ("x509Certificates.value", "binary", False, False, False, "readWrite", "default", "none"),
        ("x509Certificates.display", "string", False, False, False, "readWrite", "default", "none"),
        ("x509Certificates.type", "string", False, False, False, "readWrite", "default", "none"),
        ("x509Certificates.primary", "boolean", False, False, None, "readWrite", "default", None),
    ],
    "group": [
        ("displayName", "string", False, False, False, "readWrite", "default", "none"),
        ("members", "complex", True, False, None, "readWrite", "default", None),
        ("members.value", "string", False, False, False, "immutable", "default", "none"),
        ("members.$ref", "reference", False, False, False, "immutable", "default", "none"),
        ("members.type", "string", False, False, False, "immutable", "default", "none"),
    ],
    "enterprise-user": [
        ("employeeNumber", "string", False, False, False, "readWrite", "default", "none"),
        ("costCenter", "string", False, False, False, "readWrite", "default", "none"),
        ("organization", "string", False, False, False, "readWrite", "default", "none"),
        ("division", "string", False, False, False, "readWrite", "default", "none"),
        ("department", "string", False, False, False, "readWrite", "default", "none"),
        ("manager", "complex", False, False, None, "readWrite", "default", None),
        ("manager.value", "string", False, False, False, "readWrite", "default", "none"),
        ("manager.$ref", "reference", False, False, False, "readWrite", "default", "none"),
        ("manager.displayName", "string", False, False, False, "readOnly", "default", "none"),
    ],
    "service-provider-config": [
        ("documentationUri", "reference", False, False, False, "readOnly", "default", "none"),
        ("patch", "complex", False, True, None, "readOnly", "default", None),
        ("patch.supported", "boolean", False, True, None, "readOnly", "default", None),
        ("bulk", "complex", False, True, None, "readOnly", "default", None),
        ("bulk.supported", "boolean", False, True, None, "readOnly", "default", None),
        ("bulk.maxOperations", "integer", False, True, None, "readOnly", "default", "none"),
        ("bulk.maxPayloadSize", "integer", False, True, None, "readOnly", "default", "none"),
        ("filter", "complex", False, True, None, "readOnly", "default", None),
        ("filter.supported", "boolean", False, True, None, "readOnly", "default", None),
        ("filter.maxResults", "integer", False, True, None, "readOnly", "default", "none"),
        ("changePassword", "complex", False, True, None, "readOnly", "default", None),
        ("changePassword.supported", "boolean", False, True, None, "readOnly", "default", None),
        ("sort", "complex", False, True, None, "readOnly", "default", None),
        ("sort.supported", "boolean", False, True, None, "readOnly", "default", None),
        ("authenticationSchemes", "complex", True, True, None, "readOnly", "default", None),
        ("authenticationSchemes.name", "string", False, True, False, "readOnly", "default", "none"),
        ("authenticationSchemes.description", "string", False, True, False, "readOnly", "default", "none"),
        ("authenticationSchemes.specUri", "reference", False, False, False, "readOnly", "default", "none"),
        ("authenticationSchemes.documentationUri", "reference", False, False, False, "readOnly", "default", "none"),
    ],
    "resource-type": [
        ("id", "string", False, False, False, "readOnly", "default", "none"),
        ("name", "string", False, True, False, "readOnly", "default", "none"),
        ("description", "string", False, False, False, "readOnly", "default", "none"),
        ("endpoint", "reference", False, True, False, "readOnly", "default", "none"),
        ("schema", "reference", False, True, True, "readOnly", "default", "none"),
        ("schemaExtensions", "complex", False, True, None, "readOnly", "default", None),
        ("schemaExtensions.schema", "reference", False, True, True, "readOnly", "default", "none"),
        ("schemaExtensions.required", "boolean", False, True, None, "readOnly", "default", None),
    ],
    "schema": [
        ("id", "string", False, True, False, "readOnly", "default", "none"),
        ("name", "string", False, True, False, "readOnly", "default", "none"),
        ("description", "string", False, False, False, "readOnly", "default", "none"),
        ("attributes", "complex", True, True, None, "readOnly", "default", None),
        ("attributes.name", "string", False, True, True, "readOnly", "default", "none"),
        ("attributes.type", "string", False, True, False, "readOnly", "default", "none"),
        ("attributes.multiValued", "boolean", False, True, None, "readOnly", "default", None),
        ("attributes.description", "string", False, False, True, "readOnly", "default", "none"),
        ("attributes.required", "boolean", False, False, None, "readOnly", "default", None),
        ("attributes.canonicalValues", "string", True, False, True, "readOnly", "default", "none"),
        ("attributes.caseExact", "boolean", False, False, None, "readOnly", "default", None),
        ("attributes.mutability", "string", False, False, True, "readOnly", "default", "none"),
        ("attributes.returned", "string", False, False, True, "readOnly", "default", "none"),
        ("attributes.uniqueness", "string", False, False, True, "readOnly", "default", "none"),
        ("attributes.referenceTypes", "string", True, False, True, "readOnly", "default", "none"),
        ("attributes.subAttributes", "complex", True, False, None, "readOnly", "default", None),
        ("attributes.subAttributes.name", "string", False, True, True, "readOnly", "default", "none"),
        ("attributes.subAttributes.type", "string", False, True, False, "readOnly", "default", "none"),
        ("attributes.subAttributes.multiValued", "boolean", False, True, None, "readOnly", "default", None),
        ("attributes.subAttributes.description", "string", False, False, True, "readOnly", "default", "none"),
        ("attributes.subAttributes.required", "boolean", False, False, None, "readOnly", "default", None),
        ("attributes.subAttributes.canonicalValues", "string", True, False, True, "readOnly", "default", "none"),
        ("attributes.subAttributes.caseExact", "boolean", False, False, None, "readOnly", "default", None),
        ("attributes.subAttributes.mutability", "string", False, False, True, "readOnly", "default", "none"),
        ("attributes.subAttributes.returned", "string", False, False, True, "readOnly", "default", "none"),
        ("attributes.subAttributes.uniqueness", "string", False, False, True, "readOnly", "default", "none"),
        ("attributes.subAttributes.referenceTypes", "string", False, False, True, "readOnly", "default", "none"),
    ],
}

# The printed values that verified errata change; 6004 and 8417 concern what a Schema resource leaves out or adds.
ERRATA = {
    ("group", "displayName", "required"): True,  # 5368
    ("enterprise-user", "manager.value", "caseExact"): True,  # 8472
    ("resource-type", "name", "uniqueness"): "server",  # 8475
    ("resource-type", "endpoint", "uniqueness"): "server",  # 8475
    ("resource-type", "endpoint", "caseExact"): True,  # 8475
    ("resource-type", "schemaExtensions", "multiValued"): True,  # 7522
    ("schema", "attributes.subAttributes.referenceTypes", "multiValued"): True,  # 5607
}

# Attributes that §8.7 does not print, from §5 and RFC 9865 §4.
UNPRINTED = {
    "service-provider-config": {
        "etag",
        "etag.supported",
        "authenticationSchemes.type",
        "authenticationSchemes.primary",
        "pagination",
        "pagination.cursor",
        "pagination.index",
        "pagination.defaultPaginationMethod",
        "pagination.defaultPageSize",
        "pagination.maxPageSize",
        "pagination.cursorTimeout",
    }
}

CANONICAL = {
    ("user", "emails.type"): ("work", "home", "other"),
    ("user", "phoneNumbers.type"): ("work", "home", "mobile", "fax", "pager", "other"),
    ("user", "ims.type"): ("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
    ("user", "photos.type"): ("photo", "thumbnail"),
    ("user", "addresses.type"): ("work", "home", "other"),
    ("user", "groups.type"): ("direct", "indirect"),
    ("group", "members.type"): ("User", "Group"),
}

REFERENCES = {
    ("user", "profileUrl"): ("external",),
    ("user", "photos.value"): ("external",),
    ("user", "groups.$ref"): ("Group",),  # erratum 8471; printed with User as well
    ("group", "members.$ref"): ("User", "Group"),
    ("enterprise-user", "manager.$ref"): ("User",),
}


def walk(attributes: Iterable[Attribute], prefix: str = ""):
    for attribute in attributes:
        yield prefix + attribute.name, attribute
        yield from walk(attribute.sub_attributes, f"{prefix}{attribute.name}.")


def without(document: dict[str, Any], *names: str):
    return {name: value for name, value in document.items() if name not in names}


def references(node: object):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


# The files


@pytest.mark.parametrize("file", FILES)
def test_file_is_valid_against_its_meta_schema(file: str):
    document = load_document(file)
    meta_schema = validator({"$ref": document["$schema"]})
    assert [error.message for error in meta_schema.iter_errors(document)] == []


@pytest.mark.parametrize("file", FILES)
def test_file_is_named_by_its_id_and_written_to_be_read(file: str):
    text = data_path("schemas", file).read_text(encoding="utf-8")
    document = load_document(file)
    assert document["$id"] == BASE + file
    assert document["description"].endswith(".")
    assert text.startswith('{\n  "$schema": ')
    assert text.endswith("}\n")


@pytest.mark.parametrize("file", FILES)
def test_every_reference_of_a_file_resolves_without_a_network(file: str):
    for reference in references(load_document(file)):
        validator({"$ref": urljoin(BASE + file, reference)}).is_valid(None)


def test_references_elsewhere_are_refused():
    with pytest.raises(Unresolvable):
        validator({"$ref": "https://scim-conformance.example/elsewhere.json"}).is_valid({})


@pytest.mark.parametrize("name", ATTRIBUTE_SCHEMAS)
def test_every_attribute_has_a_description_and_the_annotation(name: str):
    document = load_document(f"{name}.schema.json")
    for path, attribute in walk(load_schema(name).attributes):
        assert attribute.description.endswith("."), path
    unannotated = {key for key, value in document["properties"].items() if "scim" not in value}
    assert unannotated <= {"schemas", "meta"}


def test_an_unknown_name_is_an_error():
    with pytest.raises(FileNotFoundError):
        load_schema("nobody")
    with pytest.raises(FileNotFoundError):
        validator("nobody")


GOOD_ANNOTATION = {
    "type": "reference",
    "multiValued": False,
    "required": False,
    "caseExact": True,
    "mutability": "immutable",
    "returned": "request",
    "uniqueness": "global",
    "referenceTypes": ["User"],
}
COMPLEX_ANNOTATION = without(GOOD_ANNOTATION, "caseExact", "uniqueness", "referenceTypes") | {"type": "complex"}


@pytest.mark.parametrize(
    ("annotation", "valid"),
    [
        (GOOD_ANNOTATION, True),
        (COMPLEX_ANNOTATION, True),
        ({"schema": USER}, True),
        (GOOD_ANNOTATION | {"type": "text"}, False),
        (GOOD_ANNOTATION | {"multiValued": "false"}, False),
        (GOOD_ANNOTATION | {"mutability": "readonly"}, False),
        (GOOD_ANNOTATION | {"returned": "sometimes"}, False),
        (GOOD_ANNOTATION | {"uniqueness": "client"}, False),
        (GOOD_ANNOTATION | {"canonicalValues": "work"}, False),
        (GOOD_ANNOTATION | {"type": "string"}, False),
        (GOOD_ANNOTATION | {"unknown": True}, False),
        (COMPLEX_ANNOTATION | {"caseExact": True}, False),
        (without(GOOD_ANNOTATION, "required"), False),
        (without(GOOD_ANNOTATION, "caseExact"), False),
        ({"schema": USER, "type": "string"}, False),
        ("string", False),
    ],
)
def test_the_vocabulary_tells_good_annotations_from_bad_ones(annotation: object, valid: bool):
    dialect = validator(load_document("scim.dialect.json"))
    assert dialect.is_valid({"scim": annotation}) is valid
    nested = {"properties": {"a": {"type": "array", "items": {"properties": {"b": {"scim": annotation}}}}}}
    assert dialect.is_valid(nested) is valid


# The characteristics


@pytest.mark.parametrize("name", PRINTED)
def test_characteristics_are_those_of_the_rfc_with_its_errata(name: str):
    served = dict(walk(load_schema(name).attributes))
    for path, *values in PRINTED[name]:
        keys = ("type", "multiValued", "required", "caseExact", "mutability", "returned", "uniqueness")
        printed = dict(zip(keys, values, strict=True))
        expected = {key: ERRATA.get((name, path, key), value) for key, value in printed.items()}
        attribute = served.pop(path)
        actual = attribute.to_scim()
        # §2.3.8: a complex attribute has neither, though some are printed with one (erratum 6004 for uniqueness).
        inapplicable = {"caseExact", "uniqueness"} if attribute.type == "complex" else set()
        for key, value in expected.items():
            if value is not None and key not in inapplicable:
                assert actual[key] == value, (path, key)
    assert set(served) == UNPRINTED.get(name, set())


@pytest.mark.parametrize("name", ["user", "group", "enterprise-user"])
def test_canonical_values_and_reference_types_are_those_of_the_rfc(name: str):
    for path, attribute in walk(load_schema(name).attributes):
        assert attribute.canonical_values == CANONICAL.get((name, path), ()), path
        assert attribute.reference_types == REFERENCES.get((name, path), ()), path


def test_attribute_types_in_the_schema_of_schemas_are_those_of_the_errata():
    types = {"string", "boolean", "decimal", "integer", "dateTime", "reference"}
    attributes = load_schema("schema").attribute("attributes")
    assert set(attributes.sub("type").canonical_values) == types | {"binary", "complex"}  # 5606
    assert set(attributes.sub("subAttributes").sub("type").canonical_values) == types | {"binary"}  # 8415


@pytest.mark.parametrize("name", ATTRIBUTE_SCHEMAS)
def test_no_complex_attribute_is_annotated_with_uniqueness(name: str):
    document = to_json_schema(load_schema(name))
    for key, value in document["properties"].items():
        if value["scim"]["type"] == "complex":
            assert "uniqueness" not in value["scim"], key
            assert "caseExact" not in value["scim"], key


def test_the_common_attributes_are_those_of_the_code():
    def bare(attribute: Attribute) -> Attribute:
        return replace(attribute, description="", sub_attributes=tuple(map(bare, attribute.sub_attributes)))

    assert tuple(map(bare, load_schema("common").attributes)) == COMMON.attributes
