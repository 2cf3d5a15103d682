"""References to other resources: manager of the enterprise extension, members of a group (RFC 7643 §2.3.7, §4.3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes.evidence import Blocked
from conformance.probes.parts import Part, body
from conformance.probes.registry import probe
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType


@probe
def links(ask: Ask, attribute: BoundAttribute) -> None:
    """Let a resource point to another, follow its reference, forge the other's name; then point to nobody."""
    resource_type = attribute.resource_type
    target_type = target_type_of(ask, attribute)
    named = {"displayName": ask.sample.unique()} if target_type.schema.attribute("displayName") else {}
    target = ask.create("target", target_type, {**ask.sample.minimal(target_type), **named})
    linking = body(ask.sample.minimal(resource_type), [link(attribute, target.id)])
    linked = ask.create("created", resource_type, linking)
    fetched = ask.get("fetched", linked.path)
    unknown = body(ask.sample.minimal(resource_type), [link(attribute, ask.sample.nobody())])
    asked = [partial(ask.try_create, "unknown", resource_type, unknown)]
    reference = lookup(fetched.resource, f"{attribute.path}.$ref") if fetched.ok else None
    path = ask.path_of(reference[0] if isinstance(reference, list) and reference else reference)
    if path:
        asked.append(partial(ask.get, "followed", path))
    ask.together(*asked)
    if attribute.attribute.sub("displayName"):
        forged = link(attribute, target.id, displayName="Forged by the client")
        ask.replace("forged", linked.path, body(linked.sent, [forged]))
        ask.get("after_forging", linked.path)


def target_type_of(ask: Ask, bound: BoundAttribute) -> ResourceType:
    """Return a resource type that a reference may point to. Raises Blocked where the tenant serves none of them."""
    reference = bound.attribute.sub("$ref")
    served = map(ask.service.resource_type, reference.reference_types if reference else ())
    found = next((resource_type for resource_type in served if resource_type), None)
    if found is None:
        raise Blocked(f"the tenant serves none of the resource types that {bound.path} may point to")
    return found


def link(bound: BoundAttribute, identifier: str, **more: str) -> Part:
    """Return the part of a body that lets an attribute point to a resource."""
    value = {"value": identifier, **more}
    return Part(bound.attribute.name, [value] if bound.attribute.multi_valued else value, bound.urn)
