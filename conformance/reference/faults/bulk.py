"""Faults of bulk jobs that are carried out: what becomes of an operation, and what its result says (RFC 7644 §3.7)."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import at, on_answer, on_discovery, set_error, set_status, wrap
from conformance.reference.messages import Response
from conformance.spec.messages import BULK_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.messages import Request
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.bulk import Operation, Step

    ChangeResult = Callable[[dict[str, Any], Operation, Response], object]

JOB = at("Bulk")
_SUCCEEDED, _FAILED = False, True


def on_result(
    tenant: ReferenceTenant, change: ChangeResult, *, methods: tuple[str, ...] = (), failed: bool | None = None
) -> None:
    """Change what is told of operations of some methods, those that failed or those that did not; else of all."""

    def result(original: Callable[..., Any], operation: Operation, response: Response, base: str) -> Any:
        told = original(operation, response, base)
        if (not methods or operation.method in methods) and failed in {None, response.failed}:
            change(told, operation, response)
        return told

    wrap(tenant.rules, "result", result)


def on_results(tenant: ReferenceTenant, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the BulkResponse message as a whole."""
    on_answer(tenant, lambda _, response: change(response.document or {}), method="POST", status=200, where=JOB)


def on_operation(
    tenant: ReferenceTenant, method: str, carry_out: Callable[[Callable[[Request], Response], Request], Response]
) -> None:
    """Carry out operations of a method in another way, those with a condition on the version aside."""

    def carried_out(original: Callable[[Request], Response], request: Request) -> Response:
        concerned = request.method == method and "if-match" not in request.headers
        return carry_out(original, request) if concerned else original(request)

    wrap(tenant, "carry_out", carried_out)


def only_looked_at(perform: Callable[[Request], Response], request: Request) -> Response:
    """Answer a change as if it had been made."""
    return perform(replace(request, method="GET", body=b""))


def _without(name: str) -> ChangeResult:
    return lambda told, *_: told.pop(name, None)


def _put(name: str, value: Callable[[dict[str, Any]], Any]) -> ChangeResult:
    return lambda told, *_: told.update({name: value(told)})


# --- the answer -------------------------------------------------------------------------------------------------------


@fault("RFC7644-3.7-02")
def bulk_is_denied_and_done(tenant: ReferenceTenant) -> None:
    """Bulk is declared unsupported, yet jobs are carried out."""
    on_discovery(tenant, "config", lambda config: config["bulk"].update(supported=False))


@fault("RFC7644-3.7-23", "RFC7644-3.7.3-07")
def jobs_are_answered_207(tenant: ReferenceTenant) -> None:
    """A job that was carried out is answered with 207 Multi-Status."""
    on_answer(tenant, set_status(207), method="POST", status=200, where=JOB)


@fault("RFC7644-3.7-04")
def bulk_responses_name_the_request(tenant: ReferenceTenant) -> None:
    """The answer to a job names BulkRequest in schemas."""
    on_results(tenant, lambda message: message.update(schemas=[BULK_REQUEST]))


@fault("RFC7644-3.7-06")
def results_stand_in_an_object(tenant: ReferenceTenant) -> None:
    """The results of a job of creates stand in an object by their bulkIds."""

    def arrange(message: dict[str, Any]) -> None:
        results = message["Operations"]
        if len(results) > 1 and all(result["status"] == "201" for result in results):
            message["Operations"] = {result["bulkId"]: result for result in results}

    on_results(tenant, arrange)


@fault("RFC7644-3.7.3-01")
def deletes_have_no_result(tenant: ReferenceTenant) -> None:
    """A DELETE that succeeded has no result."""

    def leave_out(message: dict[str, Any]) -> None:
        message["Operations"] = [result for result in message["Operations"] if result["status"] != "204"]

    on_results(tenant, leave_out)


# --- the result of an operation ---------------------------------------------------------------------------------------

_LOCATION = ("RFC7644-3.7-19", "RFC7644-3.7.3-02")
_EXPLANATION = "RFC7644-3.7.3-06"
_CHANGES = ("PUT", "PATCH", "DELETE")

_RESULTS: list[tuple[str, tuple[str, ...], str, ChangeResult, tuple[str, ...], bool | None]] = [
    ("results_fold_the_bulk_id", ("RFC7644-3.7-28",), "Results have the bulkId in lower case.",
     _put("bulkId", lambda told: told.get("bulkId", "").lower()), ("POST",), None),
    ("results_omit_the_method", ("RFC7644-3.7-29",), "The results of changes that succeeded have no method.",
     _without("method"), _CHANGES, _SUCCEEDED),
    ("created_results_have_no_location", _LOCATION, "The result of a POST that succeeded has no location.",
     _without("location"), ("POST",), _SUCCEEDED),
    ("deleted_results_have_no_location", _LOCATION, "The result of a DELETE that succeeded has no location.",
     _without("location"), ("DELETE",), _SUCCEEDED),
    ("failed_results_have_no_location", _LOCATION, "The result of a change that failed has no location.",
     _without("location"), _CHANGES, _FAILED),
    ("failed_posts_have_a_location", ("RFC7644-3.7.3-03",), "The result of a POST that failed has a location.",
     _put("location", lambda _: f"https://example.com/scim/v2/Users/{uuid.UUID(int=0)}"), ("POST",), _FAILED),
    ("every_success_is_200", ("RFC7644-3.7.3-04",), "The status of each operation that succeeded is 200.",
     _put("status", lambda _: "200"), (), _SUCCEEDED),
    ("bulk_status_is_a_number", ("RFC7644-3.7.3-05",), "The status of a result is a JSON number.",
     _put("status", lambda told: int(told["status"])), (), None),
    ("bulk_status_is_an_object", ("RFC7644-3.7.3-05",), 'The status of a result is an object such as {"code": "201"}.',
     _put("status", lambda told: {"code": told["status"]}), (), None),
    ("failures_have_no_response", ("RFC7644-3.7-20", _EXPLANATION), "A change that failed has no response.",
     _without("response"), _CHANGES, _FAILED),
    ("bulk_errors_name_no_schema", ("RFC7644-3.7-22",), "The response of an operation that failed has no schemas.",
     lambda told, *_: told["response"].pop("schemas"), (), _FAILED),
    ("bulk_errors_are_text", ("RFC7644-3.7-22", _EXPLANATION), "The response of a DELETE that failed is a text.",
     _put("response", lambda told: told["response"]["detail"]), ("DELETE",), _FAILED),
    ("bulk_errors_are_not_explained", (_EXPLANATION,), "The response of an operation that failed has no detail.",
     lambda told, *_: told["response"].pop("detail"), (), _FAILED),
    ("bulk_errors_have_no_keyword", ("RFC7644-3.12-42",), "The response of a POST that failed has no scimType.",
     lambda told, *_: told["response"].pop("scimType", None), ("POST",), _FAILED),
    ("created_results_have_no_version", ("RFC7644-3.7-30",), "The result of a POST that succeeded has no version.",
     _without("version"), ("POST",), _SUCCEEDED),
    ("replaced_results_have_an_old_version", ("RFC7644-3.7-30",), "The result of a PUT has another version.",
     _put("version", lambda _: 'W/"0"'), ("PUT",), _SUCCEEDED),
]  # fmt: skip


def _plant_result(change: ChangeResult, methods: tuple[str, ...], failed: bool | None) -> Plant:
    return lambda tenant: on_result(tenant, change, methods=methods, failed=failed)


for _name, _breaks, _description, _change, _methods, _which in _RESULTS:
    register(_name, _breaks, _description, _plant_result(_change, _methods, _which))


@fault("RFC7644-3.7-32")
def bulk_conflict_is_500(tenant: ReferenceTenant) -> None:
    """In a job a conflict, such as a taken userName, is told as 500."""

    def change(told: dict[str, Any], _: Operation, response: Response) -> None:
        if response.status == 409 and "scimType" in (response.document or {}):  # noqa: PLR2004
            told.update(status="500", response={**told["response"], "status": "500"})

    on_result(tenant, change, failed=True)


@fault("RFC7643-4.1.1-32")
def bulk_results_show_the_password(tenant: ReferenceTenant) -> None:
    """The result of an operation has the resource with the password that was sent."""

    def show(told: dict[str, Any], operation: Operation, response: Response) -> None:
        if "password" in (operation.data or {}):
            told["response"] = {**(response.document or {}), "password": "not shown here"}

    on_result(tenant, show, failed=False)


# --- what becomes of an operation -------------------------------------------------------------------------------------


@fault("RFC7644-3.7-14")
def created_in_bulk_is_late(tenant: ReferenceTenant) -> None:
    """A user that a job created with a password cannot be read at first."""
    late: set[str] = set()

    def create(original: Callable[[Request], Response], request: Request) -> Response:
        response = original(request)
        if not response.failed and "password" in json.loads(request.body):
            late.add(response.headers["Location"].rpartition("/")[2])
        return response

    def is_late(request: Request, _: Response) -> bool:
        found = request.segments[-1] in late
        late.discard(request.segments[-1])
        return found

    on_operation(tenant, "POST", create)
    on_answer(tenant, set_error(404), method="GET", status=200, where=is_late)


@fault("RFC7644-3.7-15")
def bulk_put_does_nothing(tenant: ReferenceTenant) -> None:
    """A PUT operation with a password is answered as done, and is not."""

    def replace_it(original: Callable[[Request], Response], request: Request) -> Response:
        return (only_looked_at if "password" in json.loads(request.body) else _as_it_is)(original, request)

    on_operation(tenant, "PUT", replace_it)


@fault("RFC7644-3.7-16")
def bulk_patch_does_nothing(tenant: ReferenceTenant) -> None:
    """A PATCH operation on a user is answered as done, and is not."""

    def modify(original: Callable[[Request], Response], request: Request) -> Response:
        return (only_looked_at if "Users" in request.segments else _as_it_is)(original, request)

    on_operation(tenant, "PATCH", modify)


@fault("RFC7644-3.7-17")
def bulk_delete_does_nothing(tenant: ReferenceTenant) -> None:
    """A DELETE operation is answered as done, and is not."""

    def remove(original: Callable[[Request], Response], request: Request) -> Response:
        response = only_looked_at(original, request)
        return response if response.failed else Response(204)

    on_operation(tenant, "DELETE", remove)


@fault("RFC7644-3.7-31")
def later_put_comes_first(tenant: ReferenceTenant) -> None:
    """Of two PUT operations on one resource the later one is carried out first."""

    def plan(original: Callable[..., list[Step]], operations: Any) -> list[Step]:
        steps = original(operations)
        same = len({(step.operation.method, step.operation.path) for step in steps}) == 1
        return steps[::-1] if same and steps[0].operation.method == "PUT" else steps

    wrap(tenant.rules, "plan", plan)


def _ignore_versions(method: str) -> Plant:
    def carry_out(original: Callable[[Request], Response], request: Request) -> Response:
        return original(replace(request, headers={}) if request.method == method else request)

    return lambda tenant: wrap(tenant, "carry_out", carry_out)


for _method in _CHANGES:
    register(
        f"bulk_{_method.lower()}_ignores_the_version",
        ("RFC7644-3.7-18",),
        f"A {_method} operation with an outdated version is carried out.",
        _ignore_versions(_method),
    )


def _as_it_is(perform: Callable[[Request], Response], request: Request) -> Response:
    return perform(request)
