"""Generated questions find what is wrong, shrink it, repeat it, and find nothing wrong with what is right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import pytest

from conformance.checks.verdict import Verdict
from conformance.config import Settings
from conformance.reference.faults.registry import find_fault
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, ReferenceTenant
from conformance.run import Run
from conformance.session import judge_all

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.reporting.model import Report, Result
    from conformance.tenant.exchange import Exchange


def report(expression: str, *faults: str, output: Path | None = None) -> Report:
    tenant = ReferenceTenant(token="t", seed_users=3)
    for fault in faults:
        find_fault(fault).plant(tenant)
    settings = Settings(
        tenant_url=f"http://127.0.0.1{BASE_PATH}", token="t", seed="s", effort="thorough", output=str(output or "")
    )
    run = Run(settings, transport=InProcess(tenant))
    run.open()
    try:
        return judge_all(run, f"test_properties and {expression}", lambda *_: None).report
    finally:
        run.close()


def only(results: tuple[Result, ...]) -> Result:
    (result,) = results
    return result


def shown(report: Report) -> list[Exchange]:
    wanted = only(report.results).exchanges
    return [exchange for exchange in report.exchanges if exchange.id in wanted]


@pytest.mark.parametrize("expression", ["any_filter and Group", "mean_the_same and Group", "any_text and User"])
def test_a_right_tenant_withstands(expression: str):
    found = report(expression)
    assert found.results
    assert [(r.verdict, r.message) for r in found.results if r.verdict is not Verdict.PASSED] == []
    assert found.left_behind == ()


def test_a_wrong_answer_to_a_filter_is_shown_by_a_small_one():
    found = report("any_filter and User", "or-before-and")
    result = only(found.results)
    assert result.verdict is Verdict.FAILED
    asked = unquote_plus(shown(found)[-1].request.url)
    assert asked.count(" or ") == 1, asked
    assert asked.count(" and ") <= 3, asked


def test_a_wrong_patch_is_shown_by_a_short_history():
    found = report("any_history and Group", "replace-of-members-adds-them")
    assert only(found.results).verdict is Verdict.FAILED
    assert "members is" in only(found.results).message
    assert len([e for e in shown(found) if e.request.method == "PATCH"]) == 1


def test_queries_that_differ_are_shown_together():
    found = report("operators and User", "operators-are-lower-case")
    assert only(found.results).verdict is Verdict.FAILED
    assert len([e for e in shown(found) if "filter=" in e.request.url]) == 2


def test_the_same_seed_asks_the_same():
    first, second = (report("any_filter and Group") for _ in range(2))
    one, other = (sorted((e.name, _asked(e, found)) for e in found.exchanges) for found in (first, second))
    assert one == other


def _asked(exchange: Exchange, found: Report) -> str:
    tag = next(e.request.json["displayName"] for e in found.exchanges if e.request.method == "POST").partition(".")[0]
    # The tenant's own ids and times are new each time.
    return re.sub(r'"[^"]*"', "…", unquote_plus(exchange.request.url.partition("?")[2]).replace(tag, "TAG"))


def test_a_counter_example_is_tried_first_the_next_time(tmp_path: Path):
    first = report("any_filter and User", "or-before-and", output=tmp_path / "one")
    again = report("any_filter and User", "or-before-and", output=tmp_path / "one")
    assert only(first.results).verdict is only(again.results).verdict is Verdict.FAILED
    assert len(again.exchanges) < len(first.exchanges)
