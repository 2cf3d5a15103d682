"""An application of the user's own as the target, from the command line and among the user's own tests."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from test_cli import TOKEN, command, complaint

if TYPE_CHECKING:
    from pathlib import Path

A_FEW = ("-k", "test_create_answers_201", "--resource-type", "User")
SHOP = f"""
from http import HTTPStatus

import httpx

from conformance.reference.in_process import InProcess
from conformance.reference.tenant import ReferenceTenant

app = ReferenceTenant(token="{TOKEN}")
other = object()
_answers = InProcess(ReferenceTenant(token="{TOKEN}"))


def create_app(name="shop"):
    return app


def wsgi(environ, start_response):
    headers = {{name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}}
    headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
    url = f"http://{{environ['HTTP_HOST']}}{{environ['PATH_INFO']}}?{{environ['QUERY_STRING']}}"
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    answer = _answers.handle_request(httpx.Request(environ["REQUEST_METHOD"], url, headers=headers, content=body))
    start_response(f"{{answer.status_code}} {{HTTPStatus(answer.status_code).phrase}}", list(answer.headers.items()))
    return [answer.read()]


async def unready(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({{"type": "lifespan.startup.failed", "message": "no database"}})
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with applications in a module."""
    (tmp_path / "shop.py").write_text(SHOP)
    return tmp_path


def own_tests(project: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run pytest in the project, as its owner would."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=project,
        env={"SCIM_TOKEN": TOKEN, "PATH": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert TOKEN not in done.stdout
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("app", ["shop:app", "shop:create_app", "shop:wsgi"])
def test_an_application_is_judged_as_a_tenant(project: Path, app: str):
    asked = ("run", "--app", app, "--base-path", "/scim/v2", *A_FEW, "--output", "out")
    status, out, _ = command(*asked, folder=project, SCIM_TOKEN=TOKEN)
    assert status == 0, out
    report = json.loads((project / "out" / "report.json").read_text("utf-8"))
    assert report["tenant"].startswith("http://127.0.0.1:")
    assert report["tenant"].endswith("/scim/v2")


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("shop", "package.module:app"),
        ("shops:app", "cannot be imported: ModuleNotFoundError: No module named 'shops'"),
        ("shop:apps", "has no attribute 'apps'"),
        ("shop:other", "no ASGI or WSGI application"),
        ("broken:app", "cannot be imported: RuntimeError: no settings"),
        ("gone:app", "cannot be imported: SystemExit"),
    ],
)
def test_an_application_that_is_none_is_wrong_usage(project: Path, app: str, said: str):
    (project / "broken.py").write_text("raise RuntimeError('no settings')")
    (project / "gone.py").write_text("raise SystemExit(1)")
    assert said in complaint(2, "run", "--app", app, folder=project)


def test_an_application_that_does_not_start_is_told_as_such(project: Path):
    status, _, err = command("run", "--app", "shop:unready", folder=project)
    assert status == 2
    assert "the app shop:unready fails when it is started" in err.splitlines()[-1]


def test_a_tenant_url_and_an_application_are_one_too_many(project: Path):
    told = complaint(2, "run", "http://127.0.0.1:1/", "--app", "shop:app", folder=project)
    assert "not both" in told


def test_an_application_on_the_command_line_outranks_the_tenant_url_of_the_file(project: Path):
    (project / "scim-conformance.toml").write_text('tenant-url = "http://127.0.0.1:1/"')
    asked = ("run", "--app", "shop:app", "--base-path", "/scim/v2", *A_FEW)
    assert command(*asked, folder=project, SCIM_TOKEN=TOKEN)[0] == 0


def test_the_checks_run_among_the_projects_own_tests(project: Path):
    (project / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\ntestpaths = ["tests", "conformance.checks"]\n'
        'addopts = ["--pyargs", "--scim-app=shop:wsgi", "--scim-base-path=/scim/v2", "--scim-resource-type=User"]\n'
    )
    (project / "tests").mkdir()
    (project / "tests" / "test_shop.py").write_text("def test_shop():\n    assert True\n")
    status, told = own_tests(project, "-v", "-k", "test_shop or test_create_answers_201")
    assert status == 0, told
    assert "test_shop PASSED" in told
    assert "test_create_answers_201[User] PASSED" in told


def test_the_workers_of_xdist_share_one_application(project: Path):
    options = ("--scim-app", "shop:app", "--scim-base-path", "/scim/v2", "--scim-output", "out", "-n", "2")
    status, told = own_tests(project, "--pyargs", "conformance.checks", *options, "-k", "test_create_answers_201")
    assert status == 0, told
    exchanges = json.loads((project / "out" / "report.json").read_text("utf-8"))["exchanges"]
    assert len({exchange["request"]["url"].split("/")[2] for exchange in exchanges}) == 1


def test_other_tests_of_the_project_do_without_the_application(project: Path):
    (project / "test_shop.py").write_text("def test_shop():\n    assert True\n")
    assert own_tests(project, "test_shop.py", "--scim-app", "absent:app")[0] == 0
    status, told = own_tests(project, "--pyargs", "conformance.checks", "--scim-app", "absent:app")
    assert (status, "No module named 'absent'" in told) == (4, True)
