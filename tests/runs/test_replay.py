"""Judging a stored run again: the same verdicts without the tenant, and a word on what a recording lacks."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks.verdict import Verdict
from conformance.config import InvalidConfiguration, Settings
from conformance.probes.evidence import Blocked, Evidence
from conformance.reference.faults.registry import find_fault
from conformance.reference.in_process import InProcess
from conformance.reference.tenant import BASE_PATH, ReferenceTenant
from conformance.replay import Replay
from conformance.reporting.har import read
from conformance.run import Run
from conformance.session import judge_all
from conformance.spec.json_schema import validator
from conformance.spec.profile import Profile, compose, profile_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.reporting.model import Report

TOKEN = "canary-T0ken-9f3b"
FEATURES = ("create", "patch", "discovery", "errors")


def judged(run: Run, keyword: str = "") -> Report:
    run.open()
    try:
        return judge_all(run, keyword, lambda *_: None).report
    finally:
        run.close()


def live(folder: Path, *faults: str, keyword: str = "", **settings: Any) -> Report:
    tenant = ReferenceTenant(token=TOKEN, seed_users=3)
    for name in faults:
        find_fault(name).plant(tenant)
    known = {"report": ("har",), "output": str(folder), "concurrency": 1, "token": TOKEN, **settings}
    return judged(
        Run(Settings(tenant_url=f"http://127.0.0.1{BASE_PATH}", **known), transport=InProcess(tenant)), keyword
    )


def again(folder: Path, **settings: Any) -> Report:
    recording = read(folder / "evidence.har")
    return judged(Replay(recording, Settings(**settings)), recording.keyword)


def told(report: Report) -> dict[str, dict[str, Any]]:
    """Return what each check says, in the words of a run for what was not asked."""
    found = {result.check: result.to_dict() | {"duration": 0} for result in report.results}
    for result in found.values():
        result["message"] = result["message"].replace("the recording has no answer to it", Evidence.absent)
    return found


def changed(folder: Path, change: Any) -> Path:
    """Change the log of a stored run."""
    path = folder / "evidence.har"
    data = json.loads(path.read_text("utf-8"))
    change(data["log"])
    path.write_text(json.dumps(data), "utf-8")
    return path


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    live(folder, keyword="test_create_answers_201 or test_delete")
    return folder


@pytest.fixture
def stored(few: Path, tmp_path: Path) -> Path:
    (tmp_path / "evidence.har").write_bytes((few / "evidence.har").read_bytes())
    return tmp_path


# --- the same verdicts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", [(), ("create-answers-200",)], ids=["right", "fault"])
def test_the_verdicts_on_a_recording_are_those_of_the_run(tmp_path: Path, faults: tuple[str, ...]):
    before = live(tmp_path, *faults, feature=FEATURES, seed="replay")
    after = again(tmp_path)
    assert told(after) == told(before)
    assert len(before.results) > 100
    assert after.verdicts == before.verdicts
    assert after.sentence == before.sentence
    assert bool(after.counts[Verdict.FAILED]) == bool(faults)


def test_a_recording_tells_what_the_run_was_told(tmp_path: Path):
    own = tmp_path / "own.toml"
    own.write_text('title = "Own"\n[attributes]\nUser = ["userName"]\n[levels]\n"RFC7644-3.3-08" = "MUST"\n')
    before = live(tmp_path, profile=(str(own),), resource_type=("User",), keyword="create", read_only=False, seed="s")
    own.unlink()
    after = again(tmp_path, strict=True)
    assert told(after) == told(before)
    assert (after.selection, after.profiles, after.levels) == (before.selection, ("own",), before.levels)
    assert (after.tenant, after.started, after.seed, after.tag) == (before.tenant, before.started, "s", before.tag)
    assert after.duration == before.duration
    assert len(after.exchanges) == len(before.exchanges)
    assert after.gate.strict


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_survives_json(name: str):
    profile = compose([name])
    assert Profile.from_dict(json.loads(json.dumps(profile.to_dict()))) == profile


def test_a_recording_may_be_compressed(stored: Path):
    packed = stored / "evidence.har.gz"
    packed.write_bytes(gzip.compress((stored / "evidence.har").read_bytes()))
    one, other = read(packed), read(stored / "evidence.har")
    assert (one.exchanges, one.evidence.keys()) == (other.exchanges, other.evidence.keys())


def test_judging_writes_the_reports_of_a_run_but_for_the_recording(stored: Path):
    again(stored, output=str(stored / "again"))
    assert {path.name for path in (stored / "again").iterdir()} == {
        "report.html",
        "report.json",
        "junit.xml",
        "log.html",
    }


# --- what a recording lacks ---------------------------------------------------------------------------------------


def test_checks_whose_evidence_is_lacking_are_blocked_and_say_so(stored: Path):
    changed(stored, lambda log: log.update(pages=[page for page in log["pages"] if page["id"] != "created[User]"]))
    found = {result.check: result for result in again(stored).results}
    result = found["test_create.py::test_create_answers_201[User]"]
    assert (result.verdict, result.message) == (Verdict.BLOCKED, "the recording has no evidence of created[User]")
    assert found["test_create.py::test_create_answers_201[Group]"].verdict is Verdict.PASSED


def test_a_recording_answers_no_new_question(stored: Path):
    replay = Replay(read(stored / "evidence.har"), Settings())
    replay.open()
    with pytest.raises(Blocked, match="no tenant that could answer GET /scim/v2/Users"):
        replay.client.send("GET", "/Users")
    replay.close()


# --- files --------------------------------------------------------------------------------------------------------


def test_a_recording_is_har_1_2_and_holds_no_secret(few: Path):
    text = (few / "evidence.har").read_text("utf-8")
    assert TOKEN not in text
    data = json.loads(text)
    assert [error.message for error in validator("evidence").iter_errors(data)] == []
    pages = {page["id"] for page in data["log"]["pages"]}
    assert {entry["pageref"] for entry in data["log"]["entries"] if "pageref" in entry} <= pages
    begun = [entry["startedDateTime"] for entry in data["log"]["entries"]]
    assert begun == sorted(begun)
    for entry in data["log"]["entries"]:
        assert entry["time"] == sum(entry["timings"].values())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a recording of scim-conformance"),
        ('{"log": {"version": "1.2", "entries": []}}', "is not a recording of scim-conformance"),
        ('{"log": {"_run": {"format": 99}}}', "has format 99 and this version of the suite reads format 1"),
        ('{"log": {"_run": {"format": 1}}}', "is damaged"),
        (gzip.compress(b"{}", mtime=0)[:-10] + b"other bytes", "is not JSON"),
    ],
)
def test_a_file_that_is_no_recording_is_told_as_such(tmp_path: Path, content: str | bytes, said: str):
    path = tmp_path / "evidence.har"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidConfiguration, match=said) as raised:
        read(path)
    assert len(str(raised.value).splitlines()) == 1
    with pytest.raises(InvalidConfiguration, match="cannot be read"):
        read(tmp_path / "absent.har")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda log: log["_run"].update(duration=float("inf")), "duration: Infinity does not fit"),
        (lambda log: log["_run"]["settings"].update(read_only="yes"), 'read_only must be true or false, not "yes"'),
        (lambda log: log["_run"]["settings"].update(level=["mus"]), "did you mean “must”"),
        (lambda log: log["_run"].update(profile={}), "is damaged"),
        (
            lambda log: log["entries"][0]["response"].update(status=float("inf")),
            r"entries\[1\].response.status must be",
        ),
        (lambda log: log["pages"][0].update(_stopped=5), "_stopped must be a table or null, not 5"),
        (lambda log: log["pages"][0].update(_exchanges=["none of them"]), "is damaged"),
    ],
)
def test_a_damaged_recording_is_told_with_the_place(stored: Path, change: Callable[[Any], None], said: str):
    with pytest.raises(InvalidConfiguration, match=said):
        read(changed(stored, change))


def test_a_recording_without_discovery_cannot_be_judged(stored: Path):
    path = changed(stored, lambda log: log.update(pages=[page for page in log["pages"] if page["id"] != "discovery"]))
    with pytest.raises(InvalidConfiguration, match="no evidence of discovery"):
        Replay(read(path), Settings()).open()
