"""Attribute notation (RFC 7644 §3.10) and reading values at a path."""

import pytest
from hypothesis import given, strategies as st

from conformance.spec.paths import AttrPath, PathError, lookup
from conformance.spec.schema import ENTERPRISE_USER, USER

BJENSEN = {
    "schemas": [USER, ENTERPRISE_USER],
    "userName": "bjensen",
    "name": {"givenName": "Barbara", "familyName": None},
    "emails": [{"value": "b@example.com", "type": "work"}, {"value": "b@jensen.org"}, "odd"],
    "phoneNumbers": [],
    ENTERPRISE_USER: {"department": "Tours", "manager": {"value": "26118915"}},
}


@pytest.mark.parametrize(
    ("text", "urn", "name", "sub"),
    [
        ("userName", None, "userName", None),
        ("name.givenName", None, "name", "givenName"),
        ("members.$ref", None, "members", "$ref"),
        (f"{USER}:userName", USER, "userName", None),
        (f"{USER}:name.givenName", USER, "name", "givenName"),
        (f"{ENTERPRISE_USER}:manager.value", ENTERPRISE_USER, "manager", "value"),
        (
            "urn:ietf:params:scim:schemas:exampleCo:2.0:hr:age",
            "urn:ietf:params:scim:schemas:exampleCo:2.0:hr",
            "age",
            None,
        ),
        ("https://example.com/schemas/hr:age", "https://example.com/schemas/hr", "age", None),
    ],
)
def test_notation_splits_into_urn_name_and_sub(text, urn, name, sub):
    path = AttrPath.parse(text)
    assert (path.urn, path.name, path.sub) == (urn, name, sub)
    assert str(path) == text


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("1abc", 0),
        ("/userName", 0),
        ("name..given", 5),
        ("name.", 5),
        ("a.b.c", 3),
        ("user name", 4),
        (f"{USER}:", 43),
    ],
)
def test_a_broken_path_tells_where(text, position):
    with pytest.raises(PathError) as caught:
        AttrPath.parse(text)
    assert caught.value.position == position
    assert caught.value.scim_type == "invalidPath"
    assert f"position {position}" in caught.value.detail


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("userName", "bjensen"),
        ("USERNAME", "bjensen"),
        ("name.GIVENNAME", "Barbara"),
        ("name.familyName", None),
        ("nickName", None),
        ("phoneNumbers", []),
        ("emails.value", ["b@example.com", "b@jensen.org"]),
        ("emails.display", None),
        ("userName.sub", None),
        (f"{ENTERPRISE_USER}:department", "Tours"),
        (f"{ENTERPRISE_USER.upper()}:MANAGER.value", "26118915"),
        (ENTERPRISE_USER, BJENSEN[ENTERPRISE_USER]),
        (f"{USER}:userName", "bjensen"),
        ("urn:example:other:userName", None),
        ("not a path", None),
    ],
)
def test_lookup_reads_in_any_letter_case(path, value):
    assert lookup(BJENSEN, path) == value


def attempt(text):
    try:
        return AttrPath.parse(text)
    except PathError as error:
        return error


@given(st.text(alphabet="aA.:$[]1 ü", max_size=20))
def test_any_text_is_a_path_or_a_path_error(text):
    result = attempt(text)
    if isinstance(result, PathError):
        assert 0 <= result.position <= len(text)
    else:
        assert str(result) == text


@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda x: st.lists(x, max_size=3)))
def test_lookup_takes_any_shape(resource):
    assert lookup(resource, "name.givenName") is None
