"""Hooks for faults of PATCH: carrying out one of its operations in another way, keeping another state after it.

    on_operation(tenant, aimed("add", "title", assigned=True), nothing)

carries out all operations but an ``add`` to a title that has a value, which is answered with success.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.reference.faults.registry import register
from conformance.reference.faults.seams import wrap
from conformance.spec.errors import ScimError
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conformance.reference.storage import Record
    from conformance.reference.tenant import ReferenceTenant
    from conformance.spec.schema import ResourceType

    Document = dict[str, Any]
    Where = Callable[["Step"], bool]
    Do = Callable[["Step"], Document]


@dataclass(frozen=True)
class Step:
    """One operation of a PATCH and the whole resource that it is for; ``among`` is how many the PATCH has."""

    sent: Mapping[str, Any]
    document: Document
    resource_type: ResourceType
    among: int
    run: Callable[[Document, Mapping[str, Any]], Document]

    @property
    def op(self) -> str:
        """The op as sent, "" where there is none."""
        return str(self.sent.get("op", ""))

    @property
    def path(self) -> str | None:
        """The path as sent."""
        return self.sent.get("path")

    @property
    def value(self) -> Any:
        """The value as sent."""
        return self.sent.get("value")

    @property
    def stored(self) -> Any:
        """What the resource has at the path; None for a path with a filter, too."""
        return lookup(self.document, self.path or "")

    def carried_out(self, **changed: Any) -> Document:
        """Return the resource after the operation, or after one that differs from it in some members."""
        return self.run(self.document, {**self.sent, **changed})


def aimed(  # noqa: PLR0913 - one condition each
    op: str,
    path: str | None = ".*",
    *,
    of: str = "",
    assigned: bool | None = None,
    alone: bool = False,
    when: Callable[[Step], bool] = lambda _: True,
) -> Where:
    """Return a test for operations: ``op`` as sent and ``path`` a pattern for the whole of it, None for no path.

    ``of`` is a resource type, ``assigned`` whether the resource has a value at the path, ``alone`` stands for the only
    operation of a PATCH.
    """

    def chosen(step: Step) -> bool:
        fits = step.path is None if path is None else re.fullmatch(path, step.path or "\0") is not None
        return (
            fits
            and step.op == op
            and of in {"", step.resource_type.name}
            and (assigned is None or (step.stored is not None) is assigned)
            and not (alone and step.among > 1)
            and when(step)
        )

    return chosen


def on_operation(tenant: ReferenceTenant, where: Where, do: Do) -> None:
    """Carry out some operations of PATCH requests in another way."""

    def operate(
        original: Callable[..., Document],
        document: Document,
        operations: list[Mapping[str, Any]],
        resource_type: ResourceType,
    ) -> Document:
        def run(document: Document, operation: Mapping[str, Any]) -> Document:
            return original(document, [operation], resource_type)

        for operation in operations:
            step = Step(operation, document, resource_type, len(operations), run)
            document = do(step) if where(step) else step.carried_out()
        return document

    wrap(tenant.rules, "operate", operate)


def nothing(step: Step) -> Document:
    """Leave the resource as it is and let the PATCH succeed."""
    return step.document


def refusal(status: int, scim_type: str | None = None) -> Do:
    """Return a way to refuse an operation."""

    def refuse(_: Step) -> Document:
        raise ScimError("The operation cannot be carried out", status=status, scim_type=scim_type)

    return refuse


def told_as(scim_type: str) -> Do:
    """Return a way to carry out an operation that calls its failure something else."""

    def carry_out(step: Step) -> Document:
        try:
            return step.carried_out()
        except ScimError as error:
            raise ScimError(error.detail, status=error.status, scim_type=scim_type) from error

    return carry_out


def unless_it_fails(step: Step) -> Document:
    """Carry out an operation, or do nothing where it cannot be carried out."""
    try:
        return step.carried_out()
    except ScimError:
        return step.document


def carried_out_as(**changed: Any) -> Do:
    """Return a way to carry out another operation, which differs in some members."""
    return lambda step: step.carried_out(**changed)


def afterwards(change: Callable[[Step, Document], None]) -> Do:
    """Return a way to carry out an operation and then change the resource once more, in place."""

    def carry_out(step: Step) -> Document:
        document = deepcopy(step.carried_out())
        change(step, document)
        return document

    return carry_out


class Misstep(NamedTuple):
    """A fault in one kind of operation. ``breaks`` are ids with spaces between them."""

    name: str
    description: str
    breaks: str
    where: Where
    do: Do


def register_missteps(missteps: Iterable[Misstep]) -> None:
    """Register a fault for each row of a table."""
    for name, description, breaks, where, do in missteps:
        register(name, tuple(breaks.split()), description, partial(on_operation, where=where, do=do))


def on_message(
    tenant: ReferenceTenant, change: Callable[[Callable[[object], list[Document]], Any], list[Document]]
) -> None:
    """Read PATCH messages in another way; also given: the original way."""
    wrap(tenant.rules, "read_operations", change)


def on_patched(
    tenant: ReferenceTenant, change: Callable[[Document, list[Document], Record], None], *, of: str = "User"
) -> None:
    """Change in place what is kept after a PATCH; also given: its operations and the record before."""

    def apply_patch(
        original: Callable[..., Document], body: Any, resource_type: ResourceType, stored: Record, base: str
    ) -> Document:
        kept = original(body, resource_type, stored, base)
        if resource_type.name == of:
            change(kept, lookup(body, "Operations"), stored)
        return kept

    wrap(tenant.rules, "apply_patch", apply_patch)


def while_patching(tenant: ReferenceTenant) -> Callable[[], bool]:
    """Return a test for whether what the tenant does right now is the keeping of a PATCH."""
    patching: list[bool] = []

    def begin(original: Callable[..., Any], *args: Any) -> Any:
        result = original(*args)
        patching.append(True)
        return result

    def end(original: Callable[..., Any], *args: Any) -> Any:
        patching.clear()
        return original(*args)

    wrap(tenant.rules, "apply_patch", begin)
    wrap(tenant.rules, "read", end)
    wrap(tenant.rules, "check_precondition", end)
    return lambda: bool(patching)


def on_state(tenant: ReferenceTenant, change: Callable[[Record, Record], Record]) -> None:
    """Keep another state after a PATCH; given: the record before and the one to keep."""
    patching = while_patching(tenant)

    def next_state(original: Callable[..., Record], record: Record, attributes: Document) -> Record:
        after = original(record, attributes)
        return change(record, after) if patching() else after

    wrap(tenant.rules, "next_state", next_state)


def on_filtered(tenant: ReferenceTenant, change: Callable[[Document], None], *, of: str = "User") -> None:
    """Let filters see resources of a type in another state; those of equality on unique attributes, too."""

    def matches(original: Callable[..., bool], node: Any, resource: Document, resource_type: ResourceType) -> bool:
        if resource_type.name == of:
            resource = deepcopy(resource)
            change(resource)
        return original(node, resource, resource_type)

    wrap(tenant.rules, "matches", matches)
