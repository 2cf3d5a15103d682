"""Whole runs against the reference tenant in this process: how much they ask, and that a run can be repeated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from conformance.checks.verdict import Verdict
from conformance.config import Settings
from conformance.reference.faults.registry import find_fault
from conformance.reference.faults.seams import on_answer, set_body
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, ReferenceTenant
from conformance.run import Run
from conformance.session import judge_all

if TYPE_CHECKING:
    from conformance.reporting.model import Report

TOKEN = "a-token-for-whole-runs"
GIVEN_OUT = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}|(?<="cursor": ")[^"]+|W/[^,}]+', re.IGNORECASE)
BAD = {Verdict.FAILED, Verdict.WARNED, Verdict.BLOCKED, Verdict.ERROR}


def judged(tenant: ReferenceTenant | None = None, expression: str = "", **settings: str) -> tuple[Run, Report]:
    """Judge a tenant, the reference tenant as it is by default; return the run and its report."""
    given = {"tenant_url": f"http://127.0.0.1{BASE_PATH}", "token": TOKEN, **settings}
    run = Run(Settings(**given), transport=InProcess(tenant or ReferenceTenant(token=TOKEN, seed_users=12)))
    run.tag = "conf-fixed"
    run.open()
    conformance = judge_all(run, expression, lambda *_: None)
    run.close()
    assert conformance.defects == []
    return run, conformance.report


def checks(report: Report, *verdicts: Verdict) -> set[str]:
    return {result.check.partition("[")[0] for result in report.results if result.verdict in verdicts}


def bodies(run: Run) -> list[tuple[str, str]]:
    """Return what was sent, without what the tenant gave out: ids, cursors, versions."""
    sent = ((e.name, e.request.body) for e in run.client.exchanges if e.request.body)
    return sorted((name, GIVEN_OUT.sub("…", body)) for name, body in sent)


@pytest.fixture(scope="module")
def standard() -> tuple[Run, Report]:
    return judged(seed="first")


def test_a_quick_run_asks_the_essentials_in_at_most_60_requests():
    _, report = judged(effort="quick")
    assert len(report.exchanges) <= 60
    assert report.conformant
    assert "effort quick" in report.selection
    musts = {identifier for identifier, verdict in report.verdicts.items() if verdict is Verdict.PASSED}
    # create, read, replace, patch, delete, filter, a member, an error, credentials
    assert {"RFC7644-3.3-08", "RFC7644-3.4.1-01", "RFC7644-3.5.1-02", "RFC7644-3.5.2.1-05", "RFC7644-3.6-02"} <= musts
    assert {"RFC7643-4.1.1-25", "RFC7643-8.7.1-68", "RFC7644-3.12-02", "RFC7644-3.12-16"} <= musts


def test_a_thorough_run_asks_with_every_operator_on_every_text():
    only = "test_every_operator_finds_by_every_text"
    _, report = judged(expression=only, effort="thorough")
    assert report.counts[Verdict.PASSED] > 100
    assert checks(report, *BAD) == set()
    tenant = ReferenceTenant(token=TOKEN)
    find_fault("co-is-sw").plant(tenant)
    _, report = judged(tenant, expression=only, effort="thorough")
    assert {r.requirements for r in report.results if r.verdict is Verdict.FAILED} == {("RFC7644-3.4.2.2-34",)}


def test_a_standard_run_sends_no_more_requests_than_it_judges_checks(standard: tuple[Run, Report]):
    _, report = standard
    answered = [result for result in report.results if result.verdict is not Verdict.NOT_APPLICABLE]
    assert len(report.exchanges) <= len(answered)
    assert report.conformant


def test_a_run_with_the_same_seed_sends_the_same(standard: tuple[Run, Report]):
    again, _ = judged(seed="first")
    assert bodies(again) == bodies(standard[0])


def test_a_run_with_another_seed_sends_something_else(standard: tuple[Run, Report]):
    other, _ = judged(seed="second", effort="quick")
    first = {body for name, body in bodies(standard[0]) if name == "created"}
    assert {body for name, body in bodies(other) if name == "created"} - first


def test_a_create_that_shows_nothing_is_judged_once_and_blocks_nothing():
    tenant = ReferenceTenant(token=TOKEN, seed_users=12)
    on_answer(tenant, set_body(None), method="POST", status=201)
    _, report = judged(tenant)
    assert checks(report, *BAD) == {"test_create.py::test_create_returns_the_resource"}


def test_a_create_that_shows_no_id_blocks_nothing():
    tenant = ReferenceTenant(token=TOKEN, seed_users=12)
    on_answer(tenant, lambda _, response: response.document.pop("id", None), method="POST", status=201)
    _, report = judged(tenant)
    assert checks(report, Verdict.BLOCKED, Verdict.ERROR) == set()
    assert checks(report, Verdict.FAILED) == {
        "test_create.py::test_create_returns_what_a_read_returns",
        "test_create.py::test_create_without_external_id_assigns_an_id",
        "test_meta.py::test_id_is_a_text",
    }
