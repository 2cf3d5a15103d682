"""Names in JSON are read in any letter case (RFC 7643 §2.1)."""

from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from conformance.spec.schema import ENTERPRISE_USER
from conformance.spec.spelling import as_printed

USER: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "anna",
    "name": {"familyName": "Okafor"},
    "emails": [{"value": "anna@example.com", "primary": True}],
    "meta": {"resourceType": "User"},
    ENTERPRISE_USER: {"manager": {"value": "17", "$ref": "../Users/17"}},
}


def written(data: Any, draw: st.DrawFn) -> Any:
    """Return the data with each name in letter cases that are drawn."""
    if isinstance(data, dict):
        cases = st.sampled_from([str.upper, str.lower, str.title, str.swapcase, str])
        return {draw(cases)(name): written(value, draw) for name, value in data.items()}
    return [written(element, draw) for element in data] if isinstance(data, list) else data


@given(st.data())
def test_printed_names_are_known_in_any_letter_case(data: st.DataObject) -> None:
    assert as_printed(written(USER, data.draw)) == USER


def test_what_is_read_otherwise_than_written_is_told() -> None:
    changed: dict[str, str] = {}
    as_printed({"resources": [{"UserName": "anna", "id": "1"}]}, changed)
    assert changed == {"resources": "Resources", "UserName": "userName"}


def test_a_schema_of_the_tenants_own_decides_on_its_names() -> None:
    own = {"urn:example:Laptop": {"Value": 1, "Type": {"Display": 2}}, "Lid": {"Value": 3}}
    assert as_printed(own) == own


def test_no_value_is_lost_where_a_name_is_there_twice() -> None:
    both = {"userName": "anna", "USERNAME": "bert"}
    assert as_printed(both) == both
