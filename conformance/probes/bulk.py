"""Bulk jobs that a tenant carries out: what becomes of their operations, and how it is told (RFC 7644 §3.7)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.patch import operation
from conformance.probes.registry import probe
from conformance.spec.messages import PATCH_OP

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

# The operations of the jobs ``changed`` and ``outdated``, in this order; PATCH only where the tenant offers it.
CHANGES = ("PUT", "DELETE", "PATCH")
PASSWORD = "Conformance-1s-tested!"  # noqa: S105 - what is looked for in the answers
NEW_TEXT, FIRST_TEXT, LAST_TEXT = (f"conformance {word}" for word in ("new", "first", "last"))
OUTDATED = 'W/"conformance-outdated"'


def post(resource_type: ResourceType, bulk_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return an operation that creates a resource."""
    return {"method": "POST", "path": resource_type.endpoint, "bulkId": bulk_id, "data": data}


def put(path: str, data: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return an operation that replaces a resource; ``members`` such as ``version`` stand beside the data."""
    return {"method": "PUT", "path": path, "data": data, **members}


def patch(path: str, *operations: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return an operation that modifies a resource by these PATCH operations."""
    data = {"schemas": [PATCH_OP], "Operations": list(operations)}
    return {"method": "PATCH", "path": path, "data": data, **members}


def delete(path: str, **members: Any) -> dict[str, Any]:
    """Return an operation that deletes a resource."""
    return {"method": "DELETE", "path": path, **members}


@probe
def bulk_jobs(ask: Ask, resource_type: ResourceType) -> None:
    """Create three resources in one job, change each in its own way in another, and one of them twice in a third.

    A single create before shows whether there is any.
    """
    text = choose.text(resource_type).name
    password = {"password": PASSWORD} if resource_type.find("password") else {}
    if not ask.try_create("single", resource_type, choose.named(ask, resource_type) | password).ok:
        password = {}
        ask.create("plain", resource_type, choose.named(ask, resource_type))
    bodies = [choose.named(ask, resource_type) for _ in CHANGES]
    bodies[0] |= password
    made = ask.bulk("created", *(post(resource_type, f"Conf-{n}", body) for n, body in enumerate(bodies)))
    paths = [path for path in made if path]
    if len(paths) < len(bodies):
        ask.stop("the bulk job did not lead to three new resources", ask.evidence["created"])
    replaced, deleted, patched = paths
    ask.get("read", replaced)
    changes = [put(replaced, bodies[0] | {text: NEW_TEXT}), delete(deleted)]
    if patches(ask):
        changes.append(patch(patched, operation("replace", text, value=NEW_TEXT)))
    ask.bulk("changed", *changes)
    ask.together(
        partial(ask.get, "read PUT", replaced),
        partial(ask.get, "read DELETE", deleted),
        partial(ask.get, "read PATCH", patched),
    )
    ask.bulk("sequence", *(put(patched, bodies[2] | {text: value}) for value in (FIRST_TEXT, LAST_TEXT)))
    ask.get("read sequence", patched)


@probe
def bulk_versions(ask: Ask, resource_type: ResourceType) -> None:
    """Change a resource in one job on condition of an outdated version and last of the current one."""
    text = choose.text(resource_type).name
    target = ask.create("target", resource_type)
    version = ask.get("current", target.path).header("etag")
    outdated = [
        put(target.path, target.sent | {text: FIRST_TEXT}, version=OUTDATED),
        delete(target.path, version=OUTDATED),
    ]
    if patches(ask):
        outdated.append(patch(target.path, operation("replace", text, value=FIRST_TEXT), version=OUTDATED))
    ask.bulk("outdated", *outdated)
    ask.get("read outdated", target.path)
    if version:
        ask.bulk("up_to_date", put(target.path, target.sent | {text: LAST_TEXT}, version=version))
        ask.get("read up_to_date", target.path)


@probe
def bulk_undeclared(ask: Ask, resource_type: ResourceType) -> None:
    """Send a job to a tenant that says it takes none, and look whether it was carried out."""
    ask.bulk("job", post(resource_type, "Conf-0", choose.named(ask, resource_type)))
    ask.adopt("stored", resource_type, "userName")


def patches(ask: Ask) -> bool:
    """Whether the tenant may be sent PATCH."""
    return ask.service.supports("patch") is not False
