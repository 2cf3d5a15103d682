"""What a tenant says of itself: the features it offers and the resource types it has.

That is RFC 7643 §5 and §6, RFC 9865 §4 and RFC 9967 §4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from conformance.spec.json_schema import load_schema
from conformance.spec.schema import (
    ENTERPRISE_USER,
    GROUP,
    RESOURCE_TYPE,
    SERVICE_PROVIDER_CONFIG,
    USER,
    ResourceType,
    Schema,
    SchemaExtension,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHIPPED = {USER: "user", GROUP: "group", ENTERPRISE_USER: "enterprise-user"}
_BEARER = {
    "type": "oauthbearertoken",
    "name": "OAuth Bearer Token",
    "description": "Authentication with a bearer token (RFC 6750)",
    "specUri": "https://www.rfc-editor.org/info/rfc6750",
    "primary": True,
}


@dataclass(frozen=True, slots=True)
class BulkSupport:
    """Bulk operations (RFC 7644 §3.7). ``max_payload_size`` is in bytes; a limit of None was not stated."""

    supported: bool | None = None
    max_operations: int | None = None
    max_payload_size: int | None = None


@dataclass(frozen=True, slots=True)
class FilterSupport:
    """Filtering (RFC 7644 §3.4.2.2). ``max_results`` bounds the resources of one response."""

    supported: bool | None = None
    max_results: int | None = None


@dataclass(frozen=True, slots=True)
class Pagination:
    """How lists are paged (RFC 9865 §4); a tenant that does not say pages by index (RFC 7644 §3.4.2.4).

    ``cursor_timeout`` is in seconds.
    """

    cursor: bool = False
    index: bool = True
    default_method: str | None = None
    default_page_size: int | None = None
    max_page_size: int | None = None
    cursor_timeout: int | None = None


class Documents(NamedTuple):
    """The three discovery documents, each resource without its ``meta``, which needs the base URL."""

    config: dict[str, Any]
    resource_types: list[dict[str, Any]]
    schemas: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Service:
    """A service provider as its discovery documents describe it. A feature of None was not declared either way.

    ``async_request`` is when writes are answered before they are done: ``none``, ``long`` or ``request`` (RFC 9967 §4).
    ``assumed`` are the ids of schemas that it does not describe, where those that the RFC prints stand in.
    """

    resource_types: tuple[ResourceType, ...]
    patch: bool | None = None
    bulk: BulkSupport = field(default_factory=BulkSupport)
    filter: FilterSupport = field(default_factory=FilterSupport)
    change_password: bool | None = None
    sort: bool | None = None
    etag: bool | None = None
    pagination: Pagination = field(default_factory=Pagination)
    authentication_schemes: tuple[Mapping[str, Any], ...] = ()
    async_request: str | None = None
    assumed: frozenset[str] = frozenset()

    @property
    def features(self) -> dict[str, bool | None]:
        """What is declared for each feature, under its name in the ServiceProviderConfig."""
        return {
            "patch": self.patch,
            "bulk": self.bulk.supported,
            "filter": self.filter.supported,
            "changePassword": self.change_password,
            "sort": self.sort,
            "etag": self.etag,
            "cursor": self.pagination.cursor,
            "index": self.pagination.index,
            "async": None if self.async_request is None else self.async_request in {"long", "request"},
        }

    def supports(self, feature: str) -> bool | None:
        """Return what is declared for a feature; None when nothing is. Raises KeyError for a name that is none."""
        return self.features[feature]

    def resource_type(self, name: str) -> ResourceType | None:
        """Return the resource type of that name, in any letter case."""
        return next((t for t in self.resource_types if t.name.lower() == name.lower()), None)

    def at(self, endpoint: str) -> ResourceType | None:
        """Return the resource type served at an endpoint such as ``/Users``; None where there is none."""
        return next((t for t in self.resource_types if t.endpoint == endpoint), None)

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """The schemas of all resource types and extensions, each once."""
        found: dict[str, Schema] = {}
        for resource_type in self.resource_types:
            for schema in (resource_type.schema, *(e.schema for e in resource_type.extensions)):
                found.setdefault(schema.id, schema)
        return tuple(found.values())

    @classmethod
    def default(cls) -> Service:
        """Return a service with User, Group and the enterprise extension that offers every feature."""
        return cls(
            resource_types=_shipped_types({}),
            patch=True,
            bulk=BulkSupport(supported=True, max_operations=100, max_payload_size=1_048_576),
            filter=FilterSupport(supported=True, max_results=200),
            change_password=True,
            sort=True,
            etag=True,
            pagination=Pagination(
                cursor=True, default_method="index", default_page_size=100, max_page_size=200, cursor_timeout=3600
            ),
            authentication_schemes=(_BEARER,),
            async_request="request",
        )

    @classmethod
    def from_documents(
        cls,
        config: object | None = None,
        resource_types: object | None = None,
        schemas: object | None = None,
        *,
        base_path: str = "",
    ) -> Service:
        """Read a ServiceProviderConfig, a list of ResourceTypes and a list of Schemas; never raises.

        What is absent or broken is replaced: resource types and schemas by the shipped User, Group and enterprise
        extension, a feature by "not declared". A schema that a resource type names but nobody describes is empty.
        ``base_path`` is the path of the Tenant URL, which some tenants repeat in their endpoints.
        """
        served = {s.id: s for s in map(Schema.from_scim, _objects(schemas)) if s.id and s.attributes}
        found = tuple(t for t in (_resource_type(d, served, base_path) for d in _objects(resource_types)) if t)
        types = found or _shipped_types(served)
        described = {urn.lower() for urn in served}
        features = config if isinstance(config, dict) else {}
        bulk, filters, pagination = (_object(features, key) for key in ("bulk", "filter", "pagination"))
        return cls(
            resource_types=types,
            patch=_flag(_object(features, "patch"), "supported"),
            bulk=BulkSupport(_flag(bulk, "supported"), _number(bulk, "maxOperations"), _number(bulk, "maxPayloadSize")),
            filter=FilterSupport(_flag(filters, "supported"), _number(filters, "maxResults")),
            change_password=_flag(_object(features, "changePassword"), "supported"),
            sort=_flag(_object(features, "sort"), "supported"),
            etag=_flag(_object(features, "etag"), "supported"),
            pagination=_pagination(pagination),
            authentication_schemes=tuple(_objects(features.get("authenticationSchemes"))),
            async_request=_text(_object(features, "securityEvents"), "asyncRequest").lower() or None,
            assumed=frozenset(
                b.schema.id for t in types for b in t.attributes(subs=False) if b.schema.id.lower() not in described
            ),
        )

    def to_documents(self) -> Documents:
        """Write the discovery documents of this service."""
        return Documents(
            config=self._config(),
            resource_types=[_resource_type_document(t) for t in self.resource_types],
            schemas=[schema.to_scim() for schema in self.schemas],
        )

    def _config(self) -> dict[str, Any]:
        pagination = {
            "cursor": self.pagination.cursor,
            "index": self.pagination.index,
            "defaultPaginationMethod": self.pagination.default_method,
            "defaultPageSize": self.pagination.default_page_size,
            "maxPageSize": self.pagination.max_page_size,
            "cursorTimeout": self.pagination.cursor_timeout,
        }
        events: dict[str, Any] = {"asyncRequest": self.async_request, "eventUris": []}
        return {
            "schemas": [SERVICE_PROVIDER_CONFIG],
            "patch": {"supported": bool(self.patch)},
            "bulk": {
                "supported": bool(self.bulk.supported),
                "maxOperations": self.bulk.max_operations or 0,
                "maxPayloadSize": self.bulk.max_payload_size or 0,
            },
            "filter": {"supported": bool(self.filter.supported), "maxResults": self.filter.max_results or 0},
            "changePassword": {"supported": bool(self.change_password)},
            "sort": {"supported": bool(self.sort)},
            "etag": {"supported": bool(self.etag)},
            "pagination": {key: value for key, value in pagination.items() if value is not None},
            "authenticationSchemes": [dict(scheme) for scheme in self.authentication_schemes],
            **({"securityEvents": events} if self.async_request else {}),
        }


def _shipped_types(served: Mapping[str, Schema]) -> tuple[ResourceType, ...]:
    enterprise = SchemaExtension(_schema(ENTERPRISE_USER, served))
    return (
        ResourceType("User", "/Users", _schema(USER, served), "User Account", (enterprise,)),
        ResourceType("Group", "/Groups", _schema(GROUP, served), "Group"),
    )


def _schema(urn: str, served: Mapping[str, Schema]) -> Schema:
    by_urn = {known.lower(): schema for known, schema in served.items()}
    if urn.lower() in by_urn:
        return by_urn[urn.lower()]
    shipped = next((name for known, name in _SHIPPED.items() if known.lower() == urn.lower()), None)
    return load_schema(shipped) if shipped else Schema(id=urn, name=urn.rpartition(":")[2])


def _resource_type(document: Mapping[str, Any], served: Mapping[str, Schema], base_path: str) -> ResourceType | None:
    name, urn, endpoint = (_text(document, key) for key in ("name", "schema", "endpoint"))
    path = _endpoint(endpoint, base_path)
    # Some tenants list /Me, the alias of whoever asks (RFC 7644 §3.11): there is no type behind it to be served.
    nowhere = {"me", ".", "..", ""} & set(unquote(path).lower().split("/")[1:])
    if not (name and urn and path) or nowhere or not path.isprintable():
        return None
    return ResourceType(
        name=name,
        endpoint=path,
        schema=_schema(urn, served),
        description=_text(document, "description"),
        extensions=tuple(
            SchemaExtension(_schema(_text(entry, "schema"), served), required=entry.get("required") is True)
            for entry in _objects(document.get("schemaExtensions"))
            if _text(entry, "schema")
        ),
    )


def _endpoint(text: str, base_path: str) -> str:
    # The RFC says "relative to the base URL" and prints both "Users" and "/Users"; some tenants send an absolute URL.
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    path = parts.path.rstrip("/")
    if base_path and path.startswith(f"{base_path}/"):
        return path[len(base_path) :]
    return "/" + (path.rpartition("/")[2] if parts.netloc else path.lstrip("/"))


def _resource_type_document(resource_type: ResourceType) -> dict[str, Any]:
    document: dict[str, Any] = {
        "schemas": [RESOURCE_TYPE],
        "id": resource_type.name,
        "name": resource_type.name,
        "description": resource_type.description,
        "endpoint": resource_type.endpoint,
        "schema": resource_type.schema.id,
    }
    if resource_type.extensions:
        document["schemaExtensions"] = [
            {"schema": e.schema.id, "required": e.required} for e in resource_type.extensions
        ]
    return document


def _pagination(document: Mapping[str, Any]) -> Pagination:
    index = _flag(document, "index")
    return Pagination(
        cursor=bool(_flag(document, "cursor")),
        index=True if index is None else index,
        default_method=_text(document, "defaultPaginationMethod") or None,
        default_page_size=_number(document, "defaultPageSize"),
        max_page_size=_number(document, "maxPageSize"),
        cursor_timeout=_number(document, "cursorTimeout"),
    )


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _object(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _flag(document: Mapping[str, Any], key: str) -> bool | None:
    value = document.get(key)
    return value if isinstance(value, bool) else None


def _number(document: Mapping[str, Any], key: str) -> int | None:
    value = document.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""
