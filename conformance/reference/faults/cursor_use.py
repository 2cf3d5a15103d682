"""Faults of how cursors are used: refusals, the choice of paging, searches, confidentiality (RFC 9865 §2.1 to §5.2)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.cursors import Cursors
from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import declare, on_answer, set_error, wrap
from conformance.spec.errors import ScimError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.cursors import Result
    from conformance.reference.faults.registry import Plant
    from conformance.reference.messages import Request, Response
    from conformance.reference.query import Query
    from conformance.reference.tenant import ReferenceTenant

_REFUSALS = (
    # what is answered instead of which refusal
    ("unknown_cursor_is_not_found", "invalidCursor", 404, "invalidCursor", ("RFC9865-2.1-02", "RFC9865-5.2-04")),
    ("unknown_cursor_is_an_invalid_value", "invalidCursor", 400, "invalidValue", ("RFC9865-2.1-02", "RFC9865-5.2-04")),
    ("other_count_is_an_invalid_value", "invalidCount", 400, "invalidValue", ("RFC9865-2.1-04",)),
)


def _says(scim_type: str) -> Callable[[Request, Response], bool]:
    return lambda _, response: (response.document or {}).get("scimType") == scim_type


def _is_search(request: Request, response: Response) -> bool:
    return request.segments[-1] == ".search" and _says("invalidCursor")(request, response)


def _searching(request: Request) -> str | None:
    """Return the cursor in the body of a search that was understood, None where it has none."""
    found = request.json(len(request.body)).get("cursor") if request.segments[-1] == ".search" else None
    return found if isinstance(found, str) else None


def _style(choose: Callable[[Query, bool], bool]) -> Plant:
    """Choose otherwise whether a query is paged by cursor."""

    def pages_by_cursor(original: Callable[..., bool], query: Query) -> bool:
        return choose(query, original(query))

    return lambda tenant: wrap(tenant.finder, "_pages_by_cursor", pages_by_cursor)


for _name, _told, _status, _scim_type, _breaks in _REFUSALS:
    register(
        _name,
        _breaks,
        f"Where {_told} is due, the answer is {_status} with {_scim_type}.",
        partial(on_answer, change=set_error(_status, _scim_type), where=_says(_told)),
    )


@fault("RFC9865-2.1-01", "RFC9865-2.1-02", "RFC9865-5.2-04")
def unknown_cursor_starts_again(tenant: ReferenceTenant) -> None:
    """A cursor that is not known is answered with the first page."""

    def page(original: Callable[..., Any], asked: Any) -> Any:
        try:
            return original(asked)
        except ScimError as error:
            if error.scim_type != "invalidCursor":
                raise
            return original(replace(asked, query=replace(asked.query, cursor="")))

    wrap(tenant.finder, "_by_cursor", page)


@fault("RFC9865-5.2-04")
def altered_cursor_is_followed(tenant: ReferenceTenant) -> None:
    """A cursor is still followed with another first letter."""
    known: dict[str, str] = {}

    def opened(original: Callable[..., str], *given: Any) -> str:
        cursor = original(*given)
        known[cursor[1:]] = cursor
        return cursor

    def follow(original: Callable[..., Result], cursor: str, *more: Any) -> Result:
        return original(known.get(cursor[1:], cursor), *more)

    wrap(tenant.rules.cursors, "open", opened)
    wrap(tenant.rules.cursors, "follow", follow)


def _expiring(tenant: ReferenceTenant, *, stated: int, kept: int) -> None:
    declare(tenant, pagination=replace(tenant.service.pagination, cursor_timeout=stated))
    tenant.rules.cursors = Cursors(kept)


@fault("RFC9865-2.1-03")
def expired_cursor_is_gone(tenant: ReferenceTenant) -> None:
    """A cursor that has expired, after a second, gets 410."""
    _expiring(tenant, stated=1, kept=1)
    on_answer(tenant, set_error(410, "expiredCursor"), where=_says("expiredCursor"))


@fault("RFC9865-4-08")
def cursors_expire_too_early(tenant: ReferenceTenant) -> None:
    """A cursor expires after one second, though cursorTimeout says two."""
    _expiring(tenant, stated=2, kept=1)


@fault("RFC9865-2.3-02")
def cursor_unasked_is_of_no_use(tenant: ReferenceTenant) -> None:
    """A tenant that pages by cursor by default gives out a nextCursor unasked that it does not know."""
    declare(tenant, pagination=replace(tenant.service.pagination, default_method="cursor"))

    def change(_: Request, response: Response) -> None:
        document = response.document or {}
        if "nextCursor" in document:
            document["nextCursor"] = "from-nowhere"

    on_answer(tenant, change, method="GET", status=200, where=lambda request, _: "cursor" not in request.parameters)


@fault("RFC9865-2.4-01")
def default_paging_changes(tenant: ReferenceTenant) -> None:
    """A query for two resources that asks for no style is paged by index and by cursor in turn."""
    turns = itertools.cycle([False, True])

    def choose(query: Query, chosen: bool) -> bool:
        free = query.cursor is None and query.start_index is None and query.count == 2  # noqa: PLR2004
        return next(turns) if free else chosen

    _style(choose)(tenant)


register(
    "start_index_4_selects_cursors",
    ("RFC9865-2.4-02",),
    "A startIndex of 4 is ignored, and the list paged by cursor.",
    _style(lambda query, chosen: chosen or query.start_index == 4),  # noqa: PLR2004
)


@fault("RFC9865-2.4-03")
def bare_cursor_is_none(tenant: ReferenceTenant) -> None:
    """A query with "cursor" rather than "cursor=" is paged by index."""

    def query(original: Callable[..., Response], resource_type: Any, request: Request) -> Response:
        kept = b"&".join(part for part in request.query.split(b"&") if part != b"cursor")
        return original(resource_type, replace(request, query=kept))

    wrap(tenant.finder, "query", query)


@fault("RFC9865-2.4-05")
def both_styles_break_down(tenant: ReferenceTenant) -> None:
    """A query with both cursor and startIndex gets 500."""
    on_answer(tenant, set_error(500), where=lambda request, _: {"cursor", "startIndex"} <= request.parameters.keys())


@fault("RFC9865-3-01")
def search_refuses_an_empty_cursor(tenant: ReferenceTenant) -> None:
    """A search with an empty cursor is refused."""
    refuse = set_error(400, "invalidCursor")
    on_answer(tenant, refuse, method="POST", status=200, where=lambda request, _: _searching(request) == "")


@fault("RFC9865-3-02")
def search_knows_no_cursors(tenant: ReferenceTenant) -> None:
    """A search with any cursor but an empty one is refused."""
    refuse = set_error(400, "invalidCursor")
    on_answer(tenant, refuse, method="POST", status=200, where=lambda request, _: bool(_searching(request)))


@fault("RFC9865-3-03")
def search_names_no_wrong_cursor(tenant: ReferenceTenant) -> None:
    """A search with an unknown cursor is refused with invalidValue, though a query is with invalidCursor."""
    on_answer(tenant, set_error(400, "invalidValue"), where=_is_search)


@fault("RFC9865-5.2-02")
def cursor_passes_for_a_credential(tenant: ReferenceTenant) -> None:
    """A query with a cursor is answered without credentials."""

    def authenticate(original: Callable[..., None], request: Request) -> None:
        if not request.parameters.get("cursor") or "authorization" in request.headers:
            original(request)

    wrap(tenant.rules, "authenticate", authenticate)


@fault("RFC9865-5.2-05")
def refused_cursor_tells_of_users(tenant: ReferenceTenant) -> None:
    """The refusal of a cursor names the users of the tenant."""

    def change(_: Request, response: Response) -> None:
        names = [record.attributes["userName"] for record in tenant.store.all("User")]
        (response.document or {})["detail"] = f"The cursor belongs to none of {', '.join(names)}"

    on_answer(tenant, change, where=_says("invalidCursor"))
