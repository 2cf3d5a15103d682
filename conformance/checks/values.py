"""Values of attributes in what was sent and in what came back, and when the one counts as the other."""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from conformance.checks.given import done
from conformance.checks.verdict import NotApplicable
from conformance.probes.evidence import Blocked
from conformance.probes.parts import alone
from conformance.spec.paths import AttrPath, lookup
from conformance.spec.projection import project
from conformance.spec.values import instant, unassigned
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import Attribute, BoundAttribute, ResourceType
    from conformance.tenant.exchange import Exchange


# Told once for all attributes; what else there is to say of one is blocked for this reason.
DROPPED = "the tenant drops the attribute"


def top(bound: BoundAttribute) -> AttrPath:
    """Return the path of the attribute, or of the complex attribute around a sub-attribute."""
    return AttrPath((bound.parent or bound.attribute).name, urn=bound.urn)


def occurrences(resource: object, bound: BoundAttribute) -> list[Any]:
    """Return what stands at an attribute in a resource: its value, or that of a sub-attribute in each element."""
    whole = lookup(resource, top(bound))
    if bound.parent is None:
        return [] if whole is None else [whole]
    elements = whole if isinstance(whole, list) else [whole]
    found = (lookup(element, AttrPath(bound.attribute.name)) for element in elements)
    return [value for value in found if value is not None]


def single_values(resource: object, bound: BoundAttribute) -> list[Any]:
    """Return the values at an attribute one by one: the elements where it is multi-valued."""
    found: list[Any] = []
    for value in occurrences(resource, bound):
        found += value if isinstance(value, list) else [value]
    return found


def representations(evidence: Evidence) -> list[dict[str, Any]]:
    """Return the resources in all successful answers. Raises Blocked where there are none."""
    found = []
    for exchange in evidence:
        try:
            if exchange.ok and exchange.request.method != "DELETE":
                found.append(exchange.resource)
        except Unusable:
            continue
    if not found:
        raise Blocked(f"no answer of the tenant holds a resource: {evidence.stopped or 'none could be read'}")
    return found


def state(resource: dict[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """Return what every answer shows of a resource: the values that are returned by default, without ``meta``."""
    shown = project(resource, resource_type)
    return {name: value for name, value in shown.items() if not unassigned(value) and name.lower() != "meta"}


def sent(evidence: Evidence, name: str, bound: BoundAttribute) -> list[Any]:
    """Return the values that the write called ``name`` sent for an attribute and that the tenant accepted.

    Raises NotApplicable for an attribute that was not to be sent, Blocked for one that the tenant refused.
    """
    values = single_values(done(_last(evidence, name)).request.json, bound)
    if not values and single_values(evidence[name].request.json, bound):
        raise Blocked(f"the tenant refused {top(bound)}", refused_alone(evidence, name, bound) or evidence[name])
    if not values:
        raise NotApplicable(f"no value that any tenant must take is known for {bound.path}")
    return values


def refused_alone(evidence: Evidence, name: str, bound: BoundAttribute) -> Exchange | None:
    """Return the exchange in which the tenant refused an attribute that stood alone, while it took others."""
    label = alone(name, str(top(bound)))
    taken = lookup(done(_last(evidence, name)).request.json, top(bound)) is not None
    return None if taken or label not in evidence or evidence[label].ok else evidence[label]


def left_out(evidence: Evidence, name: str, bound: BoundAttribute) -> bool:
    """Whether the tenant took the complex attribute only after this sub-attribute was left out."""
    first, last = evidence[name].request.json, done(_last(evidence, name)).request.json
    whole = lookup(last, top(bound)) is not None
    return whole and bool(single_values(first, bound)) and not single_values(last, bound)


def _last(evidence: Evidence, name: str) -> Exchange:
    rest = f"{name} with the rest"
    return evidence[rest if rest in evidence else name]


def advertised(discovery: Evidence, bound: BoundAttribute) -> bool:
    """Whether the tenant's own ``/Schemas`` has the schema of the attribute; else a shipped one stands in for it."""
    try:
        served = discovery["schemas"].resources if discovery["schemas"].ok else []
    except Unusable:
        return False
    return any(str(schema.get("id")).lower() == bound.schema.id.lower() for schema in served)


def dropped(resource: object, bound: BoundAttribute) -> bool:
    """Whether nothing came back for an attribute. Raises Blocked for a part of something that was dropped whole."""
    part_of_extension = bound.urn is not None and unassigned(lookup(resource, bound.urn))
    if part_of_extension or (bound.parent is not None and unassigned(lookup(resource, top(bound)))):
        raise Blocked(DROPPED)
    return all(unassigned(value) for value in occurrences(resource, bound))


def is_dropped(resource: object, bound: BoundAttribute) -> bool:
    """Whether nothing came back for an attribute, and something for the complex attribute around it."""
    around = bound.parent is None or not unassigned(lookup(resource, top(bound)))
    return around and all(unassigned(value) for value in occurrences(resource, bound))


def as_sent(bound: BoundAttribute, given: list[Any], came: list[Any]) -> list[Any]:
    """Return ``given`` where each of its values came back, in canonical form perhaps; else what came."""
    rest = list(came)
    for value in given:
        match = next((other for other in rest if same(bound.attribute, value, other, bound.parent)), None)
        if match is None:
            return came
        rest.remove(match)
    return given


def kept_as(attribute: Attribute, given: Any, came: Any) -> Any:
    """Return ``given`` where it came back, in canonical form or another letter case perhaps; else what came."""
    return given if same(attribute, given, came) else came


def taken_over(came: object, sent: Mapping[str, str]) -> dict[str, str]:
    """Return the members of ``sent`` that ``came`` holds, points in time in whatever notation."""
    held = {name: lookup(came, name) for name in sent}
    return {
        name: value
        for name, value in sent.items()
        if held[name] == value or (instant(value) is not None and instant(held[name]) == instant(value))
    }


def same(attribute: Attribute, given: Any, came: Any, parent: Attribute | None = None) -> bool:
    """Whether a value that came is the one given, in any form that the attribute's type and meaning allow."""
    if attribute.type == "complex" and isinstance(given, dict):
        pairs = ((sub, given[name], lookup(came, AttrPath(name))) for name in given if (sub := attribute.sub(name)))
        return all(_unset(one, other) or same(sub, one, other, attribute) for sub, one, other in pairs)
    if not isinstance(given, str) or not isinstance(came, str):
        comparable = type(given) is type(came) or (_is_number(given) and _is_number(came))
        return comparable and bool(given == came)
    if attribute.type == "binary":
        return _bytes(given) == _bytes(came)
    if attribute.type == "dateTime":
        return instant(given) == instant(came)
    if attribute.type == "reference":
        return _uri(given) == _uri(came)
    return _form(given, attribute, parent) == _form(came, attribute, parent)


def _unset(given: Any, came: Any) -> bool:
    # An absent primary is false (RFC 7643 §2.4).
    return unassigned(given) or (given is False and came is None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bytes(text: str) -> bytes | str:
    compact = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except ValueError:
        return text


def resolved(base: str, reference: object) -> str:
    """Return the URI that a reference leads to from a base; the reference itself where it cannot be read."""
    try:
        return urljoin(base, str(reference))
    except ValueError:
        return str(reference)


def _uri(text: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(text)
    except ValueError:
        return (text,)
    return (parts.scheme.lower(), parts.netloc.lower(), unquote(parts.path).rstrip("/"), parts.query, parts.fragment)


def _form(text: str, attribute: Attribute, parent: Attribute | None) -> str:
    whole = parent.name if parent else ""
    if attribute.name == "value" and whole == "phoneNumbers":
        return re.sub(r"[^0-9]", "", text)
    if attribute.name == "value" and whole == "ims":
        text = "".join(text.split())
    form = unicodedata.normalize("NFC", text)
    return form if attribute.case_exact else form.casefold()
