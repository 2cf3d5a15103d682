"""Reports: what is hostile stays text, what is known is complete, and what can be replayed can be pasted."""

from __future__ import annotations

import json
import re
import subprocess
import zlib
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from conformance.checks.verdict import Verdict
from conformance.config import Settings
from conformance.reporting.findings import case, causes, findings
from conformance.reporting.har import read, scope, to_har
from conformance.reporting.html import render
from conformance.reporting.junit import to_junit
from conformance.reporting.markdown import to_markdown
from conformance.reporting.model import Report
from conformance.reporting.outline import Outline
from conformance.reporting.priorities import fix_first
from conformance.reporting.result import Result
from conformance.reporting.terminal import summarise
from conformance.reporting.text import one_line, pretty, printable
from conformance.reporting.writers import write
from conformance.spec.json_schema import validator
from conformance.spec.profile import Profile
from conformance.spec.requirements import Level, catalogue
from conformance.tenant.exchange import Exchange, Request, Response

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "</pre></details><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x1b]0;owned\x07\u202e\ud800"
MUST, SHOULD = (
    next(r.id for r in catalogue().values() if r.level is level and r.feature == "create")
    for level in (Level.MUST, Level.SHOULD)
)


def exchange(identifier: str = "x00001", **response: Any) -> Exchange:
    answer = {"status": 500, "headers": ((HOSTILE, HOSTILE),), "body": HOSTILE, "problem": HOSTILE} | response
    headers = (("Authorization", "Bearer [redacted]"), ("Content-Type", "application/scim+json"))
    request = Request("POST", "https://example.com/Users", headers, json.dumps({"userName": HOSTILE}))
    return Exchange(identifier, HOSTILE, request, Response(**answer), started=1.0, elapsed=0.02)


def result(verdict: Verdict, check: str = "test_create.py::test_it[User]", **more: Any) -> Result:
    return Result(check, **{"claim": "It holds.", "requirements": (MUST,), "verdict": verdict} | more)


def report(*results: Result, **more: Any) -> Report:
    known = {"tenant": "https://example.com/scim", "exchanges": (exchange(),), "seed": "0badcafe", "duration": 1.5}
    return Report(started=datetime(2026, 1, 2, tzinfo=UTC), results=results, **known | more)


def all_verdicts() -> Report:
    broken = {"broken": True, "message": HOSTILE, "expected": HOSTILE, "came": HOSTILE, "exchanges": ("x00001",)}
    return report(
        result(Verdict.FAILED, **broken),
        result(Verdict.WARNED, "test_create.py::test_should", requirements=(SHOULD,), remarks=(HOSTILE,)),
        result(Verdict.NOTED, "test_create.py::test_may", remarks=(HOSTILE,)),
        result(Verdict.BLOCKED, "test_read.py::test_read", message=HOSTILE, exchanges=("x00001",)),
        result(Verdict.NOT_APPLICABLE, "test_sort.py::test_sort", message=HOSTILE),
        result(Verdict.ERROR, "test_sort.py::test_error", message=HOSTILE),
        result(Verdict.PASSED, "test_read.py::test_fine"),
        tenant=HOSTILE,
        left_behind=(HOSTILE,),
        selection=(HOSTILE,),
    )


class Page(HTMLParser):
    """Collects the tags of a page, its ids, its links within itself, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.tags if "id" in attributes]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


# --- report.html --------------------------------------------------------------------------------------------------


def test_what_a_server_sent_stays_text():
    page = render(all_verdicts())
    parsed = Page(page)
    assert not {"img", "iframe", "object", "link"} & {tag for tag, _ in parsed.tags}
    assert [attributes for tag, attributes in parsed.tags if tag == "script"] == [
        {"type": "text/plain", "id": "data"}, {}
    ]  # fmt: skip
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    assert not {"\x1b", "\x07", "\u202e", "\ud800"} & set(page)
    assert "<script>alert(1)</script>" in parsed.text


def test_the_page_forbids_everything_but_its_own_style_and_script():
    page = render(all_verdicts())
    (policy,) = [a["content"] for tag, a in Page(page).tags if tag == "meta" and "http-equiv" in a]
    allowed = dict(part.split(" ", 1) for part in str(policy).split("; "))
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert allowed[f"{tag}-src"] == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
    assert {allowed[name] for name in ("default-src", "base-uri", "form-action", "trusted-types")} == {"'none'"}


def packed(page: str) -> Any:
    (data,) = re.findall('id="data">([^<]*)<', page)
    return json.loads(zlib.decompress(b64decode(data)))


def test_the_script_finds_every_check_and_its_exchanges_fit_to_show():
    data = packed(render(all_verdicts()))
    assert {data["results"][n]["verdict"] for n in data["requirements"][MUST]["results"]} >= {"passed", "failed"}
    assert len(data["results"]) == 7
    assert data["exchanges"]["x00001"]["status"] == "500"
    assert not {"\x1b", "\u202e", "\ud800"} & set(str(data))


def test_a_report_has_the_exchanges_of_bad_checks_where_not_all_have_room():
    body = json.dumps(["y" * 39] * 90)
    many = tuple(exchange(f"x{n:05}", body=body) for n in range(3000))
    fine = (result(Verdict.PASSED, f"t.py::test_{e.id}", exchanges=(e.id,)) for e in many[:-1])
    bad = result(Verdict.FAILED, broken=True, exchanges=(many[-1].id,))
    data = packed(render(report(*fine, bad, exchanges=many)))
    assert many[-1].id in data["exchanges"]
    assert 1000 < len(data["exchanges"]) < len(many)


def test_only_a_previous_run_that_asked_the_same_is_compared():
    now = report(result(Verdict.FAILED, broken=True))
    before = Outline.of(report(result(Verdict.PASSED)))
    assert "Since the last run" in Page(render(replace(now, previous=before))).text
    for other in (replace(before, tenant="https://other.example"), replace(before, profiles=("entra",)), None):
        assert "Since the last run" not in render(replace(now, previous=other))


def test_the_previous_run_is_the_newest_of_that_name(tmp_path: Path):
    for folder in ("t-20260101T000000Z", "t-20260102T000000Z", "t-80-20260103T000000Z", "t-20260104T000000Z"):
        (tmp_path / folder).mkdir()
        write(report(result(Verdict.PASSED), tenant=folder), tmp_path / folder, ("json",))
    newest = Outline.latest(tmp_path, "t")
    assert newest is not None
    assert newest.tenant == "t-20260104T000000Z"
    (tmp_path / "t-20260104T000000Z" / "report.json").write_text("{")
    assert Outline.latest(tmp_path, "t") is None
    assert Outline.latest(tmp_path, "u") is None


def test_each_requirement_is_linkable_once_and_every_inner_link_leads_somewhere():
    parsed = Page(render(all_verdicts()))
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {MUST, SHOULD} <= set(parsed.ids)
    inner = {str(a["href"])[1:] for tag, a in parsed.tags if tag == "a" and str(a["href"]).startswith("#")}
    assert inner <= set(parsed.ids)


def test_a_failure_is_told_with_clause_reason_remedy_sides_and_replay():
    sides = {"expected": "201", "came": "500", "exchanges": ("x00001",)}
    text = Page(render(report(result(Verdict.FAILED, broken=True, **sides)))).text
    known = catalogue()[MUST]
    for part in ("Not conformant", known.clause, known.text, known.why, known.fix, "It holds.", "201", "$SCIM_TOKEN"):
        assert " ".join(part.split()) in text


def test_an_exchange_is_shown_once_and_referred_to_after_that():
    both = (result(Verdict.FAILED, f"test_create.py::{name}", broken=True, exchanges=("x00001",)) for name in "ab")
    parsed = Page(render(report(*both)))
    assert parsed.ids.count("x00001") == 1
    assert "shown above" in parsed.text


def test_evidence_is_bounded_and_says_so():
    long = json.dumps(["x" * 100] * 500)
    many = tuple(exchange(f"x{n:05}", body=long) for n in range(2000))
    failed = result(Verdict.FAILED, broken=True, exchanges=tuple(e.id for e in many))
    page = render(report(failed, exchanges=many))
    assert len(page) < 5_000_000
    assert "more characters stand in evidence.har" in page
    assert "x01999 in evidence.har" in page


def test_checks_of_one_kind_are_one_finding_and_blocked_ones_stand_under_their_cause():
    found = report(
        *(result(Verdict.FAILED, f"test_create.py::test_it[{name}]", broken=True) for name in ("User", "Group")),
        *(result(Verdict.BLOCKED, f"t.py::test_{n}", message=f"“{n}” was not asked: it is down") for n in range(9)),
    )
    (finding,) = findings(found, Verdict.FAILED)
    assert [case(r) for r in finding.cases] == ["User", "Group"]
    (cause,) = causes(found, Verdict.BLOCKED)
    assert (cause.reason, len(cause.results)) == ("it is down", 9)


def test_the_page_of_an_empty_and_of_an_interrupted_run_renders():
    assert "no check was judged" in render(report())
    assert "interrupted" in render(report(result(Verdict.PASSED), interrupted=True))


# --- report.json --------------------------------------------------------------------------------------------------


def test_the_json_report_holds_everything_there_is_to_read_back(tmp_path: Path):
    written = all_verdicts()
    (path,) = write(written, tmp_path, ("json",))
    assert path == tmp_path / "report.json"
    data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert tuple(map(Result.from_dict, data["results"])) == written.results
    assert tuple(map(Exchange.from_dict, data["exchanges"])) == written.exchanges
    assert data["sentence"] == written.sentence
    assert (data["conformant"], data["exit_code"], data["counts"]["failed"]) == (False, 4, 1)


def test_the_json_report_fits_its_schema(tmp_path: Path):
    for each in (report(), all_verdicts(), report(exchanges=(unanswered(),))):
        write(each, tmp_path, ("json",))
        data = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        assert [error.message for error in validator("report").iter_errors(data)] == []
        assert data["$schema"].endswith("/report.schema.json")


def test_a_long_body_is_cut_in_the_json_report_and_whole_in_the_recording():
    long = json.dumps(["x" * 100] * 5000)
    found = report(exchanges=(exchange(body=long),))
    (shown,) = found.to_dict()["exchanges"]
    assert len(shown["response"]["body"]) + shown["response"]["cut"] == len(long)
    assert len(shown["response"]["body"]) < 20_000
    assert to_har(found)["log"]["entries"][0]["response"]["content"]["text"] == long


# --- evidence.har -------------------------------------------------------------------------------------------------


def unanswered() -> Exchange:
    return Exchange("x00002", "lost", Request("GET", "https://example.com/Users"), error="no answer within 30 s")


def test_a_recording_gives_back_what_was_exchanged_whatever_it_holds(tmp_path: Path):
    found = report(
        exchanges=(exchange(), unanswered(), exchange("x00003", problem=None, body="")),
        scope=scope(Settings(), Profile(), ""),
    )
    (path,) = write(found, tmp_path, ("har",))
    back = {each.id: each for each in read(path).exchanges}
    assert [back[each.id] for each in found.exchanges] == list(found.exchanges)


# --- junit.xml ----------------------------------------------------------------------------------------------------


def cases(found: Report) -> dict[str, ET.Element]:
    return {str(case.get("name")): case for case in ET.fromstring(to_junit(found)).iter("testcase")}


def test_junit_tells_each_verdict_in_the_word_it_has_for_it():
    found = cases(all_verdicts())
    kinds = {name: [child.tag for child in case if child.tag != "properties"] for name, case in found.items()}
    assert kinds == {
        "gate": ["failure"],
        "test_it[User]": ["failure"],
        "test_should": ["system-out"],
        "test_may": ["system-out"],
        "test_read": ["skipped"],
        "test_sort": ["skipped"],
        "test_error": ["error"],
        "test_fine": [],
    }
    assert str(found["test_read"].find("skipped").get("message")).startswith("blocked: ")
    properties = {p.get("name"): p.get("value") for p in found["test_it[User]"].iter("property")}
    assert properties == {"requirement": MUST, "level": "MUST", "verdict": "failed", "exchanges": "x00001"}


def test_junit_counts_what_it_holds():
    suite = ET.fromstring(to_junit(all_verdicts())).find("testsuite")
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8", "failures": "2", "errors": "1", "skipped": "2",
    }  # fmt: skip


def test_a_run_that_is_only_blocked_fails_in_junit():
    found = cases(report(result(Verdict.BLOCKED, message="it is down"), result(Verdict.PASSED, "t.py::test_fine")))
    assert found["gate"].find("failure") is not None
    assert cases(report(result(Verdict.PASSED)))["gate"].find("failure") is None


@given(st.text())
def test_junit_is_xml_whatever_a_server_sends(text: str):
    ET.fromstring(to_junit(report(result(Verdict.FAILED, broken=True, message=text, came=text), tenant=text)))


# --- report.md ----------------------------------------------------------------------------------------------------


def test_markdown_holds_verdict_counts_and_what_to_fix_first():
    text = to_markdown(all_verdicts())
    for part in ("Not conformant", "| failed | 1 |", "## Fix first", f"[{MUST}](https://", "## Blocked"):
        assert part in text
    assert text.index("## Fix first") < text.index("## Blocked")


def test_what_a_server_sent_stays_code_in_markdown():
    text = to_markdown(
        report(result(Verdict.FAILED, broken=True, expected="`` <b>", came="a```b\n# h", message=HOSTILE))
    )
    assert "\n# h" not in text
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"<\w", outside)


def test_markdown_fits_the_summary_of_a_github_job_however_much_there_is():
    results = tuple(
        result(
            verdict, f"test_{verdict}.py::test_{n}[{'x' * 80}]", broken=True, message="m" * 5000, expected="e" * 5000
        )
        for n in range(1500)
        for verdict in (Verdict.FAILED, Verdict.WARNED, Verdict.BLOCKED)
    )
    text = to_markdown(report(*results))
    assert len(text.encode()) < 500_000
    assert "more in report.html" in text


def test_what_most_hangs_on_is_fixed_first():
    found = report(
        *(result(Verdict.FAILED, f"a.py::test_a[{n}]", broken=True) for n in range(3)),
        result(Verdict.FAILED, "b.py::test_b", broken=True, exchanges=("x00001",)),
        *(result(Verdict.BLOCKED, f"c.py::test_{n}", message="it is down", exchanges=("x00001",)) for n in range(9)),
    )
    assert [finding.cases[0].check for finding in fix_first(found)] == ["b.py::test_b", "a.py::test_a[0]"]


# --- the terminal -------------------------------------------------------------------------------------------------


def test_a_server_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    summarise(all_verdicts(), [tmp_path / "report.html"])
    said = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
    assert "1 failed" in said
    assert str(tmp_path / "report.html") in said


def test_the_terminal_shows_each_finding_on_a_line_of_its_own_and_not_too_many(capsys: pytest.CaptureFixture[str]):
    failed = [
        result(Verdict.FAILED, f"test_create.py::test_{n}", broken=True, expected="201", came="a\nb") for n in range(25)
    ]
    summarise(report(*failed), [])
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.lstrip().startswith(MUST) for line in lines) == 20
    assert "5 more" in next(line for line in lines if "more in report.html" in line)


# --- text and curl ------------------------------------------------------------------------------------------------


@given(st.text())
def test_printable_text_holds_no_control_characters_and_one_line_is_one(text: str):
    assert not [c for c in printable(text) if ord(c) < 32 and c not in "\n\t"]
    assert len(one_line(text, 80).splitlines()) <= 1
    assert len(one_line(text, 80)) <= 80


def test_a_body_is_indented_where_it_is_json_and_cut_where_it_is_long():
    assert pretty('{"a":1}') == ('{\n  "a": 1\n}', 0)
    assert pretty("<html>") == ("<html>", 0)
    shown, cut = pretty("x" * 5000)
    assert len(shown) + cut == 5000


@pytest.mark.parametrize(
    "body", ['it\'s $HOME `id` "quoted" \\ !', "@/etc/passwd", '{"userName": "O\'Neil\\n"}', "line\nbreak", ""]
)
def test_curl_sends_what_was_sent(body: str):
    url = "https://example.com/Users?filter=userName%20eq%20%22a%22&x='$(id)'"
    headers = (("authorization", "Bearer [redacted]"), ("content-type", "application/scim+json"))
    command = Exchange("x1", "again", Request("POST", url, headers, body)).curl
    shell = f"curl() {{ printf '%s\\0' \"$@\"; }}; SCIM_TOKEN='t o k'; {command}"
    arguments = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout.split("\0")[:-1]
    assert url in arguments
    assert arguments[arguments.index("POST") - 1] == "-X"
    assert "Authorization: Bearer t o k" in arguments
    assert arguments[arguments.index("--data-raw") + 1] == body


def test_the_readings_of_an_open_question_stand_beside_the_requirement():
    page = render(report(result(Verdict.FAILED, requirements=("RFC7644-3.5.2.1-20",))))
    assert "Readings (A03)" in page
    assert "<em>noTarget</em>: 400 noTarget" in page
