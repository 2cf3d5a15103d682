"""The filters that are asked, and whom each must find among people of whom everything is known.

In the filters ``{m}`` is a mark that nobody else carries and ``{tag}`` that of the run, ``{a}`` to ``{d}`` are the four
user names, ``{anna}`` … stand for ``userName eq "…"`` and ``{ours}`` holds for the four and nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYBODY = "anna bert cleo dora"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
_FILTER = "RFC7644-3.4.2.2-"


@dataclass(frozen=True, slots=True)
class Case:
    """A filter, the names of those it finds, and the requirements this shows.

    A tenant may decline an ``elective`` one as a combination of attribute and operator that it lacks (RFC 7644 §3.12,
    Table 9). One that ``needs`` other cases cannot be judged where those are declined or answered wrongly. Where the
    RFC leaves open whether somebody is found, either will do unless the case is ``firm``.
    """

    name: str
    requirements: tuple[str, ...]
    filter: str
    finds: str
    needs: tuple[str, ...] = ()
    elective: bool = False
    firm: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def rests_on(self) -> tuple[str, ...]:
        """The names of the cases a tenant has to serve for this one to be judged."""
        return (*self.needs, *(("sw", "and") if "{ours}" in self.filter else ()))


def people(mark: str, tag: str, user_name: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """Return what is known of the four; Dora is all but empty. ``user_name`` makes a user name of a text.

    It ends in the shorter ``tag``: there are tenants that take no more than 64 characters.
    """
    work, home = f"work.{mark}.example.com", f"home.{mark}.example.com"
    return {
        "anna": {
            "userName": user_name(f"{mark}.anna.{tag}"),
            "externalId": f"{mark}.Ext-A",
            "name": {"familyName": f"Meier {mark}", "givenName": "Anna"},
            "title": f"Guide {mark}",
            "userType": "Employee",
            "profileUrl": f"https://example.com/{mark}/Anna",
            "active": True,
            "emails": [{"type": "work", "value": f"anna@{work}"}, {"type": "home", "value": f"anna@{home}"}],
        },
        "bert": {
            "userName": user_name(f"{mark}.bert.{tag}"),
            "externalId": f"{mark}.Ext-B",
            "name": {"familyName": f"Okoro {mark}"},
            "nickName": f"Bertie {mark}",
            "title": f"Guide {mark}",
            "userType": "Intern",
            "active": False,
            "emails": [{"type": "work", "value": f"bert@{work}"}],
        },
        "cleo": {
            "userName": user_name(f"{mark}.cleo.{tag}"),
            "externalId": f"{mark}.Ext-C",
            "name": {"familyName": f"Sato {mark}"},
            "title": f"Chef {mark}",
            "userType": "Employee",
            "active": True,
            "emails": [{"type": "home", "value": f"cleo@{home}"}],
        },
        "dora": {"userName": user_name(f"{mark}.dora.{tag}x")},
    }


def _case(name: str, numbers: str, filter_: str, finds: str = "", **how: Any) -> Case:
    """Make a case; bare numbers are requirements of RFC 7644 §3.4.2.2."""
    requirements = tuple(n if n.startswith("RFC") else _FILTER + n for n in numbers.split())
    return Case(name, requirements, filter_, finds, **how)


STRINGS = (
    _case("eq", "26", "{anna}", "anna"),
    _case("eq the beginning", "26", 'userName eq "{m}.anna"'),
    _case("ne", "31", '{ours} and userName ne "{a}"', "bert cleo dora", elective=True),
    _case("co", "34", 'userName co ".bert.{tag}"', "bert", elective=True),
    _case("co at either end", "34", 'userName co "{m}.dora" and userName co ".{tag}x@{domain}"', "dora",
          needs=("and", "co")),
    _case("co the whole", "35", 'userName co "{b}"', "bert", elective=True),
    _case("sw", "36", 'userName sw "{m}.b"', "bert", elective=True),
    _case("sw further in", "36", 'userName sw "bert.{tag}"', elective=True),
    _case("sw the whole", "37", 'userName sw "{b}"', "bert", elective=True),
    _case("ew", "38", 'userName ew "dora.{tag}x@{domain}"', "dora", elective=True),
    _case("ew further in", "38", 'userName ew "dora.{tag}x@"', elective=True),
    _case("ew the whole", "39", 'userName ew "{b}"', "bert", elective=True),
    _case("gt", "49", '{ours} and userName gt "{b}"', "cleo dora", elective=True),
    _case("ge", "54", '{ours} and userName ge "{b}"', "bert cleo dora", elective=True),
    _case("lt", "59", '{ours} and userName lt "{b}"', "anna", elective=True),
    _case("le", "64", '{ours} and userName le "{b}"', "anna bert", elective=True),
)  # fmt: skip

OTHER_TYPES = (
    _case("boolean true", "27 08", 'title eq "Guide {m}" and active eq true', "anna", needs=("and",), elective=True),
    _case("boolean false", "27 08", 'title eq "Guide {m}" and active eq false', "bert", needs=("and",), elective=True),
    _case("boolean ne", "32", 'title eq "Guide {m}" and active ne true', "bert", needs=("and",), elective=True),
    _case("reference", "30", 'profileUrl eq "https://example.com/{m}/Anna"', "anna", elective=True),
    _case("id", "93", 'id eq "{id}"', "anna", elective=True),
    _case("externalId", "RFC7643-3.1-21", 'externalId eq "{m}.Ext-A"', "anna", elective=True),
    _case(
        "resource type",
        "92",
        '({anna} and meta.resourceType eq "User") or ({bert} and meta.resourceType eq "Group")',
        "anna",
        needs=("and", "or"),
        elective=True,
    ),
)

_moment = partial(_case, finds="anna", needs=("and", "or"))
TIMES = (
    _moment("later", "50", '({anna} and meta.created gt "{earlier}") or ({bert} and meta.created gt "{later}")',
            elective=True),
    _moment("not earlier", "55",
            '({anna} and meta.lastModified ge "{modified}") or ({bert} and meta.created ge "{later}")', elective=True),
    _moment("earlier", "60", '({anna} and meta.created lt "{later}") or ({bert} and meta.created lt "{earlier}")',
            elective=True),
    _moment("not later", "65",
            '({anna} and meta.lastModified le "{modified}") or ({bert} and meta.created le "{earlier}")',
            elective=True),
    _case("another offset", "69", '{anna} and meta.created gt "{abroad}"', "anna", needs=("later",)),
    _case("that moment", "92", '{anna} and meta.created eq "{created}"', "anna", needs=("and",), elective=True),
    _case("that moment abroad", "29", '{anna} and meta.created eq "{there}"', "anna", needs=("that moment",),
          firm=True),
)  # fmt: skip

PRESENCE = (
    _case("pr", "42 43", "{ours} and title pr", "anna bert cleo", elective=True),
    _case("pr on complex", "44", "{ours} and name pr", "anna bert cleo", elective=True),
    _case("pr on multi-valued", "45", "{ours} and emails pr", "anna bert cleo", elective=True),
    _case(
        "pr on sub-attributes",
        "46",
        "{ours} and name.givenName pr and emails.value pr",
        "anna",
        needs=("three joined",),
        elective=True,
    ),
    _case("pr on false", "47", 'title eq "Guide {m}" and active pr', "anna bert", needs=("and", "pr")),
)

LOGIC = (
    _case("and", "70 77", 'title eq "Guide {m}" and userName eq "{b}"', "bert", elective=True),
    _case("or", "71", "{anna} or {cleo}", "anna cleo", elective=True),
    _case("not", "72 79", "{ours} and not ({anna})", "bert cleo dora", elective=True),
    _case("not of nothing", "72", '{ours} and not (title eq "Guide {m}")', "cleo dora", needs=("not",)),
    _case("not of several", "72", '{ours} and not (emails.type eq "work")', "cleo dora",
          needs=("not", "dotted values")),
    _case("or then and", "73", '{anna} or {bert} and title eq "Chef {m}"', "anna", needs=("and", "or")),
    _case("and then or", "73", '{anna} and title eq "Chef {m}" or {bert}', "bert", needs=("and", "or")),
    _case("not then and", "74", "{ours} and not ({anna}) and {bert}", "bert", needs=("not", "three joined")),
    _case("brackets", "75", '({anna} or {cleo}) and title eq "Chef {m}"', "cleo", needs=("and", "or")),
    _case("nested", "76", '(({anna} or ({bert} and (title eq "Guide {m}"))) and ({bert} or {dora}))', "bert",
          needs=("and", "or")),
    _case("three joined", "78", '{ours} and title eq "Guide {m}" and userType eq "Employee"', "anna"),
)  # fmt: skip

LETTER_CASE = (
    _case("attribute name", "05", 'USERNAME eq "{a}"', "anna"),
    _case("operator Eq", "06", 'userName Eq "{a}"', "anna"),
    _case("operator PR", "06", "{ours} and title PR", "anna bert cleo", needs=("pr",)),
    _case("words AND, Or, NOT", "07", "{anna} Or {cleo} AND NOT ({bert})", "anna cleo", needs=("or", "not")),
    _case("inexact eq", "100 RFC7643-7-20", 'title eq "GUIDE {M}"', "anna bert", elective=True),
    _case("inexact co and sw", "102", 'title co "UIDE {M}" and title sw "GUIDE"', "anna bert",
          needs=("and", "co", "sw")),
    _case("inexact ne", "102", '{ours} and title ne "GUIDE {M}" and title pr', "cleo",
          needs=("ne", "pr", "three joined")),
    _case("exact eq", "101 RFC7643-3.1-19", 'externalId eq "{M}.EXT-A"', needs=("externalId",)),
    _case("exact co", "102", 'externalId co "{M}.EXT-A"', needs=("externalId",), elective=True),
)  # fmt: skip

PATHS = (
    _case("dotted", "88 RFC7644-3.10-02", 'name.familyName eq "Meier {m}"', "anna", elective=True),
    _case("dotted values", "87", '{ours} and emails.type eq "work"', "anna bert", elective=True),
    _case("second value", "87", 'emails.value eq "anna@home.{m}.example.com"', "anna", elective=True),
    _case("core URN", "95 RFC7644-3.10-01", f'{_CORE}:userName eq "{{a}}"', "anna"),
    _case("core URN in capitals", "RFC7644-3.10-04", f'{_CORE.upper()}:USERNAME eq "{{a}}"', "anna",
          needs=("core URN",)),
    _case("core URN dotted", "96 RFC7644-3.10-01", f'{_CORE}:name.familyName eq "Meier {{m}}"', "anna",
          needs=("dotted",)),
)  # fmt: skip

VALUE_FILTER = _case("value filter", "80", 'emails[value eq "bert@work.{m}.example.com"]', "bert")
_inside = partial(_case, needs=("value filter",))
_containing = partial(_case, needs=("value filter", "co"))
VALUE_FILTERS = (
    _inside("one element", "81", 'emails[type eq "home" and value eq "anna@home.{m}.example.com"]', "anna"),
    _inside("two elements", "81", 'emails[type eq "work" and value eq "anna@home.{m}.example.com"]'),
    _inside("or inside", "83", 'emails[value eq "anna@home.{m}.example.com" or value eq "bert@work.{m}.example.com"]',
            "anna bert"),
    _containing("not inside", "83", 'emails[value co "{m}" and not (type eq "work")]', "anna cleo"),
    _containing("brackets inside", "84", 'emails[value co "{m}" and (type eq "work" or type eq "other")]',
                "anna bert"),
    _containing("and outside", "85", 'emails[type eq "work" and value co "{m}"] and {bert}', "bert"),
    _inside("or outside", "85", '{dora} or emails[value eq "cleo@home.{m}.example.com"]', "cleo dora"),
)  # fmt: skip

# Here the RFC leaves open whether Anna is found, and that tells which reading the tenant takes.
UNSETTLED = (
    _case("ne of several", "31", '{ours} and emails.type ne "work"', "cleo", needs=("ne", "dotted values")),
    _case("gt in capitals", "49", '{ours} and userName gt "{A}"', "bert cleo dora", needs=("gt",)),
    _case("gt on references", "49", '{ours} and profileUrl gt "https://example.com/{m}/A"', needs=("gt", "reference")),
    _case("sw on times", "36", '{anna} and meta.created sw "{year}-"', needs=("and", "sw")),
    _case("co on booleans", "34", '{ours} and active co "ru"', needs=("co", "boolean true")),
)

# What each of these finds is for a check of its own to judge.
QUESTIONS = {
    "nobody": 'userName eq "{m}.nobody"',
    "capitals": 'userName eq "{A}"',
    "foreign name inside": 'emails[userName eq "{a}"]',
    "ne of nothing": '{ours} and title ne "Guide {m}"',
    "bare multi-valued": 'emails eq "anna@home.{m}.example.com"',
    "null": "{ours} and title eq null",
    "reference in capitals": 'profileUrl eq "https://example.com/{m}/ANNA"',
    "default": "{dora} and active pr",
}

CASES = (
    *STRINGS,
    *OTHER_TYPES,
    *TIMES,
    *PRESENCE,
    *LOGIC,
    *LETTER_CASE,
    *PATHS,
    VALUE_FILTER,
    *VALUE_FILTERS,
    *UNSETTLED,
)

TEXTS = (
    _case("displayName", "26", 'displayName eq "nothing {m}"', elective=True),
    _case("nickName", "26", 'nickName eq "nothing {m}"', elective=True),
    _case("title", "26", 'title eq "nothing {m}"', elective=True),
    _case("escapes", "103", r'displayName eq "Say \"hi\" \\ {m}"', "odd", needs=("displayName",)),
    _case("unicode escapes", "103", r'nickName eq "Ren\u00e9e \u65E5\u672c {m}"', "odd", needs=("nickName",)),
    _case("unicode", "105", 'nickName eq "Renée 日本 {m}"', "odd", needs=("nickName",)),
    _case("filter words", "104", 'title eq "A and not (pr) or [x] {m}"', "odd", needs=("title",)),
    _case("family name", "88", 'name.familyName eq "nothing {m}"', elective=True),
    _case("percent signs", "RFC7644-1.2-01", 'name.familyName eq "{m} 50%_a.* C?D 100%25"', "odd",
          needs=("family name",)),
    _case("plus signs", "RFC7644-1.2-02", 'name.familyName eq "{m} 50xx a.* C+E 100"', "plain",
          needs=("family name",)),
    _case("wildcards", "40", 'name.familyName sw "{m} 50%_a"', "odd", needs=("family name",),
          elective=True),
    _case("regular expressions", "41", 'name.familyName co "{m} 50%_a.* C?D"', "odd",
          needs=("family name",), elective=True),
    _case("quotation marks", "104", r'userName eq "{m}\" or userName pr or userName eq \"{m}"'),
    _case("apostrophes", "104", "userName eq \"{m}' or '1'='1\""),
)  # fmt: skip

EXTENSION_WITHOUT_URN = 'department eq "Sales {m}"'
EXTENSION = (
    _case("extension", "97 RFC7644-3.10-01", f'{ENTERPRISE}:department eq "Sales {{m}}"', "worker", elective=True),
    _case("extension dotted", "98 RFC7644-3.10-01", f'{ENTERPRISE}:manager.value eq "{{id}}"', "worker", elective=True),
    _case("and", "70", '{worker} and id eq "{id}"', elective=True),
    _case(
        "schemas",
        "99",
        f'({{boss}} and schemas eq "{ENTERPRISE}") or ({{worker}} and schemas eq "{ENTERPRISE}")',
        "worker",
        needs=("and",),
        elective=True,
    ),
)

GROUPS = (
    _case("eq", "26", 'displayName eq "{m}.alpha"', "alpha"),
    _case("eq the beginning", "26", 'displayName eq "{m}.alp"'),
    _case("eq in capitals", "100", 'displayName eq "{M}.ALPHA"', "alpha"),
    _case("attribute name", "05", 'DISPLAYNAME eq "{m}.alpha"', "alpha"),
    _case("co", "34", 'displayName co "{m}.b"', "beta", elective=True),
    _case("sw", "36", 'displayName sw "{m}.a"', "alpha", elective=True),
    _case("and", "70", 'displayName sw "{m}.a" and displayName ew "a"', "alpha", elective=True),
    _case("not", "72", 'displayName sw "{m}." and not (displayName eq "{m}.alpha")', "beta", needs=("sw", "and")),
)


def groundwork(case: Case) -> list[Case]:
    """Return the cases that a tenant has to answer rightly for this one to be judged."""
    family = next(cases for cases in (CASES, TEXTS, EXTENSION, GROUPS) if case in cases)
    return [other for other in family if other.name in case.rests_on]
