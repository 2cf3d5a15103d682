"""The bounds within which the client keeps a server, and itself: time, size, patience, and how much is asked."""

from __future__ import annotations

import gzip
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from test_tenant import asking, reply

from conformance.tenant.again import retry_after
from conformance.tenant.allowance import Allowance, Ended
from conformance.tenant.client import Limits
from conformance.tenant.exchange import Exchange, Request, Response, Unusable

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler


def answered(status: int, body: str = "", **headers: str) -> Exchange:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange("x", "", Request("GET", "http://h/"), Response(status, pairs, body))


# --- time and size ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_a_byte_now_and_then_does_not_prolong_an_exchange(start: bytes):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        for _ in range(40):
            time.sleep(0.05)
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    with asking(answer, limits=Limits(timeout=0.3)) as client:
        clock = time.monotonic()
        exchange = client.send("GET", "/Users")
        assert time.monotonic() - clock < 1
    with pytest.raises(Unusable, match=r"no answer within 0.3 s|not complete in time"):
        exchange.json  # noqa: B018


@pytest.mark.parametrize(
    ("coding", "body", "problem"),
    [
        ("gzip", gzip.compress(b" " * 50_000_000, mtime=0), "larger than 8 MB"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "not asked for"),
        ("br", b"\x8b\x00\x80", "not asked for"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-4], "broken"),
        ("gzip", b"{}", "broken"),
    ],
)
def test_encodings_are_bounded(coding: str, body: bytes, problem: str):
    with asking(lambda handler: reply(handler, body, Content_Encoding=coding)) as client:
        response = client.send("GET", "/Users").answered
    assert problem in (response.problem or "")
    assert len(response.body) <= 8 * 2**20


@pytest.mark.parametrize(("letter", "most"), [("x", 2**23), ("é", 2**23 - 1), ("ł", 2**22), ("\U0001f600", 2**21)])
def test_a_body_is_bounded_as_text_in_memory_too(letter: str, most: int):
    body = {"id": "x" * (most - len('{"id": ""}') - 1) + letter}
    fits = json.dumps(body, ensure_ascii=False).encode()
    with asking(lambda handler: reply(handler, fits)) as client:
        assert client.send("GET", "/Users").answered.problem is None
    with asking(lambda handler: reply(handler, fits + b" " * 99)) as client:
        answered = client.send("GET", "/Users").answered
    assert answered.problem == "it is larger than 8 MB"
    assert len(answered.body) < most


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "identity", ""])
def test_encodings_that_were_asked_for_are_read(coding: str):
    body = gzip.compress(b'{"id": "1"}', mtime=0) if "gzip" in coding else b'{"id": "1"}'
    with asking(lambda handler: reply(handler, body, Content_Encoding=coding)) as client:
        assert client.send("GET", "/Users").resource == {"id": "1"}


@pytest.mark.parametrize("body", ["NaN", "[Infinity]", "[" + "{}," * 300_000 + "{}]", "9" * 5000, "[" * 10_000])
def test_json_that_is_none_or_too_much_is_not_read(body: str):
    with pytest.raises(Unusable):
        answered(200, body).json  # noqa: B018


def test_an_address_that_cannot_be_asked_is_evidence():
    with asking(reply) as client:
        assert "no request can be made" in str(client.send("GET", "/Users/\x00").error)
        with pytest.raises(ValueError, match="no path"):
            client.send("GET", "@example.com/Users")


# --- patience ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 40, 9999999999.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Mon, 99 Foo 2099 00:00:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None):
    assert retry_after(answered(429, Retry_After=value)) == seconds


@pytest.mark.parametrize(
    ("method", "status", "after", "sent"),
    [
        ("GET", 429, "0", 4),
        ("POST", 429, "0", 4),
        ("GET", 503, "0", 4),
        ("GET", 503, None, 1),
        ("POST", 503, "0", 1),
        ("GET", 500, "0", 1),
        ("GET", 429, "9999999", 1),
    ],
)
def test_only_what_can_do_no_harm_is_sent_again(method: str, status: int, after: str | None, sent: int):
    seen = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        seen.append(handler.command)
        reply(handler, status=status, **({"Retry_After": after} if after else {}))

    with asking(answer) as client:
        client.ledger.intend("/Users", "conf-1")
        assert client.send(method, "/Users", json={} if method == "POST" else None).status == status
    assert len(seen) == sent


def test_the_rate_holds_for_what_is_sent_again_and_by_many():
    times = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        times.append(time.monotonic())
        reply(handler, status=429, Retry_After="0")

    with asking(answer, limits=Limits(rate=40)) as client, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: client.send("GET", "/Users"), range(4)))
    times.sort()
    assert len(times) == 16
    assert times[-1] - times[0] >= 0.9 * 15 / 40


# --- how much is asked ------------------------------------------------------------------------------------------------


def test_no_more_requests_than_allowed_but_clean_up():
    with asking(reply, limits=Limits(requests=3)) as client:
        client.ledger.created("/Users/1")
        for _ in range(3):
            client.send("GET", "/Users")
        with pytest.raises(Ended, match="max-requests"):
            client.send("GET", "/Users")
        assert client.send("DELETE", "/Users/1", closing=True).ok


def test_no_more_minutes_than_allowed_and_clean_up_as_many_again():
    allowance = Allowance(seconds=0.1)
    allowance.take()
    time.sleep(0.12)
    with pytest.raises(Ended, match="max-minutes"):
        allowance.take()
    allowance.take(closing=True)
    time.sleep(0.1)
    with pytest.raises(Ended, match="clean-up took too long"):
        allowance.take(closing=True)


def test_a_tenant_that_is_gone_is_left_alone_even_by_clean_up():
    allowance = Allowance()
    for _ in range(16):
        allowance.take()
        allowance.heard("does not answer")
    with pytest.raises(Ended, match="16 requests in a row"):
        allowance.take()
    for _ in range(16):
        allowance.take(closing=True)
        allowance.heard("does not answer")
    with pytest.raises(Ended):
        allowance.take(closing=True)


def test_whoever_waits_is_woken_at_the_end():
    allowance = Allowance()
    threading.Timer(0.05, allowance.end, ["interrupted"]).start()
    clock = time.monotonic()
    allowance.pause(30)
    assert time.monotonic() - clock < 5


def test_the_user_agent_names_the_suite_unless_it_is_dropped():
    seen = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("User-Agent"))
        reply(handler, json.dumps({}).encode())

    with asking(answer) as client:
        client.send("GET", "/Users")
        client.send("GET", "/Users", headers={"User-Agent": None})
    assert seen[0].startswith("scim-conformance/")
    assert seen[1] is None
