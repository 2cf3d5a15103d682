"""The one place where requests leave: paced, guarded by the ledger, bounded in time and size, recorded redacted."""

from __future__ import annotations

import itertools
import json as jsonlib
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from http.cookiejar import CookieJar
from sys import getsizeof
from typing import TYPE_CHECKING, Any

import httpx

from conformance import __version__
from conformance.tenant.again import overloaded, repeatedly
from conformance.tenant.allowance import Allowance
from conformance.tenant.auth import TokenRefused
from conformance.tenant.body import ACCEPTED, SHOWN, as_text, read_body
from conformance.tenant.deadline import Deadline
from conformance.tenant.exchange import Exchange, Request, Response
from conformance.tenant.handshake import Unspoken, shake_hands
from conformance.tenant.jobs import guard_job, is_job
from conformance.tenant.ledger import Ledger, LedgerLost, leads_astray
from conformance.tenant.redaction import Redactor

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from conformance.tenant.url import TenantURL

SCIM_JSON = "application/scim+json"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# Bytes of memory for the texts of all answers: reports hold them several times over.
_MOST_RECORDED = 48 * 2**20
_TOO_MUCH = f"the tenant's answers are too long to be kept: more than {_MOST_RECORDED // 2**20} MB"
# Seconds. Servers close idle connections, some after 5; a request sent at that very moment would be lost.
_KEEP_ALIVE = 2.0


class ReadOnlyRun(RuntimeError):
    """A probe tried to write in a run that only reads: a defect of the suite, stopped before it left."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``timeout`` seconds for one exchange, ``rate`` requests per second, ``concurrency`` in flight.

    ``requests`` and ``minutes`` bound the run, clean-up aside. 0 stands for no ceiling. ``attempts`` is how often a
    request may be sent that is refused for want of capacity.
    """

    timeout: float = 30.0
    rate: float = 0.0
    concurrency: int = 8
    requests: int = 0
    minutes: float = 0.0
    attempts: int = 4


@dataclass
class Client:
    """Sends requests to one tenant and records each as an Exchange. Safe to use from several threads.

    Network failures are recorded in the exchange, never raised. Redirects are recorded, never followed. What is
    refused for want of capacity is sent again where that can do no harm, each attempt an exchange of its own.
    ``exchanges`` holds all of them in the order in which they were answered, unless somebody takes them; more than can
    be held ends the run. ``worker`` starts their ids.
    ``certificate`` are the files of a client certificate and its key, for handshakes; requests have it in ``verify``.
    """

    url: TenantURL
    limits: Limits = field(default_factory=Limits)
    auth: httpx.Auth | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    verify: ssl.SSLContext | bool = True
    certificate: tuple[str, str] | None = None
    ledger: Ledger = field(default_factory=Ledger)
    redactor: Redactor = field(default_factory=Redactor)
    read_only: bool = False
    worker: str = ""
    transport: httpx.BaseTransport | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare the connections; none is opened yet."""
        size = self.limits.concurrency
        self._deadline = Deadline()
        self._cookies = CookieJar()
        # All of them now: they look for proxies in the environment, which pytest changes while requests are sent.
        self._idle = [self._connection() for _ in range(size)]
        self._http = self._idle[0]
        self.allowance = Allowance(self.limits.requests, self.limits.minutes * 60, size)
        self._recorded = 0  # bytes of memory that answers in ``exchanges`` take
        self._recording = threading.Lock()
        self._in_flight = threading.Semaphore(size)
        self._pace_lock = threading.Lock()
        self._decoding = threading.Lock()
        self._next_slot = 0.0
        self._numbers = itertools.count(1)

    def _connection(self) -> httpx.Client:
        """Return a connection of its own: a pool may close one for being idle that a thread has just begun to use."""
        connection = httpx.Client(
            timeout=self.limits.timeout,
            verify=self.verify,
            transport=self.transport,
            cookies=self._cookies,
            limits=httpx.Limits(max_connections=1, keepalive_expiry=_KEEP_ALIVE),
            headers={
                "User-Agent": f"scim-conformance/{__version__}",
                "Accept": SCIM_JSON,
                "Accept-Encoding": ACCEPTED,
            },
        )
        self._deadline.bind(connection)
        return connection

    def send(  # noqa: PLR0913
        self,
        method: str,
        path: str,
        *,
        name: str = "",
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        content: str | bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        authenticated: bool = True,
        base: TenantURL | None = None,
        closing: bool = False,
    ) -> Exchange:
        """Send one request to a path below the Tenant URL, or below another ``base``, and return the exchange.

        ``json`` becomes the body with the SCIM media type; ``content`` is sent as it stands. A header of None is left
        out. ``closing`` marks what clean-up sends. Raises NotOurs for a change to a resource that the run did not
        create, for a create that is not in the ledger and for whatever would change what ``/Me`` leads to; ReadOnlyRun
        for a write in a read-only run; Ended where nothing more is asked.
        """
        body = jsonlib.dumps(json, ensure_ascii=False).encode("utf-8", "surrogatepass") if json is not None else content
        self._guard(method.upper(), path, body)
        sent = {**self.headers, **({"Content-Type": SCIM_JSON} if json is not None else {}), **(headers or {})}
        given = {header: value for header, value in sent.items() if value is not None}
        url = (base or self.url).join(path, params)
        try:
            request = self._http.build_request(method, url, content=body, headers=given)
        except (httpx.InvalidURL, UnicodeError) as problem:
            return self._unsent(name, method, url, f"no request can be made of this address: {problem}")
        for header in sent.keys() - given.keys():
            request.headers.pop(header, None)
        exchange = partial(self._exchange, name, request, authenticated=authenticated, closing=closing)
        return repeatedly(exchange, self.allowance.pause, self.limits.attempts)

    def _guard(self, method: str, path: str, body: str | bytes | None) -> None:
        """Let nothing leave that could change what is not ours, or create what the ledger does not know of."""
        if method in _SAFE_METHODS:
            return
        where = path.partition("?")[0]
        if method == "POST" and where.endswith("/.search") and not leads_astray(path):
            return
        if self.read_only:
            raise ReadOnlyRun(f"{method} {path} in a read-only run")
        if is_job(method, path):
            guard_job(body, self.ledger)
        elif method != "POST" or leads_astray(path) or not self.ledger.intends(where):
            self.ledger.guard(path)
        if method != "DELETE":  # once it is changed, no search for what marks it finds it any more
            try:
                self.ledger.secure()
            except LedgerLost as lost:
                self.allowance.end(str(lost))

    def handshake(self, version: str, *, name: str) -> Exchange | None:
        """Open a connection that speaks one TLS version only, and record whether the host accepts it.

        The exchange reads as a CONNECT. None where the version cannot be asked for. Raises KeyError for a version that
        is none of ``VERSIONS``.
        """
        with self._in_flight:
            self._wait_for_slot()
            identifier = f"{self.worker}x{next(self._numbers):05d}"
            started, clock = time.time(), time.perf_counter()
            response, error = None, None
            try:
                response = shake_hands(self.url, version, self.certificate, self.limits.timeout)
            except Unspoken:
                return None
            except OSError as problem:
                error = str(problem) or type(problem).__name__
            elapsed = time.perf_counter() - clock
        request = Request("CONNECT", self.url.base, (("TLS-Version", version),))
        exchange = Exchange(identifier, name, request, response, error, started, elapsed)
        self._record(exchange)
        return exchange

    def take(self) -> list[Exchange]:
        """Hand over what was recorded since the last time, and hold it no longer."""
        with self._recording:
            taken, self.exchanges, self._recorded = self.exchanges, [], 0
        return taken

    def close(self) -> None:
        """Close the connections and the ledger."""
        for connection in self._idle:
            connection.close()
        self.ledger.close()

    def _exchange(self, name: str, request: httpx.Request, *, authenticated: bool, closing: bool) -> Exchange:
        with self._in_flight:
            self.allowance.take(closing=closing)
            self._wait_for_slot()
            identifier = f"{self.worker}x{next(self._numbers):05d}"
            started, clock = time.time(), time.perf_counter()
            response, error = None, None
            try:
                with self._deadline.within(self.limits.timeout):
                    response = self._receive(request, authenticated=authenticated)
            except httpx.TimeoutException:
                error = f"no answer within {self.limits.timeout:g} s"
            except (httpx.HTTPError, httpx.InvalidURL, TokenRefused, OSError) as problem:
                error = str(problem) or type(problem).__name__
            elapsed = time.perf_counter() - clock
        content = request.content.decode("utf-8", "replace") or None
        exchange = Exchange(
            id=identifier,
            name=name,
            request=Request(
                request.method,
                self.redactor.text(str(request.url)),
                self.redactor.headers(request.headers.items()),
                content and self.redactor.text(content),
            ),
            response=response,
            error=error and self.redactor.text(error),
            started=started,
            elapsed=elapsed,
        )
        self._record(exchange)
        refuses = f"answers {exchange.status}, too many requests" if overloaded(exchange) else ""
        self.allowance.heard(refuses if exchange.response else f"does not answer ({exchange.error})")
        return exchange

    def _unsent(self, name: str, method: str, url: str, error: str) -> Exchange:
        identifier = f"{self.worker}x{next(self._numbers):05d}"
        request = Request(method, self.redactor.text(url))
        exchange = Exchange(identifier, name, request, error=self.redactor.text(error), started=time.time())
        self._record(exchange)
        return exchange

    def _record(self, exchange: Exchange) -> None:
        with self._recording:
            self.exchanges.append(exchange)
            self._recorded += getsizeof(exchange.response.body) if exchange.response else 0
            full = self._recorded > _MOST_RECORDED
        if full:
            self.allowance.end(_TOO_MUCH)

    def _receive(self, request: httpx.Request, *, authenticated: bool) -> Response:
        auth = self.auth if authenticated else None
        connection = self._idle.pop()
        try:
            response = connection.send(request, stream=True, auth=auth, follow_redirects=False)
            try:
                raw, problem = read_body(response, self._deadline)
            finally:
                response.close()
        finally:
            self._idle.append(connection)
        headers = self.redactor.headers((k, v) for k, v in response.headers.multi_items())
        # One at a time: each copy of a long answer counts, and threads do not decode any faster side by side.
        with self._decoding:
            text, garbled = as_text(raw)
            raw.clear()
            problem = problem or garbled
            if len(text) > SHOWN and self._recorded + getsizeof(text) > _MOST_RECORDED:
                # Others were under way when the room ran out, and clean-up goes on.
                text, problem = text[:SHOWN], problem or _TOO_MUCH
                self.allowance.end(_TOO_MUCH)
            return Response(response.status_code, headers, self.redactor.text(text), problem)

    def _wait_for_slot(self) -> None:
        if not self.limits.rate:
            return
        with self._pace_lock:
            now = time.monotonic()
            slot = max(now, self._next_slot)
            self._next_slot = slot + 1 / self.limits.rate
        time.sleep(max(slot - now, 0))
