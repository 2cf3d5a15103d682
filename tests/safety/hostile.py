"""A hostile server: the reference tenant, spoilt on its way out."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
from listening import listening
from people import inhabited

from conformance.reference.in_process import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What a run asks before it judges anything; the last is the filter for somebody who cannot exist.
_DISCOVERY = ("ServiceProviderConfig", "ResourceTypes", "Schemas", "discovery")


class Handler(BaseHTTPRequestHandler):
    """One request: ``honest`` is what a tenant that means well would have answered."""

    protocol_version = "HTTP/1.1"
    server: Hostile

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.honest = self.server.tenant.handle_request(
            httpx.Request(
                self.command,
                f"{self.server.url}{self.path.removeprefix('/scim/v2')}",
                headers=[(name, value) for name, value in self.headers.items() if name.lower() != "content-length"],
                content=self.content,
            )
        )
        self.honest.read()
        about_itself = any(name in self.path for name in _DISCOVERY)
        behaviour = self.server.behaviour
        with suppress(OSError):
            if behaviour.wherever or about_itself == behaviour.in_discovery:
                behaviour.spoil(self)
            else:
                self.answer()

    def answer(
        self, body: bytes | None = None, status: int | None = None, *, length: str | None = None, **headers: str
    ) -> None:
        """Write an answer; what is not given is as it would have been."""
        body = self.honest.content if body is None else body
        own = {name.title(): value for name, value in self.honest.headers.items()}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        status = self.honest.status_code if status is None else status
        own["Content-Length"] = str(len(body)) if length is None else length
        lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in own.items() if value)]
        self.raw("\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body)

    def raw(self, data: bytes) -> None:
        """Write bytes as they stand."""
        self.wfile.write(data)
        self.wfile.flush()

    def endlessly(self, piece: bytes, pause: float = 0.0) -> None:
        """Write a piece until nobody listens or the server stops."""
        while not self.server.stopped.is_set():
            self.raw(piece)
            time.sleep(pause)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class Hostile(ThreadingHTTPServer):
    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour
        self.tenant = InProcess(inhabited(12, 2))
        self.url = f"http://127.0.0.1:{self.server_port}/scim/v2"
        self.stopped = threading.Event()
        self.elsewhere: list[str] = []
        self.trap = f"http://127.0.0.1:{_Trap.port}"

    def handle_error(self, *_: object) -> None:
        """Keep quiet."""


class _Trap(BaseHTTPRequestHandler):
    """Another origin, which nothing may ever reach."""

    port = 0
    reached: list[str] = []  # noqa: RUF012

    def handle_one_request(self) -> None:
        self.reached.append(str(self.rfile.readline()))
        self.close_connection = True


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[tuple[str, list[str]]]:
    """Serve one behaviour; yield the Tenant URL, and what reached another origin."""
    trap = ThreadingHTTPServer(("127.0.0.1", 0), _Trap)
    _Trap.port, _Trap.reached = trap.server_port, []
    server = Hostile(behaviour)
    with listening(trap), listening(server):
        try:
            yield server.url, _Trap.reached
        finally:
            server.stopped.set()


@dataclass(frozen=True)
class Behaviour:
    """``told`` stands in the report or in the complaint; ``code`` is the exit status, or one of several."""

    spoil: Callable[[Handler], None]
    told: str = ""
    code: tuple[int, ...] = (1, 3)
    wherever: bool = False
    in_discovery: bool = False
    effort: str = "quick"
    megabytes: int = 300


BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(told: str = "", **kinds: Any) -> Callable[[Callable[[Handler], None]], Callable[[Handler], None]]:
    def add(spoil: Callable[[Handler], None]) -> Callable[[Handler], None]:
        BEHAVIOURS[spoil.__name__.strip("_")] = Behaviour(spoil, told, **kinds)
        return spoil

    return add


def rewriting(told: str = "", **kinds: Any) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declare a behaviour that changes each JSON object on its way out."""

    def add(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def spoil(handler: Handler) -> None:
            try:
                document = json.loads(handler.honest.content)
            except ValueError:
                handler.answer()
                return
            handler.answer(json.dumps(change(document)).encode())

        spoil.__name__ = change.__name__
        behaviour(told, **kinds)(spoil)
        return change

    return add


def everywhere(document: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """Return a document with each of its values changed; ``change`` is told the name it stands under."""
    if isinstance(document, dict):
        return {key: everywhere(value, change, key) for key, value in document.items()}
    if isinstance(document, list):
        return [everywhere(value, change, name) for value in document]
    return change(name, document)
