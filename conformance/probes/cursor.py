"""Paging through a list by cursor (RFC 9865)."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from conformance.probes.registry import probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

    Fetch = Callable[[str, str], Exchange]

LISTED = ("one", "two", "three", "four", "five")
COUNT = 2
FORGED = "conformance-forged-cursor"
# One resource on each page, an empty page at the end, and then some: whoever leads on after that has no end.
MOST_PAGES = 8
QUERIES: dict[str, dict[str, str | int]] = {
    "plain 1": {"count": COUNT},
    "plain again": {"count": COUNT},
    "any count": {"cursor": ""},
    "count 0": {"cursor": "", "count": 0},
    "count -1": {"cursor": "", "count": -1},
    "huge count": {"cursor": "", "count": 1_000_000},
    "from 4": {"startIndex": 4, "count": COUNT},
    "both": {"cursor": "", "startIndex": 1, "count": COUNT},
    "forged": {"cursor": FORGED, "count": COUNT},
}
# Seconds: no run should wait longer for a cursor to expire.
_PATIENCE = 3
_LONGEST = 4096


@probe
def cursored(ask: Ask, resource_type: ResourceType) -> None:
    """Create five users and follow the cursors through a list of them; a filter keeps other users out of it."""
    if ask.service.supports("filter") is False:
        return
    ours, endpoint = _listed(ask, resource_type, *LISTED), resource_type.endpoint
    page = partial(_page, ask, resource_type, ours)
    backwards = partial(page, sortBy="userName", sortOrder="descending")

    def search(name: str, cursor: str) -> Exchange:
        return ask.search(name, endpoint, ours, cursor=cursor, count=COUNT)

    ask.together(
        partial(_walk, "page", page),
        *([partial(_walk, "sorted", backwards)] if ask.service.supports("sort") is not False else []),
        partial(_walk, "search", search, most=2),
        *(partial(ask.filter, name, resource_type, ours, **params) for name, params in QUERIES.items()),
        partial(ask.filter, "single", resource_type, f'userName eq "{_name(ask, "one")}"', cursor="", count=COUNT),
        partial(ask.get, "bare cursor", f"{endpoint}?cursor", {"filter": ours, "count": COUNT}),
        partial(search, "forged search", FORGED),
        partial(page, "anonymous 1", "", authenticated=False),
    )
    _follow(ask, resource_type, ours)


@probe
def expiring(ask: Ask, resource_type: ResourceType) -> None:
    """Follow a cursor that does not live long, in time and once more when its time is over."""
    timeout = ask.service.pagination.cursor_timeout
    if not timeout or not 0 < timeout <= _PATIENCE or ask.service.supports("filter") is False:
        return
    ours = _listed(ask, resource_type, *LISTED[: COUNT + 1])
    page = partial(_page, ask, resource_type, ours)
    cursor = following(page("issued", ""))
    if cursor:
        time.sleep(timeout / 2)
        page("in time", cursor)
        time.sleep(timeout + 1)
        page("too late", cursor)


def following(page: Exchange, key: str = "nextCursor") -> str | None:
    """Return the cursor by which a page leads on; None where it has none, or one that fits into no URL.

    A number passes for its digits, an empty text for none.
    """
    value = page.resource.get(key) if page.ok else None
    cursor = str(value) if isinstance(value, str | int) else ""
    return cursor if 0 < len(cursor) <= _LONGEST and cursor.isprintable() else None


def _listed(ask: Ask, resource_type: ResourceType, *names: str) -> str:
    """Create users of these names; return the filter that finds them."""
    bodies = {name: ask.sample.minimal(resource_type) | {"userName": _name(ask, name)} for name in names}
    ask.together(*(partial(ask.create, name, resource_type, body) for name, body in bodies.items()))
    return f'userName sw "{ask.sample.prefix}."'


def _name(ask: Ask, name: str) -> str:
    return ask.sample.user_name(f"{ask.sample.prefix}.{name}")


def _page(  # noqa: PLR0913 - what makes a page
    ask: Ask,
    resource_type: ResourceType,
    expression: str,
    name: str,
    cursor: str,
    *,
    count: int = COUNT,
    authenticated: bool = True,
    **params: str | int,
) -> Exchange:
    asked: dict[str, str | int] = {"filter": expression, "cursor": cursor, "count": count, **params}
    return ask.get(name, resource_type.endpoint, asked, authenticated=authenticated)


def _walk(label: str, fetch: Fetch, *, most: int = MOST_PAGES) -> None:
    """Follow nextCursor from the first page, ``<label> 1``, to the last, or through so many of them."""
    cursor: str | None = ""
    for number in range(1, most + 1):
        if cursor is not None:
            cursor = following(fetch(f"{label} {number}", cursor))


def _follow(ask: Ask, resource_type: ResourceType, ours: str) -> None:
    """Follow cursors back, and in ways in which they were not meant to be followed."""
    page = partial(_page, ask, resource_type, ours)
    questions: list[Callable[[], object]] = []
    for number in (2, 3):
        name = f"page {number}"
        back = following(ask.evidence[name], "previousCursor") if name in ask.evidence else None
        if back:
            questions.append(partial(page, f"before {name}", back))
    plain = following(ask.evidence["plain 1"])
    if plain:
        questions.append(partial(page, "plain 2", plain))
    cursor = following(ask.evidence["page 1"])
    if cursor:
        questions += [
            partial(page, "altered", _altered(cursor)),
            partial(page, "other count", cursor, count=COUNT + 1),
            partial(_page, ask, resource_type, f'userName eq "{_name(ask, "one")}"', "other filter", cursor),
            partial(page, "anonymous 2", cursor, authenticated=False),
        ]
    ask.together(*questions)


def _altered(cursor: str) -> str:
    """Return another cursor of the same form: the next number, or one with another first letter."""
    if cursor.isdecimal():
        return str(int(cursor) + 1)
    return ("B" if cursor[0] == "A" else "A") + cursor[1:]
