"""The ways to prove who asks: Secret Token, user name and password, OAuth 2.0 client credentials."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import httpx

from conformance.tenant.body import ACCEPTED, read_body
from conformance.tenant.deadline import Deadline

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator

_RENEW_BEFORE_EXPIRY = 30.0


class TokenRefused(Exception):
    """The token endpoint gave no access token; the message says what it answered."""


class BearerToken(httpx.Auth):
    """The Secret Token in an ``Authorization: Bearer`` header (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class TokenEndpoint:
    """The connection to a token endpoint, opened when it is first needed; a token may take ``timeout`` seconds.

    It is made before the run: it looks for proxies in the environment, which pytest changes while tokens are renewed.
    """

    def __init__(self, verify: ssl.SSLContext, timeout: float) -> None:
        self._http = httpx.Client(verify=verify, timeout=timeout)
        self._timeout = timeout
        self._deadline = Deadline()
        self._deadline.bind(self._http)

    def fetch(self, request: httpx.Request) -> httpx.Response:
        """Return the answer to a token request, within the bounds of any body. Raises httpx.HTTPError."""
        request.headers["Accept-Encoding"] = ACCEPTED
        with self._deadline.within(self._timeout):
            response = self._http.send(request, stream=True)
            try:
                body, _ = read_body(response, self._deadline)
            finally:
                response.close()
        return httpx.Response(response.status_code, content=bytes(body))

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


class ClientCredentials(httpx.Auth):
    """OAuth 2.0 client credentials (RFC 6749 §4.4): fetch an access token once, renew it before it expires.

    ``in_body`` sends id and secret in the form body instead of the Basic header (§2.3.1). ``fetch`` performs the token
    request; ``learn`` is told each access token, so that it can be redacted. Raises TokenRefused.
    """

    def __init__(  # noqa: PLR0913
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        scope: str = "",
        in_body: bool = False,
        fetch: Callable[[httpx.Request], httpx.Response],
        learn: Callable[[str], None],
    ) -> None:
        self._token_url, self._id, self._secret = token_url, client_id, client_secret
        self._scope, self._in_body, self._fetch, self._learn = scope, in_body, fetch, learn
        self._lock = threading.Lock()
        self._token = ""
        self._expires = 0.0

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header; a 401 answer is taken as it is, since refusals are what checks look at."""
        with self._lock:
            if time.monotonic() >= self._expires:
                self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    def _renew(self) -> None:
        form = {"grant_type": "client_credentials"}
        if self._scope:
            form["scope"] = self._scope
        if self._in_body:
            form |= {"client_id": self._id, "client_secret": self._secret}
        request = httpx.Request("POST", self._token_url, data=form, headers={"Accept": "application/json"})
        if not self._in_body:
            request = next(httpx.BasicAuth(self._id, self._secret).auth_flow(request))
        try:
            response = self._fetch(request)
        except httpx.HTTPError as error:
            raise TokenRefused(f"the token endpoint {self._token_url} could not be reached: {error}") from None
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            answer = None
        if not response.is_success or not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            reason = answer.get("error", "") if isinstance(answer, dict) else ""
            raise TokenRefused(
                f"the token endpoint {self._token_url} answered {response.status_code} without an access token"
                + (f" ({reason})" if isinstance(reason, str) and reason else "")
            )
        if not (answer["access_token"].isascii() and answer["access_token"].isprintable()):
            raise TokenRefused(f"the token endpoint {self._token_url} answered with a token that no header can carry")
        self._token = answer["access_token"]
        self._learn(self._token)
        lifetime = answer.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, int | float) else 3600.0
        self._expires = time.monotonic() + max(seconds - _RENEW_BEFORE_EXPIRY, 1.0)
