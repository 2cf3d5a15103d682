"""Faults of references by bulkId: what is not replaced, not found or not refused (RFC 7644 §3.7.1, §3.7.2)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.faults.bulk import on_operation, only_looked_at
from conformance.reference.faults.bulk_errors import on_job_operations
from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import wrap
from conformance.spec.bulk import Operation, Step, references
from conformance.spec.errors import ScimError, invalid_value
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.reference.messages import Request, Response
    from conformance.reference.tenant import ReferenceTenant

    Planner = Callable[[Sequence[Operation]], list[Step]]


def _on_plan(tenant: ReferenceTenant, change: Callable[[list[Step]], list[Step]]) -> None:
    wrap(tenant.rules, "plan", lambda original, operations: change(original(operations)))


def _on_resolved(tenant: ReferenceTenant, change: Callable[[Any, Any], object]) -> None:
    """Change in place what the data of an operation is after its references are replaced; also given: as it was."""

    def resolve(original: Callable[..., Any], data: Any, *more: Any) -> Any:
        resolved = original(data, *more)
        if isinstance(resolved, dict):
            change(resolved, data)
        return resolved

    wrap(tenant.rules, "resolve", resolve)


def _in_order(steps: list[Step]) -> bool:
    return [step.operation.index for step in steps] == list(range(len(steps)))


def _refers(value: object) -> bool:
    return bool(references(Operation(0, data=value)))


@fault("RFC7644-3.7.2-01")
def members_by_bulk_id_are_dropped(tenant: ReferenceTenant) -> None:
    """A member that refers to an earlier operation of the job is left out."""
    in_order = [True]

    def plan(steps: list[Step]) -> list[Step]:
        in_order[0] = _in_order(steps)
        return steps

    def leave_out(resolved: dict[str, Any], data: Any) -> None:
        if in_order[0] and _refers(data.get("members")):
            del resolved["members"]

    _on_plan(tenant, plan)
    _on_resolved(tenant, leave_out)


@fault("RFC7644-3.7.2-04")
def bulk_ids_in_a_patch_are_dropped(tenant: ReferenceTenant) -> None:
    """A reference in a PATCH operation adds nobody."""

    def leave_out(resolved: dict[str, Any], data: Any) -> None:
        if _refers(data.get("Operations")):
            resolved["Operations"] = [{"op": "add", "path": "externalId", "value": "nobody"}]

    _on_resolved(tenant, leave_out)


@fault("RFC7644-3.7.2-03")
def managers_by_bulk_id_are_dropped(tenant: ReferenceTenant) -> None:
    """A reference in an extension is left out."""

    def leave_out(resolved: dict[str, Any], data: Any) -> None:
        if _refers(data.get(ENTERPRISE_USER)):
            resolved[ENTERPRISE_USER].pop("manager")

    _on_resolved(tenant, leave_out)


@fault("RFC7644-3.7.2-02")
def bulk_ids_refer_backwards_only(tenant: ReferenceTenant) -> None:
    """An operation cannot refer to a later one."""

    def plan(_: Planner, operations: Sequence[Operation]) -> list[Step]:
        return [Step(operation) for operation in operations]

    wrap(tenant.rules, "plan", plan)


@fault("RFC7644-3.7.2-05")
def undefined_bulk_ids_are_dropped(tenant: ReferenceTenant) -> None:
    """A reference to a bulkId of no operation is left out."""

    def resolve(original: Callable[..., Any], data: Any, ids: Mapping[str, str], *more: Any) -> Any:
        try:
            return original(data, ids, *more)
        except ScimError:
            return original(data, ids, frozenset(references(Operation(0, data=data))))

    wrap(tenant.rules, "resolve", resolve)


@fault("RFC7644-3.7.2-06")
def bulk_ids_are_used_twice(tenant: ReferenceTenant) -> None:
    """A job whose operations share a bulkId is carried out."""

    def take(operation: Operation) -> Operation:
        twice = operation.error is not None and "twice" in operation.error.detail
        return replace(operation, error=None) if twice else operation

    on_job_operations(tenant, take)


@fault("RFC7644-3.7.2-07")
def bulk_id_in_a_path_is_500(tenant: ReferenceTenant) -> None:
    """An operation whose path has a bulkId is answered with 500."""
    broken = ScimError("The tenant failed to handle the operation", status=500)
    on_job_operations(tenant, lambda o: replace(o, error=broken) if "bulkId:" in o.path else o)


@fault("RFC7644-3.7-31", "RFC7644-3.7.1-01")
def reordered_creates_are_carried_out_twice(tenant: ReferenceTenant) -> None:
    """A group that refers to a later operation of its job is created before and after that."""
    in_order = [True]

    def plan(steps: list[Step]) -> list[Step]:
        in_order[0] = _in_order(steps)
        return steps

    def create(original: Callable[[Request], Response], request: Request) -> Response:
        if not in_order[0] and "members" in json.loads(request.body):
            original(request)
        return original(request)

    _on_plan(tenant, plan)
    on_operation(tenant, "POST", create)


@fault("RFC7644-3.7.1-01")
def circles_are_answered_400(tenant: ReferenceTenant) -> None:
    """Groups of a job that contain each other are refused with 400."""
    refusal = invalid_value("The references form a circle")

    def refuse(step: Step) -> Step:
        return replace(step, operation=replace(step.operation, error=refusal)) if step.deferred else step

    _on_plan(tenant, lambda steps: list(map(refuse, steps)))


@fault("RFC7644-3.7.1-01", "RFC7644-3.7.1-02")
def circles_stay_open(tenant: ReferenceTenant) -> None:
    """Of two groups of a job that contain each other one is left without its member."""
    on_operation(tenant, "PUT", lambda p, r: only_looked_at(p, r) if "Groups" in r.segments else p(r))
