"""The version segment of the Tenant URL: another one, or none (RFC 7644 §3.13, RFC 7643 §2.4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

UNKNOWN_VERSION = "v99"


@probe(safe=True)
def versions(ask: Ask, resource_type: ResourceType) -> None:
    """List one resource in a version that nobody speaks, and in none."""
    ask.together(
        partial(ask.get_in_version, "unknown", UNKNOWN_VERSION, resource_type.endpoint, {"count": 1}),
        partial(ask.get_in_version, "without", "", resource_type.endpoint, {"count": 1}),
    )


@probe
def versionless_reference(ask: Ask, resource_type: ResourceType) -> None:
    """Create a group with a member whose $ref is the URI as the tenant writes it, and one without its version."""
    user_type = ask.service.resource_type("User")
    if user_type is None or resource_type.find("members.$ref") is None or ask.versionless("/") is None:
        return
    user = ask.create("user", user_type)
    references = {"as written": user.exchange.header("location"), "versionless": ask.versionless(user.path)}
    for name, reference in references.items():
        if reference:
            members = [{"value": user.id, "$ref": reference}]
            ask.try_create(name, resource_type, ask.sample.minimal(resource_type) | {"members": members})
