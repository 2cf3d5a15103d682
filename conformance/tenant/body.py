"""Reading a response body within bounds, however it is encoded: what a server sends may be endless, or a bomb."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.tenant.deadline import Deadline

ACCEPTED = "gzip, deflate"
LARGEST_BODY = 8 * 2**20  # as bytes, and in memory as text
SHOWN = 2**16  # of what is too large, for its reader to see what it is
_TOO_LARGE = f"it is larger than {LARGEST_BODY // 2**20} MB"
_STEP = 2**16  # in which a small bomb is decoded, so that it does not become large before anybody has counted
_SERVER_ERROR = 500
_CONTINUING = bytes(range(0x80, 0xC0))
_TWO_WIDE, _FOUR_WIDE = re.compile(rb"[\xc4-\xff]"), re.compile(rb"[\xf0-\xff]")  # begin U+0100, U+10000 and above
_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class Undecodable(Exception):
    """The body cannot be decoded; the message is the rest of the sentence “it …”."""


def read_body(response: httpx.Response, deadline: Deadline) -> tuple[bytearray, str | None]:
    """Return the decoded body, cut where it is too long or too late, and in words what is wrong with it, if anything.

    Raises httpx.HTTPError where the connection fails.
    """
    body = bytearray()
    try:
        for chunk in _decoded(response):
            body += chunk
            if len(body) > LARGEST_BODY:
                return body[:SHOWN], _TOO_LARGE
            if deadline.over:
                return body, "it was not complete in time"
    except Undecodable as problem:
        return body, str(problem)
    except httpx.ReadTimeout:
        return body, "it was not complete in time"
    return body, None


def as_text(body: bytearray) -> tuple[str, str | None]:
    """Return a body as text, its beginning where it cannot be read, and in words what is wrong with it, if anything."""
    if _size_as_text(body) > LARGEST_BODY:
        problem = _TOO_LARGE
    else:
        try:
            return body.decode("utf-8-sig"), None
        except UnicodeDecodeError as invalid:
            problem = f"byte {invalid.start} is not UTF-8"
    return body[:SHOWN].decode("utf-8-sig", "replace"), problem


def _size_as_text(body: bytearray) -> int:
    """Return the bytes that a body in UTF-8 will take as text, where all letters are as wide as the widest (PEP 393).

    To decode it and look would be too late: each thread keeps the most memory that it has had at once.
    """
    if body.isascii():
        return len(body)
    width = 4 if _FOUR_WIDE.search(body) else 2 if _TWO_WIDE.search(body) else 1
    return width * len(body.translate(None, _CONTINUING))


def _decoded(response: httpx.Response) -> Iterator[bytes]:
    codings = [c.strip().lower() for c in response.headers.get("content-encoding", "").split(",")]
    codings = [coding for coding in codings if coding not in {"", "identity"}]
    if not codings:
        yield from _raw(response)
        return
    if len(codings) > 1 or codings[0] not in _WINDOWS:
        raise Undecodable(f"its Content-Encoding is {', '.join(codings)[:80]!r}, which was not asked for")
    window, chunks = _WINDOWS[codings[0]], _raw(response)
    decoder, fresh = zlib.decompressobj(window), True
    for chunk in chunks:
        rest = chunk
        while rest:
            try:
                yield decoder.decompress(rest, _STEP)
            except zlib.error as error:
                if not fresh or window < 0 or window > zlib.MAX_WBITS:
                    raise Undecodable(f"its Content-Encoding is broken: {error}") from None
                # Some servers take deflate for the bare format, without the header of zlib (RFC 9110 §8.4.1.2).
                window = -zlib.MAX_WBITS
                decoder = zlib.decompressobj(window)
                continue
            rest, fresh = decoder.unconsumed_tail, False
        if decoder.eof:
            return
    if not fresh:
        raise Undecodable("its Content-Encoding is broken: the stream ends too soon")


def _raw(response: httpx.Response) -> Iterator[bytes]:
    length = response.headers.get("content-length")
    for chunk in response.iter_raw():
        yield chunk
        # Some servers cut the connection after a 5xx without saying so: the next request on it would be lost.
        # The pool closes one whose response was not read to its very end.
        if response.status_code >= _SERVER_ERROR and str(response.num_bytes_downloaded) == length:
            return
