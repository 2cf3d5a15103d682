"""Groups: their members, their names, and the groups that a user shows (RFC 7643 §4.1.2, §4.2; RFC 7644 §3.5.2)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from conformance.probes.evidence import Blocked
from conformance.probes.patch import change, operation
from conformance.probes.registry import probe
from conformance.spec.paths import lookup
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

# The groups of a User may be brought up to date a little later than the Group; the pause is in seconds.
_ATTEMPTS, _PAUSE = 3, 0.3


@probe
def members_patched(ask: Ask, resource_type: ResourceType) -> None:
    """Take two users into a group and out of it in every way that PATCH knows."""
    a, b = _users(ask, "a", "b")
    group = ask.create("created", resource_type)
    path = group.path
    change(ask, "added", path, _add(a))
    change(ask, "added_again", path, _add(a))
    change(ask, "replaced", path, operation("replace", "members", value=_values(b)))
    change(ask, "swapped", path, _remove(b), _add(a))
    change(ask, "replaced_value", path, operation("replace", f'members[value eq "{a.id}"].value', value=b.id))
    change(ask, "refilled", path, operation("remove", "members"), _add(b), _add(a))
    change(ask, "removed_one", path, _remove(a))
    change(ask, "removed_stranger", path, _remove(a))
    change(ask, "added_both", path, _add(a, b))
    change(ask, "removed_all", path, operation("remove", "members"))
    change(ask, "removed_listed", path, _add(a, b), operation("remove", "members", value=_values(a)))
    change(ask, "replaced_by_none", path, operation("replace", "members", value=[]))


@probe
def membership(ask: Ask, resource_type: ResourceType) -> None:
    """Create a group with a member, hand it over to another user with PUT, and put the group into a group."""
    a, b = _users(ask, "a", "b")
    body = ask.sample.minimal(resource_type) | {"members": _values(a)}
    group = ask.create("created", resource_type, body)
    ask.get("fetched", group.path)
    _read_user(ask, "a_joined", a, group, member=True)
    ask.replace("handed_over", group.path, ask.completed(resource_type, _renewed(group, members=_values(b))))
    ask.get("handed_over_after", group.path)
    _read_user(ask, "a_left", a, group, member=False)
    ask.replace("doubled", group.path, ask.completed(resource_type, _renewed(group, members=_values(b, b))))
    outer = ask.sample.minimal(resource_type) | {"members": [{"value": group.id}]}
    ask.try_create("outer", resource_type, outer)
    _read_user(ask, "b_joined", b, group, member=True)
    nobody = {"value": ask.sample.nobody()}
    ask.replace("with_nobody", group.path, _renewed(group, members=[*_values(b), nobody]))
    ask.delete("b_deleted", b.path)
    ask.get("after_deletion", group.path)


@probe
def group_guarded(ask: Ask, resource_type: ResourceType) -> None:
    """Try to make or leave a group without a name, then claim membership of it from the side of a user."""
    group = ask.create("created", resource_type)
    ask.try_create("namesake", resource_type, {**group.sent, "externalId": ask.sample.unique()})
    nameless = {"schemas": [resource_type.schema.id], "externalId": ask.sample.unique()}
    ask.try_create("nameless", resource_type, nameless)
    ask.replace("put_nameless", group.path, {**nameless, "id": group.id})
    ask.patch("name_removed", group.path, operation("remove", "displayName"))
    user_type = _user_type(ask)
    claimed = {"groups": [{"value": group.id}]}
    user = ask.create("user", user_type, ask.sample.minimal(user_type) | claimed)
    ask.replace("put", user.path, user.sent | {"id": user.id})
    ask.get("after_put", group.path)
    ask.patch("patch", user.path, operation("add", "groups", value=claimed["groups"]))
    ask.get("after_patch", group.path)


def holds_group(user: Exchange, group: str) -> bool:
    """Whether a user that was read shows the group of that id."""
    try:
        shown = lookup(user.resource, "groups.value")
    except Unusable:
        return False
    return isinstance(shown, list) and group in shown


def _user_type(ask: Ask) -> ResourceType:
    user_type = ask.service.resource_type("User")
    if user_type is None:
        raise Blocked("the tenant serves no users who could be members")
    return user_type


def _users(ask: Ask, *names: str) -> list[Created]:
    user_type = _user_type(ask)
    return [ask.create(name, user_type) for name in names]


def _values(*members: Created) -> list[dict[str, Any]]:
    return [{"value": member.id} for member in members]


def _add(*members: Created) -> dict[str, Any]:
    return operation("add", "members", value=_values(*members))


def _remove(member: Created) -> dict[str, Any]:
    return operation("remove", f'members[value eq "{member.id}"]')


def _renewed(created: Created, **changed: Any) -> dict[str, Any]:
    return created.sent | {"id": created.id} | changed


def _read_user(ask: Ask, name: str, user: Created, group: Created, *, member: bool) -> None:
    """Read a user until the group is shown, or no longer is; the last of at most three reads counts."""
    attempts = _ATTEMPTS if _user_type(ask).find("groups") else 1
    for attempt in range(1, attempts + 1):
        exchange = ask.get(f"{name} {attempt}", user.path)
        if holds_group(exchange, group.id) is member:
            return
        time.sleep(_PAUSE)
