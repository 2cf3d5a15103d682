"""The checks against recorded evidence of independent servers: the verdicts of the day it was recorded still hold.

A check that is changed on purpose changes verdicts: look at each, and store them with
``python tests/runs/recordings.py``.
"""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING

import pytest
from recordings import FOLDER, differences, judge_again, verdicts

from conformance.checks.verdict import Verdict
from conformance.reporting.result import Result
from conformance.spec.json_schema import validator

if TYPE_CHECKING:
    from pathlib import Path

RECORDINGS = sorted(FOLDER.glob("*.har.gz"))
SERVERS = [path.name.removesuffix(".har.gz") for path in RECORDINGS]


def result(verdict: Verdict, check: str = "t.py::test_a[User]", message: str = "") -> Result:
    return Result(check, "", (), verdict, message=message)


@pytest.mark.parametrize("recording", RECORDINGS, ids=SERVERS)
def test_the_verdicts_on_a_recording_are_those_that_were_stored(recording: Path):
    name = recording.name.removesuffix(".har.gz")
    stored = json.loads(recording.with_name(f"{name}.json").read_text("utf-8"))
    report = judge_again(recording)
    assert differences(stored, report.results) == []
    assert report.tenant.startswith(f"http://{name}.localhost/")
    judged = [result for result in report.results if result.verdict is Verdict.PASSED]
    assert len(judged) > 500


def test_several_servers_are_recorded_and_the_files_stay_small():
    assert {"scim2-server", "scim2-flask", "django-scim2", "scimmy"} <= set(SERVERS)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_500_000


@pytest.mark.parametrize("recording", RECORDINGS, ids=SERVERS)
def test_a_recording_is_valid_and_names_no_machine(recording: Path):
    text = gzip.decompress(recording.read_bytes()).decode()
    data = json.loads(text)
    assert not re.search(r"127\.0\.0\.1|/root/|/home/|/tmp/|interop-secret-token", text)
    data["log"]["entries"] = data["log"]["entries"][::10]  # one in ten shows the form
    assert [error.message for error in validator("evidence").iter_errors(data)] == []


def test_verdicts_are_stored_by_check_and_by_case_where_these_differ():
    found = [
        result(Verdict.PASSED),
        result(Verdict.FAILED, "t.py::test_a[Group]"),
        result(Verdict.NOTED, "t.py::test_b"),
    ]
    lacking = result(Verdict.BLOCKED, "t.py::test_c", "the recording has no evidence of c")
    stored = verdicts([*found, lacking])
    assert stored == {"t.py::test_a": {"User": "passed", "Group": "failed"}, "t.py::test_b": "noted"}
    assert differences(stored, found) == []


def test_only_what_is_stored_and_recorded_is_compared():
    stored = {"t.py::test_a": "passed"}
    lacking = result(Verdict.BLOCKED, message="the recording has no evidence of a[User]")
    assert differences(stored, [lacking, result(Verdict.FAILED, "t.py::test_new")]) == []
    assert differences(stored, [result(Verdict.FAILED, message="m")]) == ["t.py::test_a[User]: passed → failed: m"]
