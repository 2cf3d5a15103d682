"""Names in JSON, read as the RFCs print them in whatever letter case a tenant writes them (RFC 7643 §2.1)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from conformance.spec.json_schema import load_document
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PRINTED = (
    "common", "user", "group", "enterprise-user", "service-provider-config", "resource-type", "schema",
    "list-response", "error", "bulk-request", "bulk-response", "patch-op", "search-request",
)  # fmt: skip


def as_printed(data: Any, changed: dict[str, str] | None = None) -> Any:
    """Return JSON data with the names that the RFCs print in their letter case.

    What stands under other names is left alone: a schema of the tenant's own decides how that is spelled. ``changed``
    takes in each name that was written otherwise, with the printed one.
    """
    if isinstance(data, list):
        return [as_printed(element, changed) for element in data]
    if not isinstance(data, dict):
        return data
    read = {}
    for name, value in data.items():
        printed = _printed().get(name.lower())
        if printed is None or (printed != name and printed in data):
            read[name] = value
            continue
        read[printed] = as_printed(value, changed)
        if printed != name and changed is not None:
            changed[name] = printed
    return read


@cache
def _printed() -> Mapping[str, str]:
    """Return every name of the RFCs' schemas and messages by the same in lower case."""
    names = {name for document in _PRINTED for name in _names(load_document(f"{document}.schema.json"))}
    return {name.lower(): name for name in (*sorted(names), ENTERPRISE_USER)}


def _names(document: Any) -> Iterator[str]:
    if isinstance(document, list):
        for element in document:
            yield from _names(element)
    elif isinstance(document, dict):
        properties = document.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for value in document.values():
            yield from _names(value)
