"""Sorting a list (RFC 7644 §3.4.2.3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import ResourceType

SORTED = ("alba", "bruno", "chloe", "dag")
_CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
_ASCENDING: dict[str, str | int] = {"sortOrder": "ascending"}
_DESCENDING: dict[str, str | int] = {"sortOrder": "descending"}
SORTS: dict[str, dict[str, str | int]] = {
    "user name": {"sortBy": "userName", **_ASCENDING},
    "user name descending": {"sortBy": "userName", **_DESCENDING},
    "no order": {"sortBy": "userName"},
    "title": {"sortBy": "title", **_ASCENDING},
    "title descending": {"sortBy": "title", **_DESCENDING},
    "family name": {"sortBy": "name.familyName", **_ASCENDING},
    "emails": {"sortBy": "emails.value", **_ASCENDING},
    "created": {"sortBy": "meta.created", **_DESCENDING},
    "exact": {"sortBy": "externalId", **_ASCENDING},
    "accents": {"sortBy": "displayName", **_ASCENDING},
    "capitals": {"sortBy": "USERNAME", **_DESCENDING},
    "URN": {"sortBy": f"{_CORE}:userName", **_DESCENDING},
    "sideways": {"sortBy": "userName", "sortOrder": "sideways"},
    "order alone": _DESCENDING,
    "page 1": {"sortBy": "userName", **_DESCENDING, "startIndex": 1, "count": 2},
    "page 2": {"sortBy": "userName", **_DESCENDING, "startIndex": 3, "count": 2},
}


@probe
def in_order(ask: Ask, resource_type: ResourceType) -> None:
    """Create four users, one of them all but empty, and ask for them in many orders; a filter keeps others out."""
    if ask.service.supports("filter") is False:
        return
    mark = ask.sample.prefix
    for name, values in _people(ask).items():
        known = {key: value for key, value in values.items() if resource_type.find(key)}
        ask.create(name, resource_type, ask.sample.minimal(resource_type) | known)
    ours = f'userName sw "{mark}."'
    ask.together(*(partial(ask.filter, name, resource_type, ours, **params) for name, params in SORTS.items()))


@probe(safe=True)
def sorted_without_sorting(ask: Ask, resource_type: ResourceType) -> None:
    """Ask a tenant that declares no sorting for a sorted list."""
    ask.get("sorted", resource_type.endpoint, {"sortBy": "userName", "count": 1})


def _people(ask: Ask) -> dict[str, dict[str, Any]]:
    """Return the four in an order of creation that is nobody's sort order."""
    mark = ask.sample.prefix
    return {
        "bruno": {
            "userName": ask.sample.user_name(f"{mark}.b"),
            "externalId": f"{mark}.c",
            "displayName": f"{mark} \u00e9mile",
            "title": f"{mark} Bravo",
            "name": {"familyName": f"{mark} Yankee"},
            "emails": [{"value": f"b.{mark}@example.com", "type": "work"}],
        },
        "dag": {"userName": ask.sample.user_name(f"{mark}.d")},
        "alba": {
            "userName": ask.sample.user_name(f"{mark}.a"),
            "externalId": f"{mark}.B",
            "displayName": f"{mark} zora",
            "title": f"{mark} alfa",
            "name": {"familyName": f"{mark} Zulu"},
            "emails": [
                {"value": f"z.{mark}@example.com", "type": "home"},
                {"value": f"a.{mark}@example.com", "type": "work", "primary": True},
            ],
        },
        "chloe": {
            "userName": ask.sample.user_name(f"{mark}.c"),
            "externalId": f"{mark}.a",
            "displayName": f"{mark} anton",
            "title": f"{mark} charlie",
            "name": {"familyName": f"{mark} Xray"},
            "emails": [
                {"value": f"c.{mark}@example.com", "type": "work"},
                {"value": f"0.{mark}@example.com", "type": "home"},
            ],
        },
    }
