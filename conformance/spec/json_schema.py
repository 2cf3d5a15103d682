"""SCIM schemas as JSON Schema 2020-12 and back.

JSON Schema says what a value looks like; what it cannot say (mutability, returned, uniqueness, …) stands beside it
under the annotation keyword ``scim``, which ``schemas/scim.vocabulary.json`` defines. The shipped files and whatever a
tenant serves at ``/Schemas`` meet in this one form.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from conformance.data import data_path
from conformance.spec.formats import is_date_time, is_uri, is_uri_reference
from conformance.spec.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jsonschema.protocols import Validator
    from referencing import Registry

    from conformance.spec.schema import Attribute, ResourceType, SchemaExtension

BASE = "https://scim-conformance.example/schemas/"
DIALECT = BASE + "scim.dialect.json"

_VALUES: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": {"type": "integer"},
    "dateTime": {"type": "string", "format": "date-time"},
    "binary": {"type": "string", "contentEncoding": "base64"},
    "reference": {"type": "string", "format": "uri-reference"},
    "complex": {"type": "object"},
}
_FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time": is_date_time,
    "uri": is_uri,
    "uri-reference": is_uri_reference,
}


@cache
def load_schema(name: str) -> Schema:
    """Return the shipped SCIM schema of a name such as ``user``, ``group`` or ``enterprise-user``.

    Raises FileNotFoundError where no such file is shipped.
    """
    return from_json_schema(load_document(f"{name}.schema.json"))


@cache
def load_document(file: str) -> dict[str, Any]:
    """Return the JSON of a file in ``schemas/``: one shared value, so not to be changed.

    Raises FileNotFoundError where no such file is shipped.
    """
    document: dict[str, Any] = json.loads(data_path("schemas", file).read_text(encoding="utf-8"))
    return document


def to_json_schema(schema: Schema) -> dict[str, Any]:
    """Return the attributes of a schema as JSON Schema.

    Optional values may be null, which is as good as absent (RFC 7643 §2.5). Of attributes that share a name the first
    is kept.
    """
    return {"$schema": DIALECT, **_schema(schema, returned=False)}


def from_json_schema(document: Mapping[str, Any]) -> Schema:
    """Read a schema back from JSON Schema; a property without the ``scim`` annotation is not an attribute of it."""
    annotation = document.get("scim")
    return Schema.from_scim(
        {
            "id": annotation.get("schema") if isinstance(annotation, dict) else None,
            "name": document.get("title"),
            "description": document.get("description"),
            "attributes": _definitions(document),
        }
    )


def resource_json_schema(resource_type: ResourceType) -> dict[str, Any]:
    """Return what a whole returned resource of the type looks like: common and core attributes, extensions by URI.

    Whole means that neither ``attributes`` nor ``excludedAttributes`` was asked for. What is never returned may only be
    null.
    """
    common = load_document("common.schema.json")
    core = _object(resource_type.schema.attributes, returned=True)
    extensions = {e.schema.id: _extension(e) for e in resource_type.extensions}
    schemas = {
        **common["properties"]["schemas"],
        "items": {"enum": list(dict.fromkeys([resource_type.schema.id, *extensions]))},
        "contains": {"const": resource_type.schema.id},
    }
    # What a schema says of common attributes does not count (RFC 7643 §3.1).
    own = {name: value for name, value in core["properties"].items() if name not in common["properties"]}
    required = [
        *common["required"],
        *(name for name in core.get("required", ()) if name in own),
        *(e.schema.id for e in resource_type.extensions if e.required),
    ]
    return {
        "$schema": DIALECT,
        "title": resource_type.name,
        "description": resource_type.description,
        "scim": {"schema": resource_type.schema.id},
        "type": "object",
        "properties": {**common["properties"], "schemas": schemas, **own, **extensions},
        "required": list(dict.fromkeys(required)),
    }


def validator(document_or_name: dict[str, Any] | str) -> Validator:
    """Return a validator for a JSON Schema, or for a shipped one by name, such as ``list-response``.

    Formats are asserted. References reach the shipped files and the JSON Schema meta-schemas, never the network.
    Raises FileNotFoundError for a name that is not shipped.
    """
    if isinstance(document_or_name, str):
        return _shipped_validator(document_or_name)
    return _validator(document_or_name)


@cache
def _shipped_validator(name: str) -> Validator:
    return _validator(load_document(f"{name}.schema.json"))


def _validator(document: dict[str, Any]) -> Validator:
    # Slow to import, and most runs read schemas without validating anything against them.
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415

    checker = FormatChecker(formats=())
    for name, holds in _FORMATS.items():
        checker.checks(name)(lambda value, holds=holds: not isinstance(value, str) or holds(value))
    return Draft202012Validator(document, registry=_registry(), format_checker=checker)


@cache
def _registry() -> Registry[Any]:
    from jsonschema_specifications import REGISTRY  # noqa: PLC0415
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415

    files = sorted(path.name for path in data_path("schemas").glob("*.json"))
    registry: Registry[Any] = REGISTRY
    return registry.with_resources((BASE + file, DRAFT202012.create_resource(load_document(file))) for file in files)


def _schema(schema: Schema, *, returned: bool) -> dict[str, Any]:
    return {
        "title": schema.name,
        "description": schema.description,
        "scim": {"schema": schema.id},
        **_object(schema.attributes, returned=returned),
    }


def _extension(extension: SchemaExtension) -> dict[str, Any]:
    value = _schema(extension.schema, returned=True)
    return value if extension.required else {**value, "type": ["object", "null"]}


def _object(attributes: Iterable[Attribute], *, returned: bool) -> dict[str, Any]:
    by_name: dict[str, Attribute] = {}
    for attribute in attributes:
        by_name.setdefault(attribute.name, attribute)
    required = [name for name, attribute in by_name.items() if _must_appear(attribute)]
    return {
        "type": "object",
        "properties": {name: _property(attribute, returned=returned) for name, attribute in by_name.items()},
        **({"required": required} if required else {}),
    }


def _property(attribute: Attribute, *, returned: bool) -> dict[str, Any]:
    value = dict(_VALUES.get(attribute.type, {}))
    if attribute.sub_attributes:
        value = {**_object(attribute.sub_attributes, returned=returned), **value}
    if attribute.multi_valued:
        value = {"type": "array", "items": value}
    if returned and _never_appears(attribute):
        value["type"] = "null"
    elif "type" in value and not _must_appear(attribute):
        value["type"] = [value["type"], "null"]
    return {"description": attribute.description, "scim": _annotation(attribute), **value}


def _must_appear(attribute: Attribute) -> bool:
    return attribute.required and attribute.returned != "request" and not _never_appears(attribute)


def _never_appears(attribute: Attribute) -> bool:
    return attribute.returned == "never" or attribute.mutability == "writeOnly"


def _annotation(attribute: Attribute) -> dict[str, Any]:
    annotation: dict[str, Any] = {
        "type": attribute.type,
        "multiValued": attribute.multi_valued,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": attribute.mutability,
        "returned": attribute.returned,
        "uniqueness": attribute.uniqueness,
    }
    if attribute.type in {"complex", "boolean"}:
        # These have neither (§2.3.2, §2.3.8): kept only where a tenant says otherwise.
        if not attribute.case_exact:
            del annotation["caseExact"]
        if attribute.uniqueness == "none":
            del annotation["uniqueness"]
    if attribute.canonical_values:
        annotation["canonicalValues"] = list(attribute.canonical_values)
    if attribute.reference_types:
        annotation["referenceTypes"] = list(attribute.reference_types)
    return annotation


def _definitions(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    properties = document.get("properties")
    if not isinstance(properties, dict):
        return []
    return [
        _definition(name, value)
        for name, value in properties.items()
        if isinstance(value, dict) and isinstance(value.get("scim"), dict)
    ]


def _definition(name: str, value: dict[str, Any]) -> dict[str, Any]:
    items = value.get("items")
    return {
        **value["scim"],
        "name": name,
        "description": value.get("description"),
        "subAttributes": _definitions(items if isinstance(items, dict) else value),
    }
