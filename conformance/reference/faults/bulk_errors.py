"""Faults of bulk jobs in which something is wrong: what is carried out all the same or told wrongly (RFC 7644 §3.7)."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.bulk import JOB, on_results
from conformance.reference.faults.registry import fault, register
from conformance.reference.faults.seams import on_answer, on_discovery, set_error, set_status, wrap
from conformance.reference.messages import write_json
from conformance.reference.resources import add
from conformance.spec.messages import BULK_REQUEST, BULK_RESPONSE, PATCH_OP
from conformance.spec.schema import USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.faults.registry import Plant
    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.bulk import Job, Operation

_EMPTY = {"schemas": [BULK_RESPONSE], "Operations": []}


def on_message(tenant: ReferenceTenant, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a BulkRequest in place before it is read, where it is one in form."""

    def read_job(original: Callable[[Request], Job], request: Request) -> Job:
        message = _message(request)
        if isinstance(message, dict):
            change(message)
            request = replace(request, body=write_json(message))
        return original(request)

    wrap(tenant.rules, "read_job", read_job)


def on_each(tenant: ReferenceTenant, change: Callable[[dict[str, Any]], object]) -> None:
    """Change each operation of a job in place before it is read."""

    def change_all(message: dict[str, Any]) -> None:
        for operation in message.get("Operations", ()):
            change(operation)

    on_message(tenant, change_all)


def on_job(tenant: ReferenceTenant, change: Callable[[Job], Job]) -> None:
    """Change a job after it is read."""
    wrap(tenant.rules, "read_job", lambda original, request: change(original(request)))


def on_job_operations(tenant: ReferenceTenant, change: Callable[[Operation], Operation]) -> None:
    """Change each operation of a job after it is read."""
    on_job(tenant, lambda job: replace(job, operations=tuple(map(change, job.operations))))


def _message(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def _user() -> dict[str, Any]:
    return {"schemas": [USER], "userName": f"{uuid.uuid4()}@example.com"}


# --- operations that are none -----------------------------------------------------------------------------------------


@fault("RFC7644-3.7-08")
def bulk_method_defaults_to_put(tenant: ReferenceTenant) -> None:
    """An operation without method is carried out as a PUT."""
    on_each(tenant, lambda operation: operation.setdefault("method", "PUT"))


@fault("RFC7644-3.7-09")
def bulk_takes_any_method(tenant: ReferenceTenant) -> None:
    """An operation with a method that does not exist is carried out as a PUT."""
    known = {"POST", "PUT", "PATCH", "DELETE", "GET", None}

    def change(operation: dict[str, Any]) -> None:
        if operation.get("method") not in known:
            operation["method"] = "PUT"

    on_each(tenant, change)


@fault("RFC7644-3.7-09")
def bulk_takes_get(tenant: ReferenceTenant) -> None:
    """A GET operation is carried out."""
    on_job_operations(tenant, lambda o: replace(o, error=None) if o.method == "GET" else o)


@fault("RFC7644-3.7-10")
def bulk_id_is_optional(tenant: ReferenceTenant) -> None:
    """A POST operation without bulkId is carried out."""
    on_job_operations(tenant, lambda o: replace(o, error=None) if o.method == "POST" and not o.bulk_id else o)


@fault("RFC7644-3.7-11")
def bulk_path_is_guessed(tenant: ReferenceTenant) -> None:
    """A POST operation without path creates a user."""
    on_each(tenant, lambda o: o.setdefault("path", "/Users") if o.get("method") == "POST" else None)


def _cut_path(method: str, segments: int) -> Plant:
    def change(operation: dict[str, Any]) -> None:
        if operation.get("method") == method and "path" in operation:
            operation["path"] = "/".join(operation["path"].split("/")[: segments + 1])

    return lambda tenant: on_each(tenant, change)


register(
    "bulk_post_takes_the_path_of_a_resource",
    ("RFC7644-3.7-12",),
    "A POST operation to a single resource creates another.",
    _cut_path("POST", 1),
)
register(
    "bulk_put_cuts_its_path",
    ("RFC7644-3.7-12",),
    "A PUT operation to a path below a resource replaces that resource.",
    _cut_path("PUT", 2),
)


def _guess_data(method: str, data: Callable[[], dict[str, Any]]) -> Plant:
    def change(operation: dict[str, Any]) -> None:
        if operation.get("method") == method:
            operation.setdefault("data", data())

    return lambda tenant: on_each(tenant, change)


def _some_change() -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "nobody asked for it"}]}


for _method, _data in (("POST", _user), ("PUT", _user), ("PATCH", _some_change)):
    register(
        f"bulk_{_method.lower()}_needs_no_data",
        ("RFC7644-3.7-13",),
        f"A {_method} operation without data is carried out.",
        _guess_data(_method, _data),
    )


# --- messages that are none -------------------------------------------------------------------------------------------


@fault("RFC7644-3.7-03")
def bulk_ignores_schemas(tenant: ReferenceTenant) -> None:
    """A job is carried out whatever its schemas says."""
    on_message(tenant, lambda message: message.update(schemas=[BULK_REQUEST]))


def _answer_nothing(wrong: Callable[[Any], bool]) -> Plant:
    def change(_: Request, response: Response) -> None:
        response.status, response.document = 200, dict(_EMPTY)

    def concerned(request: Request, response: Response) -> bool:
        return JOB(request, response) and wrong(_message(request))

    return lambda tenant: on_answer(tenant, change, method="POST", status=400, where=concerned)


register(
    "bulk_without_operations_succeeds",
    ("RFC7644-3.7-05",),
    "A job without Operations is answered with 200 and no results.",
    _answer_nothing(lambda message: isinstance(message, dict) and "Operations" not in message),
)
register(
    "malformed_bulk_succeeds",
    ("RFC7644-3.7-24",),
    "A job that is no JSON is answered with 200 and no results.",
    _answer_nothing(lambda message: message is None),
)


# --- failures ---------------------------------------------------------------------------------------------------------


@fault("RFC7644-3.7-25")
def bulk_stops_at_the_first_failure(tenant: ReferenceTenant) -> None:
    """A job without failOnErrors ends at the first operation that fails."""
    on_job(tenant, lambda job: replace(job, fail_on_errors=job.fail_on_errors or 1))


@fault("RFC7644-3.7-26")
def fail_on_errors_is_ignored(tenant: ReferenceTenant) -> None:
    """A job goes on however many operations fail."""
    on_job(tenant, lambda job: replace(job, fail_on_errors=None))


@fault("RFC7644-3.7-27")
def fail_on_errors_is_a_flag(tenant: ReferenceTenant) -> None:
    """A job with failOnErrors ends at the first operation that fails."""
    on_job(tenant, lambda job: replace(job, fail_on_errors=1 if job.fail_on_errors else None))


@fault("RFC7644-3.7-07")
def bulk_responses_repeat_fail_on_errors(tenant: ReferenceTenant) -> None:
    """The answer to a job has the failOnErrors of the request."""

    def change(request: Request, response: Response) -> None:
        limit = _message(request).get("failOnErrors")
        if limit and response.document:
            response.document["failOnErrors"] = limit

    on_answer(tenant, change, method="POST", status=200, where=JOB)


@fault("RFC7644-3.7.3-08")
def stopped_jobs_lose_their_results(tenant: ReferenceTenant) -> None:
    """A job that failOnErrors ended is answered with an error instead of its results."""

    def stopped(request: Request, response: Response) -> bool:
        return JOB(request, response) and _message(request).get("failOnErrors") == 1

    on_answer(tenant, set_error(400), method="POST", status=200, where=stopped)


@fault("RFC7644-3.7.3-08")
def stopped_jobs_omit_the_error(tenant: ReferenceTenant) -> None:
    """The results of a job that its first operations began well lack the error that ended it."""

    def leave_out(message: dict[str, Any]) -> None:
        results = message["Operations"]
        if [result["status"] for result in results] == ["201", "404"]:
            del results[-1]

    on_results(tenant, leave_out)


@fault("RFC7644-3.7.3-07")
def jobs_without_success_are_refused(tenant: ReferenceTenant) -> None:
    """A job of two operations that both fail is answered with 400 and no results."""

    def hopeless(request: Request, response: Response) -> bool:
        results = (response.document or {}).get("Operations", ()) if JOB(request, response) else ()
        return [result["status"][0] for result in results] == ["4", "4"]

    on_answer(tenant, set_error(400), method="POST", status=200, where=hopeless)


# --- limits -----------------------------------------------------------------------------------------------------------

_NAMED = "RFC7644-3.12-22"


def _enforce(**limits: Any) -> Plant:
    """Return a plant of a tenant that keeps to other limits than it states."""

    def plant(tenant: ReferenceTenant) -> None:
        rules = tenant.rules
        rules.service = replace(rules.service, bulk=replace(rules.service.bulk, **limits))

    return plant


def _state(limit: str, value: int) -> Plant:
    return lambda tenant: on_discovery(tenant, "config", lambda config: config["bulk"].update({limit: value}))


register(
    "bulk_takes_too_many", ("RFC7644-3.7.4-02", _NAMED), "maxOperations is not kept.", _enforce(max_operations=None)
)
register(
    "bulk_takes_too_much", ("RFC7644-3.7.4-03", _NAMED), "maxPayloadSize is not kept.", _enforce(max_payload_size=None)
)
register(
    "bulk_takes_one_less", ("RFC7644-3.7.4-06",), "A job of maxOperations is refused.", _enforce(max_operations=99)
)
for _limit in ("maxOperations", "maxPayloadSize"):
    register(f"{_limit}_is_zero", ("RFC7644-3.7.4-01",), f"{_limit} of bulk is stated as 0.", _state(_limit, 0))


@fault("RFC7644-3.7.4-02", "RFC7644-3.7.4-03", _NAMED)
def too_large_jobs_are_answered_400(tenant: ReferenceTenant) -> None:
    """A job beyond a limit is refused with 400."""
    on_answer(tenant, set_status(400), method="POST", status=413, where=JOB)


@fault("RFC7644-3.7.4-04", _NAMED)
def limits_are_not_named(tenant: ReferenceTenant) -> None:
    """The error for a job beyond a limit does not say which."""
    on_answer(tenant, set_error(413), method="POST", status=413, where=JOB)


@fault("RFC7644-3.7.4-05")
def too_large_jobs_begin(tenant: ReferenceTenant) -> None:
    """The first operation of a job beyond a limit is carried out before the job is refused."""

    def answer(original: Callable[[Request], Response], request: Request) -> Response:
        response = original(request)
        user_type = tenant.service.resource_type("User")
        if response.status == 413 and "Bulk" in request.segments and user_type:  # noqa: PLR2004
            add(tenant.rules, user_type, _message(request)["Operations"][0]["data"])
        return response

    wrap(tenant, "answer", answer)
