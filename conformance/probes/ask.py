"""``ask`` is what a probe works with: it sends, names and records, and removes afterwards what it made."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from conformance.probes.evidence import READ_BACK, Blocked, Evidence
from conformance.probes.samples import Samples
from conformance.spec.bulk import result_of, status_of
from conformance.spec.messages import BULK_REQUEST, PATCH_OP, SEARCH_REQUEST
from conformance.spec.paths import lookup
from conformance.tenant.clean_up import delete, search
from conformance.tenant.created import create, created_path, identifier_in, located, marking, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hypothesis.strategies import SearchStrategy

    from conformance.probes.registry import ProbeCall
    from conformance.probes.samples import Recipe
    from conformance.spec.schema import Attribute, ResourceType
    from conformance.spec.service import Service
    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange

T = TypeVar("T")
_ERROR = 400


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that a probe made. ``path`` is below the Tenant URL: ``/Users/2819c223``."""

    id: str
    path: str
    sent: dict[str, Any]
    exchange: Exchange

    @property
    def resource(self) -> dict[str, Any]:
        """The representation that the create returned; empty where there is none."""
        return self.exchange.shown or {}


class Ask:
    """The questions of one probe run. Every method records its exchange in ``evidence`` under ``name``."""

    def __init__(self, call: ProbeCall, client: Client, service: Service, recipe: Recipe) -> None:
        self.service = service
        self.tag = recipe.tag
        self.evidence = Evidence(call.key)
        self.sample = Samples(recipe, call.key, self._linked)
        self._recipe = recipe
        self._targets: dict[str, Created] = {}
        self._target_lock = threading.Lock()
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

    def get_in_version(self, name: str, version: str, path: str, params: Mapping[str, str | int]) -> None:
        """Read below the Tenant URL with another version segment or none; not at all where it ends in none (§3.13)."""
        base = self._client.url.in_version(version)
        if base:
            self.get(name, path, params, base=base)

    def versionless(self, path: str) -> str | None:
        """Return the URI of a resource without the version segment; None where the Tenant URL ends in none."""
        base = self._client.url.in_version("")
        return base.join(path) if base else None

    def handshake(self, name: str, version: str) -> None:
        """Open a connection that speaks one TLS version only; nothing is recorded where that cannot be asked."""
        exchange = self._client.handshake(version, name=name)
        if exchange:
            self.evidence.add(exchange)

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

        What the schema demands within a complex value of ``body`` is added to it. A tenant that does not create it
        ends the probe, and what would have followed is blocked.
        """
        body = self.sample.minimal(resource_type) if body is None else self.completed(resource_type, body)
        exchange = self.try_create(name, resource_type, body, **options)
        made = created_path(exchange, resource_type.endpoint, self._client.url)
        if made is None or not self._client.ledger.exists(made):
            answer = f"answered {exchange.status}" if exchange.response else f"got no answer ({exchange.error})"
            raise Blocked(f"creating a {resource_type.name} {answer} and gave no resource to go on with", exchange)
        return Created(identifier_in(made), made, body, exchange)

    def try_create(
        self, name: str, resource_type: ResourceType, body: dict[str, Any], *, path: str | None = None, **options: Any
    ) -> Exchange:
        """Send a create that may well be refused; if it is not, the resource is removed afterwards.

        ``json=None, content=…`` sends another body in place of ``body``, which then only says how to find the resource;
        ``path`` sends it elsewhere than to the endpoint. Where the answer does not show the resource, which is legal
        (RFC 7644 §3.3: SHOULD), it is read once at its location, as ``read back <name>``.
        """
        marker, marked = marking(body, self._client.ledger)
        options = {"json": body, "path": path, "marked": marked, **options}
        exchange, made = create(self._client, resource_type.endpoint, marker, name=name, **options)
        self.evidence.add(exchange)
        if made:
            self._made.append(made)
            if not exchange.shows_resource:
                self.get(f"{READ_BACK}{name}", made)
                return self.evidence[name]
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

    def bulk(
        self, name: str, *operations: dict[str, Any], fail_on_errors: int | None = None, **options: Any
    ) -> list[str | None]:
        """Send a bulk job (RFC 7644 §3.7) and return the path of what each operation created, None for nothing.

        ``json=…``, or ``json=None, content=…``, sends another body, of which ``operations`` say what may come. What is
        created is removed afterwards; where the answer leaves open whether anything was, the tenant is searched for it.
        """
        message: dict[str, Any] = {"schemas": [BULK_REQUEST], "Operations": list(operations)}
        if fail_on_errors is not None:
            message["failOnErrors"] = fail_on_errors
        for operation in operations:
            resource_type = self._created_by(operation)
            if resource_type:
                self._client.ledger.intend(resource_type.endpoint, *marking(operation.get("data"), self._client.ledger))
        exchange = self.send(name, "POST", "/Bulk", **{"json": message, **options})
        results = exchange.results
        stopped = fail_on_errors is not None and results != []
        found = [result_of(operations, index, results) for index in range(len(operations))]
        return [
            None if stopped and result is None else self._settle(operation, exchange, result)
            for operation, result in zip(operations, found, strict=True)
        ]

    def completed(self, resource_type: ResourceType, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body with what the schema demands within its complex values, as some tenants do of ``$ref``."""
        made = self.sample.completed(resource_type, body)
        for attribute in resource_type.schema.attributes:
            target_type = self._target_type(attribute) if attribute.links and attribute.multi_valued else None
            given = made.get(attribute.name)
            if target_type and isinstance(given, list):
                made[attribute.name] = [
                    self._with_reference(attribute, target_type, link) if isinstance(link, dict) else link
                    for link in given
                ]
        return made

    def adopt(self, name: str, resource_type: ResourceType, attribute: str) -> None:
        """Query what the probe has made, by the prefix of a text attribute, and see to it that all of it is removed.

        It is for creates that must be refused, where the answers may be wrong. Without filters it asks nothing.
        """
        if self.service.supports("filter") is False:
            return
        exchange = self.filter(name, resource_type, f'{attribute} sw "{self.sample.prefix}"')
        for resource in exchange.resources if exchange.ok else ():
            path, value = path_of(resource_type.endpoint, resource.get("id")), str(resource.get(attribute))
            if path and value.startswith(f"{self.sample.prefix}."):
                self._keep(path, value)

    def explore(
        self, strategy: SearchStrategy[T], wrong: Callable[[T], bool], *, examples: int, seconds: float
    ) -> T | None:
        """Return the smallest of so many generated examples for which ``wrong`` is true; None where there is none."""
        # Imported late: hypothesis loads slowly, and most runs generate nothing.
        from conformance.probes.generate.exploring import Exploration  # noqa: PLC0415

        memory = self._recipe.memory / self.sample.slug if self._recipe.memory else None
        seed = f"{self._recipe.seed}:{self.evidence.key}"
        return Exploration(seed, examples, seconds, memory).counter_example(strategy, wrong)

    def path_of(self, location: object) -> str | None:
        """Return the path below the Tenant URL that a ``location`` or ``$ref`` leads to; None if it leads elsewhere."""
        return self._client.url.relative(location) if isinstance(location, str) and location else None

    def imagine(self, endpoint: str) -> str:
        """Return a path below ``endpoint`` that does not exist, fit even for PUT, PATCH and DELETE."""
        path = f"{endpoint}/{self.sample.nobody()}"
        self._client.ledger.imagine(path)
        return path

    def together(self, *calls: Callable[[], object]) -> None:
        """Run independent questions side by side; the client bounds what is in flight in all probes together."""
        with ThreadPoolExecutor(max_workers=self._client.limits.concurrency) as pool:
            for future in [pool.submit(call) for call in self.sample.apart(*calls)]:
                future.result()

    def stop(self, reason: str, exchange: Exchange | None = None) -> NoReturn:
        """End the probe; what it has not asked yet is blocked for that reason."""
        raise Blocked(reason, exchange)

    def clean_up(self) -> None:
        """Delete what the probe made and has not deleted itself, newest first."""
        for path in reversed(self._made):
            delete(self._client, path)

    def _linked(self, attribute: Attribute) -> dict[str, str] | None:
        """Return a value for a required attribute that points to a resource, which is made once for the whole probe."""
        target_type = self._target_type(attribute)
        if target_type is None:
            return None
        with self._target_lock:
            if attribute.name not in self._targets:
                # Samples of its own: the others stay the same whichever of several questions comes here first.
                body = Samples(self._recipe, f"{self.evidence.key} {attribute.name}").minimal(target_type)
                self._targets[attribute.name] = self.create(f"target of {attribute.name}", target_type, body)
            target = self._targets[attribute.name]
        return self._with_reference(attribute, target_type, {"value": target.id})

    def _with_reference(self, attribute: Attribute, target_type: ResourceType, link: dict[str, str]) -> dict[str, str]:
        reference = attribute.sub("$ref")
        path = path_of(target_type.endpoint, link.get("value"))
        if reference is None or not reference.required or path is None:
            return link
        return {"$ref": self._client.url.join(path), **link}

    def _target_type(self, attribute: Attribute) -> ResourceType | None:
        reference = attribute.sub("$ref")
        served = map(self.service.resource_type, reference.reference_types if reference else ("User",))
        return next((resource_type for resource_type in served if resource_type), None)

    def _keep(self, path: str, marker: str) -> None:
        if not self._client.ledger.exists(path):
            self._client.ledger.created(path, marker)
            self._made.append(path)

    def _created_by(self, operation: dict[str, Any]) -> ResourceType | None:
        if operation.get("method") != "POST":
            return None
        named = lookup(operation, "data.schemas") or ()
        types = self.service.resource_types
        return next((t for t in types if t.schema.id in named), self.service.at(str(operation.get("path"))))

    def _settle(self, operation: dict[str, Any], job: Exchange, result: dict[str, Any] | None) -> str | None:
        """Bring the ledger up to date with an operation of a bulk job, and return the path of what it created."""
        ledger, path = self._client.ledger, str(operation.get("path"))
        refused = job.response is not None and job.refused
        status = status_of(result) if result else job.status if refused else None
        done = status is not None and status < _ERROR
        resource_type = self._created_by(operation)
        if resource_type is None:
            if done and operation.get("method") == "PUT":
                self._keep(path, "")
            elif done and operation.get("method") == "DELETE":
                ledger.deleted(path)
            return None
        marker, marked = marking(operation.get("data"), ledger)
        endpoint = resource_type.endpoint
        known = located(result.get("location"), endpoint, self._client.url) if done and result else None
        if known is None and status is not None and not done:
            ledger.refused(marker)
            return None
        found = [known] if known else search(self._client, endpoint, marker, marked) if marker else []
        for each in found or ():
            self._keep(each, marker)
        if found == []:
            ledger.refused(marker)
        return found[0] if found else None
