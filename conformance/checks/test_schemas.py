"""The attribute definitions that the tenant serves at /Schemas (RFC 7643 §2, §3.3, §7)."""

import re
from collections import Counter
from collections.abc import Callable

import pytest

from conformance.checks import discovered, given
from conformance.checks.declare import requirement
from conformance.checks.discovered import Definition
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.spec.json_schema import load_schema
from conformance.spec.paths import lookup
from conformance.spec.schema import (
    COMMON,
    ENTERPRISE_USER,
    RESOURCE_TYPE,
    SCHEMA,
    SERVICE_PROVIDER_CONFIG,
    ResourceType,
)
from conformance.spec.values import unassigned

TYPES = {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}
KEYWORDS = {
    "mutability": ("RFC7643-7-23", {"readOnly", "readWrite", "immutable", "writeOnly"}),
    "returned": ("RFC7643-7-29", {"always", "never", "default", "request"}),
    "uniqueness": ("RFC7643-7-37", {"none", "server", "global"}),
}
FLAGS = {"required": "RFC7643-7-15", "caseExact": "RFC7643-7-19"}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9$_-]*|\$ref")
CAMEL_CASE = re.compile(r"[a-z][A-Za-z0-9]*|\$ref")
IETF = "urn:ietf:params:scim:"
REGISTERED = re.compile(
    rf"{IETF}(schemas:(core:2\.0:\w+|extension:(enterprise:2\.0:User|[\w-]+:2\.0:Device))|api:messages:2\.0:\w+)",
    re.IGNORECASE,
)
STATED = {
    # which characteristics say something for which types (§2.3)
    "multiValued": TYPES,
    "required": TYPES,
    "mutability": TYPES,
    "returned": TYPES,
    "uniqueness": TYPES - {"boolean", "complex"},
    "caseExact": {"string", "reference"},
}
DISCOVERY_SCHEMAS = (SERVICE_PROVIDER_CONFIG, RESOURCE_TYPE, SCHEMA)


def labels(found: list[Definition], where: Callable[[Definition], bool]) -> list[str]:
    """Return where the definitions stand of which ``where`` is true."""
    return [definition.label for definition in found if where(definition)]


@requirement("RFC7643-7-03")
def test_each_schema_names_its_schema(discovery: Evidence) -> None:
    """Each Schema has the URI of the Schema schema in schemas."""
    without = [s.get("id") for s in discovered.schemas(discovery) if SCHEMA not in discovered.named(s)]
    assert without == [], f"schemas does not hold {SCHEMA}"


@requirement("RFC7643-7-04")
def test_the_id_of_each_schema_is_a_uri(discovery: Evidence) -> None:
    """The id of each Schema is a URI."""
    wrong = [
        s.get("id") for s in discovered.schemas(discovery) if not re.match(r"[A-Za-z][\w+.-]*:\S", str(s.get("id")))
    ]
    assert wrong == [], "ids are no URIs"


@requirement("RFC7643-7-05")
def test_ids_of_schemas_differ(discovery: Evidence) -> None:
    """No two Schemas have one id."""
    counted = Counter(discovered.text(s, "id").lower() for s in discovered.schemas(discovery))
    assert [urn for urn, count in counted.items() if count > 1] == [], "schemas share an id"


@pytest.mark.parametrize("key", ["name", "description"])
@requirement(lambda key: {"name": "RFC7643-7-06", "description": "RFC7643-7-07"}[key])
def test_each_schema_is_described(discovery: Evidence, key: str, verdict: Remarks) -> None:
    """Each Schema has a name and a description for people."""
    for served in discovered.schemas(discovery):
        if served.get(key) is None:
            verdict.warn(f"the schema {served.get('id')} has no {key}")
        else:
            assert isinstance(served.get(key), str), f"the {key} of {served.get('id')} is no text"


@requirement("RFC7643-7-08")
def test_each_schema_has_attributes(discovery: Evidence) -> None:
    """Each Schema has attributes, an array of objects."""
    for served in discovered.schemas(discovery):
        attributes = served.get("attributes")
        assert isinstance(attributes, list), f"{served.get('id')} has no array of attributes"
        wrong = [a for a in attributes if not isinstance(a, dict)]
        assert wrong == [], f"attributes of {served.get('id')} are no objects"


@requirement("RFC7643-7-09")
def test_each_definition_has_a_name(discovery: Evidence) -> None:
    """Each attribute definition has a name."""
    found = discovered.definitions(discovery)
    assert labels(found, lambda d: not discovered.text(d.entry, "name")) == [], "definitions have no name"


@requirement("RFC7643-2.1-05")
def test_names_are_attribute_names(discovery: Evidence) -> None:
    """Each attribute name starts with a letter and goes on with letters, digits, $, - or _."""
    named = [d for d in discovered.definitions(discovery) if discovered.text(d.entry, "name")]
    assert labels(named, lambda d: not NAME.fullmatch(discovered.text(d.entry, "name"))) == [], (
        "names do not have the form of attribute names"
    )


@requirement("RFC7643-2.1-06")
def test_names_differ_by_more_than_letter_case(discovery: Evidence) -> None:
    """No two attributes of a schema, or sub-attributes of an attribute, differ in letter case only."""
    named = [d for d in discovered.definitions(discovery) if discovered.text(d.entry, "name")]
    counted = Counter((d.urn, d.label.lower()) for d in named)
    served = Counter(discovered.text(s, "id") for s in discovered.schemas(discovery))
    assert [label for (urn, label), count in counted.items() if count > served[urn]] == [], (
        "attributes are defined twice"
    )


@requirement("RFC7643-7-10", "RFC7643-2.3-01")
def test_types_are_those_of_the_rfc(discovery: Evidence, verdict: Remarks) -> None:
    """The type of each attribute definition is one of the eight that the RFC has."""
    found = discovered.definitions(discovery)
    unstated = labels(found, lambda d: "type" not in d.entry)
    if unstated:
        verdict.note(f"definitions without a type count as strings: {', '.join(unstated)}")
    assert {d.label: d.type for d in found if str(d.type) not in TYPES} == {}, (
        "types are none of the eight that the RFC has"
    )


@requirement("RFC7643-7-11")
def test_complex_definitions_list_their_sub_attributes(discovery: Evidence) -> None:
    """A definition of type complex lists its subAttributes."""
    found = discovered.definitions(discovery)
    assert labels(found, lambda d: d.type == "complex" and not d.subs) == [], "complex attributes list no subAttributes"


@requirement("RFC7643-1.2-01")
def test_only_complex_definitions_have_sub_attributes(discovery: Evidence) -> None:
    """A definition of another type than complex has no subAttributes."""
    found = discovered.definitions(discovery)
    assert labels(found, lambda d: d.type != "complex" and not unassigned(d.entry.get("subAttributes"))) == [], (
        "attributes that are not complex have subAttributes"
    )


@requirement("RFC7643-2.3.8-03", "RFC7643-1.2-04")
def test_sub_attributes_are_simple(discovery: Evidence) -> None:
    """No sub-attribute is complex or has sub-attributes of its own, but in the schema of Schema."""
    subs = [d for d in discovered.definitions(discovery) if d.depth > 1 and d.urn != SCHEMA]
    assert labels(subs, lambda d: d.type == "complex" or bool(d.subs)) == [], (
        "sub-attributes are complex or have subAttributes"
    )


@requirement("RFC7643-7-12")
def test_sub_attributes_are_full_definitions(discovery: Evidence) -> None:
    """Each subAttributes entry is an object that defines an attribute as the entries of attributes do."""
    found = discovered.definitions(discovery)
    assert labels(found, lambda d: any(not isinstance(sub, dict) for sub in d.subs)) == [], (
        "subAttributes are no objects"
    )
    subs = [d for d in found if d.depth > 1]
    assert labels(subs, lambda d: not {"name", "multiValued"} <= d.entry.keys()) == [], "no full definitions"


@requirement("RFC7643-7-13")
def test_each_definition_says_whether_it_has_several_values(discovery: Evidence) -> None:
    """Each attribute definition says true or false in multiValued."""
    found = discovered.definitions(discovery)
    assert labels(found, lambda d: type(d.entry.get("multiValued")) is not bool) == [], (
        "definitions do not say true or false in multiValued"
    )


@requirement("RFC7643-7-14")
def test_each_definition_has_a_description(discovery: Evidence, verdict: Remarks) -> None:
    """Each attribute definition has a description for people."""
    found = discovered.definitions(discovery)
    bare = labels(found, lambda d: d.entry.get("description") is None)
    if bare:
        verdict.warn(f"attributes without a description: {', '.join(bare)}")
    assert labels(found, lambda d: not isinstance(d.entry.get("description", ""), str | None)) == [], (
        "descriptions are no texts"
    )


@pytest.mark.parametrize("flag", FLAGS)
@requirement(lambda flag: FLAGS[flag])
def test_flags_of_definitions_are_booleans(discovery: Evidence, flag: str) -> None:
    """Required and caseExact of an attribute definition, where present, are JSON booleans."""
    found = discovered.definitions(discovery)
    assert {d.label: d.entry[flag] for d in found if type(d.entry.get(flag)) not in {bool, type(None)}} == {}, (
        f"{flag} is neither true nor false"
    )


@pytest.mark.parametrize("keyword", KEYWORDS)
@requirement(lambda keyword: KEYWORDS[keyword][0])
def test_keywords_of_definitions_are_those_of_the_rfc(discovery: Evidence, keyword: str) -> None:
    """mutability, returned and uniqueness of an attribute definition, where present, are keywords of the RFC."""
    allowed = KEYWORDS[keyword][1]
    stated = {d.label: d.entry.get(keyword) for d in discovered.definitions(discovery)}
    wrong = {label: value for label, value in stated.items() if value is not None and str(value) not in allowed}
    assert wrong == {}, f"{keyword} is none of {', '.join(sorted(allowed))}"


@requirement("RFC7643-1.1-01")
def test_keywords_stand_without_quotation_marks(discovery: Evidence) -> None:
    """Keywords and other literal values in definitions carry no quotation marks of their own."""
    found = discovered.definitions(discovery)
    assert labels(found, lambda d: any(_quoted(d.entry.get(key)) for key in ("name", "type", *KEYWORDS))) == [], (
        "keywords carry quotation marks"
    )


@requirement("RFC7643-2.3.7-04")
def test_references_say_what_they_refer_to(discovery: Evidence) -> None:
    """Each definition of type reference has referenceTypes."""
    found = discovered.definitions(discovery)
    assert labels(found, lambda d: d.type == "reference" and not d.entry.get("referenceTypes")) == [], (
        "references have no referenceTypes"
    )


@requirement("RFC7643-7-40")
def test_reference_types_are_known(discovery: Evidence) -> None:
    """Each entry of referenceTypes is the name of a resource type, external or uri."""
    known = {discovered.text(t, "name") for t in discovered.resource_types(discovery)} | {
        "external",
        "uri",
        "User",
        "Group",
    }
    found = {d.label: d.entry.get("referenceTypes") for d in discovered.definitions(discovery)}
    stated = {
        label: types if isinstance(types, list) else [types] for label, types in found.items() if types is not None
    }
    assert {label: types for label, types in stated.items() if not known.issuperset(map(str, types))} == {}, (
        "referenceTypes are no resource type, external or uri"
    )


@requirement("RFC7643-7-41")
def test_only_references_have_reference_types(discovery: Evidence) -> None:
    """Only definitions of type reference have referenceTypes."""
    found = discovered.definitions(discovery)
    assert labels(found, lambda d: d.type != "reference" and not unassigned(d.entry.get("referenceTypes"))) == [], (
        "attributes that are no reference have referenceTypes"
    )


@pytest.mark.parametrize("kind", ["boolean", "complex"])
@requirement(lambda kind: {"boolean": "RFC7643-2.3.2-03", "complex": "RFC7643-2.3.8-04"}[kind])
def test_neither_case_nor_uniqueness_is_claimed(discovery: Evidence, kind: str) -> None:
    """Boolean and complex attributes claim neither caseExact nor a uniqueness."""
    found = [d for d in discovered.definitions(discovery) if d.type == kind]
    assert labels(found, lambda d: d.entry.get("caseExact") is True or _unique(d)) == [], (
        f"{kind} attributes claim either"
    )


@requirement("RFC7643-2.3.6-04")
def test_binary_values_claim_no_uniqueness(discovery: Evidence, verdict: Remarks) -> None:
    """Binary attributes claim no uniqueness; letter case counts in them, whatever the RFC prints."""
    found = [d for d in discovered.definitions(discovery) if d.type == "binary"]
    if not found:
        verdict.not_applicable("no served schema has a binary attribute")
    inexact = labels(found, lambda d: d.entry.get("caseExact") is not True)
    if inexact:
        verdict.note(f"caseExact is not true, as in the schema that the RFC prints: {', '.join(inexact)}")
    assert labels(found, _unique) == [], "binary attributes claim a uniqueness"


@requirement("RFC7644-3.1-03")
def test_definitions_state_their_characteristics(discovery: Evidence) -> None:
    """Definitions state multiValued, required, mutability, returned and, where they mean something, the rest."""
    found = discovered.definitions(discovery)
    lacking = {d.label: [k for k, kinds in STATED.items() if str(d.type) in kinds and k not in d.entry] for d in found}
    assert {label: keys for label, keys in lacking.items() if keys} == {}, "definitions leave characteristics out"


@requirement("RFC7643-3.3-04")
def test_extensions_define_nothing_anew(discovery: Evidence) -> None:
    """No extension schema defines an attribute that the RFC has already."""
    core = (load_schema("user"), load_schema("group"), COMMON)
    names = {attribute.name.lower() for known in core for attribute in known.attributes}
    enterprise = {attribute.name.lower() for attribute in load_schema("enterprise-user").attributes}
    again = [
        d.label
        for d in _extensions(discovery)
        if d.depth == 1
        and discovered.text(d.entry, "name").lower() in (names if d.urn == ENTERPRISE_USER else names | enterprise)
    ]
    assert again == [], "extensions define attributes that the RFC has already"


@requirement("RFC7643-3.3-05")
def test_extensions_follow_conventions(discovery: Evidence) -> None:
    """Attributes of extensions have camelCase names and state type and multiValued."""
    found = _extensions(discovery)
    assert labels(found, lambda d: not CAMEL_CASE.fullmatch(discovered.text(d.entry, "name"))) == [], (
        "names are not camelCase"
    )
    assert labels(found, lambda d: not {"type", "multiValued"} <= d.entry.keys()) == [], (
        "type or multiValued is missing"
    )


@requirement("RFC7643-10.4-01")
def test_schemas_of_the_ietf_are_registered(discovery: Evidence) -> None:
    """A schema in the namespace of the IETF is one that is registered there."""
    listed = discovered.schema_ids(discovery)
    assert sorted(i for i in listed if i.lower().startswith(IETF) and not REGISTERED.fullmatch(i)) == [], (
        "schemas use the namespace of the IETF without being registered there"
    )


@requirement("RFC7643-8.7.2-18")
def test_schemas_of_discovery_are_reported(discovery: Evidence, verdict: Remarks) -> None:
    """The schemas of the discovery documents may be served as well; the report says which are."""
    served = [urn.rpartition(":")[2] for urn in DISCOVERY_SCHEMAS if discovered.schema(discovery, urn)]
    verdict.note(f"/Schemas has the schemas of {', '.join(served)}" if served else "/Schemas has no discovery schemas")


@pytest.mark.parametrize("key", ["mutability", "returned"])
@requirement(lambda key: {"mutability": "RFC7643-2.2-04", "returned": "RFC7643-2.2-05"}[key])
def test_unstated_characteristics_mean_readable_and_writable(
    attribute_values: Evidence, discovery: Evidence, resource_type: ResourceType, key: str, verdict: Remarks
) -> None:
    """What is sent for an attribute whose definition states no mutability or no returned is there when read back."""
    fetched = given.done(attribute_values.fetched).resource
    sent = attribute_values.named("created")[-1].request.json or {}
    unstated = [
        d
        for d in _own(discovery, resource_type)
        if (d.entry.get("mutability", "readWrite"), d.entry.get("returned", "default")) == ("readWrite", "default")
        and key not in d.entry
        and discovered.text(d.entry, "name") in sent
    ]
    if not unstated:
        verdict.not_applicable(f"each definition states {key}")
    assert labels(unstated, lambda d: unassigned(lookup(fetched, discovered.text(d.entry, "name")))) == [], (
        "attributes that were sent are not there when read back"
    )


@requirement("RFC7643-2.2-07")
def test_unstated_type_means_string(
    attribute_values: Evidence, discovery: Evidence, resource_type: ResourceType, verdict: Remarks
) -> None:
    """Values of an attribute whose definition states no type are strings."""
    fetched = given.done(attribute_values.fetched).resource
    untyped = {discovered.text(d.entry, "name") for d in _own(discovery, resource_type) if "type" not in d.entry}
    values = {name: lookup(fetched, name) for name in sorted(untyped) if not unassigned(lookup(fetched, name))}
    if not values:
        verdict.not_applicable("each definition states its type")
    flat = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    assert [name for name, items in flat.items() if not all(isinstance(item, str) for item in items)] == [], (
        "values of attributes without a type are no strings"
    )


def _own(discovery: Evidence, resource_type: ResourceType) -> list[Definition]:
    found = discovered.definitions(discovery)
    return [d for d in found if d.depth == 1 and d.urn.lower() == resource_type.schema.id.lower()]


def _extensions(discovery: Evidence) -> list[Definition]:
    types = discovered.resource_types(discovery)
    urns = {discovered.text(e, "schema") for t in types for e in discovered.objects(t.get("schemaExtensions"))}
    return [d for d in discovered.definitions(discovery) if d.urn in urns]


def _unique(definition: Definition) -> bool:
    return definition.entry.get("uniqueness", "none") not in ("none", None)


def _quoted(value: object) -> bool:
    return isinstance(value, str) and len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
