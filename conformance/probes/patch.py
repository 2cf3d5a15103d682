"""Modifying resources with PATCH (RFC 7644 §3.5.2): every attribute in turn, and what holds for any PATCH.

A tenant answers a PATCH with the resource or with 204 and nothing; ``change`` reads the resource in the second case,
so that each question ends with a state to judge.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.choose import required
from conformance.probes.registry import probe
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType
    from conformance.tenant.exchange import Exchange

_NOT_OFFERED = {404, 405, 501}


def operation(op: str, path: str | None = None, **value: Any) -> dict[str, Any]:
    """Return one PATCH operation; ``path`` and ``value`` are left out unless given."""
    return {"op": op, **({} if path is None else {"path": path}), **value}


def change(ask: Ask, name: str, path: str, *operations: dict[str, Any], **options: Any) -> Exchange:
    """Send a PATCH and see to it that the state after a success is on record: in the answer, or in ``<name> read``."""
    exchange = ask.patch(name, path, *operations, **options)
    if exchange.ok and not exchange.shows_resource:
        ask.get(f"{name} read", path)
    return exchange


def patchable(bound: BoundAttribute) -> bool:
    """Whether any value will do for the attribute, so that each kind of operation can be tried on it.

    Sub-attributes count where their parent is singular; what points to other resources, what is never shown and
    binary data, of which a tenant may demand that it is a certificate, do not.
    """
    attribute, parent = bound.attribute, bound.parent
    if attribute.mutability != "readWrite" or attribute.returned != "default" or attribute.type == "binary":
        return False
    if parent:
        free = parent.mutability == "readWrite" and parent.returned == "default"
        return free and not parent.multi_valued and not parent.links
    if attribute.type == "complex":
        binary = any(sub.type == "binary" for sub in attribute.sub_attributes)
        return attribute.multi_valued and not attribute.links and not binary
    return True


def optional(bound: BoundAttribute) -> bool:
    """Whether a patchable attribute may be without a value."""
    if bound.attribute.required or (bound.parent and bound.parent.required):
        return False
    return bound.urn is not None or bound.attribute not in required(bound.resource_type)


@probe
def attributes_patched(ask: Ask, resource_type: ResourceType) -> None:
    """Add, add again, replace, remove and once more replace every attribute, all of them in each request."""
    body = ask.sample.minimal(resource_type)
    bound = [b for b in resource_type.attributes() if patchable(b)]
    unset = [b for b in bound if optional(b)]
    for absent in unset:
        body.pop(absent.name, None)
    created = ask.create("created", resource_type, body)
    values = _Values(ask)
    together = partial(_together, ask, created.path)
    taken = together("added", [operation("add", b.path, value=values.next(b)) for b in unset])
    kept = [b for b in bound if b.path in taken or b not in unset]
    together("added_again", [operation("add", b.path, value=values.next(b)) for b in kept])
    together("replaced", [operation("replace", b.path, value=values.several(b)) for b in kept])
    gone = together("removed", [operation("remove", b.path) for b in unset if b in kept])
    together("replaced_unset", [operation("replace", b.path, value=values.next(b)) for b in unset if b.path in gone])
    ask.get("fetched", created.path)


class _Values:
    """Values for attributes, none equal to the one before."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._last: dict[str, Any] = {}

    def next(self, bound: BoundAttribute) -> Any:
        if bound.attribute.type == "boolean":
            value: Any = not self._last.get(bound.path, False)
        else:
            drawn = (self._ask.sample.value(bound.attribute, bound.parent) for _ in range(20))
            value = next((v for v in drawn if v != self._last.get(bound.path)), None)
        self._last[bound.path] = value
        return [value] if bound.attribute.multi_valued else value

    def several(self, bound: BoundAttribute) -> Any:
        """Return a value, and another beside it where there may be several."""
        value = self.next(bound)
        return value + [v for v in self.next(bound) if v is not None] if bound.attribute.multi_valued else value


def _together(ask: Ask, path: str, name: str, operations: list[dict[str, Any]]) -> set[str]:
    """Send the operations in one PATCH, and in halves where it is refused; return the paths that were taken.

    A PATCH is atomic: a single attribute that the tenant refuses would otherwise hide what it does with the others.
    """
    if not operations:
        return set()
    exchange = change(ask, name, path, *operations)
    if exchange.ok:
        return {each["path"] for each in operations}
    if len(operations) == 1 or exchange.response is None or exchange.status in _NOT_OFFERED:
        return set()
    middle = len(operations) // 2
    first = _together(ask, path, f"{name}.1", operations[:middle])
    return first | _together(ask, path, f"{name}.2", operations[middle:])


@probe
def user_patched(ask: Ask, resource_type: ResourceType) -> None:
    """Send a PATCH in each of the forms that are about the message, all on displayName."""
    created = ask.create("created", resource_type, _sparse(ask, resource_type))
    path, urn = created.path, resource_type.schema.id
    names = _names(ask)
    ask.get("before", path)
    change(ask, "replaced", path, operation("replace", "displayName", value=next(names)))
    ask.get("fetched", path)
    change(ask, "capitals", path, operation("Replace", "displayName", value=next(names)))
    change(ask, "core_urn", path, operation("replace", f"{urn}:displayName", value=next(names)))
    with_attributes = {"attributes": "displayName"}
    change(ask, "projected", path, operation("replace", "displayName", value=next(names)), params=with_attributes)
    in_order = [
        operation("add", "displayName", value=next(names)),
        operation("remove", "displayName"),
        operation("add", "displayName", value=next(names)),
    ]
    change(ask, "in_order", path, *in_order)
    change(ask, "without_path", path, operation("replace", value={"displayName": next(names)}))
    change(ask, "null", path, operation("replace", "displayName", value=None))
    ask.filter("null_present", resource_type, f'userName eq "{created.sent.get("userName")}" and displayName pr')


def _sparse(ask: Ask, resource_type: ResourceType) -> dict[str, Any]:
    """Return a minimal body plus a displayName and what should stay as it is when that changes."""
    body = ask.sample.minimal(resource_type)
    for name in ("displayName", "name", "emails"):
        bound = resource_type.find(name)
        if bound and unassigned(body.get(name)):
            value = ask.sample.value(bound.attribute)
            body[name] = [value] if bound.attribute.multi_valued else value
    return body


def _names(ask: Ask) -> Iterator[str]:
    while True:
        yield ask.sample.unique()


@probe
def patch_declined(ask: Ask, resource_type: ResourceType) -> None:
    """Send a plain PATCH to a tenant that says it does not offer it, and look whether something changed."""
    created = ask.create("created", resource_type)
    ask.patch("patched", created.path, operation("replace", "displayName", value=ask.sample.unique()))
    ask.get("fetched", created.path)
