"""Faults of the discovery endpoints and of /ResourceTypes (RFC 7644 §4, RFC 7643 §6)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import at, on_answer, on_discovery, wrap
from conformance.reference.messages import Request, Response
from conformance.spec.errors import ScimError
from conformance.spec.messages import LIST_RESPONSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.tenant import ReferenceTenant

    # Answers a request, given what answers it without its parameters.
    _Act = Callable[[Callable[[], Response], Request], Response]

_BASE = 2  # segments of the base path
_LISTS = {"schemas": "Schemas", "resource-types": "ResourceTypes"}


def _alone(request: Request, response: Response) -> bool:
    return len(request.segments) == _BASE + 2 and not response.failed


def _as_list(*documents: Any) -> dict[str, Any]:
    return {"schemas": [LIST_RESPONSE], "totalResults": len(documents), "Resources": list(documents)}


# What the lists and their entries look like


def _lists_itself(tenant: ReferenceTenant, endpoint: str, *, alone: bool) -> None:
    def change(_: Request, response: Response) -> None:
        response.document = _as_list(response.document)

    def where(request: Request, response: Response) -> bool:
        return at(endpoint)(request, response) and _alone(request, response) == alone

    on_answer(tenant, change, method="GET", status=200, where=where)


def _lacks_its_schema(tenant: ReferenceTenant, endpoint: str) -> None:
    def change(_: Request, response: Response) -> None:
        (response.document or {}).pop("schemas")

    where = at(endpoint)
    on_answer(tenant, change, method="GET", status=200, where=lambda q, r: where(q, r) and not _alone(q, r))


def _counts_wrong(tenant: ReferenceTenant, endpoint: str) -> None:
    def change(_: Request, response: Response) -> None:
        document = response.document or {}
        if "totalResults" in document:
            document["totalResults"] = 1

    on_answer(tenant, change, status=200, where=at(endpoint))


def _finds_nothing(tenant: ReferenceTenant, endpoint: str) -> None:
    def change(_: Request, response: Response) -> None:
        response.status, response.document = 200, _as_list()

    on_answer(tenant, change, method="GET", status=404, where=at(endpoint))


register(
    "config_is_a_list",
    ("RFC7644-4-01",),
    "/ServiceProviderConfig answers with a ListResponse around the configuration.",
    partial(_lists_itself, endpoint="ServiceProviderConfig", alone=False),
)
_AT_LISTS: tuple[tuple[str, Callable[..., None], tuple[str, str], str], ...] = (
    ("list_lacks_its_schema", _lacks_its_schema, ("RFC7644-4-03", "RFC7644-4-09"), "The list at /{} lacks schemas."),
    ("count_wrong", _counts_wrong, ("RFC7644-4-12",) * 2, "The totalResults of the list at /{} is always 1."),
    (
        "fetched_alone_come_as_a_list",
        partial(_lists_itself, alone=True),
        ("RFC7644-4-05", "RFC7644-4-10"),
        "One entry fetched from /{} comes as a ListResponse.",
    ),
    (
        "not_found_answer_200",
        _finds_nothing,
        ("RFC7644-4-08", "RFC7644-4-11"),
        "What does not exist at /{} is answered with 200 and an empty list.",
    ),
)
for _name, _plant, _each, _description in _AT_LISTS:
    for (_kind, _endpoint), _broken in zip(_LISTS.items(), _each, strict=True):
        register(f"{_kind}_{_name}", (_broken,), _description.format(_endpoint), partial(_plant, endpoint=_endpoint))


@fault("RFC7644-4-06", "RFC7643-7-42")
def schema_fetched_alone_is_shortened(tenant: ReferenceTenant) -> None:
    """A schema fetched by its URN comes without the subAttributes that its entry in the list has."""

    def change(_: Request, response: Response) -> None:
        for attribute in (response.document or {})["attributes"]:
            attribute.pop("subAttributes", None)

    on_answer(tenant, change, method="GET", where=lambda q, r: at("Schemas")(q, r) and _alone(q, r))


@fault("RFC7644-4-07")
def schema_with_encoded_colons_is_not_found(tenant: ReferenceTenant) -> None:
    """A schema is not found where the colons of its URN are percent-encoded."""

    def answer(original: Callable[[Request], Response], request: Request) -> Response:
        if "%3a" in request.target.lower() and at("Schemas")(request, Response(200)):
            request = replace(request, segments=(*request.segments[:-1], request.target.rpartition("/")[2]))
        return original(request)

    wrap(tenant, "answer", answer)


# What queries and changes do there


def _asks(tenant: ReferenceTenant, endpoint: str, parameter: str, act: _Act) -> None:
    """Let ``act`` answer GET of an endpoint with a parameter."""

    def read(original: Callable[[Request], Response], request: Request) -> Response:
        if request.segments == (endpoint,) and parameter in request.parameters:
            return act(lambda: original(replace(request, query=b"")), request)
        return original(request)

    wrap(tenant.discovery, "read", read)


def _ignore(plain: Callable[[], Response], _: Request) -> Response:
    return plain()


def _page(plain: Callable[[], Response], request: Request) -> Response:
    response = plain()
    document = response.document or {}
    first = int(request.parameters.get("startIndex", "1")) - 1
    document["Resources"] = document["Resources"][first : first + int(request.parameters["count"])]
    return response


def _filter(plain: Callable[[], Response], request: Request) -> Response:
    wanted = request.parameters["filter"].split('"')[1]
    return Response(200, _as_list(*(d for d in (plain().document or {})["Resources"] if d["name"] == wanted)))


def _sort(plain: Callable[[], Response], request: Request) -> Response:
    response = plain()
    key = request.parameters["sortBy"]
    (response.document or {})["Resources"].sort(
        key=lambda entry: entry[key].lower(), reverse=request.parameters.get("sortOrder") == "descending"
    )
    return response


def _refuse_sort(_plain: Callable[[], Response], _: Request) -> Response:
    raise ScimError("Discovery documents cannot be sorted")


_FILTERED = {
    "Schemas": "RFC7644-4-15",
    "ResourceTypes": "RFC7644-4-16",
    "ServiceProviderConfig": "RFC7644-4-17",
}
for _endpoint, _broken in _FILTERED.items():
    register(
        f"filter_ignored_at_{_endpoint.lower()}",
        (_broken,),
        f"A filter at /{_endpoint} is ignored rather than refused with 403.",
        partial(_asks, endpoint=_endpoint, parameter="filter", act=_ignore),
    )
_QUERIES: tuple[tuple[str, str, _Act, tuple[str, ...], str], ...] = (
    ("filtered", "filter", _filter, ("RFC7644-4-13", "RFC7644-4-15"), "A filter shortens the list at /{}."),
    ("paged", "count", _page, ("RFC7644-4-13",), "startIndex and count shorten the list at /{}."),
    ("sorted", "sortBy", _sort, ("RFC7644-4-14",), "The list at /{} comes in the order that sortBy asks for."),
    ("sorting_refused", "sortBy", _refuse_sort, ("RFC7644-4-14",), "sortBy at /{} is answered with an error."),
)
for _kind, _endpoint in _LISTS.items():
    for _name, _parameter, _act, _breaks, _description in _QUERIES:
        register(
            f"{_kind}_{_name}",
            tuple(_FILTERED[_endpoint] if broken == _FILTERED["Schemas"] else broken for broken in _breaks),
            _description.format(_endpoint),
            partial(_asks, endpoint=_endpoint, parameter=_parameter, act=_act),
        )


def _accept(tenant: ReferenceTenant, endpoint: str, method: str) -> None:
    def change(_: Request, response: Response) -> None:
        response.status, response.document = 204, None

    on_answer(tenant, change, method=method, where=at(endpoint))


for _endpoint, _method, _broken in (
    ("ServiceProviderConfig", "PUT", "RFC7643-5-02"),
    ("ResourceTypes", "DELETE", "RFC7643-6-02"),
    ("Schemas", "PATCH", "RFC7643-7-02"),
):
    register(
        f"{_method.lower()}_accepted_at_{_endpoint.lower()}",
        (_broken, "RFC7644-4-18"),
        f"{_method} below /{_endpoint} is answered with 204.",
        partial(_accept, endpoint=_endpoint, method=_method),
    )


@fault("RFC7643-5-21")
def discovery_demands_credentials(tenant: ReferenceTenant) -> None:
    """The discovery documents are not to be read without credentials."""
    tenant.rules.is_public = lambda *_: False  # type: ignore[method-assign]


# Where things are


def _moved(move: Callable[[str], str]) -> Callable[[dict[str, Any]], object]:
    return lambda document: document["meta"].update(location=move(document["meta"]["location"]))


def _without_base_path(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}/{'/'.join(parts.path.split('/')[1 + _BASE :])}"


_META = {
    "config": ("config", "RFC7643-8.5-01"),
    "resource-types": ("resource_types", "RFC7643-8.6-01"),
    "schemas": ("schemas", "RFC7643-8.7-01"),
}
# "{}" stands for what the RFC says of meta in the document at hand
_WRONG_META: tuple[tuple[str, tuple[str, ...], str, Callable[[dict[str, Any]], object]], ...] = (
    ("lack_meta", ("{}",), "have no meta", lambda document: document.pop("meta")),
    ("misname_their_type", ("{}",), "have a wrong resourceType", lambda d: d["meta"].update(resourceType="Resource")),
    ("lead_nowhere", ("{}",), "have a location where nothing is", _moved(lambda location: f"{location}/-")),
    ("lack_the_base_path", ("RFC7644-1.3-02", "{}"), "have a location at the root", _moved(_without_base_path)),
    ("have_a_query", ("RFC7644-1.3-01",), "have a location with a query", _moved(lambda uri: f"{uri}?version=2")),
)
for _kind, (_documents, _own) in _META.items():
    for _name, _breaks, _description, _change in _WRONG_META:
        register(
            f"{_kind}_{_name}",
            tuple(broken.format(_own) for broken in _breaks),
            f"The {_kind} {_description}.",
            partial(on_discovery, kind=_documents, change=_change),
        )
