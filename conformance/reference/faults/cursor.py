"""Faults of paging by cursor: the pages and what leads from one to the next (RFC 9865 §2)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_answer, set_error, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.cursors import Result
    from conformance.reference.faults.registry import Plant
    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

    Document = dict[str, Any]

_PAGING = ("RFC9865-2-08", "RFC9865-2-16")


def by_cursor(request: Request, response: Response) -> bool:
    """Whether an answer lists users and is paged by cursor."""
    return "Users" in request.segments and "Resources" in (response.document or {}) and not _index(response)


def _index(response: Response) -> bool:
    return "startIndex" in (response.document or {})


def _on_page(change: Callable[[Document], object]) -> Plant:
    """Change the pages of lists that more than one resource matches, as they are shown."""

    def changed(_: Request, response: Response) -> None:
        document = response.document or {}
        if document["totalResults"] > 2:  # noqa: PLR2004 - not the lists by which others look at cursors
            change(document)

    return lambda tenant: on_answer(tenant, changed, where=by_cursor)


def _counting(change: Callable[[int | None], int | None]) -> Plant:
    """Take another count than the one that was given with a cursor."""

    def page(original: Callable[..., Any], asked: Any) -> Any:
        return original(replace(asked, query=replace(asked.query, count=change(asked.query.count))))

    return lambda tenant: wrap(tenant.finder, "_by_cursor", page)


def _refusing(where: Callable[[Request], bool], *, status: int = 400, scim_type: str = "invalidCursor") -> Plant:
    return lambda tenant: on_answer(tenant, set_error(status, scim_type), where=lambda request, _: where(request))


def _drop(document: Document, key: str, *, first: bool) -> None:
    if ("previousCursor" in document) != first:
        document.pop(key, None)


def _is_last(document: Document) -> bool:
    return "previousCursor" in document and "nextCursor" not in document


def _plain(request: Request) -> bool:
    return request.parameters.keys() == {"filter", "count"} and request.parameters["count"] == "2"


def _bare(request: Request) -> bool:
    return b"cursor" in request.query.split(b"&")


for _name, _breaks, _description, _plant in (
    (
        "bare_cursor_is_refused",
        ("RFC9865-2-01",),
        'A query with "cursor" rather than "cursor=" is refused.',
        _refusing(_bare),
    ),
    (
        "page_by_cursor_exceeds_count",
        ("RFC9865-2-03",),
        "A page by cursor holds one resource more than count.",
        _counting(lambda count: count + 1 if count and count > 1 else count),
    ),
    (
        "negative_count_with_cursor_is_refused",
        ("RFC9865-2-05",),
        "A negative count with a cursor is refused.",
        _refusing(lambda q: q.parameters.get("count") == "-1" and "cursor" in q.parameters, scim_type="invalidCount"),
    ),
    (
        "negative_count_with_cursor_is_none",
        ("RFC9865-2-05",),
        "A negative count with a cursor is taken for none.",
        _counting(lambda count: None if count and count < 0 else count),
    ),
    (
        "count_0_with_cursor_is_none",
        ("RFC9865-2-06",),
        "A count of 0 with a cursor is taken for none.",
        _counting(lambda count: None if count == 0 else count),
    ),
    (
        "cursor_demands_a_count",
        ("RFC9865-2-07",),
        "A cursor without count is refused.",
        _refusing(
            lambda q: "cursor" in q.parameters and "count" not in q.parameters,
            scim_type="invalidCount",
        ),
    ),
    (
        "later_pages_lead_nowhere",
        _PAGING,
        "Only the first page has nextCursor, even if there are more than two.",
        _on_page(lambda document: _drop(document, "nextCursor", first=False)),
    ),
    (
        "last_page_has_an_empty_cursor",
        ("RFC9865-2-09",),
        "The last page has nextCursor, empty.",
        _on_page(lambda document: document.update(nextCursor="") if _is_last(document) else None),
    ),
    (
        "first_page_has_a_previous_cursor",
        ("RFC9865-2-12",),
        "The first page has a previousCursor.",
        _on_page(lambda document: document.setdefault("previousCursor", "the-beginning")),
    ),
    (
        "previous_cursor_leads_on",
        ("RFC9865-2-13",),
        "The previousCursor of a page is its nextCursor.",
        _on_page(
            lambda document: (
                document.update(previousCursor=document["nextCursor"])
                if {"previousCursor", "nextCursor"} <= document.keys()
                else None
            )
        ),
    ),
    (
        "page_by_cursor_has_no_items_per_page",
        ("RFC9865-2-19",),
        "A page by cursor has no itemsPerPage.",
        _on_page(lambda document: document.pop("itemsPerPage")),
    ),
    (
        "page_by_cursor_has_no_schemas",
        ("RFC9865-2-19",),
        "A page by cursor has another schema than a ListResponse.",
        _on_page(lambda document: document.update(schemas=["urn:example:Page"])),
    ),
    (
        "total_by_cursor_counts_the_page",
        ("RFC9865-2-20",),
        "The totalResults of a page by cursor is the number of resources on it.",
        _on_page(
            lambda document: document.update(totalResults=len(document["Resources"])) if document["Resources"] else None
        ),
    ),
):
    register(_name, _breaks, _description, _plant)


@fault("RFC9865-2-02", "RFC7644-3.4.2.4-02")
def query_without_paging_gets_no_first_page(tenant: ReferenceTenant) -> None:
    """A filter with count, yet neither cursor nor startIndex, finds nobody."""

    def change(_: Request, response: Response) -> None:
        document = response.document or {}
        document["Resources"], document["itemsPerPage"] = [], 0

    on_answer(tenant, change, where=lambda request, response: _index(response) and _plain(request))


def _leading_on(offset: Callable[[Result], int]) -> Plant:
    """Let the last page of several lead on to a place in the result."""

    def plant(tenant: ReferenceTenant) -> None:
        cursors = tenant.rules.cursors

        def page(original: Callable[..., Any], asked: Any) -> Any:
            document, records = original(asked)
            if _is_last(document) and records:
                result = cursors.follow(asked.query.cursor, asked.identity, asked.query.count)
                document["nextCursor"] = cursors.open(result, offset(result))
            return document, records

        wrap(tenant.finder, "_by_cursor", page)

    return plant


register(
    "cursors_run_in_a_circle",
    ("RFC9865-2-09", "RFC9865-2-16"),
    "The last page of several leads on to the first.",
    _leading_on(lambda _: 0),
)
register(
    "last_page_leads_to_an_empty_one",
    ("RFC9865-2-09",),
    "The last page of several leads on to an empty one.",
    _leading_on(lambda result: len(result.ids)),
)


@fault("RFC9865-2-10")
def single_page_leads_on(tenant: ReferenceTenant) -> None:
    """A result that fits on one page has a nextCursor all the same."""

    def change(_: Request, response: Response) -> None:
        document = response.document or {}
        if len(document["Resources"]) == document["totalResults"] == 1:
            document["nextCursor"] = "the-end"

    on_answer(tenant, change, where=by_cursor)


@fault("RFC9865-2-14")
def cursors_are_plain_base64(tenant: ReferenceTenant) -> None:
    """A cursor ends in padding, which a query string may not carry as it stands."""
    cursors = tenant.rules.cursors

    def follow(original: Callable[..., Result], cursor: str, *more: Any) -> Result:
        return original(cursor.removesuffix("=="), *more)

    wrap(cursors, "open", lambda original, *given: original(*given) + "==")
    wrap(cursors, "follow", follow)


@fault("RFC9865-2-15")
def cursors_are_numbers(tenant: ReferenceTenant) -> None:
    """A cursor is a number rather than a text."""
    numbers, known = itertools.count(7_000_000_000, 13), dict[str, str]()

    def number(document: Document) -> None:
        for key in {"nextCursor", "previousCursor"} & document.keys():
            digits = next(numbers)
            known[str(digits)] = document[key]
            document[key] = digits

    def follow(original: Callable[..., Result], cursor: str, *more: Any) -> Result:
        return original(known.get(cursor, cursor), *more)

    wrap(tenant.rules.cursors, "follow", follow)
    _on_page(number)(tenant)


@fault("RFC9865-2-16")
def pages_by_cursor_overlap(tenant: ReferenceTenant) -> None:
    """Each page begins with the resource that ended the page before."""

    def opened(original: Callable[..., str], result: Result, offset: int) -> str:
        return original(result, offset - 1 if offset > result.offset else max(0, result.offset - 1))

    wrap(tenant.rules.cursors, "open", opened)


@fault("RFC9865-2-17")
def last_page_forgets_the_filter(tenant: ReferenceTenant) -> None:
    """A last page that is not full is filled up with a user who does not match the filter."""

    def page(original: Callable[..., Any], asked: Any) -> Any:
        document, records = original(asked)
        if asked.query.cursor and len(records) < (asked.query.count or 0):
            records = [*records, tenant.store.all("User")[0]]
        return document, records

    wrap(tenant.finder, "_by_cursor", page)


@fault("RFC9865-2-18")
def cursors_of_other_queries_break_down(tenant: ReferenceTenant) -> None:
    """A cursor that is sent with another filter gets 500."""

    def where(request: Request, response: Response) -> bool:
        refused = (response.document or {}).get("scimType") == "invalidCursor"
        return refused and " eq " in request.parameters.get("filter", "")

    on_answer(tenant, set_error(500), status=400, where=where)


@fault("RFC9865-2.2-01")
def each_page_is_sorted_by_itself(tenant: ReferenceTenant) -> None:
    """With sortBy, each page by cursor is in order, yet all of them together are not."""

    def page(original: Callable[..., Any], asked: Any) -> Any:
        turned = replace(asked.query, ascending=not asked.query.ascending)
        document, records = original(replace(asked, query=turned))
        return document, records[::-1]

    wrap(tenant.finder, "_by_cursor", page)
