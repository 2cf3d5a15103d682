"""What a tenant keeps of a resource whose schema it does not describe: it has to be asked (RFC 7643 §2.2, §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.probes.attributes import plain_value, values
from conformance.probes.enterprise import link, target_type_of
from conformance.probes.parts import Part, create_with
from conformance.probes.registry import probe
from conformance.spec.paths import lookup
from conformance.spec.values import unassigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.probes.ask import Ask
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute, ResourceType

_MOST_ATTEMPTS = 10


@probe
def kept(ask: Ask, resource_type: ResourceType) -> None:
    """Create a resource with every attribute that the tenant does not describe, take it into a group, and read it."""
    made, _ = create_with(ask, "created", resource_type, list(_parts(ask, resource_type)), _MOST_ATTEMPTS)
    group_type, groups = ask.service.resource_type("Group"), resource_type.find("groups")
    if group_type and groups and groups.schema.id in ask.service.assumed:
        members = [{"value": made.id}]
        ask.try_create("group", group_type, {**ask.sample.minimal(group_type), "members": members})
    ask.get("fetched", made.path)


def kept_by(evidence: Evidence) -> Callable[[BoundAttribute], bool]:
    """Return what tells of an attribute whether the tenant keeps it: neither refused it nor left it out when read.

    What it was not asked about counts as kept. Raises Blocked or Unusable where it gave no resource to read.
    """
    shown = evidence["fetched"].resource
    creates = evidence.named("created")
    given, taken = creates[0].request.json, creates[-1].request.json

    def is_kept(bound: BoundAttribute) -> bool:
        attribute = bound.attribute
        if unassigned(lookup(given, bound.path)) and (bound.parent or attribute.mutability != "readOnly"):
            return True
        return not unassigned(lookup(taken if attribute.returned == "never" else shown, bound.path))

    return is_kept


def _parts(ask: Ask, resource_type: ResourceType) -> Iterator[Part]:
    for bound in resource_type.attributes(subs=False):
        attribute = bound.attribute
        if bound.schema.id not in ask.service.assumed or attribute.required or attribute.mutability == "readOnly":
            continue
        if attribute.links:
            target_type = target_type_of(ask, bound)
            yield link(bound, ask.create(f"target of {bound.path}", target_type).id)
        else:
            yield Part(attribute.name, plain_value(attribute, values(ask, attribute, 1)), bound.urn)
