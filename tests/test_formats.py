"""The lexical rules of dateTime and reference values."""

import pytest

from conformance.spec.formats import is_date_time, is_uri, is_uri_reference
from conformance.spec.schema import (
    USER,
)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2008-01-23T04:56:22Z", True),
        ("2011-08-01T18:29:49.793Z", True),
        ("2008-01-23T04:56:22", True),
        ("2008-01-23T04:56:22+05:30", True),
        ("2008-01-23T24:00:00Z", True),
        ("2000-02-29T00:00:00Z", True),
        ("12008-02-29T00:00:00Z", True),
        ("1900-02-29T00:00:00Z", False),
        ("2008-13-01T00:00:00Z", False),
        ("2008-01-23T24:00:01Z", False),
        ("2008-01-23T04:56:22+14:30", False),
        ("2008-01-23 04:56:22Z", False),
        ("2008-01-23", False),
        ("2008-01-23T04:56:22Z\n", False),
        ("٢٠٠٨-01-23T04:56:22Z", False),
        ("", False),
    ],
)
def test_date_times_are_those_of_xml_schema(text: str, valid: bool):
    assert is_date_time(text) is valid


@pytest.mark.parametrize(
    ("text", "uri", "reference"),
    [
        ("https://example.com/v2/Users/1?a=%20b#c", True, True),
        (USER, True, True),
        ("tel:+1-201-555-0123", True, True),
        ("../Users/1", False, True),
        ("/Users/1", False, True),
        ("Users/a:b", False, True),
        ("", False, True),
        ("1a:b", False, False),
        ("a b", False, False),
        ("https://example.com/%zz", False, False),
        ("https://example.com/é", False, False),
    ],
)
def test_uris_are_those_of_rfc_3986(text: str, uri: bool, reference: bool):
    assert is_uri(text) is uri
    assert is_uri_reference(text) is reference
