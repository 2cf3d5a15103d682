"""Paging through a list by index (RFC 7644 §3.4.2.4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

PAGED = ("one", "two", "three", "four", "five")
PAGES: dict[str, dict[str, str | int]] = {
    "all": {},
    "page 1": {"startIndex": 1, "count": 2},
    "page 2": {"startIndex": 3, "count": 2},
    "page 3": {"startIndex": 5, "count": 2},
    "page 1 again": {"startIndex": 1, "count": 2},
    "no start": {"count": 2},
    "from 0": {"startIndex": 0, "count": 2},
    "from -3": {"startIndex": -3, "count": 2},
    "from 2": {"startIndex": 2},
    "past the end": {"startIndex": 100, "count": 2},
    "count 0": {"count": 0},
    "count -1": {"count": -1},
    "start abc": {"startIndex": "abc"},
    "count abc": {"count": "abc"},
}


@probe
def paged(ask: Ask, resource_type: ResourceType) -> None:
    """Create five users and ask for them by pages, also by odd ones; a filter keeps other users out of the list."""
    if ask.service.supports("filter") is False:
        return
    mark = ask.sample.prefix
    names = {name: ask.sample.user_name(f"{mark}.{name}") for name in PAGED}
    bodies = {name: ask.sample.minimal(resource_type) | {"userName": names[name]} for name in PAGED}
    ask.together(*(partial(ask.create, name, resource_type, body) for name, body in bodies.items()))
    ours = f'userName sw "{mark}."'
    ask.together(*(partial(ask.filter, name, resource_type, ours, **params) for name, params in PAGES.items()))
