"""Generated histories of single resources (RFC 7644 §3.5), and generated values, tried until the tenant errs."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.generated import COUNTER_EXAMPLE
from conformance.probes.outcome import COMPUTED, SERVER_ERROR, free_text, lost, wrongs
from conformance.probes.patch import optional, patchable
from conformance.probes.registry import probe
from conformance.spec.errors import ScimError
from conformance.spec.messages import PATCH_OP
from conformance.spec.patch import apply
from conformance.spec.paths import AttrPath, lookup
from conformance.tenant.created import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.probes.ask import Ask
    from conformance.probes.evidence import Evidence
    from conformance.probes.generate.histories import Step, Subject
    from conformance.spec.schema import Attribute, ResourceType
    from conformance.tenant.exchange import Exchange

HISTORIES, VALUES = 100, 40
_SECONDS = 120.0
_CHOICES = 3


@probe
def histories_explored(ask: Ask, resource_type: ResourceType) -> None:
    """Live generated histories, each of a new resource; last the shortest in which the tenant errs."""
    from conformance.probes.generate.histories import histories  # noqa: PLC0415

    subjects = list(_subjects(ask, resource_type))
    if not subjects:
        return
    numbers = itertools.count(1)

    def wrong(history: list[Step]) -> bool:
        return live(ask, f"history {next(numbers)}", resource_type, history)

    found = ask.explore(histories(subjects), wrong, examples=HISTORIES, seconds=_SECONDS)
    if found is not None:
        live(ask, COUNTER_EXAMPLE, resource_type, found)


def live(ask: Ask, name: str, resource_type: ResourceType, history: list[Step]) -> bool:
    """Live a history and return whether a step went wrong, which ends it."""
    from conformance.probes.generate.histories import put  # noqa: PLC0415

    made = ask.create(f"{name}, create", resource_type)
    before = ask.get(f"{name}, read 0", made.path)
    for number, step in enumerate(history, start=1):
        in_bulk = step[0].notation == "bulk" and bool(ask.service.supports("bulk"))
        if step[0].kind == "recreate":
            ask.delete(f"{name}, delete {number}", made.path)
            made = ask.create(f"{name}, step {number}", resource_type, made.sent)
        elif step[0].kind in {"put", "put back"}:
            body = {key: value for key, value in before.resource.items() if key != "meta"}
            _write(ask, f"{name}, step {number}", ("PUT", made.path, put(step[0], body)), in_bulk=in_bulk)
        else:
            operations = _operations(step, before.resource, resource_type)
            if not operations or ask.service.supports("patch") is False:
                continue
            message = {"schemas": [PATCH_OP], "Operations": operations}
            _write(ask, f"{name}, step {number}", ("PATCH", made.path, message), in_bulk=in_bulk)
        after = ask.get(f"{name}, read {number}", made.path)
        if wrongs(before, ask.evidence[f"{name}, step {number}"], after, resource_type):
            return True
        before = after
    ask.delete(f"{name}, delete", made.path)
    return False


def _write(ask: Ask, name: str, request: tuple[str, str, dict[str, Any]], *, in_bulk: bool) -> None:
    method, path, message = request
    if in_bulk:
        ask.bulk(name, {"method": method, "path": path, "data": message})
    else:
        ask.send(name, method, path, json=message)


def last_step(evidence: Evidence) -> tuple[Exchange, Exchange, Exchange]:
    """Return the last step of the counter-example between the reads before and after it."""
    steps = evidence.named(f"{COUNTER_EXAMPLE}, step")
    number = int(steps[-1].name.rpartition(" ")[2])
    reads = evidence.named(f"{COUNTER_EXAMPLE}, read")
    before = [read for read in reads if int(read.name.rpartition(" ")[2]) < number]
    return before[-1], steps[-1], reads[-1]


def _operations(step: Step, resource: dict[str, Any], resource_type: ResourceType) -> list[dict[str, Any]]:
    """Return the operations of a step, each of which has to succeed on the result of the one before."""
    from conformance.probes.generate.histories import operation  # noqa: PLC0415

    operations: list[dict[str, Any]] = []
    for change in step:
        wanted = operation(change, resource)
        try:
            resource = apply(resource, [wanted], resource_type) if wanted else resource
        except ScimError:
            continue
        operations += [wanted] if wanted else []
    return operations


def _subjects(ask: Ask, resource_type: ResourceType) -> Iterator[Subject]:
    from conformance.probes.generate.histories import Subject  # noqa: PLC0415

    for bound in resource_type.attributes():
        attribute = bound.attribute
        members = attribute.sub("value") if attribute.multi_valued and attribute.type == "complex" else None
        if not patchable(bound) or (members is None and (attribute.multi_valued or attribute.type == "complex")):
            continue
        if attribute.uniqueness != "none" or attribute.name.lower() in COMPUTED or bound.name == "active":
            continue
        yield Subject.of(bound, _choices(ask, attribute), optional=optional(bound))
    yield from _switches(resource_type)
    yield from _memberships(ask, resource_type)


def _choices(ask: Ask, attribute: Attribute) -> list[Any]:
    """Return different values: elements that are alike could be told apart neither by a filter nor by the tenant."""
    drawn = [ask.sample.value(attribute) for _ in range(_CHOICES)]
    return list({str(lookup(value, "value") or value).lower(): value for value in drawn}.values())


def _switches(resource_type: ResourceType) -> Iterator[Subject]:
    from conformance.probes.generate.histories import Subject  # noqa: PLC0415

    active = resource_type.find("active")
    if active:
        yield Subject.of(active, [True, False], optional=False)


def _memberships(ask: Ask, resource_type: ResourceType) -> Iterator[Subject]:
    from conformance.probes.generate.histories import Subject  # noqa: PLC0415

    user_type, members = ask.service.resource_type("User"), resource_type.find("members")
    if user_type and members:
        people = [ask.create(f"member {number}", user_type) for number in range(_CHOICES)]
        yield Subject.of(members, [{"value": person.id} for person in people])


@probe
def texts_explored(ask: Ask, resource_type: ResourceType) -> None:
    """Create resources with generated texts and read them; last the one with the fewest that does not keep them."""
    from conformance.probes.generate.resources import texts  # noqa: PLC0415

    free = [b for b in resource_type.attributes() if patchable(b) and b.attribute.type == "string" and free_text(b)]
    if not free:
        return
    numbers = itertools.count(1)

    def create(name: str, values: dict[str, str]) -> bool:
        sent = _with(ask.sample.minimal(resource_type), values)
        created = ask.try_create(name, resource_type, sent)
        if not created.ok:
            return created.response is None or created.status >= SERVER_ERROR
        path = path_of(resource_type.endpoint, created.resource.get("id"))
        if path is None:
            return True
        after = ask.get(f"{name}, read", path)
        return bool(lost(created, after, resource_type))

    found = ask.explore(
        texts(free), lambda values: create(f"text {next(numbers)}", values), examples=VALUES, seconds=_SECONDS
    )
    if found is not None:
        create(COUNTER_EXAMPLE, found)


@probe
def refusals_explored(ask: Ask, resource_type: ResourceType) -> None:
    """Try to create resources with one value of a wrong type; last one whose refusal is not clean."""
    from conformance.probes.generate.resources import wrong_values  # noqa: PLC0415

    naming = choose.naming(resource_type)
    writable = [
        b
        for b in resource_type.attributes(subs=False)
        if b.attribute.mutability == "readWrite" and b.attribute != naming
    ]
    numbers = itertools.count(1)

    def refuse(name: str, example: tuple[str, Any]) -> bool:
        path, value = example
        body = _with(ask.sample.minimal(resource_type), {path: value})
        tried = ask.try_create(name, resource_type, body)
        if tried.response is None or tried.status >= SERVER_ERROR:
            return True
        if tried.ok or naming is None:
            return False
        left = ask.filter(f"{name}, left", resource_type, f'{naming.name} eq "{body[naming.name]}"')
        return left.ok and bool(left.resources)

    found = ask.explore(
        wrong_values(writable), lambda e: refuse(f"wrong {next(numbers)}", e), examples=VALUES, seconds=_SECONDS
    )
    if found is not None:
        refuse(COUNTER_EXAMPLE, found)


def _with(body: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    for path, value in values.items():
        where = AttrPath.parse(path)
        holder = body
        if where.urn:
            body["schemas"] = list(dict.fromkeys([*body["schemas"], where.urn]))
            holder = body.setdefault(where.urn, {})
        if where.sub:
            holder = holder.setdefault(where.name, {})
        holder[where.sub or where.name] = value
    return body
