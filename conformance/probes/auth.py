"""Who may ask (RFC 7644 §2) and what must stay secret (§7; RFC 7643 §4.1.1, §9)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes import choose
from conformance.probes.registry import probe
from conformance.tenant.handshake import VERSIONS

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType

_STRANGERS = {"anonymous": {}, "wrong": {"Authorization": "Bearer conformance-not-a-token"}}
INJECTED = """conformance'; DROP TABLE users; --<script>alert(1)</script>${7*7}"""


@probe(safe=True)
def onlookers(ask: Ask, resource_type: ResourceType) -> None:
    """Query without credentials and with wrong ones, by a filter that finds nobody."""
    nobody = f'userName eq "{ask.sample.unique()}"'
    for who, headers in _STRANGERS.items():
        ask.get(f"{who}_list", resource_type.endpoint, {"filter": nobody}, headers=headers, authenticated=False)


@probe
def strangers(ask: Ask, resource_type: ResourceType) -> None:
    """Send the same requests without credentials and with wrong ones, then see whether they changed anything."""
    created = ask.create("created", resource_type, choose.named(ask, resource_type))
    changed = {**created.sent, choose.text(resource_type).name: ask.sample.unique()}
    for who, headers in _STRANGERS.items():
        stranger: dict[str, Any] = {"headers": headers, "authenticated": False}
        body = choose.named(ask, resource_type)
        ask.together(
            partial(ask.get, f"{who}_read", created.path, **stranger),
            partial(ask.try_create, f"{who}_create", resource_type, body, **stranger),
            partial(ask.replace, f"{who}_replace", created.path, changed, **stranger),
        )
        ask.get(f"after_{who}", created.path)
        # Not through ask.delete: should it succeed, the clean-up has nothing to do, and a 404 tells it so.
        ask.send(f"{who}_delete", "DELETE", created.path, **stranger)
        ask.get(f"after_{who}_delete", created.path)


@probe(safe=True)
def handshakes(ask: Ask) -> None:
    """Connect with each version of TLS in turn, where the Tenant URL is one of HTTPS."""
    ask.together(*(partial(ask.handshake, version, version) for version in VERSIONS))


@probe
def secret(ask: Ask, attribute: BoundAttribute) -> None:
    """Set and change a password; look for it in every kind of answer."""
    resource_type, name = attribute.resource_type, attribute.name
    body = choose.named(ask, resource_type)
    first, second, third = (f"Cf-{ask.sample.unique()}-9!" for _ in range(3))
    own = f'userName eq "{body.get("userName")}"'
    created = ask.create("created", resource_type, {**body, name: first})
    ask.together(
        partial(ask.get, "fetched", created.path),
        partial(ask.get, "asked", created.path, {"attributes": name}),
        partial(ask.filter, "listed", resource_type, own),
        partial(ask.search, "searched", resource_type.endpoint, own),
        partial(ask.filter, "guessed", resource_type, f'{own} and {name} sw "{first[:4]}"'),
        partial(ask.filter, "guessed_wrongly", resource_type, f'{own} and {name} sw "{first[::-1]}"'),
        partial(ask.filter, "compared", resource_type, f'{own} and {name} eq "{first}"'),
    )
    ask.replace("replaced_without", created.path, body)
    if ask.service.supports("changePassword") is not False:
        ask.replace("replaced", created.path, {**body, name: second})
        if ask.service.supports("patch") is not False:
            ask.patch("patched", created.path, {"op": "replace", "path": name, "value": third})
    ask.try_create("refused", resource_type, {**body, name: first})
    ask.try_create("weak", resource_type, {**choose.named(ask, resource_type), name: "a"})


@probe
def injected(ask: Ask, resource_type: ResourceType) -> None:
    """Store a text that means something to databases, pages and templates, and filter with another."""
    attribute, naming = choose.text(resource_type), choose.naming(resource_type)
    body = {**choose.named(ask, resource_type), attribute.name: f"{INJECTED} {ask.sample.unique()}"}
    created = ask.create("created", resource_type, body)
    ask.get("fetched", created.path)
    if naming and ask.service.supports("filter") is not False:
        ask.filter("tautology", resource_type, f"{naming.name} eq \"{ask.sample.unique()}' OR '1'='1\"", count=1)
