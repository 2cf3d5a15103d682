"""One resource as it shows itself over time: id, meta and schemas in every answer (RFC 7643 §3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from conformance.probes import choose, clock
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType


@probe
def shown(ask: Ask, resource_type: ResourceType) -> None:
    """Create, read, replace, patch, list and search one resource; then read it in parts and try to patch its id."""
    body = choose.named(ask, resource_type)
    attribute, naming = choose.text(resource_type), choose.naming(resource_type)
    created = ask.create("created", resource_type, body)
    fetched = ask.get("fetched", created.path)
    clock.let_it_move(fetched)
    changed = {**body, attribute.name: ask.sample.unique()}
    if naming and naming.mutability == "readWrite":
        changed[naming.name] = choose.another_name(ask, resource_type)
    ask.replace("replaced", created.path, changed)
    ask.get("after_replace", created.path)
    if ask.service.supports("patch") is not False:
        ask.patch("patched", created.path, {"op": "replace", "path": attribute.name, "value": ask.sample.unique()})
    own = f'{naming.name} eq "{changed[naming.name]}"' if naming else f'id eq "{created.id}"'
    ask.together(
        partial(ask.filter, "listed", resource_type, own),
        partial(ask.search, "searched", resource_type.endpoint, own),
        partial(ask.get, "named", created.path, {"attributes": attribute.name}),
        partial(ask.get, "excluding", created.path, {"excludedAttributes": "id"}),
    )
    if ask.service.supports("patch") is not False:
        ask.patch("patched_id", created.path, {"op": "replace", "path": "id", "value": "conformance"})
        ask.patch(
            "patched_meta", created.path, {"op": "replace", "path": "meta.created", "value": "2001-02-03T04:05:06Z"}
        )
    ask.get("last", created.path)
