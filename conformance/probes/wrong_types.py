"""Values of a JSON type that the attribute does not have (RFC 7643 §2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.certificates import CERTIFICATES
from conformance.probes.evidence import Blocked
from conformance.probes.parts import Part, body
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.probes.ask import Ask
    from conformance.spec.schema import Attribute, BoundAttribute, ResourceType


_MADE = {"displayName", "formatted"}  # which a tenant may make itself


@dataclass(frozen=True, slots=True)
class WrongType:
    """A wrong ``value`` for attributes of which ``about`` is true, and what a tenant may sensibly make of it."""

    name: str
    about: Callable[[BoundAttribute], bool]
    value: Any
    converted: tuple[Any, ...] = ()

    def __str__(self) -> str:
        """Return the name, for test ids."""
        return self.name

    def attribute(self, resource_type: ResourceType) -> BoundAttribute | None:
        """Return the attribute of the resource type to ask about: an optional one if there is any."""
        found = [b for b in resource_type.attributes() if _writable(b) and self.about(b)]
        return min(found, key=lambda b: b.attribute.required or _points(b) or b.attribute.name in _MADE, default=None)


def _one(data_type: str, *, within: bool | None = False) -> Callable[[BoundAttribute], bool]:
    """Return a test for singular attributes of a type: top-level ones, sub-attributes (``within``), either (None)."""

    def test(bound: BoundAttribute) -> bool:
        placed = within is None or within == (bound.parent is not None)
        return placed and bound.attribute.type == data_type and not bound.attribute.multi_valued

    return test


def _element_string(bound: BoundAttribute) -> bool:
    return bound.parent is not None and bound.parent.multi_valued and _one("string", within=True)(bound)


def _several(bound: BoundAttribute) -> bool:
    return bound.attribute.multi_valued and bound.attribute.type == "complex"


WRONG_TYPES = (
    WrongType("object-for-string", _one("string"), {"value": "text"}),
    WrongType("array-for-string", _one("string"), ["one", "two"]),
    WrongType("number-for-string", _one("string"), 42, ("42",)),
    WrongType("object-for-sub-attribute", _one("string", within=True), {"value": "text"}),
    WrongType("array-for-element-value", _element_string, ["one", "two"]),
    WrongType("word-for-boolean", _one("boolean", within=None), "perhaps"),
    WrongType("spelled-boolean", _one("boolean", within=None), "False", (False,)),
    WrongType("object-for-boolean", _one("boolean", within=None), {"value": True}),
    WrongType("string-for-complex", lambda b: _one("complex")(b) and not _points(b), "text"),
    WrongType("array-for-complex", lambda b: _one("complex")(b) and not _points(b), [{"formatted": "text"}]),
    WrongType("string-for-array", _several, "text", ([{"value": "text"}],)),
    WrongType("string-for-element", _several, ["text"], ([{"value": "text"}],)),
    WrongType("fraction-for-integer", _one("integer", within=None), 1.5),
    WrongType("word-for-integer", _one("integer", within=None), "one"),
    WrongType("word-for-decimal", _one("decimal", within=None), "one"),
    WrongType("word-for-dateTime", _one("dateTime", within=None), "yesterday"),
    WrongType("date-for-dateTime", _one("dateTime", within=None), "2021-02-28"),
    WrongType("impossible-dateTime", _one("dateTime", within=None), "2021-02-30T25:00:00Z"),
    WrongType("number-for-dateTime", _one("dateTime", within=None), 1700000000),
    WrongType("text-for-binary", _one("binary", within=None), "*** no base64 ***", ("nobase64",)),
    WrongType("object-for-reference", _one("reference", within=None), {"value": "https://example.com/"}),
)


@probe
def wrong_types(ask: Ask, resource_type: ResourceType) -> None:
    """Create resources that each have one value of a wrong type, and read back those that were accepted."""

    def asked(case: WrongType, bound: BoundAttribute) -> None:
        part = Part((bound.parent or bound.attribute).name, _placed(ask, bound, case.value), bound.urn)
        try:
            made = ask.create(case.name, resource_type, body(ask.sample.minimal(resource_type), [part]))
        except Blocked:
            return
        ask.get(f"{case.name}: fetched", made.path)

    ask.create("baseline", resource_type)
    chosen = [(case, case.attribute(resource_type)) for case in WRONG_TYPES]
    ask.together(*(partial(asked, case, bound) for case, bound in chosen if bound))


@probe
def unpadded_binary(ask: Ask, attribute: BoundAttribute) -> None:
    """Create a resource with base64 that lacks its padding."""
    resource_type = attribute.resource_type
    unpadded = next(text for text in CERTIFICATES if text.endswith("=")).rstrip("=")
    part = Part((attribute.parent or attribute.attribute).name, _placed(ask, attribute, unpadded), attribute.urn)
    ask.try_create("created", resource_type, body(ask.sample.minimal(resource_type), [part]))


def _placed(ask: Ask, bound: BoundAttribute, value: Any) -> Any:
    if bound.parent is None:
        return value
    around = {**ask.sample.value(bound.parent), bound.attribute.name: value}
    return [around] if bound.parent.multi_valued else around


def _writable(bound: BoundAttribute) -> bool:
    whole: tuple[Attribute, ...] = (bound.attribute, *([bound.parent] if bound.parent else []))
    secret = any(a.mutability not in {"readWrite", "immutable"} or a.returned != "default" for a in whole)
    return not secret and not (bound.parent and _points(bound)) and not bound.attribute.canonical_values


def _points(bound: BoundAttribute) -> bool:
    """Whether the attribute, or the one around it, points to other resources: those fail for other reasons too."""
    return (bound.parent or bound.attribute).links
