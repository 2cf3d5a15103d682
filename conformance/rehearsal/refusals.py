"""Why a step did not succeed and what comes of it, in the words of whoever administers the client."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.rehearsal.service import Link
    from conformance.tenant.exchange import Exchange

_CONFLICT = "a create is refused as a conflict (409), yet the query by which the client matches finds nobody"
_DUPLICATE = "a second resource is created, as the query by which the client matches does not find the first"
_QUERIES = {
    401: "the tenant refuses the credentials (401); check the Secret Token",
    403: "the tenant refuses access (403); check what the Secret Token is allowed to do",
    406: "the tenant refuses a request that names no SCIM media type in Accept (406)",
    501: "the tenant does not offer filters (501); without them no existing account can be found",
}
_STALE = "what changed in the directory does not reach the tenant"
_MISSING = "who joins the group does not get what it grants"
_CONSEQUENCES = {
    "create user": "the person gets no account",
    "create group": "the group and all its memberships will be missing",
    "update user": _STALE,
    "replace user": _STALE,
    "update group": _STALE,
    "rename group": _STALE,
    "disable user": "people who leave keep their access",
    "deactivate user": "people who leave keep their access",
    "activate user": "people who come back stay locked out",
    "delete user": "accounts of people who are gone for good stay",
    "delete group": "groups that are gone stay",
    "set manager": "nobody will have a manager in the tenant",
    "clear manager": "the tenant keeps the former manager",
    "add members": _MISSING,
    "push members": _MISSING,
    "remove members": "who leaves the group keeps what it grants",
    "change members": "the group keeps its former members",
    "replace group": "the group keeps its former name and members",
}
# Answers that would be the same whatever was peculiar about the request.
_REGARDLESS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}


def answer(exchange: Exchange) -> str:
    """Return in a few words what came: ``400 invalidPath``, or ``no answer (…)``."""
    if exchange.response is None:
        return f"no answer ({exchange.error})"
    try:
        keyword = exchange.resource.get("scimType")
    except Unusable:
        keyword = None
    return f"{exchange.status} {keyword}" if isinstance(keyword, str) else str(exchange.status)


def fate(exchange: Exchange, how: str) -> str:
    """Return what became of a request: ``is refused with 400 invalidPath``, or ``is not answered (…)``."""
    return f"{how} {answer(exchange)}" if exchange.response else f"is not answered ({exchange.error})"


def refused(exchange: Exchange, peculiar: str = "") -> str:
    """Return why a write failed, what comes of it, and what was peculiar about it where that may be the reason."""
    cause = f"the {exchange.request.method} to {exchange.name} {fate(exchange, 'is refused with')}"
    consequence = _CONSEQUENCES.get(exchange.name)
    return _with(f"{cause}: {consequence}" if consequence else cause, peculiar, exchange)


def unlisted(exchange: Exchange, peculiar: str = "") -> str:
    """Return why a query failed, and what was peculiar about it where that may be the reason."""
    usual = f"the GET for {exchange.name} {fate(exchange, 'is answered with')}"
    return _with(_QUERIES.get(exchange.response.status, usual) if exchange.response else usual, peculiar, exchange)


def conflict(body: Mapping[str, object], before: Link | None) -> str:
    """Return why a create met what is there already; ``before`` is the link that the client had, if it had one."""
    return _CONFLICT + _unfound(body, before)


def duplicate(body: Mapping[str, object], before: Link) -> str:
    """Return why a create made a second resource of one that the client had a link to."""
    return _DUPLICATE + _unfound(body, before)


def _unfound(body: Mapping[str, object], before: Link | None) -> str:
    if before is None or before.gone:
        return ""
    names = [(body.get(name), before.flowed.get(name)) for name in ("userName", "displayName")]
    if any(new != old and str(new).casefold() == str(old).casefold() for new, old in names):
        return ": it was asked for with other capital letters, which a query must not mind"
    if before.flowed.get("active") is False:
        return ": the user is there, but disabled, and queries must find disabled users, too"
    return ""


def _with(cause: str, peculiar: str, exchange: Exchange) -> str:
    status = exchange.response.status if exchange.response else 0
    telling = status and status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _REGARDLESS
    return f"{cause}; {peculiar}" if peculiar and telling else cause
