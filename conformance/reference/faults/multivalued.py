"""Faults of multi-valued attributes (RFC 7643 §1.2, §2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.faults.registry import fault
from conformance.reference.faults.seams import at, change_value, each_resource, on_answer, on_body, on_kept

if TYPE_CHECKING:
    from conformance.reference.tenant import ReferenceTenant

_PEOPLE = at("Users")


@fault("RFC7643-1.2-03", "RFC7643-7-25", "RFC7644-3.5.1-03")
def replace_keeps_the_first_value(tenant: ReferenceTenant) -> None:
    """A PUT keeps only the first of several phone numbers."""
    on_kept(tenant, lambda kept, _: change_value(kept, "phoneNumbers", lambda numbers: numbers[:1]), method="PUT")


@fault("RFC7643-2.4-01")
def single_values_lose_their_array(tenant: ReferenceTenant) -> None:
    """The answer to a create shows a single photo as an object instead of an array."""
    alone = each_resource(lambda r: change_value(r, "photos", lambda photos: photos[0] if len(photos) == 1 else photos))
    on_answer(tenant, alone, method="POST", status=201, where=_PEOPLE)


@fault("RFC7643-2.4-02")
def elements_are_bare_texts(tenant: ReferenceTenant) -> None:
    """The answer to a PUT shows messaging addresses as strings instead of objects."""
    bare = each_resource(lambda r: change_value(r, "ims", lambda elements: [e.get("value") for e in elements]))
    on_answer(tenant, bare, method="PUT", status=200, where=_PEOPLE)


@fault("RFC7643-2.4-03")
def sub_attributes_before_the_value_are_lost(tenant: ReferenceTenant) -> None:
    """Of a new photo what stands before its value is lost."""

    def from_value(photo: dict[str, Any]) -> dict[str, Any]:
        names = list(photo)
        return {name: photo[name] for name in names[names.index("value") :]} if "value" in names else photo

    on_body(tenant, lambda body: change_value(body, "photos", lambda photos: list(map(from_value, photos))))


@fault("RFC7643-2.4-04", "RFC7643-2.4-08", "RFC7643-7-25", "RFC7643-8.7.1-30", "RFC7643-8.7.1-31")
def value_and_display_change_places(tenant: ReferenceTenant) -> None:
    """The value and the display text of a new messaging address change places."""

    def swap(element: dict[str, Any]) -> dict[str, Any]:
        both = "value" in element and "display" in element
        return {**element, "value": element["display"], "display": element["value"]} if both else element

    on_kept(tenant, lambda kept, _: change_value(kept, "ims", lambda ims: list(map(swap, ims))), method="POST")


@fault("RFC7643-2.4-05")
def several_values_are_primary(tenant: ReferenceTenant) -> None:
    """A create keeps two messaging addresses as primary."""

    def primaries(body: dict[str, Any]) -> int:
        elements = body.get("ims")
        return sum(e.get("primary") is True for e in elements) if isinstance(elements, list) else 0

    held: list[int] = []

    def hold(body: dict[str, Any]) -> None:
        held[:] = [primaries(body)]
        if primaries(body) > 1:
            change_value(body, "ims.primary", lambda _: None)

    def mark(kept: dict[str, Any], _: dict[str, Any]) -> None:
        for element in kept.get("ims", ()) if held[0] > 1 else ():
            element["primary"] = True

    on_kept(tenant, mark, method="POST")
    on_body(tenant, hold, method="POST")


@fault("RFC7643-2.4-06")
def first_value_becomes_primary(tenant: ReferenceTenant) -> None:
    """A create makes the first e-mail address primary where none was sent as such."""

    def mark(kept: dict[str, Any], _: dict[str, Any]) -> None:
        emails = kept.get("emails", ())
        if emails and not any(email.get("primary") for email in emails):
            emails[0]["primary"] = True

    on_kept(tenant, mark, method="POST")


@fault("RFC7643-2.4-12")
def repeated_values_are_kept(tenant: ReferenceTenant) -> None:
    """A create keeps a phone number that is sent twice as two."""

    def repeat(kept: dict[str, Any], body: dict[str, Any]) -> None:
        sent = body.get("phoneNumbers")
        if isinstance(sent, list) and len(sent) > 1 and all(number == sent[0] for number in sent):
            kept["phoneNumbers"] = kept["phoneNumbers"] * len(sent)

    on_kept(tenant, repeat, method="POST")
