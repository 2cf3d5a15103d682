"""The same traffic as a Locust user, with two workers: it needs the extra ``load`` and is skipped without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from conformance.reference.serve import running
from conformance.reference.tenant import ReferenceTenant

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed: tox -e load")


def locust(folder: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "locustfile.py").write_text("from conformance.load import Provisioning\n", encoding="utf-8")
    command = [sys.executable, "-m", "locust", "--headless", "--host", url, "-u", "8", "-r", "8", "-t", "6s", *options]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SCIM_")} | {"SCIM_TOKEN": "t"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("options", [(), ("--processes", "2")])
def test_users_send_a_request_a_second_each_and_clean_up(tmp_path: Path, options: tuple[str, ...]):
    tenant = ReferenceTenant(token="t")
    with running(tenant) as url:
        done = locust(tmp_path, url, "--json", *options)
        assert (tenant.store.all("User"), tenant.store.all("Group")) == ([], [])
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout[done.stdout.index("[\n") :])
    assert sum(each["num_failures"] for each in figures) == 0
    assert 20 <= sum(each["num_requests"] for each in figures) <= 60
    assert "0 resources are left behind" in done.stdout + done.stderr


def test_a_tenant_that_refuses_the_credentials_ends_it(tmp_path: Path):
    with running(ReferenceTenant(token="another")) as url:
        done = locust(tmp_path, url)
    assert done.returncode == 2
    assert "refuses the credentials" in done.stdout + done.stderr
