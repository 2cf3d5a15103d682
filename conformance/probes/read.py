"""Reading single resources (RFC 7644 §3.4.1) in the formats a client may ask for (§3.8)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes import choose
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

ACCEPTS = {
    "scim": "application/scim+json",
    "preferred": "application/scim+json, application/json;q=0.5",
    "json_only": "application/json",
    "anything": "*/*",
    "nothing_said": None,
    "xml": "application/xml",
}


@probe
def read(ask: Ask, resource_type: ResourceType) -> None:
    """Create with every attribute, then read plainly and by naming all that a plain read shows."""
    created = ask.create("created", resource_type, ask.sample.full(resource_type))
    ask.get("fetched", created.path)
    shown = [b.path for b in resource_type.attributes(subs=False) if b.attribute.returned in {"default", "always"}]
    ask.get("asked", created.path, {"attributes": ",".join(shown)})


@probe
def negotiated(ask: Ask, resource_type: ResourceType) -> None:
    """Read one resource with different Accept headers, and by a path that names the format."""
    created = ask.create("created", resource_type, choose.named(ask, resource_type))
    ask.together(
        *(partial(ask.get, name, created.path, headers={"Accept": accept}) for name, accept in ACCEPTS.items()),
        partial(ask.get, "suffix", f"{created.path}.scim"),
    )
