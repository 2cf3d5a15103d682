"""References by bulkId to what the same job creates: where they may stand and what they lead to (RFC 7644 §3.7.2)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.bulk import NEW_TEXT, patch, patches, post, put
from conformance.probes.patch import operation
from conformance.probes.registry import probe
from conformance.spec.schema import ENTERPRISE_USER

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

UNDEFINED = "bulkId:Conf-undefined"


@probe
def bulk_members(ask: Ask, resource_type: ResourceType) -> None:
    """Let groups refer to users of their job, earlier and later ones, in a create and a PATCH, and to nobody.

    Single requests do first what the jobs are to do, with a user that is there already.
    """
    group_type = ask.service.resource_type("Group")
    if group_type is None:
        return
    user = ask.create("user", resource_type)
    existing = ask.create("group", group_type)
    known = [{"value": user.id}]
    ask.create("single", group_type, ask.sample.minimal(group_type) | {"members": known})
    joined = _group(ask, group_type, "Team", "bulkId:Ann")
    job = [_user(ask, resource_type, "Ann"), joined]
    if patches(ask):
        ask.patch("single PATCH", existing.path, operation("add", "members", value=known))
        job.append(patch(existing.path, operation("add", "members", value=[{"value": "bulkId:Ann"}])))
    _read(ask, "posted", ask.bulk("members", *job)[1])
    if patches(ask):
        ask.get("read patched", existing.path)
    forward = [_group(ask, group_type, "Early", "bulkId:Late"), _user(ask, resource_type, "Late")]
    _read(ask, "forward", ask.bulk("forward", *forward)[0])
    _read(ask, "undefined", ask.bulk("undefined", _group(ask, group_type, "Odd", UNDEFINED))[0])
    ask.adopt("stored", group_type, "displayName")


@probe
def bulk_circle(ask: Ask, resource_type: ResourceType) -> None:
    """Create a group in a group, to see whether the tenant takes any, and then two that contain each other."""
    inner = ask.create("inner", resource_type)
    nested = ask.sample.minimal(resource_type) | {"members": [{"value": inner.id}]}
    ask.try_create("nested", resource_type, nested)
    circle = (("Left", "bulkId:Right"), ("Right", "bulkId:Left"))
    made = ask.bulk("circle", *(_group(ask, resource_type, name, member) for name, member in circle))
    ask.together(*(partial(ask.get, f"read {n}", path) for n, path in enumerate(made) if path))
    ask.adopt("stored", resource_type, "displayName")


@probe
def bulk_manager(ask: Ask, resource_type: ResourceType) -> None:
    """Let a user have a manager of the same job."""
    report = choose.named(ask, resource_type)
    report["schemas"] = [*report["schemas"], ENTERPRISE_USER]
    report[ENTERPRISE_USER] = report.get(ENTERPRISE_USER, {}) | {"manager": {"value": "bulkId:Boss"}}
    made = ask.bulk("manager", _user(ask, resource_type, "Boss"), post(resource_type, "Report", report))
    _read(ask, "report", made[1])


@probe
def bulk_ids(ask: Ask, resource_type: ResourceType) -> None:
    """Address a user of the same job by its bulkId, and give two users one bulkId."""
    text = choose.text(resource_type).name
    first = choose.named(ask, resource_type)
    changed = put(f"{resource_type.endpoint}/bulkId:Path", first | {text: NEW_TEXT})
    _read(ask, "path", ask.bulk("path", post(resource_type, "Path", first), changed)[0])
    ask.bulk("twice", *(_user(ask, resource_type, "Twice") for _ in range(2)))


def _user(ask: Ask, resource_type: ResourceType, bulk_id: str) -> dict[str, Any]:
    return post(resource_type, bulk_id, choose.named(ask, resource_type))


def _group(ask: Ask, group_type: ResourceType, bulk_id: str, member: str) -> dict[str, Any]:
    return post(group_type, bulk_id, ask.sample.minimal(group_type) | {"members": [{"value": member}]})


def _read(ask: Ask, name: str, path: str | None) -> None:
    """Read what an operation created, if it did."""
    if path:
        ask.get(f"read {name}", path)
