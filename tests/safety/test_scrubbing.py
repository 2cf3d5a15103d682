"""``--scrub``: what a run came to know of a tenant's own people reaches nothing that it leaves behind."""

from __future__ import annotations

import json
import re
import sys
import zlib
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from commands import COMMAND, finished
from listening import listening
from people import AT, TOKEN, inhabited

from conformance.config import Settings
from conformance.reference.in_process import InProcess
from conformance.reference.serve import running
from conformance.replay import Replay
from conformance.reporting.har import read
from conformance.run import Run
from conformance.session import judge_all
from conformance.spec.schema import GROUP, USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.reference.tenant import ReferenceTenant
    from conformance.reporting.model import Report

FORMATS = ("html", "json", "junit", "md", "har")
GIVEN, FAMILY, NICK, TEAM = "Zsuzsanna", "O'Kanarié", "Canary Bird", "Canary Keepers"
NAME, MAIL, PHONE, UNSEEN = "zs.okanary", "Zs.OKanary@corp.invalid", "+36 1 555 0199", "unseen.canary@corp.invalid"
CANARIES = (GIVEN, FAMILY, "Kanari", NICK, TEAM, NAME, MAIL, PHONE, "555 0199", UNSEEN)


def with_canaries() -> tuple[ReferenceTenant, list[str]]:
    """Return a tenant with people, and the ids of one of them and of a group, whose data must not get out."""
    tenant = inhabited(3, 0)
    person = {
        "schemas": [USER],
        "userName": NAME,
        "name": {"givenName": GIVEN, "familyName": FAMILY, "formatted": f"{GIVEN} {FAMILY}"},
        "nickName": NICK,
        "emails": [{"value": MAIL, "type": "work", "primary": True}],
        "phoneNumbers": [{"value": PHONE, "type": "mobile"}],
    }
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
    with httpx.Client(transport=InProcess(tenant), headers=headers) as client:
        made = client.post(f"{AT}/Users", json=person).raise_for_status().json()["id"]
        group = {"schemas": [GROUP], "displayName": TEAM, "members": [{"value": made}]}
        return tenant, [made, client.post(f"{AT}/Groups", json=group).raise_for_status().json()["id"]]


class Indiscreet(httpx.BaseTransport):
    """A tenant that ignores filters, shows wrong types, and names people in every error and in a header."""

    def __init__(self, tenant: ReferenceTenant) -> None:
        self._inner = InProcess(tenant)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and "filter" in request.url.params:
            request = httpx.Request("GET", request.url.copy_remove_param("filter"), headers=request.headers)
        response = self._inner.handle_request(request)
        content = response.read()
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        headers["X-Served-For"] = NICK
        if b'"detail"' in content:
            error = response.json() | {"detail": f'ask {UNSEEN}, {MAIL.lower()} or "{GIVEN}"'}
            content = json.dumps(error).encode()
        content = content.replace(f'"{NICK}"'.encode(), f'["{NICK}"]'.encode())
        return httpx.Response(response.status_code, headers=headers, stream=httpx.ByteStream(content))


def judged(run: Run) -> Report:
    run.open()
    try:
        conformance = judge_all(run, "", lambda *_: None)
    finally:
        run.close()
    assert conformance.defects == []
    return conformance.report


def asked(tenant: ReferenceTenant, folder: Path, *, scrub: bool) -> Report:
    settings = Settings(
        tenant_url=AT, token=TOKEN, output=str(folder), report=FORMATS, feature=("filter",), scrub=scrub
    )
    return judged(Run(settings, transport=Indiscreet(tenant)))


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield all that stands in a folder, with what is packed into the HTML report."""
    for path in filter(Path.is_file, folder.rglob("*")):
        text = path.read_text("utf-8", "replace")
        packed = re.search(r'id="data">([^<]+)<', text)
        yield path.name, text + (zlib.decompress(b64decode(packed[1])).decode() if packed else "")


def spilt(folder: Path, canaries: list[str]) -> dict[str, list[str]]:
    """Return which canaries stand where, however they are written."""
    found = {}
    for name, text in texts(folder):
        forms = {c: {c, json.dumps(c)[1:-1], c.replace("'", "&#39;"), c.replace(" ", "%20")} for c in canaries}
        found[name] = [c for c, ways in forms.items() if any(way.lower() in text.lower() for way in ways)]
    return {name: some for name, some in found.items() if some}


def verdicts(report: Report) -> dict[str, str]:
    return {result.check: str(result.verdict) for result in report.results}


def test_a_scrubbed_run_tells_nothing_of_others_and_judges_the_same(tmp_path: Path):
    tenant, ids = with_canaries()
    plain = asked(tenant, tmp_path / "plain", scrub=False)
    scrubbed = asked(tenant, tmp_path / "scrubbed", scrub=True)
    assert len(spilt(tmp_path / "plain", [*CANARIES, *ids])) > len(FORMATS) / 2
    assert {path.name for path in (tmp_path / "scrubbed").iterdir()} >= {"report.html", "log.html", "evidence.har"}
    assert spilt(tmp_path / "scrubbed", [*CANARIES, *ids]) == {}
    assert verdicts(scrubbed) == verdicts(plain)


def test_a_scrubbed_recording_keeps_its_structure_and_replays(tmp_path: Path):
    tenant, _ = with_canaries()
    original = asked(tenant, tmp_path, scrub=True)
    lists = [each for each in original.exchanges if each.ok and "phoneNumbers" in each.answered.body]
    person = next(r for each in lists for r in each.resources if r["id"].startswith("scrubbed-"))
    assert USER in person["schemas"]
    assert person["emails"][0]["type"] == "work"
    assert person["emails"][0]["value"].endswith("@scrubbed.invalid")
    assert person["meta"]["location"].endswith(f"/Users/{person['id']}")
    again = judged(Replay(read(tmp_path / "evidence.har"), Settings(output=str(tmp_path / "again"))))
    assert verdicts(again) == verdicts(original)


def test_a_recording_can_be_scrubbed_afterwards(tmp_path: Path):
    tenant, ids = with_canaries()
    asked(tenant, tmp_path / "plain", scrub=False)
    recording = read(tmp_path / "plain" / "evidence.har")
    judged(Replay(recording, Settings(output=str(tmp_path / "clean"), report=FORMATS, scrub=True)))
    assert spilt(tmp_path / "clean", [*CANARIES, *ids]) == {}


def test_plain_pytest_and_rehearsals_scrub_what_they_print(tmp_path: Path):
    tenant, ids = with_canaries()
    with running(tenant) as url:
        pytest_ = [sys.executable, "-m", "pytest", "--pyargs", "conformance.checks", "-rA", "-vv", "--showlocals"]
        commands = (
            [*pytest_, "--tenant-url", url, "--scim-scrub", "--scim-output", "pytest", "--scim-effort", "quick"],
            [COMMAND, "rehearse", url, "--profile", "okta", "--users", "3", "--scrub", "--output", "okta"],
        )
        for number, command in enumerate(commands):
            done = finished(command=command, folder=tmp_path, seconds=300)
            assert done.returncode in {0, 1}, done.stderr
            (tmp_path / f"said-{number}.txt").write_text(done.stdout + done.stderr)
    assert spilt(tmp_path, [*CANARIES, *ids]) == {}


class Chatty(BaseHTTPRequestHandler):
    """Finds people whoever is looked for; where groups are looked for, it answers what ``groups`` makes of that."""

    groups: Callable[[str], tuple[int, str]]

    def do_GET(self) -> None:
        person = {"userName": NAME, "id": "7", "name": {"familyName": FAMILY}, "emails": [{"value": MAIL}]}
        found = json.dumps({"Resources": [person], "totalResults": 1})
        status, body = (200, found) if "/Users" in self.path else self.groups(found)
        self.send_response(status)
        self.send_header("Content-Type", "application/scim+json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.mark.parametrize("more", [(), ("--json",)])
@pytest.mark.parametrize("groups", [lambda _: (500, f"{NAME}: ask {UNSEEN}"), lambda found: (200, found[:-5])])
def test_test_connection_tells_nothing_of_others(
    groups: Callable[[str], tuple[int, str]], more: tuple[str, ...], tmp_path: Path
):
    handler = type("Handler", (Chatty,), {"groups": staticmethod(groups)})
    with listening(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as origin:
        options = ("test-connection", f"http://{origin}/scim/v2", *more)
        plain, scrubbed = (finished(*options, *scrub, folder=tmp_path) for scrub in ((), ("--scrub",)))
    assert NAME in plain.stdout
    (tmp_path / "said.txt").write_text(scrubbed.stdout + scrubbed.stderr)
    assert spilt(tmp_path, list(CANARIES)) == {}
    assert plain.returncode == scrubbed.returncode == 1
    assert scrubbed.stdout.count("somebody who cannot exist was found 1 times") == 1


@pytest.mark.parametrize("place", ["run.Run.open", "hooks.explained"])
def test_a_crash_tells_nothing_of_others(place: str, tmp_path: Path):
    """One crash ends the command, the other is among the errors of the suite."""
    code = (
        "import conformance.cli, conformance.hooks as hooks, conformance.run as run\n"
        f"def fail(*_): raise RuntimeError('cannot read {MAIL}')\n"
        f"{place} = fail\n"
        "conformance.cli.main()\n"
    )
    tenant, ids = with_canaries()
    with running(tenant) as url:
        command = (sys.executable, "-c", code, "run", url, "--scrub", "-k", "test_create", "--output", "out")
        done = finished(command=command, folder=tmp_path, SCIM_TOKEN=TOKEN, TMPDIR=str(tmp_path))
    assert done.returncode == 4, done.stderr
    (tmp_path / "said.txt").write_text(done.stdout + done.stderr)
    traces = [text for name, text in texts(tmp_path) if "raise RuntimeError" in text or "in fail" in text]
    assert traces, "what went wrong is told nowhere"
    assert spilt(tmp_path, [*CANARIES, *ids]) == {}
