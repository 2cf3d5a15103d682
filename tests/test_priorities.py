"""What to fix first: root causes, their order, and where two texts differ."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, strategies as st

from conformance.checks.verdict import Verdict
from conformance.reporting.difference import sides
from conformance.reporting.model import Report
from conformance.reporting.priorities import clients, problems
from conformance.reporting.result import Result
from conformance.reporting.text import printable
from conformance.spec.requirements import catalogue, requirement
from conformance.tenant.exchange import Exchange, Request, Response

NOBODYS = [r.id for r in catalogue().values() if not clients(r)]
ENTRAS = [r.id for r in catalogue().values() if clients(r) == ("Entra",)]
OKTAS = [r.id for r in catalogue().values() if clients(r) == ("Okta",)]


def exchange(identifier: str, method: str, status: int) -> Exchange:
    return Exchange(identifier, "asked", Request(method, "https://example.com/Users"), Response(status))


def failed(check: str, *requirements: str, **more: Any) -> Result:
    known = {"verdict": Verdict.FAILED, "broken": True, "claim": f"{check} holds."}
    return Result(check, requirements=requirements, **known | more)


def found(*results: Result, exchanges: tuple[Exchange, ...] = (), profiles: tuple[str, ...] = ()) -> list[list[str]]:
    report = Report("https://example.com", datetime(2026, 1, 2, tzinfo=UTC), 1.0, results, exchanges, profiles)
    return [sorted(result.check for result in problem.results) for problem in problems(report, Verdict.FAILED)]


def test_checks_with_one_claim_or_one_requirement_have_one_cause():
    one, two, three = NOBODYS[:3]
    same_check = failed("a.py::test_a[1]", one), failed("a.py::test_a[2]", two)
    same_requirement = failed("b.py::test_b", two)
    assert found(*same_check, same_requirement, failed("c.py::test_c", three)) == [
        ["a.py::test_a[1]", "a.py::test_a[2]", "b.py::test_b"],
        ["c.py::test_c"],
    ]


def test_a_server_error_is_a_cause_of_its_own_whatever_was_asked_for():
    crash, other = exchange("x1", "PATCH", 500), exchange("x2", "POST", 500)
    refused = exchange("x3", "PATCH", 400)
    results = (
        failed("a.py::test_a[1]", NOBODYS[0], exchanges=("x1",)),
        failed("a.py::test_a[2]", NOBODYS[0], exchanges=("x3",)),
        failed("b.py::test_b", NOBODYS[1], exchanges=("x3", "x1")),
        failed("c.py::test_c", NOBODYS[1], exchanges=("x2",)),
    )
    report = Report("https://example.com", datetime(2026, 1, 2, tzinfo=UTC), 1.0, results, (crash, other, refused))
    told = {p.title: sorted(r.check for r in p.results) for p in problems(report, Verdict.FAILED)}
    assert told == {
        "PATCH is answered with 500": ["a.py::test_a[1]", "b.py::test_b"],
        "POST is answered with 500": ["c.py::test_c"],
        "a.py::test_a[2] holds.": ["a.py::test_a[2]"],
    }


def test_what_hits_more_requirements_comes_first_and_what_is_blocked_counts():
    blocked = tuple(
        Result(f"d.py::test_{n}", "", (NOBODYS[10 + n],), Verdict.BLOCKED, message="it is down", exchanges=("x9",))
        for n in range(5)
    )
    results = (
        failed("a.py::test_a", *NOBODYS[:3]),
        failed("b.py::test_b", NOBODYS[4], exchanges=("x9",)),
        failed("c.py::test_c", NOBODYS[5]),
        *blocked,
    )
    assert found(*results) == [["b.py::test_b"], ["a.py::test_a"], ["c.py::test_c"]]


def test_what_the_client_of_the_profile_relies_on_comes_before_all():
    results = failed("a.py::test_a", *NOBODYS[:9]), failed("b.py::test_b", OKTAS[0]), failed("c.py::test_c", ENTRAS[0])
    assert found(*results)[0] == ["a.py::test_a"]
    assert found(*results, profiles=("entra",))[0] == ["c.py::test_c"]
    assert found(*results, profiles=("okta",))[0] == ["b.py::test_b"]


def test_a_client_relies_on_what_its_profile_names_and_on_what_the_catalogue_says_of_it():
    assert "Entra" in clients(requirement("ENTRA-01"))
    assert "Entra" in clients(requirement("RFC7644-3.5-02"))
    spoken = next(r for r in catalogue().values() if "Okta" in r.why)
    assert "Okta" in clients(spoken)


def test_what_differs_is_marked_on_both_sides():
    expected, came = sides('{"a": 1, "b": "two"}', '{"a": 1, "b": "three"}')
    assert [part.text for part in expected if part.differs] == ["two"]
    assert [part.text for part in came if part.differs] == ["three"]


def test_texts_that_hardly_resemble_each_other_are_not_told_apart():
    assert not any(part.differs for side in sides("400", "a list of users") for part in side)


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_letter_is_lost_between_marks(expected: str, came: str):
    assert ["".join(part.text for part in side) for side in sides(expected, came)] == [
        printable(expected),
        printable(came),
    ]
