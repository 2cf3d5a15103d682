"""Single values, SCIM data types (RFC 7643 §2.3) and the error message (RFC 7644 §3.12)."""

from datetime import UTC, datetime

import pytest

from conformance.spec.errors import ScimError, invalid_value
from conformance.spec.messages import ERROR
from conformance.spec.values import fits, instant, is_base64, precision, unassigned


@pytest.mark.parametrize(
    ("data_type", "right", "wrong"),
    [
        ("string", ["", "x"], [1, True, None, [], {}]),
        ("boolean", [True, False], ["true", 1, 0, None]),
        ("integer", [0, -5], [1.0, True, "1", None]),
        ("decimal", [0, -5, 1.5], [True, "1", None]),
        ("dateTime", ["2008-01-23T04:56:22Z"], ["2008-01-23", 1, None]),
        ("binary", ["", "TWFu", "TWE=", "TWE", "TW-_", "TWFu\nTWFu"], ["***", "TWFuT", 1]),
        ("reference", ["https://example.com", "../x", "urn:a:b"], ["a b", 1, None]),
        ("complex", [{}, {"a": 1}], ["x", [], None]),
        ("unheard of", [None, 1, "x"], []),
    ],
)
def test_data_types(data_type, right, wrong):
    assert [value for value in right if not fits(data_type, value)] == []
    assert [value for value in wrong if fits(data_type, value)] == []


def test_unassigned():
    assert all(unassigned(value) for value in (None, [], {}))
    assert not any(unassigned(value) for value in (False, 0, "", [None], {"a": None}))


def test_instants():
    expected = datetime(2024, 5, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    assert instant("2024-05-01T12:00:00.5Z") == instant("2024-05-01T14:00:00.500+02:00") == expected
    assert instant("2024-05-01T12:00:00.5") == expected
    assert [instant(text) for text in ("2024-05-01", "12024-05-01T00:00:00Z", None, 5)] == [None] * 4


def test_precision():
    assert precision("2024-05-01T12:00:00Z") == 1.0
    assert precision("2024-05-01T12:00:00.123Z") == pytest.approx(0.001)


def test_base64_of_both_alphabets():
    assert is_base64("+/+/")
    assert is_base64("-_-_")
    assert not is_base64("Ä")


def test_the_error_message():
    error = invalid_value("No.")
    assert error.to_document() == {"schemas": [ERROR], "status": "400", "scimType": "invalidValue", "detail": "No."}
    assert ScimError("Gone.", status=404).to_document() == {"schemas": [ERROR], "status": "404", "detail": "Gone."}
