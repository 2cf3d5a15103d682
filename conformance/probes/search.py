"""Querying with POST to ``/.search`` (RFC 7644 §3.4.3): at a resource type, at the root, and wrongly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.parts import Part, body
from conformance.probes.query import lists
from conformance.probes.registry import probe
from conformance.spec.messages import SEARCH_REQUEST
from conformance.spec.schema import USER
from conformance.tenant.client import SCIM_JSON

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType
    from conformance.tenant.exchange import Exchange

# In the order of creation, which is nobody's sort order.
PEOPLE = ("b", "c", "a")
# The searches that are sent with GET as well.
TWICE = ("all", "attributes", "descending", "page")
_ABSENT = {404, 405, 501}


@dataclass(frozen=True, slots=True)
class Projection:
    """What a search asks to see: its members, a path that the answer then shows and one that it does not."""

    members: dict[str, list[str]]
    shown: str
    hidden: str


@probe
def by_post(ask: Ask, resource_type: ResourceType) -> None:
    """Create three resources and search them in many ways, some of them with GET, too; a filter keeps others out.

    The one search without filter asks for one resource; after it, a tenant that has no ``/.search`` is left alone.
    """
    naming = choose.naming(resource_type)
    if naming is None:
        return
    names = {person: f"{ask.sample.prefix}.{person}" for person in ("0", *PEOPLE)}
    if resource_type.schema.id == USER:
        names = {person: ask.sample.user_name(name) for person, name in names.items()}
    bodies = {person: _body(ask, resource_type) | {naming.name: names[person]} for person in PEOPLE}
    first, *others = PEOPLE
    ask.create(first, resource_type, bodies[first])
    bare = _post(ask, "bare", resource_type.endpoint, _message(count=1))
    if absent(bare) or ask.service.supports("filter") is False:
        return
    ask.together(*(partial(ask.create, person, resource_type, bodies[person]) for person in others))
    ours = f'{naming.name} sw "{ask.sample.prefix}."'
    cases = _cases(resource_type, naming.name, sort=ask.service.supports("sort") is not False)
    search = partial(ask.search, endpoint=resource_type.endpoint)
    ask.together(
        *(partial(search, name, expression=ours, **members) for name, members in cases.items()),
        partial(search, "named", expression=f'{naming.name} eq "{names["b"]}"'),
        partial(search, "nobody", expression=f'{naming.name} eq "{names["0"]}"'),
    )
    queries = {name: _parameters(cases[name]) for name in TWICE if name in cases}
    ask.together(*(partial(ask.filter, f"GET {n}", resource_type, ours, **q) for n, q in queries.items()))


@probe
def searched_root(ask: Ask) -> None:
    """Search at the root; where that is offered, create a user and a group and search for both there."""
    user_type, group_type = ask.service.resource_type("User"), ask.service.resource_type("Group")
    bare = _post(ask, "bare", "", _message(count=1))
    if not lists(bare) or not user_type or not group_type or ask.service.supports("filter") is False:
        return
    user, group = choose.another_name(ask, user_type), choose.another_name(ask, group_type)
    ask.create("user", user_type, ask.sample.minimal(user_type) | {"userName": user})
    ask.create("group", group_type, ask.sample.minimal(group_type) | {"displayName": group})
    both = f'(userName eq "{user}" or displayName eq "{group}")'
    ask.together(
        partial(ask.search, "both", "", both),
        partial(ask.search, "one", "", both, count=1),
        partial(ask.get, "GET both", "/", {"filter": both}),
    )


@probe(safe=True)
def missearched(ask: Ask, resource_type: ResourceType) -> None:
    """Send searches that must be refused; taken all the same, they ask for one resource."""
    naming = choose.naming(resource_type)
    if naming is None or absent(_post(ask, "offered", resource_type.endpoint, _message(count=1))):
        return
    bodies = {
        "no value": _message(filter=f"{naming.name} eq", count=1),
        "left over": _message(filter=f'{naming.name} eq "nobody" "somebody"', count=1),
        "no schemas": {"count": 1},
        "another schema": {"schemas": [resource_type.schema.id], "count": 1},
        "array": [_message(count=1)],
        "filter is a number": _message(filter=42, count=1),
        "count is an object": _message(count={"value": 1}),
        "attributes is a number": _message(attributes=42, count=1),
    }
    ask.together(
        *(partial(_post, ask, name, resource_type.endpoint, message) for name, message in bodies.items()),
        partial(_post, ask, "cut off", resource_type.endpoint, _message(count=1), cut=1),
    )


def absent(exchange: Exchange) -> bool:
    """Whether an answer says that there is no ``/.search``."""
    return exchange.response is not None and exchange.status in _ABSENT


def projections(resource_type: ResourceType, naming: str) -> dict[str, Projection]:
    """Return searches for parts of resources by name; ``naming`` is the attribute that tells resources apart."""
    text = choose.text(resource_type).name
    found = {
        "attributes": Projection({"attributes": [naming]}, naming, text),
        "excluded": Projection({"excludedAttributes": [text]}, naming, text),
        "URN": Projection({"attributes": [f"{resource_type.schema.id}:{naming}"]}, naming, text),
    }
    for label, bound in _further(resource_type).items():
        found[label] = Projection({"attributes": [bound.path]}, bound.path, text)
        found[f"without {label}"] = Projection({"excludedAttributes": [bound.path]}, naming, bound.path)
    return found


def _further(resource_type: ResourceType) -> dict[str, BoundAttribute]:
    further = {"sub-attribute": choose.component(resource_type), "extension": choose.extension_text(resource_type)}
    return {label: bound for label, bound in further.items() if bound}


def _body(ask: Ask, resource_type: ResourceType) -> dict[str, Any]:
    """Return a body with everything that ``projections`` shows or hides."""
    text = choose.text(resource_type)
    parts = [Part(text.name, ask.sample.unique())]
    for bound in _further(resource_type).values():
        value = ask.sample.value(bound.attribute, bound.parent)
        name, held = (bound.parent.name, {bound.attribute.name: value}) if bound.parent else (bound.name, value)
        parts.append(Part(name, held, bound.urn))
    return body(ask.sample.minimal(resource_type), parts)


def _cases(resource_type: ResourceType, naming: str, *, sort: bool) -> dict[str, dict[str, Any]]:
    order = {"sortBy": naming, "sortOrder": "descending"}
    ordered = {"descending": order, "ascending": {**order, "sortOrder": "ascending"}} if sort else {}
    return {
        "all": {},
        "from 2": {"startIndex": 2},
        "one": {"count": 1},
        "page": {"startIndex": 2, "count": 1, **(order if sort else {})},
        "count 0": {"count": 0},
        "count -1": {"count": -1},
        "without id": {"excludedAttributes": ["id"]},
        **ordered,
        **{name: dict(part.members) for name, part in projections(resource_type, naming).items()},
    }


def _message(**members: Any) -> dict[str, Any]:
    return {"schemas": [SEARCH_REQUEST], **members}


def _parameters(members: dict[str, Any]) -> dict[str, str | int]:
    return {name: ",".join(value) if isinstance(value, list) else value for name, value in members.items()}


def _post(ask: Ask, name: str, endpoint: str, message: object, *, cut: int = 0) -> Exchange:
    """Send a search as it stands, without the last ``cut`` characters of its JSON."""
    text = json.dumps(message)
    content = text[: len(text) - cut]
    return ask.send(name, "POST", f"{endpoint}/.search", content=content, headers={"Content-Type": SCIM_JSON})
