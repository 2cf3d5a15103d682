"""Filters (RFC 7644 §3.4.2.2), each asked of a few resources of our own that are made for it."""

from __future__ import annotations

import time
from datetime import UTC, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.filter_cases import (
    CASES,
    ENTERPRISE,
    EXTENSION,
    EXTENSION_WITHOUT_URN,
    GROUPS,
    QUESTIONS,
    TEXTS,
    people,
)
from conformance.probes.registry import probe
from conformance.spec.paths import lookup
from conformance.spec.values import instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.probes.ask import Ask, Created
    from conformance.spec.schema import ResourceType

_HOUR = timedelta(hours=1)
_ELSEWHERE = timezone(timedelta(hours=5))
_PATIENCE = 3


@probe
def filtered(ask: Ask, resource_type: ResourceType) -> None:
    """Create four users and ask for some of them in many ways."""
    mark = ask.sample.prefix
    made = _create(ask, resource_type, people(mark, ask.sample.tag, ask.sample.user_name))
    words = _names(made) | _times(made["anna"]) | {"id": made["anna"].id, "A": made["anna"].sent["userName"].upper()}
    _ask(ask, resource_type, {case.name: case.filter for case in CASES} | QUESTIONS, words)


@probe
def filtered_texts(ask: Ask, resource_type: ResourceType) -> None:
    """Create two users whose values hold what filters and URLs give a meaning to, and ask for them."""
    mark = ask.sample.prefix
    odd = {
        "displayName": f'Say "hi" \\ {mark}',
        "title": f"A and not (pr) or [x] {mark}",
        "nickName": f"Renée 日本 {mark}",
        "name": {"familyName": f"{mark} 50%_a.* C?D 100%25"},
    }
    plain = {"name": {"familyName": f"{mark} 50xx a.* C+E 100"}}
    _create(ask, resource_type, {"odd": _named(ask, "odd") | odd, "plain": _named(ask, "plain") | plain})
    decomposed = {"decomposed": 'nickName eq "Rene\u0301e 日本 {m}"'}
    _ask(ask, resource_type, {case.name: case.filter for case in TEXTS} | decomposed, {})


@probe
def filtered_accents(ask: Ask, resource_type: ResourceType) -> None:
    """Create a user whose user name has an accent and ask for it with the accent as a character of its own."""
    mark = ask.sample.prefix
    composed, decomposed = (ask.sample.user_name(f"{mark}.{name}") for name in ("ren\u00e9", "rene\u0301"))
    made = ask.create("created", resource_type, _body(ask, resource_type, {"userName": composed}))
    ask.filter("composed", resource_type, f'userName eq "{made.sent["userName"]}"')
    ask.filter("decomposed", resource_type, f'userName eq "{decomposed}"')


@probe
def filtered_nothing(ask: Ask, resource_type: ResourceType) -> None:
    """Create users whose attributes are null or empty and ask whether they are present."""
    unset: dict[str, dict[str, Any]] = {
        "null": {"nickName": None},
        "emptied": {"emails": []},
        "hollow": {"nickName": "", "addresses": [{"locality": ""}]},
    }
    for name, values in unset.items():
        ask.try_create(name, resource_type, _body(ask, resource_type, _named(ask, name) | values))
    filters = {
        "present": "{ours} and (nickName pr or emails pr)",
        "ours": "{ours}",
        "hollow parts": "{ours} and addresses pr",
    }
    _ask(ask, resource_type, filters, {})


@probe
def filtered_extension(ask: Ask, resource_type: ResourceType) -> None:
    """Create a user with enterprise attributes, and a manager without, and ask for them."""
    mark = ask.sample.prefix
    boss = ask.create("boss", resource_type, _body(ask, resource_type, _named(ask, "boss")))
    body = _body(ask, resource_type, _named(ask, "worker"))
    extension = resource_type.extension(ENTERPRISE)
    values = {"department": f"Sales {mark}", "manager": {"value": boss.id}}
    body[ENTERPRISE] = body.get(ENTERPRISE, {}) | {
        name: value for name, value in values.items() if extension and extension.schema.attribute(name)
    }
    body["schemas"] = [*dict.fromkeys([*body["schemas"], ENTERPRISE])]
    worker = ask.create("worker", resource_type, body)
    words = _names({"boss": boss, "worker": worker}) | {"id": boss.id}
    _ask(ask, resource_type, {case.name: case.filter for case in EXTENSION} | {"no URN": EXTENSION_WITHOUT_URN}, words)


@probe
def filtered_groups(ask: Ask, resource_type: ResourceType) -> None:
    """Create two groups and ask for them by name."""
    mark = ask.sample.prefix
    _create(ask, resource_type, {name: {"displayName": f"{mark}.{name}"} for name in ("alpha", "beta")})
    unknown = {"nobody": 'displayName eq "{m}.gamma"'}
    _ask(ask, resource_type, {case.name: case.filter for case in GROUPS} | unknown, {})


@probe
def filtered_members(ask: Ask) -> None:
    """Create a group with a user in it, and one without members, and ask for user and group by each other."""
    user_type, group_type = ask.service.resource_type("User"), ask.service.resource_type("Group")
    if not user_type or not group_type:
        ask.stop("the tenant does not serve both User and Group")
        return
    user = ask.create("user", user_type)
    body = _body(ask, group_type, {"members": [{"value": user.id}]})
    group = ask.create("group", group_type, body)
    ask.create("empty", group_type, _body(ask, group_type, {}))
    ask.together(
        partial(ask.filter, "groups", group_type, f'members.value eq "{user.id}"'),
        partial(ask.filter, "groups in another case", group_type, f'members.value eq "{user.id.swapcase()}"'),
        partial(ask.filter, "users", user_type, f'groups.value eq "{group.id}"'),
        partial(ask.get, "fetched", user.path),
    )


@probe
def filtered_after_change(ask: Ask, resource_type: ResourceType) -> None:
    """Replace a user and ask by the old and by the new value, for a while if the tenant indexes with a delay."""
    mark = ask.sample.prefix
    before, after = f"Before {mark}", f"After {mark}"
    body = _body(ask, resource_type, _named(ask, "mover") | {"displayName": before})
    made = ask.create("created", resource_type, body)
    ask.replace("replaced", made.path, body | {"id": made.id, "displayName": after})
    for attempt in range(1, _PATIENCE + 1):
        now = ask.filter(f"new {attempt}", resource_type, f'displayName eq "{after}"')
        old = ask.filter(f"old {attempt}", resource_type, f'displayName eq "{before}"')
        if not (now.ok and old.ok) or (now.found and not old.found):
            break
        time.sleep(attempt / 2)


@probe
def filtered_password(ask: Ask, resource_type: ResourceType) -> None:
    """Create a user with a password and try to find out the password by filters."""
    secret = "Tr0ub4dor-and-" + ask.sample.unique()
    made = ask.create("created", resource_type, ask.sample.minimal(resource_type) | {"password": secret})
    user = f'userName eq "{made.sent["userName"]}"'
    ask.together(
        partial(ask.filter, "equal", resource_type, f'{user} and password eq "{secret}"'),
        partial(ask.filter, "beginning", resource_type, f'{user} and password sw "{secret[:4]}"'),
    )


def _named(ask: Ask, name: str) -> dict[str, Any]:
    return {"userName": ask.sample.user_name(f"{ask.sample.prefix}.{name}")}


def _body(ask: Ask, resource_type: ResourceType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a minimal body with those of the values whose attributes the tenant's schema has."""
    known = {name: value for name, value in values.items() if resource_type.find(name)}
    return ask.sample.minimal(resource_type) | known


def _create(ask: Ask, resource_type: ResourceType, known: Mapping[str, dict[str, Any]]) -> dict[str, Created]:
    made: dict[str, Created] = {}

    def create(name: str) -> None:
        made[name] = ask.create(name, resource_type, _body(ask, resource_type, known[name]))

    ask.together(*(partial(create, name) for name in known))
    return made


def _names(made: Mapping[str, Created]) -> dict[str, str]:
    names = {name: created.sent["userName"] for name, created in made.items()}
    return {n[0]: v for n, v in names.items()} | {n: f'userName eq "{v}"' for n, v in names.items()}


def _times(created: Created) -> dict[str, str]:
    """Return points in time around a creation; none where the tenant does not say when that was."""
    moment = instant(lookup(created.resource, "meta.created"))
    modified = lookup(created.resource, "meta.lastModified")
    if moment is None or instant(modified) is None:
        return {}
    moment, plain = moment.astimezone(UTC), "%Y-%m-%dT%H:%M:%SZ"
    return {
        "created": lookup(created.resource, "meta.created"),
        "modified": modified,
        "year": lookup(created.resource, "meta.created")[:4],
        "there": moment.astimezone(_ELSEWHERE).isoformat(),
        "earlier": (moment - _HOUR).strftime(plain),
        "later": (moment + _HOUR).strftime(plain),
        "abroad": (moment - _HOUR).astimezone(_ELSEWHERE).isoformat(timespec="seconds"),
    }


def _ask(ask: Ask, resource_type: ResourceType, filters: Mapping[str, str], words: Mapping[str, str]) -> None:
    """Ask the filters side by side; those for which a word is missing are left out."""
    mark = ask.sample.prefix
    words = {
        "m": mark,
        "M": mark.upper(),
        "tag": ask.sample.tag,
        "domain": ask.sample.domain,
        "ours": f'userName sw "{mark}."',
        **words,
    }
    ready = {}
    for name, template in filters.items():
        try:
            ready[name] = template.format_map(words)
        except KeyError:
            continue
    ask.together(*(partial(ask.filter, name, resource_type, text) for name, text in ready.items()))
