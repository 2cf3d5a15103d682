"""Values for User attributes that RFC 7643 §4.1 describes in words, beyond plain storing and returning."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.parts import Part, body, create_with
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType


def described_values(ask: Ask) -> dict[str, Any]:
    """Return values that the RFC's text describes as proper ones."""
    return {
        "name": {"givenName": "Barbara", "familyName": "Jensen"},
        "userType": "Partner (Tier 2)",
        "preferredLanguage": "da, en-gb;q=0.8, en;q=0.7",
        "active": False,
        "emails": [{"value": f"{ask.sample.unique()}@EXAMPLE.COM", "type": "work"}],
        "phoneNumbers": [{"value": "tel:+1-201-555-0123", "type": "work"}],
        "ims": [{"value": "Some One", "type": "xmpp"}],
        "photos": [{"value": "https://example.com/photos/1.jpg", "type": "thumbnail"}],
        "addresses": [{"formatted": "100 Universal City Plaza\nHollywood, CA", "country": "US", "type": "work"}],
        "entitlements": [{"value": "Parking place 12 (until May)"}],
        "roles": [{"value": "Keeper of the keys"}],
    }


UNUSUAL_VALUES: dict[str, Any] = {
    "locale": "en_US",
    "emails": [{"value": "billing@example.com", "type": "billing"}],
    "phoneNumbers": [{"value": "tel:+1-201-555-0124", "type": "satellite"}],
    "ims": [{"value": "someone", "type": "other"}],
}


@probe
def user_values(ask: Ask, resource_type: ResourceType) -> None:
    """Create an inactive User with the values that the RFC describes, look for it, and activate it."""
    described = _parts(resource_type, described_values(ask))
    created, _ = create_with(ask, "created", resource_type, described)
    ask.together(
        partial(ask.get, "fetched", created.path),
        partial(ask.filter, "listed", resource_type, f'userName eq "{created.sent["userName"]}"'),
    )
    ask.replace("activated", created.path, body(created.sent, [Part("active", value=True)]))
    ask.get("active", created.path)


@probe
def unusual_values(ask: Ask, resource_type: ResourceType) -> None:
    """Create a User with values that a tenant may take or refuse."""
    created, _ = create_with(ask, "created", resource_type, _parts(resource_type, UNUSUAL_VALUES))
    ask.get("fetched", created.path)


@probe
def canonical_values(ask: Ask, resource_type: ResourceType) -> None:
    """Create a resource with an element for each type that the tenant's schema suggests."""
    parts = []
    for bound in resource_type.attributes(subs=False):
        label = bound.attribute.sub("type")
        value = ask.sample.value(bound.attribute) if bound.attribute.type == "complex" else {}
        if bound.attribute.mutability == "readWrite" and "value" in value and label and label.canonical_values:
            fresh = (ask.sample.value(bound.attribute) for _ in label.canonical_values)
            elements = [{**v, label.name: kind} for v, kind in zip(fresh, label.canonical_values, strict=True)]
            parts.append(Part(bound.attribute.name, elements, bound.urn))
    created, _ = create_with(ask, "created", resource_type, parts)
    ask.get("fetched", created.path)


def _parts(resource_type: ResourceType, chosen: dict[str, Any]) -> list[Part]:
    return [Part(name, value) for name, value in chosen.items() if resource_type.schema.attribute(name)]
