"""Faults of reading single resources (RFC 7644 §3.4, §3.4.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import (
    at,
    deleted,
    drop_header,
    each_resource,
    on_answer,
    set_error,
    set_header,
    set_status,
    single,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.seams import Change
    from conformance.reference.messages import Request, Response
    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant


def _on_read(tenant: ReferenceTenant, change: Change) -> None:
    on_answer(tenant, change, method="GET", status=200, where=single)


def _plain(request: Request, response: Response) -> bool:
    return single(request, response) and not request.query


def _unchanged(tenant: ReferenceTenant) -> Callable[[Request, Response], bool]:
    """Return a test for plain reads of resources that nobody has changed yet."""

    def test(request: Request, response: Response) -> bool:
        record = tenant.store.get(request.segments[-1])
        return _plain(request, response) and record is not None and record.revision == 1

    return test


@fault("RFC7644-3.4.1-01")
def read_answers_203(tenant: ReferenceTenant) -> None:
    """A plain read of a resource answers 203 instead of 200."""
    on_answer(tenant, set_status(203), method="GET", status=200, where=_plain)


@fault("RFC7644-3.4.1-02")
def id_is_found_at_any_endpoint(tenant: ReferenceTenant) -> None:
    """A GET at the endpoint of one type with the id of a resource of another type returns that resource."""

    def get(original: Callable[..., Record | None], identifier: str, _: str | None = None) -> Record | None:
        return original(identifier)

    wrap(tenant.store, "get", get)


@fault("RFC7644-3.4.1-03", "RFC7644-3.12-18")
def unknown_id_answers_403(tenant: ReferenceTenant) -> None:
    """A GET with an id that does not exist answers 403."""
    gone = deleted(tenant)

    def unknown(request: Request, response: Response) -> bool:
        identifier = request.segments[-1]
        return single(request, response) and tenant.store.type_of(identifier) is None and identifier not in gone

    on_answer(tenant, set_error(403), method="GET", status=404, where=unknown)


@fault("RFC7644-3.4.1-04", "RFC7644-3.14-02", "RFC7643-5-30")
def read_sends_no_etag(tenant: ReferenceTenant) -> None:
    """The answer to a read has no ETag header."""
    _on_read(tenant, drop_header("ETag"))


_ELSEWHERE = "https://elsewhere.example.com/scim/v2/Users/0"


@fault("RFC7644-3.4.1-05")
def read_sends_another_location(tenant: ReferenceTenant) -> None:
    """The Location header of a read is not meta.location."""
    _on_read(tenant, set_header("Location", _ELSEWHERE))


@fault("RFC7643-3.1-30")
def read_sends_another_content_location(tenant: ReferenceTenant) -> None:
    """The Content-Location header of a read is not meta.location."""
    _on_read(tenant, set_header("Content-Location", _ELSEWHERE))


@fault("RFC7644-3.2-04", *(f"RFC7644-3.14-{number}" for number in ("07", "09", "12", "13", "15", "18")))
def read_changes_the_resource(tenant: ReferenceTenant) -> None:
    """Reading a group counts as a modification: the next read shows another lastModified."""

    def touch(request: Request, _: Response) -> None:
        record = tenant.store.get(request.segments[-1])
        if record:
            tenant.store.replace(replace(record, modified=record.modified + 1000))

    on_answer(tenant, touch, method="GET", status=200, where=lambda q, r: _plain(q, r) and at("Groups")(q, r))


@fault("RFC7644-3.4-01", "RFC7643-7-25")
def read_hides_a_default_attribute(tenant: ReferenceTenant) -> None:
    """A plain read of a new user lacks preferredLanguage, which is shown to those who name it."""
    change = each_resource(lambda user: user.pop("preferredLanguage", None))
    on_answer(tenant, change, method="GET", status=200, where=_unchanged(tenant))


@fault("RFC7644-3.4-02", "RFC7643-7-28", "RFC7643-7-31", "RFC7643-8.7.1-18", "RFC7643-4.1.1-27")
def read_shows_the_hash_of_the_password(tenant: ReferenceTenant) -> None:
    """A plain read shows the hash of the password."""

    def show(request: Request, response: Response) -> None:
        record = tenant.store.get(request.segments[-1])
        if record and response.document and "password" in record.attributes:
            response.document["password"] = record.attributes["password"]

    on_answer(
        tenant, show, method="GET", status=200, where=lambda q, r: single(q, r) and "attributes" not in q.parameters
    )


@fault("RFC7643-4.1.1-05")
def search_shows_no_user_name(tenant: ReferenceTenant) -> None:
    """Users that a search by POST finds have no userName."""
    change = each_resource(lambda user: user.pop("userName", None))
    on_answer(tenant, change, method="POST", status=200, where=at(".search"))


def _flatten(resource: dict[str, Any], name: str) -> None:
    value = resource.get(name)
    if isinstance(value, list) and len(value) == 1:
        resource[name] = value[0]


@fault("RFC7644-3.8-14", "RFC7643-2.4-01")
def read_shows_a_single_value_without_array(tenant: ReferenceTenant) -> None:
    """A new user's only instant messaging address is shown as an object instead of an array."""
    change = each_resource(lambda user: _flatten(user, "ims"))
    on_answer(tenant, change, method="GET", status=200, where=_unchanged(tenant))


# Formats


def _accepting(wanted: Callable[[str | None], bool]) -> Callable[[Request, Response], bool]:
    return lambda request, response: single(request, response) and wanted(request.headers.get("accept"))


_WRONG_FORMAT: dict[str, tuple[tuple[str, ...], str | None, str, str]] = {
    "read_in_scim_json_is_plain_json": (
        ("RFC7644-3.1-01", "RFC7644-8.1-01"),
        "application/scim+json",
        "application/json",
        "A read that accepts application/scim+json is answered as application/json.",
    ),
    "read_in_no_format_is_plain_text": (
        ("RFC7644-3.8-06",),
        None,
        "text/plain",
        "A read without Accept is answered as text/plain.",
    ),
    "read_in_any_format_is_plain_text": (
        ("RFC7644-3.8-07",),
        "*/*",
        "text/plain",
        "A read that accepts anything is answered as text/plain.",
    ),
}


def _answer_as(accept: str | None, media_type: str) -> Callable[[ReferenceTenant], None]:
    change = set_header("Content-Type", media_type)
    wanted = _accepting(lambda said: said == accept)
    return lambda tenant: on_answer(tenant, change, method="GET", status=200, where=wanted)


for _name, (_breaks, _accept, _media_type, _says) in _WRONG_FORMAT.items():
    register(_name, _breaks, _says, _answer_as(_accept, _media_type))


@fault("RFC7643-3-01")
def read_in_no_format_is_an_array(tenant: ReferenceTenant) -> None:
    """A read without Accept is answered with an array that holds the resource."""

    def change(_: Request, response: Response) -> None:
        response.document = [response.document]  # type: ignore[assignment]

    on_answer(tenant, change, method="GET", status=200, where=_accepting(lambda said: said is None))


_NOT_ACCEPTED: dict[str, tuple[tuple[str, ...], Callable[[str], bool], int, str]] = {
    "accept_is_read_as_one_format": (
        ("RFC7644-3.8-04", "RFC7644-3.2-09"),
        lambda accept: "," in accept,
        406,
        "A read that accepts application/scim+json before another format answers 406.",
    ),
    "accept_of_plain_json_answers_406": (
        ("RFC7644-3.8-05",),
        lambda accept: accept == "application/json",
        406,
        "A read that accepts application/json answers 406.",
    ),
    "accept_of_xml_answers_500": (
        ("RFC7644-3.8-08",),
        lambda accept: "xml" in accept,
        500,
        "A read that accepts XML answers 500.",
    ),
}


def _refuse_format(refused: Callable[[str], bool], status: int) -> Callable[[ReferenceTenant], None]:
    wanted = _accepting(lambda said: said is not None and refused(said))
    return lambda tenant: on_answer(tenant, set_error(status), method="GET", where=wanted)


for _name, (_breaks, _refused, _status, _says) in _NOT_ACCEPTED.items():
    register(_name, _breaks, _says, _refuse_format(_refused, _status))


@fault("RFC7644-3.8-09")
def format_suffix_answers_500(tenant: ReferenceTenant) -> None:
    """A read with the suffix .scim answers 500."""
    on_answer(tenant, set_error(500), method="GET", where=lambda q, _: q.segments[-1].endswith(".scim"))


@fault("RFC7644-3.8-03")
def read_claims_latin_1(tenant: ReferenceTenant) -> None:
    """A read says that its body is in ISO 8859-1."""
    _on_read(tenant, set_header("Content-Type", "application/scim+json; charset=iso-8859-1"))


@fault("RFC7644-3.8-02", "RFC7644-3.8-03", "RFC7643-2.3.1-01")
def read_is_written_in_latin_1(tenant: ReferenceTenant) -> None:
    """A read is answered in ISO 8859-1."""

    def change(_: Request, response: Response) -> None:
        response.encoding = "latin-1"

    _on_read(tenant, change)
