"""Bulk jobs in which something is wrong: operations that fail, messages that are none, limits (RFC 7644 §3.7)."""

from typing import Any

import pytest

from conformance.checks import discovered, given, jobs
from conformance.checks.declare import for_types, requirement
from conformance.checks.selection import scim_type
from conformance.checks.verdict import NotApplicable, Remarks
from conformance.probes import choose
from conformance.probes.bulk_errors import FAILURES, LARGEST_PAYLOAD, MOST_OPERATIONS, written_by
from conformance.probes.evidence import Evidence
from conformance.spec.bulk import status_of
from conformance.spec.messages import ERROR
from conformance.spec.paths import lookup
from conformance.spec.schema import ResourceType
from conformance.spec.service import Service
from conformance.tenant.exchange import Exchange

pytestmark = for_types("User")

_EXPECTED = {"POST": 409, "DELETE": 404}
_LIMITS = {"too_many": "maxOperations", "too_large": "maxPayloadSize"}
_TOO_LARGE = 413

each_failure = pytest.mark.parametrize("method", FAILURES)
each_limit = pytest.mark.parametrize("excess", _LIMITS)


def _place(evidence: Evidence, method: str) -> tuple[Exchange, int]:
    """Return the job with an operation of that method that must fail, and its index."""
    index = FAILURES.index(method)
    if jobs.sent(evidence.mixed)[index]["method"] != method:
        raise NotApplicable(f"the tenant declares {method.lower()} unsupported")
    return evidence.mixed, index


def _failed(evidence: Evidence, method: str) -> dict[str, Any]:
    """Return the result of an operation that failed. Raises NotApplicable where it did not."""
    place = _place(evidence, method)
    if jobs.status(*place) in given.SUCCESS:
        raise NotApplicable("the operation did not fail, which another check judges")
    return jobs.result(*place)


# --- operations that fail ---------------------------------------------------------------------------------------------


@requirement("RFC7644-3.7-25")
def test_job_goes_on_after_a_failure(bulk_failures: Evidence) -> None:
    """Without failOnErrors the operations after a failed one are carried out."""
    result = jobs.find(bulk_failures.mixed, -1)
    assert result is not None, "the operation after those that failed has no result"
    assert jobs.status(bulk_failures.mixed, -1) in given.SUCCESS


@each_failure
@requirement("RFC7644-3.7-20")
def test_failure_has_a_response(bulk_failures: Evidence, method: str) -> None:
    """The result of an operation that failed has a response."""
    assert "response" in sorted(_failed(bulk_failures, method))


@each_failure
@requirement("RFC7644-3.7-22")
def test_response_of_a_failure_is_an_error(bulk_failures: Evidence, method: str) -> None:
    """The response of an operation that failed is an Error message with its status."""
    result = _failed(bulk_failures, method)
    if "response" not in result:
        raise NotApplicable("the result has no response, which another check judges")
    error = result["response"]
    assert ERROR in discovered.named(error)
    assert str(lookup(error, "status")) == str(status_of(result))


@each_failure
@requirement("RFC7644-3.7.3-06")
def test_failure_is_explained(bulk_failures: Evidence, method: str) -> None:
    """The result of an operation that failed has an explanation for people."""
    result = _failed(bulk_failures, method)
    explained = lookup(result, "response.detail"), lookup(result, "status.description")
    assert any(isinstance(text, str) and text.strip() for text in explained), "there is no detail in the response"


@requirement("RFC7644-3.7.3-03")
def test_failed_post_has_no_location(bulk_failures: Evidence) -> None:
    """The result of a POST that failed has no location."""
    assert _failed(bulk_failures, "POST").get("location") is None


@pytest.mark.parametrize("method", FAILURES[1:])
@requirement("RFC7644-3.7.3-02", "RFC7644-3.7-19")
def test_failure_has_the_location(bulk_failures: Evidence, method: str) -> None:
    """The result of a PUT, PATCH or DELETE that failed has the location that it was meant for."""
    job, index = _place(bulk_failures, method)
    location, path = _failed(bulk_failures, method).get("location"), jobs.sent(job)[index]["path"]
    assert isinstance(location, str), "location is missing or no text"
    assert jobs.leads_to(location, path), f"{location} is not where {path} is"


@requirement("RFC7644-3.7.3-07")
def test_job_without_success_is_answered_with_200(bulk_failures: Evidence, verdict: Remarks) -> None:
    """A job in which each operation failed is answered with 200 and their results."""
    job = jobs.taken(bulk_failures.all_failed)
    if job.refused and job.results:
        verdict.warn(f"a job in which each operation failed is answered with {job.status} and their results")
        return
    assert job.status == 200
    assert job.results != [], "the answer has no results"


@pytest.mark.parametrize("method", _EXPECTED)
@requirement("RFC7644-3.7-32")
def test_operation_fails_as_the_single_request(bulk_failures: Evidence, method: str) -> None:
    """An operation with a taken userName, or on a resource that does not exist, fails as the single request would."""
    single = bulk_failures[f"single {method}"]
    assert jobs.status(*_place(bulk_failures, method)) in {single.status, _EXPECTED[method]}


@requirement("RFC7644-3.12-42")
def test_failure_has_the_keyword_of_the_single_request(bulk_failures: Evidence, verdict: Remarks) -> None:
    """The error of an operation has the scimType that the single request would have had."""
    keyword = scim_type(bulk_failures["single POST"])
    if keyword is None:
        verdict.not_applicable("the tenant does not refuse a taken userName with a scimType")
    assert lookup(_failed(bulk_failures, "POST"), "response.scimType") == keyword


# --- operations that are none -----------------------------------------------------------------------------------------


def _unwritten(evidence: Evidence, name: str, resource_type: ResourceType) -> None:
    """Fail the check where an operation changed the resource after all."""
    shown = given.done(evidence.target_after).resource.get(choose.text(resource_type).name)
    if shown == written_by(name):
        raise AssertionError("the operation was carried out all the same")


@requirement("RFC7644-3.7-08")
def test_operation_without_method_fails(bulk_operations_refused: Evidence, resource_type: ResourceType) -> None:
    """An operation that has no method fails with 400 and changes nothing."""
    assert jobs.outcome(bulk_operations_refused.no_method) == 400
    _unwritten(bulk_operations_refused, "no_method", resource_type)


@pytest.mark.parametrize("operation", ["get", "made_up"])
@requirement("RFC7644-3.7-09")
def test_other_methods_fail(bulk_operations_refused: Evidence, operation: str, resource_type: ResourceType) -> None:
    """An operation whose method is none of POST, PUT, PATCH and DELETE fails."""
    code = jobs.outcome(bulk_operations_refused[operation])
    assert jobs.refused(code), f"the operation ended with {code}"
    _unwritten(bulk_operations_refused, operation, resource_type)


@requirement("RFC7644-3.7-10")
def test_post_without_bulk_id_fails(bulk_operations_refused: Evidence, verdict: Remarks) -> None:
    """A POST operation without bulkId fails and creates nothing."""
    job = bulk_operations_refused.no_bulk_id
    code = jobs.outcome(job)
    if code in given.SUCCESS:
        verdict.warn("the tenant carries out a POST operation without bulkId")
        return
    assert jobs.refused(code), f"the operation ended with {code}"
    assert jobs.name(job) not in (jobs.stored(bulk_operations_refused) or ()), "the user is there all the same"


@requirement("RFC7644-3.7-11")
def test_operation_without_path_fails(bulk_operations_refused: Evidence) -> None:
    """An operation without path fails."""
    code = jobs.outcome(bulk_operations_refused.no_path)
    assert jobs.refused(code), f"the operation ended with {code}"


@pytest.mark.parametrize("operation", ["post_to_resource", "put_below_resource"])
@requirement("RFC7644-3.7-12")
def test_path_fits_the_method(bulk_operations_refused: Evidence, operation: str, resource_type: ResourceType) -> None:
    """A POST to a single resource fails, and so does a PUT of what is no single resource."""
    code = jobs.outcome(bulk_operations_refused[operation])
    assert jobs.refused(code), f"the operation ended with {code}"
    _unwritten(bulk_operations_refused, operation, resource_type)


@pytest.mark.parametrize("method", ["post", "put", "patch"])
@requirement("RFC7644-3.7-13")
def test_operation_without_data_fails(
    bulk_operations_refused: Evidence, method: str, resource_type: ResourceType
) -> None:
    """A POST, PUT or PATCH operation without data fails and changes nothing."""
    why_not = f"the tenant declares {method} unsupported"
    code = jobs.outcome(given.asked(bulk_operations_refused, f"{method}_without_data", why_not))
    assert jobs.refused(code), f"the operation ended with {code}"
    name = choose.unique(resource_type)
    if name:
        after, before = bulk_operations_refused.target_after, bulk_operations_refused.target
        assert given.done(after).resource.get(name.name) == before.resource.get(name.name), "the resource was changed"


# --- messages that are none -------------------------------------------------------------------------------------------


@requirement("RFC7644-3.7-03")
def test_message_without_its_schema_is_refused(bulk_messages_refused: Evidence) -> None:
    """A job whose schemas does not name BulkRequest is refused with 400 and invalidSyntax."""
    job = jobs.taken(bulk_messages_refused.unnamed)
    assert job.status == 400
    assert scim_type(job) == "invalidSyntax"


@requirement("RFC7644-3.7-05")
def test_message_without_operations_is_refused(bulk_messages_refused: Evidence) -> None:
    """A job without Operations is refused."""
    job = jobs.taken(bulk_messages_refused.no_operations)
    assert job.refused, f"the job was answered with {job.status}"


@requirement("RFC7644-3.7-24")
def test_malformed_message_is_refused(bulk_messages_refused: Evidence) -> None:
    """A job that is no JSON is refused and leaves nothing behind."""
    job = jobs.taken(bulk_messages_refused.malformed)
    assert job.refused, f"the job was answered with {job.status}"


# --- failOnErrors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("job", ["at_first", "at_second"])
@requirement("RFC7644-3.7-07")
def test_answer_does_not_repeat_the_limit_of_errors(bulk_stopped: Evidence, job: str) -> None:
    """The answer to a job has no failOnErrors."""
    assert "failOnErrors" not in jobs.carried_out(bulk_stopped[job]).resource


@pytest.mark.parametrize("job", ["at_first", "at_second"])
@requirement("RFC7644-3.7-26")
def test_job_stops_at_the_limit_of_errors(bulk_stopped: Evidence, job: str) -> None:
    """With failOnErrors n nothing is carried out that follows the nth operation that failed."""
    follows = jobs.find(bulk_stopped[job], -1)
    assert follows is None or jobs.status(bulk_stopped[job], -1) not in given.SUCCESS, "the operation was carried out"
    last = len(jobs.sent(bulk_stopped[job])) - 1
    assert jobs.name(bulk_stopped[job], last) not in (jobs.stored(bulk_stopped) or ()), "the operation was carried out"


@requirement("RFC7644-3.7-27")
def test_job_goes_on_below_the_limit_of_errors(bulk_stopped: Evidence) -> None:
    """With failOnErrors 2 a job goes on after the first operation that failed."""
    assert jobs.find(bulk_stopped.at_second, 1) is not None, "the operation after the first that failed has no result"
    jobs.done(bulk_stopped.at_second, 1)


@requirement("RFC7644-3.7.3-08")
def test_stopped_job_has_its_results(bulk_stopped: Evidence) -> None:
    """The answer to a job that failOnErrors ended has the results up to then and the error that ended it."""
    job = jobs.taken(bulk_stopped.at_first)
    assert job.results != [], f"the job was answered with {job.status} and no results"
    jobs.done(job, 0)
    assert [jobs.find(job, index) is not None for index in (0, 1)] == [True, True], "a result is missing"


# --- limits -----------------------------------------------------------------------------------------------------------


def _excess(evidence: Evidence, excess: str) -> Exchange:
    """Return the answer to a job that is beyond a limit. Raises NotApplicable where the limit is too high to try."""
    most = {"too_many": MOST_OPERATIONS, "too_large": LARGEST_PAYLOAD}[excess]
    return jobs.taken(given.asked(evidence, excess, f"the tenant states no {_LIMITS[excess]}, or more than {most}"))


@pytest.mark.parametrize("limit", _LIMITS.values())
@requirement("RFC7644-3.7.4-01")
def test_limit_is_published(discovery: Evidence, limit: str, resource_type: ResourceType) -> None:
    """A tenant that takes bulk jobs states how many operations and bytes they may have, as numbers above zero."""
    value = lookup(discovered.config(discovery), f"bulk.{limit}")
    assert type(value) is int, (
        f"{limit} is missing or no integer, so that a job of each {resource_type.name} is a guess"
    )
    assert value > 0


@requirement("RFC7644-3.7.4-02", "RFC7644-3.12-22")
def test_too_many_operations_are_refused(bulk_limits: Evidence) -> None:
    """A job of more than maxOperations operations is refused with 413."""
    assert _excess(bulk_limits, "too_many").status == _TOO_LARGE


@requirement("RFC7644-3.7.4-03", "RFC7644-3.12-22")
def test_too_large_a_job_is_refused(bulk_limits: Evidence) -> None:
    """A job of more than maxPayloadSize bytes is refused with 413."""
    assert _excess(bulk_limits, "too_large").status == _TOO_LARGE


@each_limit
@requirement("RFC7644-3.7.4-04", "RFC7644-3.12-22")
def test_refusal_names_the_limit(bulk_limits: Evidence, excess: str, service: Service, verdict: Remarks) -> None:
    """The error of a job beyond a limit says which one, by its name or its number."""
    job = _excess(bulk_limits, excess)
    if job.status != _TOO_LARGE:
        verdict.not_applicable("the job was not refused with 413, which another check judges")
    number = service.bulk.max_operations if excess == "too_many" else service.bulk.max_payload_size
    said = job.answered.body.lower()
    assert _LIMITS[excess].lower() in said or str(number) in said, "the error names neither the limit nor its number"


@each_limit
@requirement("RFC7644-3.7.4-05")
def test_refused_job_has_no_effect(bulk_limits: Evidence, excess: str, verdict: Remarks) -> None:
    """Nothing of a job that is refused for its size is carried out."""
    job = _excess(bulk_limits, excess)
    names = jobs.stored(bulk_limits)
    if names is None or not job.refused:
        verdict.not_applicable("the job was not refused, or what is stored cannot be looked for")
    assert jobs.name(job) not in names, "the first operation was carried out"


@requirement("RFC7644-3.7.4-06")
def test_full_job_is_taken(bulk_limits: Evidence, service: Service, verdict: Remarks) -> None:
    """A job of exactly maxOperations operations is carried out."""
    job = jobs.taken(given.asked(bulk_limits, "full", f"the tenant states no maxOperations up to {MOST_OPERATIONS}"))
    size = len((job.request.body or "").encode())
    if size > (service.bulk.max_payload_size or size):
        verdict.not_applicable("so many operations have more bytes than maxPayloadSize")
    assert job.ok, f"the job was answered with {job.status}"
