"""The one place where requests leave: paced, guarded by the ledger, bounded in time and size, recorded redacted."""

from __future__ import annotations

import itertools
import json as jsonlib
import threading
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

from conformance import __version__
from conformance.tenant.auth import TokenRefused
from conformance.tenant.exchange import Exchange, Request, Response
from conformance.tenant.handshake import Unspoken, shake_hands
from conformance.tenant.jobs import guard_job, is_job
from conformance.tenant.ledger import Ledger, leads_astray
from conformance.tenant.redaction import Redactor

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from conformance.tenant.url import TenantURL

SCIM_JSON = "application/scim+json"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_GUARDED_METHODS = {"PUT", "PATCH", "DELETE"}
_LARGEST_BODY = 16 * 2**20
_LONGEST_RETRY_AFTER = 30.0
_MOST_ATTEMPTS = 4
_SERVER_ERROR = 500
# Seconds. Servers close idle connections, some after 5; a request sent at that very moment would be lost.
_KEEP_ALIVE = 2.0


class ReadOnlyRun(RuntimeError):
    """A probe tried to write in a run that only reads: a defect of the suite, stopped before it left."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``timeout`` seconds for one exchange, ``rate`` requests per second (0: no ceiling), ``concurrency`` in flight."""

    timeout: float = 30.0
    rate: float = 0.0
    concurrency: int = 8


@dataclass
class Client:
    """Sends requests to one tenant and records each as an Exchange. Safe to use from several threads.

    Network failures are recorded in the exchange, never raised. Redirects are recorded, never followed.
    ``exchanges`` holds all of them in the order in which they were answered; ``worker`` starts their ids.
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
        """Open the connection pool."""
        size = self.limits.concurrency
        self._http = httpx.Client(
            timeout=self.limits.timeout,
            verify=self.verify,
            transport=self.transport,
            limits=httpx.Limits(max_connections=size, keepalive_expiry=_KEEP_ALIVE),
            headers={"User-Agent": f"scim-conformance/{__version__}", "Accept": SCIM_JSON},
        )
        self._in_flight = threading.Semaphore(size)
        self._pace_lock = threading.Lock()
        self._next_slot = 0.0
        self._numbers = itertools.count(1)

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
    ) -> Exchange:
        """Send one request to a path below the Tenant URL, or below another ``base``, and return the exchange.

        ``json`` becomes the body with the SCIM media type; ``content`` is sent as it stands. A header of None is left
        out. Raises NotOurs for a change to a resource that the run did not create and for whatever would change what
        ``/Me`` leads to, ReadOnlyRun for a write in a read-only run.
        """
        if self.read_only and method not in _SAFE_METHODS and not path.partition("?")[0].endswith("/.search"):
            raise ReadOnlyRun(f"{method} {path} in a read-only run")
        if method in _GUARDED_METHODS or (method not in _SAFE_METHODS and leads_astray(path)):
            self.ledger.guard(path)
        body = jsonlib.dumps(json, ensure_ascii=False).encode("utf-8", "surrogatepass") if json is not None else content
        if is_job(method, path):
            guard_job(body, self.ledger)
        sent = {**self.headers, **({"Content-Type": SCIM_JSON} if json is not None else {}), **(headers or {})}
        given = {header: value for header, value in sent.items() if value is not None}
        request = self._http.build_request(method, (base or self.url).join(path, params), content=body, headers=given)
        for header in sent.keys() - given.keys():
            request.headers.pop(header, None)
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            exchange = self._exchange(name, request, authenticated=authenticated)
            pause = _retry_after(exchange)
            if pause is None or attempt == _MOST_ATTEMPTS:
                break
            time.sleep(pause)
        return exchange

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
        self.exchanges.append(exchange)
        return exchange

    def close(self) -> None:
        """Close the connections and the ledger."""
        self._http.close()
        self.ledger.close()

    def _exchange(self, name: str, request: httpx.Request, *, authenticated: bool) -> Exchange:
        with self._in_flight:
            self._wait_for_slot()
            identifier = f"{self.worker}x{next(self._numbers):05d}"
            started, clock = time.time(), time.perf_counter()
            response, error = None, None
            try:
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
        self.exchanges.append(exchange)
        return exchange

    def _receive(self, request: httpx.Request, *, authenticated: bool) -> Response:
        deadline = time.monotonic() + self.limits.timeout
        auth = self.auth if authenticated else None
        response = self._http.send(request, stream=True, auth=auth, follow_redirects=False)
        chunks, size, problem = [], 0, None
        length = response.headers.get("content-length")
        try:
            for chunk in response.iter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > _LARGEST_BODY:
                    problem = f"it is larger than {_LARGEST_BODY // 2**20} MB"
                    break
                # Some servers cut the connection after a 5xx without saying so: the next request on it would be lost.
                # The pool closes one whose response was not read to its very end.
                if response.status_code >= _SERVER_ERROR and str(response.num_bytes_downloaded) == length:
                    break
                if time.monotonic() > deadline:
                    problem = f"it was not complete after {self.limits.timeout:g} s"
                    break
        except httpx.DecodingError as undecodable:
            problem = f"its Content-Encoding is broken: {undecodable}"
        finally:
            response.close()
        raw = b"".join(chunks)[:_LARGEST_BODY]
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as invalid:
            problem = problem or f"byte {invalid.start} is not UTF-8"
            text = raw.decode("utf-8", "replace")
        headers = self.redactor.headers((k, v) for k, v in response.headers.multi_items())
        return Response(response.status_code, headers, self.redactor.text(text), problem)

    def _wait_for_slot(self) -> None:
        if not self.limits.rate:
            return
        with self._pace_lock:
            now = time.monotonic()
            slot = max(now, self._next_slot)
            self._next_slot = slot + 1 / self.limits.rate
        time.sleep(max(slot - now, 0))


def _retry_after(exchange: Exchange) -> float | None:
    """Return the seconds a tenant asks to wait after refusing a request unread (RFC 6585 §4, RFC 9110 §10.2.3)."""
    if exchange.response is None or exchange.status != 429:  # noqa: PLR2004
        return None
    value = exchange.header("retry-after") or "1"
    try:
        seconds = float(value) if value.isdigit() else parsedate_to_datetime(value).timestamp() - time.time()
    except ValueError:
        seconds = 1.0
    return min(max(seconds, 0.1), _LONGEST_RETRY_AFTER)
