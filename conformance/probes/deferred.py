"""Writes whose answer may come before their outcome: Prefer: respond-async (RFC 9967 §2.5.1.1)."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from conformance.probes import choose
from conformance.probes.registry import probe
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

WAIT = 5
_ASYNC = {"Prefer": "respond-async"}
_WAITING = {"Prefer": f"respond-async, wait={WAIT}"}
_ANY_ACCEPT = {**_ASYNC, "Accept": "image/png"}
# How often, and after how many seconds each time, to look for an outcome that has not come yet.
_LOOKS = 4
_PAUSE = 0.5


@probe
def deferred(ask: Ask, resource_type: ResourceType) -> None:
    """Write in each way, and each time look for the outcome: the last exchange named ``after <write> …``."""
    ask.together(
        partial(_create, ask, resource_type),
        partial(_change, ask, resource_type),
        partial(_delete, ask, resource_type),
    )


def _create(ask: Ask, resource_type: ResourceType) -> None:
    body = choose.named(ask, resource_type)
    naming = choose.naming(resource_type)
    created = ask.try_create("create", resource_type, body, headers=_ASYNC)
    if naming is None or not created.ok or ask.service.supports("filter") is False:
        return
    own = body[naming.name].lower()

    def read(name: str) -> None:
        # What a create brings about later has to be removed, too, and only a query can tell where it is.
        ask.adopt(name, resource_type, naming.name)

    def listed(page: Exchange) -> bool:
        return page.ok and any(str(lookup(r, naming.name)).lower() == own for r in page.resources)

    _look(ask, "create", read, listed)


def _change(ask: Ask, resource_type: ResourceType) -> None:
    made, text = ask.create("changed", resource_type, choose.named(ask, resource_type)), choose.text(resource_type).name
    read = partial(ask.get, path=made.path)

    def holds(value: str) -> Callable[[Exchange], bool]:
        return lambda page: page.ok and lookup(page.resource, text) == value

    value = ask.sample.unique()
    if ask.replace("replace", made.path, made.sent | {text: value}, headers=_ASYNC).ok:
        _look(ask, "replace", read, holds(value))
    if ask.service.supports("patch") is not False:
        value = ask.sample.unique()
        operation = {"op": "replace", "path": text, "value": value}
        if ask.patch("patch", made.path, operation, headers=_ASYNC).ok:
            _look(ask, "patch", read, holds(value))
    ask.replace("waiting", made.path, made.sent, headers=_WAITING)
    ask.replace("any accept", made.path, made.sent, headers=_ANY_ACCEPT)


def _delete(ask: Ask, resource_type: ResourceType) -> None:
    made = ask.create("deleted", resource_type, choose.named(ask, resource_type))
    # Not through ask.delete: whether it succeeds shows later, and the clean-up is told so by a 404.
    if ask.send("delete", "DELETE", made.path, headers=_ASYNC).ok:
        _look(ask, "delete", partial(ask.get, path=made.path), lambda page: not page.ok)


def _look(ask: Ask, write: str, read: Callable[[str], object], has_come: Callable[[Exchange], bool]) -> None:
    """Read until the outcome of a write has come, or it is time to give up."""
    for number in range(1, _LOOKS + 1):
        name = f"after {write} {number}"
        read(name)
        if has_come(ask.evidence[name]):
            return
        time.sleep(_PAUSE)
