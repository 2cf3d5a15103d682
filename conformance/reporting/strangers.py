"""Whose resources answers show: those of the suite's own made-up people, and those of strangers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from conformance.spec.paths import lookup
from conformance.tenant.created import MARKING
from conformance.tenant.exchange import Exchange, Unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The tag of any run: what carries it was made up, here or by an earlier run.
TAG = re.compile(r"conf-[0-9a-f]{8}", re.IGNORECASE)
_ABOUT_ITSELF = {"serviceproviderconfig", "resourcetypes", "schemas"}
Place = tuple[str, str]


def answer(exchange: Exchange) -> Any:
    """Return what the tenant answered as JSON; None where it is none, or tells of the tenant itself (RFC 7644 §4)."""
    try:
        return None if about_itself(exchange) else exchange.json
    except Unusable:
        return None


def about_itself(exchange: Exchange) -> bool:
    """Whether a request was about the tenant and not about anybody in it."""
    return bool(_ABOUT_ITSELF.intersection(urlsplit(exchange.request.url).path.lower().split("/")))


def shown(exchange: Exchange, document: Any) -> Iterator[dict[str, Any]]:
    """Yield the resources in an answer, be it a list, the results of a bulk job, or one of them."""
    if isinstance(document, list):
        yield from (each for each in document if isinstance(each, dict))
    elif isinstance(document, dict):
        listed = lookup(document, "Resources")
        done = lookup(document, "Operations")
        if isinstance(listed, list):
            yield from (each for each in listed if isinstance(each, dict))
        elif isinstance(done, list):
            found = (lookup(each, "response") for each in done)
            yield from (each for each in found if isinstance(each, dict) and "detail" not in each)
        elif exchange.ok and listed is None and "totalResults" not in document:
            yield document


def place(url: object) -> Place:
    """Return the collection and the id that a URL ends in."""
    head, _, last = str(url).partition("?")[0].rpartition("/")
    return head.rpartition("/")[2].casefold(), unquote(last)


class Ours:
    """Knows the resources that runs of the suite made, by collection and id."""

    def __init__(self) -> None:
        self._places: set[Place] = set()
        self.ids: set[str] = set()

    def learn(self, exchange: Exchange, document: Any) -> None:
        """Take in whatever an exchange shows to be ours: it is tagged, or answers a create that was."""
        made = exchange.ok and exchange.request.method == "POST" and bool(TAG.search(exchange.request.body or ""))
        for resource in shown(exchange, document):
            named = any(isinstance(resource.get(name), str) for name in MARKING)
            if _tagged(resource) or (made and not named and "id" in resource):
                self._add(_place(resource, exchange))
        if made and document is None:
            self._add(place(exchange.header("location")))

    def has(self, resource: Mapping[str, Any], exchange: Exchange) -> bool:
        """Whether a resource in an answer is ours."""
        return _tagged(resource) or _place(resource, exchange) in self._places

    def leads(self, reference: object) -> bool:
        """Whether a ``$ref`` or location leads to a resource of ours."""
        return place(reference) in self._places

    def _add(self, found: Place) -> None:
        self._places.add(found)
        self.ids.add(found[1].casefold())


def _tagged(resource: Mapping[str, Any]) -> bool:
    """Whether an attribute of its own carries the tag; those of others, such as members, say nothing about it."""
    return any(isinstance(value, str) and TAG.search(value) for value in resource.values())


def _place(resource: Mapping[str, Any], exchange: Exchange) -> Place:
    stated, identifier = place(lookup(resource, "meta.location")), str(resource.get("id"))
    if stated[1] == identifier:
        return stated
    path = urlsplit(exchange.request.url).path.removesuffix("/.search")
    return place(path if place(path)[1] == identifier else f"{path}/{identifier}")
