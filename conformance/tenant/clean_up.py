"""Clean-up after a run that could not do it itself: deletes what its ledger says is left, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange

_GONE = {404, 410}
_NAMES = ("userName", "displayName", "externalId")  # where a create may carry its marker


def clean_up(client: Client) -> tuple[list[str], dict[str, str]]:
    """Delete what the client's ledger has as left behind, newest first; it may be called again.

    Creates whose answer was lost are looked up first. Returns the paths that were deleted, and what is left with the
    reason why.
    """
    gone: list[str] = []
    left: dict[str, str] = {}
    for endpoint, marker in client.ledger.unanswered:
        found = search(client, endpoint, marker)
        if found is None:
            left[f"{endpoint} ({marker})"] = "the tenant does not answer whether it exists"
        else:
            client.ledger.found(marker, found)
    for path in client.ledger.left_behind:
        exchange = client.send("DELETE", path, name="clean-up")
        if exchange.ok or (exchange.response and exchange.status in _GONE):
            client.ledger.deleted(path)
            gone.append(path)
        else:
            left[path] = f"DELETE answers {exchange.status}" if exchange.response else str(exchange.error)
    return gone, left


def search(client: Client, endpoint: str, marker: str) -> list[str] | None:
    """Return the paths of what carries the marker at an endpoint; None where the tenant does not answer."""
    paths = []
    for name in _NAMES:
        answer = client.send("GET", endpoint, name="search", params={"filter": f'{name} eq "{marker}"'})
        if answer.response is None:
            return None
        # A tenant that ignores the filter answers with everyone: only what carries the marker is ours.
        paths += [f"{endpoint}/{r['id']}" for r in _resources(answer) if r.get(name) == marker and r.get("id")]
    return list(dict.fromkeys(paths))


def _resources(exchange: Exchange) -> list[dict[str, object]]:
    try:
        return exchange.resources if exchange.ok else []
    except Unusable:
        return []
