"""What a write came to: the state that was to be, beside the one that is (RFC 7644 §3.5)."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from conformance.spec.bulk import result_of, status_of
from conformance.spec.errors import ScimError
from conformance.spec.messages import BULK_REQUEST
from conformance.spec.patch import apply
from conformance.spec.paths import AttrPath, lookup
from conformance.spec.values import instant, unassigned
from conformance.tenant.exchange import Unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.spec.schema import Attribute, BoundAttribute, ResourceType
    from conformance.tenant.exchange import Exchange

# What a tenant may compute from other values, or show besides what was sent.
COMPUTED = {"formatted", "display", "displayname", "$ref"}
SERVER_ERROR = 500
_REFUSED = 400


def wrongs(before: Exchange, step: Exchange, after: Exchange, resource_type: ResourceType) -> list[str]:
    """Return what is wrong with the state after a write; one that is refused must leave everything as it was.

    The write is a PATCH, a PUT, a bulk job of one of these, or a create in the place of what was deleted.
    """
    status, sent = _single(step)
    if status is None or status >= SERVER_ERROR:
        return [f"{step.label} answered {step.error if step.response is None else status}"]
    try:
        was, now = before.resource, after.resource
        expected = _expected(was, sent, resource_type) if status < _REFUSED else was
    except Unusable as error:
        return [str(error)]
    except ScimError as error:
        return [f"{step.label} was carried out, though it has to be refused: {error.detail}"]
    found = [
        f"{path} is {json.dumps(lookup(now, path))} instead of {json.dumps(lookup(expected, path))}"
        for path in differences(expected, now, resource_type)
    ]
    if was.get("id") == now.get("id") or step.request.method != "POST":
        found += _broken_invariants(was, now, resource_type)
    return found


def _single(step: Exchange) -> tuple[int | None, Any]:
    """Return the status of a request and what it asked for, be it that of the one operation in a bulk job."""
    sent = step.request.json
    if step.response is None or not step.ok or BULK_REQUEST not in (lookup(sent, "schemas") or ()):
        return (step.status if step.response else None), sent
    operations = sent["Operations"]
    result = result_of(operations, 0, step.results)
    return (status_of(result) if result else None), operations[0]["data"]


def differences(expected: Mapping[str, Any], came: Mapping[str, Any], resource_type: ResourceType) -> list[str]:
    """Return the paths of the attributes that hold something else than expected."""
    return [
        bound.path
        for bound in resource_type.attributes(subs=False)
        if bound.attribute.mutability == "readWrite"
        and bound.attribute.returned in {"always", "default"}
        and not _same(lookup(expected, _path(bound)), lookup(came, _path(bound)), bound.attribute)
    ]


def _expected(was: Mapping[str, Any], sent: Any, resource_type: ResourceType) -> dict[str, Any]:
    operations = lookup(sent, "Operations")
    return apply(was, operations, resource_type) if operations else dict(sent)


def _broken_invariants(was: Mapping[str, Any], now: Mapping[str, Any], resource_type: ResourceType) -> Iterator[str]:
    if was.get("id") != now.get("id"):
        yield f"id was {was.get('id')!r} and is {now.get('id')!r}"
    if lookup(was, "meta.created") != lookup(now, "meta.created"):
        yield f"meta.created was {lookup(was, 'meta.created')!r} and is {lookup(now, 'meta.created')!r}"
    earlier, later = (instant(lookup(each, "meta.lastModified") or "") for each in (was, now))
    if earlier and later and later < earlier:
        yield "meta.lastModified went back"
    for bound in resource_type.attributes(subs=False):
        primary = lookup(now, f"{bound.path}.primary") if bound.attribute.multi_valued else None
        if isinstance(primary, list) and primary.count(True) > 1:
            yield f"several {bound.path} are primary"


def _same(expected: Any, came: Any, attribute: Attribute) -> bool:
    if unassigned(expected) or unassigned(came):
        return (unassigned(expected) and unassigned(came)) or attribute.name.lower() in COMPUTED
    if isinstance(expected, list):
        if not isinstance(came, list) or len(expected) != len(came):
            return False
        return all(any(_same_one(one, other, attribute) for other in came) for one in expected)
    return _same_one(expected, came, attribute)


def _same_one(expected: Any, came: Any, attribute: Attribute) -> bool:
    if isinstance(expected, dict) and isinstance(came, dict):
        subs = [sub for sub in attribute.sub_attributes if sub.mutability == "readWrite"]
        return all(_same_part(lookup(expected, sub.name), lookup(came, sub.name), sub) for sub in subs)
    if isinstance(expected, str) and isinstance(came, str):
        moments = instant(expected), instant(came)
        return _folded(expected) == _folded(came) or (moments[0] is not None and moments[0] == moments[1])
    return type(expected) is type(came) and bool(expected == came)


def _same_part(expected: Any, came: Any, sub: Attribute) -> bool:
    if sub.name.lower() in COMPUTED:
        return True
    return _same(expected or None, came or None, sub) if sub.name == "primary" else _same(expected, came, sub)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def lost(created: Exchange, after: Exchange, resource_type: ResourceType) -> list[str]:
    """Return the paths of the texts that a successful create did not keep, among those that are shown at all."""
    sent, shown = created.request.json, after.resource
    texts = [b for b in resource_type.attributes() if isinstance(lookup(sent, _path(b)), str) and free_text(b)]
    pairs = ((b, lookup(sent, _path(b)), lookup(shown, _path(b))) for b in texts)
    return [b.path for b, was, now in pairs if isinstance(now, str) and not _same_one(was, now, b.attribute)]


def free_text(bound: BoundAttribute) -> bool:
    """Whether any text will do for the attribute."""
    attribute, parent = bound.attribute, bound.parent
    constrained = attribute.canonical_values or attribute.uniqueness != "none" or attribute.name.lower() in COMPUTED
    known = bound.name in {"preferredLanguage", "locale", "timezone", "userName"}
    return not constrained and not known and (parent is None or not parent.multi_valued)


def _path(bound: BoundAttribute) -> AttrPath:
    return AttrPath.parse(bound.path)
