"""A tenant with people in it who are none of the suite's business, and a way to see what becomes of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx

from conformance.reference.in_process import InProcess
from conformance.reference.tenant import ReferenceTenant
from conformance.spec.schema import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "canary-T0ken-9f3b"
AT = "http://127.0.0.1/scim/v2"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}")
_HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}


def inhabited(users: int, groups: int, **options: Any) -> ReferenceTenant:
    """Return a reference tenant with so many users, and so many groups of ten of them."""
    tenant = ReferenceTenant(token=TOKEN, seed_users=users, **options)
    members = [{"value": record.id} for record in tenant.store.all("User")]
    with httpx.Client(transport=InProcess(tenant), headers=_HEADERS) as client:
        for number in range(groups):
            body = {"schemas": [GROUP], "displayName": f"Team {number}", "members": members[number * 10 :][:10]}
            client.post(f"{AT}/Groups", json=body).raise_for_status()
    return tenant


def everybody(tenant: ReferenceTenant) -> dict[str, str]:
    """Return what the tenant stores of each resource, by id."""
    return {
        record.id: json.dumps([repr(record)], default=str)
        for resource_type in tenant.service.resource_types
        for record in tenant.store.all(resource_type.name)
    }


class Watch(httpx.BaseTransport):
    """Passes requests on, and keeps the ids that writes name in their URL or body."""

    def __init__(self, tenant: ReferenceTenant) -> None:
        self._inner = InProcess(tenant)
        self.writes = 0
        self.named: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method not in _SAFE and not request.url.path.endswith("/.search"):
            self.writes += 1
            self.named |= set(_ids(request))
        return self._inner.handle_request(request)


def _ids(request: httpx.Request) -> Iterator[str]:
    text = str(request.url) + request.read().decode("utf-8", "replace")
    for found in _ID.finditer(text.lower()):
        yield found[0]
