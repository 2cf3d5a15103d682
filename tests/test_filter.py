"""The filter language (RFC 7644 §3.4.2.2): grammar, meaning and what a schema allows."""

import pytest
from hypothesis import given, settings, strategies as st

from conformance.spec.filter import (
    COMPARISONS,
    And,
    Comparison,
    FilterError,
    Not,
    Or,
    PatchPath,
    Present,
    ValuePath,
    parse,
    parse_path,
)
from conformance.spec.matching import Match, check, evaluate, matches
from conformance.spec.paths import AttrPath, PathError
from conformance.spec.schema import ENTERPRISE_USER, USER, Attribute, ResourceType, Schema
from conformance.spec.service import Service

YES, NO, OPEN = Match.YES, Match.NO, Match.UNDEFINED
USERS, GROUPS = Service.default().resource_types

ALICE = {
    "schemas": [USER, ENTERPRISE_USER],
    "id": "a1",
    "externalId": "Ext-1",
    "userName": "Alice",
    "name": {"givenName": "Alice", "familyName": "O'Malley"},
    "title": "Engineer",
    "nickName": "",
    "userType": "Employee",
    "profileUrl": "https://example.com/Alice",
    "active": False,
    "phoneNumbers": [],
    "emails": [
        {"value": "alice@example.com", "type": "work", "primary": True},
        {"value": "Alice@Example.org", "type": "home"},
    ],
    "ims": [{"value": "alice@foo.com", "type": "xmpp"}],
    "addresses": [{"formatted": ""}],
    "colour": "red",
    "groups": [{"value": "g1", "display": "Tour Guides"}],
    "meta": {"resourceType": "User", "lastModified": "2024-05-13T04:42:34Z", "created": "2024-05-01T00:00:00.500Z"},
    ENTERPRISE_USER: {"department": "Tours", "manager": {"value": "m1"}},
}

# Figure 2 of the RFC, with what each says about ALICE.
PRINTED = [
    ('userName eq "bjensen"', NO),
    ('name.familyName co "O\'Malley"', YES),
    ('userName sw "J"', NO),
    (f'{USER}:userName sw "J"', NO),
    ("title pr", YES),
    ('meta.lastModified gt "2011-05-13T04:42:34Z"', YES),
    ('meta.lastModified ge "2011-05-13T04:42:34Z"', YES),
    ('meta.lastModified lt "2011-05-13T04:42:34Z"', NO),
    ('meta.lastModified le "2011-05-13T04:42:34Z"', NO),
    ('title pr and userType eq "Employee"', YES),
    ('title pr or userType eq "Intern"', YES),
    (f'schemas eq "{ENTERPRISE_USER}"', YES),
    ('userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', YES),
    ('userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', NO),
    ('userType eq "Employee" and (emails.type eq "work")', YES),
    ('userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', YES),
    ('emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]', YES),
]


@pytest.mark.parametrize(("text", "expected"), PRINTED)
def test_the_printed_examples(text, expected):
    node = parse(text)
    assert parse(str(node)) == node
    check(node, USERS)
    assert evaluate(node, ALICE, USERS) is expected
    assert matches(node, ALICE, USERS) is (expected is YES)


MEANING = [
    # eq: letter case follows the schema
    ('userName eq "alice"', YES),
    ('USERNAME Eq "ALICE"', YES),
    ('userName eq "alic"', NO),
    ('externalId eq "ext-1"', NO),
    ('externalId eq "Ext-1"', YES),
    ('id eq "A1"', NO),
    ('profileUrl eq "https://example.com/alice"', OPEN),
    ('groups.value eq "G1"', OPEN),
    ('emails.value eq "ALICE@EXAMPLE.ORG"', YES),
    # substrings
    ('title co "NGIN"', YES),
    ('title sw "eng"', YES),
    ('title ew "EER"', YES),
    ('title co "x"', NO),
    ('externalId sw "ext"', NO),
    # booleans and wrong operands
    ("active eq false", YES),
    ("active ne false", NO),
    ("active eq true", NO),
    ('active eq "False"', OPEN),
    ('active eq "abc"', NO),
    ("userName eq 5", NO),
    # ordering
    ('title gt "Aa"', YES),
    ('title lt "Aa"', NO),
    ('title ge "Engineer"', YES),
    ('title gt "engineer"', NO),
    ('title lt "engineer"', OPEN),
    ('title gt "Ärzte"', OPEN),
    ('externalId gt "Ext"', YES),
    ('externalId lt "ext-1"', YES),
    ('profileUrl gt "http"', OPEN),
    ("active gt false", OPEN),
    ("emails[primary ne false]", YES),
    ("emails.primary eq false", OPEN),
    ('emails[type eq "home" and primary ne true]', OPEN),
    ('userType lt "2024-05-13T04:42:34Z"', NO),
    # dateTime: instants; what lies within the digits shown is open
    ('meta.lastModified eq "2024-05-13T04:42:34Z"', YES),
    ('meta.lastModified eq "2024-05-13T06:42:34+02:00"', OPEN),
    ('meta.lastModified ge "2024-05-13T06:42:00+02:00"', YES),
    ('meta.lastModified gt "2024-05-13T04:42:34Z"', OPEN),
    ('meta.created lt "2024-05-01T00:00:01.000Z"', YES),
    ('meta.lastModified eq "soon"', NO),
    ('meta.created co "2024"', OPEN),
    ('meta.created eq "2024-05-01T00:00:00.501Z"', NO),
    ('meta.created eq "2024-05-01T00:00:00.5004Z"', OPEN),
    ('meta.created ge "2024-05-01T00:00:00.500Z"', YES),
    # presence
    ("active pr", YES),
    ("nickName pr", OPEN),
    ("phoneNumbers pr", NO),
    ("photos pr", NO),
    ("emails.display pr", NO),
    ("addresses pr", OPEN),
    ("name pr", YES),
    ("favoriteColor pr", NO),
    # absent values
    ('locale eq "en"', NO),
    ('locale ne "en"', OPEN),
    ('not (locale eq "en")', YES),
    ('locale co "e"', NO),
    ("locale eq null", OPEN),
    ("title gt null", OPEN),
    # several values
    ('emails.type eq "home"', YES),
    ('emails.type ne "home"', OPEN),
    ('ims.type ne "xmpp"', NO),
    ('ims.type ne "skype"', YES),
    ('not (emails.type eq "work")', NO),
    ('emails[type eq "home" and value ew "example.com"]', NO),
    ("emails[primary eq true]", YES),
    ('emails[type eq "home" and primary eq true]', NO),
    ('emails[type eq "home" and primary eq false]', OPEN),
    ('emails[not (type eq "work")]', YES),
    ('emails[type.x eq "work"]', NO),
    (f'emails[{USER}:type eq "work"]', NO),
    (f'schemas[value eq "{USER}"]', YES),
    (f'schemas[type eq "{USER}"]', NO),
    ('schemas[value eq "urn:example:other"]', NO),
    ('name[givenName eq "Alice" and familyName sw "O"]', YES),
    # complex attributes without a sub-attribute
    ('emails eq "alice@example.com"', YES),
    ('emails sw "bob"', NO),
    (f'{ENTERPRISE_USER}:manager eq "m1"', OPEN),
    ('name eq "Alice"', OPEN),
    # extensions
    (f'{ENTERPRISE_USER}:department eq "tours"', YES),
    (f'{ENTERPRISE_USER.upper()}:MANAGER.VALUE eq "m1"', YES),
    ('department eq "Tours"', NO),
    # values of attributes that no schema has
    ('colour eq "red"', OPEN),
    ('colour eq "blue"', OPEN),
    ("colour pr", YES),
    # what cannot be seen
    ("password pr", OPEN),
    ('password sw "a"', OPEN),
    # three-valued logic
    ('locale ne "en" and active eq true', NO),
    ('locale ne "en" or active eq false', YES),
    ('not (locale ne "en")', OPEN),
]


@pytest.mark.parametrize(("text", "expected"), MEANING)
def test_what_a_filter_means(text, expected):
    assert evaluate(parse(text), ALICE, USERS) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('locale ne "en"', True),
        ('not (locale ne "en")', False),
        ("nickName pr", False),
        ("locale eq null", True),
        ("title eq null", False),
        ('active eq "False"', True),
        ('emails.type ne "home"', True),
        (f'{ENTERPRISE_USER}:manager eq "m1"', True),
        ('groups.value eq "G1"', True),
        ('meta.lastModified eq "2024-05-13T06:42:34+02:00"', True),
        ('emails[type eq "home" and primary eq false]', True),
        ('name eq "Alice"', False),
        ('password sw "a"', False),
    ],
)
def test_the_recommended_reading_where_the_meaning_is_open(text, expected):
    assert evaluate(parse(text), ALICE, USERS) is OPEN
    assert matches(parse(text), ALICE, USERS) is expected


def test_an_instant_without_a_zone_is_uncertain():
    resource = {"meta": {"created": "2024-05-01T12:00:00"}}
    assert evaluate(parse('meta.created gt "2024-01-01T00:00:00Z"'), resource, USERS) is OPEN
    assert matches(parse('meta.created gt "2024-01-01T00:00:00Z"'), resource, USERS)


@pytest.mark.parametrize("operator", COMPARISONS)
def test_numbers_compare_by_value(operator):
    device = Schema("urn:example:Device", "Device", attributes=(Attribute("slots", type="integer"),))
    devices = ResourceType("Device", "/Devices", device)
    expected = {"eq": NO, "ne": YES, "gt": YES, "ge": YES, "lt": NO, "le": NO}.get(operator, OPEN)
    assert evaluate(parse(f"slots {operator} 9"), {"slots": 10}, devices) is expected


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a pr", Present(AttrPath("a"))),
        ("a PR", Present(AttrPath("a"))),
        ('a Eq "x"', Comparison(AttrPath("a"), "eq", "x")),
        ("a eq true", Comparison(AttrPath("a"), "eq", value=True)),
        ("a eq null", Comparison(AttrPath("a"), "eq", None)),
        ("a eq -1.5e2", Comparison(AttrPath("a"), "eq", -150.0)),
        (r'a eq "\"\\\u00e9"', Comparison(AttrPath("a"), "eq", '"\\é')),
        ('a eq"x"', Comparison(AttrPath("a"), "eq", "x")),
        ("a pr and b pr or c pr", Or(And(Present(AttrPath("a")), Present(AttrPath("b"))), Present(AttrPath("c")))),
        ("a pr or b pr and c pr", Or(Present(AttrPath("a")), And(Present(AttrPath("b")), Present(AttrPath("c"))))),
        ("NOT(a pr) AND b pr", And(Not(Present(AttrPath("a"))), Present(AttrPath("b")))),
        ("a pr and (b pr or c pr)", And(Present(AttrPath("a")), Or(Present(AttrPath("b")), Present(AttrPath("c"))))),
        ("a[(b pr)]", ValuePath(AttrPath("a"), Present(AttrPath("b")))),
        ('a eq "x and (y) or [z] pr"', Comparison(AttrPath("a"), "eq", "x and (y) or [z] pr")),
        ("  ( a   pr )  ", Present(AttrPath("a"))),
    ],
)
def test_reading(text, node):
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 0, "attribute name"),
        ("userName", 8, "operator"),
        ("userName eq", 11, "JSON value"),
        ('eq "a"', 3, "operator"),
        ("userName eq bjensen", 12, "JSON value"),
        ("userName eq 'a'", 12, "JSON value"),
        ("active eq True", 10, "JSON value"),
        ('userName eq "abc', 12, "JSON string"),
        ('(userName eq "a"', 16, '")"'),
        ('userName eq "a")', 15, '"and", "or" or the end'),
        ('emails[type eq "work"', 21, '"]"'),
        ('userName eq "a" and', 19, "attribute name"),
        ('userName eq "a" xyz', 16, '"and", "or" or the end'),
        ('userName eq "a" title pr', 16, '"and", "or" or the end'),
        ('userName pr "a"', 12, '"and", "or" or the end'),
        ('not userName eq "a"', 4, '"("'),
        ('userName regex "a"', 9, "operator"),
        ("a..b pr", 2, "attribute name"),
        ("1abc pr", 0, "attribute name"),
        ("emails[a[b pr]]", 8, "no other brackets"),
        ("a eq 01", 5, "JSON value"),
        ("a eq 1e999", 5, "sensible size"),
        ("a eq " + "9" * 5000, 5, "sensible size"),
        ("(" * 100_000, 41, "parentheses in each other"),
        ("a pr" + " or a pr" * 10_000, 2049, "256 expressions"),
    ],
)
def test_a_broken_filter_tells_where_and_what(text, position, expected):
    with pytest.raises(FilterError) as caught:
        parse(text)
    error = caught.value
    assert (error.position, error.text) == (position, text)
    assert expected in error.expected
    assert (error.status, error.scim_type) == (400, "invalidFilter")
    assert "\n" not in error.detail
    assert len(error.detail) < 250


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("members", PatchPath(AttrPath("members"))),
        ("name.familyName", PatchPath(AttrPath("name", "familyName"))),
        ('addresses[type eq "work"]', PatchPath(AttrPath("addresses"), parse('type eq "work"'))),
        (
            'members[value eq "2819c223"].displayName',
            PatchPath(AttrPath("members"), parse('value eq "2819c223"'), "displayName"),
        ),
        (
            f"{USER}:emails[primary eq true].value",
            PatchPath(AttrPath("emails", urn=USER), parse("primary eq true"), "value"),
        ),
    ],
)
def test_patch_paths(text, path):
    assert parse_path(text) == path
    assert str(path) == text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", PathError),
        ("name..x", PathError),
        ("1abc", PathError),
        ("/emails/0", PathError),
        ("emails ", PathError),
        ('emails[type eq "work"]value', PathError),
        ('emails[type eq "work"].a.b', PathError),
        ('emails[type eq "work"].', PathError),
        ("emails[", FilterError),
        ("emails[0]", FilterError),
        ("emails[type eq]", FilterError),
    ],
)
def test_broken_patch_paths(text, error):
    with pytest.raises(error):
        parse_path(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("active gt true", "eq, ne or pr"),
        ('x509Certificates.value ge "aa"', "eq, ne, co, sw, ew or pr"),
        ('active eq "abc"', "a boolean value"),
        ("userName eq 5", "a string value"),
        ("title co null", "or pr"),
        ('meta.created gt "yesterday"', "a dateTime value"),
        ('meta.created co "2024"', "or pr"),
        ('name eq "x"', "a sub-attribute of name"),
        ('favoriteColor eq "red"', "the schema has"),
        ("userName.first pr", "the schema has"),
        ("emails[colour pr]", "the schema has"),
        ("userName[value pr]", "multi-valued"),
        ('password sw "a"', "may be searched"),
        ("title pr and (emails[type gt 1] or not (active pr))", "a string value"),
    ],
)
def test_a_filter_the_schema_does_not_allow(text, expected):
    with pytest.raises(FilterError) as caught:
        check(parse(text), USERS)
    assert expected in caught.value.expected
    assert caught.value.scim_type == "invalidFilter"


@pytest.mark.parametrize(
    "text",
    [
        'roles[primary eq "True"]',
        "title eq null",
        f'{ENTERPRISE_USER}:manager eq "m1"',
        'schemas[value eq "urn:x"]',
        "addresses[primary eq true]",
        "$ref pr or title pr",
    ],
)
def test_a_filter_the_schema_allows(text):
    check(parse(text), USERS, reject_unknown=False)


def test_unknown_attributes_may_be_let_through():
    check(parse('members.value eq "u1" or emails[colour pr]'), USERS, reject_unknown=False)


NAMES = st.sampled_from(["userName", "name", "emails", "a-b_c", "x1"])
PATHS = st.builds(AttrPath, NAMES, st.none() | NAMES, st.none() | st.just(USER))
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('aé"\\ )]\n🙂', max_size=6)
)
LEAVES = st.builds(Present, PATHS) | st.builds(Comparison, PATHS, st.sampled_from(COMPARISONS), VALUES)


def _grown(inner):
    return st.builds(And, inner, inner) | st.builds(Or, inner, inner) | st.builds(Not, inner)


LOGIC = st.recursive(LEAVES, _grown, max_leaves=8)
FILTERS = st.recursive(LEAVES | st.builds(ValuePath, PATHS, LOGIC), _grown, max_leaves=8)


@given(FILTERS)
@settings(max_examples=100, deadline=None)
def test_what_is_written_reads_back_equal(node):
    assert parse(str(node)) == node


@given(FILTERS)
@settings(max_examples=100, deadline=None)
def test_a_definite_answer_agrees_with_the_three_valued_one(node):
    answer = evaluate(node, ALICE, USERS)
    assert answer is OPEN or matches(node, ALICE, USERS) is (answer is YES)
    opposite = {YES: NO, NO: YES, OPEN: OPEN}
    assert evaluate(Not(node), ALICE, USERS) is opposite[answer]


JUNK = st.lists(
    st.sampled_from(
        [*"()[]\" .:'", "a", "eq", "pr", "not", "and ", " or ", '"x"', "1", "true", "é", "\x00", "\\", "urn:a:"]
    ),
    max_size=15,
)


def attempt(read, text):
    try:
        return read(text)
    except (FilterError, PathError) as error:
        return error


@given(JUNK.map("".join))
@settings(max_examples=150, deadline=None)
def test_junk_is_a_filter_error_and_nothing_else(text):
    for read in (parse, parse_path):
        result = attempt(read, text)
        if isinstance(result, FilterError | PathError):
            assert 0 <= result.position <= len(text)
        else:
            assert read(str(result)) == result


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda x: (
            st.lists(x, max_size=2) | st.dictionaries(st.sampled_from(["value", "type", "primary", "x"]), x, max_size=3)
        ),
    ),
    st.sampled_from([t for t, _ in (*PRINTED, *MEANING)]),
)
@settings(max_examples=100, deadline=None)
def test_odd_resources_never_crash(value, text):
    odd = dict.fromkeys((*ALICE, "title", "locale"), value)
    assert evaluate(parse(text), odd, USERS) in Match
