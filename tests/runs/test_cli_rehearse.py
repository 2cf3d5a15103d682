"""``scim-conformance rehearse`` as its users meet it: exit status, files, clean-up, dry run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.reference.faults.registry import find_fault
from conformance.reference.serve import running
from conformance.reference.tenant import ReferenceTenant

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = str(Path(sys.executable).with_name("scim-conformance"))
TOKEN = "canary-T0ken-77aa"
SMALL = ("--users", "2", "--groups", "1")


def start(folder: Path, *arguments: str, command: str = "rehearse") -> subprocess.Popen[str]:
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("SCIM_")} | {"SCIM_TOKEN": TOKEN}
    return subprocess.Popen(
        [COMMAND, command, *arguments],
        cwd=folder,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rehearse(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(folder, *arguments)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in out + err
    assert TOKEN not in out + err
    return process.returncode, out, err


@contextmanager
def tenant(*faults: str, latency: float = 0.0) -> Iterator[tuple[ReferenceTenant, str]]:
    served = ReferenceTenant(token=TOKEN, seed_users=2, latency=latency)
    for name in faults:
        find_fault(name).plant(served)
    with running(served) as url:
        yield served, url


def test_without_a_url_the_embedded_tenant_is_rehearsed(tmp_path: Path):
    code, out, _ = rehearse(tmp_path, *SMALL, "--output", "here", "--seed", "abc")
    assert code == 0
    assert "Entra can provision into this tenant" in out
    assert (tmp_path / "here" / "rehearsal.html").stat().st_size > 5_000
    report = json.loads((tmp_path / "here" / "rehearsal.json").read_text(encoding="utf-8"))
    assert (report["good"], report["seed"], report["source"]) == (True, "abc", {"users": 2, "groups": 1})


def test_differences_end_with_status_1_and_leave_nothing_behind(tmp_path: Path):
    with tenant("false-as-text-is-true") as (served, url):
        code, out, _ = rehearse(tmp_path, url, *SMALL, "--output", "here")
        assert len(served.store.all("User")) == 2
    assert code == 1
    assert "leavers keep their access" in out
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "here").iterdir()}
    assert files.keys() == {"ledger.jsonl", "rehearsal.html", "rehearsal.json"}
    assert not any(TOKEN in text for text in files.values())


def test_the_flag_of_the_dialect_goes_into_the_tenant_url(tmp_path: Path):
    code, out, _ = rehearse(tmp_path, *SMALL, "--dialect", "aadOptscim062020", "--dry-run")
    assert code == 0
    assert "/Users?aadOptscim062020&filter=" in out


def test_accounts_that_fall_out_of_scope_can_be_spared(tmp_path: Path):
    code, out, _ = rehearse(tmp_path, "--users", "8", "--groups", "1", "--skip-out-of-scope-deletions")
    assert code == 0
    assert "the account is left as it is (SkipOutOfScopeDeletions)" in out


def test_a_dry_run_prints_every_request_and_sends_none(tmp_path: Path):
    with tenant() as (served, url):
        seen: list[object] = []
        served.rules.finish = lambda request, response: seen.append(request) or response
        code, out, _ = rehearse(tmp_path, url, *SMALL, "--dry-run")
    assert (code, seen) == (0, [])
    assert next(line for line in out.splitlines() if line.startswith("POST ")) == f"POST {url}/Users"
    assert '"path": "active",\n      "value": "False"' in out
    assert "# Incremental cycle: leavers" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--profile", "sailpoint"), "cannot be rehearsed"),
        (("--dialect", "aadOptscim"), "did you mean “aadOptscim062020”"),
        (("--profile", "okta", "--dialect", "default"), "there is no dialect “default”"),
        (("--source", "nowhere.csv"), "nowhere.csv cannot be read"),
        (("--scoping-filter", "department IS"), "scoping filter"),
        (("--users", "0"), "--users"),
        (("--users", "100001"), "1<=x<=100000"),
        (("--deletion-threshold", "-1"), "--deletion-threshold"),
        (("--profile", "okta", "--skip-out-of-scope-deletions"), "a setting of Entra's"),
        (("--rate", "25", "--seconds", "2"), "a load is made with --load only"),
        (("--load", "--dry-run"), "do not go with it"),
        (("ftp://x",), "Tenant URL"),
        (("",), "the Tenant URL is empty"),
    ],
)
def test_wrong_usage_ends_with_status_2(tmp_path: Path, arguments: tuple[str, ...], expected: str):
    code, _, err = rehearse(tmp_path, *arguments)
    assert code == 2
    assert expected in err
    assert len(err.strip().splitlines()) == 1


def test_a_tenant_that_cannot_be_reached_ends_with_status_3(tmp_path: Path):
    code, _, err = rehearse(tmp_path, "http://127.0.0.1:9/scim")
    assert code == 3
    assert "cannot be reached" in err


@pytest.mark.parametrize(
    ("command", "latency", "made", "arguments"),
    [
        ("rehearse", 0.02, 10, ("--users", "60")),
        ("rehearse", 0.0, 10, ("--load", "--rate", "30")),
        ("checklist", 0.02, 4, ("--profile", "zscaler-private-access")),
    ],
    ids=["cycles", "load", "checklist"],
)
def test_an_interrupt_cleans_up(tmp_path: Path, command: str, latency: float, made: int, arguments: tuple[str, ...]):
    with tenant(latency=latency) as (served, url):
        process = start(tmp_path, url, *arguments, "--output", "here", command=command)
        while len(served.store.all("User")) < made:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert len(served.store.all("User")) == 2
    assert process.returncode == 130
    assert "nothing is left behind" in err
    assert not (tmp_path / "here" / "checklist.html").exists()


def test_a_load_is_reported_and_leaves_nothing_behind(tmp_path: Path):
    served = ReferenceTenant(token=TOKEN, limit=8)
    with running(served) as url:
        code, out, _ = rehearse(tmp_path, url, "--load", "--rate", "20", "--seconds", "2", "--output", "here")
        assert (served.store.all("User"), served.store.all("Group")) == ([], [])
    assert code == 1
    assert "The tenant does not sustain 20 requests a second: it served" in out
    report = json.loads((tmp_path / "here" / "rehearsal.json").read_text(encoding="utf-8"))
    assert (report["rate"], report["seconds"], report["good"]) == (20, 2, False)
    assert report["requests"]["count"] == 40
    assert report["timeline"]
    assert (tmp_path / "here" / "rehearsal.html").stat().st_size > 5_000
