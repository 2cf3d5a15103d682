"""``/Me``, the alias of whoever the credentials belong to (RFC 7644 §3.11).

That may be an administrator's own account: nothing here sends more than GET, and the client lets nothing else through.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from conformance.probes.registry import probe
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.tenant.exchange import Exchange

ALIAS = "/Me"


@probe(safe=True)
def me(ask: Ask) -> None:
    """Ask who the credentials belong to, with and without them, and read the resource that the answer names."""
    answer = ask.get("asked", ALIAS)
    ask.get("anonymous", ALIAS, authenticated=False)
    named = {"located": ask.path_of(answer.header("location")), "meta_located": ask.path_of(meta_location(answer))}
    if named["meta_located"] == named["located"]:
        del named["meta_located"]
    ask.together(*(partial(ask.get, name, path) for name, path in named.items() if path and not is_alias(path)))


@probe
def me_beside_others(ask: Ask) -> None:
    """Ask who the credentials belong to before and after another user is created."""
    user_type = ask.service.resource_type("User")
    if user_type is None or not ask.get("before", ALIAS).ok:
        return
    ask.create("created", user_type)
    ask.get("after", ALIAS)


def redirects(exchange: Exchange) -> bool:
    """Whether an answer sends the client elsewhere."""
    return exchange.response is not None and exchange.status // 100 == HTTPStatus.MULTIPLE_CHOICES // 100


def meta_location(exchange: Exchange) -> str | None:
    """Return meta.location of the resource in an answer; None where there is none."""
    location = lookup(exchange.shown, "meta.location")
    return location if isinstance(location, str) else None


def is_alias(location: str) -> bool:
    """Whether a location or path is that of the alias and not of a resource."""
    return location.partition("?")[0].rstrip("/").lower().endswith(ALIAS.lower())
