"""Faults of error answers (RFC 7644 §3.12): their status and their body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import at, deleted, on_answer, set_body, set_error, set_header, single
from conformance.reference.messages import read_json
from conformance.spec.errors import ScimError
from conformance.spec.messages import ERROR

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

    Where = Callable[[Request, Response], bool]
    Error = dict[str, Any]


def _malformed(request: Request, _: Response) -> bool:
    try:
        read_json(request.body)
    except ScimError:
        return request.method == "POST"
    return False


def _unknown(request: Request, response: Response) -> bool:
    return response.status == 404 and single(request, response)  # noqa: PLR2004


def _nowhere(_: Request, response: Response) -> bool:
    detail = (response.document or {}).get("detail", "")
    return response.status == 404 and str(detail).startswith("The endpoint")  # noqa: PLR2004


def _to_a_resource(request: Request, response: Response) -> bool:
    return request.method == "POST" and response.status == 405  # noqa: PLR2004


# The body


def _on_error(tenant: ReferenceTenant, change: Callable[[Error], Any], where: Where = _nowhere) -> None:
    def changed(_: Request, response: Response) -> None:
        if response.failed and response.document:
            change(response.document)

    on_answer(tenant, changed, where=where)


_BODILESS: dict[str, tuple[tuple[str, ...], int, Where]] = {
    "malformed_json_answers_without_body": (
        ("RFC7644-3.12-01", "RFC7644-3.3-18", "RFC7644-3.12-34", "RFC7644-3.4.3-19"),
        400,
        _malformed,
    ),
    "unknown_endpoint_answers_without_body": (("RFC7644-3.12-03",), 404, _nowhere),
    "conflicting_create_answers_without_body": (
        ("RFC7644-3.12-04", "RFC7644-3.3-16", "RFC7644-3.12-29", "RFC7643-4.1.1-06"),
        409,
        lambda request, _: request.method == "POST",
    ),
    "outdated_version_answers_without_body": (("RFC7644-3.12-05",), 412, lambda request, _: request.method == "PUT"),
}


def _without_body(status: int, where: Where) -> Callable[[ReferenceTenant], None]:
    return lambda tenant: on_answer(tenant, set_body(None), status=status, where=where)


for _name, (_breaks, _status, _where) in _BODILESS.items():
    _said = f"{_name.partition('_answers')[0].replace('_', ' ').capitalize()}: the {_status} has no body."
    register(_name, _breaks, _said, _without_body(_status, _where))


_CHANGED: dict[str, tuple[tuple[str, ...], str, Callable[[Error], Any]]] = {
    "error_has_the_uri_of_scim_1": (
        ("RFC7644-3.12-06", "RFC7644-8.2-01", "RFC7644-3.1-04"),
        "The schemas of an error holds a URI of SCIM 1.1.",
        lambda error: error.update(schemas=["urn:scim:schemas:core:1.0"]),
    ),
    "error_lacks_status": (
        ("RFC7644-3.12-07",),
        "An error has no status in its body.",
        lambda error: error.pop("status"),
    ),
    "error_has_status_as_number": (
        ("RFC7644-3.12-08",),
        "The status in an error is a number.",
        lambda error: error.update(status=int(error["status"])),
    ),
    "error_has_another_status": (
        ("RFC7644-3.12-09", "RFC7644-3.2-11"),
        "The status in an error is not that of the response.",
        lambda error: error.update(status="400"),
    ),
    "error_has_an_unknown_keyword": (
        ("RFC7644-3.12-10",),
        "The scimType of an error is no keyword of the RFCs.",
        lambda error: error.update(scimType="notFound"),
    ),
    "error_404_has_a_keyword_of_400": (
        ("RFC7644-3.12-41",),
        "The scimType of a 404 is noTarget, which belongs to a 400.",
        lambda error: error.update(scimType="noTarget"),
    ),
    "error_has_a_list_of_details": (
        ("RFC7644-3.12-11",),
        "The detail of an error is an array.",
        lambda error: error.update(detail=[error["detail"]]),
    ),
}


def _changed(change: Callable[[Error], Any]) -> Callable[[ReferenceTenant], None]:
    return lambda tenant: _on_error(tenant, change)


for _name, (_breaks, _said, _change) in _CHANGED.items():
    register(_name, _breaks, _said, _changed(_change))


@fault("RFC7644-3.1-02", "RFC7644-3.12-03")
def error_is_wrapped_in_an_array(tenant: ReferenceTenant) -> None:
    """The body of a 404 for a resource that never existed is an array that holds the error."""

    def change(_: Request, response: Response) -> None:
        response.document = [response.document]  # type: ignore[assignment]

    gone = deleted(tenant)
    on_answer(tenant, change, where=lambda q, r: _unknown(q, r) and q.segments[-1] not in gone)


@fault("RFC7644-3.1-04", "RFC7644-3.4.2-06", "RFC9865-2-19")
def list_has_the_uri_of_scim_1(tenant: ReferenceTenant) -> None:
    """The schemas of a list holds a URI of SCIM 1.1."""

    def change(_: Request, response: Response) -> None:
        if "Resources" in (response.document or {}):
            response.document = {**(response.document or {}), "schemas": ["urn:scim:schemas:core:1.0"]}

    on_answer(tenant, change, method="GET", status=200, where=at("Users", "Groups"))


@fault("RFC7644-3.12-12")
def error_is_sent_as_plain_json(tenant: ReferenceTenant) -> None:
    """The 404 for an endpoint that does not exist is sent as application/json."""
    on_answer(tenant, set_header("Content-Type", "application/json"), where=_nowhere)


# The status


@fault("RFC7644-3.2-07", "RFC7644-3.12-24")
def post_to_a_resource_answers_200(tenant: ReferenceTenant) -> None:
    """A POST to a resource, which is not defined, answers 200."""

    def change(_: Request, response: Response) -> None:
        response.status, response.document = 200, {"message": "ok"}

    on_answer(tenant, change, where=_to_a_resource)


@fault("RFC7644-3.12-24")
def post_to_a_resource_answers_400(tenant: ReferenceTenant) -> None:
    """A POST to a resource, which is not defined, answers 400."""
    on_answer(tenant, set_error(400), where=_to_a_resource)


@fault("RFC7644-3.12-23", "RFC7644-3.12-24", "RFC7644-3.2-07")
def post_to_a_resource_answers_500(tenant: ReferenceTenant) -> None:
    """A POST to a resource, which is not defined, answers 500."""
    on_answer(tenant, set_error(500), where=_to_a_resource)


@fault("RFC7644-3.2-10", "RFC7644-3.2-07", "RFC7644-3.12-24")
def error_hides_under_200(tenant: ReferenceTenant) -> None:
    """A POST to a resource answers 200 with an error in the body."""

    def change(_: Request, response: Response) -> None:
        response.status = 200
        response.document = {"schemas": [ERROR], "status": "405", "detail": "POST is not allowed here"}

    on_answer(tenant, change, where=_to_a_resource)


@fault("RFC7644-3.2-08", "RFC7644-3.12-19")
def unknown_endpoint_answers_403(tenant: ReferenceTenant) -> None:
    """A request to an endpoint that does not exist answers 403."""
    on_answer(tenant, set_error(403), where=_nowhere)


@fault("RFC7644-3.12-18", "RFC7644-3.5.2-43")
def patch_of_an_unknown_id_answers_403(tenant: ReferenceTenant) -> None:
    """A PATCH with an id that never existed answers 403."""
    gone = deleted(tenant)
    on_answer(tenant, set_error(403), method="PATCH", where=lambda q, r: _unknown(q, r) and q.segments[-1] not in gone)


@fault("RFC7644-3.12-21", "RFC7644-3.14-14")
def outdated_version_answers_400(tenant: ReferenceTenant) -> None:
    """A PUT with an outdated version answers 400."""
    on_answer(tenant, set_error(400), method="PUT", status=412)
