"""Bulk jobs as they were answered: the results of single operations, and how far the tenant takes jobs at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from conformance.checks import discovered
from conformance.probes.evidence import Blocked
from conformance.spec.bulk import result_of, status_of
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from conformance.probes.evidence import Evidence
    from conformance.tenant.exchange import Exchange

_NOT_OFFERED = {404, 405, 501}


def taken(job: Exchange) -> Exchange:
    """Return the answer to a job. Raises Blocked where the tenant takes none, which another check judges."""
    if job.response and job.status in _NOT_OFFERED:
        raise Blocked(f"the tenant takes no bulk jobs: it answered {job.status}", job)
    return job


def carried_out(job: Exchange) -> Exchange:
    """Return the answer to a job that has results. Raises Blocked where it has none."""
    if not taken(job).results:
        answer = f"answered {job.status} without results" if job.response else f"got no answer ({job.error})"
        raise Blocked(f"the job was {answer}", job)
    return job


def find(job: Exchange, index: int) -> dict[str, Any] | None:
    """Return the result of the operation at ``index``, None where the answer has none for it."""
    operations = sent(job)
    return result_of(operations, index % len(operations), carried_out(job).results)


def result(job: Exchange, index: int) -> dict[str, Any]:
    """Return the result of the operation at ``index``. Raises Blocked where there is none, judged by another check."""
    found = find(job, index)
    if found is None:
        raise Blocked(f"the answer has no result for the operation {sent(job)[index].get('method')}", job)
    return found


def status(job: Exchange, index: int) -> int:
    """Return the status code of the operation at ``index``. Raises Blocked where its result has none."""
    found = status_of(result(job, index))
    if found is None:
        raise Blocked("the result has no status, which another check judges", job)
    return found


def outcome(job: Exchange, index: int = 0) -> int:
    """Return the status of an operation, or that of the answer where the tenant refused the job as a whole."""
    return status(job, index) if taken(job).results else job.status


def refused(code: int) -> bool:
    """Whether a status code says that the client made a mistake, or that the tenant does not do this."""
    return 400 <= code < 500 or code == 501  # noqa: PLR2004


def done(job: Exchange, index: int) -> dict[str, Any]:
    """Return the result of an operation that was carried out. Raises Blocked where it was not."""
    if status(job, index) >= 300:  # noqa: PLR2004
        raise Blocked(f"the operation ended with {status(job, index)}", job)
    return result(job, index)


def sent(job: Exchange) -> list[dict[str, Any]]:
    """Return the operations of a job as they were sent."""
    operations: list[dict[str, Any]] = (job.request.json or {}).get("Operations", [])
    return operations


def data(job: Exchange, index: int) -> dict[str, Any]:
    """Return the data of an operation as it was sent."""
    given: dict[str, Any] = sent(job)[index].get("data", {})
    return given


def leads_to(location: str, path: str) -> bool:
    """Whether a URI ends in a path, whichever of its characters either of them percent-encodes."""
    return discovered.path_of(location).lower().endswith(unquote(path).lower())


def stored(evidence: Evidence, attribute: str = "userName") -> list[str] | None:
    """Return the names that a query for the probe's own resources found; None where the tenant does not filter."""
    if "stored" not in evidence and evidence.stopped is None:
        return None
    query = evidence.stored
    return [str(resource.get(attribute)) for resource in query.resources] if query.ok else None


def name(job: Exchange, index: int = 0, attribute: str = "userName") -> str:
    """Return the name that an operation sends."""
    return str(data(job, index).get(attribute))


def read(evidence: Evidence, name: str) -> dict[str, Any]:
    """Return what an operation led to as it was read. Raises Unusable where it cannot be read."""
    if name not in evidence and evidence.stopped is None:
        raise Unusable("the operation is told to have succeeded, but its result leads to no resource")
    if not evidence[name].ok:
        raise Unusable(f"{evidence[name].label} answered {evidence[name].status}")
    return evidence[name].resource
