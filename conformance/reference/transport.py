"""Between ASGI and the tenant: reading a request within bounds, writing a response."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from conformance.reference.messages import SCIM, Refused, Request, Response, media_type_for, write_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

_BODY_TIMEOUT = 30.0


class Disconnected(Exception):
    """The client has gone before its request was complete."""


def open_request(scope: Scope, base_path: str) -> Request:
    """Return the request of an ASGI scope, its body still to be read; ``segments`` are those of the whole path."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host") or ":".join(str(part) for part in scope.get("server") or ("localhost",))
    raw = scope.get("raw_path") or scope["path"].encode()
    path = raw.decode("latin-1").partition("?")[0]
    return Request(
        method=scope["method"],
        base=f"{scope.get('scheme', 'http')}://{host}{base_path}",
        segments=tuple(unquote(segment) for segment in path.strip("/").split("/")),
        target=path,
        query=scope.get("query_string", b""),
        headers=headers,
    )


async def read_body(receive: Receive, limit: int) -> bytes:
    """Read the body of a request; of one with more than ``limit`` bytes, just enough to see that.

    Raises Refused 408 for a client that takes too long, Disconnected when it left.
    """
    body = bytearray()
    more = True
    try:
        async with asyncio.timeout(_BODY_TIMEOUT):
            while more and len(body) <= limit:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                body += message.get("body", b"")
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise Refused("The body took too long", status=408, headers={"Connection": "close"}) from error
    return bytes(body)


async def send_response(send: Send, request: Request, response: Response) -> None:
    """Write a response; its body is JSON in the media type that the client accepts."""
    body = b"" if response.document is None else write_json(response.document, response.encoding)
    headers = {"Content-Type": media_type_for(request.headers.get("accept")) or SCIM} if body else {}
    if response.status not in {204, 304}:
        headers["Content-Length"] = str(len(body))
    pairs = [(k.lower().encode(), v.encode("latin-1")) for k, v in {**headers, **response.headers}.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
