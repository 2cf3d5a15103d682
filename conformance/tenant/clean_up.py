"""Clean-up: deletes what the ledger says is left, and nothing else."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from conformance.tenant.allowance import Ended
from conformance.tenant.created import MARKING, path_of
from conformance.tenant.ledger import referred_to
from conformance.tenant.together import together

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.tenant.client import Client
    from conformance.tenant.exchange import Exchange

_GONE = {404, 410}
T = TypeVar("T")


def clean_up(client: Client, after: Callable[[], object] = lambda: None) -> tuple[list[str], dict[str, str]]:
    """Delete what the client's ledger has as left behind, what refers to others first; it may be called again.

    Creates whose answer was lost are looked up first. What is refused is tried again once others are gone, since they
    may have held it. ``after`` is called after each of them, in the thread that asked, so that what the client recorded
    need not be held. Returns the paths that were deleted, and what is left with the reason why.
    """

    def told(work: Callable[[Client, T], str], item: T) -> tuple[T, str]:
        reason = work(client, item)
        after()
        return item, reason

    workers = client.limits.concurrency
    looked_up = together(partial(told, _look_up), client.ledger.unanswered, workers)
    lost = {f"{endpoint} (“{marker}”)": reason for (endpoint, marker, _), reason in looked_up if reason}
    gone: list[str] = []
    while True:
        left: dict[str, str] = {}
        for _, paths in groupby(client.ledger.left_behind, referred_to):
            left |= together(partial(told, delete), paths, workers)
        done = [path for path, reason in left.items() if not reason]
        gone += done
        if not done or len(done) == len(left):
            return gone, lost | {path: reason for path, reason in left.items() if reason}


def _look_up(client: Client, intent: tuple[str, str, str]) -> str:
    """Find out what became of a create without an answer; return why that stays unknown, else an empty text."""
    endpoint, marker, attribute = intent
    if not client.ledger.marks(marker):
        return "a create without an answer, and without a tag by which to look it up"
    try:
        found = search(client, endpoint, marker, attribute)
    except Ended as reason:
        return str(reason)
    if found is None:
        return "the tenant does not answer whether it exists"
    client.ledger.found(marker, found)
    return ""


def delete(client: Client, path: str) -> str:
    """Delete a resource of ours; return why it is still there, empty where it is gone."""
    if not client.ledger.exists(path):
        return ""
    try:
        exchange = client.send("DELETE", path, name="clean-up", closing=True)
    except Ended as reason:
        return str(reason)
    if exchange.ok or (exchange.response and exchange.status in _GONE):
        client.ledger.deleted(path)
        return ""
    return f"DELETE answers {exchange.status}" if exchange.response else str(exchange.error)


def search(client: Client, endpoint: str, marker: str, attribute: str = "") -> list[str] | None:
    """Return the paths of what carries the marker at an endpoint; None where the tenant leaves that open.

    ``attribute`` is the one that carries it, where it is none of the usual ones.
    """
    paths: list[str] = []
    answers = False
    for name in (attribute,) if attribute else MARKING:
        answer = client.send("GET", endpoint, name="search", params={"filter": f'{name} eq "{marker}"'}, closing=True)
        if answer.response is None or answer.status >= 500:  # noqa: PLR2004
            return None
        listed = answer.listed
        if listed is None:
            continue
        # A tenant that ignores the filter answers with everyone: only what carries the marker is ours.
        ours = [resource for resource in listed if str(resource.get(name)).casefold() == marker.casefold()]
        named = [path_of(endpoint, resource.get("id")) for resource in ours]
        answers = answers or (None not in named and (len(ours) == len(listed) or _complete(answer, listed)))
        paths += filter(None, named)
    return list(dict.fromkeys(paths)) if paths or answers else None


def _complete(exchange: Exchange, listed: list[dict[str, object]]) -> bool:
    """Whether a list shows all there is, so that what it does not show does not exist."""
    total = exchange.resource.get("totalResults")
    return isinstance(total, int) and total <= len(listed)
