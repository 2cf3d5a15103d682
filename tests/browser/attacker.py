"""A tenant that tries to break out of a report: the reference tenant with an attack in every text that it chooses."""

from __future__ import annotations

import json
from typing import Any

from conformance.reference.tenant import ReferenceTenant

# Each would set window.owned where a browser took it for code; then a terminal's title, and letters run backwards.
ATTACK = (
    "</script></pre></template></style></title><script>window.owned=1</script><img src=x onerror=window.owned=2>"
    "<svg onload=window.owned=3><iframe srcdoc='<script>parent.owned=4</script>'></iframe>\"'><b id=owned>"
    "<a href=javascript:window.owned=5>&lt;i&gt;--><!--{{7*7}}${7*7}\x1b]0;owned\x07\u202e\u2066\u200f"
)
# What must stay true, or the suite finds no SCIM endpoint to ask.
_KEPT = {
    *("schemas", "id", "$ref", "location", "endpoint", "schema", "resourceType", "type", "mutability", "returned"),
    *("uniqueness", "name", "scimType", "referenceTypes", "status", "version", "created", "lastModified"),
}


class HostileTenant:
    """An ASGI application."""

    def __init__(self) -> None:
        self._tenant = ReferenceTenant(seed_users=3)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer as the reference tenant would, then poison the answer."""
        sent: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._tenant(scope, receive, keep)
        start, *rest = sent
        body = b"".join(message.get("body", b"") for message in rest)
        if body:
            body = json.dumps(_poisoned(json.loads(body))).encode()
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        headers.append((b"x-powered-by", ATTACK.encode("ascii", "ignore").replace(b"\x1b", b"").replace(b"\x07", b"")))
        headers.append((b"content-length", str(len(body)).encode()))
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _poisoned(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        poisoned = {name: _poisoned(inner, name) for name, inner in value.items()}
        if value.get("id") == "urn:ietf:params:scim:schemas:core:2.0:User" and "attributes" in value:
            poisoned["attributes"] = [*poisoned["attributes"], _ATTRIBUTE]
        return poisoned
    if isinstance(value, list):
        return [_poisoned(inner, key) for inner in value]
    return f"{value}{ATTACK}" if isinstance(value, str) and key not in _KEPT else value


_ATTRIBUTE = {"name": f"nick{ATTACK}", "type": "string", "multiValued": False, "description": ATTACK, "required": False,
              "caseExact": False, "mutability": "readWrite", "returned": "default", "uniqueness": "none"}  # fmt: skip
