"""How the suite talks to a tenant: the URL, redaction, the ledger and the client, over real HTTP."""

from __future__ import annotations

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st
from listening import listening

from conformance.tenant.auth import BearerToken
from conformance.tenant.client import Client, Limits, ReadOnlyRun
from conformance.tenant.exchange import Exchange, Unusable
from conformance.tenant.ledger import Ledger, NotOurs
from conformance.tenant.redaction import Redactor
from conformance.tenant.url import InvalidTenantURL, TenantURL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = "canary/T0k+en=="


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Serve ``answer`` for every request on a loopback port; yield the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if self.raw_requestline and self.parse_request():
                answer(self)
            else:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with listening(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as origin:
        yield f"http://{origin}/scim"


def reply(handler: BaseHTTPRequestHandler, body: bytes = b"{}", status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def asking(answer: Callable[[BaseHTTPRequestHandler], None], **options: object) -> Iterator[Client]:
    with serving(answer) as url:
        client = Client(TenantURL.parse(url), **options)  # type: ignore[arg-type]
        try:
            yield client
        finally:
            client.close()


# --- Tenant URL ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "params", "expected"),
    [
        ("https://h/scim/", "/Users", None, "https://h/scim/Users"),
        ("https://h/scim?aadOptscim062020", "/Users", None, "https://h/scim/Users?aadOptscim062020"),
        (
            "https://h:8443/scim/v2/?aadOptscim062020",
            "/Users",
            {"filter": 'userName eq "a b"'},
            "https://h:8443/scim/v2/Users?aadOptscim062020&filter=userName%20eq%20%22a%20b%22",
        ),
        ("https://h", "/Users?filter=a+b", {"count": 1}, "https://h/Users?filter=a+b&count=1"),
    ],
)
def test_a_query_of_the_tenant_url_goes_onto_requests_and_never_into_the_path(text, path, params, expected):
    assert TenantURL.parse(text).join(path, params) == expected


@pytest.mark.parametrize(
    "text", ["", "   ", "example.com/scim", "ftp://h/", "https://", "https://h:port/", "http://[::1"]
)
def test_an_unusable_tenant_url_is_refused_in_one_line(text):
    with pytest.raises(InvalidTenantURL) as refusal:
        TenantURL.parse(text)
    assert "\n" not in str(refusal.value)


def test_a_tenant_url_with_credentials_is_refused_without_repeating_them():
    with pytest.raises(InvalidTenantURL) as refusal:
        TenantURL.parse("https://ann:s3cret@h/scim")
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://h/scim/v2/Users/1", "/Users/1"),
        ("/scim/v2/Users/1", "/Users/1"),
        ("Users/1", "/Users/1"),
        ("https://H/scim/v2/Users/1", "/Users/1"),
        ("https://evil/scim/v2/Users/1", None),
        ("http://h/scim/v2/Users/1", None),
        ("file:///etc/passwd", None),
        ("https://h/other/Users/1", None),
        ("//evil/scim/v2/Users/1", None),
        ("https://[", None),
    ],
)
def test_locations_are_followed_within_the_tenant_only(location, expected):
    assert TenantURL.parse("https://h/scim/v2").relative(location) == expected


# --- redaction ----------------------------------------------------------------------------------------------------


@given(st.text(min_size=4, max_size=40))
def test_a_secret_is_gone_in_every_form(secret):
    encoded = base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode()
    try:
        secret.encode()
    except UnicodeEncodeError:
        return
    forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], encoded}
    redactor = Redactor([secret])
    for form in forms:
        assert form not in redactor.text(f"\x00{form}\x00").strip("\x00").replace("[redacted]", "")


def test_credential_headers_are_blanked_even_for_unknown_secrets():
    assert Redactor().headers([("Authorization", "Bearer abc"), ("Set-Cookie", "sid=1"), ("ETag", "x")]) == (
        ("Authorization", "Bearer [redacted]"),
        ("Set-Cookie", "[redacted]"),
        ("ETag", "x"),
    )


# --- ledger -------------------------------------------------------------------------------------------------------


def test_only_resources_of_the_run_may_be_changed(tmp_path: Path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.intend("/Users", "conf-1.user")
    ledger.created("/Users/1")
    ledger.guard("/Users/1?attributes=userName")
    with pytest.raises(NotOurs):
        ledger.guard("/Users/2")
    ledger.deleted("/Users/1")
    assert ledger.left_behind == []
    ledger.close()
    events = [json.loads(line)["event"] for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    assert events == ["intent", "created", "deleted"]


def test_a_change_to_a_foreign_resource_never_leaves():
    seen: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.command)
        reply(handler)

    with asking(answer) as client:
        for method in ("PUT", "PATCH", "DELETE"):
            with pytest.raises(NotOurs):
                client.send(method, "/Users/foreign", json={})
    assert seen == []


@pytest.mark.parametrize(
    "path",
    [
        "/Me",
        "/me",
        "/Me/",
        "//Me",
        "/Me?attributes=id",
        "/M%65",
        "/%254De",
        "/Users/../Me",
        "/Users/%2e%2e/Me",
        "/Users/me",
        "/Me;x=1",
        "/Me/.search",
        "/Users/..%2FMe",
        "/Users\\..\\Me",
        "/Me%3Fx",
        "/Users/..",
    ],
)
def test_whatever_me_leads_to_is_never_changed(path: str):
    seen: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.command)
        reply(handler)

    with asking(answer) as client:
        client.ledger.created(path)
        client.ledger.imagine(path)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            with pytest.raises(NotOurs):
                client.send(method, path, json={})
        client.send("GET", "/Me")
    assert seen == ["GET"]


def test_a_read_only_run_sends_only_get_and_search():
    seen: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.command)
        handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        reply(handler)

    with asking(answer, read_only=True) as client:
        client.send("GET", "/Users")
        client.send("POST", "/Users/.search", json={})
        with pytest.raises(ReadOnlyRun):
            client.send("POST", "/Users", json={})
    assert seen == ["GET", "POST"]


# --- client -------------------------------------------------------------------------------------------------------


def test_the_token_is_sent_and_never_recorded():
    seen: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Authorization"])
        reply(handler, json.dumps({"echo": TOKEN, "url": quote(TOKEN, safe="")}).encode(), X_Echo=TOKEN)

    with asking(answer, auth=BearerToken(TOKEN), redactor=Redactor([TOKEN])) as client:
        exchange = client.send("GET", "/Users", params={"token": TOKEN})
    assert seen == [f"Bearer {TOKEN}"]
    recorded = json.dumps(exchange.to_dict())
    assert "canary" not in recorded
    assert "$SCIM_TOKEN" in exchange.curl


def test_a_redirect_is_recorded_and_not_followed():
    seen: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.path)
        reply(handler, status=302, Location="/login")

    with asking(answer) as client:
        exchange = client.send("GET", "/Users")
    assert exchange.status == 302
    assert seen == ["/scim/Users"]


def test_no_answer_in_time_is_evidence_and_not_an_exception():
    with asking(lambda handler: time.sleep(0.5), limits=Limits(timeout=0.1)) as client:
        exchange = client.send("GET", "/Users")
    assert exchange.error == "no answer within 0.1 s"
    with pytest.raises(Unusable, match="got no answer"):
        exchange.status  # noqa: B018


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "is empty"),
        (b"<html>", "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not an object"),
    ],
)
def test_a_body_that_is_no_json_object_fails_the_check_in_words(body, complaint):
    with asking(lambda handler: reply(handler, body)) as client:
        exchange = client.send("GET", "/Users")
    with pytest.raises(Unusable, match=complaint):
        exchange.resource  # noqa: B018


def test_a_body_without_end_is_cut_off():
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            handler.close_connection = True

    with asking(answer) as client:
        exchange = client.send("GET", "/Users")
    assert exchange.response is not None
    assert exchange.response.problem == "it is larger than 8 MB"


def test_429_is_waited_for():
    answers = [429, 200]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, status=answers.pop(0), Retry_After="0")

    with asking(answer) as client:
        assert client.send("GET", "/Users").status == 200
        assert [e.status for e in client.exchanges] == [429, 200]


@pytest.mark.parametrize(("status", "connections"), [(400, 1), (500, 2)])
def test_a_connection_that_saw_a_server_error_is_not_used_again(status, connections):
    callers = set()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        callers.add(handler.client_address)
        reply(handler, status=status)

    with asking(answer) as client:
        assert [client.send("GET", "/Users").status for _ in range(2)] == [status, status]
    assert len(callers) == connections


def test_server_errors_disturb_no_other_request():
    with asking(lambda handler: reply(handler, status=500 if "bad" in handler.path else 200)) as client:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: client.send("GET", "/Users/bad" if n % 3 else "/Users"), range(300)))
        assert [exchange.error for exchange in client.exchanges if exchange.error] == []


def test_the_rate_is_kept():
    with asking(reply, limits=Limits(rate=50)) as client:
        started = time.monotonic()
        for _ in range(6):
            client.send("GET", "/Users")
        assert time.monotonic() - started >= 0.1


def test_an_exchange_survives_storage():
    with asking(lambda handler: reply(handler, b'{"id": "1"}', ETag='W/"1"')) as client:
        client.ledger.intend("/Users", "ä")
        exchange = client.send("POST", "/Users", json={"userName": "ä'\""}, name="created")
    stored = Exchange.from_dict(json.loads(json.dumps(exchange.to_dict())))
    assert stored.to_dict() == exchange.to_dict()
    assert stored.header("etag") == 'W/"1"'
    assert stored.resource == {"id": "1"}
