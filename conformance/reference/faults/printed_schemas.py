"""Faults of the attribute definitions that RFC 7643 §8.7.1 prints: for each of them one that says otherwise."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.reference.faults.registry import register
from conformance.reference.faults.seams import on_definition
from conformance.spec.requirements import catalogue
from conformance.spec.service import Service

if TYPE_CHECKING:
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import Attribute

_ALWAYS_RETURNED = "RFC7643-7-30"
# The text of the RFC contradicts its print as to their letter case: they hold ids.
_IDS = {"User:groups.value", "Group:members.value"}


def _default(label: str) -> Attribute:
    """Return the definition that the tenant serves of an attribute such as ``User:emails.type``."""
    kind, _, path = label.partition(":")
    head, _, tail = path.partition(".")
    attributes = next(schema.attributes for schema in Service.default().schemas if schema.name == kind)
    attribute = next(attribute for attribute in attributes if attribute.name == head)
    return next(sub for sub in attribute.sub_attributes if sub.name == tail) if tail else attribute


def _is_set_at_will(label: str) -> bool:
    """Whether a client sees that a projection leaves the attribute out: it is at the top, and holds no links."""
    return "." not in label and not any(sub.name == "$ref" for sub in _default(label).sub_attributes)


def _redefine(tenant: ReferenceTenant, label: str, key: str, value: object) -> None:
    on_definition(tenant, label, lambda entry: entry.update({key: value}))


for _id, _label in ((r.id, r.attribute) for r in catalogue().values() if r.attribute and r.section == "8.7.1"):
    _attribute = _default(_label)
    _cased = _attribute.type not in {"boolean", "complex", "reference", "binary"} and _label not in _IDS
    _key, _value = ("caseExact", not _attribute.case_exact) if _cased else ("returned", "always")
    register(
        f"{_label.replace(':', '_').replace('.', '_').replace('$', '')}_redefined".lower(),
        (_id, _ALWAYS_RETURNED) if _key == "returned" and _is_set_at_will(_label) else (_id,),
        f"/Schemas says of {_label} that {_key} is {_value}.",
        partial(_redefine, label=_label, key=_key, value=_value),
    )
