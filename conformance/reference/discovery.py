"""What the tenant says of itself (RFC 7644 §4, RFC 7643 §5 to §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.messages import Request, Response, not_found
from conformance.spec.errors import ScimError
from conformance.spec.messages import LIST_RESPONSE

if TYPE_CHECKING:
    from conformance.spec.service import Service


class Discovery:
    """The three discovery endpoints. Query parameters are ignored there, only a filter is refused (§4)."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def config(self, base: str) -> dict[str, Any]:
        """Return the ServiceProviderConfig."""
        return _located(self._service.to_documents().config, "ServiceProviderConfig", f"{base}/ServiceProviderConfig")

    def resource_types(self, base: str) -> list[dict[str, Any]]:
        """Return the ResourceTypes."""
        documents = self._service.to_documents().resource_types
        return [_located(d, "ResourceType", f"{base}/ResourceTypes/{d['id']}") for d in documents]

    def schemas(self, base: str) -> list[dict[str, Any]]:
        """Return the Schemas."""
        documents = self._service.to_documents().schemas
        return [_located(d, "Schema", f"{base}/Schemas/{d['id']}") for d in documents]

    def read(self, request: Request) -> Response:
        """Answer GET of a discovery endpoint, or of one of its entries. Raises ScimError."""
        if "filter" in request.parameters:
            raise ScimError("Discovery documents cannot be filtered", status=403)
        endpoint, *identifiers = request.segments
        if endpoint == "ServiceProviderConfig":
            return Response(200, self.config(request.base))
        documents = (self.schemas if endpoint == "Schemas" else self.resource_types)(request.base)
        if not identifiers:
            return Response(200, _list(documents))
        wanted = identifiers[0]
        found = next((document for document in documents if document["id"].lower() == wanted.lower()), None)
        if found is None:
            raise not_found(f"{endpoint.removesuffix('s')} {wanted!r}")
        return Response(200, found)


def _located(document: dict[str, Any], resource_type: str, location: str) -> dict[str, Any]:
    return {**document, "meta": {"resourceType": resource_type, "location": location}}


def _list(documents: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": [LIST_RESPONSE],
        "totalResults": len(documents),
        "startIndex": 1,
        "itemsPerPage": len(documents),
        "Resources": documents,
    }
