"""What a client may write (RFC 7643 §2, RFC 7644 §3.3, §3.5.1).

Names that no schema has are dropped, as RFC 7644 §3.1 wants schema differences tolerated; readOnly values are dropped,
as §3.3 and §3.5.1 demand; null, and [] where there may be several values, mean unassigned (RFC 7643 §2.5). ``"True"``
and ``"False"`` are read as booleans, for clients that send them. Values of any other wrong type are refused.
"""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from conformance.spec.errors import invalid_syntax, invalid_value, mutability
from conformance.spec.paths import lookup
from conformance.spec.schema import COMMON, PRIMARY
from conformance.spec.values import fits, unassigned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.spec.schema import Attribute, ResourceType, Schema

_SPELLED_BOOLEANS = {"true": True, "false": False}


def validate(
    body: object, resource_type: ResourceType, *, for_replace_of: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the canonical writable copy of the body of a POST or PUT.

    Names are in the letter case of the schema; ``schemas`` lists the core schema and the extensions that have data.
    ``for_replace_of`` is the stored resource of a PUT: immutable values must match it, and where the body leaves out an
    optional value that is immutable or writeOnly, the stored one is carried over. readOnly values (id, meta, groups)
    never are: adding them is the caller's business.

    Raises ScimError: invalidSyntax, invalidValue or mutability.
    """
    if not isinstance(body, dict):
        raise invalid_syntax("The body must be a JSON object")
    named = _schemas(body, resource_type)
    result: dict[str, Any] = {"schemas": named}
    core = [a for a in (*COMMON.attributes, *resource_type.schema.attributes) if a.name != "schemas"]
    result |= _written(core, body, for_replace_of or {}, "")
    for extension in resource_type.extensions:
        urn = extension.schema.id
        given = lookup(body, urn)
        if not (given is None or isinstance(given, dict)):
            raise invalid_value(f"{urn} must be an object")
        if unassigned(given) and not extension.required:
            continue
        stored = lookup(for_replace_of, urn) or {}
        value = _written(extension.schema.attributes, given or {}, stored, f"{urn}:")
        if value:
            result[urn] = value
            named.append(urn)
        elif extension.required:
            raise invalid_value(f"The extension {urn} is required")
    return result


def clears(attribute: Attribute, value: Any) -> bool:
    """Return whether a value means none: null, ``[]`` of a multi-valued attribute, ``{}`` of a complex one (§2.5)."""
    return _is_none(attribute, value) or (value == [] and attribute.multi_valued)


def conform(attribute: Attribute, value: Any, where: str) -> Any:
    """Return the canonical form of a value for an attribute; None when it leaves the attribute unassigned.

    ``where`` names the place in messages. Sub-attributes that are readOnly or unknown are dropped, repeated elements
    are joined. Raises ScimError invalidValue.
    """
    if clears(attribute, value):
        return None
    if not attribute.multi_valued:
        return conform_one(attribute, value, where)
    if not isinstance(value, list):
        raise invalid_value(f"{where} has several values: they must be an array")
    elements = distinct(conform_one(attribute, item, where) for item in value)
    if sum(1 for element in elements if lookup(element, "primary") is True) > 1:
        raise invalid_value(f"{where} has more than one primary value")
    return elements or None


def distinct(elements: Iterable[Any]) -> list[Any]:
    """Return the elements without empty and repeated ones."""
    # By their text: comparing each with each would take seconds for a group of ten thousand.
    found: dict[str, Any] = {}
    for element in elements:
        if not unassigned(element):
            found.setdefault(json.dumps(element, sort_keys=True), element)
    return list(found.values())


def conform_one(attribute: Attribute, value: Any, where: str) -> Any:
    """Return the canonical form of a single value, or of one element, as ``conform`` does."""
    if _is_none(attribute, value):
        return None
    if attribute.type == "complex":
        if not isinstance(value, dict):
            raise invalid_value(f"{where} must be an object with sub-attributes, not {_shown(attribute, value)}")
        return _members(_subs(attribute), value, f"{where}.") or None
    if attribute.type == "boolean" and isinstance(value, str):
        value = _SPELLED_BOOLEANS.get(value.lower(), value)
    if not fits(attribute.type, value):
        raise invalid_value(f"{where} must be of type {attribute.type}, not {_shown(attribute, value)}")
    if attribute.required and isinstance(value, str) and not value.strip():
        raise invalid_value(f"{where} is required and must not be empty")
    return value


def _is_none(attribute: Attribute, value: Any) -> bool:
    return value is None or (value == {} and attribute.type == "complex")


def _schemas(body: Mapping[str, Any], resource_type: ResourceType) -> list[str]:
    given = lookup(body, "schemas")
    if not isinstance(given, list) or not all(isinstance(urn, str) for urn in given):
        raise invalid_syntax("schemas must be an array of URIs")
    core: Schema = resource_type.schema
    if core.id.lower() not in {urn.lower() for urn in given}:
        raise invalid_syntax(f"schemas must name {core.id}")
    return [core.id]


def _written(
    attributes: Iterable[Attribute], given: Mapping[str, Any], stored: Mapping[str, Any], prefix: str
) -> dict[str, Any]:
    attributes = list(attributes)
    result = _members(attributes, given, prefix)
    for attribute in attributes:
        writable = attribute.mutability != "readOnly"
        if attribute.required and writable and attribute.name not in result:
            raise invalid_value(f"{prefix}{attribute.name} is required")
    _carry_over(attributes, result, given, stored, prefix)
    return result


def _subs(attribute: Attribute) -> tuple[Attribute, ...]:
    implied = attribute.sub("primary") is PRIMARY and PRIMARY not in attribute.sub_attributes
    return (*attribute.sub_attributes, PRIMARY) if implied else attribute.sub_attributes


def _members(attributes: Iterable[Attribute], given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    values = {key.lower(): value for key, value in given.items()}
    if len(values) != len(given):
        raise invalid_syntax(f"A name stands twice, in different letter case, in {prefix.rstrip('.:') or 'the body'}")
    result = {}
    for attribute in attributes:
        if attribute.mutability == "readOnly":
            continue
        value = conform(attribute, values.get(attribute.name.lower()), f"{prefix}{attribute.name}")
        if value is not None:
            result[attribute.name] = value
        elif attribute.required and prefix.endswith("."):
            raise invalid_value(f"{prefix}{attribute.name} is required")
    return result


def _carry_over(
    attributes: Iterable[Attribute],
    result: dict[str, Any],
    given: Mapping[str, Any],
    stored: Mapping[str, Any],
    prefix: str,
) -> None:
    """Hold immutable values to the stored ones and keep what the client cannot see or may not change (§3.5.1)."""
    names = {name.lower() for name in given}
    for attribute in attributes:
        old, new = stored.get(attribute.name), result.get(attribute.name)
        if unassigned(old):
            continue
        left_out = attribute.name.lower() not in names
        if left_out and attribute.mutability in {"immutable", "writeOnly"}:
            result[attribute.name] = old
        elif attribute.mutability == "immutable" and new != old:
            raise mutability(f"{prefix}{attribute.name} is immutable and has another value")
        elif isinstance(old, dict) and isinstance(new, dict):
            _carry_over(attribute.sub_attributes, new, new, old, f"{prefix}{attribute.name}.")


def _shown(attribute: Attribute, value: Any) -> str:
    if attribute.returned == "never":
        return "what was sent"
    return textwrap.shorten(json.dumps(value, ensure_ascii=False, default=str), 60, placeholder="…")
