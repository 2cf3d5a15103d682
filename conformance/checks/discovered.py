"""The discovery documents as the tenant serves them, raw: what the checks on discovery judge.

Where a document cannot be read, one check fails for that and all that would judge its content are blocked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from conformance.checks.values import resolved
from conformance.probes.evidence import Blocked
from conformance.spec.paths import lookup
from conformance.tenant.exchange import Unusable
from conformance.tenant.url import TenantURL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.probes.evidence import Evidence
    from conformance.tenant.exchange import Exchange

_DEEPEST = 4
CONFIG_ENDPOINT = "/ServiceProviderConfig"


@dataclass(frozen=True, slots=True)
class Definition:
    """One attribute definition of a served schema; ``label`` says where it stands: ``User:name.givenName``.

    ``urn`` is the id of the schema, ``depth`` 1 for an attribute and 2 for a sub-attribute.
    """

    label: str
    urn: str
    depth: int
    entry: dict[str, Any]

    @property
    def type(self) -> object:
        """The stated type, or the default where none is stated (RFC 7643 §2.2)."""
        return self.entry.get("type", "string")

    @property
    def subs(self) -> list[Any]:
        """The entries of subAttributes; empty where there are none or they are no array."""
        entries = self.entry.get("subAttributes")
        return entries if isinstance(entries, list) else []


def config(discovery: Evidence) -> dict[str, Any]:
    """Return the ServiceProviderConfig. Raises Blocked where the tenant serves no JSON object there."""
    document = _read(discovery.config)
    if "Resources" in document:
        raise Blocked(f"{discovery.config.label} answered with a list", discovery.config)
    return document


def resource_types(discovery: Evidence) -> list[dict[str, Any]]:
    """Return the listed resource types. Raises Blocked where there is no list of objects."""
    return entries(discovery.resource_types)


def schemas(discovery: Evidence) -> list[dict[str, Any]]:
    """Return the listed schemas. Raises Blocked where there is no list of objects."""
    return entries(discovery.schemas)


def schema_ids(discovery: Evidence) -> set[str]:
    """Return the URIs of the listed schemas, as they are written."""
    return {text(schema, "id") for schema in schemas(discovery)}


def schema(discovery: Evidence, urn: str) -> dict[str, Any] | None:
    """Return the listed schema of a URI, in any letter case."""
    return next((s for s in schemas(discovery) if text(s, "id").lower() == urn.lower()), None)


def definitions(discovery: Evidence) -> list[Definition]:
    """Return every attribute definition in the listed schemas, each followed by those of its sub-attributes."""
    return [
        definition
        for served in schemas(discovery)
        for definition in _definitions(served.get("attributes"), text(served, "id"), _short(served), 1)
    ]


def entries(exchange: Exchange) -> list[dict[str, Any]]:
    """Return the resources of a list. Raises Blocked where the answer is none, or an empty one."""
    _read(exchange)
    try:
        found = exchange.resources
    except Unusable as problem:
        raise Blocked(str(problem), exchange) from None
    if not found:
        raise Blocked(f"{exchange.label} lists nothing", exchange)
    return found


def text(document: object, key: str) -> str:
    """Return a value that is a text; empty where it is none."""
    value = document.get(key) if isinstance(document, dict) else None
    return value if isinstance(value, str) else ""


def named(document: object) -> list[str]:
    """Return the URIs in ``schemas``; empty where it is no array."""
    listed = lookup(document, "schemas")
    return [str(urn) for urn in listed] if isinstance(listed, list) else []


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects in an array; empty where it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def base(discovery: Evidence) -> TenantURL:
    """Return the URL below which the discovery documents were read."""
    return TenantURL.parse(discovery.config.request.url.partition("?")[0].removesuffix(CONFIG_ENDPOINT))


def locations(discovery: Evidence) -> dict[str, str]:
    """Return every meta.location in the discovery documents that can be read, each with itself resolved to a URL."""
    found = {}
    for exchange in (discovery.config, discovery.resource_types, discovery.schemas):
        try:
            documents = [exchange.resource, *exchange.resources] if exchange.ok else []
        except Unusable:
            continue
        for location in (lookup(document, "meta.location") for document in documents):
            if isinstance(location, str):
                found[location] = resolved(f"{base(discovery).base}/", location)
    return found


def origin(url: str) -> str:
    """Return scheme and host of a URL: ``https://example.com``; empty where it has none or is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def path_of(url: str) -> str:
    """Return the path of a URL with percent-encoding undone; empty where it is no URL."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def _read(exchange: Exchange) -> dict[str, Any]:
    if not exchange.ok:
        answer = f"answered {exchange.status}" if exchange.response else f"got no answer ({exchange.error})"
        raise Blocked(f"{exchange.label} {answer}", exchange)
    try:
        return exchange.resource
    except Unusable as problem:
        raise Blocked(str(problem), exchange) from None


def _definitions(listed: object, urn: str, prefix: str, depth: int) -> Iterator[Definition]:
    for entry in objects(listed) if depth <= _DEEPEST else ():
        label = f"{prefix}{':' if depth == 1 else '.'}{text(entry, 'name') or '(nameless)'}"
        yield Definition(label, urn, depth, entry)
        yield from _definitions(entry.get("subAttributes"), urn, label, depth + 1)


def _short(served: dict[str, Any]) -> str:
    return text(served, "name") or text(served, "id") or "(nameless)"
