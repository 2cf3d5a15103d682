"""The checklist and the named plans: how steps are decided, kept answers, and the pages that come of them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from conformance.answers import keep_answers, read_answers
from conformance.checks.verdict import Verdict
from conformance.cli import cli
from conformance.config import InvalidConfiguration, Settings
from conformance.inspections import inspect
from conformance.reference.faults.registry import find_fault
from conformance.reference.serve import running
from conformance.reference.tenant import ReferenceTenant
from conformance.reporting.checklist import Checklist
from conformance.reporting.decisions import Answer, Inspection, Mark, PlanOutcome, decide
from conformance.run import Run
from conformance.spec.json_schema import validator
from conformance.spec.profile import PAGES, compose, profile_names
from conformance.spec.requirements import requirement
from conformance.spec.steps import Step, UnknownPlan, load_plan, plan_names

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "a-token-9f3b"
CREATED, DELETED = "RFC7644-3.3-08", "RFC7644-3.6-09"
MIA = Answer("Mia Kern", "2026-11-21", "seen")


def one(step: Step, verdicts=None, inspections=None, answers=None) -> Mark:
    return decide([step], verdicts or {}, inspections or {}, answers)[0].mark


@pytest.mark.parametrize(
    ("verdicts", "mark"),
    [
        ({CREATED: Verdict.PASSED, DELETED: Verdict.NOTED}, Mark.DONE),
        ({CREATED: Verdict.PASSED, DELETED: Verdict.WARNED}, Mark.DONE),
        ({CREATED: Verdict.PASSED, DELETED: Verdict.NOT_APPLICABLE}, Mark.DONE),
        ({CREATED: Verdict.PASSED, DELETED: Verdict.FAILED}, Mark.FAILED),
        ({CREATED: Verdict.PASSED, DELETED: Verdict.BLOCKED}, Mark.OPEN),
        ({CREATED: Verdict.NOT_APPLICABLE, DELETED: Verdict.NOT_APPLICABLE}, Mark.NOT_APPLICABLE),
        ({}, Mark.OPEN),
    ],
)
def test_an_automatic_step_is_decided_by_its_requirements(verdicts, mark):
    assert one(Step("s", PAGES[0], "text", "automatic", requirements=(CREATED, DELETED)), verdicts) is mark


def test_an_inspection_decides_too():
    step = Step("s", PAGES[0], "text", "automatic", inspect=("url",))
    assert one(step, inspections={"url": Inspection(holds=True, text="fine")}) is Mark.DONE
    assert one(step, inspections={"url": Inspection(holds=False, text="wrong")}) is Mark.FAILED
    assert one(step, inspections={"url": Inspection(holds=None, text="so")}) is Mark.OPEN


def test_a_person_decides_the_rest_and_cannot_tick_what_the_suite_crosses_out():
    manual = Step("s", PAGES[0], "text")
    partly = Step("s", PAGES[0], "text", "partly", requirements=(CREATED,))
    for step in (manual, partly):
        assert one(step, {CREATED: Verdict.PASSED}) is Mark.OPEN
        assert one(step, {CREATED: Verdict.PASSED}, answers={"s": MIA}) is Mark.DONE
    assert one(partly, {CREATED: Verdict.FAILED}, answers={"s": MIA}) is Mark.FAILED


@pytest.mark.parametrize(
    "name", ["zscaler-private-access", "zscaler-one", "zscaler-two", "zscaler-beta", "zscaler-zscloud"]
)
def test_an_app_has_about_forty_steps_in_the_order_of_the_pages(name):
    steps = compose([name]).checklist
    assert 38 <= len(steps) <= 42
    assert len({step.id for step in steps}) == len(steps)
    assert [PAGES.index(step.page) for step in steps] == sorted(PAGES.index(step.page) for step in steps)
    assert all(step.source for step in steps)
    assert all(step.look for step in steps if step.kind != "automatic" and step.id != "accounts")
    assert all(step.requirements or step.inspect for step in steps if step.kind != "manual")


def test_steps_name_inspections_that_there_are():
    known = inspect(Run(Settings(tenant_url="https://example.com/scim")))
    steps = [step for name in profile_names() for step in compose([name]).checklist]
    steps += [step for name in plan_names() for step in load_plan(name).steps]
    assert {name for step in steps for name in step.inspect} <= known.keys()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://scim1.private.zscaler.com/scim/1/72057/v2", None),
        ("https://scim1.private.zscaler.com/scim/1/72057/v2/Users", "ends in an endpoint"),
        ("http://scim1.private.zscaler.com/scim/1/72057/v2", "is not https"),
        ("https://scim.zscaler.com/scim/1/72057/v2", "does not look like the one at"),
    ],
)
def test_a_tenant_url_is_held_against_the_form_of_its_product(url, said):
    found = inspect(Run(Settings(tenant_url=url, token=TOKEN, profile=("zscaler-private-access",))))["tenant-url"]
    assert found.holds is (said is None)
    assert said is None or said in found.text


@pytest.mark.parametrize("token", ["Bearer abc", "abc def", ""])
def test_a_token_that_was_pasted_wrong_is_crossed_out(token):
    found = inspect(Run(Settings(tenant_url="https://example.com/scim", token=token)))["token"]
    assert found.holds is False
    assert not token or token not in found.text


def test_answers_are_kept_and_never_overwritten(tmp_path: Path):
    steps = compose(["zscaler-one"]).checklist
    path = tmp_path / "checklist.toml"
    assert keep_answers(path, steps, {})
    assert read_answers(path, steps) == {}
    text = path.read_text().replace(
        '[accounts]\ndone-by = ""\ndate = ""', '[accounts]\ndone-by = "Mia Kern"\ndate = 2026-11-21'
    )
    path.write_text(text)
    assert read_answers(path, steps) == {"accounts": Answer("Mia Kern", "2026-11-21")}
    assert not keep_answers(path, steps, {})
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[acounts]", "there is no step “acounts”; did you mean “accounts”?"),
        ('[accounts]\nby = "x"', "unknown key “by”"),
        ('[accounts]\ndone-by = "x"', "needs done-by and date"),
        ("accounts = 3", "must be a table"),
        ("[accounts", "cannot be read"),
    ],
)
def test_an_answer_that_is_wrong_is_told_in_one_line(tmp_path, text, said):
    path = tmp_path / "checklist.toml"
    path.write_text(text)
    with pytest.raises(InvalidConfiguration) as refused:
        read_answers(path, compose(["zscaler-one"]).checklist)
    assert said in str(refused.value)


def test_the_pages_to_print_load_nothing_and_escape_everything():
    profile = compose(["zscaler-one"])
    answer = Answer("<script>alert(1)</script>", "today", "*bold*")
    decisions = decide(profile.checklist, {}, {}, {"accounts": answer})
    made = Checklist(profile, decisions, datetime.now(UTC), "https://example.com/<b>")
    page, text = made.to_html(), made.to_markdown()
    assert "<script" not in page
    assert "src=" not in page
    assert "Signature" in page
    assert all(step.id in page and step.id in text for step in profile.checklist)
    assert r"\*bold\*" in text
    assert json.loads(json.dumps(made.to_dict()))["steps"][0]["id"] == profile.checklist[0].id


def test_the_empty_list_is_printed_offline(tmp_path: Path):
    arguments = ["checklist", "--profile", "zscaler-private-access", "--offline", "--answers", str(tmp_path / "a.toml")]
    done = CliRunner().invoke(cli, [*arguments, "--output", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "☐ identity-provider" in done.output
    assert "40 steps: 40 open." in done.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"checklist.html", "checklist.md", "checklist.json"}
    assert not (tmp_path / "a.toml").exists()


def command(folder: Path, *arguments: str) -> tuple[int, str]:
    program = str(Path(sys.executable).with_name("scim-conformance"))
    done = subprocess.run(
        [program, *arguments, "--token", TOKEN], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def forgetful() -> Iterator[str]:
    """Serve a tenant that empties a group when one member is removed in Entra's default dialect."""
    tenant = ReferenceTenant(token=TOKEN, seed_users=2)
    find_fault("remove-with-a-list-empties-the-group").plant(tenant)
    with running(tenant) as url:
        yield url


def test_a_checklist_is_walked_through_with_a_tenant(forgetful: str, tmp_path: Path):
    arguments = ("checklist", forgetful, "--profile", "zscaler-private-access", "--output", "out", "--json")
    code, out = command(tmp_path, *arguments)
    marks = {step["id"]: step for step in json.loads(out)["steps"]}
    assert code == 1
    assert marks["groups"]["mark"] == "failed"
    assert any("ENTRA-18" in text for text in marks["groups"]["evidence"])
    assert [marks[name]["mark"] for name in ("test-connection", "create", "disable", "delete")] == ["done"] * 4
    assert marks["tenant-url"]["mark"] == "failed"
    assert marks["start"]["mark"] == "open"
    assert "[start]" in (tmp_path / "checklist.toml").read_text()
    assert (tmp_path / "out" / "checklist.html").is_file()


def test_a_plan_is_reported_in_its_own_terms(forgetful: str, tmp_path: Path):
    code, out = command(tmp_path, "run", forgetful, "--plan", "entra-gallery", "-k", "test_client_", "--output", "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    validator("report").validate(report)
    assert code == 1
    assert report["plan"]["failed"] == ["LA-12", "P-14"]
    assert "✗ LA-12" in out
    assert 'id="plan-LA-12"' in (tmp_path / "out" / "report.html").read_text()


def test_a_plan_tells_what_its_requirements_say():
    plan = load_plan("entra-gallery")
    assert all(requirement(identifier) for identifier in plan.requirements)
    right = dict.fromkeys(plan.requirements, Verdict.PASSED)
    outcome = PlanOutcome(plan, decide(plan.steps, right, {}))
    assert not outcome.failed
    assert "LA-21" in {decision.step.id for decision in outcome.open}
    wrong = PlanOutcome(plan, decide(plan.steps, right | {"ENTRA-18": Verdict.FAILED}, {}))
    assert {decision.step.id for decision in wrong.failed} == {"LA-12", "P-14"}
    with pytest.raises(UnknownPlan, match="did you mean “entra-gallery”"):
        load_plan("entra-galery")


def test_recommended_items_do_not_fail_a_plan():
    plan = load_plan("entra-gallery")
    wrong = decide(plan.steps, {"RFC7644-3.6-12": Verdict.FAILED}, {})
    assert [d.step.id for d in wrong if d.mark is Mark.FAILED] == ["V-27"]
    assert not PlanOutcome(plan, wrong).failed


def connection(url: str, *arguments: str) -> tuple[int, dict]:
    done = CliRunner().invoke(
        cli, ["test-connection", url, "--token", TOKEN, "--json", *arguments], standalone_mode=False
    )
    code = done.return_value if done.exception is None else done.exception.code  # type: ignore[attr-defined]
    return code, json.loads(done.stdout[: done.stdout.rindex("}") + 1])


@pytest.mark.parametrize(
    ("fault", "code", "word"),
    [
        ("", 0, ""),
        ("nobody-is-not-found", 1, "SystemForCrossDomainIdentityManagementServiceIncompatible"),
        ("a-firewall-demands-a-user-agent", 3, "InvalidCredentials"),
        ("a-request-must-name-what-it-accepts", 1, "CredentialValidationUnavailable"),
        ("a-plus-is-no-space", 1, "CredentialValidationUnavailable"),
    ],
)
def test_test_connection_says_what_entra_would_say(fault, code, word):
    tenant = ReferenceTenant(token=TOKEN, seed_users=2)
    if fault:
        find_fault(fault).plant(tenant)
    with running(tenant) as url:
        found, outcome = connection(url)
    assert found == code
    assert outcome["accepted"] is (code == 0)
    assert outcome["requests"][0]["code"] == word


def test_test_connection_names_a_tenant_that_is_not_there():
    code, outcome = connection("http://127.0.0.1:9/scim")
    assert code == 3
    assert "cannot be reached" in outcome["requests"][0]["message"]
    assert "invalid credentials" in outcome["verdict"]
