"""Values that rise from one resource to the next, for filters and sorting by any type (RFC 7644 §3.4.2.2, §3.4.2.3).

The attributes are those of which no RFC says what they hold: those of a tenant's own resource types and extensions.
Filters on User, Group and the enterprise extension are asked elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from conformance.probes.parts import Part, body
from conformance.probes.registry import probe

if TYPE_CHECKING:
    from conformance.probes.ask import Ask
    from conformance.spec.schema import BoundAttribute, ResourceType

RUNGS = ("low", "middle", "high")
OURS = "ours"
_STANDARD = "urn:ietf:params:scim:schemas:"
_NUMBERS = frozenset({"integer", "decimal"})
_TIMES = frozenset({"dateTime"})
# Compared as text, each of these comes out in another order.
_RUNGS: dict[str, tuple[Any, Any, Any]] = {
    "integer": (9, 10, 100),
    "decimal": (9.5, 10.25, 100.5),
    "dateTime": ("2011-05-13T06:15:00+05:00", "2011-05-13T04:42:34Z", "2011-05-13T03:00:00.250-08:00"),
    "boolean": (False, True, None),
    "string": ("alfa {mark}", "Bravo {mark}", "charlie {mark}"),
    "reference": ("https://example.com/{mark}/a", "https://example.com/{mark}/B", "https://example.com/{mark}/c"),
}
_BOOLEAN = ("RFC7644-3.4.2.2-27", "RFC7644-3.4.2.2-08")
_SAME_TIME = "2011-05-12T23:42:34-05:00"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison with the value in the middle, for attributes of some types; ``finds`` are rungs.

    ``operand`` stands in the place of that value; ``{mark}`` in it is what nothing else in the tenant carries.
    ``case_exact`` narrows it to attributes of that characteristic.
    """

    name: str
    types: frozenset[str]
    operator: str
    finds: tuple[str, ...]
    requirements: tuple[str, ...]
    operand: Any = None
    case_exact: bool | None = None

    def __str__(self) -> str:
        """Return the name, for test ids."""
        return self.name

    def fits(self, bound: BoundAttribute) -> bool:
        """Whether the comparison can be asked of an attribute."""
        return bound.attribute.type in self.types and self.case_exact in {None, bound.attribute.case_exact}


def _ordering(operator: str, finds: str, for_numbers: int, for_times: int) -> tuple[Comparison, Comparison]:
    clause = "RFC7644-3.4.2.2-{}".format
    found = tuple(finds.split())
    return (
        Comparison(operator, _NUMBERS, operator, found, (clause(for_numbers),)),
        Comparison(f"{operator} instant", _TIMES, operator, found, (clause(for_times), clause(69)), _SAME_TIME),
    )


def _text(
    name: str, operator: str, operand: str, finds: str, *clauses: str, case_exact: bool | None = None
) -> Comparison:
    types = frozenset({"reference"} if operand.startswith("http") else {"string"})
    return Comparison(name, types, operator, tuple(finds.split()), clauses, operand, case_exact)


COMPARISONS = (
    Comparison("eq", _NUMBERS, "eq", ("middle",), ("RFC7644-3.4.2.2-28",)),
    Comparison("ne", _NUMBERS, "ne", ("high", "low"), ("RFC7644-3.4.2.2-31",)),
    *_ordering("gt", "high", 51, 50),
    *_ordering("ge", "high middle", 56, 55),
    *_ordering("lt", "low", 61, 60),
    *_ordering("le", "low middle", 66, 65),
    Comparison("eq instant", _TIMES, "eq", ("middle",), ("RFC7644-3.4.2.2-29",), _SAME_TIME),
    Comparison("eq true", frozenset({"boolean"}), "eq", ("middle",), _BOOLEAN),
    Comparison("eq false", frozenset({"boolean"}), "eq", ("low",), _BOOLEAN, operand=False),
    _text("eq text", "eq", "Bravo {mark}", "middle", "RFC7644-3.4.2.2-26"),
    _text("eq URI", "eq", "https://example.com/{mark}/B", "middle", "RFC7644-3.4.2.2-30"),
    _text("eq in capitals", "eq", "BRAVO {mark}", "middle", "RFC7644-3.4.2.2-100", "RFC7643-7-20", case_exact=False),
    _text("eq in wrong case", "eq", "BRAVO {mark}", "", "RFC7644-3.4.2.2-101", "RFC7643-7-20", case_exact=True),
    _text("sw in capitals", "sw", "BRAVO", "middle", "RFC7644-3.4.2.2-102", "RFC7643-7-20", case_exact=False),
    _text("sw in wrong case", "sw", "BRAVO", "", "RFC7644-3.4.2.2-102", "RFC7643-7-20", case_exact=True),
)  # fmt: skip


def climbs(bound: BoundAttribute) -> bool:
    """Whether any rising values can be given to an attribute and filtered by."""
    attribute = bound.attribute
    own = bound.parent is None and not bound.schema.id.startswith(_STANDARD)
    open_to_all = attribute.mutability == "readWrite" and attribute.returned in {"default", "always"}
    free = not (attribute.multi_valued or attribute.canonical_values) and attribute.uniqueness == "none"
    external = attribute.type != "reference" or "external" in attribute.reference_types
    # Of a boolean, the highest rung is to have none.
    rises = attribute.type in _RUNGS and not (attribute.type == "boolean" and attribute.required)
    return own and open_to_all and free and external and rises


def sortable(bound: BoundAttribute) -> bool:
    """Whether the order of the rungs is beyond doubt for an attribute."""
    return climbs(bound) and (bound.attribute.type in _NUMBERS | _TIMES or _is_plain_text(bound))


@probe
def laddered(ask: Ask, resource_type: ResourceType) -> None:
    """Create three resources whose values rise, find them by each attribute in many ways, and sort them by each.

    Names: ``<path> <comparison>``, ``<path> sorted``.
    """
    bounds = [bound for bound in resource_type.attributes() if climbs(bound)]
    if not bounds or ask.service.supports("filter") is False:
        return
    mark = ask.sample.prefix
    values = {rung: _values(bounds, number, mark) for number, rung in enumerate(RUNGS)}
    for rung in ("middle", "high", "low"):
        ask.create(rung, resource_type, body(ask.sample.minimal(resource_type), values[rung]))
    ours = f'externalId sw "{mark}."'
    ask.filter(OURS, resource_type, ours)
    middle = {part.key: part.value for part in values["middle"]}
    asked = [
        partial(ask.filter, f"{b.path} {c}", resource_type, f"{_written(c, b.path, middle[b.path], mark)} and {ours}")
        for b in bounds
        for c in COMPARISONS
        if c.fits(b)
    ]
    if ask.service.supports("sort") is not False:
        asked += [
            partial(ask.filter, f"{b.path} sorted", resource_type, ours, sortBy=b.path, sortOrder="ascending")
            for b in bounds
            if sortable(b)
        ]
    ask.together(*asked)


def _is_plain_text(bound: BoundAttribute) -> bool:
    return bound.attribute.type == "string" and not bound.attribute.case_exact


def _values(bounds: list[BoundAttribute], rung: int, mark: str) -> list[Part]:
    pairs = ((bound, _marked(_RUNGS[bound.attribute.type][rung], mark)) for bound in bounds)
    return [Part(bound.attribute.name, value, bound.urn) for bound, value in pairs if value is not None]


def _written(comparison: Comparison, path: str, middle: Any, mark: str) -> str:
    operand = middle if comparison.operand is None else _marked(comparison.operand, mark)
    return f"{path} {comparison.operator} {json.dumps(operand)}"


def _marked(value: Any, mark: str) -> Any:
    return value.format(mark=mark) if isinstance(value, str) else value
