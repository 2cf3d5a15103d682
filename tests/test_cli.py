"""The installed command, as its users meet it: exit status, one line for each mistake, no secrets, no remains."""

from __future__ import annotations

import base64
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx
import pytest
from listening import listening

from conformance.cli.run import interrupt, interruptible
from conformance.config import Settings
from conformance.reference.serve import running
from conformance.reference.tenant import ReferenceTenant
from conformance.run import Run
from conformance.tenant.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMAND = str(Path(sys.executable).with_name("scim-conformance"))
CERTIFICATE = Path(__file__).parent / "data" / "localhost.pem"
TOKEN = "canary-T0ken-9f3b"
A_FEW = ("-k", "test_create_answers_201")


def start(*arguments: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith(("SCIM_", "PYTEST_", "COV"))}
    return subprocess.Popen(
        [COMMAND, *arguments],
        cwd=folder,
        env=surroundings | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(*arguments: str, folder: Path, **environment: str) -> tuple[int, str, str]:
    """Run the command; return its exit status, its output and its errors, neither of which holds the token."""
    process = start(*arguments, folder=folder, **environment)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err
    if "clean" not in arguments[0]:
        assert TOKEN not in out + err
    return process.returncode, out, err


def complaint(code: int, *arguments: str, folder: Path, **environment: str) -> str:
    """Run a command that is to fail with a status and one line of complaint; return that line."""
    status, _, err = command(*arguments, folder=folder, **environment)
    assert (status, len(err.splitlines())) == (code, 1), err
    return err.strip()


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None], *, tls: bool = False) -> Iterator[str]:
    """Serve ``answer`` for every GET on a loopback port; yield a Tenant URL."""
    handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    with listening(server) as origin:
        yield f"http{'s' if tls else ''}://{origin}/scim"


def replying(status: int, body: str = "", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content_Type": "application/scim+json"} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body.encode())

    return answer


class Front:
    """The reference tenant behind another way to sign in; keeps what was asked. ``accepts`` judges Authorization."""

    def __init__(self, accepts: Callable[[str], bool], broken: bytes = b"") -> None:
        self.tenant = ReferenceTenant(token=TOKEN)
        self.asked: list[tuple[str, str]] = []
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._accepts, self._broken = accepts, broken

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name.lower(): value for name, value in scope["headers"]}
        given = headers.get(b"authorization", b"").decode()
        if scope["path"] == "/token":
            form = (await receive())["body"].decode()
            self.forms.append((given, parse_qs(form)))
            await answer_json(send, {"access_token": "issued-" + TOKEN, "expires_in": 3600})
            return
        self.asked.append((scope["path"], scope["query_string"].decode()))
        if self._broken and scope["method"] == "POST":
            await answer_with(send, 500, self._broken, b"text/html")
            return
        token = f"Bearer {TOKEN}" if self._accepts(given) else "Bearer none"
        kept = [pair for pair in scope["headers"] if pair[0].lower() != b"authorization"]
        await self.tenant({**scope, "headers": [*kept, (b"authorization", token.encode())]}, receive, send)

    def close(self) -> None:
        self.tenant.close()


async def answer_json(send: Any, data: dict[str, Any]) -> None:
    await answer_with(send, 200, json.dumps(data).encode(), b"application/json")


async def answer_with(send: Any, status: int, body: bytes, media_type: bytes) -> None:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def fronted(accepts: Callable[[str], bool], **options: Any) -> Iterator[tuple[Front, str]]:
    front = Front(accepts, **options)
    with running(front) as url:  # type: ignore[arg-type] - any ASGI application with a close() will do
        yield front, url


@pytest.fixture(scope="module")
def tenant() -> Iterator[str]:
    with running(ReferenceTenant(token=TOKEN)) as url:
        yield url


def everything_in(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


# --- mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [" ", "example.com/scim", "http://a..b/", "https://user:pass@example.com/"])
def test_a_tenant_url_that_is_none_is_wrong_usage(tmp_path: Path, url: str):
    assert "Tenant URL" in complaint(2, "run", url, "--token", TOKEN, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--profile", "entrra"), "did you mean “entra”?"),
        (("--feature", "filtr"), "did you mean “filter”?"),
        (("--level", "always"), "must, should, may"),
        (("--token-file", "absent"), "absent"),
        (("--tokne", "x"), "--token"),
        (("--concurrency", "many"), "--concurrency"),
    ],
)
def test_wrong_options_are_told_with_the_nearest_right_one(tmp_path: Path, arguments: tuple[str, ...], said: str):
    assert said in complaint(2, "run", "http://127.0.0.1:1/", *arguments, folder=tmp_path)


def test_an_unknown_key_in_the_file_is_told_with_the_nearest_one(tmp_path: Path):
    (tmp_path / "scim-conformance.toml").write_text("concurency = 2")
    assert "did you mean “concurrency”?" in complaint(2, "run", folder=tmp_path)


def test_what_does_not_fit_the_tenant_is_wrong_usage(tmp_path: Path, tenant: str):
    at_tenant = ("run", tenant, "--token", TOKEN)
    assert "did you mean “User”?" in complaint(2, *at_tenant, "--resource-type", "Usr", folder=tmp_path)
    assert "no check is selected" in complaint(2, *at_tenant, "-k", "no_such_check", folder=tmp_path)
    assert "'-k'" in complaint(2, *at_tenant, "-k", "create and", folder=tmp_path)
    (tmp_path / "file").write_text("in the way")
    assert "output folder" in complaint(2, *at_tenant, "--output", "file/below", folder=tmp_path)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (replying(401, "{}"), "refuses the credentials (401"),
        (replying(403, "<h1>no</h1>", Content_Type="text/html"), "refuses access (403"),
        (replying(200, "<html>welcome</html>", Content_Type="text/html"), "web page instead of SCIM"),
        (replying(404, "<h1>lost</h1>", Content_Type="text/html"), "check the path"),
        (replying(404, '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"]}'), "check the path"),
        (replying(200, '{"hello": 1}'), "check the path"),
        (replying(302, Location="https://login.example.com/"), "redirects to https://login.example.com/"),
        (replying(503, "{}"), "answers 503"),
        (lambda handler: time.sleep(1), "does not answer in time"),
    ],
    ids=["401", "403", "page", "404 page", "404 scim", "other json", "login", "503", "silent"],
)  # fmt: skip
def test_a_server_that_is_no_tenant_for_us(tmp_path: Path, answer: Callable[..., None], said: str):
    with serving(answer) as url:
        line = complaint(3, "run", url, "--token", TOKEN, "--timeout", "0.5", folder=tmp_path)
    assert said in line
    assert list(tmp_path.iterdir()) == []


def test_a_port_or_host_where_nobody_is(tmp_path: Path):
    assert "nothing listens there" in complaint(3, "run", "http://127.0.0.1:1/scim", folder=tmp_path)
    assert "cannot be resolved" in complaint(3, "run", "http://no-such-host.invalid/scim", folder=tmp_path)


def test_a_wrong_token_is_told_as_one(tmp_path: Path, tenant: str):
    assert "check the Secret Token" in complaint(3, "run", tenant, "--token", "wrong-" + TOKEN[::-1], folder=tmp_path)


def test_tls_mistakes_are_told_as_such(tmp_path: Path):
    with serving(replying(401, "{}")) as plain:
        assert "does not speak TLS" in complaint(3, "run", plain.replace("http:", "https:"), folder=tmp_path)
    with serving(replying(401, "{}"), tls=True) as url:
        assert "should start with https://" in complaint(3, "run", url.replace("https:", "http:"), folder=tmp_path)
        assert "--ca-file" in complaint(3, "run", url, folder=tmp_path)
        assert "401" in complaint(3, "run", url, "--ca-file", str(CERTIFICATE), folder=tmp_path)


# --- runs ---------------------------------------------------------------------------------------------------------


def test_a_run_without_a_tenant_url_judges_the_embedded_tenant_whatever_pytest_is_told_around_it(tmp_path: Path):
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('imported')")
    around = {"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no_such_plugin"}
    status, out, err = command("run", *A_FEW, folder=tmp_path, **around)
    assert "embedded reference tenant" in out.splitlines()[0]
    assert (status, err) == (0, "")
    assert "Conformant" in out
    assert "test session starts" not in out
    written = {path.name for path in (tmp_path / "reports" / "latest").iterdir()}
    assert written == {"report.html", "report.json", "log.html", "junit.xml", "evidence.har", "ledger.jsonl"}
    assert {path.name for path in tmp_path.iterdir()} == {"pytest.ini", "conftest.py", "reports"}


def test_a_broken_tenant_is_not_conformant_and_its_words_stay_text(tmp_path: Path):
    hostile = "</td><script>alert(1)</script>\x1b[2J\u202e" + TOKEN
    with fronted(lambda _: True, broken=hostile.encode()) as (_, url):
        status, out, _ = command("run", url, "--token", TOKEN, *A_FEW, "--output", "out", folder=tmp_path)
    assert status == 1
    assert "Not conformant" in out
    written = everything_in(tmp_path)
    assert TOKEN not in written
    assert "[redacted]" in written
    for name in ("report.html", "log.html", "junit.xml"):
        text = (tmp_path / "out" / name).read_text("utf-8")
        assert "<script>alert(1)" not in text
        assert not {"\x1b", "\u202e"} & set(text)
    # pytest-html hands the rows to its script as data, and the script to the page as markup.
    assert "</td><script>" not in rows_of((tmp_path / "out" / "log.html").read_text("utf-8"))


def rows_of(page: str) -> str:
    data = page.partition('data-jsonblob="')[2].partition('"')[0]
    for name, letter in (("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&amp;", "&")):
        data = data.replace(name, letter)
    return json.dumps(json.loads(data))


@contextmanager
def opened(url: str, **settings: Any) -> Iterator[Run]:
    """Connect and discover as the command does, in this process."""
    run = Run(Settings(tenant_url=url, **settings))
    run.open()
    yield run
    run.close()


def test_the_query_of_the_tenant_url_is_on_every_request_and_never_in_a_path():
    with (
        fronted(lambda given: given == f"Bearer {TOKEN}") as (front, url),
        opened(f"{url}?aadOptscim062020&x=1", token=TOKEN) as run,
    ):
        run.client.send("GET", "/Users", params={"count": 1})
    assert len(front.asked) > 4
    assert all(query.startswith("aadOptscim062020&x=1") for _, query in front.asked)
    assert not [path for path, _ in front.asked if "aadOptscim" in path]


def test_basic_authentication():
    expected = "Basic " + base64.b64encode(b"admin:pass-word").decode()
    with (
        fronted(lambda given: given == expected) as (_, url),
        opened(url, username="admin", password="pass-word") as run,
    ):
        recorded = json.dumps([exchange.to_dict() for exchange in run.client.exchanges])
    assert "pass-word" not in recorded
    assert expected.partition(" ")[2] not in recorded


@pytest.mark.parametrize("place", ["header", "body"])
def test_oauth_client_credentials(place: str):
    with fronted(lambda given: given == f"Bearer issued-{TOKEN}") as (front, url):
        oauth = {"oauth_token_url": url.replace("/scim/v2", "/token"), "client_id": "me", "scope": "scim"}
        with opened(url, client_secret="client-secret", client_auth=place, **oauth) as run:
            recorded = json.dumps([exchange.to_dict() for exchange in run.client.exchanges])
    ((given, form),) = front.forms
    assert form["grant_type"] + form["scope"] == ["client_credentials", "scim"]
    in_body = {"client_id": ["me"], "client_secret": ["client-secret"]}
    assert (given.startswith("Basic "), form.items() >= in_body.items()) == (place == "header", place == "body")
    assert "issued-" not in recorded


def test_nothing_is_looked_for_in_the_environment_while_requests_are_sent(monkeypatch: pytest.MonkeyPatch):
    with fronted(lambda given: given == f"Bearer issued-{TOKEN}") as (front, url):
        run = Run(Settings(tenant_url=url, oauth_token_url=url.replace("/scim/v2", "/token"), client_id="me"))
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", "")
        run.open()
        run.close()
    assert len(front.forms) == 1


def test_a_token_endpoint_that_refuses_is_told_as_such(tmp_path: Path, tenant: str):
    options = ("--oauth-token-url", tenant + "/token", "--client-id", "me", "--client-secret", "wrong")
    assert "the token endpoint" in complaint(3, "run", tenant, *options, folder=tmp_path)


# --- interruption and clean-up ------------------------------------------------------------------------------------


def until_created(ledger: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        if ledger.is_file() and '"created"' in ledger.read_text("utf-8"):
            return
        time.sleep(0.01)
    pytest.fail("the run created nothing to interrupt")


def people(url: str) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return sum(httpx.get(f"{url}/{kind}", headers=headers).json()["totalResults"] for kind in ("Users", "Groups"))


def test_an_interrupt_waits_until_python_does_not_hold_its_import_lock():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    importing = SimpleNamespace(f_code=SimpleNamespace(co_filename="<frozen importlib._bootstrap>"))
    interruptible()
    try:
        interrupt(signal.SIGINT, importing)
        with pytest.raises(KeyboardInterrupt):
            time.sleep(10)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_an_interrupted_run_cleans_up(tmp_path: Path):
    with running(ReferenceTenant(token=TOKEN, latency=0.02)) as url:
        process = start("run", url, "--output", "out", folder=tmp_path, SCIM_TOKEN=TOKEN)
        until_created(tmp_path / "out" / "ledger.jsonl", process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, people(url)) == (130, 0)
    assert "interrupted" in err
    assert "Traceback" not in err


def test_a_killed_run_is_cleaned_up_after(tmp_path: Path):
    with running(ReferenceTenant(token=TOKEN, latency=0.02)) as url:
        process = start("run", url, "--output", "out", folder=tmp_path, SCIM_TOKEN=TOKEN)
        until_created(tmp_path / "out" / "ledger.jsonl", process)
        process.kill()
        process.communicate(timeout=30)
        assert people(url) > 0
        assert "not" in complaint(2, "clean-up", "out", "http://127.0.0.1:1/other", folder=tmp_path, SCIM_TOKEN=TOKEN)
        status, out, _ = command("clean-up", "out", url, folder=tmp_path, SCIM_TOKEN=TOKEN)
        assert (status, people(url)) == (0, 0), out
        status, out, _ = command("clean-up", "out", folder=tmp_path, SCIM_TOKEN=TOKEN)
        assert (status, out) == (0, "0 resources deleted, 0 left\n")


def test_clean_up_finds_what_was_created_without_an_answer_and_nothing_else(tmp_path: Path, tenant: str):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
    for name in ("conf-1234.lost", "conf-1234.stranger"):
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name}
        assert httpx.post(f"{tenant}/Users", headers=headers, json=body).status_code == 201
    ledger = Ledger()
    ledger.keep(tmp_path / "ledger.jsonl", tenant, "conf-1234")
    ledger.intend("/Users", "conf-1234.lost")
    ledger.intend("/Users", "conf-1234.never")
    ledger.close()
    status, out, _ = command("clean-up", ".", folder=tmp_path, SCIM_TOKEN=TOKEN)
    assert (status, out) == (0, "1 resources deleted, 0 left\n")
    left = httpx.get(f"{tenant}/Users", headers=headers).json()["Resources"]
    assert [user["userName"] for user in left] == ["conf-1234.stranger"]


@pytest.mark.parametrize("option", ["--seed-users", "--latency", "--limit"])
def test_nothing_less_than_none_can_be_served(tmp_path: Path, option: str):
    assert option in complaint(2, "serve", "--port", "0", option, "-1", folder=tmp_path)


def test_clean_up_says_what_it_could_not_remove(tmp_path: Path):
    def answer(handler: BaseHTTPRequestHandler) -> None:
        replying(200, '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]}')(handler)

    with serving(answer) as url:
        ledger = Ledger()
        ledger.keep(tmp_path / "ledger.jsonl", url, "conf-1234")
        ledger.created("/Users/1")
        ledger.close()
        status, out, _ = command("clean-up", ".", folder=tmp_path)
    assert status == 1
    assert "/Users/1: DELETE answers 501" in out
    assert "cannot be read" in complaint(2, "clean-up", "absent", folder=tmp_path)
    assert "no folder absent" in complaint(2, "clean-up", "absent", "--all", folder=tmp_path)
    (tmp_path / "notes.txt").write_text("no ledger")
    assert "holds no ledger" in complaint(2, "clean-up", "notes.txt", folder=tmp_path)


# --- the catalogue ------------------------------------------------------------------------------------------------


def test_requirements_are_listed_by_feature_and_level(tmp_path: Path):
    _, out, _ = command("requirements", "--feature", "sort", "--level", "should", "--json", folder=tmp_path)
    listed = json.loads(out)
    assert {(r["feature"], r["level"]) for r in listed} == {("sort", "SHOULD")}
    _, out, _ = command("requirements", "--feature", "sort", "--level", "SHOULD", folder=tmp_path)
    assert [line.split()[0] for line in out.splitlines()] == [r["id"] for r in listed]
    assert "did you mean “sort”?" in complaint(2, "requirements", "--feature", "sorts", folder=tmp_path)


def test_a_requirement_is_explained_with_its_checks(tmp_path: Path):
    status, out, _ = command("explain", "rfc7644-3.3-08", folder=tmp_path)
    assert status == 0
    for part in ("RFC7644-3.3-08", "Why it matters", "How to fix", "rfc-editor.org", "test_create.py::"):
        assert part in out
    assert "did you mean" in complaint(2, "explain", "RFC7644-3.3-080", folder=tmp_path)


def test_profiles_are_listed_and_shown(tmp_path: Path):
    assert "entra" in command("profiles", folder=tmp_path)[1]
    assert "userName" in command("profiles", "entra", folder=tmp_path)[1]
    assert "did you mean “okta”?" in complaint(2, "profiles", "octa", folder=tmp_path)


def test_the_reference_tenant_is_served_until_it_is_interrupted(tmp_path: Path):
    process = start("serve", "--port", "0", "--without", "bulk", "--seed-users", "3", folder=tmp_path)
    assert process.stdout
    url, token = (process.stdout.readline().split()[-1] for _ in range(2))
    config = httpx.get(f"{url}/ServiceProviderConfig", headers={"Authorization": f"Bearer {token}"}).json()
    listed = httpx.get(f"{url}/Users", headers={"Authorization": f"Bearer {token}"}).json()
    assert (config["bulk"]["supported"], listed["totalResults"]) == (False, 3)
    process.send_signal(signal.SIGINT)
    assert (process.communicate(timeout=10)[1], process.returncode) == ("", 0)
    assert "did you mean “bulk”?" in complaint(2, "serve", "--without", "bluk", folder=tmp_path)


def test_the_command_starts_without_delay(tmp_path: Path):
    code = "import sys, conformance.cli; print(*({'httpx', 'pytest', 'jinja2', 'faker', 'rich'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert loaded.stdout.strip() == ""
