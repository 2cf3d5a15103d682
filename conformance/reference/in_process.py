"""The reference tenant without a network: an httpx transport that calls it directly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from conformance.reference.tenant import BASE_PATH
from conformance.reference.transport import open_request, send_response

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from conformance.reference.tenant import ReferenceTenant


class InProcess(httpx.BaseTransport):
    """Answers each request from one tenant, in the thread that asks."""

    def __init__(self, tenant: ReferenceTenant) -> None:
        self._tenant = tenant

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the tenant's answer."""
        scope = {
            "type": "http",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
        }
        asked = replace(open_request(scope, BASE_PATH), body=request.read())
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        _finish(send_response(send, asked, self._tenant.answer(asked)))
        start, body = sent
        return httpx.Response(start["status"], headers=start["headers"], stream=httpx.ByteStream(body["body"]))


def _finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits for anything."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the answer waits for something")
