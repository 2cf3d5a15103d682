"""The way to the tenant: requests spelt as the client spells them, counted, and kept where they may be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from conformance.rehearsal.trace import Sent, Trace
from conformance.spec.messages import PATCH_OP
from conformance.tenant.created import create

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange

_TYPED = {"Content-Type": "application/scim+json; charset=utf-8"}


@dataclass
class Wire:
    """Sends requests for a provisioning client.

    ``plus`` spells a blank in a query as ``+``; a header of None is left out. ``before`` is called before each request
    leaves, ``announce`` is told of each exchange; both in the thread that sends.
    """

    client: Client
    headers: Mapping[str, str | None]
    plus: bool = False
    before: Callable[[], object] = lambda: None
    announce: Callable[[Exchange], object] = lambda _: None
    trace: Trace = field(default_factory=Trace)

    def get(self, what: str, path: str, params: Mapping[str, str | int] | None = None) -> Exchange:
        """Send a GET; ``what`` says in a word or two what for."""
        encode = quote_plus if self.plus else quote
        query = "&".join(f"{name}={encode(str(value), safe='')}" for name, value in (params or {}).items())
        self.before()
        exchange = self.client.send("GET", f"{path}?{query}" if query else path, name=what, headers=self.headers)
        self.settle(exchange)
        return exchange

    def create(self, what: str, endpoint: str, body: Mapping[str, Any], marker: str) -> tuple[Exchange, str | None]:
        """Send a create, with its intent in the ledger; return the exchange and the path of what was created."""
        self.before()
        headers = {**_TYPED, **self.headers}
        exchange, made = create(self.client, endpoint, marker, name=what, json=body, headers=headers)
        self.settle(exchange)
        return exchange, made

    def put(self, what: str, path: str, body: Mapping[str, Any]) -> Exchange:
        """Send a PUT."""
        return self._write(what, "PUT", path, body)

    def patch(self, what: str, path: str, operations: Sequence[Mapping[str, Any]]) -> Exchange:
        """Send a PATCH of these operations."""
        return self._write(what, "PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)})

    def delete(self, what: str, path: str) -> Exchange:
        """Send a DELETE."""
        self.before()
        exchange = self.client.send("DELETE", path, name=what, headers=self.headers)
        if exchange.ok:
            self.client.ledger.deleted(path)
        self.settle(exchange)
        return exchange

    def note(self, key: str, exchange: Exchange, paths: Sequence[str] = (), *, texts: bool = False) -> None:
        """Note that a write was sent for an object, and which attributes it named."""
        answer = exchange.response.status if exchange.response else 0
        self.trace.wrote(key, Sent(exchange.name, tuple(paths), exchange.id, answer, texts))

    def settle(self, exchange: Exchange) -> None:
        """Count what was sent, repetitions after a 429 included, and keep what was written."""
        self.drain()
        if exchange.request.method != "GET" or not exchange.ok:
            self.trace.keep(exchange)
        self.trace.sample(exchange)
        self.announce(exchange)

    def drain(self) -> None:
        """Take the figures of what the client recorded, and free the memory."""
        for exchange in self.client.take():
            self.trace.count(exchange)

    def _write(self, what: str, method: str, path: str, body: Mapping[str, Any]) -> Exchange:
        self.before()
        headers = {**_TYPED, **self.headers}
        exchange = self.client.send(method, path, name=what, json=body, headers=headers)
        self.settle(exchange)
        return exchange
