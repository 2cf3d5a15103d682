"""A tenant for dry runs: the reference tenant in this process, at whatever URL the real one has."""

from __future__ import annotations

import httpx

from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, ReferenceTenant
from conformance.tenant.url import TenantURL

_TOKEN = "stand-in"  # noqa: S105 - of a tenant that no one else can reach


class StandIn(httpx.BaseTransport):
    """Answers as the RFCs say; nothing leaves the process."""

    def __init__(self, tenant_url: str) -> None:
        self._base = TenantURL.parse(tenant_url).path
        self._tenant = InProcess(ReferenceTenant(token=_TOKEN))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer of the reference tenant to the same request at its own address."""
        path = request.url.raw_path.decode("ascii").removeprefix(self._base)
        url = request.url.copy_with(raw_path=f"{BASE_PATH}{path}".encode("ascii"))
        headers = [
            *((name, value) for name, value in request.headers.multi_items() if name.lower() != "authorization"),
            ("Authorization", f"Bearer {_TOKEN}"),
        ]
        return self._tenant.handle_request(httpx.Request(request.method, url, headers=headers, content=request.read()))
