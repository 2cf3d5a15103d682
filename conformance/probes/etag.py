"""Versions: who shows an entity-tag, and what requests under conditions do (RFC 7644 §3.14, RFC 9110 §13.1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.registry import probe
from conformance.spec.etag import opaque
from conformance.spec.paths import lookup

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType
    from conformance.tenant.exchange import Exchange

# An entity-tag that no tenant gave out, to stand in a list before the one that counts.
FOREIGN = '"conformance"'


@probe
def versioned(ask: Ask, resource_type: ResourceType) -> None:
    """Read one resource that nobody changes in every way, also under the condition that it has changed."""
    naming = choose.naming(resource_type)
    body = choose.named(ask, resource_type)
    created = ask.create("created", resource_type, body)
    tag = tag_of(ask.get("fetched", created.path))
    own = f'{naming.name} eq "{body[naming.name]}"' if naming else f'id eq "{created.id}"'
    reads = [
        partial(ask.get, "fetched_again", created.path),
        partial(ask.get, "projected", created.path, {"attributes": naming.name if naming else "id"}),
        *([partial(ask.filter, "listed", resource_type, own)] if ask.service.supports("filter") is not False else []),
    ]
    if tag:
        conditions = {"unchanged": tag, "one_of_several": f"{FOREIGN}, {tag}"}
        if not tag.startswith("W/"):
            conditions["weakened"] = f"W/{tag}"
        reads += [
            partial(ask.get, name, created.path, headers={"If-None-Match": condition})
            for name, condition in conditions.items()
        ]
    ask.together(*reads)


@probe
def conditional(ask: Ask, resource_type: ResourceType, method: str) -> None:
    """Change a resource, then write to it with one method under conditions that hold and that do not.

    Each write sets ``choose.text`` to a text that ends in the name of its exchange: ``wrote`` tells them apart.
    """
    if method == "PATCH" and ask.service.supports("patch") is False:
        return
    body = choose.named(ask, resource_type)
    created = ask.create("created", resource_type, body)

    def write(name: str, condition: str | None = None, *, method: str = method) -> Exchange:
        options: dict[str, Any] = {"headers": {"If-Match": condition}} if condition else {}
        if method == "DELETE":
            return ask.delete(name, created.path, **options)
        text = {choose.text(resource_type).name: f"{ask.sample.prefix}.{name}"}
        if method == "PUT":
            return ask.replace(name, created.path, body | text, **options)
        path, value = next(iter(text.items()))
        return ask.patch(name, created.path, {"op": "replace", "path": path, "value": value}, **options)

    outdated = tag_of(created.exchange) or _tag(ask, ask.get("fetched", created.path))
    if not write("changed", method="PUT" if method == "DELETE" else method).ok:
        ask.stop("a change without conditions failed", ask.evidence["changed"])
    ask.together(
        partial(ask.get, "current", created.path),
        partial(ask.get, "reread", created.path, headers={"If-None-Match": outdated}),
    )
    current = _tag(ask, ask.evidence["current"])
    if method != "DELETE" and recased(current) != current:
        write("recased", recased(current))
    write("outdated", outdated)
    write("matching", _tag(ask, ask.get("untouched", created.path)))
    after = ask.get("after", created.path)
    if method != "DELETE":
        write("one_of_several", f"{FOREIGN}, {_tag(ask, after)}")
        write("any", "*")
        write("plain")


def tag_of(exchange: Exchange) -> str | None:
    """Return the version that came with a resource: the ETag header, or else meta.version; None where there is none.

    Something that cannot be sent back in a header is none.
    """
    if not exchange.ok:
        return None
    tag = exchange.header("etag") or lookup(exchange.resource, "meta.version")
    return tag if isinstance(tag, str) and tag.isascii() and tag.isprintable() and tag.strip() else None


def recased(tag: str) -> str:
    """Return an entity-tag with the letters between its quotes in the other case; one without letters as it is."""
    inner = opaque(tag)
    return tag.replace(f'"{inner}"', f'"{inner.swapcase()}"') if inner else tag


def wrote(exchange: Exchange, resource_type: ResourceType, name: str) -> bool:
    """Whether the resource in an answer holds what the write of that name in ``conditional`` sets."""
    text = lookup(exchange.resource, choose.text(resource_type).name)
    return isinstance(text, str) and text.endswith(f".{name}")


def _tag(ask: Ask, exchange: Exchange) -> str:
    return tag_of(exchange) or ask.stop("the tenant shows no version of the resource to make a condition of", exchange)
