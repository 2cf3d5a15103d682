"""Creating: the intent stands in the ledger before the request leaves, and what was made of it right after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from conformance.spec.paths import lookup
from conformance.tenant.exchange import Unusable
from conformance.tenant.ledger import leads_astray

if TYPE_CHECKING:
    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange
    from conformance.tenant.ledger import Ledger
    from conformance.tenant.url import TenantURL

MARKING = ("userName", "displayName", "externalId")  # attributes that can carry a create's marker
_IN_A_SEGMENT = "!$&'()*+,;=:@"  # what RFC 3986 §3.3 lets stand in a path segment besides letters and digits
_LONGEST_ID = 1024


def create(  # noqa: PLR0913
    client: Client, endpoint: str, marker: str, *, name: str, path: str | None = None, marked: str = "", **options: Any
) -> tuple[Exchange, str | None]:
    """Send a create; return the exchange, and the path of what was created, None where nothing was.

    ``marker`` is a text by which the resource can be found if the answer is lost, and ``marked`` the attribute that
    carries it, where that is none of the usual ones; ``path`` sends the create elsewhere than to the endpoint; the
    options are those of ``Client.send``.
    """
    client.ledger.intend(endpoint, marker, marked)
    exchange = client.send("POST", path or endpoint, name=name, **options)
    made = created_path(exchange, endpoint, client.url)
    if made and (client.ledger.exists(made) or not shows_another(exchange, client.ledger)):
        client.ledger.created(made, marker)
        return exchange, made
    if exchange.response and exchange.refused:
        client.ledger.refused(marker)
    return exchange, None


def created_path(exchange: Exchange, endpoint: str, url: TenantURL) -> str | None:
    """Return the path of the resource in the answer to a create, or that its Location leads to; None for neither."""
    if not exchange.ok:
        return None
    made = path_of(endpoint, (exchange.shown or {}).get("id"))
    return made or located(exchange.header("location"), endpoint, url)


def located(location: object, endpoint: str, url: TenantURL) -> str | None:
    """Return the path of what a location, relative or not, leads to; None where that is no ``endpoint/id``."""
    text = location if isinstance(location, str) and location else ""
    found = url.relative(text) or url.relative(text.lstrip("/"))
    head, _, last = (found or "").rpartition("/")
    return path_of(endpoint, unquote(last)) if head == endpoint else None


def path_of(endpoint: str, identifier: object) -> str | None:
    """Return the path of a resource; None for an id that leads to none, or elsewhere."""
    if not isinstance(identifier, str) or not 0 < len(identifier) <= _LONGEST_ID or leads_astray(identifier):
        return None
    try:
        return f"{endpoint}/{quote(identifier, safe=_IN_A_SEGMENT)}"
    except UnicodeEncodeError:
        return None


def identifier_in(path: str) -> str:
    """Return the id in the path of a resource."""
    return unquote(path.rpartition("/")[2])


def marking(body: object, ledger: Ledger) -> tuple[str, str]:
    """Return the text of a body by which the resource can be found again, and the attribute where it is no usual one.

    Both are empty where there is none.
    """
    members = body if isinstance(body, dict) else {}
    usual = [text for text in (lookup(body, name) for name in MARKING) if isinstance(text, str)]
    for text in usual:
        if ledger.marks(text):
            return text, ""
    for name, text in members.items():
        if isinstance(text, str) and ledger.marks(text):
            return text, name
    return next(filter(None, usual), ""), ""


def shows_another(exchange: Exchange, ledger: Ledger) -> bool:
    """Whether the answer to a create shows somebody else: under a name by which the request marked it as ours."""
    sent = exchange.request.json
    try:
        shown = exchange.resource
    except Unusable:
        return False
    for name in MARKING:
        ours, theirs = lookup(sent, name), shown.get(name)
        if isinstance(ours, str) and isinstance(theirs, str) and theirs and ledger.marks(ours):
            return not ledger.marks(theirs)
    return False
