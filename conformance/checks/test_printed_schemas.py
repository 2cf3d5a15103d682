"""The schemas that the RFC prints, attribute by attribute, against what the tenant serves (RFC 7643 §8.7)."""

from dataclasses import dataclass
from typing import Any

import pytest

from conformance.checks import discovered
from conformance.checks.declare import requirement
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Blocked, Evidence
from conformance.spec.json_schema import load_document, load_schema, validator
from conformance.spec.requirements import catalogue
from conformance.spec.schema import Attribute, Schema

FILES = {
    "User": "user",
    "Group": "group",
    "EnterpriseUser": "enterprise-user",
    "ServiceProviderConfig": "service-provider-config",
    "ResourceType": "resource-type",
    "Schema": "schema",
}


@dataclass(frozen=True)
class Printed:
    """An attribute as the RFC prints it, verified errata applied, under the catalogue's name: ``User:emails.type``."""

    requirement: str
    label: str

    def __str__(self) -> str:
        return self.label

    @property
    def kind(self) -> str:
        """The schema by its short name: ``User``."""
        return self.label.partition(":")[0]

    @property
    def path(self) -> str:
        """The path within the schema: ``emails.type``."""
        return self.label.partition(":")[2]

    @property
    def schema(self) -> Schema:
        """The printed schema."""
        return load_schema(FILES[self.kind])

    def within(self, schema: Schema) -> Attribute | None:
        """Return the attribute of this path in a schema, whether printed or served."""
        head, _, tail = self.path.partition(".")
        attribute = schema.attribute(head)
        if attribute is None or not tail:
            return attribute
        return next((sub for sub in attribute.sub_attributes if sub.name.lower() == tail.lower()), None)


def printed(section: str) -> list[Printed]:
    """Return the attributes that a section of the RFC prints and the catalogue lists."""
    found = (r for r in catalogue().values() if r.document == "RFC 7643" and r.section == section and r.attribute)
    return [Printed(r.id, r.attribute) for r in found]


@pytest.mark.parametrize("attribute_printed", printed("8.7.1"), ids=str)
@requirement(lambda attribute_printed: attribute_printed.requirement)
def test_served_schema_agrees_with_the_rfc(discovery: Evidence, attribute_printed: Printed, verdict: Remarks) -> None:
    """The served definition of an attribute has the characteristics that the RFC prints."""
    served = _served(discovery, attribute_printed, verdict)
    wanted = attribute_printed.within(attribute_printed.schema)
    assert wanted is not None, "the printed schema lacks the attribute"
    expected, came = _characteristics(wanted), _characteristics(served)
    differing = {key for key, value in expected.items() if came.get(key, value) != value}
    for key in sorted(key for key in differing if _is_left_open(wanted, attribute_printed, key)):
        verdict.note(f"{key} of {attribute_printed} is {came[key]!r}; the RFC, of two minds, prints {expected[key]!r}")
        differing.discard(key)
    assert {k: came[k] for k in sorted(differing)} == {k: expected[k] for k in sorted(differing)}, (
        f"the served definition of {attribute_printed} is not the one that the RFC prints"
    )
    _note_suggestions(served, wanted, verdict)


@pytest.mark.parametrize("attribute_printed", printed("8.7.2"), ids=str)
@requirement(lambda attribute_printed: attribute_printed.requirement)
def test_discovery_document_agrees_with_its_schema(
    discovery: Evidence, attribute_printed: Printed, verdict: Remarks
) -> None:
    """An attribute of a discovery document has the form that its schema gives it."""
    documents = {
        "ServiceProviderConfig": lambda: [discovered.config(discovery)],
        "ResourceType": lambda: discovered.resource_types(discovery),
        "Schema": lambda: discovered.schemas(discovery),
    }[attribute_printed.kind]()
    form = validator(_form(attribute_printed))
    problems = [error.message for document in documents for error in form.iter_errors(document)]
    assert problems == [], f"{attribute_printed.path} does not have the form that its schema gives it"
    described = discovered.schema(discovery, attribute_printed.schema.id) if discovery.schemas.ok else None
    served = attribute_printed.within(Schema.from_scim(described)) if described else None
    wanted = attribute_printed.within(attribute_printed.schema)
    for key in ("type", "multi_valued", "mutability", "returned") if served else ():
        if getattr(served, key) != getattr(wanted, key):
            verdict.warn(f"/Schemas says of {attribute_printed} that {key} is {getattr(served, key)!r}")


def _served(discovery: Evidence, attribute_printed: Printed, verdict: Remarks) -> Attribute:
    document = discovered.schema(discovery, attribute_printed.schema.id)
    if document is None:
        raise Blocked(f"/Schemas has no {attribute_printed.schema.id}", discovery.schemas)
    served = attribute_printed.within(Schema.from_scim(document))
    if served is None:
        verdict.not_applicable(f"the tenant's schema does not have {attribute_printed.path}")
    return served


def _characteristics(attribute: Attribute) -> dict[str, Any]:
    """Return what §2.2 lists; caseExact and uniqueness only where the type gives them a meaning."""
    stated: dict[str, Any] = {
        "type": attribute.type,
        "multiValued": attribute.multi_valued,
        "required": attribute.required,
        "mutability": attribute.mutability,
        "returned": attribute.returned,
    }
    if attribute.type not in {"boolean", "complex"}:
        stated |= {"caseExact": attribute.case_exact, "uniqueness": attribute.uniqueness}
    return stated


def _is_left_open(wanted: Attribute, where: Printed, key: str) -> bool:
    """Whether the text of the RFC contradicts what its schema prints, so that either is right."""
    return (
        # References and binary values are case-exact in the text (§2.3.6, §2.3.7), not in print.
        (key == "caseExact" and wanted.type in {"reference", "binary"})
        # They hold an id, and ids are case-exact (§3.1); the errata put only manager.value right.
        or (key == "caseExact" and where.label in {"User:groups.value", "Group:members.value"})
        # display is immutable in §2.4, "READ-ONLY" in its description and readWrite in its mutability.
        or (key == "mutability" and where.path.endswith(".display"))
    )


def _note_suggestions(served: Attribute, wanted: Attribute, verdict: Remarks) -> None:
    for word, came, suggested in (
        ("canonicalValues", served.canonical_values, wanted.canonical_values),
        ("referenceTypes", served.reference_types, wanted.reference_types),
    ):
        if set(came) != set(suggested):
            verdict.note(f"{word} is {list(came)}; the RFC suggests {list(suggested)}")


def _form(attribute_printed: Printed) -> dict[str, Any]:
    """Return the JSON Schema of one attribute; the definitions in a Schema are judged one by one elsewhere."""
    document = load_document(f"{FILES[attribute_printed.kind]}.schema.json")
    value = document["properties"][attribute_printed.path]
    if attribute_printed.label == "Schema:attributes":
        value = {"type": "array", "items": {"type": "object"}}
    required = attribute_printed.path in document["required"] or attribute_printed.label == "Schema:name"
    return {
        "type": "object",
        "properties": {attribute_printed.path: value},
        "required": [attribute_printed.path] if required else [],
    }
