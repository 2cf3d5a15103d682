"""Faults of querying with POST to ``/.search`` (RFC 7644 §3.4.3)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.reference import resources
from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import each_resource, on_answer, set_error, set_status, wrap
from conformance.spec.errors import ScimError, invalid_value
from conformance.spec.messages import SEARCH_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Body = dict[str, Any]
    Search = Callable[[ResourceType | None, Request], Response]

_SHAPES: dict[str, type] = {"filter": str, "count": int, "attributes": list}


def _searching(endpoint: str = "") -> Callable[[Request, Response], bool]:
    """Return a test for searches, those at one endpoint only; a root search stands for no endpoint."""
    return lambda request, _: request.segments[-1:] == (".search",) and endpoint in ("", *request.segments)


def _at_root(request: Request, _: Response) -> bool:
    return request.target.endswith("/v2/.search")


def _on_search(tenant: ReferenceTenant, change: Callable[[Body], object], *, of: str = "") -> None:
    """Change a SearchRequest before it is read, or raise to refuse it; what is no JSON object stays as it is."""

    def search(original: Search, resource_type: ResourceType | None, request: Request) -> Response:
        body = _object(request)
        if body is not None and of in ("", resource_type.name if resource_type else ""):
            change(body)
            request = replace(request, body=json.dumps(body).encode())
        return original(resource_type, request)

    wrap(tenant.finder, "search", search)


def _object(request: Request) -> Body | None:
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


# What a search is


def _not_found(where: Callable[[Request, Response], bool]) -> Callable[[ReferenceTenant], None]:
    return lambda tenant: on_answer(tenant, set_error(404), method="POST", where=where)


for _place, _id, _where in (
    ("users", "RFC7644-3.4.3-02", _searching("Users")),
    ("groups", "RFC7644-3.4.3-03", _searching("Groups")),
    ("the_root", "RFC7644-3.4.3-04", _at_root),
):
    register(
        f"search_of_{_place}_is_not_found",
        (_id,),
        f"POST to /.search of {_place.replace('_', ' ')} answers 404.",
        _not_found(_where),
    )


@fault("RFC7644-3.4.3-04", "RFC7644-3.4.3-16")
def root_search_finds_users_only(tenant: ReferenceTenant) -> None:
    """A search at the root finds users and passes over everything else."""

    def search(original: Search, resource_type: ResourceType | None, request: Request) -> Response:
        return original(resource_type or tenant.service.resource_type("User"), request)

    wrap(tenant.finder, "search", search)


@fault("RFC7644-3.4.3-01", "RFC7644-3.4.3-06")
def search_answers_201(tenant: ReferenceTenant) -> None:
    """A search for a page of groups is answered with 201, as if it had created something."""

    def a_page(request: Request, response: Response) -> bool:
        return _searching("Groups")(request, response) and "count" in (_object(request) or {})

    on_answer(tenant, set_status(201), method="POST", status=200, where=a_page)


@fault("RFC7644-3.4.3-01")
def search_creates_whom_it_does_not_find(tenant: ReferenceTenant) -> None:
    """A search for a group by a name that nobody has creates the group."""

    def search(original: Search, resource_type: ResourceType | None, request: Request) -> Response:
        response = original(resource_type, request)
        sought = re.fullmatch('displayName eq "([^"]*)"', str((_object(request) or {}).get("filter")))
        if resource_type and sought and (response.document or {}).get("totalResults") == 0:
            body = {"schemas": [resource_type.schema.id], "displayName": sought[1]}
            resources.add(tenant.rules, resource_type, body)
        return response

    wrap(tenant.finder, "search", search)


@fault("RFC7644-3.4.3-06")
def search_answers_without_total(tenant: ReferenceTenant) -> None:
    """The answer to a search has no totalResults."""
    _change_list(tenant, lambda document: document.pop("totalResults", None))


@fault("RFC7644-3.4.3-06")
def search_answers_with_the_schema_of_the_request(tenant: ReferenceTenant) -> None:
    """The answer to a search repeats the URN of the SearchRequest instead of that of a ListResponse."""
    urn = SEARCH_REQUEST
    _change_list(tenant, lambda document: document.update(schemas=[urn]))


@fault("RFC7644-3.4.3-17")
def search_needs_a_filter(tenant: ReferenceTenant) -> None:
    """A search without a filter is refused."""

    def refuse(body: Body) -> None:
        if "filter" not in body and "count" in body and body["count"]:
            raise invalid_value("filter is required")

    _on_search(tenant, refuse, of="Group")


def _change_list(tenant: ReferenceTenant, change: Callable[[Body], object]) -> None:
    def changed(_: Request, response: Response) -> None:
        if response.document:
            change(response.document)

    on_answer(tenant, changed, method="POST", status=200, where=_searching("Groups"))


# Members that have no effect


def _without(name: str) -> Callable[[Body], None]:
    """Return a change that takes out a member of the right type; where pages are by cursor, nothing changes."""

    def change(body: Body) -> None:
        if name in body and isinstance(body[name], _SHAPES.get(name, object)) and "cursor" not in body:
            del body[name]

    return change


def _without_paths(name: str, mark: str) -> Callable[[Body], None]:
    """Return a change that takes paths with a mark in them out of a list of paths."""

    def change(body: Body) -> None:
        if isinstance(body.get(name), list):
            body[name] = [path for path in body[name] if mark not in path]

    return change


def _changing(change: Callable[[Body], object]) -> Callable[[ReferenceTenant], None]:
    return lambda tenant: _on_search(tenant, change)


_IGNORED: dict[str, tuple[tuple[str, ...], str, Callable[[Body], None]]] = {
    "attributes": (("07", "18"), "attributes", _without("attributes")),
    "excluded_attributes": (("08", "18"), "excludedAttributes", _without("excludedAttributes")),
    "sort_order": (("12", "16"), "sortOrder", _without("sortOrder")),
    "start_index": (("13", "16"), "startIndex", _without("startIndex")),
    "count": (("14", "15", "16"), "count", _without("count")),
    "urns": (("18",), "names with a URN in attributes", _without_paths("attributes", "urn:")),
    "excluded_urns": (("18",), "names with a URN in excludedAttributes", _without_paths("excludedAttributes", "urn:")),
    "paths": (("18",), "paths of sub-attributes in attributes", _without_paths("attributes", "name.")),
    "excluded_paths": (
        ("18",),
        "paths of sub-attributes in excludedAttributes",
        _without_paths("excludedAttributes", "name."),
    ),
}
for _name, (_numbers, _words, _change) in _IGNORED.items():
    register(
        f"search_ignores_{_name}",
        tuple(f"RFC7644-3.4.3-{number}" for number in _numbers),
        f"A search ignores {_words}.",
        _changing(_change),
    )


# Members that are misread


@fault("RFC7644-3.4.3-10")
def search_ignores_eq(tenant: ReferenceTenant) -> None:
    """A search for groups ignores a filter with eq, and finds all of them."""
    _on_search(tenant, lambda body: body.pop("filter") if " eq " in str(body.get("filter")) else None, of="Group")


@fault("RFC7644-3.4.3-10", "RFC7644-3.4.3-16")
def search_without_page_lacks_the_latest(tenant: ReferenceTenant) -> None:
    """A search that asks for no page finds all groups but the one that was created last."""

    def change(document: Body) -> None:
        document["Resources"] = document["Resources"][:-1]

    def changed(request: Request, response: Response) -> None:
        if response.document and "count" not in (_object(request) or {}):
            change(response.document)

    on_answer(tenant, changed, method="POST", status=200, where=_searching("Groups"))


@fault("RFC7644-3.4.3-09")
def search_excludes_the_id(tenant: ReferenceTenant) -> None:
    """A search with id in excludedAttributes leaves the id out."""

    def names_id(request: Request, response: Response) -> bool:
        return _searching()(request, response) and "id" in (_object(request) or {}).get("excludedAttributes", ())

    on_answer(tenant, each_resource(lambda shown: shown.pop("id", None)), method="POST", status=200, where=names_id)


@fault("RFC7644-3.4.3-15")
def search_takes_a_count_of_0_for_none(tenant: ReferenceTenant) -> None:
    """A search takes a count of 0 for one that is left out, and returns a whole page."""
    _on_search(tenant, lambda body: body.pop("count") if body.get("count") == 0 else None)


@fault("RFC7644-3.4.3-15")
def search_refuses_a_negative_count(tenant: ReferenceTenant) -> None:
    """A search with a negative count is refused."""

    def refuse(body: Body) -> None:
        if isinstance(body.get("count"), int) and body["count"] < 0:
            raise invalid_value("count must not be negative")

    _on_search(tenant, refuse)


@fault("RFC7644-3.4.3-15")
def search_for_no_resources_counts_none(tenant: ReferenceTenant) -> None:
    """A search with a count of 0 says that there are none."""

    def change(request: Request, response: Response) -> None:
        if response.document and (_object(request) or {}).get("count") == 0:
            response.document["totalResults"] = 0

    on_answer(tenant, change, method="POST", status=200, where=_searching())


# Wrong searches


@fault("RFC7644-3.4.3-11")
def search_passes_over_invalid_filters(tenant: ReferenceTenant) -> None:
    """A search whose filter cannot be read finds everyone."""
    _relent(tenant, "invalidFilter", _without("filter"))


@fault("RFC7644-3.4.3-11")
def search_calls_an_invalid_filter_a_value(tenant: ReferenceTenant) -> None:
    """A search whose filter cannot be read is refused with invalidValue instead of invalidFilter."""
    invalid_filter = partial(_says, "invalidFilter")
    on_answer(
        tenant, set_error(400, "invalidValue"), status=400, where=lambda q, r: _searching()(q, r) and invalid_filter(r)
    )


@fault("RFC7644-3.4.3-05")
def search_needs_no_schema(tenant: ReferenceTenant) -> None:
    """Any body is taken for a search, whatever its schemas say."""
    urn = SEARCH_REQUEST
    _on_search(tenant, lambda body: body.update(schemas=[urn]))


@fault("RFC7644-3.4.3-05")
def search_without_schema_breaks_down(tenant: ReferenceTenant) -> None:
    """A search that does not name its schema is answered with 500."""

    def refuse(body: Body) -> None:
        if not any("SearchRequest" in urn for urn in body.get("schemas", ())):
            raise ScimError("schemas", status=500)

    _on_search(tenant, refuse)


@fault("RFC7644-3.4.3-19")
def search_that_is_no_json_breaks_down(tenant: ReferenceTenant) -> None:
    """A search whose body is not JSON is answered with 500."""

    def no_object(request: Request, response: Response) -> bool:
        return _searching()(request, response) and _object(request) is None

    on_answer(tenant, set_error(500), status=400, where=no_object)


@fault("RFC7644-3.4.3-19")
def search_passes_over_wrong_types(tenant: ReferenceTenant) -> None:
    """A search passes over a member whose value is of another type."""

    def change(body: Body) -> None:
        for name, kind in _SHAPES.items():
            if not isinstance(body.get(name), kind):
                body.pop(name, None)

    _on_search(tenant, change)


def _says(keyword: str, response: Response) -> bool:
    return (response.document or {}).get("scimType") == keyword


def _relent(tenant: ReferenceTenant, keyword: str, change: Callable[[Body], object]) -> None:
    """Change a search that was refused with a keyword, and carry it out then."""

    def search(original: Search, resource_type: ResourceType | None, request: Request) -> Response:
        try:
            return original(resource_type, request)
        except ScimError as error:
            body = _object(request)
            if error.scim_type != keyword or body is None:
                raise
            change(body)
            return original(resource_type, replace(request, body=json.dumps(body).encode()))

    wrap(tenant.finder, "search", search)
