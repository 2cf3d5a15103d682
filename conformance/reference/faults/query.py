"""Faults of lists and of queries at the root (RFC 7644 §3.4.2, §3.4.2.1)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import in_lists, on_answer, set_error, set_status, single, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

_ROOT = 2


def _list(request: Request, response: Response) -> bool:
    """Whether an answer lists users or groups."""
    return request.segments[-1] in {"Users", "Groups"} and "Resources" in (response.document or {})


def _everything(request: Request, response: Response) -> bool:
    """Whether an answer lists an endpoint without a filter."""
    return _list(request, response) and "filter" not in request.parameters


def _nothing(request: Request, response: Response) -> bool:
    """Whether an answer is a list of nobody, since nobody matches a filter."""
    return _list(request, response) and not (response.document or {})["totalResults"]


def _on_list(
    tenant: ReferenceTenant,
    change: Callable[[dict[str, Any]], object],
    where: Callable[[Request, Response], bool] = _list,
) -> None:
    """Change ListResponses in place."""

    def changed(_: Request, response: Response) -> None:
        change(response.document or {})

    on_answer(tenant, changed, where=where)


@fault("RFC7644-3.4.2-02")
def list_answers_206(tenant: ReferenceTenant) -> None:
    """A query without a filter answers 206 instead of 200."""
    on_answer(tenant, set_status(206), where=_everything)


@fault("RFC7644-3.4.2-06", "RFC7644-3.1-04", "RFC9865-2-19")
def list_is_of_scim_1(tenant: ReferenceTenant) -> None:
    """A list names the schema of SCIM 1.1."""
    _on_list(tenant, lambda document: document.update(schemas=["urn:scim:schemas:core:1.0"]))


@fault("RFC7644-3.4.2-07")
def list_has_no_total(tenant: ReferenceTenant) -> None:
    """A list that no filter narrows has no totalResults."""
    _on_list(tenant, lambda document: document.pop("totalResults"), _everything)


@fault("RFC7644-3.4.2-08")
def total_is_text(tenant: ReferenceTenant) -> None:
    """The totalResults of a list that no filter narrows is a text."""
    _on_list(tenant, lambda document: document.update(totalResults=str(document["totalResults"])), _everything)


for _name, _status, _keyword, _breaks in (
    ("long_lists_are_refused_without_a_keyword", 400, None, "RFC7644-3.4.2.1-04"),
    ("too_many_is_no_bad_request", 413, "tooMany", "RFC7644-3.12-28"),
):
    register(
        _name,
        (_breaks, "RFC7644-3.4.2-02"),
        f"A list of all resources gets {_status} with the keyword {_keyword}.",
        partial(on_answer, change=set_error(_status, _keyword), where=lambda q, _: q.parameters.keys() == {"count"}),
    )


@fault("RFC7644-3.4.2-09", "RFC7644-3.4.2.1-03", "RFC7644-3.4.2.4-12", "RFC7644-3.4.2.4-17", "RFC9865-2-20")
def total_counts_the_page(tenant: ReferenceTenant) -> None:
    """The totalResults counts the resources on the page where there are any."""
    _on_list(
        tenant, lambda document: document.update(totalResults=document["itemsPerPage"] or document["totalResults"])
    )


@fault("RFC7644-3.4.2-10")
def resources_under_another_name(tenant: ReferenceTenant) -> None:
    """The resources of a list that no filter narrows stand in items, not in Resources."""
    _on_list(tenant, lambda document: document.update(items=document.pop("Resources")), _everything)


@fault("RFC7644-3.4.2-11")
def list_has_a_preface(tenant: ReferenceTenant) -> None:
    """The first item of a list that no filter narrows is no resource."""
    _on_list(tenant, lambda document: document["Resources"].insert(0, {"about": "everybody"}), _everything)


@fault("RFC7644-3.4.2-14")
def nothing_is_404(tenant: ReferenceTenant) -> None:
    """A query for a value that nobody has answers 404."""
    on_answer(tenant, set_error(404), where=lambda q, r: _nothing(q, r) and _by_value(q.parameters.get("filter", "")))


def _by_value(text: str) -> bool:
    return re.fullmatch(r'\w+ eq "[^"]*"', text) is not None


@fault("RFC7644-3.4.2-15", "RFC7644-3.6-05")
def nothing_counts_1(tenant: ReferenceTenant) -> None:
    """A query whose filter matches nothing has totalResults 1."""
    _on_list(tenant, lambda document: document.update(totalResults=1), _nothing)


@fault("RFC7644-3.4.2-16")
def list_is_stale(tenant: ReferenceTenant) -> None:
    """A list that no filter narrows lacks the newest resources."""

    def change(document: dict[str, Any]) -> None:
        kept = document["Resources"][:-2]
        document.update(Resources=kept, totalResults=len(kept), itemsPerPage=len(kept))

    _on_list(tenant, change, _everything)


@fault("RFC7644-3.4.2-17", "RFC7644-3.14-03")
def lists_show_less(tenant: ReferenceTenant) -> None:
    """Resources in lists have no meta.version."""
    in_lists(tenant, lambda resource: resource.get("meta", {}).pop("version", None))


@fault("RFC7644-3.4.2-18")
def lists_mix_types(tenant: ReferenceTenant) -> None:
    """A list of groups that no filter narrows also holds a user."""

    def change(request: Request, response: Response) -> None:
        user = tenant.rules.represent(tenant.store.all("User")[0], request.base)
        (response.document or {})["Resources"].append(user)

    on_answer(tenant, change, where=lambda q, r: _everything(q, r) and q.segments[-1] == "Groups")


@fault("RFC7644-3.4.2-19", "RFC7644-3.4.2.2-04")
def pages_of_one_repeat(tenant: ReferenceTenant) -> None:
    """The second page of one resource is the first again."""

    def window(original: Callable[..., Any], total: int, start_index: int | None, count: int | None) -> Any:
        first = original(total, 1, count)
        return replace(first, start_index=2) if (start_index, count) == (2, 1) else original(total, start_index, count)

    wrap(tenant.rules, "window", window)


@fault("RFC7644-3.4.2-04")
def unknown_parameter_is_refused(tenant: ReferenceTenant) -> None:
    """A query with a parameter that does not exist is refused."""
    on_answer(tenant, set_error(400, "invalidValue"), where=lambda q, r: _list(q, r) and _unknown(q, r))


@fault("RFC7644-3.4.2-05")
def unknown_parameter_of_read_is_refused(tenant: ReferenceTenant) -> None:
    """A read with a parameter that does not exist is refused."""
    on_answer(tenant, set_error(400, "invalidValue"), where=lambda q, r: single(q, r) and _unknown(q, r))


def _unknown(request: Request, _: Response) -> bool:
    known = {"filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"}
    return not set(request.parameters) <= known


@fault("RFC7644-3.4.2-01")
def filtered_read_breaks_down(tenant: ReferenceTenant) -> None:
    """A read of one resource with a filter is answered with 500."""
    on_answer(tenant, set_error(500), where=lambda q, r: single(q, r) and "filter" in q.parameters)


@fault("RFC7644-3.4.2.1-01")
def root_lists_users_only(tenant: ReferenceTenant) -> None:
    """A query at the root finds users only."""

    def change(_: Request, response: Response) -> None:
        document = response.document or {}
        users = [r for r in document.get("Resources", []) if r["meta"]["resourceType"] == "User"]
        document.update(Resources=users, totalResults=len(users), itemsPerPage=len(users))

    on_answer(tenant, change, status=200, where=lambda q, _: len(q.segments) == _ROOT)
