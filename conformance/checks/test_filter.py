"""Filters over people of whom everything is known (RFC 7644 §3.4.2.2)."""

import pytest

from conformance.checks.declare import for_types, requirement
from conformance.checks.selection import select
from conformance.checks.verdict import Remarks
from conformance.probes.evidence import Evidence
from conformance.probes.filter_cases import (
    EVERYBODY,
    LETTER_CASE,
    LOGIC,
    OTHER_TYPES,
    PATHS,
    PRESENCE,
    STRINGS,
    TIMES,
    VALUE_FILTERS,
    Case,
)
from conformance.spec.schema import ResourceType

pytestmark = for_types("User")
_PEOPLE = EVERYBODY.split()


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", STRINGS, ids=str)
def test_operator_on_user_name_finds_whom_it_describes(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """An operator on userName finds exactly the users whose user name compares so."""
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", OTHER_TYPES, ids=str)
def test_comparison_follows_the_type_of_the_attribute(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A comparison on a boolean, a reference or a common attribute finds exactly the users with that value."""
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", TIMES, ids=str)
def test_times_compare_as_instants(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A comparison on meta.created or meta.lastModified goes by the instant, whatever offset it is written with."""
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", PRESENCE, ids=str)
def test_pr_finds_those_with_a_value(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """The operator pr finds exactly the users who have a value for the attribute."""
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", LOGIC, ids=str)
def test_logical_operators_combine_comparisons(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """Comparisons joined by and, or and not find exactly the users for whom the whole is true, in RFC precedence."""
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", LETTER_CASE, ids=str)
def test_letter_case_counts_only_where_the_schema_says_so(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """Letter case makes no difference in names, operators and inexact attributes, and makes one in exact attributes."""
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", PATHS, ids=str)
def test_path_leads_to_the_attribute(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A path with a sub-attribute or a schema URN leads to that attribute, and any of several values will do."""
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected


@requirement(lambda case: case.requirements)
@pytest.mark.parametrize("case", VALUE_FILTERS, ids=str)
def test_square_brackets_speak_of_one_element(
    filtered: Evidence, case: Case, resource_type: ResourceType, verdict: Remarks
) -> None:
    """A filter in square brackets finds exactly the users one of whose elements meets all of it."""
    selection = select(filtered, case, _PEOPLE, resource_type, verdict)
    assert selection.came == selection.expected
