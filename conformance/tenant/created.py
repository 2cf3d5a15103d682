"""Creating: the intent stands in the ledger before the request leaves, and what was made of it right after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.tenant.exchange import Unusable
from conformance.tenant.ledger import leads_astray

if TYPE_CHECKING:
    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange
    from conformance.tenant.url import TenantURL


def create(
    client: Client, endpoint: str, marker: str, *, name: str, path: str | None = None, **options: Any
) -> tuple[Exchange, str | None]:
    """Send a create; return the exchange, and the id of what was created, None where nothing was.

    ``marker`` is a text by which the resource can be found if the answer is lost; ``path`` sends the create elsewhere
    than to the endpoint; the options are those of ``Client.send``.
    """
    client.ledger.intend(endpoint, marker)
    exchange = client.send("POST", path or endpoint, name=name, **options)
    identifier = created_id(exchange, endpoint, client.url)
    if identifier is not None:
        client.ledger.created(f"{endpoint}/{identifier}", marker)
    elif exchange.response and not exchange.ok:
        client.ledger.refused(marker)
    return exchange, identifier


def created_id(exchange: Exchange, endpoint: str, url: TenantURL) -> str | None:
    """Return the id in the answer to a create, or the one that its Location leads to; None where there is none."""
    if not exchange.ok:
        return None
    try:
        identifier = exchange.resource.get("id")
    except Unusable:
        identifier = None
    if isinstance(identifier, str) and identifier and "/" not in identifier and not leads_astray(identifier):
        return identifier
    location = url.relative(exchange.header("location") or "")
    prefix = f"{endpoint}/"
    found = location.removeprefix(prefix) if location and location.startswith(prefix) else ""
    return found if found and not leads_astray(found) else None
