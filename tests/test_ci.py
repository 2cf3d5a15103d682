"""The gate and the stored run from the command line: exit status, files, one line for each mistake."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from test_cli import TOKEN, command, complaint

from conformance.reference.faults.registry import find_fault
from conformance.reference.serve import running
from conformance.reference.tenant import ReferenceTenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A_FEW = ("-k", "test_create_answers_201 or test_create_returns", "--resource-type", "User")
WAIVER = (
    '[[waiver]]\ncheck = "test_create.py::test_create_answers_201*"\nreason = "r"\nowner = "o"\nexpires = 2999-01-31\n'
)


@pytest.fixture(scope="module")
def wrong() -> Iterator[str]:
    tenant = ReferenceTenant(token=TOKEN)
    find_fault("create-answers-200").plant(tenant)
    with running(tenant) as url:
        yield url


@pytest.fixture(scope="module")
def ran(wrong: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run once on a tenant that is wrong, with every format."""
    folder = tmp_path_factory.mktemp("ran")
    formats = ("--report", "html,junit,json", "--report", "md,har")
    status, out, _ = command("run", wrong, *A_FEW, "--output", "out", *formats, folder=folder, SCIM_TOKEN=TOKEN)
    assert status == 1, out
    return folder / "out"


def verdicts(folder: Path) -> dict[str, str]:
    results = json.loads((folder / "report.json").read_text("utf-8"))["results"]
    return {result["check"]: result["verdict"] for result in results}


def test_a_run_writes_the_formats_that_are_asked_for(ran: Path, tmp_path: Path, wrong: str):
    names = {"report.html", "log.html", "junit.xml", "report.json", "report.md", "evidence.har", "ledger.jsonl"}
    assert {path.name for path in ran.iterdir()} == names
    asked = ("run", wrong, *A_FEW, "--output", "out", "--report", "md")
    assert command(*asked, folder=tmp_path, SCIM_TOKEN=TOKEN)[0] == 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.md", "ledger.jsonl"}
    assert "must be one of html" in complaint(2, *asked[:-1], "pdf", folder=tmp_path)


def test_a_stored_run_is_judged_elsewhere_as_it_was(ran: Path, tmp_path: Path):
    shutil.copy(ran / "evidence.har", tmp_path / "evidence.har")
    (tmp_path / "scim-conformance.toml").write_text('token-file = "absent"\nfeature = ["sort"]\n')
    status, out, err = command("judge", "evidence.har", "--output", "again", folder=tmp_path)
    assert (status, err) == (1, "")
    assert "Not conformant" in out
    assert verdicts(tmp_path / "again") == verdicts(ran)
    assert (tmp_path / "again" / "report.html").is_file()
    assert not (tmp_path / "again" / "evidence.har").exists()


def test_a_stored_run_that_is_none_is_wrong_usage(ran: Path, tmp_path: Path):
    assert "cannot be read" in complaint(2, "judge", "absent.har", folder=tmp_path)
    assert "not a recording" in complaint(2, "judge", str(ran / "report.json"), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_waivers_let_a_run_pass_and_are_shown(ran: Path, tmp_path: Path):
    (tmp_path / "waivers.toml").write_text(WAIVER)
    again = ("judge", str(ran / "evidence.har"), "--output", "out", "--waivers", "waivers.toml")
    status, out, _ = command(*again, folder=tmp_path)
    assert status == 0
    for part in ("Not conformant", "The gate (fail-on must) passes: 1 waived.", "r (o, until 2999-01-31)"):
        assert part in out
    assert "failed" in verdicts(tmp_path / "out").values()


def test_waivers_and_a_baseline_that_are_wrong_are_told_before_anything_is_sent(ran: Path, tmp_path: Path):
    run = ("run", "http://127.0.0.1:1/", "--output", "out")
    (tmp_path / "waivers.toml").write_text("[[waiver]]\n")
    assert "waivers.toml cannot be used" in complaint(2, *run, "--waivers", "waivers.toml", folder=tmp_path)
    (tmp_path / "old.json").write_text('{"format": 0}')
    assert "has format 0" in complaint(2, *run, "--baseline", "old.json", folder=tmp_path)
    assert "--baseline" in complaint(2, *run, "--fail-on", "new", folder=tmp_path)
    assert "must, should, new" in complaint(2, *run, "--fail-on", "always", folder=tmp_path)


def test_what_the_baseline_has_fails_nothing(ran: Path, tmp_path: Path):
    again = ("judge", str(ran / "evidence.har"), "--output", "out", "--baseline", str(ran / "report.json"))
    status, out, _ = command(*again, folder=tmp_path)
    assert status == 0
    assert "The gate (fail-on new) passes: 1 as in the baseline." in out


def test_two_runs_are_compared(ran: Path, tmp_path: Path):
    data = json.loads((ran / "report.json").read_text("utf-8"))
    for result in data["results"]:
        result["verdict"] = "passed"
    (tmp_path / "right.json").write_text(json.dumps(data))
    status, out, _ = command("compare", "right.json", str(ran), folder=tmp_path)
    assert status == 1
    assert "Checks: 1 newly broken, 0 fixed, 0 changed otherwise." in out
    assert "\x1b" not in out
    status, out, _ = command("compare", str(ran), "right.json", "--format", "md", folder=tmp_path)
    assert status == 0
    assert "## Fixed" in out
    page = ("compare", "right.json", str(ran), "--format", "html", "--output", "page.html")
    assert command(*page, folder=tmp_path)[:2] == (1, "")
    assert "Newly broken" in (tmp_path / "page.html").read_text("utf-8")
    assert "cannot be read" in complaint(2, "compare", "right.json", "absent", folder=tmp_path)


def test_colours_are_for_terminals_and_not_where_they_are_unwanted(ran: Path, tmp_path: Path):
    again = ("compare", str(ran), str(ran))
    assert "\x1b" not in command(*again, folder=tmp_path)[1]
    assert "\x1b[" in command(*again, folder=tmp_path, FORCE_COLOR="1")[1]
    plain = command(*again, folder=tmp_path, FORCE_COLOR="1", NO_COLOR="1")[1]
    assert "\x1b[3" not in plain
