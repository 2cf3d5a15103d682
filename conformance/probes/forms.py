"""Every form that a value of a type may have, in every attribute that takes any value of it (RFC 7643 §2.3)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from conformance.probes.notation import TEXTS, is_free_text
from conformance.probes.parts import Part, body, create_with, parts_of, replace_with
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.probes.ask import Ask
    from conformance.spec.schema import Attribute, BoundAttribute, ResourceType

FORMS: Mapping[str, Sequence[Any]] = {
    "string": (*TEXTS.values(), "very long text " * 80 + "end"),
    "boolean": (False, True),
    "integer": (0, -1, 1, 2_147_483_647, -2_147_483_648),
    "decimal": (0.5, -1.25, 3.0, 1_234_567.875, 0.001),
    "dateTime": (
        "2008-01-23T04:56:22Z",
        "2011-05-13T04:42:34.5Z",
        "2011-05-13T04:42:34+05:30",
        "1999-12-31T23:59:59-08:00",
        "2024-02-29T12:00:00.123Z",
        "2038-01-19T03:14:08.250+14:00",
    ),
    "binary": tuple(base64.b64encode(bytes(range(size))).decode() for size in (1, 2, 3, 256)),
    "reference": (
        "https://example.com/a%20b/c?d=e&f=g%2Fh#i",
        "https://example.com/%D7%A9%D7%9C%D7%95%D7%9D",
        "http://[2001:db8::1]:8080/",
        "urn:uuid:2819c223-7f76-453a-919d-413861904646",
    ),
}
"""Valid values of each type; those of the text type, and the longest, any tenant may have limits for."""
ROUNDS = tuple(f"round {number}" for number in range(1, max(map(len, FORMS.values())) + 1))
_STANDARD = "urn:ietf:params:scim:schemas:"


def takes_any_form(bound: BoundAttribute) -> bool:
    """Whether any value of its type will do for an attribute, and what a client sets can be read."""
    whole: list[Attribute] = [bound.attribute, *([bound.parent] if bound.parent else [])]
    open_to_all = all(a.mutability == "readWrite" and a.returned in {"default", "always"} for a in whole)
    attribute, parent = bound.attribute, bound.parent
    if not open_to_all or attribute.type not in FORMS or attribute.uniqueness != "none" or attribute.canonical_values:
        return False
    if parent and (parent.multi_valued or parent.links):
        return False
    if attribute.type == "string":
        return is_free_text(attribute)
    external = attribute.type != "reference" or "external" in attribute.reference_types
    # The standard schemas say more of their values than the type does: certificates, pages of people.
    return external and (attribute.type == "boolean" or not bound.schema.id.startswith(_STANDARD))


@probe
def formed(ask: Ask, resource_type: ResourceType) -> None:
    """Create a resource with one form of value in each attribute, then replace them by one form after another.

    Names: those of ``ROUNDS``, each followed by ``<round> read``.
    """
    bounds = [bound for bound in resource_type.attributes() if takes_any_form(bound)]
    if not bounds:
        return
    first, *others = ROUNDS
    created, _ = create_with(ask, first, resource_type, _parts(bounds, 0))
    ask.get(f"{first} read", created.path)
    required = parts_of(created.sent, resource_type, lambda attribute: attribute.required)
    base = body({key: created.sent[key] for key in ("schemas", "externalId")}, required)
    for number, name in enumerate(others, start=1):
        replace_with(ask, name, created.path, base, _parts(bounds, number))
        ask.get(f"{name} read", created.path)


def _parts(bounds: Sequence[BoundAttribute], number: int) -> list[Part]:
    """Return the form of a round for each attribute, sub-attributes within theirs."""
    parts: list[Part] = []
    within: dict[tuple[str | None, str], dict[str, Any]] = {}
    for bound in bounds:
        forms = FORMS[bound.attribute.type]
        value = forms[number % len(forms)]
        value = [value] if bound.attribute.multi_valued else value
        if bound.parent is None:
            parts.append(Part(bound.attribute.name, value, bound.urn))
        else:
            within.setdefault((bound.urn, bound.parent.name), {})[bound.attribute.name] = value
    return parts + [Part(name, values, urn) for (urn, name), values in within.items()]
