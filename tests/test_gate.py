"""What lets a run fail: levels, waivers, the baseline; and two runs compared."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from test_reporting import HOSTILE, MUST, SHOULD, Page, cases, result

from conformance.checks.verdict import Verdict
from conformance.config import InvalidConfiguration, Settings
from conformance.reporting.comparison import Comparison
from conformance.reporting.gate import Gate
from conformance.reporting.html import render, render_comparison
from conformance.reporting.markdown import compared, to_markdown
from conformance.reporting.model import Report
from conformance.reporting.outline import Outline
from conformance.reporting.terminal import summarise, summarise_comparison
from conformance.reporting.waivers import Waiver, load_waivers
from conformance.reporting.writers import write
from conformance.spec.json_schema import validator
from conformance.spec.requirements import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.reporting.result import Result

TODAY = date(2026, 11, 21)
FAILED = result(Verdict.FAILED, broken=True, message="answered 500")
WARNED = result(Verdict.WARNED, "test_create.py::test_should", requirements=(SHOULD,), broken=True)
BLOCKED = result(Verdict.BLOCKED, "test_read.py::test_read[User]", message="it is down")
PASSED = result(Verdict.PASSED, "test_read.py::test_fine")


def judged(*results: Result, **gate: Any) -> Report:
    held = Gate(**{"today": TODAY, **gate})
    applied = tuple(held.applied(each, lambda requirement: requirement.level) for each in results)
    return Report(
        tenant="https://example.com/scim",
        started=datetime(2026, 1, 2, tzinfo=UTC),
        duration=1.5,
        results=applied,
        exchanges=(),
        seed="0badcafe",
        gate=held,
    )


def waiver(expires: date = TODAY, **about: str) -> Waiver:
    return Waiver("ticket 12", "ann@example.com", expires, **about)


def outline(*results: Result) -> Outline:
    return Outline.of(judged(*results))


# --- levels -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "gate", "code"),
    [
        (PASSED, {}, 0),
        (WARNED, {}, 0),
        (WARNED, {"fail_on": "should"}, 1),
        (WARNED, {"strict": True}, 1),
        (FAILED, {}, 1),
        (BLOCKED, {}, 1),
        (result(Verdict.NOTED), {"strict": True}, 0),
        (result(Verdict.NOT_APPLICABLE), {}, 1),
        (result(Verdict.ERROR), {"waivers": (waiver(check="*"),)}, 4),
    ],
)
def test_the_exit_status_follows_from_verdict_and_gate(found: Result, gate: dict[str, Any], code: int):
    assert judged(found, **gate).exit_code == code


def test_the_gate_changes_no_verdict_on_the_tenant():
    strict = judged(PASSED, WARNED, strict=True)
    assert (strict.conformant, strict.passed) == (True, False)
    assert strict.gate_sentence == "The gate (fail-on must, strict) fails: 1 failing."
    assert judged(PASSED, WARNED).gate_sentence == ""


# --- waivers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "about",
    [
        {"requirement": MUST},
        {"requirement": MUST[:9] + "*"},
        {"check": "test_create.py::test_it[User]"},
        {"check": "test_create.py::*"},
        {"check": "*[User]"},
    ],
)
def test_what_is_waived_fails_nothing_and_passes_nothing(about: dict[str, str]):
    found = judged(FAILED, PASSED, waivers=(waiver(**about),))
    assert (found.exit_code, found.conformant, found.counts[Verdict.FAILED]) == (0, False, 1)
    assert found.results[0].waived == "ticket 12 (ann@example.com, until 2026-11-21)"
    assert "1 waived" in found.gate_sentence


@pytest.mark.parametrize("about", [{"check": "test_create.py::test_it"}, {"check": "[User]"}, {"requirement": SHOULD}])
def test_a_waiver_covers_only_what_it_names(about: dict[str, str]):
    assert judged(FAILED, PASSED, waivers=(waiver(**about),)).exit_code == 1


def test_each_broken_requirement_of_a_check_needs_its_waiver():
    other = next(i for i, r in catalogue().items() if r.level == "MUST" and i != MUST)
    both = result(Verdict.FAILED, broken=True, requirements=(MUST, other, SHOULD))
    assert judged(both, waivers=(waiver(requirement=MUST),)).exit_code == 1
    assert judged(both, waivers=(waiver(requirement=MUST), waiver(requirement=other))).exit_code == 0


def test_an_expired_waiver_no_longer_counts_and_is_told():
    past = waiver(date(2026, 11, 20), requirement=MUST)
    found = judged(FAILED, waivers=(past,))
    assert (found.exit_code, found.gate.expired, found.results[0].waived) == (1, (past,), "")
    assert judged(PASSED, waivers=(past,)).exit_code == 0
    assert judged(PASSED, waivers=(past,), strict=True).exit_code == 1


def test_a_waiver_that_covers_nothing_is_told_and_fails_a_strict_run():
    idle = waiver(requirement=MUST)
    assert judged(result(Verdict.PASSED), waivers=(idle,)).unused_waivers == (idle,)
    assert judged(result(Verdict.PASSED), waivers=(idle,)).exit_code == 0
    assert judged(result(Verdict.PASSED), waivers=(idle,), strict=True).exit_code == 1
    assert judged(FAILED, waivers=(idle,), strict=True).exit_code == 0


def test_a_narrowed_run_says_nothing_of_waivers_for_what_it_did_not_judge():
    other = result(Verdict.PASSED, requirements=(SHOULD,))
    held = Gate(waivers=(waiver(requirement=MUST),), today=TODAY)
    assert held.unused((other,), narrowed=True) == ()
    assert held.unused((other,), narrowed=False) == held.waivers


def test_waivers_are_read_from_a_file(tmp_path: Path):
    path = tmp_path / "waivers.toml"
    path.write_text(
        f'[[waiver]]\nrequirement = "{MUST}"\nreason = "r"\nowner = "o"\nexpires = 2027-01-31\n'
        '[[waiver]]\ncheck = "test_patch.py::*"\nreason = "r"\nowner = "o"\nexpires = "2027-02-01"\n'
    )
    assert load_waivers(str(path)) == (
        Waiver("r", "o", date(2027, 1, 31), requirement=MUST),
        Waiver("r", "o", date(2027, 2, 1), check="test_patch.py::*"),
    )


GOOD = 'reason = "r"\nowner = "o"\nexpires = 2027-01-31\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[waiver]", "cannot be read"),
        ("", "lacks the key “waiver”"),
        ("waiver = 1", "must be a list"),
        (f"[[waiver]]\n{GOOD}", r"waiver\[1\]: .* names a requirement or a check, one of the two"),
        (f'[[waiver]]\nrequirement = "{MUST}"\ncheck = "x"\n{GOOD}', "one of the two"),
        (f'[[waiver]]\nrequirement = "{MUST}"\nreason = "r"\nowner = "o"', r"waiver\[1\] lacks the key “expires”"),
        (f'[[waiver]]\nrequirement = "{MUST}"\nresaon = "x"\n{GOOD}', "did you mean “reason”"),
        (f'[[waiver]]\nrequirement = "{MUST}"\n{GOOD}'.replace("2027-01-31", '"soon"'), "expires"),
        (f'[[waiver]]\nrequirement = "{MUST}"\n{GOOD}'.replace("2027-01-31", '"2027-02-30"'), "day is out of range"),
        (f'[[waiver]]\nrequirement = "{MUST}9"\n{GOOD}', "did you mean “RFC"),
        (f'[[waiver]]\nrequirement = "RFC1-*"\n{GOOD}', "there is no requirement “RFC1-[*]”"),
    ],
)
def test_a_file_of_waivers_that_is_wrong_is_told_in_one_line(tmp_path: Path, text: str, said: str):
    path = tmp_path / "waivers.toml"
    path.write_text(text)
    with pytest.raises(InvalidConfiguration, match=said) as raised:
        load_waivers(str(path))
    assert len(str(raised.value).splitlines()) == 1
    with pytest.raises(InvalidConfiguration, match="cannot be read: No such file"):
        load_waivers(str(tmp_path / "absent.toml"))


# --- the baseline -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "code"),
    [
        ((FAILED, PASSED), (FAILED, PASSED), 0),
        ((PASSED,), (FAILED, PASSED), 1),
        ((result(Verdict.WARNED, broken=True),), (FAILED, PASSED), 1),
        ((result(Verdict.BLOCKED),), (FAILED, PASSED), 1),
        ((FAILED,), (result(Verdict.BLOCKED), PASSED), 0),
        ((result(Verdict.ERROR),), (FAILED, PASSED), 1),
        ((WARNED,), (WARNED, PASSED), 0),
    ],
)
def test_only_what_is_newly_broken_fails_against_a_baseline(
    before: tuple[Result, ...], now: tuple[Result, ...], code: int
):
    assert judged(*now, baseline=outline(*before), fail_on="new").exit_code == code


def test_a_baseline_is_only_shown_where_the_gate_is_told_to_fail_on_more():
    found = judged(FAILED, PASSED, baseline=outline(FAILED), fail_on="must")
    assert (found.exit_code, found.results[0].known) == (1, True)


def test_what_is_fixed_and_what_is_broken_since_the_baseline_is_shown():
    fixed = result(Verdict.PASSED, BLOCKED.check)
    found = judged(FAILED, fixed, PASSED, baseline=outline(BLOCKED, PASSED), fail_on="new")
    baseline = found.to_dict()["gate"]["baseline"]
    assert (baseline["newly_broken"], baseline["fixed"]) == ([FAILED.check], [BLOCKED.check])
    assert f"`{BLOCKED.check}`" in to_markdown(found).partition("### Fixed")[2]


def test_the_gate_is_read_from_the_settings(tmp_path: Path):
    write(judged(FAILED), tmp_path, ("json",))
    held = Gate.of(Settings(baseline=str(tmp_path / "report.json")))
    assert (held.fail_on, held.baseline and held.baseline.results[FAILED.check]) == ("new", FAILED)
    assert Gate.of(Settings(baseline=str(tmp_path), fail_on="should")).fail_on == "should"
    assert Gate.of(Settings()).plain
    with pytest.raises(InvalidConfiguration, match="--baseline"):
        Gate.of(Settings(fail_on="new"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "has format 99 and this version of the suite reads format 1"),
        ({"format": None}, "is not a report.json"),
        ({"results": [{"check": "x"}]}, "is damaged"),
        ({"counts": None}, "is damaged"),
        ({"counts": dict.fromkeys(Verdict, "many")}, "is damaged"),
        ({"counts": dict.fromkeys(Verdict, float("inf"))}, "is damaged"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, change: dict[str, Any], said: str):
    (path,) = write(judged(FAILED), tmp_path, ("json",))
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(InvalidConfiguration, match=said) as raised:
        Outline.read(path)
    assert len(str(raised.value).splitlines()) == 1
    for content in ("{", "[" * 100_000):
        path.write_text(content)
        with pytest.raises(InvalidConfiguration, match="is not JSON"):
            Outline.read(path)
    with pytest.raises(InvalidConfiguration, match="cannot be read"):
        Outline.read(tmp_path / "absent")


# --- every format -------------------------------------------------------------------------------------------------


def test_a_waived_failure_is_shown_as_failed_and_waived_in_every_format(capsys: pytest.CaptureFixture[str]):
    found = judged(FAILED, PASSED, waivers=(waiver(requirement=MUST),))
    words = "ticket 12 (ann@example.com, until 2026-11-21)"
    summarise(found, [])
    case = cases(found)["test_it[User]"]
    said = {
        "terminal": capsys.readouterr().out,
        "html": Page(render(found)).text,
        "md": to_markdown(found),
        "json": json.dumps(found.to_dict()),
        "junit": str(case.find("skipped").get("message")),
    }
    for name, text in said.items():
        assert words in text, name
        assert "failed" in text, name
    assert case.find("failure") is None
    data = json.loads(said["json"])
    assert [error.message for error in validator("report").iter_errors(data)] == []


def test_expired_and_idle_waivers_are_told(capsys: pytest.CaptureFixture[str]):
    found = judged(PASSED, waivers=(waiver(date(2026, 1, 1), check="a"), waiver(check="b")))
    summarise(found, [])
    for text in (capsys.readouterr().out, to_markdown(found), Page(render(found)).text):
        assert "Expired waivers" in text
        assert "Waivers that cover nothing" in text
    data = found.to_dict()["gate"]
    assert (len(data["expired_waivers"]), len(data["unused_waivers"])) == (1, 1)


# --- two runs compared --------------------------------------------------------------------------------------------


def test_a_comparison_tells_what_broke_what_is_fixed_and_what_changed():
    before = outline(PASSED, FAILED, WARNED, BLOCKED)
    after = outline(
        result(Verdict.FAILED, PASSED.check),
        result(Verdict.NOTED, FAILED.check),
        result(Verdict.NOT_APPLICABLE, WARNED.check),
        result(Verdict.WARNED, "new.py::test_new"),
    )
    comparison = Comparison(before, after)
    found = {heading: [change.check for change in changes] for heading, changes in comparison.sections}
    assert found == {
        "Newly broken": [PASSED.check, "new.py::test_new"],
        "Fixed": [FAILED.check],
        "Changed otherwise": [WARNED.check],
    }
    assert (comparison.added, comparison.removed) == (1, 1)


def test_a_run_compared_with_itself_has_not_changed():
    same = outline(PASSED, FAILED, WARNED, BLOCKED)
    assert not any(changes for _, changes in Comparison(same, same).sections)


def test_every_view_of_a_comparison_tells_it_and_keeps_hostile_text_text(capsys: pytest.CaptureFixture[str]):
    hostile = result(Verdict.FAILED, f"test_create.py::test_it[{HOSTILE}]", message=HOSTILE)
    comparison = Comparison(outline(PASSED), outline(hostile))
    page = render_comparison(comparison)
    assert "script" not in {tag for tag, _ in Page(page).tags}
    summarise_comparison(comparison)
    for text in (Page(page).text, compared(comparison), capsys.readouterr().out):
        assert "Newly broken" in text
        assert "not judged" in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
