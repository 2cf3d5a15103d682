"""Sorting, paging and preconditions (RFC 7644 §3.4.2.3, §3.4.2.4, §3.14; RFC 9865 §2)."""

import pytest

from conformance.spec.errors import ScimError
from conformance.spec.etag import if_match, if_none_match, opaque, same
from conformance.spec.pagination import Window, is_cursor, number, page_size, window
from conformance.spec.schema import USER, Attribute, ResourceType, Schema
from conformance.spec.service import Service
from conformance.spec.sorting import sort

USERS, _ = Service.default().resource_types
DEVICES = ResourceType(
    "Device", "/Devices", Schema("urn:example:Device", "Device", attributes=(Attribute("slots", type="integer"),))
)


def ids(resources, path, *, ascending=True, resource_type=USERS):
    resources = [{"id": str(i), **resource} for i, resource in enumerate(resources)]
    return "".join(r["id"] for r in sort(resources, path, ascending=ascending, resource_type=resource_type))


@pytest.mark.parametrize(
    ("path", "resources", "ascending", "descending"),
    [
        ("userName", [{"userName": "carol"}, {"userName": "Bob"}, {"userName": "alice"}], "210", "012"),
        ("USERNAME", [{"userName": "b"}, {"userName": "a"}], "10", "01"),
        (f"{USER}:userName", [{"userName": "b"}, {"userName": "a"}], "10", "01"),
        ("externalId", [{"externalId": "a"}, {"externalId": "B"}], "10", "01"),
        ("name.familyName", [{"name": {"familyName": "b"}}, {}, {"name": {"familyName": "A"}}], "201", "102"),
        ("title", [{"title": "b"}, {}, {"title": "a"}, {"title": None}], "2013", "1302"),
        ("userName", [{"userName": "A"}, {"userName": "a"}, {"userName": "B"}], "012", "201"),
        (
            "emails.value",
            [
                {"emails": [{"value": "a"}, {"value": "z", "primary": True}]},
                {"emails": [{"value": "m"}, {"value": "b"}]},
            ],
            "10",
            "01",
        ),
        ("emails", [{"emails": [{"value": "z"}]}, {"emails": [{"value": "a"}]}], "10", "01"),
        (
            "meta.created",
            [{"meta": {"created": "2024-01-01T12:00:00Z"}}, {"meta": {"created": "2024-01-01T12:30:00+02:00"}}],
            "10",
            "01",
        ),
        ("favoriteColor", [{"favoriteColor": "b"}, {"favoriteColor": "a"}], "01", "01"),
        ("name", [{"name": {"familyName": "b"}}, {"name": {"familyName": "a"}}], "01", "01"),
        ("not a path", [{}, {}], "01", "01"),
    ],
)
def test_sorting(path, resources, ascending, descending):
    assert ids(resources, path) == ascending
    assert ids(resources, path, ascending=False) == descending


def test_numbers_sort_by_value():
    devices = [{"slots": 10}, {"slots": 9}, {"slots": "odd"}, {}]
    assert ids(devices, "slots", resource_type=DEVICES) == "1023"


@pytest.mark.parametrize(
    ("total", "start", "count", "limit", "expected"),
    [
        (100, 1, 10, None, Window(1, 0, 10)),
        (100, 11, 10, None, Window(11, 10, 20)),
        (100, None, None, None, Window(1, 0, 100)),
        (100, None, None, 20, Window(1, 0, 20)),
        (100, None, 50, 20, Window(1, 0, 20)),
        (100, 0, 10, None, Window(1, 0, 10)),
        (100, -5, 10, None, Window(1, 0, 10)),
        (100, 1, -1, None, Window(1, 0, 0)),
        (100, 1, 0, None, Window(1, 0, 0)),
        (100, 96, 10, None, Window(96, 95, 100)),
        (100, 101, 10, None, Window(101, 100, 100)),
        (0, 1, 10, None, Window(1, 0, 0)),
    ],
)
def test_windows(total, start, count, limit, expected):
    made = window(total, start, count, limit)
    assert made == expected
    assert made.size == len(range(total)[made.offset : made.stop])


def test_page_sizes():
    assert page_size(None, default=100, maximum=None) == 100
    assert page_size(500, default=100, maximum=250) == 250
    assert page_size(None, default=None, maximum=None) is None


def test_paging_numbers():
    assert [number("count", text) for text in (None, "10", "-3", " 7 ")] == [None, 10, -3, 7]
    for text in ("", "abc", "1.5", "9" * 5000, "٣"):
        with pytest.raises(ScimError, match="count must be an integer") as caught:
            number("count", text)
        assert caught.value.scim_type == "invalidValue"


def test_cursors_hold_unreserved_characters():
    assert is_cursor("VZUTiyhEQJ94IR-._~")
    assert not any(is_cursor(text) for text in ("", "a=", "a+b", "a/b", "a b"))


CURRENT = 'W/"a330bc54f0671c9"'


@pytest.mark.parametrize(
    ("header", "version", "matches"),
    [
        (None, CURRENT, True),
        (CURRENT, CURRENT, True),
        ('"a330bc54f0671c9"', CURRENT, True),
        ('W/"old"', CURRENT, False),
        (f'W/"old", {CURRENT}', CURRENT, True),
        ("*", CURRENT, True),
        ("*", None, False),
        (CURRENT, None, False),
        ("a330bc54f0671c9", CURRENT, False),
        ("", CURRENT, False),
    ],
)
def test_if_match(header, version, matches):
    assert if_match(header, version) is matches
    assert if_none_match(header, version) is (header is None or not matches)


def test_entity_tags():
    assert opaque(CURRENT) == opaque('"a330bc54f0671c9"') == "a330bc54f0671c9"
    assert opaque('""') == ""
    assert [opaque(text) for text in (None, "", "x", 'w/"x"', '"a"b"')] == [None] * 5
    assert same('W/""', '""')
    assert not same("x", "x")
