"""What a filter means for a resource (RFC 7644 §3.4.2.2).

Where every conforming tenant must give the same answer, ``evaluate`` gives it; where the RFC can be read in two ways
it says UNDEFINED. ``matches`` takes the recommended reading there: absent values are not equal to anything (so ``ne``
is true for them and everything else false), a row of values satisfies ``ne`` if one of them differs, letter case
follows the schema, ``""`` is not present. The reference tenant uses ``matches``, checks use ``evaluate``.
"""

from __future__ import annotations

import json
import operator
import unicodedata
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from conformance.spec.filter import And, Comparison, Filter, FilterError, Not, Or, Present, ValuePath, operands
from conformance.spec.paths import AttrPath, lookup
from conformance.spec.schema import Attribute, ResourceType
from conformance.spec.values import fits, instant, precision, unassigned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class Match(Enum):
    """The answer of a filter for one resource."""

    YES = "yes"
    NO = "no"
    UNDEFINED = "undefined"


class _Reading(Enum):
    """The answer of one expression; where it is open, the side that is recommended."""

    YES = (True, False)
    NO = (False, False)
    OPEN_YES = (True, True)
    OPEN_NO = (False, True)

    @classmethod
    def of(cls, answer: bool, *, opened: bool = False) -> _Reading:
        return cls((answer, opened))

    @property
    def answer(self) -> bool:
        return self.value[0]

    @property
    def opened(self) -> bool:
        return self.value[1]

    def opposite(self) -> _Reading:
        return _Reading((not self.answer, self.opened))


_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_INSTANTS: dict[str, Callable[[Any, Any], bool]] = {"eq": operator.eq, **_ORDERINGS}
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "eq": operator.eq,
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
}
_TEXT_TYPES = ("string", "reference", "binary")


def evaluate(node: Filter, resource: Mapping[str, Any], resource_type: ResourceType) -> Match:
    """Return what the RFC demands of a filter for a resource, UNDEFINED where it leaves a choice. Never raises.

    The resource must be the whole representation; attributes that are never returned make the answer UNDEFINED.
    """
    return _walk(node, _Resource(resource, resource_type), definite=False)


def matches(node: Filter, resource: Mapping[str, Any], resource_type: ResourceType) -> bool:
    """Return the recommended answer where ``evaluate`` would be UNDEFINED, else the same."""
    return _walk(node, _Resource(resource, resource_type), definite=True) is Match.YES


def selects(node: Filter, element: Any, attribute: Attribute) -> bool:
    """Return whether the filter in the brackets after a multi-valued attribute picks one of its elements."""
    return _walk(node, _Element(element, attribute), definite=True) is Match.YES


def check(node: Filter, resource_type: ResourceType, *, reject_unknown: bool = True) -> None:
    """Raise FilterError for what the schema does not allow; its position and text are those of one expression.

    Refused are operators or operands that do not go with the attribute's type, comparisons of a complex attribute
    that has no ``value``, attributes that are never returned (an oracle otherwise) and, unless told not to, unknown
    ones: at the server root a filter may name attributes of other resource types (§3.4.2.1).
    """
    _check(node, _Resource({}, resource_type), reject_unknown=reject_unknown)


@dataclass(frozen=True, slots=True)
class _Found:
    """The values at a path. ``attribute`` is None where no schema has it; a value of None is an unset ``primary``."""

    values: tuple[Any, ...]
    attribute: Attribute | None = None
    parent: Attribute | None = None


@dataclass(frozen=True, slots=True)
class _Resource:
    """The names a filter sees: the resource's attributes."""

    document: Any
    resource_type: ResourceType

    def find(self, path: AttrPath) -> _Found:
        bound = self.resource_type.find(path.dotted, path.urn)
        if bound is None:
            return _Found(_flat([lookup(self.document, path)]))
        container = lookup(self.document, bound.urn) if bound.urn else self.document
        values = _flat([lookup(container, AttrPath(path.name))])
        if bound.parent:
            values = _sub_values(values, bound.attribute, bound.parent)
        return _Found(values, bound.attribute, bound.parent)


@dataclass(frozen=True, slots=True)
class _Element:
    """The names a filter in brackets sees: the sub-attributes of one value."""

    document: Any
    parent: Attribute | None

    def find(self, path: AttrPath) -> _Found:
        if path.sub or path.urn:
            return _Found(())
        if not isinstance(self.document, dict) and path.name.lower() == "value" and _is_simple(self.parent):
            attribute = replace(self.parent, multi_valued=False) if self.parent else None
            return _Found(_flat([self.document]), attribute)
        attribute = self.parent.sub(path.name) if self.parent else None
        if attribute is None or self.parent is None:
            return _Found(_flat([lookup(self.document, AttrPath(path.name))]))
        return _Found(_sub_values((self.document,), attribute, self.parent), attribute, self.parent)


_Scope = _Resource | _Element


def _is_simple(attribute: Attribute | None) -> bool:
    return attribute is None or attribute.type != "complex"


def _flat(values: Iterable[Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    for value in values:
        found.extend(value if isinstance(value, list) else [value])
    return tuple(value for value in found if not unassigned(value))


def _sub_values(elements: Sequence[Any], attribute: Attribute, parent: Attribute) -> tuple[Any, ...]:
    found = [lookup(element, AttrPath(attribute.name)) for element in elements]
    if parent.multi_valued and attribute.name == "primary":
        return tuple(found)
    return _flat(found)


def _walk(node: Filter, scope: _Scope, *, definite: bool) -> Match:
    """Combine the expressions by three-valued logic; with ``definite`` none of them is UNDEFINED."""
    match node:
        case And():
            return _not(_any([_not(_walk(part, scope, definite=definite)) for part in operands(node)]))
        case Or():
            return _any([_walk(part, scope, definite=definite) for part in operands(node)])
        case Not(operand):
            return _not(_walk(operand, scope, definite=definite))
        case ValuePath(path, inner):
            found = scope.find(path)
            return _any([_walk(inner, _Element(v, found.attribute), definite=definite) for v in found.values])
        case Comparison(path, operation, operand):
            return _settle(_compare(scope.find(path), operation, operand), definite=definite)
        case Present(path):
            return _settle(_present(scope.find(path)), definite=definite)


def _settle(reading: _Reading, *, definite: bool) -> Match:
    if reading.opened and not definite:
        return Match.UNDEFINED
    return Match.YES if reading.answer else Match.NO


def _any(answers: Sequence[Match]) -> Match:
    if Match.YES in answers:
        return Match.YES
    return Match.UNDEFINED if Match.UNDEFINED in answers else Match.NO


def _not(answer: Match) -> Match:
    return {Match.YES: Match.NO, Match.NO: Match.YES}.get(answer, Match.UNDEFINED)


def _one_of(readings: Sequence[_Reading]) -> _Reading:
    """Return the reading of "any of the values": a certain yes, else an open one, else no."""
    for best in (_Reading.YES, _Reading.OPEN_YES, _Reading.OPEN_NO):
        if best in readings:
            return best
    return _Reading.NO


def _present(found: _Found) -> _Reading:
    if found.attribute and found.attribute.returned == "never":
        return _Reading.OPEN_NO
    return _one_of([_presence(value) for value in found.values if value is not None])


def _presence(value: Any) -> _Reading:
    if isinstance(value, dict):
        return _one_of([_presence(v) for v in value.values() if not unassigned(v)]) if value else _Reading.NO
    return _Reading.OPEN_NO if value == "" else _Reading.YES


def _compare(found: _Found, operation: str, operand: Any) -> _Reading:
    attribute = found.attribute
    if attribute and attribute.returned == "never":
        return _Reading.OPEN_NO
    if operand is None:
        return _compare_null(found, operation)
    if attribute and attribute.type == "complex":
        return _compare_complex(found, attribute, operation, operand)
    if not found.values:
        return _Reading.OPEN_YES if operation == "ne" else _Reading.NO
    readings = [_compare_value(found, value, operation, operand) for value in found.values]
    if operation == "ne" and len(set(readings)) > 1:
        # "Any value differs" and "no value is equal" are both in use for several values.
        return _Reading.OPEN_YES
    return _one_of(readings)


def _compare_null(found: _Found, operation: str) -> _Reading:
    present = _present(found)
    if operation in {"eq", "ne"}:
        return _Reading.of(present.answer is (operation == "ne"), opened=True)
    return _Reading.OPEN_NO


def _compare_complex(found: _Found, attribute: Attribute, operation: str, operand: Any) -> _Reading:
    """Compare a complex attribute by its ``value``: usual for multi-valued ones, a courtesy for others (manager)."""
    significant = attribute.sub("value")
    if significant is None:
        return _Reading.OPEN_NO
    values = _sub_values(found.values, significant, attribute)
    reading = _compare(_Found(values, significant, attribute), operation, operand)
    return reading if attribute.multi_valued else _Reading.of(reading.answer, opened=True)


def _compare_value(found: _Found, value: Any, operation: str, operand: Any) -> _Reading:
    if value is None:
        # An unset "primary" is assumed to be false (RFC 7643 §2.4), yet many tenants treat it as absent.
        answer = operand is not False if operation == "ne" else operation == "eq" and operand is False
        return _Reading.of(answer, opened=operation == "ne" or operand is not True)
    if operation == "ne":
        return _compare_value(found, value, "eq", operand).opposite()
    attribute = found.attribute or Attribute("", type=_json_type(value))
    if attribute.type in _TEXT_TYPES and isinstance(value, str) and isinstance(operand, str):
        reading = _compare_text(attribute, found.parent, value, operation, operand)
    elif attribute.type == "dateTime" and instant(value) and instant(operand) and operation in _INSTANTS:
        reading = _compare_instants(value, operation, operand)
    elif operation == "eq" and _json_type(value) == _json_type(operand):
        reading = _Reading.of(value == operand)
    elif operation in _ORDERINGS and _json_type(value) == _json_type(operand) == "decimal":
        reading = _Reading.of(_ORDERINGS[operation](value, operand))
    else:
        reading = _compare_spelling(value, operation, operand)
    return reading if found.attribute else _Reading.of(reading.answer, opened=True)


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "decimal" if isinstance(value, int | float) else "string"


def _compare_spelling(value: Any, operation: str, operand: Any) -> _Reading:
    """Compare an operator or operand that does not go with the type: refusing it is fine, and so is comparing texts."""
    if operation not in _TEXT:
        return _Reading.OPEN_NO
    texts = [(v if isinstance(v, str) else json.dumps(v)).lower() for v in (value, operand)]
    found = _TEXT[operation](texts[0], texts[1])
    return _Reading.of(found, opened=found or operation != "eq")


def _compare_text(attribute: Attribute, parent: Attribute | None, value: str, operation: str, operand: str) -> _Reading:
    if operation in _ORDERINGS:
        return _order_text(attribute, value, operation, operand)
    test = _TEXT[operation]
    if test(value, operand):
        return _Reading.YES
    folded = test(_fold(value), _fold(operand))
    if attribute.case_exact:
        normalised = test(unicodedata.normalize("NFKC", value), unicodedata.normalize("NFKC", operand))
        return _Reading.of(answer=False, opened=normalised)
    if test(value.lower(), operand.lower()):
        # RFC 7643 makes references and binary values case-exact (§2.3.6, §2.3.7) while its schemas print them as not.
        identifier = attribute.type != "string" or (parent is not None and parent.sub("$ref") is not None)
        return _Reading.of(answer=True, opened=identifier)
    return _Reading.of(folded, opened=folded)


def _order_text(attribute: Attribute, value: str, operation: str, operand: str) -> _Reading:
    compare = _ORDERINGS[operation]
    exact, folded = compare(value, operand), compare(_fold(value), _fold(operand))
    answer = exact if attribute.case_exact else folded
    certain = attribute.type == "string" and value.isascii() and operand.isascii()
    return _Reading.of(answer, opened=not certain or (not attribute.case_exact and exact != folded))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _compare_instants(value: str, operation: str, operand: str) -> _Reading:
    """Compare points in time; what is closer than the digits shown, or lacks a zone, depends on what is stored."""
    if value == operand and operation not in {"gt", "lt"}:
        return _Reading.YES
    moments = [moment for moment in map(instant, (value, operand)) if moment]
    close = abs((moments[0] - moments[1]).total_seconds()) < max(precision(value), precision(operand))
    zoned = value[-6] in "+-" or value.endswith("Z")
    return _Reading.of(_INSTANTS[operation](*moments), opened=close or not zoned)


def _check(node: Filter, scope: _Scope, *, reject_unknown: bool) -> None:
    match node:
        case And() | Or():
            for part in operands(node):
                _check(part, scope, reject_unknown=reject_unknown)
        case Not(operand):
            _check(operand, scope, reject_unknown=reject_unknown)
        case ValuePath(path, inner):
            attribute = _known(node, path, scope, reject_unknown=reject_unknown)
            if attribute and not (attribute.type == "complex" or attribute.multi_valued):
                raise FilterError(0, "a complex or multi-valued attribute before the brackets", str(node))
            if attribute:
                _check(
                    inner, _Element({} if attribute.type == "complex" else "", attribute), reject_unknown=reject_unknown
                )
        case Present(path):
            _known(node, path, scope, reject_unknown=reject_unknown)
        case Comparison(path, _, _):
            attribute = _known(node, path, scope, reject_unknown=reject_unknown)
            if attribute:
                _check_comparison(node, attribute)


def _known(
    node: Comparison | Present | ValuePath, path: AttrPath, scope: _Scope, *, reject_unknown: bool
) -> Attribute | None:
    attribute = scope.find(path).attribute
    if attribute is None and reject_unknown:
        raise FilterError(0, "an attribute that the schema has", str(node))
    if attribute and attribute.returned == "never":
        raise FilterError(0, "an attribute that may be searched", str(node))
    return attribute


def _check_comparison(node: Comparison, attribute: Attribute) -> None:
    text, position = str(node), len(str(node.path))
    target = attribute.sub("value") if attribute.type == "complex" else attribute
    if target is None:
        raise FilterError(position, f"a sub-attribute of {node.path}", text)
    allowed = _operators(target.type)
    if node.op not in allowed or (node.value is None and node.op not in {"eq", "ne"}):
        raise FilterError(position + 1, f"{', '.join(allowed)} or pr for a {target.type} attribute", text)
    spelled_boolean = target.type == "boolean" and str(node.value).lower() in {"true", "false"}
    data_type = "string" if target.type in _TEXT_TYPES else "decimal" if target.type == "integer" else target.type
    if not (node.value is None or spelled_boolean or fits(data_type, node.value)):
        raise FilterError(position + 4, f"a {target.type} value", text)


def _operators(data_type: str) -> tuple[str, ...]:
    equality, text, order = ("eq", "ne"), ("co", "sw", "ew"), ("gt", "ge", "lt", "le")
    return {
        "boolean": equality,
        "binary": (*equality, *text),
        "integer": (*equality, *order),
        "decimal": (*equality, *order),
        "dateTime": (*equality, *order),
    }.get(data_type, (*equality, *text, *order))
