"""Whenever and however a run or a rehearsal ends, clean-up leaves the tenant as it was.

``KILLS`` says at how many moments each is killed; the environment variable of that name sets another number.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from people import TOKEN, everybody, inhabited

from conformance.reference.serve import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.reference.tenant import ReferenceTenant

COMMAND = str(Path(sys.executable).with_name("scim-conformance"))
KILLS = int(os.environ.get("KILLS", "20"))
_LATENCY = 0.01
_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def start(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        environment = {**os.environ, "SCIM_TOKEN": TOKEN}
        return subprocess.Popen([COMMAND, *arguments], cwd=folder, env=environment, stdout=log, stderr=log)


@contextmanager
def tenant() -> Iterator[tuple[ReferenceTenant, str, dict[str, str]]]:
    there = inhabited(30, 3, latency=_LATENCY)
    before = everybody(there)
    with running(there) as url:
        yield there, url, before


def cleaned(folder: Path, url: str, *arguments: str) -> str:
    start("clean-up", "out", url, *arguments, folder=folder).wait(120)
    return (folder / "log").read_text()


def begun(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the ledger holds a create."""
    ledger = folder / "out" / "ledger.jsonl"
    while process.poll() is None and not (ledger.is_file() and b'"intent"' in ledger.read_bytes()):
        time.sleep(0.005)


@pytest.mark.parametrize("kind", ["run", "rehearse"])
@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_any_moment(kind: str, number: int, tmp_path: Path):
    chance = random.Random(f"{kind}{number}")
    with tenant() as (there, url, before):
        process = start(kind, url, "--output", "out", "--seed", "s", "--concurrency", "4", folder=tmp_path)
        begun(tmp_path, process)
        time.sleep(chance.uniform(0, 3))
        number_of_signals = chance.choice((1, 1, 2))
        for _ in range(number_of_signals):
            process.send_signal(chance.choice(_SIGNALS))
            time.sleep(chance.uniform(0, 0.3))
        process.wait(120)
        said = cleaned(tmp_path, url)
        assert everybody(there) == before, said
        assert "Traceback" not in said


def test_an_interrupt_finishes_the_clean_up_and_a_second_one_says_how_to_resume(tmp_path: Path):
    with tenant() as (there, url, before):
        process = start("run", url, "--output", "out", folder=tmp_path)
        begun(tmp_path, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert everybody(there) == before
    with tenant() as (there, url, before):
        there.latency = 0.5  # so that there is something left to clean up when the second one comes
        folder = tmp_path / "second"
        folder.mkdir()
        process = start("run", url, "--output", "out", folder=folder)
        begun(folder, process)
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 130
        assert "clean-up FOLDER" in (folder / "log").read_text()
        there.latency = 0
        cleaned(folder, url)
        assert everybody(there) == before


def test_a_full_disk_stops_creating_and_loses_nothing(tmp_path: Path):
    with tenant() as (there, url, before):
        # A limit on the size of files stands in for the disk: writing fails in the same place.
        limited = f"ulimit -f 8; exec {COMMAND} run {url} --output out"
        process = subprocess.run(
            ["bash", "-c", limited],
            cwd=tmp_path,
            env={**os.environ, "SCIM_TOKEN": TOKEN},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = process.stdout + process.stderr
        assert "Traceback" not in said
        assert process.returncode == 4, said
        assert "cannot be written" in said
        assert everybody(there) == before


def test_what_the_network_hides_is_found_later(tmp_path: Path):
    with tenant() as (there, url, before):
        process = start("run", url, "--output", "out", "--timeout", "1", folder=tmp_path)
        begun(tmp_path, process)
        time.sleep(0.5)
        there.latency = 3  # it acts, and answers when nobody listens any more
        process.wait(180)
        there.latency = 0
        said = cleaned(tmp_path, url)
        time.sleep(3.5)
        said += cleaned(tmp_path, url)
        assert everybody(there) == before, said


def test_clean_up_of_all_runs_of_a_tenant(tmp_path: Path):
    with tenant() as (there, url, before):
        for _ in range(2):
            process = start("run", url, folder=tmp_path)
            while process.poll() is None and len(everybody(there)) < len(before) + 2:
                time.sleep(0.01)
            process.kill()
            process.wait()
            time.sleep(1)
        assert everybody(there) != before
        start("clean-up", "--all", folder=tmp_path).wait(120)
        assert everybody(there) == before, (tmp_path / "log").read_text()
        assert start("clean-up", "--all", folder=tmp_path).wait(60) == 0
        assert "nothing is left behind" in (tmp_path / "log").read_text()
