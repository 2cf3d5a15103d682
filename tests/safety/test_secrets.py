"""No secret reaches anything that a run leaves behind, prints, or lets others see, however the server echoes it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from commands import COMMAND, finished
from listening import listening
from people import TOKEN as INNER, inhabited

from conformance.reference.faults.registry import find_fault
from conformance.reference.in_process import InProcess
from conformance.reference.serve import running
from conformance.reference.tenant import ReferenceTenant

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN, PASSWORD, SECRET, ISSUED = (f'canary/{kind}+K3y="&é' if kind == "pass" else f"canary/{kind}+K3y=:9" for kind in
                                   ("token", "pass", "client", "issued"))  # fmt: skip
WAYS = {
    "token": ((), {"SCIM_TOKEN": TOKEN}, [TOKEN]),
    "password": (("--username", "ann"), {"SCIM_PASSWORD": PASSWORD}, [PASSWORD]),
    "oauth": (
        ("--oauth-token-url", "{origin}/token", "--client-id", "me"),
        {"SCIM_CLIENT_SECRET": SECRET},
        [SECRET, ISSUED],
    ),
    "header": (("--header", f"X-Api-Key: {TOKEN}"), {}, [TOKEN]),
    "file": (("--token-file", "{file}"), {}, [TOKEN]),
}
# What others on the machine can see (proc(5)): arguments at any time; the environment for those who may.
SHOWN = {"header": (), "file": ("cmdline", "environ")}


def forms(secret: str) -> set[str]:
    plain = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        base64.b64encode(plain).decode().rstrip("="),
        base64.urlsafe_b64encode(plain).decode().rstrip("="),
        base64.b64encode(b"ann:" + plain).decode().rstrip("="),
        base64.b64encode(b"me:" + plain).decode().rstrip("="),
        secret.replace("/", "\\/"),
        secret.replace("&", "&amp;").replace('"', "&quot;"),
        secret.replace("&", "&amp;").replace('"', "&#34;"),
    }


class Echo(BaseHTTPRequestHandler):
    """The reference tenant, which gives away whatever it is told in headers, bodies, redirects and error pages."""

    tenant: InProcess
    secrets: list[str]
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/token":
            self.reply(200, json.dumps({"access_token": ISSUED, "expires_in": 3600}).encode(), {})
            return
        if self.path == "/refusing":
            self.reply(401, json.dumps({"error": content.decode(), "error_description": SECRET}).encode(), {})
            return
        headers = {"Authorization": f"Bearer {INNER}", "Content-Type": self.headers.get("Content-Type", "")}
        inner = httpx.Request(self.command, f"http://127.0.0.1{self.path}", headers=headers, content=content)
        honest = self.tenant.handle_request(inner)
        honest.read()
        known = [self.headers.get(name, "") for name in ("Authorization", "X-Api-Key")]
        words = " ".join(form for secret in self.secrets for form in sorted(forms(secret)))
        echo = f"{' '.join(known)} {words}".encode().decode("latin-1")
        own = {name: value for name, value in honest.headers.items() if name != "content-length"}
        own |= {
            "X-Echo": echo,
            "Location": own.get("location", f"http://127.0.0.1/?token={quote(self.secrets[0], safe='')}"),
        }
        if self.command == "PUT":
            self.reply(302, echo.encode("latin-1"), own | {"Location": f"/?{quote(self.secrets[0], safe='')}"})
            return
        if self.path.count("/") > 3 and self.command == "GET":
            self.reply(500, f"<h1>500</h1>{echo}".encode(), own)
            return
        try:
            document = json.loads(honest.content)
        except ValueError:
            self.reply(honest.status_code, honest.content, own)
            return
        if isinstance(document, dict):
            document |= {"echo": echo, "detail": echo, "displayName": f"x {self.secrets[0]}", "nickName": known}
        self.reply(honest.status_code, json.dumps(document).encode(), own)

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() != "server":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status not in {204, 304}:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@contextmanager
def echoing(secrets: list[str]) -> Iterator[str]:
    handler = type("Handler", (Echo,), {"tenant": InProcess(inhabited(5, 1)), "secrets": secrets})
    with listening(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as origin:
        yield f"http://{origin}"


def family(process: int) -> Iterator[int]:
    """Yield a process and those that it has started."""
    yield process
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        for child in file.read_text().split():
            yield from family(int(child))


@contextmanager
def watched(process: subprocess.Popen[str], names: tuple[str, ...]) -> Iterator[set[bytes]]:
    """Collect what the process list shows of a process and of its children, again and again."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            with suppress(OSError):  # one has just ended
                seen.update(Path(f"/proc/{each}/{name}").read_bytes() for each in family(process.pid) for name in names)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def leaks(data: bytes, secrets: list[str]) -> list[str]:
    """Return every form of every secret in some bytes."""
    text = data.decode("utf-8", "replace")
    return [form for secret in secrets for form in forms(secret) if form.lower() in text.lower()]


def look_everywhere(folder: Path, said: str, secrets: list[str]) -> None:
    found = {"the terminal": leaks(said.encode(), secrets)}
    found |= {str(path): leaks(path.read_bytes(), secrets) for path in folder.rglob("*") if path.is_file()}
    assert {place: forms for place, forms in found.items() if forms} == {}


@pytest.mark.parametrize("way", WAYS)
def test_a_run_leaks_nothing(way: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory):
    options, environment, secrets = WAYS[way]
    file = tmp_path_factory.mktemp("secret") / "token"
    file.write_text(TOKEN)
    with echoing(secrets) as origin:
        told = [option.replace("{origin}", origin).replace("{file}", str(file)) for option in options]
        process = subprocess.Popen(
            [COMMAND, "run", f"{origin}/scim/v2", *told, "--effort", "quick", "--report", "html,json,junit,md,har"],
            cwd=tmp_path,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        with watched(process, SHOWN.get(way, ("cmdline",))) as seen:
            said, _ = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert seen or way == "header"
    assert leaks(b"\n".join(seen), secrets) == []
    look_everywhere(tmp_path, said, secrets)
    assert (tmp_path / "reports" / "latest" / "evidence.har").read_text().count("[redacted]") > 10


def test_a_token_endpoint_that_refuses_leaks_nothing(tmp_path: Path):
    with echoing([SECRET]) as origin:
        told = ["--oauth-token-url", f"{origin}/refusing", "--client-id", "me", "--client-auth", "body"]
        process = finished("run", f"{origin}/scim/v2", *told, folder=tmp_path, SCIM_CLIENT_SECRET=SECRET)
    said = process.stdout + process.stderr
    assert process.returncode == 3, said
    look_everywhere(tmp_path, said, [SECRET])


def test_what_generated_questions_remember_leaks_nothing(tmp_path: Path):
    tenant = ReferenceTenant(token=TOKEN, seed_users=3)
    find_fault("or-before-and").plant(tenant)
    with running(tenant) as url:
        options = ("--effort", "thorough", "--seed", "s", "-k", "any_filter and User")
        process = finished("run", url, *options, folder=tmp_path, seconds=300, SCIM_TOKEN=TOKEN)
    said = process.stdout + process.stderr
    assert process.returncode == 1, said
    assert not (tmp_path / ".hypothesis" / "examples").exists()
    assert any(path.is_file() for path in (tmp_path / "reports" / "examples").rglob("*"))
    look_everywhere(tmp_path, said, [TOKEN])


@pytest.mark.parametrize(
    "more",
    [
        ("-vvv", "-l", "--showlocals", "--tb=long"),
        ("--tb=native", "-rA", "--capture=no"),
        ("-n", "2", "-vv", "--showlocals"),
    ],
)
def test_plain_pytest_leaks_nothing(more: tuple[str, ...], tmp_path: Path):
    arguments = [
        "--pyargs",
        "conformance.checks",
        "--scim-output",
        "out",
        "--junitxml",
        "junit.xml",
        "--html",
        "log.html",
    ]
    with echoing([TOKEN]) as origin:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *arguments, *more, "--scim-effort", "quick"],
            cwd=tmp_path,
            env={**os.environ, "SCIM_TENANT_URL": f"{origin}/scim/v2", "SCIM_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        with watched(process, ("cmdline",)) as seen:
            said, _ = process.communicate(timeout=200)
    assert "failed" in said
    assert leaks(b"\n".join(seen), [TOKEN]) == []
    look_everywhere(tmp_path, said, [TOKEN])


def test_a_crash_leaks_nothing(tmp_path: Path):
    code = (
        "import conformance.run as run, conformance.cli as cli\n"
        "def fail(self, *_): raise RuntimeError('broken: ' + self.settings.token)\n"
        "run.Run.open = fail\n"
        "cli.main()\n"
    )
    command = (sys.executable, "-c", code, "run", "http://127.0.0.1:1/")
    process = finished(command=command, folder=tmp_path, SCIM_TOKEN=TOKEN, TMPDIR=str(tmp_path))
    assert process.returncode == 4
    assert "the suite itself failed" in process.stderr
    assert list(tmp_path.glob("scim-conformance-*.txt"))
    look_everywhere(tmp_path, process.stdout + process.stderr, [TOKEN])
