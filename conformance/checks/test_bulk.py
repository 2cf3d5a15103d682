"""Bulk jobs that are carried out: the answer, the result of each operation, and what is there then (RFC 7644 §3.7)."""

import pytest

from conformance.checks import discovered, given, jobs
from conformance.checks.declare import for_types, requirement
from conformance.checks.verdict import NotApplicable, Remarks
from conformance.probes import choose
from conformance.probes.bulk import CHANGES, FIRST_TEXT, LAST_TEXT, NEW_TEXT, PASSWORD
from conformance.probes.evidence import Evidence
from conformance.spec.bulk import status_of
from conformance.spec.messages import BULK_RESPONSE
from conformance.spec.paths import lookup
from conformance.spec.schema import ResourceType
from conformance.spec.service import Service
from conformance.tenant.exchange import Exchange

pytestmark = for_types("User")

# The status codes of the single requests, as far as other checks let them pass.
_CODES = {"POST": (201,), "PUT": (200, 204), "DELETE": (200, 204), "PATCH": (200, 204)}

each_job = pytest.mark.parametrize("job", ["created", "changed"])
each_method = pytest.mark.parametrize("method", ["POST", *CHANGES])
each_change = pytest.mark.parametrize("method", CHANGES)


def _place(evidence: Evidence, method: str) -> tuple[Exchange, int]:
    """Return the job with an operation of that method, and its index. Raises NotApplicable where none was sent."""
    job, index = (evidence.created, 0) if method == "POST" else (evidence.changed, CHANGES.index(method))
    if index >= len(jobs.sent(job)):
        raise NotApplicable(f"the tenant declares {method.lower()} unsupported")
    return job, index


# --- the answer -------------------------------------------------------------------------------------------------------


@requirement("RFC7644-3.7-01")
def test_bulk_is_reported(service: Service, resource_type: ResourceType, verdict: Remarks) -> None:
    """A tenant may take bulk jobs or not; the report says what it declares."""
    declared = {
        True: "offers bulk jobs",
        False: "offers no bulk jobs",
        None: "does not say whether it offers bulk jobs",
    }
    verdict.note(f"the tenant {declared[service.supports('bulk')]}, for {resource_type.name} as for any other type")


@requirement("RFC7644-3.7-02")
def test_undeclared_job_is_refused(bulk_undeclared: Evidence) -> None:
    """A tenant that declares bulk unsupported refuses POST /Bulk with 4xx or 501 and carries nothing out."""
    job = bulk_undeclared.job
    assert job.refused, f"POST /Bulk was answered with {job.status}"
    assert jobs.name(job) not in (jobs.stored(bulk_undeclared) or ()), "the operation was carried out"


@each_job
@requirement("RFC7644-3.7-23")
def test_job_is_answered_with_200(bulk_jobs: Evidence, job: str) -> None:
    """A bulk job that has been carried out is answered with 200."""
    assert jobs.taken(bulk_jobs[job]).status == 200


@each_job
@requirement("RFC7644-3.7-04")
def test_answer_names_its_schema(bulk_jobs: Evidence, job: str) -> None:
    """The answer to a job has the URI of BulkResponse in schemas."""
    assert BULK_RESPONSE in discovered.named(given.done(jobs.taken(bulk_jobs[job])).resource)


@each_job
@requirement("RFC7644-3.7-06")
def test_answer_has_the_results_in_an_array(bulk_jobs: Evidence, job: str) -> None:
    """The answer to a job has the results of its operations in the array Operations."""
    operations = given.done(jobs.taken(bulk_jobs[job])).resource.get("Operations")
    assert isinstance(operations, list), "Operations is missing or no array"
    assert [entry for entry in operations if not isinstance(entry, dict)] == []


@each_job
@requirement("RFC7644-3.7.3-01")
def test_each_operation_has_a_result(bulk_jobs: Evidence, job: str) -> None:
    """The answer has one result for each operation that was carried out."""
    assert len(jobs.carried_out(bulk_jobs[job]).results) == len(jobs.sent(bulk_jobs[job]))


# --- the result of an operation ---------------------------------------------------------------------------------------


@requirement("RFC7644-3.7-28")
def test_results_repeat_the_bulk_ids(bulk_jobs: Evidence) -> None:
    """The result of each POST has the bulkId of its operation, unchanged."""
    job = jobs.carried_out(bulk_jobs.created)
    came = [str(result.get("bulkId")) for result in job.results]
    assert sorted(came) == sorted(operation["bulkId"] for operation in jobs.sent(job))


@each_method
@requirement("RFC7644-3.7-29")
def test_result_repeats_the_method(bulk_jobs: Evidence, method: str) -> None:
    """The result of an operation has its method."""
    assert jobs.result(*_place(bulk_jobs, method)).get("method") == method


@each_method
@requirement("RFC7644-3.7-19", "RFC7644-3.7.3-02")
def test_result_has_the_location(bulk_jobs: Evidence, method: str) -> None:
    """The result of an operation that succeeded has in location the URI of the resource."""
    job, index = _place(bulk_jobs, method)
    path = jobs.sent(job)[index]["path"]
    location = jobs.done(job, index).get("location")
    assert isinstance(location, str), "location is missing or no text"
    # Whether an endpoint has one spelling in all places is judged elsewhere.
    there = path.lower() in location.lower() if method == "POST" else jobs.leads_to(location, path)
    assert there, f"{location} is not where {path} is"


@each_method
@requirement("RFC7644-3.7.3-04")
def test_result_has_the_status_of_the_single_request(bulk_jobs: Evidence, method: str) -> None:
    """The result of an operation has the status code that a single request would have had."""
    job, index = _place(bulk_jobs, method)
    code = status_of(jobs.result(job, index))
    assert code is not None, "status is missing or no HTTP status code"
    jobs.done(job, index)
    assert code in _CODES[method]


@each_method
@requirement("RFC7644-3.7.3-05")
def test_status_is_a_text(bulk_jobs: Evidence, method: str) -> None:
    """The status of a result is a JSON string of three digits."""
    job, index = _place(bulk_jobs, method)
    assert jobs.result(job, index).get("status") == str(jobs.status(job, index))


@pytest.mark.parametrize(("method", "after"), [("POST", "read"), ("PUT", "read PUT"), ("PATCH", "read PATCH")])
@requirement("RFC7644-3.7-30")
def test_result_has_the_version(bulk_jobs: Evidence, method: str, after: str, verdict: Remarks) -> None:
    """The result of a create or an update has the version that the resource has then."""
    result = jobs.done(*_place(bulk_jobs, method))
    resource = given.done(bulk_jobs[after])
    version = lookup(resource.resource, "meta.version") or resource.header("etag")
    if not version:
        verdict.not_applicable("the tenant's resources have no versions")
    assert _tag(result.get("version")) == _tag(version)


def _tag(version: object) -> str:
    """Return a version without what makes it an entity tag, the form of which another check judges."""
    return str(version).lower().removeprefix("w/").strip("\"'")


@requirement("RFC7644-3.7-21")
def test_response_to_a_success_is_reported(bulk_jobs: Evidence, verdict: Remarks) -> None:
    """The result of an operation that succeeded may have a response; the report says whether it has."""
    shown = "response" in jobs.done(bulk_jobs.created, 0)
    verdict.note(f"the tenant {'shows' if shown else 'leaves out'} what a bulk job created")


@each_job
@requirement("RFC7643-4.1.1-32")
def test_no_result_shows_the_password(
    bulk_jobs: Evidence, job: str, resource_type: ResourceType, verdict: Remarks
) -> None:
    """No response within the answer to a job has the password."""
    if "password" not in jobs.data(bulk_jobs.created, 0):
        verdict.not_applicable(f"a {resource_type.name} of the tenant is created without a password")
    for result in jobs.carried_out(bulk_jobs[job]).results:
        assert lookup(result.get("response"), "password") is None, "a response has a password"
    assert PASSWORD not in bulk_jobs[job].answered.body, "the password stands in the answer in clear text"


# --- what is there then -----------------------------------------------------------------------------------------------


@requirement("RFC7644-3.7-14")
def test_post_creates_the_resource(bulk_jobs: Evidence) -> None:
    """What a POST operation created can be read at the location in its result."""
    job = bulk_jobs.created
    assert jobs.status(job, 0) in given.SUCCESS, "the create in the job failed"
    assert str(jobs.read(bulk_jobs, "read").get("userName")).lower() == jobs.name(job).lower()


@requirement("RFC7644-3.7-15")
def test_put_replaces_the_resource(bulk_jobs: Evidence, resource_type: ResourceType) -> None:
    """A PUT operation replaces the resource that its path names."""
    assert jobs.status(*_place(bulk_jobs, "PUT")) in given.SUCCESS, "the PUT in the job failed"
    assert jobs.read(bulk_jobs, "read PUT").get(choose.text(resource_type).name) == NEW_TEXT


@requirement("RFC7644-3.7-16")
def test_patch_modifies_the_resource(bulk_jobs: Evidence, resource_type: ResourceType) -> None:
    """A PATCH operation carries out the PatchOp message in its data on the resource that its path names."""
    assert jobs.status(*_place(bulk_jobs, "PATCH")) in given.SUCCESS, "the PATCH in the job failed"
    assert jobs.read(bulk_jobs, "read PATCH").get(choose.text(resource_type).name) == NEW_TEXT


@requirement("RFC7644-3.7-17")
def test_delete_removes_the_resource(bulk_jobs: Evidence) -> None:
    """After a DELETE operation the resource that its path names is gone."""
    assert jobs.status(*_place(bulk_jobs, "DELETE")) in given.SUCCESS, "the DELETE in the job failed"
    assert not bulk_jobs["read DELETE"].ok, "the resource is still there"


@requirement("RFC7644-3.7-31")
def test_order_is_kept(bulk_jobs: Evidence, resource_type: ResourceType) -> None:
    """After two PUT operations on one resource it is as the later one says."""
    for index in (0, 1):
        jobs.done(bulk_jobs.sequence, index)
    text = choose.text(resource_type).name
    assert jobs.read(bulk_jobs, "read sequence").get(text) != FIRST_TEXT, "the earlier operation was carried out last"


# --- versions ---------------------------------------------------------------------------------------------------------


@each_change
@requirement("RFC7644-3.7-18")
def test_outdated_version_fails(
    bulk_versions: Evidence, method: str, resource_type: ResourceType, verdict: Remarks
) -> None:
    """An operation with an outdated version fails with 412 and changes nothing."""
    _versioned(bulk_versions, verdict)
    job, index = bulk_versions.outdated, CHANGES.index(method)
    if index >= len(jobs.sent(job)):
        verdict.not_applicable("the tenant declares patch unsupported")
    status = jobs.status(job, index)
    if status == 409:
        verdict.warn("an outdated version fails with 409 rather than 412")
    else:
        assert status == 412
    after = bulk_versions["read outdated"]
    assert after.ok, f"the resource is gone: {after.status}"
    assert after.resource.get(choose.text(resource_type).name) != FIRST_TEXT, "the resource was changed"


@requirement("RFC7644-3.7-18")
def test_current_version_passes(bulk_versions: Evidence, resource_type: ResourceType, verdict: Remarks) -> None:
    """An operation with the current version is carried out."""
    _versioned(bulk_versions, verdict)
    assert jobs.status(bulk_versions.up_to_date, 0) in given.SUCCESS
    assert jobs.read(bulk_versions, "read up_to_date").get(choose.text(resource_type).name) == LAST_TEXT


def _versioned(bulk_versions: Evidence, verdict: Remarks) -> None:
    if not given.done(bulk_versions.current).header("etag"):
        verdict.not_applicable("the tenant's resources come without an ETag")
