"""Bulk jobs in which something is wrong: single operations, the whole message, or the size (RFC 7644 §3.7)."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.bulk import NEW_TEXT, delete, patch, patches, post, put
from conformance.probes.patch import operation
from conformance.probes.registry import probe
from conformance.spec.messages import BULK_REQUEST, PATCH_OP
from conformance.tenant.client import SCIM_JSON

if TYPE_CHECKING:
    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import ResourceType

# The operations of the job ``mixed`` that fail, in this order; PATCH only where the tenant offers it.
FAILURES = ("POST", "PUT", "DELETE", "PATCH")
# Up to here the limits are tried out: some tenants allow jobs that would keep them busy, or more than fits a report.
MOST_OPERATIONS = 2000
LARGEST_PAYLOAD = 5 * 2**20
_NAME = "userName"


@probe
def bulk_failures(ask: Ask, resource_type: ResourceType) -> None:
    """Fail in different ways in one job, of which the last operation is right, and again as single requests."""
    target = ask.create("target", resource_type)
    unknown = ask.imagine(resource_type.endpoint)

    def taken() -> dict[str, Any]:
        return ask.sample.minimal(resource_type) | {_NAME: target.sent[_NAME]}

    failing = [post(resource_type, "taken", taken()), put(unknown, choose.named(ask, resource_type)), delete(unknown)]
    if patches(ask):
        failing.append(patch(unknown, operation("replace", choose.text(resource_type).name, value=NEW_TEXT)))
    ask.bulk("mixed", *failing, post(resource_type, "right", choose.named(ask, resource_type)))
    ask.bulk("all_failed", delete(unknown), post(resource_type, "taken", taken()))
    ask.try_create("single POST", resource_type, taken())
    ask.delete("single DELETE", unknown)
    ask.adopt("stored", resource_type, _NAME)


@probe
def bulk_operations_refused(ask: Ask, resource_type: ResourceType) -> None:
    """Send operations that are none, each in a job of its own, since a tenant may refuse the whole job."""
    target = ask.create("target", resource_type)
    wrong = _malformed(ask, resource_type, target)
    ask.together(*(partial(ask.bulk, name, malformed) for name, malformed in wrong.items()))
    ask.get("target_after", target.path)
    ask.adopt("stored", resource_type, _NAME)


def _malformed(ask: Ask, resource_type: ResourceType, target: Created) -> dict[str, dict[str, Any]]:
    def changed(name: str) -> dict[str, Any]:
        return target.sent | {choose.text(resource_type).name: written_by(name)}

    wrong: dict[str, dict[str, Any]] = {
        "no_method": {"path": target.path, "data": changed("no_method")},
        "get": {"method": "GET", "path": target.path},
        "made_up": {"method": "CONFORMANCE", "path": target.path, "data": changed("made_up")},
        "no_bulk_id": {"method": "POST", "path": resource_type.endpoint, "data": choose.named(ask, resource_type)},
        "no_path": {"method": "POST", "bulkId": "Conf-0", "data": choose.named(ask, resource_type)},
        "post_to_resource": post(resource_type, "Conf-0", choose.named(ask, resource_type)) | {"path": target.path},
        "put_below_resource": put(ask.imagine(target.path), changed("put_below_resource")),
        "post_without_data": {"method": "POST", "path": resource_type.endpoint, "bulkId": "Conf-0"},
        "put_without_data": {"method": "PUT", "path": target.path},
    }
    if patches(ask):
        wrong["patch_without_data"] = {"method": "PATCH", "path": target.path}
    return wrong


def written_by(name: str) -> str:
    """Return the text that one of the malformed operations would leave in the resource."""
    return f"{NEW_TEXT} by {name}"


@probe
def bulk_messages_refused(ask: Ask, resource_type: ResourceType) -> None:
    """Send messages to /Bulk that are no bulk jobs, although what stands in them could be carried out."""
    unnamed, malformed = (post(resource_type, "Conf-0", choose.named(ask, resource_type)) for _ in range(2))
    ask.bulk("unnamed", unnamed, json={"schemas": [PATCH_OP], "Operations": [unnamed]})
    ask.bulk("no_operations", json={"schemas": [BULK_REQUEST]})
    content = json.dumps({"schemas": [BULK_REQUEST], "Operations": [malformed]})[:-1]
    ask.bulk("malformed", malformed, json=None, content=content, headers={"Content-Type": SCIM_JSON})
    ask.adopt("stored", resource_type, _NAME)


@probe
def bulk_stopped(ask: Ask, resource_type: ResourceType) -> None:
    """Fail once where one error ends the job, and twice where two do; what follows must not be carried out."""
    unknown = ask.imagine(resource_type.endpoint)
    create = partial(_create, ask, resource_type)
    ask.bulk("at_first", create("before"), delete(unknown), create("after"), fail_on_errors=1)
    ask.bulk("at_second", delete(unknown), create("between"), delete(unknown), create("after"), fail_on_errors=2)
    ask.adopt("stored", resource_type, _NAME)


@probe
def bulk_limits(ask: Ask, resource_type: ResourceType) -> None:
    """Send as many operations as the tenant allows, one more, and one byte more; only one of each could do anything."""
    limits, nothing = ask.service.bulk, delete(ask.imagine(resource_type.endpoint))
    most = limits.max_operations
    if most and most <= MOST_OPERATIONS:
        ask.bulk("full", *[nothing] * most)
        ask.bulk("too_many", _create(ask, resource_type, "Conf-0"), *[nothing] * most)
    largest = limits.max_payload_size
    if largest and largest <= LARGEST_PAYLOAD:
        # What a DELETE carries is read by nobody, so that nothing of this size is ever stored.
        padded = nothing | {"data": {"padding": "x" * largest}}
        ask.bulk("too_large", _create(ask, resource_type, "Conf-0"), padded)
    ask.adopt("stored", resource_type, _NAME)


def _create(ask: Ask, resource_type: ResourceType, bulk_id: str) -> dict[str, Any]:
    return post(resource_type, bulk_id, choose.named(ask, resource_type))
