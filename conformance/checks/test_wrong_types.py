"""Values of a wrong JSON type are refused or converted, and never stored as they are (RFC 7643 §2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.checks.declare import for_attributes, requirement
from conformance.checks.given import asked
from conformance.checks.values import occurrences
from conformance.probes.wrong_types import WRONG_TYPES, WrongType
from conformance.spec.values import fits, unassigned

if TYPE_CHECKING:
    from conformance.checks.verdict import Remarks
    from conformance.probes.evidence import Evidence
    from conformance.spec.schema import BoundAttribute, ResourceType

_CLAUSES = {
    "word-for-boolean": ("RFC7643-2.3.2-02", "RFC7644-3.3-20"),
    "object-for-boolean": ("RFC7643-2.3.2-02", "RFC7644-3.3-20"),
    "fraction-for-integer": ("RFC7643-2.3.4-02", "RFC7644-3.3-20"),
    "word-for-dateTime": ("RFC7643-2.3.5-04",),
    "date-for-dateTime": ("RFC7643-2.3.5-04",),
    "impossible-dateTime": ("RFC7643-2.3.5-04",),
    "number-for-dateTime": ("RFC7643-2.3.5-03", "RFC7643-2.3.5-04"),
    "text-for-binary": ("RFC7643-2.3.6-02",),
}
_NONE = "the resource type has no writable attribute of that type"


def _clauses(case: WrongType) -> tuple[str, ...]:
    return _CLAUSES.get(case.name, ("RFC7644-3.3-20",))


@requirement(_clauses)
@pytest.mark.parametrize("case", WRONG_TYPES, ids=str)
def test_a_value_of_a_wrong_type_is_not_stored(
    case: WrongType,
    resource_type: ResourceType,
    wrong_types: Evidence,
    attribute_values: Evidence,
    verdict: Remarks,
) -> None:
    """A value of a JSON type that its attribute does not have is refused with 400, or sensibly converted."""
    exchange = asked(wrong_types, case.name, _NONE)
    bound = case.attribute(resource_type)
    if bound is None:
        verdict.not_applicable(_NONE)
    if not exchange.ok:
        assert exchange.status == 400
        return
    came = [v for v in occurrences(wrong_types[f"{case.name}: fetched"].resource, bound) if not unassigned(v)]
    if not came:
        if not occurrences(attribute_values.fetched.resource, bound):
            verdict.not_applicable(f"the tenant drops {bound.path} with a right value too, which another check judges")
        verdict.warn(f"the tenant accepts the create and drops the wrong value of {bound.path} without a word")
        return
    wrong = [value for value in came if not _shaped(bound, value)]
    assert wrong == [], f"{bound.path} holds a value that is not of its type"
    expected = (case.value, *case.converted)
    assert all(_among(value, expected) for value in came), f"{bound.path} was given a value nobody sent: {came!r}"
    verdict.note(f"the tenant makes {came[0]!r} of {case.value!r} for {bound.path}")


@requirement("RFC7644-3.12-38")
@pytest.mark.parametrize("case", WRONG_TYPES, ids=str)
def test_a_wrong_type_is_an_invalid_value(case: WrongType, wrong_types: Evidence, verdict: Remarks) -> None:
    """A create refused for a value of a wrong type has the scimType invalidValue."""
    exchange = asked(wrong_types, case.name, _NONE)
    if exchange.ok:
        verdict.not_applicable("the tenant accepts the create")
    kind = exchange.resource.get("scimType")
    if kind == "invalidSyntax":
        verdict.note("the tenant says invalidSyntax")
        return
    assert kind == "invalidValue"


@requirement("RFC7643-2.3.6-03")
@for_attributes(lambda bound: bound.attribute.type == "binary" and bound.attribute.mutability == "readWrite")
def test_base64_without_padding_is_accepted(unpadded_binary: Evidence, verdict: Remarks) -> None:
    """Base64 without its trailing = characters is accepted."""
    created = unpadded_binary.created
    assert created.status < 500
    if created.refused:
        verdict.note(f"the tenant refuses unpadded base64 with {created.status}")


def _shaped(bound: BoundAttribute, value: object) -> bool:
    if bound.attribute.multi_valued:
        return isinstance(value, list) and all(fits(bound.attribute.type, element) for element in value)
    return fits(bound.attribute.type, value)


def _among(value: object, expected: tuple[object, ...]) -> bool:
    """Whether a value is one of those that may be made of the wrong one, whatever the tenant adds to its elements."""
    if not isinstance(value, list):
        return any(type(value) is type(e) and value == e for e in expected)
    plain = [{"value": e.get("value")} if isinstance(e, dict) else e for e in value]
    return any(plain == e for e in expected)
