"""Run scim2-tester on a tenant and write what it found as JSON. Runs in the environment of scim2-tester."""

from __future__ import annotations

import json
import sys

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server


def main(url: str, token: str) -> None:
    """Check the tenant."""
    with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        results = [
            {
                "name": f"{result.title} {result.resource_type or ''}".strip(),
                "status": result.status.name,
                "message": result.reason,
            }
            for result in check_server(SyncSCIMClient(client))
        ]
    print(json.dumps({"results": results}))


if __name__ == "__main__":
    main(*sys.argv[1:])
