"""``ask`` is what a probe works with: it sends, names and records, and removes afterwards what it made."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from conformance.probes.evidence import Blocked, Evidence
from conformance.probes.samples import Samples
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.probes.registry import ProbeCall
    from conformance.spec.schema import ResourceType
    from conformance.spec.service import Service
    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that a probe made. ``path`` is below the Tenant URL: ``/Users/2819c223``."""

    id: str
    path: str
    sent: dict[str, Any]
    exchange: Exchange

    @property
    def resource(self) -> dict[str, Any]:
        """The representation that the create returned; empty where it returned none."""
        try:
            return self.exchange.resource
        except Unusable:
            return {}


class Ask:
    """The questions of one probe run. Every method records its exchange in ``evidence`` under ``name``."""

    def __init__(self, call: ProbeCall, client: Client, service: Service, *, seed: str, tag: str) -> None:
        self.service = service
        self.tag = tag
        self.evidence = Evidence(call.key)
        self.sample = Samples(seed, tag, call.key)
        self._client = client
        self._made: list[str] = []

    def send(self, name: str, method: str, path: str, **options: Any) -> Exchange:
        """Send any request; the options are those of ``Client.send``."""
        exchange = self._client.send(method, path, name=name, **options)
        self.evidence.add(exchange)
        return exchange

    def get(self, name: str, path: str, params: Mapping[str, str | int] | None = None, **options: Any) -> Exchange:
        """Read a resource or query an endpoint."""
        return self.send(name, "GET", path, params=params, **options)

    def filter(self, name: str, resource_type: ResourceType, expression: str, **params: str | int) -> Exchange:
        """Query the endpoint of a resource type with a filter and other query parameters."""
        return self.get(name, resource_type.endpoint, {"filter": expression, **params})

    def search(self, name: str, endpoint: str, expression: str, **members: Any) -> Exchange:
        """Query an endpoint with a filter by POST to ``.search`` (RFC 7644 §3.4.3)."""
        message = {"schemas": [SEARCH_REQUEST], "filter": expression, **members}
        return self.send(name, "POST", f"{endpoint}/.search", json=message)

    def create(
        self, name: str, resource_type: ResourceType, body: dict[str, Any] | None = None, **options: Any
    ) -> Created:
        """Create a resource that the probe goes on to use; without ``body`` a minimal one.

        A tenant that does not create it ends the probe, and what would have followed is blocked.
        """
        body = self.sample.minimal(resource_type) if body is None else body
        exchange = self.try_create(name, resource_type, body, **options)
        identifier = self._identifier(exchange, resource_type)
        if identifier is None:
            answer = f"answered {exchange.status}" if exchange.response else f"got no answer ({exchange.error})"
            raise Blocked(f"creating a {resource_type.name} {answer} and gave no resource to go on with", exchange)
        return Created(identifier, f"{resource_type.endpoint}/{identifier}", body, exchange)

    def try_create(
        self, name: str, resource_type: ResourceType, body: dict[str, Any], *, path: str | None = None, **options: Any
    ) -> Exchange:
        """Send a create that may well be refused; if it is not, the resource is removed afterwards.

        ``json=None, content=…`` sends another body in place of ``body``, which then only says how to find the resource;
        ``path`` sends it elsewhere than to the endpoint.
        """
        marker = body.get("userName") or body.get("displayName") or body.get("externalId") or ""
        self._client.ledger.intend(resource_type.endpoint, str(marker))
        exchange = self.send(name, "POST", path or resource_type.endpoint, **{"json": body, **options})
        identifier = self._identifier(exchange, resource_type)
        if identifier is not None:
            path = f"{resource_type.endpoint}/{identifier}"
            self._client.ledger.created(path, str(marker))
            self._made.append(path)
        elif exchange.response and not exchange.ok:
            self._client.ledger.refused(str(marker))
        return exchange

    def replace(self, name: str, path: str, body: dict[str, Any], **options: Any) -> Exchange:
        """Replace a resource with PUT."""
        return self.send(name, "PUT", path, json=body, **options)

    def patch(self, name: str, path: str, *operations: dict[str, Any], **options: Any) -> Exchange:
        """Modify a resource with a PatchOp message of these operations (RFC 7644 §3.5.2)."""
        return self.send(name, "PATCH", path, json={"schemas": [PATCH_OP], "Operations": list(operations)}, **options)

    def delete(self, name: str, path: str, **options: Any) -> Exchange:
        """Delete a resource."""
        exchange = self.send(name, "DELETE", path, **options)
        if exchange.ok:
            self._client.ledger.deleted(path)
        return exchange

    def path_of(self, location: object) -> str | None:
        """Return the path below the Tenant URL that a ``location`` or ``$ref`` leads to; None if it leads elsewhere."""
        return self._client.url.relative(location) if isinstance(location, str) and location else None

    def imagine(self, endpoint: str) -> str:
        """Return a path below ``endpoint`` that does not exist, fit even for PUT, PATCH and DELETE."""
        path = f"{endpoint}/{uuid.uuid4()}"
        self._client.ledger.imagine(path)
        return path

    def together(self, *calls: Callable[[], object]) -> None:
        """Run independent questions side by side; the client bounds what is in flight in all probes together."""
        with ThreadPoolExecutor(max_workers=self._client.limits.concurrency) as pool:
            for future in [pool.submit(call) for call in calls]:
                future.result()

    def stop(self, reason: str, exchange: Exchange | None = None) -> NoReturn:
        """End the probe; what it has not asked yet is blocked for that reason."""
        raise Blocked(reason, exchange)

    def clean_up(self) -> None:
        """Delete what the probe made and has not deleted itself, newest first."""
        for path in reversed(self._made):
            if self._client.ledger.exists(path):
                exchange = self._client.send("DELETE", path, name="clean-up")
                if exchange.ok or (exchange.response and exchange.status in {404, 410}):
                    self._client.ledger.deleted(path)

    def _identifier(self, exchange: Exchange, resource_type: ResourceType) -> str | None:
        if not exchange.ok:
            return None
        try:
            identifier = exchange.resource.get("id")
        except Unusable:
            identifier = None
        if isinstance(identifier, str) and identifier and "/" not in identifier:
            return identifier
        location = self._client.url.relative(exchange.header("location") or "")
        prefix = f"{resource_type.endpoint}/"
        return location[len(prefix) :] if location and location.startswith(prefix) and location != prefix else None
