"""Bug reports: one finding of a run, ready to send."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from test_reporting import HOSTILE, MUST, SHOULD, exchange, report, result

from conformance.checks.verdict import Verdict
from conformance.cli.report_bug import report_bug
from conformance.config import InvalidConfiguration
from conformance.reporting.bug import bug_report
from conformance.reporting.outline import Outline, read_exchanges
from conformance.reporting.writers import write
from conformance.spec.requirements import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.reporting.result import Result
    from conformance.tenant.exchange import Exchange

BROKEN = {"broken": True, "expected": "201", "came": "500", "exchanges": ("x00001",)}


def told(requirement: str, *results: Result, exchanges: tuple[Exchange, ...] = ()) -> str:
    shown = exchanges or (exchange(body='{"id": "7"}', headers=(("Content-Type", "application/scim+json"),)),)
    known = {each.id: each for each in shown}
    return bug_report(catalogue()[requirement], Outline.of(report(*results)), known)


def test_it_tells_the_clause_the_exchange_and_why_it_matters() -> None:
    text = told(MUST, result(Verdict.FAILED, **BROKEN))
    requirement = catalogue()[MUST]
    assert text.startswith(f"# {requirement.clause}: {requirement.text}\n")
    for part in (requirement.url, requirement.why, requirement.fix, MUST, "is required", "2026-01-02"):
        assert part in text
    assert "curl -i -X POST https://example.com/Users" in text
    assert "$SCIM_TOKEN" in text
    assert 'HTTP 500\nContent-Type: application/scim+json\n\n{\n  "id": "7"\n}' in text
    assert "Expected was `201`, and `500` came." in text


def test_a_recommendation_is_called_one() -> None:
    text = told(SHOULD, result(Verdict.WARNED, requirements=(SHOULD,), **BROKEN))
    assert "is recommended" in text
    assert "is required" not in text


def test_the_shortest_example_is_shown_and_the_others_are_named() -> None:
    long = exchange("x00002", body="the long one")
    longer = exchange("x00003", body="the longer one")
    text = told(
        MUST,
        result(Verdict.FAILED, "test_create.py::test_it[Group]", **BROKEN | {"exchanges": ("x00002", "x00003")}),
        result(Verdict.FAILED, **BROKEN),
        exchanges=(exchange(body="the short one"), long, longer),
    )
    assert "the short one" in text
    assert "the long" not in text
    assert "other cases: `Group`." in text


def test_no_answer_is_told_as_none() -> None:
    silent = exchange()
    object.__setattr__(silent, "response", None)
    object.__setattr__(silent, "error", "timed out")
    assert "There was no answer: `timed out`" in told(MUST, result(Verdict.FAILED, **BROKEN), exchanges=(silent,))


def test_what_a_server_sent_stays_in_its_fence() -> None:
    text = told(MUST, result(Verdict.FAILED, **BROKEN), exchanges=(exchange(body="```\n# A heading\n````"),))
    fence = re.search(r"^(`{5,})\nHTTP 500.*?^\1$", text, re.MULTILINE | re.DOTALL)
    assert fence
    assert "# A heading" in fence[0]
    hostile = told(MUST, result(Verdict.FAILED, **BROKEN | {"came": HOSTILE}), exchanges=(exchange(),))
    assert "\x1b" not in hostile
    assert "\u202e" not in hostile


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.BLOCKED, Verdict.NOT_APPLICABLE])
def test_only_what_is_broken_can_be_reported(verdict: Verdict) -> None:
    with pytest.raises(InvalidConfiguration, match=f"{MUST} is {verdict} in this run"):
        told(MUST, result(verdict))
    with pytest.raises(InvalidConfiguration, match=f"{SHOULD} was not judged"):
        told(SHOULD, result(verdict))


def test_the_command_reads_a_report_and_writes_a_file(tmp_path: Path) -> None:
    write(report(result(Verdict.FAILED, **BROKEN)), tmp_path, ["json"])
    output = tmp_path / "bug.md"
    done = CliRunner().invoke(report_bug, [MUST.lower(), "--report", str(tmp_path), "--output", str(output)])
    assert (done.exit_code, done.output) == (0, "")
    assert output.read_text(encoding="utf-8").startswith(f"# {catalogue()[MUST].clause}")


def test_the_command_says_which_requirement_there_is_not(tmp_path: Path) -> None:
    write(report(result(Verdict.FAILED, **BROKEN)), tmp_path, ["json"])
    done = CliRunner().invoke(report_bug, ["RFC7644-3.3-999", "--report", str(tmp_path)])
    assert isinstance(done.exception, SystemExit)
    assert "there is no requirement “RFC7644-3.3-999”" in done.output


def test_a_damaged_report_is_told(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"format": 1, "exchanges": [{}]}')
    with pytest.raises(InvalidConfiguration, match="is damaged"):
        read_exchanges(tmp_path)
