"""What the tenant says of itself (RFC 7644 §4): the three documents, their parts, and what bends or changes them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from conformance.probes.registry import probe
from conformance.spec.messages import LIST_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.probes.ask import Ask
    from conformance.tenant.exchange import Exchange

ENDPOINTS = ("/Schemas", "/ResourceTypes", "/ServiceProviderConfig")
_MOST_PARTS = 12


@probe(safe=True)
def discovery(ask: Ask) -> None:
    """Read the three discovery documents; every run starts with them."""
    ask.get("config", "/ServiceProviderConfig")
    ask.together(
        partial(ask.get, "resource_types", "/ResourceTypes"),
        partial(ask.get, "schemas", "/Schemas"),
        partial(ask.get, "nobody", "/Users", {"filter": f'userName eq "{ask.sample.unique()}"'}),
    )


@probe(safe=True)
def discovery_queries(ask: Ask) -> None:
    """Read the discovery documents with query parameters, which they are to ignore, and without credentials."""
    page = {"startIndex": 2, "count": 1}
    ask.together(
        partial(ask.get, "paged_schemas", "/Schemas", page),
        partial(ask.get, "paged_resource_types", "/ResourceTypes", page),
        partial(ask.get, "filtered_schemas", "/Schemas", {"filter": 'name eq "User"'}),
        partial(ask.get, "filtered_resource_types", "/ResourceTypes", {"filter": 'name eq "User"'}),
        partial(ask.get, "filtered_config", "/ServiceProviderConfig", {"filter": "patch.supported eq true"}),
        partial(ask.get, "anonymous", "/ServiceProviderConfig", authenticated=False),
    )


@probe(safe=True)
def discovery_parts(ask: Ask) -> None:
    """Read each listed schema and resource type by itself, one resource at each endpoint, and some that do not exist.

    Names: ``schema:<id>``, ``encoded:<id>``, ``resource_type:<id or name>``, ``endpoint:<name>``.
    """
    # Sorting is to be ignored here, and even applied it leaves the lists whole.
    sorted_schemas = ask.get("sorted_schemas", "/Schemas", _sort("id", [s.id for s in ask.service.schemas]))
    names = [t.name for t in ask.service.resource_types]
    sorted_types = ask.get("sorted_resource_types", "/ResourceTypes", _sort("name", names))
    schemas = list(_texts(sorted_schemas, "id")) or [s.id for s in ask.service.schemas]
    types = list(_texts(sorted_types, "id", "name")) or [t.name for t in ask.service.resource_types]
    unknown = ask.sample.unique()
    endpoints = {t.name: t.endpoint for t in ask.service.resource_types}
    ask.together(
        *(
            partial(ask.get, f"schema:{urn}", f"/Schemas/{quote(urn, safe=':', errors='replace')}")
            for urn in schemas[:_MOST_PARTS]
        ),
        *(
            partial(ask.get, f"encoded:{urn}", f"/Schemas/{quote(urn, safe='', errors='replace')}")
            for urn in schemas[:1]
        ),
        *(
            partial(ask.get, f"resource_type:{key}", f"/ResourceTypes/{quote(key, errors='replace')}")
            for key in types[:_MOST_PARTS]
        ),
        *(partial(ask.get, f"endpoint:{name}", path, {"count": 1}) for name, path in endpoints.items()),
        partial(ask.get, "unknown_schema", f"/Schemas/urn:example:{unknown}"),
        partial(ask.get, "unknown_resource_type", f"/ResourceTypes/{unknown}"),
        partial(ask.get, "message_schema", f"/Schemas/{LIST_RESPONSE}"),
    )


@probe
def discovery_writes(ask: Ask) -> None:
    """Try to change what discovery describes, only at addresses where nothing is: ``<method>:<endpoint>``."""
    body = {"schemas": [], "name": ask.sample.unique()}
    rename = {"op": "replace", "path": "name", "value": ask.sample.unique()}
    ask.together(
        *(partial(ask.replace, f"PUT:{endpoint}", ask.imagine(endpoint), body) for endpoint in ENDPOINTS),
        *(partial(ask.patch, f"PATCH:{endpoint}", ask.imagine(endpoint), rename) for endpoint in ENDPOINTS[:2]),
        *(partial(ask.delete, f"DELETE:{endpoint}", ask.imagine(endpoint)) for endpoint in ENDPOINTS[:2]),
    )


def _sort(key: str, values: list[str]) -> dict[str, str]:
    """Return parameters that sort by a key, in an order that its values do not have already."""
    descending = sorted(values, key=str.lower, reverse=True)
    return {"sortBy": key, "sortOrder": "ascending" if values == descending else "descending"}


def _texts(listed: Exchange, *keys: str) -> Iterator[str]:
    """Yield for each listed resource the first of its values that is a text; each text once."""
    resources = listed.listed or []
    found = (next((r[k] for k in keys if isinstance(r.get(k), str) and r[k]), None) for r in resources)
    yield from dict.fromkeys(text for text in found if text)
