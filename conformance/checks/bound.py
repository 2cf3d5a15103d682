"""Which attributes a check is about, and which clauses describe each."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from conformance.spec.requirements import catalogue
from conformance.spec.schema import ENTERPRISE_USER, GROUP, USER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.spec.schema import BoundAttribute

_SCHEMAS = {USER.lower(): "User", GROUP.lower(): "Group", ENTERPRISE_USER.lower(): "EnterpriseUser"}
_DESCRIBED = {
    "User:displayName": "RFC7643-4.1.1-15",
    "User:profileUrl": "RFC7643-4.1.1-17",
    "User:title": "RFC7643-4.1.1-18",
    "User:userType": "RFC7643-4.1.1-19",
    "User:locale": "RFC7643-4.1.1-21",
    "User:timezone": "RFC7643-4.1.1-23",
    "User:active": "RFC7643-4.1.1-24",
    "User:photos.type": "RFC7643-4.1.2-09",
    "User:entitlements.value": "RFC7643-4.1.2-22",
    "User:roles.value": "RFC7643-4.1.2-23",
    "User:x509Certificates.value": "RFC7643-4.1.2-24",
    "EnterpriseUser:employeeNumber": "RFC7643-4.3-02",
    "EnterpriseUser:costCenter": "RFC7643-4.3-03",
    "EnterpriseUser:organization": "RFC7643-4.3-04",
    "EnterpriseUser:division": "RFC7643-4.3-05",
    "EnterpriseUser:department": "RFC7643-4.3-06",
}
_TYPES = {
    "string": ("RFC7643-2.3.1-01",),
    "boolean": ("RFC7643-2.3.2-01",),
    "decimal": ("RFC7643-2.3.3-01",),
    "integer": ("RFC7643-2.3.4-01",),
    "dateTime": ("RFC7643-2.3.5-01", "RFC7643-2.3.5-02", "RFC7643-2.3.5-03"),
    "binary": ("RFC7643-2.3.6-01",),
    "reference": ("RFC7643-2.3.7-01",),
    "complex": ("RFC7643-2.3.8-01",),
}


def links(bound: BoundAttribute) -> bool:
    """Whether the attribute, or the one around it, points to other resources by their id."""
    return (bound.parent or bound.attribute).links


def stored(bound: BoundAttribute) -> bool:
    """Whether a client may set the attribute and see what it set."""
    whole = [bound.attribute, *([bound.parent] if bound.parent else [])]
    return all(a.mutability in {"readWrite", "immutable"} and a.returned in {"default", "always"} for a in whole)


def on_request(bound: BoundAttribute) -> bool:
    """Whether the attribute is returned only where it is asked for, or to whoever just set it."""
    return bound.attribute.returned == "request" and bound.parent is None


def changeable(bound: BoundAttribute) -> bool:
    """Whether a client may also change it later, by a value of its own choice."""
    whole = [bound.attribute, *([bound.parent] if bound.parent else [])]
    return stored(bound) and not links(bound) and all(a.mutability == "readWrite" for a in whole)


def described(attribute: BoundAttribute) -> list[str]:
    """Return the requirements by which RFC 7643 §4 and §8.7.1 describe what is kept in an attribute."""
    name = _printed(attribute)
    found = [_DESCRIBED[name]] if name in _DESCRIBED else []
    if name.startswith("User:name."):
        found.append("RFC7643-4.1.1-14")
    if name.startswith("User:addresses."):
        found.append("RFC7643-4.1.2-10")
    if attribute.parent and attribute.parent.multi_valued and attribute.attribute.name == "value":
        found.append("RFC7643-2.4-08")
    if (
        attribute.parent
        and attribute.parent.multi_valued
        and attribute.attribute.name in {"type", "primary", "display"}
    ):
        found.append("RFC7643-2.4-04")
    return found + characterised(attribute)


def characterised(attribute: BoundAttribute) -> list[str]:
    """Return the requirement for the characteristics that RFC 7643 §8.7.1 prints for an attribute, if it does."""
    return [_printed_definitions()[name]] if (name := _printed(attribute)) in _printed_definitions() else []


def typed(attribute: BoundAttribute) -> tuple[str, ...]:
    """Return the requirements for the JSON type of an attribute's values."""
    if attribute.attribute.type == "complex" and attribute.attribute.multi_valued:
        return ("RFC7643-2.4-02",)
    return _TYPES.get(attribute.attribute.type, ())


@cache
def _printed_definitions() -> Mapping[str, str]:
    return {r.attribute: r.id for r in catalogue().values() if r.attribute and r.section == "8.7.1"}


def _printed(bound: BoundAttribute) -> str:
    return f"{_SCHEMAS.get(bound.schema.id.lower(), bound.schema.id)}:{bound.name}"
