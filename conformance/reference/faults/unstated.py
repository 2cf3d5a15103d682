"""Faults of what goes unsaid: characteristics that a definition leaves to their defaults (RFC 7643 §2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import on_definition, wrap
from conformance.reference.faults.selecting import see
from conformance.spec.errors import ScimError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant


@fault("RFC7643-2.2-03", "RFC7643-7-20", "RFC7644-3.1-03", "RFC7644-3.4.2.2-100", "RFC7644-3.4.2.2-102")
def unstated_case_is_exact(tenant: ReferenceTenant) -> None:
    """A filter on title compares letter case, although its definition does not say so."""
    on_definition(tenant, "User:title", lambda entry: entry.pop("caseExact"))
    see(tenant, "title", case_exact=True)


@fault("RFC7643-2.2-06", "RFC7644-3.1-03")
def unstated_title_is_unique(tenant: ReferenceTenant) -> None:
    """Only one user may have the title of a guide, although its definition does not say so."""
    on_definition(tenant, "User:title", lambda entry: entry.pop("uniqueness"))

    def insert(original: Callable[..., None], record: Record, *more: Any) -> None:
        title = str(record.attributes.get("title"))
        taken = (other.attributes.get("title") for other in tenant.store.all(record.type))
        if title.startswith("Guide") and title in taken:
            raise ScimError("The title is in use", status=409, scim_type="uniqueness")
        original(record, *more)

    wrap(tenant.store, "insert", insert)
