"""Faults of paging by index (RFC 7644 §3.4.2.4)."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_answer, on_discovery, set_error, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.pagination import Window

    Paged = Callable[[dict[str, str], dict[str, Any]], object]

_PAGES = "RFC7644-3.4.2.4-"


def _is_list(request: Request, response: Response) -> bool:
    """Whether an answer lists users or groups and is paged by index."""
    return request.segments[-1] in {"Users", "Groups"} and "startIndex" in (response.document or {})


def _partial(document: dict[str, Any]) -> bool:
    return 0 < len(document["Resources"]) < int(document["totalResults"])


def _on_page(change: Paged) -> Plant:
    """Change a ListResponse in place, given the parameters of the query."""

    def changed(request: Request, response: Response) -> None:
        change(request.parameters, response.document or {})

    return lambda tenant: on_answer(tenant, changed, where=_is_list)


def _refusing(name: str, *values: str, status: int = 400) -> Plant:
    def where(request: Request, _: Response) -> bool:
        return request.parameters.get(name) in values

    return lambda tenant: on_answer(tenant, set_error(status), where=where)


def _windows(change: Callable[[int | None, int | None], tuple[int | None, int | None]]) -> Plant:
    """Take other values for the startIndex and count that were given."""

    def window(original: Callable[..., Window], total: int, start_index: int | None, count: int | None) -> Window:
        shown = original(total, *change(start_index, count))
        return replace(shown, start_index=original(total, start_index, count).start_index)

    return lambda tenant: wrap(tenant.rules, "window", window)


def _without(name: str) -> Paged:
    return lambda _, document: document.pop(name) if _partial(document) else None


def _start_at_0(given: dict[str, str], document: dict[str, Any]) -> None:
    if "startIndex" not in given and "count" in given:
        document["startIndex"] = 0


def _page_size(given: dict[str, str], document: dict[str, Any]) -> None:
    if "count" in given and document["Resources"]:
        document["itemsPerPage"] = int(given["count"])


def _default_page_size(given: dict[str, str], document: dict[str, Any]) -> None:
    if "count" not in given:
        document["itemsPerPage"] = 100


def _rest(_: dict[str, str], document: dict[str, Any]) -> None:
    if document["Resources"]:
        document["totalResults"] -= document["startIndex"] - 1


def _first(given: dict[str, str], document: dict[str, Any]) -> None:
    if int(given.get("count", 0)) > 1 and document["Resources"]:
        document["startIndex"] = 1


for _name, _breaks, _description, _plant in (
    (
        "list_has_no_start_index",
        "RFC7644-3.4.2-12",
        "A list that holds a part of the matches has no startIndex.",
        _on_page(_without("startIndex")),
    ),
    (
        "list_has_no_items_per_page",
        "RFC7644-3.4.2-13",
        "A list that holds a part of the matches has no itemsPerPage.",
        _on_page(_without("itemsPerPage")),
    ),
    (
        "start_index_counts_from_0",
        "01 RFC7644-3.4.3-13",
        "Where there is no count, startIndex counts from 0.",
        _windows(lambda start, count: (start + 1 if start and count is None else start, count)),
    ),
    ("start_index_is_0_by_default", "02", "Without startIndex, a page says startIndex 0.", _on_page(_start_at_0)),
    ("start_index_0_is_refused", "03", "A startIndex of 0 is refused.", _refusing("startIndex", "0")),
    ("negative_start_index_is_refused", "04", "A negative startIndex is refused.", _refusing("startIndex", "-3")),
    (
        "count_is_exceeded",
        "05",
        "A page of several resources holds one more than count.",
        _windows(lambda start, count: (start, count + 1 if count and count > 1 else count)),
    ),
    ("negative_count_is_refused", "07 RFC9865-2-05", "A negative count is refused.", _refusing("count", "-1")),
    (
        "count_0_is_no_count",
        "08 RFC7644-3.4.3-15",
        "A count of 0 is taken for none.",
        _windows(lambda start, count: (start, None if count == 0 else count)),
    ),
    (
        "items_per_page_is_the_default",
        "09",
        "Without count, itemsPerPage is the size of a full page.",
        _on_page(_default_page_size),
    ),
    ("items_per_page_is_count", "10", "The itemsPerPage repeats count, even on a short page.", _on_page(_page_size)),
    (
        "items_per_page_is_text",
        "11",
        "The itemsPerPage is a text.",
        _on_page(lambda _, document: document.update(itemsPerPage=str(document["itemsPerPage"]))),
    ),
    ("total_counts_the_rest", "12 17", "The totalResults counts from startIndex on.", _on_page(_rest)),
    ("start_index_is_always_1", "13", "The startIndex of any page of several resources is 1.", _on_page(_first)),
    (
        "pages_skip_one",
        "14 17 RFC7644-3.4.2.3-18",
        "Every page of several resources but the first leaves one resource out.",
        _windows(lambda start, count: (start + 1 if start and start > 1 and (count or 0) > 1 else start, count)),
    ),
    (
        "past_the_end_is_the_start",
        "15",
        "A page past the last match is the first page again.",
        _windows(lambda start, count: (1 if start == 100 else start, count)),  # noqa: PLR2004
    ),
    (
        "words_for_start_index_break_down",
        "16",
        "A word as startIndex gets 500.",
        _refusing("startIndex", "abc", status=500),
    ),
    ("words_for_count_break_down", "16", "A word as count gets 500.", _refusing("count", "abc", status=500)),
):
    _ids = (number if number.startswith("RFC") else _PAGES + number for number in _breaks.split())
    register(_name, tuple(_ids), _description, _plant)


@fault("RFC7644-3.4.2.4-17", "RFC7644-3.4.2-09", "RFC7644-3.4.2.1-03")
def total_ignores_the_filter(tenant: ReferenceTenant) -> None:
    """The totalResults of a page of a filtered list counts all users or groups."""

    def change(request: Request, response: Response) -> None:
        document = response.document or {}
        if "filter" in request.parameters and _partial(document):
            document["totalResults"] = len(tenant.store.all(request.segments[-1].removesuffix("s")))

    on_answer(tenant, change, where=_is_list)


@fault("RFC7644-3.4.2.4-18")
def pages_come_in_any_order(tenant: ReferenceTenant) -> None:
    """A page of an unsorted list comes in another order every second time."""
    turns = itertools.cycle([False, True])

    def change(request: Request, response: Response) -> None:
        if "sortBy" not in request.parameters and request.parameters.get("startIndex") == "1" and next(turns):
            (response.document or {})["Resources"].reverse()

    on_answer(tenant, change, where=_is_list)


@fault("RFC7643-5-32")
def maximum_is_not_kept(tenant: ReferenceTenant) -> None:
    """A list holds more than the declared filter.maxResults."""
    on_discovery(tenant, "config", lambda document: document["filter"].update(maxResults=3))
